"""Certificates for tests: applications that vouch for themselves, authorities, what they sign and revoke."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from devices.certificates.identity import Identity
from devices.certificates.make import _extensions, private_key

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def key(number: int = 0) -> rsa.RSAPrivateKey:
    """Keys take long to make: a few serve all tests."""
    return private_key()


@cache
def weak_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    name: str = "client",
    *,
    uri: str = "urn:test:client",
    own: rsa.RSAPrivateKey | None = None,
    issuer: tuple[x509.Certificate, rsa.RSAPrivateKey] | None = None,
    begins: datetime = NOW - DAY,
    ends: datetime = NOW + 1000 * DAY,
    server_only: bool = False,
) -> x509.Certificate:
    mine = own or key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(issuer[0].subject if issuer else named(name))
        .public_key(mine.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    for extension, critical in _extensions(Identity(name, uri), mine):
        if isinstance(extension, x509.ExtendedKeyUsage) and server_only:
            extension = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer[1] if issuer else mine, hashes.SHA256())


def authority(
    name: str = "authority",
    *,
    own: rsa.RSAPrivateKey,
    issuer: tuple[x509.Certificate, rsa.RSAPrivateKey] | None = None,
    ca: bool = True,
    ends: datetime = NOW + 1000 * DAY,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(issuer[0].subject if issuer else named(name))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), True)
    )
    return builder.sign(issuer[1] if issuer else own, hashes.SHA256())


def revocations(
    issuer: tuple[x509.Certificate, rsa.RSAPrivateKey], *revoked: x509.Certificate
) -> x509.CertificateRevocationList:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer[0].subject)
        .last_update(NOW - DAY)
        .next_update(NOW + 100 * DAY)
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(NOW).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer[1], hashes.SHA256())
