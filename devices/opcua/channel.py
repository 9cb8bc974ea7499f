"""The services of one connection: who asks, in which session, and which code he is told for a mistake.

Sessions are opened and taken up here; services that asyncua does not know are in `services`.
"""

# ruff: noqa: SLF001 - the inside of asyncua: this package alone may, and pin.py guards it

import logging
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer, NotEnoughData, ServiceError
from asyncua.server.internal_session import SessionState
from asyncua.server.uaprocessor import UaProcessor
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import nodeid_from_binary, struct_from_binary, struct_to_binary, uatcp_to_binary
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography.exceptions import InvalidSignature

from devices.opcua import moved_namespace
from devices.opcua.channel_limits import MAX_MESSAGE, Limits
from devices.opcua.link import LateTransport
from devices.opcua.pin import check_signatures
from devices.opcua.read_answer import ReadAnswer
from devices.opcua.secure_channel import SecureChannel
from devices.opcua.security import Refused
from devices.opcua.server import LineServer, peer_name
from devices.opcua.services import SERVICES
from devices.opcua.session import Session
from devices.opcua.values import node_id, status_code

_logger = logging.getLogger(__name__)

MALFORMED = (NotEnoughData, struct.error, UnicodeDecodeError, RecursionError)

check_signatures(
    [
        (UaProcessor.process, "self, header, body"),
        (UaProcessor.process_message, "self, seqhdr, body"),
        (UaProcessor.send_response, "self, requesthandle, seqhdr, response, msgtype"),
        (UaProcessor.open_secure_channel, "self, algohdr, seqhdr, body"),
        (UaProcessor._process_message, "self, typeid, requesthdr, seqhdr, body"),
        (UaProcessor._session_watchdog_loop, "self"),
        (UaProcessor.close, "self"),
    ]
)


class Channel(UaProcessor):
    """The services of one connection. A mistake of the client is answered with its code and one line in the log."""

    _connection: SecureChannel
    _limits: Limits

    def __init__(self, server: LineServer, transport: LateTransport, limits: Limits) -> None:
        super().__init__(server, transport, limits)
        self._server = server
        self._own = server.own  # a channel keeps the certificate that it was opened with
        self._connection = SecureChannel(
            self._limits, server.policies, server.security.certificates, lambda: server.link.state.distrust
        )
        self.peer = peer_name(self.name)

    # ---- messages

    async def process(self, header: ua.Header, body: Buffer) -> bool:
        """One chunk of the client. False: the connection ends. Raises `Refused` where it must be told why."""
        message = self._received(header, body)
        if isinstance(message, ua.Hello):
            acknowledge = self._limits.create_acknowledge_and_set_limits(message)
            # MessageType is a class of byte strings that its functions are not annotated for
            self._transport.write(uatcp_to_binary(ua.MessageType.Acknowledge, acknowledge))  # type: ignore[arg-type]
            return True
        if message is None:  # the end of the message is yet to come
            return True
        kind: Any = header.MessageType
        if kind == ua.MessageType.SecureClose:
            self._connection.close()
            return False
        if kind == ua.MessageType.SecureOpen:
            self.open_secure_channel(message.SecurityHeader(), message.SequenceHeader(), message.body())  # type: ignore[no-untyped-call]
            return True
        return await self.process_message(message.SequenceHeader(), message.body())

    def _received(self, header: ua.Header, body: Buffer) -> Any:
        try:
            return self._connection.receive_from_header_and_body(header, body)
        except UaStatusCodeError as error:
            raise Refused(int(error.code), "message too large") from error
        except InvalidSignature as error:
            raise Refused(StatusCodes.BadSecurityChecksFailed, "wrong signature") from error
        except (ValueError, UaError) as error:
            if self._connection.secure:  # it did not decrypt: how it did not is not told
                raise Refused(StatusCodes.BadSecurityChecksFailed, "the message does not decrypt") from error
            raise

    def send_response(
        self,
        requesthandle: Any,
        seqhdr: Any,
        response: Any,
        msgtype: Any = ua.MessageType.SecureMessage,
    ) -> None:
        response.ResponseHeader.RequestHandle = requesthandle
        response.ResponseHeader.Timestamp = self._server.clock.utc()
        if self._server.moved_by:
            response = moved_namespace.translated(response, moved_namespace.outwards(self._server.moved_by))
        data = response.binary() if isinstance(response, ReadAnswer) else struct_to_binary(response)
        if self._limits.max_answer and len(data) > self._limits.max_answer:
            fault = ua.ServiceFault()
            fault.ResponseHeader.RequestHandle = requesthandle
            fault.ResponseHeader.ServiceResult = status_code(StatusCodes.BadResponseTooLarge)
            data = struct_to_binary(fault)
        self._transport.write(
            self._connection.message_to_binary(data, message_type=msgtype, request_id=seqhdr.RequestId)
        )

    # ---- requests

    async def process_message(self, seqhdr: ua.SequenceHeader, body: Buffer) -> bool:
        type_id = nodeid_from_binary(body)
        header = struct_from_binary(ua.RequestHeader, body)
        number = await self._code(type_id, header, seqhdr, body)
        self._server.diagnostics.served(self.session, type_id.Identifier, number)
        if number:
            fault = ua.ServiceFault()
            fault.ResponseHeader.ServiceResult = status_code(number)
            self.send_response(header.RequestHandle, seqhdr, fault)
        return type_id != CLOSE_CHANNEL

    async def _code(self, type_id: ua.NodeId, header: Any, seqhdr: ua.SequenceHeader, body: Buffer) -> int:
        """Serve a request; the code of the fault that it ends with, 0 where it was answered."""
        try:
            await self._serve(type_id, header, seqhdr, body)
        except (ServiceError, UaStatusCodeError) as error:
            return int(error.code)
        except MALFORMED as error:
            _logger.info("OPC UA %s: malformed request %s: %r", self.peer, type_id.to_string(), error)
            return int(StatusCodes.BadDecodingError)
        except Exception as error:
            _logger.warning("OPC UA %s: request %s failed: %r", self.peer, type_id.to_string(), error)
            _logger.debug("of this request", exc_info=True)
            return int(StatusCodes.BadInternalError)
        return 0

    async def _serve(self, type_id: ua.NodeId, header: Any, seqhdr: ua.SequenceHeader, body: Buffer) -> None:
        if self.session is not None and self.session.state == SessionState.Closed:
            self.session = None
        number = int(type_id.Identifier) if isinstance(type_id.Identifier, int) else 0
        opening = OPENING.get(number)
        if opening is not None:
            response = await opening(self, header, body)
            self.send_response(header.RequestHandle, seqhdr, response)
            return
        if number in NEEDS_SESSION:
            self._own_session(header)
        if isinstance(self.session, Session):
            self.session.contact = self._server.clock.utc()
        if self._server.moved_by:
            body = moved_namespace.request_body(type_id, body, self._server.moved_by)
        service = SERVICES.get(number)
        if service is not None and isinstance(self.session, Session):
            self.session.touch()
            plain = self._server.moved_by and number == READ
            answer = moved_namespace.read if plain else service.answer
            response = await answer(self.session, struct_from_binary(service.parameters, body))
            self.send_response(header.RequestHandle, seqhdr, response)
            return
        await self._process_message(type_id, header, seqhdr, body)  # type: ignore[no-untyped-call]

    def _own_session(self, header: Any) -> None:
        """The session that a request names must be the one of this connection."""
        if self.session is None or self.session.auth_token != header.AuthenticationToken:
            raise ServiceError(StatusCodes.BadSessionIdInvalid)
        if not self.session.is_activated():
            raise ServiceError(StatusCodes.BadSessionNotActivated)

    # ---- sessions

    def _insist_on_security(self) -> None:
        """Where the plain channel is not offered it is for discovery only."""
        if not self._connection.secure and not self._server.security.plain:
            raise ServiceError(StatusCodes.BadSecurityModeInsufficient)

    async def _create_session(self, header: Any, body: Buffer) -> ua.CreateSessionResponse:
        params = struct_from_binary(ua.CreateSessionParameters, body)
        self._insist_on_security()
        if self.session is not None:
            await self._close_session()  # asyncua would forget the earlier one and leave it open
        session = await self._server.open_session(self.peer)
        self.session = session
        try:
            result = await session.create(params, self._connection.certificate, self.sockname)
        except ServiceError:
            await self._close_session()
            raise
        policy: Any = self._connection.security_policy
        result.ServerCertificate = self._own.der
        result.MaxRequestMessageSize = ua.UInt32(MAX_MESSAGE)
        if self._connection.secure:
            challenge = bytes(policy.peer_certificate or b"") + bytes(params.ClientNonce or b"")
            signature = policy.asymmetric_cryptography.signature(challenge)
            result.ServerSignature = ua.SignatureData(policy.AsymmetricSignatureURI, signature)
        return ua.CreateSessionResponse(Parameters=result)

    async def _activate_session(self, header: Any, body: Buffer) -> ua.ActivateSessionResponse:
        params = struct_from_binary(ua.ActivateSessionParameters, body)
        self._insist_on_security()
        session = self._server.lookup_external_session(header.AuthenticationToken)
        if not isinstance(session, Session) or (self.session is not None and self.session is not session):
            raise ServiceError(StatusCodes.BadSessionIdInvalid)
        session.same_application(self._connection.certificate)
        self._check_signature(session, params)
        result = await session.activate(params, encrypted=self._connection.encrypted, host=host_of(self.peer))
        self.session = session
        policy: Any = self._connection.security_policy
        session.policy, session.security_mode = policy.URI, policy.Mode
        session.attach(self, self.peer)
        self._server.subscriptions.rebind(session.session_id, self)
        return ua.ActivateSessionResponse(Parameters=result)

    def _check_signature(self, session: Session, params: ua.ActivateSessionParameters) -> None:
        if not self._connection.secure:
            return
        challenge = bytes(self._own.der or b"") + bytes(session.nonce or b"")
        try:
            cryptography: Any = self._connection.security_policy.asymmetric_cryptography
            cryptography.verify(challenge, bytes(params.ClientSignature.Signature or b""))
        except InvalidSignature as error:
            raise ServiceError(StatusCodes.BadApplicationSignatureInvalid) from error

    async def _end_session(self, header: Any, body: Buffer) -> ua.CloseSessionResponse:
        if self.session is None or self.session.auth_token != header.AuthenticationToken:
            raise ServiceError(StatusCodes.BadSessionIdInvalid)
        delete_subscriptions = ua.ua_binary.Primitives.Boolean.unpack(body)
        await self.session.close_session(bool(delete_subscriptions))
        return ua.CloseSessionResponse()

    async def _session_watchdog_loop(self) -> None:
        """Not needed: a session ends itself after its time-out, and a connection without a session is closed."""

    def has_session(self) -> bool:
        return self.session is not None and self.session.is_activated()

    def release(self) -> None:
        """The session goes on over another connection."""
        self.session = None
        self._publish_requests.clear()

    async def close(self) -> None:
        """The connection is gone. A session with subscriptions waits for its client until it times out."""
        self._publish_requests.clear()
        if not isinstance(self.session, Session) or not self.session.detach(self):
            return
        if self._should_close_session_on_transport_loss():
            await self._close_session()

    async def _close_session(self) -> None:
        session, self.session = self.session, None
        if isinstance(session, Session):
            await session.close_session(True)
            await session.ended()


def host_of(peer: str) -> str:
    return peer.rpartition(":")[0]


Opening = Callable[[Channel, Any, Buffer], Awaitable[Any]]
OPENING: dict[int, Opening] = {
    int(ObjectIds.CreateSessionRequest_Encoding_DefaultBinary): Channel._create_session,
    int(ObjectIds.ActivateSessionRequest_Encoding_DefaultBinary): Channel._activate_session,
    int(ObjectIds.CloseSessionRequest_Encoding_DefaultBinary): Channel._end_session,
}
READ = int(ObjectIds.ReadRequest_Encoding_DefaultBinary)
CLOSE_CHANNEL = node_id(ObjectIds.CloseSecureChannelRequest_Encoding_DefaultBinary)
NEEDS_SESSION = {
    number
    for name, number in vars(ObjectIds).items()
    if name.endswith("Request_Encoding_DefaultBinary")
    and not name.startswith(
        ("CreateSession", "ActivateSession", "FindServers", "GetEndpoints", "RegisterServer", "CloseS")
    )
}
