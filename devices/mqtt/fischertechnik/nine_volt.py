"""The topics of the 9V training factory as a `Voice`, for what this line has: stations, stock, orders, the tag reader.

Under `f/…`, and under `/j1/txt/1/f/…` where the newer equipment has the same. Environment sensor, brightness sensor,
camera picture and pan-tilt unit are not there, so their topics stay silent. Sans-I/O.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from devices.endpoint import Client
from devices.mqtt.fischertechnik import messages
from devices.mqtt.fischertechnik.answering import Answering, Take
from devices.mqtt.fischertechnik.factory import Factory, Order, colour
from devices.mqtt.fischertechnik.messages import Document, encode
from devices.mqtt.fischertechnik.module import RESET
from devices.mqtt.fischertechnik.reader import Reader
from devices.mqtt.packets import Publish
from sim.packml import State
from sim.state import JsonValue

TXT = "/j1/txt/1/"
READY, BUSY, ERROR = 1, 2, 4  # codes as the lamps of a station: green, yellow, red
ORDER_WORDS = {1: "ORDERED", 2: "IN_PROCESS", 3: "SHIPPED"}
WAITING = "WAITING_FOR_ORDER"


@dataclass(frozen=True, slots=True)
class Station:
    """A station of the 9V equipment and what stands for it here: a port of a module, or the fleet."""

    name: str
    station: str
    port: str = "port"


STATIONS = (
    Station("hbw", "store"),
    Station("vgr", "fleet"),  # what carries parts between stations
    Station("mpo", "oven"),
    Station("sld", "quality"),  # what tells colours apart and sorts out
    Station("dsi", "delivery", "in_port"),
    Station("dso", "delivery", "out_port"),
)
DOCKS = {1: "hbw", 4: "mpo", 5: "sld", 6: "dso", 7: "dsi"}  # drill and mill have no counterpart


class NineVolt(Answering):
    """Implements `Voice`."""

    name = "txt"

    def __init__(self, factory: Factory, prefix: str = "") -> None:
        self._stations = tuple(s for s in STATIONS if factory.has(f"{s.station}.state"))
        super().__init__(
            factory, prefix,
            *(f"{s.station}.state" for s in self._stations),
            *(f"{s.station}.{s.port}_{word}" for s in self._stations for word in ("action", "state")),
            *("store.book_cell_", "orders.desk_line_", "fleet.control_under_way", "fleet.agv_", "delivery.tag_"),
        )  # fmt: skip
        self._reader = Reader(factory)
        self._order: Order | None = None  # the last that came, from whatever wire
        self._reading: Client | None = None  # who asked for the tag
        takes: dict[str, Take] = {"f/o/order": self._order_piece, "f/o/state/ack": self._acknowledge,
                                  "f/o/nfc/ds": self._nfc}  # fmt: skip
        self._asked = {f"{prefix}{root}{topic}": take for root in ("", TXT) for topic, take in takes.items()}

    @property
    def about(self) -> str:
        return f"fischertechnik 9V, {', '.join(self.readable)}"

    @property
    def readable(self) -> tuple[str, ...]:
        return f"{self._prefix}f/#", f"{self._prefix}{TXT}#"

    def prepare(self) -> Publish:
        """The equipment has no last will: an order state that is true of a factory that is away."""
        return self._message("f/i/order", {"ts": self._now(), "state": WAITING, "type": ""}, False)

    def farewell(self) -> Iterator[Publish]:
        return iter(())

    # ---- what is asked

    def _order_piece(self, client: Client, payload: bytes) -> str:
        request = messages.order_request(payload)
        return "payload" if request is None else self._desk.place(client, request.type)[1]

    def _acknowledge(self, client: Client, payload: bytes) -> str:
        """Clear and reset what has stopped, and let vehicles dock again."""
        if not messages.readable(payload):
            return "payload"
        refused = [self._wake(client, station) for station in self._factory.view.tags.stations]
        return ", ".join(filter(None, refused))

    def _wake(self, client: Client, station: str) -> str:
        state = self._factory.state(station)
        command = RESET.get(state) if state is not None else None
        if command is None or not self._factory.has(f"{station}.{command}"):
            return ""
        refusal = self._factory.view.request(client, [(self._factory.index(f"{station}.{command}"), True)])[0]
        return refusal.value if refusal is not None else ""

    def _nfc(self, client: Client, payload: bytes) -> str:
        """The reader belongs to the station: it needs the key switch of `delivery` on `mqtt`."""
        command = messages.nfc_command(payload)
        if command is None or not self._factory.has("delivery.tag_read"):
            return "payload"
        writes: list[tuple[int, object]] = [(self._factory.index("delivery.tag_read"), True)]
        if command == "delete":
            writes = [
                (self._factory.index("delivery.tag_value"), 0),
                (self._factory.index("delivery.tag_write"), True),
            ]
        refusal = next((one for one in self._factory.view.request(client, writes) if one is not None), None)
        if refusal is not None:
            return refusal.value
        self._reading = client
        return ""

    # ---- what is said

    def _look(self) -> None:
        for station in self._stations:
            self._say(f"f/i/state/{station.name}", self._state(station))
        self._say("f/i/stock", {"stockItems": list(self._stock())})
        self._say("f/i/order", self._order_state())
        for uid, kind in self._reader.read():
            self._told.pop("f/i/nfc/ds", None)  # each reading is news, whatever it reads
            piece: Document = {"id": uid, "type": colour(kind) or "", "state": "RAW"}
            self._say("f/i/nfc/ds", {"workpiece": piece, "history": []})
        if self._factory.value("delivery.tag_done", False):
            self._let_go()

    def _let_go(self) -> None:
        client, self._reading = self._reading, None
        if client is not None:
            writes = [(self._factory.index(f"delivery.tag_{word}"), False) for word in ("read", "write")]
            self._factory.view.request(client, writes)

    def _state(self, station: Station) -> Document:
        busy, error, target = self._fleet() if station.station == "fleet" else self._port(station)
        stopped = self._factory.state(station.station) in (State.ABORTED, State.ABORTING, State.STOPPED)
        code = ERROR if error or stopped else BUSY if busy else READY
        return {"station": station.name, "code": code, "description": "", "active": int(busy), "target": target}

    def _port(self, station: Station) -> tuple[bool, bool, str]:
        action, state = (self._factory.number(f"{station.station}.{station.port}_{w}") for w in ("action", "state"))
        return action != 0 and state not in (0, 6), state == 6, ""

    def _fleet(self) -> tuple[bool, bool, str]:
        """Busy with a transport; its target is where the first vehicle under way goes."""
        going = [v for v in self._factory.vehicles if self._factory.number(v.tag("to"))]
        names = [DOCKS.get(self._factory.number(vehicle.tag("to")), "") for vehicle in going]
        busy = self._factory.number("fleet.control_under_way") > 0
        return busy, bool(self._factory.value("fleet.control_error", False)), names[0] if busy and names else ""

    def _stock(self) -> Iterator[JsonValue]:
        for cell, type_ in self._factory.stock():
            name = colour(type_)
            piece: JsonValue = {"id": "", "type": name, "state": "RAW"} if name else None
            yield {"workpiece": piece, "location": cell}

    def _order_state(self) -> Document:
        """Of the order that was begun last; the equipment makes one at a time."""
        orders = [order for order in self._factory.orders() if order.number and order.state]
        now = max((o for o in orders if o.open), key=lambda o: (o.state, -o.number), default=None)
        if now is None and self._order is not None:
            now = next((o for o in orders if o.number == self._order.number), None)
        self._order = now
        state = ORDER_WORDS.get(now.state, WAITING) if now is not None else WAITING
        return {"state": state, "type": colour(now.type) if now is not None and state != WAITING else ""}

    def _say(self, topic: str, document: Document) -> None:
        if self._told.get(topic) == document:
            return
        self._told[topic] = document
        stamped: Document = {"ts": self._now(), **document}
        self._waiting.append(self._message(topic, stamped, True))
        if topic == "f/i/stock":
            self._waiting.append(self._message(f"{TXT}{topic}", stamped, True))

    def _message(self, topic: str, document: JsonValue, retain: bool) -> Publish:
        return Publish(f"{self._prefix}{topic}", encode(document), 1, retain)
