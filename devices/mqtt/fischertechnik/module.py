"""A module of the contract: its state as VDA 5050 would say it, and orders that a client gives it directly.

A direct order is control's call of the module, so it needs the station `orders` in the hands of that client (key switch
on `mqtt`); the module itself goes on by its own program, as the equipment's does. Sans-I/O.
"""

import uuid
from dataclasses import dataclass

from devices.endpoint import Client
from devices.mqtt.fischertechnik.device import Device
from devices.mqtt.fischertechnik.factory import IDS, STORE, Factory, Module, Seat, colour
from devices.mqtt.fischertechnik.messages import Document, InstantAction, ModuleOrder
from devices.mqtt.fischertechnik.progress import Action, Progress
from sim.packml import State
from sim.state import JsonValue

PAUSED = (State.HOLDING, State.HELD, State.SUSPENDING, State.SUSPENDED)
RESET = {State.ABORTED: "cmd_clear", State.STOPPED: "cmd_reset", State.COMPLETE: "cmd_reset"}
VERDICTS = {1: "PASSED", 2: "FAILED"}
TAKE_IN, BRING_OUT = 20, 10  # added to the type, at the store


@dataclass(slots=True)
class Direct:
    """An order that a client gave, from when it came in until its command has ended."""

    client: Client
    order: ModuleOrder
    seat: Seat
    request: bool  # control's request is up
    begun: int = 0  # the command of the module that does it; 0: it has not begun


class ModuleDevice(Device):
    """Implements `Voice`."""

    def __init__(self, factory: Factory, module: Module, prefix: str = "") -> None:
        station = module.station
        stock = [f"{station}.book_cell_"] if module.type == "HBW" else []
        calls = [f"orders.{seat.call}_" for seat in module.seats]
        watched = [f"{station}.{word}" for word in ("state", "control", "estop_ok", "tray_part", "oven_part")]
        ports = [f"{station}.{seat.port}_" for seat in module.seats]
        indexes = factory.indexes(*watched, *ports, *calls, *stock, "orders.job_")
        super().__init__(factory, module.serial, prefix, indexes)
        self.module = module
        self._progress = {seat: Progress(seat) for seat in module.seats}
        self._seat = module.seats[0]
        self._action: Action | None = None
        self._asked: ModuleOrder | None = None  # whose ids the present command carries
        self._direct: Direct | None = None
        self._updates: dict[str, int] = {}  # order id -> the last update, of the last direct orders
        self._refused: Document | None = None

    # ---- what it does

    def look(self) -> None:
        for seat, progress in self._progress.items():
            action, state = (
                self._factory.number(f"{self.module.station}.{seat.port}_{w}") for w in ("action", "state")
            )
            direct = self._direct
            wanted = direct.order.command if direct is not None and direct.seat is seat and not direct.begun else ""
            for each in progress.see(action, state, wanted):
                self._came(seat, each)
        self._take_back()
        self.say()

    def _came(self, seat: Seat, action: Action) -> None:
        direct = self._direct
        if self._action is None or action.begun != self._action.begun or seat is not self._seat:
            self._asked = None
        self._seat, self._action, self._refused = seat, action, None
        if direct is not None and direct.seat is seat and direct.order.command == action.command and not direct.begun:
            direct.begun = action.begun
        if direct is not None and direct.begun == action.begun and direct.seat is seat:
            self._asked = direct.order
            if action.ended:
                self._direct = direct if direct.request else None
        self.say()

    def _take_back(self) -> None:
        """Control's request has been answered: let it fall, so that the module goes on."""
        direct = self._direct
        if direct is None or not direct.request:
            return
        call = f"orders.{direct.seat.call}"
        if self._factory.value(f"{call}_done") or self._factory.value(f"{call}_failed"):
            self._factory.view.request(direct.client, [(self._factory.index(f"{call}_request"), False)])
            direct.request = False
            if self._action is not None and self._action.begun == direct.begun and self._action.ended:
                self._direct = None

    # ---- what it is asked

    def order(self, client: Client, order: ModuleOrder) -> str:
        """Do it; empty where it is under way, else why not."""
        why = self._unfit(order) or self._begin(client, order)
        self._errors = []
        if why:
            self._refused = self._action_document(order.action_id, order.command, "FAILED")
            self.complain("Validation", "WARNING", ("reason", why), ("orderId", order.order_id))
        else:
            self._updates[order.order_id] = order.update_id
            self._refused = None
            for old in list(self._updates)[:-20]:
                del self._updates[old]
            self.say()
        return why

    def _unfit(self, order: ModuleOrder) -> str:
        if order.command not in self._commands():
            return "command"
        if self._direct is not None:
            return "busy"
        if order.update_id <= self._updates.get(order.order_id, -1):
            return "orderUpdateId"
        needs_type = self.module.type in ("HBW", "DPS") or order.command == "CHECK_QUALITY"
        return "metadata.type" if needs_type and not order.type else ""

    def _begin(self, client: Client, order: ModuleOrder) -> str:
        seat = self._seat_for(order.command)
        call = f"orders.{seat.call}"
        calls = self.module.type in ("HBW", "DPS") or order.command == self.module.work
        writes: list[tuple[int, object]] = [(self._factory.index(f"{call}_request"), calls)]
        if calls:
            writes.insert(0, (self._factory.index(f"{call}_command"), self._number(seat, order)))
            if self._factory.value(f"{call}_request"):
                return "busy"  # a request of somebody else is up still
        refusal = next((one for one in self._factory.view.request(client, writes) if one is not None), None)
        if refusal is not None:
            return refusal.value
        self._direct = Direct(client, order, seat, calls)
        now = self._progress[seat].action
        if not calls and now is not None and now.command == order.command and self._seat is seat:
            self._came(seat, now)  # it does so by itself, and is at it or has done it
        return ""

    def _number(self, seat: Seat, order: ModuleOrder) -> int:
        base = 0 if seat.number != STORE else TAKE_IN if order.command == "PICK" else BRING_OUT
        return base + (order.type or 1)

    def _seat_for(self, command: str) -> Seat:
        return next(seat for seat in self.module.seats if command in seat.commands.values())

    def _commands(self) -> list[str]:
        return list(dict.fromkeys(word for seat in self.module.seats for word in seat.commands.values()))

    def act(self, client: Client, action: InstantAction) -> None:
        self._errors = []
        if action.type == "factsheetRequest":
            self.tell_factsheet()
        elif action.type == "reset":
            self._reset(client)
        else:
            self.complain("Validation", "WARNING", ("reason", "actionType"), ("actionType", action.type))

    def _reset(self, client: Client) -> None:
        state = self._factory.state(self.module.station)
        command = RESET.get(state) if state is not None else None
        if command is not None:
            index = self._factory.index(f"{self.module.station}.{command}")
            refusal = self._factory.view.request(client, [(index, True)])[0]
            if refusal is not None:
                self.complain("Validation", "WARNING", ("reason", refusal.value))

    # ---- what it says

    def state(self) -> Document:
        job = self._factory.job_at(tuple(seat.number for seat in self.module.seats))
        station = self._factory.state(self.module.station)
        asked = self._asked or (self._direct.order if self._direct is not None else None)
        order_id = asked.order_id if asked else self._factory.order_id(job.order) if job else ""
        return {
            "type": self.module.type,
            "orderId": order_id,
            "orderUpdateId": asked.update_id if asked else self._action.begun if self._action else 0,
            "paused": station in PAUSED,
            "actionState": self._action_state(),
            "errors": list(self._all_errors()),
            "loads": list(self._loads(job.type if job else 0)),
            "operatingMode": "AUTOMATIC",
            "metadata": {"stationState": station.name if station is not None else None},
        }

    def _action_state(self) -> JsonValue:
        direct = self._direct
        if self._refused is not None:
            return self._refused
        if direct is not None and not direct.begun:
            return self._action_document(direct.order.action_id, direct.order.command, "WAITING")
        action = self._action
        if action is None:
            return None
        name = str(uuid.uuid5(IDS, f"{self._life}/{self.serial}/{action.begun}"))
        document = self._action_document(self._asked.action_id if self._asked else name, action.command, action.state)
        verdict = VERDICTS.get(self._factory.number("orders.quality_answer"))
        if action.command == "CHECK_QUALITY" and action.state == "FINISHED" and verdict:
            document["result"] = verdict
        return document

    def _action_document(self, name: str, command: str, state: str) -> Document:
        return {"id": name, "command": command, "state": state, "metadata": {}}

    def _all_errors(self) -> list[JsonValue]:
        found: list[JsonValue] = [*self._errors]
        if self._action is not None and self._action.state == "FAILED":
            found.append(self.error(f"{self._action.command}_ERROR", "FATAL"))
        if not self._factory.value(f"{self.module.station}.estop_ok", True):
            found.append(self.error("EMERGENCY_STOP", "FATAL"))
        return found

    def _loads(self, kind: int) -> list[JsonValue]:
        if self.module.type == "HBW":
            return [
                {"loadId": None, "loadType": colour(type_), "loadPosition": cell}
                for cell, type_ in self._factory.stock()
                if type_
            ]
        parts = ("tray_part", "oven_part")
        if any(self._factory.value(f"{self.module.station}.{part}", False) for part in parts):
            return [{"loadId": None, "loadType": colour(kind), "loadPosition": "MODULE"}]
        return []

    def factsheet(self) -> Document:
        actions: list[JsonValue] = [{"actionType": command} for command in self._commands()]
        return {
            "typeSpecification": {"seriesName": "LineLab matrix production", "moduleClass": self.module.type},
            "protocolFeatures": {
                "moduleActions": actions,
                "instantActions": [{"actionType": "factsheetRequest"}, {"actionType": "reset"}],
            },
        }

    @property
    def available(self) -> str:
        """READY, BUSY or BLOCKED, as control lists it."""
        if self._factory.state(self.module.station) not in (State.EXECUTE, *PAUSED):
            return "BLOCKED"
        return "BUSY" if self._action is not None and not self._action.ended else "READY"
