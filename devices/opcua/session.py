"""A client's session: every service that a client may ask for, answered by the line's gate and never by asyncua's.

asyncua's own session writes the address space directly, and whoever calls himself `admin` may change all of it.
Here a client reads the line itself, writes by request, and changes no node.
"""

import asyncio
import dataclasses
import logging
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_session import InternalSession, SessionState
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaprotocol_auto import UserNameIdentityToken
from cryptography import x509

from devices.certificates.store import uris
from devices.endpoint import Client, LineView, Wire
from devices.opcua.actions import Answer, Caller, check_arguments, result
from devices.opcua.attributes import answer
from devices.opcua.browsing import Browser
from devices.opcua.diagnostics import mechanism_of, session_diagnostics, session_security
from devices.opcua.history.cursor import Cursors
from devices.opcua.model.live import chosen
from devices.opcua.nodes import LineNodes, Method
from devices.opcua.overlay import Looking
from devices.opcua.ownership import Carrier, OwnSubscriptions, bounded
from devices.opcua.pin import check_signatures
from devices.opcua.publish import Publisher
from devices.opcua.users import Login
from devices.opcua.values import status_code

if TYPE_CHECKING:
    from devices.opcua.server import LineServer

_logger = logging.getLogger(__name__)

MIN_NONCE = 32  # bytes, over a secure channel (Part 4, 5.7.2)

check_signatures(
    [
        (InternalSession.create_session, "self, params, sockname"),
        (InternalSession.close_session, "self, delete_subs"),
        (InternalSession.read, "self, params"),
        (InternalSession.write, "self, params"),
        (InternalSession.call, "self, params"),
        (InternalSession.add_nodes, "self, params"),
        (InternalSession._start_timeout_watchdog, "self"),  # noqa: SLF001
    ]
)


class Session(OwnSubscriptions):
    """One session of one client. It may outlive its connection; its `Client` does not."""

    def __init__(self, server: "LineServer", view: LineView, nodes: LineNodes, publisher: Publisher, peer: str) -> None:
        super().__init__(server, peer)
        # asyncua counts its tokens: whoever guesses one takes over a session
        server.unregister_external_session(self)
        self.auth_token = ua.NodeId(ua.ByteString(secrets.token_bytes(32)))
        server.register_external_session(self)
        self.client: Client | None = None
        self.description = ua.ApplicationDescription()
        self.opened = self.contact = view.clock.utc()
        self.mechanism = "Anonymous"
        self.policy, self.security_mode = "", ua.MessageSecurityMode.None_
        self.title = ""
        self.endpoint_url = ""
        self._view = view
        self._nodes = nodes
        self._publisher = publisher
        self._looking = Looking(server.aspace)
        self._browser = Browser(self._looking, server.types)
        self._cursors = Cursors()
        self.certificate: x509.Certificate | None = None  # of the application that opened it
        self.peer = peer
        self.locales: Sequence[str] = ()

    # -- who it is

    async def create(
        self, params: ua.CreateSessionParameters, certificate: x509.Certificate | None, sockname: tuple[str, int] | None
    ) -> ua.CreateSessionResult:
        """`certificate` is the one of the secure channel, None on a plain one."""
        self.title, self.endpoint_url = (params.SessionName or "")[:80], str(params.EndpointUrl or "")[:200]
        self.description, self.certificate = params.ClientDescription, certificate
        if certificate is not None:
            if params.ClientDescription.ApplicationUri not in uris(certificate):
                self._reject("the certificate names another application", StatusCodes.BadCertificateUriInvalid)
            if len(params.ClientNonce or b"") < MIN_NONCE:
                self._reject("the nonce is too short", StatusCodes.BadNonceInvalid)
        params.ClientCertificate = None  # asyncua would check it in its own way, on a plain channel too
        return await super().create_session(params, sockname)

    def same_application(self, certificate: x509.Certificate | None) -> None:
        """A session is taken up only by the application that opened it."""
        if certificate != self.certificate:
            self._reject("another application's session", StatusCodes.BadSecurityChecksFailed)

    async def activate(
        self, params: ua.ActivateSessionParameters, *, encrypted: bool, host: str
    ) -> ua.ActivateSessionResult:
        """Log in, or change who is logged in. Who has failed often waits."""
        if self.state == SessionState.Closed:
            raise ServiceError(StatusCodes.BadSessionIdInvalid)
        token = params.UserIdentityToken
        name = str(token.UserName or "")[:80] if isinstance(token, UserNameIdentityToken) else ""
        throttle = self._server.throttle
        await asyncio.sleep(throttle.delay_s(host, name))
        try:
            signature = params.UserTokenSignature
            login = self._server.users.login(token, signature, bytes(self.nonce or b""), encrypted=encrypted)
        except ServiceError as error:
            throttle.failed(host, name)
            self._reject(f"log-in refused: {status_code(error.code).name}", error.code)
        throttle.succeeded(host, name)
        self.mechanism = mechanism_of(token)
        self.user = login
        self.nonce = secrets.token_bytes(MIN_NONCE)
        self.state = SessionState.Activated
        self.touch()
        self._start_timeout_watchdog()
        self.locales = tuple(params.LocaleIds or ())
        return ua.ActivateSessionResult(ServerNonce=ua.ByteString(self.nonce))

    def _reject(self, why: str, code: int) -> NoReturn:
        self._view.reject(Wire.OPCUA, self.peer, why)
        self._server.diagnostics.refused_session(code)
        raise ServiceError(code)

    def attach(self, carrier: Carrier, peer: str) -> None:
        """An activation was granted over this connection: the session speaks through it from now on."""
        role = self._login.lab_role
        if self._carrier is carrier and self.client is not None and self.client.role is role:
            return
        if self._carrier is not None and self._carrier is not carrier:
            self._carrier.release()
        self._leave()
        self._carrier, self.peer = carrier, peer
        name = f"{self.title} {peer}".strip()
        self.client = Client(Wire.OPCUA, f"opcua-{secrets.token_hex(8)}", name, role)
        _logger.info("OPC UA session of %s (%s) open", name, role)

    def detach(self, carrier: Carrier) -> bool:
        """That connection is gone. True where the session spoke through it and not yet through another one."""
        if self._carrier is not carrier:
            return self._carrier is None
        self._carrier = None
        self._leave()
        return True

    async def close_session(self, delete_subs: bool = True) -> None:
        if self.state == SessionState.Closed:
            return
        timed_out = self._timeout_task is not None and self._timeout_task is asyncio.current_task()
        self._server.diagnostics.ended_session(self, timed_out=timed_out)
        self._close_quietly()
        if delete_subs:
            await self._delete_own()
        self._leave()

    def _close_quietly(self) -> None:
        """As asyncua does, but for its count of the sessions of all servers of a process."""
        self.state = SessionState.Closed
        if self._timeout_task is not None and self._timeout_task is not asyncio.current_task():
            self._timeout_task.cancel()
        self._server.unregister_external_session(self)

    async def ended(self) -> None:
        """Wait for the session's own task, after it was closed."""
        if self._timeout_task is not None:
            # not `await task`: one that was cancelled before it began would cancel who waits for it
            await asyncio.wait([self._timeout_task])

    def _leave(self) -> None:
        if self.client is not None:
            _logger.info("OPC UA session of %s closed", self.client.name)
            self._view.closed(self.client)
            self.client = None

    @property
    def _login(self) -> Login:
        if not isinstance(self.user, Login):
            raise ServiceError(StatusCodes.BadSessionNotActivated)
        return self.user

    @property
    def caller(self) -> Caller:
        if self.client is None:
            raise ServiceError(StatusCodes.BadSessionNotActivated)
        return Caller(self.client, self.session_id, tuple(self.locales))

    def diagnostics(self) -> ua.SessionDiagnosticsDataType:
        return session_diagnostics(self._server, self)

    def security_diagnostics(self) -> ua.ExtensionObject:
        return session_security(self)

    # -- attributes

    async def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        caller, stamps = self._reader(params)
        return [self._server.attributes.read(item, stamps, caller) for item in params.NodesToRead]

    async def read_encoded(self, params: ua.ReadParameters) -> list[bytes]:
        """The same for the wire, all of one moment."""
        caller, stamps = self._reader(params)
        now, read = self._view.clock.utc(), self._server.attributes.read_encoded
        return [read(item, stamps, caller, now) for item in params.NodesToRead]

    def _reader(self, params: ua.ReadParameters) -> tuple[Caller, ua.TimestampsToReturn]:
        """Who reads, and with which time stamps."""
        bounded(params.NodesToRead)
        if not params.MaxAge >= 0:
            raise ServiceError(StatusCodes.BadMaxAgeInvalid)
        caller, stamps = self.caller, params.TimestampsToReturn
        if stamps not in (0, 1, 2, 3):
            raise ServiceError(StatusCodes.BadTimestampsToReturnInvalid)
        return caller, stamps

    async def write(self, params: ua.WriteParameters) -> list[ua.StatusCode]:
        bounded(params.NodesToWrite)
        caller = self.caller
        answers = [self._server.attributes.write(item, caller) for item in params.NodesToWrite]
        self._publisher.soon()
        return answers

    async def history_read(self, params: ua.HistoryReadParameters) -> list[ua.HistoryReadResult]:
        bounded(params.NodesToRead)
        caller = self.caller
        for item in params.NodesToRead:
            self._view.note(caller.client, "history", item.NodeId.to_string())
        return self._server.history_reader.read(params, self._cursors)

    async def history_update(self, params: ua.HistoryUpdateParameters) -> list[ua.HistoryUpdateResult]:
        """What was, was."""
        bounded(params.HistoryUpdateDetails)
        code = status_code(StatusCodes.BadHistoryOperationUnsupported)
        return [ua.HistoryUpdateResult(StatusCode=code) for _ in params.HistoryUpdateDetails]

    # -- methods

    async def call(self, params: list[ua.CallMethodRequest]) -> list[ua.CallMethodResult]:
        bounded(params)
        caller = self.caller
        answers = [self._call(caller, ask) for ask in params]
        self._publisher.soon()
        return answers

    def _call(self, caller: Caller, ask: ua.CallMethodRequest) -> ua.CallMethodResult:
        given = list(ask.InputArguments or ())
        method = self._nodes.methods.get(ask.MethodId)
        if ask.ObjectId not in self._looking:
            return result(Answer(StatusCodes.BadNodeIdUnknown))
        if method is not None and ask.ObjectId == method.station:
            wrong = check_arguments((), given)
            return result(wrong) if wrong is not None else self._command(caller, method)
        self._view.note(caller.client, "call", f"{ask.MethodId.to_string()} of {ask.ObjectId.to_string()}")
        answered = self._server.actions.call(caller, ask.ObjectId, ask.MethodId, given)
        return answered if answered is not None else result(Answer(self._not_a_method(ask.MethodId)))

    def _command(self, caller: Caller, method: Method) -> ua.CallMethodResult:
        self._view.note(caller.client, "call", f"{method.tag.station}.{method.word}")
        refusal = self._view.request(caller.client, [(method.tag.index, True)])[0]
        return ua.CallMethodResult(StatusCode=answer(refusal))

    def _not_a_method(self, node: ua.NodeId) -> int:
        known = node in self._looking
        return int(StatusCodes.BadMethodInvalid if known else StatusCodes.BadNodeIdUnknown)

    # -- the address space

    async def browse(self, params: ua.BrowseParameters) -> list[ua.BrowseResult]:
        bounded(params.NodesToBrowse)
        return self._translated(self._browser.browse(params))

    async def browse_next(self, parameters: ua.BrowseNextParameters) -> list[ua.BrowseResult]:
        bounded(parameters.ContinuationPoints)
        return self._translated(
            self._browser.browse_next(parameters.ContinuationPoints, release=bool(parameters.ReleaseContinuationPoints))
        )

    def _translated(self, results: list[ua.BrowseResult]) -> list[ua.BrowseResult]:
        """Display names in the language of the session; those of the address space are English."""
        if not self.locales or not self.locales[0].lower().startswith("zh"):
            return results
        texts = self._nodes.model.texts
        for one_node in results:
            one_node.References = [
                dataclasses.replace(one, DisplayName=chosen(texts[one.NodeId][0], self.locales))
                if one.NodeId in texts and one.DisplayName.Text
                else one
                for one in one_node.References or ()
            ]
        return results

    async def translate_browsepaths_to_nodeids(self, params: list[ua.BrowsePath]) -> list[ua.BrowsePathResult]:
        bounded(params)
        return [self._browser.translate(path) for path in params]

    async def register_nodes(self, nodes: list[ua.NodeId]) -> list[ua.NodeId]:
        """A node is found as fast by its own id: that is the registered one too (Part 4, 5.9.5)."""
        bounded(nodes)
        if any(node.is_null() for node in nodes):
            raise ServiceError(StatusCodes.BadNodeIdInvalid)
        return nodes

    async def unregister_nodes(self, nodes: list[ua.NodeId]) -> None:
        bounded(nodes)

    async def add_nodes(self, params: list[ua.AddNodesItem]) -> NoReturn:
        raise ServiceError(StatusCodes.BadServiceUnsupported)

    async def delete_nodes(self, params: ua.DeleteNodesParameters) -> NoReturn:
        raise ServiceError(StatusCodes.BadServiceUnsupported)

    async def add_references(self, params: list[ua.AddReferencesItem]) -> NoReturn:
        raise ServiceError(StatusCodes.BadServiceUnsupported)

    async def delete_references(self, params: list[ua.DeleteReferencesItem]) -> NoReturn:
        raise ServiceError(StatusCodes.BadServiceUnsupported)

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        for wanted in params.ItemsToCreate or ():
            self._publisher.watch(wanted.ItemToMonitor.NodeId)
        results = await super().create_monitored_items(params)
        for item, made in zip(params.ItemsToCreate, results, strict=True):
            tag = self._nodes.tags.get(item.ItemToMonitor.NodeId)
            if tag is not None and made.StatusCode.is_good():
                self._view.note(self.caller.client, "subscribe", tag.name)
        return results
