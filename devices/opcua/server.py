"""The server of one line: asyncua's, with our address space, users, sessions and subscriptions put in its place."""

# ruff: noqa: SLF001 - the inside of asyncua: this package alone may, and pin.py guards it

import asyncio
import dataclasses
import logging
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from devices.endpoint import Credentials, LineView, Wire
from devices.opcua import moved_namespace, overlay
from devices.opcua.actions import Actions
from devices.opcua.alarms.conditions import Conditions
from devices.opcua.alarms.listening import Listening
from devices.opcua.alarms.shape import shapes
from devices.opcua.attributes import Attributes
from devices.opcua.diagnostics import Diagnostics
from devices.opcua.events import Events, Types
from devices.opcua.guests import GuestBook
from devices.opcua.history.event_store import EventStore
from devices.opcua.history.reading import HistoryReader
from devices.opcua.model.builder import Model
from devices.opcua.model.companion import fill as load_companion
from devices.opcua.model.companion import installed
from devices.opcua.model.live import Live
from devices.opcua.model.node_ids import URIS
from devices.opcua.nodes import LineNodes, ModelSettings, fill, line_nodes, line_space, namespace_uri
from devices.opcua.pin import check_signatures
from devices.opcua.presented import Presented, show_in
from devices.opcua.publish import Publisher
from devices.opcua.scanner import Scanner
from devices.opcua.security import PLAIN, Own, Security, endpoints, factories, load_own
from devices.opcua.server_state import CHANGING, state_facts
from devices.opcua.session import Session
from devices.opcua.standard_nodes import describe_namespaces, make_true
from devices.opcua.subscriptions import Subscriptions
from devices.opcua.throttle import Throttle
from devices.opcua.users import Users
from devices.opcua.values import node_id, stamp

NAMESPACE = 2  # of the line: after the standard's and the server's own
PLAIN_MODEL = ModelSettings()
MAX_SESSION_MS = 60_000
CURRENT_TIME = node_id(ObjectIds.Server_ServerStatus_CurrentTime)
SERVER_STATUS = node_id(ObjectIds.Server_ServerStatus)
START_TIME = node_id(ObjectIds.Server_ServerStatus_StartTime)

check_signatures(
    [
        (InternalServer.load_standard_address_space, "self, shelf_file"),
        (InternalServer.register_server, "self, server, conf"),
        (InternalServer.register_server2, "self, params"),
    ]
)


class NoUsers:
    """asyncua's own door, shut: without a manager it lets `admin` do anything, unasked. Ours is `users.Users`."""

    def get_user(self, iserver: InternalServer, **given: Any) -> None:
        return None


class LineServer(InternalServer):
    """Everything of one bench's OPC UA server but its socket."""

    def __init__(
        self,
        view: LineView,
        credentials: Credentials,
        interval_s: float,
        *,
        stock: bool,
        security: Security,
        own: Own,
        model: ModelSettings,
        event_store: EventStore,
    ) -> None:
        super().__init__(user_manager=NoUsers())  # type: ignore[arg-type]
        self._view = view
        self.clock = view.clock
        self.security, self.own = security, own
        self.link = view.link(Wire.OPCUA)
        self.moved_by = 0  # how far the line's namespace stands from its place
        self._credentials = credentials
        self.policies = factories(own)
        self.users = Users(credentials, security, own, self.link)
        self.presented = Presented(self.link, security, own, self._show)
        self.scanner = Scanner(self, view, self.link)
        self.guests = GuestBook(self, view)
        self.throttle = Throttle(view.clock.monotonic)
        self.diagnostics = Diagnostics()
        self._stock = stock
        self._interval_s = interval_s
        plan = model.plan(view.line, view.tags, interval_s * 1000, installed=installed())
        self._plan = dataclasses.replace(plan, alarms=shapes(view.alarms.definitions))
        self._model = Model()
        self.allow_remote_admin = False
        self.disabled_clock = True  # the publisher tells the time, from the clock that it is handed
        self.max_session_timeout_ms = MAX_SESSION_MS
        looking = overlay.Looking(self.aspace)
        self.actions = Actions()  # methods and writable values beside the tags: models bind theirs in `build`
        self.types = Types(looking)
        self.history = view.history
        self.history_reader = HistoryReader(self)
        self.event_store = event_store
        self.events = Events(looking, self.event_store, view.clock)  # sources of events `fire` into it
        self.subscriptions = Subscriptions(self, interval_s * 1000)
        self.subscription_service = self.subscriptions
        self.isession.subscription_service = self.subscriptions
        self.nodes: LineNodes | None = None
        self.publisher: Publisher | None = None

    async def load_standard_address_space(self, shelf_file: Path | None = None) -> None:
        if self._stock:
            await super().load_standard_address_space(shelf_file)
            make_true(self.aspace._nodes)
            describe_namespaces(self.aspace._nodes)
            return
        space = await asyncio.to_thread(line_space, self._plan)
        self.aspace._nodes, self._model = overlay.Overlay(space.nodes), space.model

    def build(self) -> Publisher:
        """Add the line's nodes where they are not there yet, and the publisher that keeps them true."""
        view = self._view
        if self._stock:
            if self._plan.companion:
                load_companion(self.aspace._nodes)
                describe_namespaces(self.aspace._nodes)
            self._model = fill(self.aspace._nodes, self._plan)
        self.nodes = line_nodes(self.aspace, NAMESPACE, view.tags, self._model)
        self.live = Live(view, self._model.derived, observers=self._model.observers)
        self._bind_model()
        for node, tag in self.nodes.tags.items():
            if tag.range is not None:
                self.subscriptions.spans[node] = float(tag.range[1]) - float(tag.range[0])
        self.publisher = Publisher(view, self.aspace, self.nodes, self.live, self._interval_s, stock=self._stock)
        self.attributes = Attributes(self, view, self.nodes, self.publisher)
        conditions = Conditions(view, self.aspace, self.events, Listening(self.subscriptions))
        conditions.bind(self.actions)
        self.publisher.also.append(conditions.pump)
        state_facts(self)
        return self.publisher

    def _bind_model(self) -> None:
        """The methods of the line's model are answered for this bench."""
        for offer in self._model.offers:
            self.actions.bind(
                offer.owner, offer.node, partial(offer.handler, self.live), offer.inputs, declared=offer.declared
            )

    @property
    def sampling_ms(self) -> float:
        """The shortest sampling interval."""
        return self._interval_s * 1000

    def sessions(self) -> list[Session]:
        """Those that somebody has logged in to."""
        found = [one for one in self._external_sessions.values() if isinstance(one, Session)]
        return [one for one in found if one.is_activated()]

    def own_value(self, node: ua.NodeId, stored: ua.DataValue) -> ua.Variant | None:
        """What the server says of itself now; None for every other node."""
        if self.moved_by and node == moved_namespace.NAMESPACE_ARRAY and stored.Value is not None:
            return ua.Variant(moved_namespace.namespaces(stored.Value.Value, self.moved_by), ua.VariantType.String)
        now = CHANGING.get(node)
        if now is not None:
            return now(self)
        if node == CURRENT_TIME:
            return ua.Variant(self._view.clock.utc(), ua.VariantType.DateTime)
        if node == SERVER_STATUS and stored.Value is not None:
            status = dataclasses.replace(stored.Value.Value, CurrentTime=self._view.clock.utc())
            return ua.Variant(status, ua.VariantType.ExtensionObject)
        return None

    async def open_session(self, peer: str) -> Session:
        """A new session; where all are taken, one that nobody has logged in to makes room."""
        if self.nodes is None or self.publisher is None:
            raise ServiceError(StatusCodes.BadServerNotConnected)
        most = min(self.security.bounds.sessions, self.link.state.most_sessions)
        if len(self._external_sessions) >= most and not await self._make_room():
            self.diagnostics.refused_session(StatusCodes.BadTooManySessions)
            raise ServiceError(StatusCodes.BadTooManySessions)
        session = Session(self, self._view, self.nodes, self.publisher, peer)
        self.diagnostics.opened_session(session)
        return session

    async def _make_room(self) -> bool:
        idle = next((one for one in self._external_sessions.values() if not one.is_activated()), None)
        if idle is not None:
            await idle.close_session(True)
        return idle is not None

    def session(self, session_id: ua.NodeId) -> InternalSession | None:
        return next((s for s in self._external_sessions.values() if s.session_id == session_id), None)

    async def close_sessions(self) -> None:
        """End the sessions, those too that wait for their client to come back."""
        for session in list(self._external_sessions.values()):
            await session.close_session(True)
            if isinstance(session, Session):
                await session.ended()

    def _show(self, own: Own) -> None:
        """From now on this is the server's certificate, for whoever opens a channel."""
        self.own, self.policies = own, factories(own)
        self.users = Users(self._credentials, self.security, own, self.link)
        show_in(self.endpoints, own)

    async def restart(self) -> None:
        """As after a boot: no session, no subscription, no counter from before, and a new time of start."""
        await self.close_sessions()
        self.diagnostics = Diagnostics()
        now = stamp(self._view.clock.utc())
        self.aspace._nodes[START_TIME].attributes[AttributeIds.Value].value = ua.DataValue(
            ua.Variant(now, ua.VariantType.DateTime), SourceTimestamp=now, ServerTimestamp=now
        )
        stored = self.aspace._nodes[SERVER_STATUS].attributes[AttributeIds.Value].value
        if stored is not None and stored.Value is not None:
            status = dataclasses.replace(stored.Value.Value, StartTime=now)
            self.aspace._nodes[SERVER_STATUS].attributes[AttributeIds.Value].value = ua.DataValue(
                ua.Variant(status, ua.VariantType.ExtensionObject), SourceTimestamp=now, ServerTimestamp=now
            )

    def register_server(self, server: Any, conf: Any = None) -> None:
        """Clients need no session to ask for this: refused, a bench is no discovery server."""
        raise ServiceError(StatusCodes.BadServiceUnsupported)

    def register_server2(self, params: ua.RegisterServer2Parameters) -> None:
        raise ServiceError(StatusCodes.BadServiceUnsupported)


def peer_name(peername: Any) -> str:
    return f"{peername[0]}:{peername[1]}" if isinstance(peername, tuple) else str(peername)


def own_version() -> str:
    try:
        return version("linelab")
    except PackageNotFoundError:  # run from a checkout
        return "0"


async def make_server(
    view: LineView,
    credentials: Credentials,
    url: str,
    interval_s: float,
    *,
    stock: bool,
    security: Security = PLAIN,
    model: ModelSettings = PLAIN_MODEL,
    event_store: EventStore | None = None,
) -> LineServer:
    """A server with its address space built and its endpoints described; it does not listen.

    Raises `OSError` and `ValueError` where its certificate can neither be read nor made.
    """
    own = await asyncio.to_thread(load_own, security)
    inner = LineServer(
        view,
        credentials,
        interval_s,
        stock=stock,
        security=security,
        own=own,
        model=model,
        event_store=event_store or EventStore(),
    )
    server = Server(iserver=inner)
    server.name = f"LineLab {view.line}, bench {view.bench}"
    server._application_uri = application_uri(view, security)
    server.product_uri, server.manufacturer_name = "urn:linelab", "LineLab"
    server.application_type = ua.ApplicationType.Server
    await server.init()
    await server.set_build_info("urn:linelab", "LineLab", "LineLab", own_version(), "0", view.clock.utc())
    if await server.register_namespace(namespace_uri(view.line)) != NAMESPACE:
        raise ValueError("the line's namespace is not the first after the server's own")
    for uri in URIS:
        await server.register_namespace(uri)
    inner.build()
    server.set_endpoint(url)
    description = ua.ApplicationDescription(
        ApplicationUri=server._application_uri,
        ProductUri=server.product_uri,
        ApplicationName=ua.LocalizedText(server.name),
        ApplicationType=ua.ApplicationType.Server,
        DiscoveryUrls=[url],
    )
    for one in endpoints(security, own, url, description):
        inner.add_endpoint(one)
    return inner


def application_uri(view: LineView, security: Security) -> str:
    """The same as in the certificate: clients compare them."""
    store = security.certificates
    return f"urn:linelab:bench:{view.bench}" if store is None else store.identity.uri


def quieten() -> None:
    """asyncua logs each mistake of a client, with a traceback; ours are logged here, in a line."""
    logger = logging.getLogger("asyncua")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.ERROR)
