"""Makes keys and application instance certificates (OPC 10000-6, 6.2.2). Knows no folder and no clock."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from devices.certificates.identity import Identity

KEY_BITS = 2048  # the least that Basic256Sha256 and Aes256Sha256RsaPss take (Part 7)
VALID = timedelta(days=5 * 365)
EARLIER = timedelta(days=1)  # a client whose clock is behind takes it as well
MAX_NAME = 64  # characters of a common name (X.520)


def private_key() -> rsa.RSAPrivateKey:
    """Takes some tenths of a second: make it in a thread."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def self_signed(
    identity: Identity, key: rsa.RSAPrivateKey, now: datetime, valid: timedelta = VALID
) -> x509.Certificate:
    """A certificate for server and client use that vouches for itself."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "LineLab"),
            x509.NameAttribute(NameOID.COMMON_NAME, identity.name[:MAX_NAME]),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + valid)
    )
    for extension, critical in _extensions(identity, key):
        builder = builder.add_extension(extension, critical)
    return builder.sign(key, hashes.SHA256())


def _extensions(identity: Identity, key: rsa.RSAPrivateKey) -> list[tuple[x509.ExtensionType, bool]]:
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(identity.uri)]  # the first, as clients look there
    names += [x509.DNSName(name) for name in identity.names]
    names += [x509.IPAddress(address) for address in identity.addresses]
    public = key.public_key()
    return [
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(public), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False),
    ]


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=True,  # it signs itself
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
