"""What a bench's server offers and demands: policies, log-ins, limits. Knows no connection and no line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncua import ua
from asyncua.crypto.security_policies import (
    SecurityPolicy,
    SecurityPolicyAes256Sha256RsaPss,
    SecurityPolicyBasic256Sha256,
    SecurityPolicyFactory,
    SecurityPolicyNone,
)
from asyncua.ua.status_codes import StatusCodes
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from devices.certificates import CertificateStore, Verdict
from devices.opcua.pin import check_signatures

Mode = ua.MessageSecurityMode
TRANSPORT = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"
# what is offered with a certificate, by how much it protects (0 to 255; clients take the highest that they can)
OFFERED: Sequence[tuple[type[SecurityPolicy], Mode, int]] = (
    (SecurityPolicyBasic256Sha256, Mode.Sign, 50),
    (SecurityPolicyBasic256Sha256, Mode.SignAndEncrypt, 70),
    (SecurityPolicyAes256Sha256RsaPss, Mode.Sign, 60),
    (SecurityPolicyAes256Sha256RsaPss, Mode.SignAndEncrypt, 80),
)
SECRET_POLICY = SecurityPolicyBasic256Sha256.URI  # for passwords and signatures of users on a plain channel

CODES: Mapping[Verdict, int] = {
    Verdict.INVALID: StatusCodes.BadCertificateInvalid,
    Verdict.CHAIN_INCOMPLETE: StatusCodes.BadCertificateChainIncomplete,
    Verdict.POLICY: StatusCodes.BadCertificatePolicyCheckFailed,
    Verdict.UNTRUSTED: StatusCodes.BadCertificateUntrusted,
    Verdict.TIME: StatusCodes.BadCertificateTimeInvalid,
    Verdict.ISSUER_TIME: StatusCodes.BadCertificateIssuerTimeInvalid,
    Verdict.USE: StatusCodes.BadCertificateUseNotAllowed,
    Verdict.ISSUER_USE: StatusCodes.BadCertificateIssuerUseNotAllowed,
    Verdict.NO_REVOCATION_LIST: StatusCodes.BadCertificateRevocationUnknown,
    Verdict.REVOKED: StatusCodes.BadCertificateRevoked,
    Verdict.ISSUER_REVOKED: StatusCodes.BadCertificateIssuerRevoked,
}

check_signatures([(SecurityPolicyFactory.create, "self, peer_certificate")])


class Refused(Exception):
    """Something that ends a connection: its code and, for a person, why."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(code, why)
        self.code, self.why = code, why


@dataclass(frozen=True, slots=True)
class Bounds:
    """What clients can have of one server; more is refused with the code of the norm."""

    sessions: int = 100
    subscriptions: int = 100  # of all sessions
    items: int = 5_000  # monitored items of one subscription
    all_items: int = 20_000  # of all subscriptions


@dataclass(frozen=True, slots=True)
class Security:
    """How a server is set up. Without certificates there is only the plain channel."""

    certificates: CertificateStore | None = None
    plain: bool = True  # policy None is offered; discovery always works without security
    anonymous: bool = True
    bounds: Bounds = field(default_factory=Bounds)

    def __post_init__(self) -> None:
        if not self.plain and self.certificates is None:
            raise ValueError("without certificates only the plain channel is left, and it is off")


PLAIN = Security()


@dataclass(frozen=True, slots=True)
class Own:
    """The server's own certificate and key as they were at its start; empty without certificates."""

    certificate: x509.Certificate | None = None
    key: rsa.RSAPrivateKey | None = None

    @property
    def der(self) -> bytes | None:
        return None if self.certificate is None else self.certificate.public_bytes(Encoding.DER)


def load_own(security: Security) -> Own:
    """Makes the certificate at the first start: takes some tenths of a second, call it in a thread."""
    store = security.certificates
    if store is None:
        return Own()
    store.own_certificate()
    return Own(store.certificate(), store.key())


def factories(own: Own) -> list[SecurityPolicyFactory]:
    """What a channel can be opened with; None always, for discovery."""
    make: Any = SecurityPolicyFactory  # it has no annotations
    plain = make(SecurityPolicyNone, Mode.None_)
    if own.certificate is None:
        return [plain]
    return [plain, *(make(kind, mode, own.certificate, own.key) for kind, mode, _ in OFFERED)]


def endpoints(
    security: Security, own: Own, url: str, server: ua.ApplicationDescription
) -> list[ua.EndpointDescription]:
    """What GetEndpoints tells."""
    rows: list[tuple[type[SecurityPolicy], Mode, int]] = [(SecurityPolicyNone, Mode.None_, 0)] if security.plain else []
    rows += OFFERED if own.certificate is not None else ()
    return [
        ua.EndpointDescription(
            EndpointUrl=url,
            Server=server,
            ServerCertificate=own.der,
            SecurityMode=mode,
            SecurityPolicyUri=policy.URI,
            UserIdentityTokens=_logins(security, own, policy.URI, mode),
            TransportProfileUri=TRANSPORT,
            SecurityLevel=ua.Byte(level),
        )
        for policy, mode, level in rows
    ]


def _logins(security: Security, own: Own, uri: str, mode: Mode) -> list[ua.UserTokenPolicy]:
    """The kinds of log-in over a channel; what must be secret or signed is so on a plain channel as well."""
    plain = SecurityPolicyNone.URI
    safe = plain if own.certificate is None else SECRET_POLICY if mode is Mode.None_ else uri
    kinds = [(ua.UserTokenType.Anonymous, "anonymous", plain)] if security.anonymous else []
    kinds.append((ua.UserTokenType.UserName, "username", plain if mode is Mode.SignAndEncrypt else safe))
    if own.certificate is not None:
        kinds.append((ua.UserTokenType.Certificate, "certificate", safe))
    return [ua.UserTokenPolicy(PolicyId=name, TokenType=kind, SecurityPolicyUri=policy) for kind, name, policy in kinds]


def certificates_of(sent: bytes) -> list[x509.Certificate]:
    """A certificate and the authorities that follow it, as DER one after another. Raises `ValueError`."""
    found, rest = [], sent
    while rest:
        size = _der_size(rest)
        found.append(x509.load_der_x509_certificate(rest[:size]))
        rest = rest[size:]
        if len(found) > 10:
            raise ValueError("too many certificates")
    return found


def _der_size(data: bytes) -> int:
    """How long the first element is (X.690)."""
    if len(data) < 2 or data[0] != 0x30:
        raise ValueError("not a certificate")
    if data[1] < 0x80:
        return 2 + data[1]
    count = data[1] & 0x7F
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")
