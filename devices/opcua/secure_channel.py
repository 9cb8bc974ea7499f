"""The secure channel of one connection: policy, certificates, tokens, sequence numbers. Knows no service.

Replaces what asyncua leaves open: it takes messages before a channel is opened, any lifetime, any certificate.
"""

# ruff: noqa: SLF001 - the inside of asyncua: this package alone may, and pin.py guards it

import asyncio
from collections.abc import Callable
from typing import Any

from asyncua import ua
from asyncua.common.connection import MessageChunk, SecureConnection, TransportLimits
from asyncua.crypto.security_policies import SecurityPolicyNone
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from devices.certificates import CertificateStore, Verdict
from devices.opcua.pin import check_signatures
from devices.opcua.security import CODES, Refused, certificates_of

MIN_LIFETIME_MS, MAX_LIFETIME_MS = 10_000, 3_600_000  # of a security token
GRACE = 1.25  # of a lifetime: so long an expired token is taken (Part 4, 5.5.2)

check_signatures(
    [
        (SecureConnection.select_policy, "self, uri, peer_certificate, mode"),
        (SecureConnection.open, "self, params, server"),
        (SecureConnection._check_sym_header, "self, security_hdr"),
        (SecureConnection._check_incoming_chunk, "self, chunk"),
        (SecureConnection.receive_from_header_and_body, "self, header, body"),
    ]
)


class SecureChannel(SecureConnection):
    """Raises `Refused` where the norm closes the connection; what it raises else is bytes that do not decode."""

    def __init__(
        self,
        limits: TransportLimits,
        policies: list[Any],
        store: CertificateStore | None,
        distrusts: Callable[[], bool] = bool,
    ) -> None:
        super().__init__(SecurityPolicyNone(), limits)  # type: ignore[no-untyped-call]
        self.set_policy_factories(policies)
        self._store, self._distrusts = store, distrusts
        self._sent: list[x509.Certificate] = []
        self._ends: dict[int, float] = {}  # by token, seconds of the loop's clock

    @property
    def secure(self) -> bool:
        return self.security_policy.Mode != ua.MessageSecurityMode.None_

    @property
    def encrypted(self) -> bool:
        return bool(self.security_policy.Mode == ua.MessageSecurityMode.SignAndEncrypt)

    @property
    def certificate(self) -> x509.Certificate | None:
        """The client's, on a secure channel."""
        return self._sent[0] if self._sent else None

    def select_policy(
        self, uri: str, peer_certificate: bytes | None, mode: ua.MessageSecurityMode | None = None
    ) -> None:
        """Twice for each channel: to read the request with the policy that it names, then with the mode in it."""
        known = [factory for factory in self._policies if uri == factory.cls.URI]
        if not known:
            raise Refused(StatusCodes.BadSecurityPolicyRejected, f"security policy {uri[:80]!r} is not offered")
        factory = next((one for one in known if mode is None or one.mode == mode), None)
        if factory is None:
            raise Refused(StatusCodes.BadSecurityModeRejected, "this security mode is not offered with the policy")
        if factory.cls is SecurityPolicyNone:
            self.security_policy = factory.create(None)
            return
        self._sent = _parsed(peer_certificate)
        try:
            self.security_policy = factory.create(self._sent[0])
        except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm) as error:
            raise Refused(StatusCodes.BadCertificateInvalid, "the certificate has no RSA key") from error
        if mode is not None:
            self.judge()

    def judge(self) -> None:
        """Whether the client's certificate is believed, at the opening and at each renewal."""
        if self._store is None or not self._sent:
            return
        verdict = Verdict.UNTRUSTED if self._distrusts() else self._store.judge(self._sent[0], self._sent[1:])
        if verdict is not Verdict.GOOD:
            name = self._sent[0].subject.rfc4514_string()
            raise Refused(CODES[verdict], f"certificate of {name[:80]}: {verdict.value}")

    def open(self, params: Any, server: Any) -> ua.OpenSecureChannelResult:
        renewing = self.is_open()
        if params.RequestType == ua.SecurityTokenRequestType.Renew and not renewing:
            raise Refused(StatusCodes.BadTcpSecureChannelUnknown, "there is no channel to renew")
        needed = self.security_policy.secure_channel_nonce_length if self.secure else 0
        if len(params.ClientNonce or b"") < needed:
            raise Refused(StatusCodes.BadNonceInvalid, f"the nonce has fewer than {needed} bytes")
        if renewing:
            self.judge()
        params.RequestedLifetime = min(max(params.RequestedLifetime, MIN_LIFETIME_MS), MAX_LIFETIME_MS)
        result = super().open(params, server)
        token = result.SecurityToken
        self._ends[token.TokenId] = asyncio.get_running_loop().time() + token.RevisedLifetime * GRACE / 1000
        for old in sorted(self._ends)[:-3]:
            del self._ends[old]
        return result

    def receive_from_header_and_body(self, header: ua.Header, body: Any) -> Any:
        kind: Any = header.MessageType  # bytes, whatever is written there
        if kind in (ua.MessageType.SecureMessage, ua.MessageType.SecureClose) and not self.is_open():
            raise Refused(StatusCodes.BadTcpSecureChannelUnknown, "no secure channel is open")
        return super().receive_from_header_and_body(header, body)

    def _check_sym_header(self, security_hdr: ua.SymmetricAlgorithmHeader) -> None:
        try:
            super()._check_sym_header(security_hdr)
        except UaError as error:
            raise Refused(StatusCodes.BadSecureChannelTokenUnknown, "unknown security token") from error
        if asyncio.get_running_loop().time() > self._ends.get(security_hdr.TokenId, float("inf")):
            raise Refused(StatusCodes.BadSecureChannelTokenUnknown, "the security token has expired")

    def _check_incoming_chunk(self, chunk: MessageChunk) -> None:
        header = chunk.MessageHeader
        kind: Any = header.MessageType
        opening = kind == ua.MessageType.SecureOpen and not self.is_open()
        if not opening and header.ChannelId != self.security_token.ChannelId:
            raise Refused(StatusCodes.BadTcpSecureChannelUnknown, f"channel {header.ChannelId} is not this one")
        try:
            super()._check_incoming_chunk(chunk)
        except UaError as error:  # one that was sent before has an old number
            raise Refused(StatusCodes.BadSequenceNumberInvalid, "wrong sequence or request number") from error


def _parsed(sent: bytes | None) -> list[x509.Certificate]:
    try:
        found = certificates_of(bytes(sent or b""))
    except ValueError as error:
        raise Refused(StatusCodes.BadCertificateInvalid, "the certificate cannot be read") from error
    if not found:
        raise Refused(StatusCodes.BadCertificateInvalid, "no certificate was sent")
    return found
