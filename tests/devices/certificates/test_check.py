"""What is wrong with a certificate, each step of the norm by itself."""

from datetime import timedelta

import pytest
from cryptography import x509

from devices.certificates.check import Known, Verdict, check
from tests.devices.certificates.makers import DAY, NOW, authority, certificate, key, revocations, weak_key

ROOT = (authority("root", own=key(1)), key(1))
MIDDLE = (authority("middle", own=key(2), issuer=ROOT), key(2))


def known(
    *trusted: x509.Certificate,
    issuers: tuple[x509.Certificate, ...] = (),
    lists: tuple[x509.CertificateRevocationList, ...] = (),
) -> Known:
    return Known(trusted, issuers, lists)


def test_a_trusted_certificate_is_good() -> None:
    one = certificate()
    assert check(one, [], known(one), NOW) is Verdict.GOOD


def test_a_stranger_is_untrusted_even_with_the_same_name() -> None:
    assert check(certificate(), [], known(certificate()), NOW) is Verdict.UNTRUSTED


@pytest.mark.parametrize("when", [NOW - 2 * DAY, NOW + 1001 * DAY])
def test_out_of_time(when: object) -> None:
    one = certificate()
    assert check(one, [], known(one), when) is Verdict.TIME  # type: ignore[arg-type]


def test_an_expired_stranger_is_a_stranger_first() -> None:
    assert check(certificate(), [], known(), NOW + 2000 * DAY) is Verdict.UNTRUSTED


def test_a_short_key_is_refused() -> None:
    one = certificate(own=weak_key())
    assert check(one, [], known(one), NOW) is Verdict.POLICY


def test_a_server_certificate_is_no_clients() -> None:
    one = certificate(server_only=True)
    assert check(one, [], known(one), NOW) is Verdict.USE


def test_a_trusted_authority_vouches_for_its_own() -> None:
    one = certificate(issuer=ROOT)
    assert check(one, [], known(ROOT[0], lists=(revocations(ROOT),)), NOW) is Verdict.GOOD


def test_an_authority_that_only_completes_chains_is_not_trusted() -> None:
    one = certificate(issuer=ROOT)
    assert check(one, [], known(issuers=(ROOT[0],)), NOW) is Verdict.UNTRUSTED


def test_a_chain_may_come_with_the_certificate() -> None:
    one = certificate(issuer=MIDDLE)
    lists = (revocations(ROOT), revocations(MIDDLE))
    assert check(one, [MIDDLE[0]], known(ROOT[0], lists=lists), NOW) is Verdict.GOOD
    assert check(one, [], known(ROOT[0], lists=lists), NOW) is Verdict.CHAIN_INCOMPLETE


def test_a_name_is_not_a_signature() -> None:
    false_root = authority("root", own=key(3))
    one = certificate(issuer=(false_root, key(3)))
    assert check(one, [], known(ROOT[0]), NOW) is Verdict.CHAIN_INCOMPLETE


def test_without_the_issuers_list_nobody_knows() -> None:
    one = certificate(issuer=ROOT)
    assert check(one, [], known(ROOT[0]), NOW) is Verdict.NO_REVOCATION_LIST


def test_revoked_certificates_and_authorities() -> None:
    one = certificate(issuer=MIDDLE)
    clean = (revocations(ROOT), revocations(MIDDLE))
    for lists, verdict in [
        (clean, Verdict.GOOD),
        ((revocations(ROOT), revocations(MIDDLE, one)), Verdict.REVOKED),
        ((revocations(ROOT, MIDDLE[0]), revocations(MIDDLE)), Verdict.ISSUER_REVOKED),
    ]:
        assert check(one, [MIDDLE[0]], known(ROOT[0], lists=lists), NOW) is verdict


def test_a_list_that_the_issuer_did_not_sign_does_not_count() -> None:
    one = certificate(issuer=ROOT)
    false_list = revocations((ROOT[0], key(3)))
    assert check(one, [], known(ROOT[0], lists=(false_list,)), NOW) is Verdict.NO_REVOCATION_LIST


def test_authorities_must_be_authorities_and_in_time() -> None:
    no_authority = authority("root", own=key(1), ca=False)
    expired = authority("root", own=key(1), ends=NOW - timedelta(hours=1))
    for issuer, verdict in [(no_authority, Verdict.ISSUER_USE), (expired, Verdict.ISSUER_TIME)]:
        one = certificate(issuer=(issuer, key(1)))
        assert check(one, [], known(issuer, lists=(revocations((issuer, key(1))),)), NOW) is verdict
