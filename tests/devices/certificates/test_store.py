"""The folders of a bench: its own certificate, whom it trusts, whom it turned away."""

import os
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from devices.certificates import CertificateStore, Identity, Shelf, Verdict
from devices.certificates.check import thumbprint
from devices.certificates.store import MAX_REJECTED
from devices.endpoint import Role
from tests.devices.certificates.makers import DAY, NOW, authority, certificate, key, revocations
from tests.devices.fake_line import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> CertificateStore:
    return CertificateStore(tmp_path, clock, Identity("LineLab bench 1", "urn:linelab:bench:1"))


@pytest.fixture
def made(store: CertificateStore, monkeypatch: pytest.MonkeyPatch) -> CertificateStore:
    monkeypatch.setattr("devices.certificates.store.private_key", key)  # making one takes long
    store.own_certificate()
    return store


def test_its_own_is_made_once_and_names_the_bench(made: CertificateStore) -> None:
    one = made.certificate()
    names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["urn:linelab:bench:1"]
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    made.own_certificate()
    assert made.certificate() == one


def test_tls_takes_it_and_only_its_owner_reads_the_key(made: CertificateStore) -> None:
    own = made.own_certificate()
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(own.certificate, own.key)
    assert os.name != "posix" or own.key.stat().st_mode & 0o077 == 0


def test_clients_find_it_in_der(made: CertificateStore) -> None:
    path = made.own_certificate().certificate.with_suffix(".der")
    assert x509.load_der_x509_certificate(path.read_bytes()) == made.certificate()


def test_renewing_keeps_the_key(made: CertificateStore, clock: FakeClock) -> None:
    before = made.certificate()
    clock.now = (5 * 365 - 30) * DAY.total_seconds()
    assert made.due()
    made.renew()
    after = made.certificate()
    assert not made.due()
    assert after.public_key() == before.public_key()
    assert after != before


def test_a_spoilt_file_is_named(made: CertificateStore) -> None:
    path = made.own_certificate().certificate
    path.write_text("nonsense")
    with pytest.raises(ValueError, match=r"linelab\.pem is not a certificate"):
        made.own_certificate()


def test_a_stranger_is_kept_and_can_be_trusted(store: CertificateStore) -> None:
    one = certificate("Müller's ../tool")
    assert store.judge(one) is Verdict.UNTRUSTED
    assert [(row.shelf, row.name) for row in store.shown()] == [(Shelf.REJECTED, "Müller's ../tool")]
    assert store.move(thumbprint(one), Shelf.TRUSTED)
    assert store.judge(one) is Verdict.GOOD
    assert store.move(thumbprint(one), Shelf.REJECTED)
    assert store.judge(one) is Verdict.UNTRUSTED


def test_what_is_on_no_shelf_cannot_be_moved(store: CertificateStore) -> None:
    assert not store.move("00" * 20, Shelf.TRUSTED)
    assert not store.delete("00" * 20)


def test_its_own_is_neither_moved_nor_deleted(made: CertificateStore) -> None:
    own = thumbprint(made.certificate())
    assert not made.move(own, Shelf.REJECTED)
    assert not made.delete(own)
    assert made.find(own) is not None


def test_files_put_there_by_hand_count(store: CertificateStore) -> None:
    one = certificate()
    folder = store.folder / "trusted" / "certs"
    folder.mkdir(parents=True)
    (folder / "tool.pem").write_bytes(one.public_bytes(Encoding.PEM))
    (folder / "readme.der").write_text("not a certificate")
    assert store.judge(one) is Verdict.GOOD


def test_strangers_fill_no_disk(store: CertificateStore) -> None:
    for number in range(MAX_REJECTED + 5):
        store.reject(certificate(f"client {number}"))
    assert len(store.shown()) == MAX_REJECTED


def test_a_users_certificate_is_a_log_in(store: CertificateStore, clock: FakeClock) -> None:
    one = certificate("ana")
    assert store.user(one) is None
    assert store.move(thumbprint(one), Shelf.INSTRUCTOR)
    assert store.user(one) is Role.INSTRUCTOR
    clock.now = 2000 * DAY.total_seconds()
    assert store.user(one) is None


def test_revocation_lists_are_shown_and_deleted(store: CertificateStore) -> None:
    plant = (authority("plant", own=key(1)), key(1))
    place = store.folder / "trusted" / "crl"
    place.mkdir(parents=True)
    (place / "plant.crl").write_bytes(revocations(plant, certificate("old")).public_bytes(Encoding.DER))
    (shown,) = store.shown_lists()
    assert (shown.shelf, shown.issuer, shown.revoked) == (Shelf.TRUSTED, plant[0].issuer.rfc4514_string(), 1)
    assert store.delete(shown.thumbprint)
    assert store.shown_lists() == []


def test_what_ends_soon_and_is_in_use(store: CertificateStore) -> None:
    soon = certificate("soon", ends=NOW + 10 * DAY)
    store.add(Shelf.REJECTED, soon)
    assert store.ending(30 * DAY) == []
    store.add(Shelf.TRUSTED, soon)
    assert [one.name for one in store.ending(30 * DAY)] == ["soon"]
    assert store.ending(9 * DAY) == []
