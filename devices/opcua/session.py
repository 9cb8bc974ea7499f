"""A client's session: every service that a client may ask for, answered by the line's gate and never by asyncua's.

asyncua's own session writes the address space directly, and whoever calls himself `admin` may change all of it.
Here a client reads the line itself, writes by request, and changes no node.
"""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.internal_session import InternalSession, SessionState
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from devices.endpoint import Client, LineView, Role, Wire
from devices.opcua.actions import Answer, Caller, check_arguments, result
from devices.opcua.nodes import READ, LineNodes, Method
from devices.opcua.overlay import Looking
from devices.opcua.ownership import Carrier, OwnSubscriptions, bounded
from devices.opcua.pin import check_signatures
from devices.opcua.publish import Publisher
from devices.opcua.values import GOOD, REFUSED, describe, stamp, status_code, variant_fits
from sim.refusal import Refusal
from sim.tag import Tag

if TYPE_CHECKING:
    from devices.opcua.server import LineServer

_logger = logging.getLogger(__name__)


check_signatures(
    [
        (InternalSession.create_session, "self, params, sockname"),
        (InternalSession.activate_session, "self, params, peer_certificate"),
        (InternalSession.close_session, "self, delete_subs"),
        (InternalSession.read, "self, params"),
        (InternalSession.write, "self, params"),
        (InternalSession.call, "self, params"),
        (InternalSession.add_nodes, "self, params"),
    ]
)


class Login(User):
    """Who a session's user is here. To asyncua he is never more than a plain user."""

    def __init__(self, lab_role: Role, name: str) -> None:
        super().__init__(UserRole.User, name)
        self.lab_role = lab_role


def answer(refusal: Refusal | None) -> ua.StatusCode:
    return GOOD if refusal is None else status_code(REFUSED[refusal])


class Session(OwnSubscriptions):
    """One session of one client. It may outlive its connection; its `Client` does not."""

    def __init__(self, server: "LineServer", view: LineView, nodes: LineNodes, publisher: Publisher, peer: str) -> None:
        super().__init__(server, peer)
        # asyncua counts its tokens: whoever guesses one takes over a session
        server.unregister_external_session(self)
        self.auth_token = ua.NodeId(ua.ByteString(secrets.token_bytes(32)))
        server.register_external_session(self)
        self.client: Client | None = None
        self._view = view
        self._nodes = nodes
        self._publisher = publisher
        self._looking = Looking(server.aspace)
        self._peer = peer
        self._title = ""
        self._locales: Sequence[str] = ()

    # -- who it is

    async def create_session(
        self, params: ua.CreateSessionParameters, sockname: tuple[str, int] | None = None
    ) -> ua.CreateSessionResult:
        self._title = (params.SessionName or "")[:80]
        return await super().create_session(params, sockname)

    def activate_session(
        self, params: ua.ActivateSessionParameters, peer_certificate: bytes | None
    ) -> ua.ActivateSessionResult:
        try:
            result = super().activate_session(params, peer_certificate)
        except ServiceError as error:
            name = status_code(error.code).name
            self._view.reject(Wire.OPCUA, self._peer, f"log-in refused: {name}")
            raise
        self._locales = tuple(params.LocaleIds or ())
        return result

    def attach(self, carrier: Carrier, peer: str) -> None:
        """An activation was granted over this connection: the session speaks through it from now on."""
        role = self._login.lab_role
        if self._carrier is carrier and self.client is not None and self.client.role is role:
            return
        self._leave()
        self._carrier, self._peer = carrier, peer
        name = f"{self._title} {peer}".strip()
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
        await super().close_session(delete_subs)
        self._leave()

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

    def _who(self) -> Client:
        if self.client is None:
            raise ServiceError(StatusCodes.BadSessionNotActivated)
        return self.client

    # -- attributes

    async def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        bounded(params.NodesToRead)
        return [self._read(item, params.TimestampsToReturn) for item in params.NodesToRead]

    def _read(self, item: ua.ReadValueId, stamps: ua.TimestampsToReturn) -> ua.DataValue:
        if item.IndexRange or (item.DataEncoding is not None and item.DataEncoding.Name):
            wrong = StatusCodes.BadIndexRangeNoData if item.IndexRange else StatusCodes.BadDataEncodingInvalid
            return ua.DataValue(StatusCode=status_code(wrong))
        tag = self._nodes.tags.get(item.NodeId)
        if tag is not None and item.AttributeId == AttributeIds.Value:
            return self._value(tag, stamps)
        stored = self._looking.attribute(item.NodeId, item.AttributeId)
        variant = self._personal(item, tag) or self._now(item, stored)
        return stored if variant is None else ua.DataValue(variant)

    def _value(self, tag: Tag, stamps: ua.TimestampsToReturn) -> ua.DataValue:
        now = self._view.clock.utc()
        said = self._publisher.fresh(tag.index, now)
        self._view.note(self._who(), "read", tag.name)
        source = stamps in (ua.TimestampsToReturn.Source, ua.TimestampsToReturn.Both)
        server = stamps in (ua.TimestampsToReturn.Server, ua.TimestampsToReturn.Both)
        return ua.DataValue(
            Value=said.Value,
            StatusCode=said.StatusCode,
            SourceTimestamp=said.SourceTimestamp if source else None,
            ServerTimestamp=stamp(now) if server else None,
        )

    def _personal(self, item: ua.ReadValueId, tag: Tag | None) -> ua.Variant | None:
        """Attributes that depend on who reads: the language of a description, what he may do."""
        method = self._nodes.methods.get(item.NodeId)
        subject = tag or (method.tag if method is not None else None)
        if subject is None:
            return None
        may_write = self._login.lab_role is not Role.OBSERVER
        if item.AttributeId == AttributeIds.Description and self._locales:
            chinese = self._locales[0].lower().startswith("zh")
            title = ua.LocalizedText(subject.title.zh, "zh") if chinese else ua.LocalizedText(subject.title.en, "en")
            return ua.Variant(title, ua.VariantType.LocalizedText)
        if item.AttributeId == AttributeIds.UserAccessLevel and not may_write and method is None:
            return ua.Variant(READ, ua.VariantType.Byte)
        if item.AttributeId == AttributeIds.UserExecutable and method is not None:
            return ua.Variant(may_write, ua.VariantType.Boolean)
        return None

    def _now(self, item: ua.ReadValueId, stored: ua.DataValue) -> ua.Variant | None:
        """The server's own clock is read when it is asked for, not when it was last published."""
        if item.AttributeId != AttributeIds.Value or item.NodeId.NamespaceIndex != 0:
            return None
        return self._server.clock_value(item.NodeId, stored)

    async def write(self, params: ua.WriteParameters) -> list[ua.StatusCode]:
        bounded(params.NodesToWrite)
        client = self._who()
        answers = [self._write(client, item) for item in params.NodesToWrite]
        self._publisher.soon()
        return answers

    def _write(self, client: Client, item: ua.WriteValue) -> ua.StatusCode:
        tag = self._nodes.tags.get(item.NodeId)
        if tag is None and item.AttributeId == AttributeIds.Value and item.NodeId in self._server.actions.values:
            return self._write_beside(client, item)
        if tag is None or item.AttributeId != AttributeIds.Value:
            return self._not_writable(client, item)
        if item.IndexRange:
            return status_code(StatusCodes.BadIndexRangeNoData)
        if item.Value.StatusCode is not None and item.Value.StatusCode.value != StatusCodes.Good:
            return status_code(
                StatusCodes.BadWriteNotSupported
            )  # quality is the line's to say; time stamps are ignored
        variant = item.Value.Value if item.Value.Value is not None else ua.Variant()
        # a wrong type is asked for as text: the gate then refuses in its own order and the traffic shows it
        value = variant.Value if variant_fits(tag, variant) else describe(variant)
        return answer(self._view.request(client, [(tag.index, value)])[0])

    def _write_beside(self, client: Client, item: ua.WriteValue) -> ua.StatusCode:
        """A value that is no tag of the line."""
        if item.IndexRange:
            return status_code(StatusCodes.BadIndexRangeNoData)
        self._view.note(client, "write", item.NodeId.to_string())
        variant = item.Value.Value if item.Value.Value is not None else ua.Variant()
        code = self._server.actions.write(Caller(client, self.session_id, tuple(self._locales)), item.NodeId, variant)
        return status_code(StatusCodes.BadNotWritable if code is None else code)

    def _not_writable(self, client: Client, item: ua.WriteValue) -> ua.StatusCode:
        status = self._looking.attribute(item.NodeId, item.AttributeId).StatusCode
        if status is not None and status.is_bad() and self._nodes.tags.get(item.NodeId) is None:
            return status
        self._view.note(client, "refused", f"write of {item.NodeId.to_string()}, attribute {int(item.AttributeId)}")
        return status_code(StatusCodes.BadNotWritable)

    # -- methods

    async def call(self, params: list[ua.CallMethodRequest]) -> list[ua.CallMethodResult]:
        bounded(params)
        client = self._who()
        answers = [self._call(client, ask) for ask in params]
        self._publisher.soon()
        return answers

    def _call(self, client: Client, ask: ua.CallMethodRequest) -> ua.CallMethodResult:
        given = list(ask.InputArguments or ())
        method = self._nodes.methods.get(ask.MethodId)
        if ask.ObjectId not in self._looking:
            return result(Answer(StatusCodes.BadNodeIdUnknown))
        if method is not None and ask.ObjectId == method.station:
            wrong = check_arguments((), given)
            return result(wrong) if wrong is not None else self._command(client, method)
        self._view.note(client, "call", f"{ask.MethodId.to_string()} of {ask.ObjectId.to_string()}")
        caller = Caller(client, self.session_id, tuple(self._locales))
        answered = self._server.actions.call(caller, ask.ObjectId, ask.MethodId, given)
        return answered if answered is not None else result(Answer(self._not_a_method(ask.MethodId)))

    def _command(self, client: Client, method: Method) -> ua.CallMethodResult:
        self._view.note(client, "call", f"{method.tag.station}.{method.word}")
        refusal = self._view.request(client, [(method.tag.index, True)])[0]
        return ua.CallMethodResult(StatusCode=answer(refusal))

    def _not_a_method(self, node: ua.NodeId) -> int:
        known = node in self._looking
        return int(StatusCodes.BadMethodInvalid if known else StatusCodes.BadNodeIdUnknown)

    # -- the address space

    async def browse(self, params: ua.BrowseParameters) -> list[ua.BrowseResult]:
        bounded(params.NodesToBrowse)
        return await super().browse(params)

    async def translate_browsepaths_to_nodeids(self, params: list[ua.BrowsePath]) -> list[ua.BrowsePathResult]:
        bounded(params)
        return [
            self.iserver.view_service.translate_browsepaths_to_nodeids([path])[0]
            if path.RelativePath.Elements
            else ua.BrowsePathResult(StatusCode=status_code(StatusCodes.BadNothingToDo))
            for path in params
        ]

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
        results = await super().create_monitored_items(params)
        for item, made in zip(params.ItemsToCreate, results, strict=True):
            tag = self._nodes.tags.get(item.ItemToMonitor.NodeId)
            if tag is not None and made.StatusCode.is_good():
                self._view.note(self._who(), "subscribe", tag.name)
        return results
