"""Is this certificate to be believed? The steps of OPC 10000-4, 6.1.3, in their order. Knows no file and no protocol.

What it is checked against is handed to it; `Verdict` names what is wrong in words that each wire says in its own codes.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

T = TypeVar("T", bound=x509.ExtensionType)

MAX_CHAIN = 5
KEY_BITS = (2048, 4096)  # of Basic256Sha256 and Aes256Sha256RsaPss (Part 7)
WEAK = (hashes.MD5, hashes.SHA1)


class Verdict(StrEnum):
    """What is wrong with a certificate; `ISSUER_...` is said of an authority in its chain."""

    GOOD = "good"
    INVALID = "invalid"  # not a certificate, or its signature does not fit
    CHAIN_INCOMPLETE = "chain incomplete"
    POLICY = "key or signature too weak"
    UNTRUSTED = "untrusted"
    TIME = "expired or not yet valid"
    ISSUER_TIME = "issuer expired or not yet valid"
    USE = "not made for this use"
    ISSUER_USE = "issuer may not sign certificates"
    NO_REVOCATION_LIST = "no revocation list of the issuer"
    REVOKED = "revoked"
    ISSUER_REVOKED = "issuer revoked"


@dataclass(frozen=True, slots=True)
class Known:
    """What a store knows when a certificate comes in."""

    trusted: tuple[x509.Certificate, ...]
    issuers: tuple[x509.Certificate, ...]
    lists: tuple[x509.CertificateRevocationList, ...]


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-1 in hex, as OPC UA names certificates."""
    return certificate.fingerprint(hashes.SHA1()).hex()  # noqa: S303 a name, not a proof


def check(certificate: x509.Certificate, sent: Sequence[x509.Certificate], known: Known, now: datetime) -> Verdict:
    """Judge an application's certificate; `sent` are the authorities that came with it."""
    try:
        return _check(certificate, sent, known, now)
    except (ValueError, UnsupportedAlgorithm):  # a field inside it cannot be read
        return Verdict.INVALID


def _check(certificate: x509.Certificate, sent: Sequence[x509.Certificate], known: Known, now: datetime) -> Verdict:
    chain = build_chain(certificate, [*sent, *known.issuers, *known.trusted])
    if isinstance(chain, Verdict):
        return chain
    if not all(strong(one) for one in chain):
        return Verdict.POLICY
    believed = {thumbprint(one) for one in known.trusted}
    if not any(thumbprint(one) in believed for one in chain):
        return Verdict.UNTRUSTED
    for step in (_times, _uses):
        if (verdict := step(chain, now)) is not Verdict.GOOD:
            return verdict
    return _revocation(chain, known)


def build_chain(
    certificate: x509.Certificate, authorities: Iterable[x509.Certificate]
) -> list[x509.Certificate] | Verdict:
    """The certificate and who vouches for whom, up to one that vouches for itself."""
    chain, pool = [certificate], list(authorities)
    while not self_issued(chain[-1]):
        issuer = next((one for one in pool if one.subject == chain[-1].issuer and issued(chain[-1], one)), None)
        if issuer is None or len(chain) >= MAX_CHAIN:
            return Verdict.CHAIN_INCOMPLETE
        chain.append(issuer)
    return chain if issued(chain[-1], chain[-1]) else Verdict.INVALID


def self_issued(certificate: x509.Certificate) -> bool:
    return certificate.issuer == certificate.subject


def issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def strong(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or not KEY_BITS[0] <= key.key_size <= KEY_BITS[1]:
        return False
    return not isinstance(certificate.signature_hash_algorithm, WEAK)


def in_time(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _times(chain: Sequence[x509.Certificate], now: datetime) -> Verdict:
    if not in_time(chain[0], now):
        return Verdict.TIME
    return Verdict.GOOD if all(in_time(one, now) for one in chain[1:]) else Verdict.ISSUER_TIME


def _uses(chain: Sequence[x509.Certificate], now: datetime) -> Verdict:
    if not may_be_client(chain[0]):
        return Verdict.USE
    return Verdict.GOOD if all(may_sign(one) for one in chain[1:]) else Verdict.ISSUER_USE


def may_be_client(certificate: x509.Certificate) -> bool:
    """Its key may sign and encrypt, and where it says for whom, clients are among them."""
    usage, extended = _extension(certificate, x509.KeyUsage), _extension(certificate, x509.ExtendedKeyUsage)
    if usage is not None and not (usage.value.digital_signature and usage.value.data_encipherment):
        return False
    return extended is None or ExtendedKeyUsageOID.CLIENT_AUTH in extended.value


def may_sign(certificate: x509.Certificate) -> bool:
    constraints = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    return constraints is not None and constraints.value.ca and (usage is None or usage.value.key_cert_sign)


def _extension(certificate: x509.Certificate, kind: type[T]) -> x509.Extension[T] | None:
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None


def _revocation(chain: Sequence[x509.Certificate], known: Known) -> Verdict:
    """Each certificate against the list of its issuer; who vouches for himself is taken off the trust list instead."""
    for place, (one, issuer) in enumerate(itertools.pairwise(chain)):
        lists = [each for each in known.lists if each.issuer == issuer.subject and signed(each, issuer)]
        if not lists:
            return Verdict.NO_REVOCATION_LIST
        if any(each.get_revoked_certificate_by_serial_number(one.serial_number) is not None for each in lists):
            return Verdict.ISSUER_REVOKED if place else Verdict.REVOKED
    return Verdict.GOOD


def signed(revoked: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    return isinstance(key, rsa.RSAPublicKey) and revoked.is_signature_valid(key)
