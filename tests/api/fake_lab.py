"""A lab without lines: two benches that answer what a real host would, and remember what they were asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.lab import Frame, Grant, LabError, Listener
from devices.endpoint import Role
from sim.state import JsonValue

TOKENS = {(bench, role): f"{role}-of-{bench}-0123456789" for bench in (1, 2) for role in list(Role)[1:]}
TITLE: JsonValue = {"zh": "分拣", "en": "Sorting"}

CERTIFICATE: dict[str, JsonValue] = {
    "shelf": "own", "thumbprint": "ab" * 20, "name": "LineLab bench 1", "uri": "urn:linelab:bench:1",
    "issuer": "CN=LineLab bench 1", "valid_from": "2026-01-01T00:00:00+00:00",
    "valid_to": "2031-01-01T00:00:00+00:00", "valid": True,
}  # fmt: skip

ANSWERS: dict[str, JsonValue] = {
    "info": {
        "bench": 1,
        "line": {"name": "smart-factory", "title": TITLE},
        "clock": {"state": "running", "speed": 1.0, "sim_s": 12.5, "slips": 0},
        "control": {"sorting": "builtin"},
        "wires": [],
        "stations": [{"name": "sorting", "title": TITLE}],
    },
    "tags": [
        {
            "index": 0, "name": "sorting.belt_run", "station": "sorting", "signal": "belt_run", "type": "BOOL",
            "direction": "output", "title": TITLE, "unit": "", "low": None, "high": None, "decimals": 0,
            "momentary": False, "address": {"modbus": {"table": "coil", "address": 3}},
        }
    ],
    "values": [[0, True, "good"]],
    "map": "name,station\nsorting.belt_run,sorting\n",
    "layout": {"line": "smart-factory", "size": [8.0, 4.0], "stations": [], "components": []},
    "components": [
        {"name": "sorting.belt", "kind": "belt", "cycles": 3, "time_in_state_s": {"stopped": 1.5, "running": 2.5}}
    ],
    "wires": [
        {"wire": "opcua", "url": "opc.tcp://127.0.0.1:4840/", "clients": 0, "last_write": None},
        {"wire": "modbus", "url": "modbus://127.0.0.1:5020", "clients": 1, "last_write": None},
    ],
    "modbus": [
        {
            "client": "127.0.0.1:50000", "way": "TCP", "seconds": 3.5, "requests": {"3": 2}, "exceptions": {},
            "units": [1], "hints": [TITLE],
            "last": [
                {
                    "seconds_ago": 0.5, "unit": 1, "function": 3, "address": 0, "count": 1, "exception": 0,
                    "zeros": True,
                }
            ],
        }
    ],
    "faults": {"catalogue": [{"fault": "photo_eye_stuck"}], "active": []},
    "fault": {"id": "f1"},
    "maintenance": {
        "places": [], "targets": [], "categories": [], "spares": [], "jobs": [], "locked": ["sorting"], "taken": {},
        "cost": 0, "done": 0,
    },
    "maintenance_log": [
        {
            "number": 1, "target": "sorting.eye_1", "operation": "inspect", "began_s": 0.0, "ended_s": 15.0,
            "spare": None, "cost": 0, "notes": [TITLE], "figures": [], "who": None,
        }
    ],
    "maintain": {"job": 1},
    "conditions": {
        "conditions": [{"name": "warm", "title": TITLE, "description": TITLE, "run_s": 600.0, "ready": True}],
        "snapshots": [], "errors": [],
    },
    "take_snapshot": {
        "id": "ab" * 8, "name": "warm", "bench": 1, "run": "20260101T000000Z-smart-factory", "t_s": 5.0,
        "utc": "2026-01-01T00:00:00Z", "by": "instructor 10.0.0.9",
    },
    "runs": ["20260101T000000Z-smart-factory"],
    "look": {"t_s": 5.0, "replayed": 3, "values": [[0, True, "good", False]], "scene": {}, "alarms": [], "faults": []},
    "scenarios": {
        "scenarios": [
            {
                "name": "stuck_eye", "title": TITLE, "description": TITLE, "instructor": TITLE, "hints": [], "level": 4,
                "initial": True,
            }
        ],
        "errors": [],
    },
    "active": {"active": [], "scenario": None, "differs": [], "links": {}},
    "system": {"hosts": []},
    "alarms": [
        {
            "name": "sorting.jam", "title": TITLE, "message": TITLE, "priority": "high", "state": "unacknowledged",
            "active": True, "level": "on", "severity": 700, "acked": False,
        }
    ],
    "alarm_journal": {"rows": [{"id": 1, "alarm": "sorting.jam"}], "next": None},
    "certificates": [{**CERTIFICATE, "shelf": "rejected"}],
    "renew_certificate": CERTIFICATE,
    "devices": {"binding": None, "label": "MIL", "devices": [], "stations": [], "tags": []},
    "device_test": {"passed": True, "took_s": 0.6, "within_s": 1.0, "why": ""},
    "device_arm": {"lease": "ab" * 8, "seconds": 5.0},
    "device_audit": [{"utc": "2026-01-01T00:00:00.000Z", "by": "engineer", "what": "armed", "station": "sorting"}],
    "commissioning": {"utc": "2026-01-01T00:00:00.000Z", "run": "r", "stations": [], "markdown": "# r"},
    "alarm_csv": "id,ts\r\n1,2026\r\n",
    "alarm_figures": {
        "hours": 1.0, "alarms": 1, "per_10_min": 0.2, "peak_10_min": 1, "floods": 0, "chattering": [], "stale": [],
    },
}  # fmt: skip


@dataclass
class FakeClock:
    """Stands still until a test moves it."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)


class FakeTokens:
    def find(self, token: str) -> Grant | None:
        return next((Grant(*owner) for owner, known in TOKENS.items() if known == token), None)

    def of(self, bench: int, role: Role) -> str:
        return TOKENS[bench, role]


@dataclass
class Asked:
    op: str
    bench: int | None
    by: str
    role: Role
    params: dict[str, JsonValue]


@dataclass
class FakeHost:
    """Answers from a table; a test sets `refusal`, or pushes a frame to whoever follows a channel."""

    asked: list[Asked] = field(default_factory=list)
    refusal: Exception | None = None
    followers: dict[str, list[Listener]] = field(default_factory=dict)
    seq: dict[str, int] = field(default_factory=dict)
    begin_with_snap: bool = True
    benches: tuple[int, ...] = (1, 2)

    async def request(
        self, op: str, *, bench: int | None, by: str, role: Role, params: Mapping[str, JsonValue]
    ) -> JsonValue:
        self.asked.append(Asked(op, bench, by, role, dict(params)))
        if self.refusal is not None:
            raise self.refusal
        if op == "snapshot":
            return self.snap(str(params["ch"]))
        if op == "write" and params["tag"] == "sorting.nothing":
            raise LabError("unknown", {"tag": "sorting.nothing"})
        if op == "map" and params.get("format") == "pdf":
            return "JVBERi0="  # bytes cross the channel as base64
        answer = ANSWERS.get(op, {})
        return {**answer, "bench": bench} if op == "info" and isinstance(answer, dict) else answer

    def snap(self, channel: str) -> Frame:
        return {"ch": channel, "k": "snap", "seq": self.seq.get(channel, 0)}

    def subscribe(self, channel: str, listener: Listener) -> Callable[[], None]:
        followers = self.followers.setdefault(channel, [])
        followers.append(listener)
        if self.begin_with_snap:
            listener(self.snap(channel))
        return lambda: followers.remove(listener)

    def push(self, channel: str, **content: JsonValue) -> None:
        """A change on a channel, to all who follow it."""
        self.seq[channel] = self.seq.get(channel, 0) + 1
        for listener in list(self.followers.get(channel, ())):
            listener({"ch": channel, "k": "ev", "seq": self.seq[channel], **content})

    def of(self, op: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.op == op]
