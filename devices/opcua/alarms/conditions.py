"""The conditions of one server: follows the line's alarms, fires their events, does what clients call.

An EventId is 16 bytes: 8 that are drawn anew for each run, 8 that count. It is known from the moment at which the
alarm came (or came out of hiding) until it comes again; there is no branch but the present one.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from devices.alarms import AlarmAsk, AlarmEvent, Times
from devices.endpoint import LineView, Role
from devices.opcua.actions import ANYBODY_LOGGED_IN, Actions, Answer, Argument, Caller
from devices.opcua.alarms.fields import Fields, Moment, values
from devices.opcua.alarms.methods import COMMENT, EVENT_ID, METHODS, SHELVING_TIME, Method
from devices.opcua.alarms.nodes import condition_node, field_node
from devices.opcua.alarms.shape import TYPES, Shape, shapes
from devices.opcua.events import Event, Events, Path
from devices.opcua.events.hub import Listener
from devices.opcua.model.node_ids import named
from devices.opcua.nodes import own_value
from devices.opcua.publish import put
from devices.opcua.values import REFUSED, node_id, stamp
from sim.alarms.state import AlarmNow
from sim.refusal import Refusal
from sim.tag import Quality

CONDITION_TYPE = node_id(ObjectIds.ConditionType)
REFRESH = node_id(ObjectIds.ConditionType_ConditionRefresh)
REFRESH_2 = node_id(ObjectIds.ConditionType_ConditionRefresh2)
SUBSCRIPTION = Argument("SubscriptionId", ua.VariantType.UInt32)
ITEM = Argument("MonitoredItemId", ua.VariantType.UInt32)
MOST_IDS = 200  # of one occurrence; people do not acknowledge an older one
ANNOUNCES = frozenset({"active", "unshelved", "unsuppressed", "in_service", "enabled"})
LONGEST_COMMENT = 500
MS = 10**6
EVERYBODY = ANYBODY_LOGGED_IN | {Role.OBSERVER}  # may look, so may ask to be told again


class Listening(Protocol):
    """Finds the event items of a subscription for ConditionRefresh."""

    def of(self, session: ua.NodeId, subscription: int, item: int | None) -> Sequence[Listener] | int:
        """The items, or a status code."""
        ...


@dataclass(slots=True)
class Known:
    """What a server remembers of one condition."""

    shape: Shape
    ids: list[bytes] = field(default_factory=list)
    last: Event | None = None
    severity: int = 0  # before the present one
    said: dict[Path, ua.Variant] = field(default_factory=dict)
    own: dict[Path, AttributeValue] = field(default_factory=dict)


class Conditions:
    """The alarms of a line as conditions. `pump` brings them up to date; the publisher calls it in each round."""

    def __init__(self, view: LineView, space: AddressSpace, events: Events, listening: Listening) -> None:
        self._view, self._alarms, self._space = view, view.alarms, space
        self._events, self._listening = events, listening
        self._heard = view.alarms.events()
        self._known = {shape.name: Known(shape) for shape in shapes(view.alarms.definitions)}
        self._prefix, self._count = secrets.token_bytes(8), 0
        self._fresh: dict[str, None] = {}  # values that are not in the address space yet
        self.begin()

    # ---- methods ---------------------------------------------------------------------------------------------

    def bind(self, actions: Actions) -> None:
        """Answer the methods of all conditions, and ConditionRefresh."""
        for method in METHODS:
            for name, known in self._known.items():
                if method.has(known.shape):
                    self._bind(actions, name, method)
        refresh = partial(self._refresh, all_items=True)
        actions.bind(CONDITION_TYPE, REFRESH, refresh, (SUBSCRIPTION,), roles=EVERYBODY)
        one = partial(self._refresh, all_items=False)
        actions.bind(CONDITION_TYPE, REFRESH_2, one, (SUBSCRIPTION, ITEM), roles=EVERYBODY)

    def _bind(self, actions: Actions, name: str, method: Method) -> None:
        # clients call the state machine's methods on the condition as well
        for owner in (condition_node(name), field_node(name, ("ShelvingState",))):
            for declared in method.declared:
                actions.bind(
                    owner, node_id(declared), partial(self._call, name, method), method.inputs,
                    roles=ANYBODY_LOGGED_IN,
                )  # fmt: skip

    def _call(self, name: str, method: Method, caller: Caller, given: tuple[object, ...]) -> Answer:
        self.hear()
        inputs = {argument.name: value for argument, value in zip(method.inputs, given, strict=True)}
        event_id = inputs.get(EVENT_ID.name)
        if EVENT_ID in method.inputs and event_id not in self._known[name].ids:
            return Answer(StatusCodes.BadEventIdUnknown)
        problem = method.problem(self._alarms.now(name))
        if problem:
            return Answer(problem)
        comment, time_ms = inputs.get(COMMENT.name), inputs.get(SHELVING_TIME.name, 0.0)
        said = (comment.Text or "") if isinstance(comment, ua.LocalizedText) else ""
        if len(said) > LONGEST_COMMENT:
            return Answer(StatusCodes.BadOutOfRange)
        for_ms = round(time_ms) if isinstance(time_ms, float) and 0 < time_ms < 2**53 else 0
        if method.do == "shelve" and not method.once and not self._shelf_holds(name, for_ms):
            return Answer(StatusCodes.BadShelvingTimeOutOfRange)
        refusal = self._alarms.operate(caller.client, AlarmAsk(name, method.do, said, for_ms, method.once))
        self.hear()
        return Answer(_code(refusal))

    def _shelf_holds(self, name: str, for_ms: int) -> bool:
        return 0 < for_ms * MS <= self._known[name].shape.shelve_most_ns

    def _refresh(self, caller: Caller, given: tuple[object, ...], *, all_items: bool) -> Answer:
        numbers = [one for one in given if isinstance(one, int)]
        found = self._listening.of(caller.session, numbers[0], None if all_items else numbers[1])
        if isinstance(found, int):
            return Answer(found)
        self.hear()
        worth = [known.last for name, known in self._known.items() if known.last and self._alarms.now(name).retain]
        self._events.refresh(found, worth)
        return Answer()

    # ---- following the line ----------------------------------------------------------------------------------

    def hear(self) -> None:
        """Fire what has happened since."""
        if self._heard.torn:
            self._begin_anew()
            return
        for event in self._heard.take():
            self._fire(self._known[event.now.name], event)

    def begin(self) -> None:
        """The state at the start: conditions that are worth showing have an event to be acknowledged by."""
        for name, known in self._known.items():
            now = self._alarms.now(name)
            utc = self._view.clock.utc()
            known.ids.clear()
            known.last = self._event(known, now, self._alarms.times(name), known.severity or now.severity, utc)
            self._fresh[name] = None

    def _begin_anew(self) -> None:
        """Another run, or too much has happened at once: the present states are told, older EventIds are void."""
        self._heard.take()
        self._prefix = secrets.token_bytes(8)
        before = {name: known.last for name, known in self._known.items()}
        self.begin()
        for name, known in self._known.items():
            was = before[name]
            if known.last is not None and (self._alarms.now(name).retain or (was and _retained(was))):
                self._events.fire(known.last)

    def _fire(self, known: Known, heard: AlarmEvent) -> None:
        if heard.what in ANNOUNCES:
            known.ids.clear()
        times = self._alarms.times(heard.now.name)
        before = known.severity or heard.now.severity
        known.severity = heard.now.severity
        known.last = self._event(known, heard.now, times, before, heard.utc)
        self._fresh[heard.now.name] = None
        self._events.fire(known.last)

    def _event(self, known: Known, now: AlarmNow, times: Times, severity: int, utc: datetime) -> Event:
        self._count += 1
        event_id = self._prefix + self._count.to_bytes(8, "big")
        known.ids = [*known.ids[-MOST_IDS:], event_id]
        moment = Moment(event_id, utc, times, severity, self._bad(known.shape), self._unshelve_ms(now))
        fields: Fields = values(known.shape, now, moment)
        station, kind = named(known.shape.station), node_id(TYPES[known.shape.type])
        return Event(station, kind, utc, fields, condition_node(now.name))

    def _unshelve_ms(self, now: AlarmNow) -> float:
        return max(0.0, (now.shelved_until_ns - now.since_ns) / MS) if now.shelved else 0.0

    def _bad(self, shape: Shape) -> bool:
        tag = self._view.tags.find(shape.tag)
        return tag is not None and self._view.read(tag.index).quality is Quality.BAD

    async def pump(self) -> None:
        """Fire events, and put what changed into the address space."""
        self.hear()
        names, self._fresh = self._fresh, {}
        for name in names:
            known = self._known[name]
            if known.last is not None:
                await self._put(known, known.last.fields.items(), known.last)

    async def _put(self, known: Known, said: Iterable[tuple[Path, ua.Variant]], event: Event) -> None:
        for where, variant in said:
            if known.said.get(where) == variant:
                continue
            known.said[where] = variant
            attribute = known.own.get(where)
            if attribute is None:
                node = field_node(known.shape.name, where)
                attribute = known.own[where] = own_value(self._space, node, AttributeValue(ua.DataValue()))
            at = stamp(event.time)
            await put(attribute, ua.DataValue(variant, SourceTimestamp=at, ServerTimestamp=at))


def _retained(event: Event) -> bool:
    return event.value(("Retain",)).Value is True


def _code(refusal: Refusal | None) -> int:
    return int(StatusCodes.Good) if refusal is None else int(REFUSED[refusal])
