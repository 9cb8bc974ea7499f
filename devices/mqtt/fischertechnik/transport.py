"""A vehicle of the contract: node, bays, battery, docking and errors as VDA 5050 would say them. Sans-I/O.

The fleet's own control chooses vehicle and way, so a vehicle takes no navigation order: transports are asked for by
`orders.trip_…`.
"""

import uuid

from devices.endpoint import Client
from devices.mqtt.fischertechnik.device import Device
from devices.mqtt.fischertechnik.factory import IDS, Factory, Job, Vehicle, colour
from devices.mqtt.fischertechnik.messages import Document, InstantAction
from sim.state import JsonValue

DRIVES, DOCKS, WAITS_FOR_PART, WAITS_TO_GIVE, LEAVES, CHARGES = 3, 4, 5, 6, 7, 8
ACTIONS = {
    DRIVES: ("PASS", "RUNNING"), DOCKS: ("DOCK", "RUNNING"), WAITS_FOR_PART: ("DOCK", "FINISHED"),
    WAITS_TO_GIVE: ("DOCK", "FINISHED"),
}  # fmt: skip
ERRORS = {9: ("COLLISION", "WARNING"), 10: ("DOCK_ERROR", "FATAL"), 11: ("BATTERY_FLAT", "FATAL")}
PAUSED = 12
ON_BOARD = (4, 5)  # states of a transport whose part is on the vehicle


class VehicleDevice(Device):
    """Implements `Voice`. The battery is told in whole percent."""

    kind = "fts"

    def __init__(self, factory: Factory, vehicle: Vehicle, prefix: str = "") -> None:
        indexes = factory.indexes(vehicle.tag(""), "orders.trip_", "orders.job_")
        super().__init__(factory, vehicle.serial, prefix, indexes)
        self._vehicle = vehicle
        self._last: tuple[str, str] | None = None
        self._legs = 0
        self._nodes = 0
        self._node = 0

    def look(self) -> None:
        now = ACTIONS.get(self._read("state"))
        if now is None and self._last is not None:
            now = self._last[0], "FINISHED"
        if now is not None and now != self._last:
            self._legs += now[1] == "RUNNING"
            self._last = now
        if self._read("node") != self._node:
            self._node, self._nodes = self._read("node"), self._nodes + 1
        self.say()

    def _read(self, signal: str) -> int:
        return self._factory.number(self._vehicle.tag(signal))

    def _jobs(self) -> list[Job]:
        """Pieces whose transport this vehicle does."""
        return [j for j in self._factory.jobs() if j.vehicle == self._vehicle.number and 2 <= j.trip <= 5]

    def state(self) -> Document:
        state, jobs = self._read("state"), self._jobs()
        order_id = self._factory.order_id(jobs[0].order) if jobs else ""
        return {
            "orderId": order_id,
            "orderUpdateId": self._legs,
            "lastNodeId": self.at,
            "lastNodeSequenceId": self._nodes,
            "nodeStates": [],
            "edgeStates": [],
            "driving": state in (DRIVES, DOCKS),
            "waitingForLoadHandling": state in (WAITS_FOR_PART, WAITS_TO_GIVE),
            "paused": state == PAUSED,
            "batteryState": {"charging": state == CHARGES, "percentage": self.battery},
            "errors": self._all_errors(state),
            "load": self._load(jobs),
            "actionState": self._action_state(),
        }

    def _action_state(self) -> JsonValue:
        if self._last is None:
            return None
        command, state = self._last
        return {
            "id": str(uuid.uuid5(IDS, f"{self._life}/{self.serial}/{self._legs}")),
            "command": command,
            "state": state,
        }

    def _all_errors(self, state: int) -> list[JsonValue]:
        found: list[JsonValue] = [*self._errors]
        if state in ERRORS:
            found.append(self.error(*ERRORS[state]))
        return found

    def _load(self, jobs: list[Job]) -> list[JsonValue]:
        """As many as the vehicle says; what they are is known of those that jobs wait for."""
        types: list[str | None] = [colour(job.type) for job in jobs if job.trip in ON_BOARD]
        total = self._read("loads")
        return [
            {"loadId": None, "loadType": type_, "loadPosition": str(bay)}
            for bay, type_ in enumerate((types + [None] * total)[:total], 1)
        ]

    def order(self, client: Client) -> str:
        self.complain("ACTION_DISMISSED", "WARNING", ("reason", "the fleet's control chooses vehicle and way"))
        return "navigation order"

    def act(self, client: Client, action: InstantAction) -> None:
        self._errors = []
        if action.type == "factsheetRequest":
            self.tell_factsheet()
        else:
            self.complain("ACTION_DISMISSED", "WARNING", ("reason", "actionType"), ("actionType", action.type))

    def factsheet(self) -> Document:
        return {
            "typeSpecification": {"seriesName": "LineLab matrix production", "agvClass": "CARRIER"},
            "protocolFeatures": {"instantActions": [{"actionType": "factsheetRequest"}]},
        }

    # ---- for control's list

    @property
    def at(self) -> str:
        """Serial number of the module at whose dock it is or was, else the number of the node."""
        node = self._read("node")
        return self._factory.serial_at(node) or str(node)

    @property
    def battery(self) -> int:
        return round(float(self._factory.value(self._vehicle.tag("battery"))))

    @property
    def charging(self) -> bool:
        return self._read("state") == CHARGES

    @property
    def available(self) -> str:
        state = self._read("state")
        return "BLOCKED" if state in ERRORS or state == PAUSED else "READY" if state in (1, CHARGES) else "BUSY"
