"""ISA-95 Job Control (OPC 10031-4, V2) on the line: a receiver for orders and a provider of their results."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.actions import Answer, Caller
from devices.opcua.model.builder import HAS_ADD_IN, Builder, Input, Spot
from devices.opcua.model.live import Live, Look
from devices.opcua.model.orders import MOST, NAMES, Order, Orders, OrderState, Status
from devices.opcua.model.state_machine import state_variables
from devices.opcua.model.structures import class_of, filled
from devices.opcua.values import REFUSED
from sim.tag import Tag
from sim.text import Text

RECEIVER = "JobControl:ISA95JobOrderReceiverObjectType"
PROVIDER = "JobControl:ISA95JobResponseProviderObjectType"
ORDER = "JobControl:ISA95JobOrderDataType"
LISTED = "JobControl:ISA95JobOrderAndStateDataType"
RESPONSE = "JobControl:ISA95JobResponseDataType"
STATE = "JobControl:ISA95StateDataType"
PARAMETER = "JobControl:ISA95ParameterDataType"
MASTER = "JobControl:ISA95WorkMasterDataType"
QUANTITY = "Quantity"  # the parameter of an order that says how many good parts
# what an order's command asks of every station that would take it
STATION_COMMANDS = {"Start": "start", "Pause": "hold", "Resume": "unhold", "Abort": "abort"}
ID = Input("JobOrderID", "String", Text("作业编号", "Id of the order"))
COMMENT = Input("Comment", "LocalizedText[]", Text("备注", "Why"))
RETURN = Input("ReturnStatus", "UInt64", Text("返回状态", "What came of it (bits, OPC 10031-4 B.2)"))


def orders_of(look: Look) -> Orders:
    """The orders of a bench."""
    found = look.memory.get("orders")
    if not isinstance(found, Orders):
        found = look.memory["orders"] = Orders()
    return found


def quantity_of(order: object) -> int:
    """The good parts that an order asks for: its parameter `Quantity`. 0 without it, -1 where it is no number."""
    for parameter in getattr(order, "JobOrderParameters", None) or ():
        if parameter.ID == QUANTITY:
            value = getattr(parameter.Value, "Value", parameter.Value)
            return int(value) if isinstance(value, int | float) and value >= 1 else -1
    return 0


class Jobs:
    """Builds the job management of a line. `good` counts its good parts."""

    def __init__(self, builder: Builder, line: str, good: Tag) -> None:
        self.builder, self.line, self.good = builder, line, good
        types = builder.types
        self._listed, self._state, self._response, self._parameter, self._master = (
            class_of(types, name) for name in (LISTED, STATE, RESPONSE, PARAMETER, MASTER)
        )
        self._commands = {
            word: [tag for tag in builder.tags if tag.signal == f"cmd_{command}"]
            for word, command in STATION_COMMANDS.items()
        }

    def build(self, at: Spot) -> None:
        spot = self.builder.part(at, "Jobs:JobManagement", "Jobs:JobManagementType", reference=HAS_ADD_IN)
        self._receiver(self.builder.part(spot, "Jobs:JobOrderControl", RECEIVER))
        self._provider(self.builder.part(spot, "Jobs:JobOrderResults", PROVIDER))
        self.builder.model.observers.setdefault(self.good.index, []).append(self._follow)

    def _follow(self, live: Live) -> None:
        self._current(live)

    def _current(self, look: Look) -> Orders:
        orders = orders_of(look)
        orders.count(int(look.value(self.good.index)), look.view.clock.utc)
        return orders

    def _receiver(self, at: Spot) -> None:
        builder = self.builder
        state_variables(builder, at, RECEIVER, self._name, [self.good])
        builder.computed(at, "JobControl:JobOrderList", LISTED, self._list, [self.good], array=True, timed=True)
        builder.constant(at, "JobControl:MaxDownloadableJobOrders", "UInt16", MOST)
        master = filled(self._master, ID=self.line, Description=ua.LocalizedText(self.line, "en"))
        builder.constant(at, "JobControl:WorkMaster", MASTER, [master], is_property=False)
        for name, values in (
            ("MaterialClassID", ["part"]),
            ("MaterialDefinitionID", ["part"]),
            ("EquipmentID", list(dict.fromkeys(tag.station for tag in builder.tags if tag.signal == "state"))),
            ("PhysicalAssetID", [self.line]),
            ("PersonnelID", ["operator"]),
        ):
            builder.constant(at, f"JobControl:{name}", "String", values, is_property=False)
        order = Input("JobOrder", ORDER, Text("作业", "The order"))
        for name in ("Store", "StoreAndStart", "Update"):
            self._method(at, name, partial(self._store, name), [order, COMMENT])
        for name in ("Start", "RevokeStart", "Pause", "Resume", "Stop", "Abort", "Cancel", "Clear"):
            self._method(at, name, partial(self._do, name), [ID, COMMENT])

    def _method(self, at: Spot, name: str, handler: Any, inputs: Sequence[Input]) -> None:
        declared = self.builder.types.method(RECEIVER, name)
        self.builder.method(at, f"JobControl:{name}", handler, inputs, [RETURN], declared=declared)

    def _name(self, look: Look) -> str:
        order = self._current(look).running()
        return NAMES[order.state if order is not None else OrderState.NOT_ALLOWED]

    def _states(self, order: Order) -> list[object]:
        text = ua.LocalizedText(NAMES[order.state], "en")
        return [filled(self._state, BrowsePath=ua.RelativePath(), StateText=text, StateNumber=int(order.state))]

    def _list(self, look: Look) -> object:
        found = self._current(look).by_id.values()
        return [filled(self._listed, JobOrder=order.given, State=self._states(order)) for order in found]

    # ---- what a client asks -----------------------------------------------------------------------------------

    def _store(self, name: str, live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
        order, orders = given[0], self._current(live)
        id, quantity = str(getattr(order, "JobOrderID", None) or ""), quantity_of(order)
        if name == "Update":
            return _said(orders.update(id, order, quantity) if quantity >= 0 else Status.INVALID)
        stored = orders.store(id, order, quantity)
        if stored is not Status.OK or name == "Store":
            return _said(stored)
        return self._do("Start", live, caller, (id, []))

    def _do(self, name: str, live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
        orders, id = self._current(live), str(given[0] or "")
        status = orders.check(name, id)
        if status is not Status.OK:
            return _said(status)
        order = orders.by_id[id]
        idle = orders.running() is None
        touches = order is orders.running() if name != "Start" else idle
        refused = self._drive(name, live, caller) if touches else None
        if refused is not None:
            return refused
        orders.do(name, id, int(live.value(self.good.index)), live.view.clock.utc)
        return _said(Status.OK)

    def _drive(self, name: str, live: Live, caller: Caller) -> Answer | None:
        """Ask every station; one that cannot do it in its state stays as it is. Refused where none may be asked."""
        answers = [live.view.request(caller.client, [(tag.index, True)])[0] for tag in self._commands.get(name, ())]
        codes = {REFUSED[answer] for answer in answers if answer is not None}
        barred = codes - {int(StatusCodes.BadInvalidState)}
        return Answer(barred.pop()) if barred and None not in answers else None

    # ---- results ----------------------------------------------------------------------------------------------

    def _provider(self, at: Spot) -> None:
        builder = self.builder
        one = Input("JobResponse", RESPONSE, Text("作业结果", "What came of the order"))
        many = Input("JobResponses", f"{RESPONSE}[]", Text("作业结果", "What came of the orders"))
        state = Input("JobOrderState", f"{STATE}[]", Text("状态", "The state asked for"))
        for name, handler, inputs, output in (
            ("RequestJobResponseByJobOrderID", self._by_id, ID, one),
            ("RequestJobResponseByJobOrderState", self._by_state, state, many),
        ):
            declared = builder.types.method(PROVIDER, name)
            builder.method(at, f"JobControl:{name}", handler, [inputs], [output, RETURN], declared=declared)
        builder.computed(
            at, "JobControl:JobOrderResponseList", RESPONSE, self._responses, [self.good], array=True, timed=True
        )

    def _answer(self, order: Order) -> object:
        made = filled(self._parameter, ID="Good", Value=ua.Variant(order.good, ua.VariantType.Int32))
        return filled(
            self._response, JobResponseID=f"{order.id}.1", JobOrderID=order.id, StartTime=order.started,
            EndTime=order.ended, JobState=self._states(order), JobResponseData=[made],
        )  # fmt: skip

    def _responses(self, look: Look) -> object:
        return [self._answer(o) for o in self._current(look).by_id.values() if o.started is not None]

    def _by_id(self, live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
        order = self._current(live).by_id.get(str(given[0] or ""))
        if order is None:
            empty = filled(self._response, JobResponseID="", JobOrderID="", JobState=[])
            return _said(Status.UNKNOWN, ua.Variant(empty, ua.VariantType.ExtensionObject))
        return _said(Status.OK, ua.Variant(self._answer(order), ua.VariantType.ExtensionObject))

    def _by_state(self, live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
        wanted = {getattr(one, "StateNumber", None) for one in given[0]} if isinstance(given[0], list) else set()
        found = [self._answer(o) for o in self._current(live).by_id.values() if int(o.state) in wanted]
        return _said(Status.OK, ua.Variant(found, ua.VariantType.ExtensionObject, is_array=True))


def _said(status: Status, *outputs: ua.Variant) -> Answer:
    """With a bad code no output would arrive: what failed is Uncertain, and its status says why (B.2)."""
    code = StatusCodes.Good if status is Status.OK else StatusCodes.Uncertain
    return Answer(code, (*outputs, ua.Variant(int(status), ua.VariantType.UInt64)))
