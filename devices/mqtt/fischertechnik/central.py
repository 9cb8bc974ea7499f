"""Control of the contract as a `Voice`: orders, stock, flows, layout, devices; and all that is asked of devices.

Sans-I/O. Makes no decision: an order goes to the order desk of the line, a call to the module.
"""

from collections.abc import Iterator, Sequence

from devices.endpoint import Client
from devices.mqtt.fischertechnik import messages
from devices.mqtt.fischertechnik.answering import Answering, Take
from devices.mqtt.fischertechnik.factory import COLOURS, ROUTES, Factory
from devices.mqtt.fischertechnik.layout import Plan, empty_plan
from devices.mqtt.fischertechnik.messages import Document, encode
from devices.mqtt.fischertechnik.module import ModuleDevice
from devices.mqtt.fischertechnik.transport import VehicleDevice
from devices.mqtt.packets import Publish
from sim.state import JsonValue


class Central(Answering):
    """Implements `Voice`."""

    name = "ccu"

    def __init__(
        self,
        factory: Factory,
        modules: Sequence[ModuleDevice],
        vehicles: Sequence[VehicleDevice],
        prefix: str = "",
        plan: Plan | None = None,
    ) -> None:
        super().__init__(factory, prefix, "orders.", "store.book_cell_", "fleet.")
        self._modules, self._vehicles = tuple(modules), tuple(vehicles)
        self._plan = plan or empty_plan(factory)
        self._asked = {
            f"{prefix}ccu/order/request": self._request,
            f"{prefix}ccu/order/cancel": self._cancel,
        }
        for module in self._modules:
            root = f"{prefix}module/v1/ff/{module.serial}"
            self._asked[f"{root}/order"] = self._order_of(module)
            self._asked[f"{root}/instantAction"] = self._act_of(module)
        for vehicle in self._vehicles:
            root = f"{prefix}fts/v1/ff/{vehicle.serial}"
            self._asked[f"{root}/order"] = self._navigation_of(vehicle)
            self._asked[f"{root}/instantAction"] = self._act_of(vehicle)

    @property
    def about(self) -> str:
        return f"fischertechnik APS, {', '.join(self.readable)}"

    @property
    def readable(self) -> tuple[str, ...]:
        # whole trees: exercises subscribe with wildcards
        return tuple(f"{self._prefix}{tree}/#" for tree in ("ccu", "module/v1/ff", "fts/v1/ff"))

    def prepare(self) -> Publish:
        return self._message("ccu/pairing/state", self._pairing(connected=False), 1, True)

    def farewell(self) -> Iterator[Publish]:
        yield self.prepare()

    # ---- what is asked

    def _request(self, client: Client, payload: bytes) -> str:
        request = messages.order_request(payload)
        if request is None:
            return "payload"
        # raw parts come by themselves when a type is short
        number, why = (0, "storage") if request.storage else self._desk.place(client, request.type)
        document: Document = self._desk.document(number) if number else self._no_order(request, why)
        if request.request_id is not None:
            document["requestId"] = request.request_id
        self._waiting.append(self._message("ccu/order/response", document, 2, False))
        return why

    def _no_order(self, request: messages.OrderRequest, why: str) -> Document:
        return {
            "orderId": "",
            "orderType": "STORAGE" if request.storage else "PRODUCTION",
            "type": COLOURS[request.type - 1],
            "timestamp": self._now(),
            "productionSteps": [],
            "state": "ERROR",
            "reason": why,
        }

    def _cancel(self, client: Client, payload: bytes) -> str:
        ids = messages.cancellations(payload)
        if ids is None:
            return "payload"
        return ", ".join(filter(None, (self._desk.cancel(client, name) for name in ids)))

    def _order_of(self, module: ModuleDevice) -> Take:
        def take(client: Client, payload: bytes) -> str:
            order = messages.module_order(payload)
            return "payload" if order is None else module.order(client, order)

        return take

    def _act_of(self, device: ModuleDevice | VehicleDevice) -> Take:
        def take(client: Client, payload: bytes) -> str:
            actions = messages.instant_actions(payload)
            for action in actions or ():
                device.act(client, action)
            return "" if actions else "payload"

        return take

    def _navigation_of(self, vehicle: VehicleDevice) -> Take:
        def take(client: Client, payload: bytes) -> str:
            return vehicle.order(client) if messages.readable(payload) else "payload"

        return take

    # ---- what is said

    def _look(self) -> None:
        self._desk.look()
        self._say("ccu/order/active", self._desk.active(), 2)
        self._say("ccu/order/completed", self._desk.completed(), 2)
        self._say("ccu/state/stock", {"stockItems": self._stock()}, 1, "ts")
        self._say("ccu/pairing/state", self._pairing(connected=True), 1)
        self._say("ccu/state/flows", self._flows(), 1)
        self._say("ccu/state/layout", self._plan.layout, 1)
        self._say("ccu/state/config", self._config(), 1)

    def _say(self, topic: str, document: JsonValue, qos: int, stamp: str = "") -> None:
        """Only what is news, retained; the time is put in when it is told."""
        if topic in self._told and self._told[topic] == document:
            return
        self._told[topic] = document
        if stamp and isinstance(document, dict):
            document = {stamp: self._now(), **document}
        self._waiting.append(self._message(topic, document, qos, True))

    def _stock(self) -> list[JsonValue]:
        """The cells that are full, as the book has them. Which piece lies where the book does not know: no id."""
        store = self._factory.serial_at(1)
        return [
            {"workpiece": {"id": "", "type": COLOURS[type_ - 1], "state": "RAW"}, "location": cell, "hbw": store}
            for cell, type_ in self._factory.stock()
            if 1 <= type_ <= len(COLOURS)
        ]

    def _flows(self) -> Document:
        return {
            COLOURS[type_ - 1]: {"steps": [m.type for n in route if (m := self._factory.module_of(n)) is not None]}
            for type_, route in ROUTES.items()
        }

    def _config(self) -> Document:
        fts: Document = {} if self._plan.charge_below_pct is None else {
            "chargeThresholdPercent": self._plan.charge_below_pct
        }  # fmt: skip
        return {
            "productionDurations": {},
            "productionSettings": {"maxParallelOrders": self._factory.jobs_total},
            "ftsSettings": fts,
        }

    def _pairing(self, *, connected: bool) -> Document:
        return {
            "modules": [
                {
                    "serialNumber": module.serial,
                    "type": "MODULE",
                    "subType": module.module.type,
                    "connected": connected,
                    "available": module.available,
                }
                for module in self._modules
            ],
            "transports": [
                {
                    "serialNumber": vehicle.serial,
                    "type": "FTS",
                    "connected": connected,
                    "available": vehicle.available,
                    "charging": vehicle.charging,
                    "batteryPercentage": vehicle.battery,
                    "lastNodeId": vehicle.at,
                }
                for vehicle in self._vehicles
            ],
        }

    def _message(self, topic: str, document: JsonValue, qos: int, retain: bool) -> Publish:
        return Publish(f"{self._prefix}{topic}", encode(document), qos, retain)
