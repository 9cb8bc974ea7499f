"""A bench that plays the scripted line: what a host would know and answer, for the fake server of the page."""

import asyncio
import contextlib
import heapq
import json
import math
from itertools import count

from fastapi import WebSocket
from fastapi.responses import JSONResponse
from starlette.websockets import WebSocketDisconnect

from tests.web import fake_script as script

WIRES = {"modbus": "modbus://127.0.0.1:5020", "opcua": "opc.tcp://127.0.0.1:4840/", "mqtt": "mqtt://127.0.0.1:1883"}
WAYS = {
    ("start", 4): (3, 6),
    ("stop", 6): (7, 2),
    ("stop", 11): (7, 2),
    ("reset", 2): (15, 4),
    ("reset", 9): (1, 2, 15, 4),
}
JOG_STATES = {2, 4, 9, 11}
STUCK = [
    {
        "name": "value", "title": script.text("固定值", "stuck at"), "default": True, "low": None, "high": None,
        "choices": [True, False],
    }
]  # fmt: skip
FAULTS = [
    {"fault": fault, "title": script.text(zh, en), "targets": [target], "parameters": STUCK if seam == "signal" else []}
    for fault, seam, zh, en, target in [
        ("photo_eye_stuck", "signal", "光电传感器卡滞", "Photo-eye stuck", "sorting.eye_in"),
        ("belt_slip", "parameter", "输送带打滑", "Belt slips", "sorting.belt"),
        ("part_jam", "disturbance", "工件卡住", "A part jams", "inspection.belt"),
        ("modbus_late", "link", "Modbus 应答延迟", "Modbus answers late", "modbus"),
    ]
]


class FakeBench:
    """The line as it plays, and everything the routes answer from."""

    def __init__(self) -> None:
        self.tags = script.tags()
        self.index = {str(t["name"]): i for i, t in enumerate(self.tags)}
        self.layout = script.layout()
        self.feeds: dict[WebSocket, set[str]] = {}
        self.seq = {"line": 0, "tags": 0, "wires": 0, "faults": 0}
        self.requests: list[tuple[str, dict[str, object]]] = []
        self.mono = 0.0
        self.restart()

    def restart(self) -> None:
        self.sim, self.speed, self.frozen = 0.0, 1.0, False
        self.queue: list[tuple[float, int, tuple[float, str, str, object]]] = []
        self.order, self.serial, self.next_part = count(), 0, 0.6
        self.moves = {f"{s}.belt": [0.0, 0.0, script.BELT_V, None] for s in script.STATIONS}
        self.moves["machining.stopper"] = [0.0, 0.0, 0.0, None]
        self.parts: dict[str, dict[str, object]] = {}
        self.states = dict.fromkeys(script.STATIONS, 6)
        self.control = dict.fromkeys(script.STATIONS, "builtin")
        self.steps = {f"{s}.main": "wait" for s in script.STATIONS}
        self.values: list[object] = [self.initial(t) for t in self.tags]
        self.out: list[list[object]] = []
        self.changed: set[int] = set()
        self.faults: list[dict[str, object]] = []
        self.last_write: dict[str, object] | None = None

    def initial(self, tag: dict[str, object]) -> object:
        signal = str(tag["signal"])
        if tag["type"] == "BOOL":
            return signal in ("estop_ok", "lamp_run", "stack_green", "belt_run")
        return 6 if signal == "state" else 200.0 if signal == "belt_speed" else 0

    # ---- time ----------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self.frozen:
            self.sim += (now - self.mono) * self.speed
        self.mono = now
        self.play()

    def play(self) -> None:
        while self.next_part <= self.sim + 1:
            self.serial += 1
            for event in script.part_script(self.serial, self.next_part):
                heapq.heappush(self.queue, (event[0], next(self.order), event))
            self.next_part += script.PITCH_S
        while self.queue and self.queue[0][0] <= self.sim:
            self.happen(*heapq.heappop(self.queue)[2])
        self.analogue()

    def happen(self, t: float, kind: str, subject: str, data: object) -> None:
        if kind == "tag":
            self.set(subject, data)
            return
        if kind in ("part", "verdict") and subject not in self.parts:
            return  # taken out by hand
        if kind == "part":
            self.place(subject, data)
        elif kind == "new":
            self.parts[subject] = {"colour": data["colour"], "verdict": None, "at": ["in", "infeed.feeder", None]}
        elif kind == "verdict":
            self.parts[subject]["verdict"] = data
        elif kind == "move":
            self.moves[subject] = [t, *data]
        elif kind == "state":
            self.states[subject] = data
            self.set(f"{subject}.state", data)
        self.out.append([t, kind, int(subject) if subject.isdigit() else subject, data])

    def place(self, serial: str, at: list[object]) -> None:
        self.parts[serial]["at"] = at
        if at[0] == "gone":
            del self.parts[serial]
        if at[0] == "in" and str(at[1]).startswith("sorting.bin"):
            inside = [s for s, p in self.parts.items() if p["at"][1] == at[1]]
            if len(inside) > 7:
                for old in inside:
                    self.happen(self.sim, "part", old, ["gone", "emptied"])

    def analogue(self) -> None:
        for i, tag in enumerate(self.tags):
            name = str(tag["signal"])
            if name.endswith("current"):
                self.put(i, round(0.9 + 0.1 * math.sin(self.sim * 1.3 + i), 1))
            elif name == "time_in_state":
                self.put(i, int(self.sim))
            elif name == "spindle_temperature":
                self.put(i, round(38 + 4 * math.sin(self.sim / 9), 1))

    def put(self, i: int, value: object) -> None:
        if self.values[i] != value:
            self.values[i] = value
            self.changed.add(i)

    def set(self, name: str, value: object) -> None:
        if name in self.index:
            self.put(self.index[name], value)

    def enter(self, station: str, *states: int) -> None:
        for k, state in enumerate(states):
            heapq.heappush(
                self.queue, (self.sim + 0.4 * k, next(self.order), (self.sim + 0.4 * k, "state", station, state))
            )
        for colour, when in (("green", {6}), ("yellow", {2, 4, 11}), ("red", {9})):
            self.set(f"{station}.stack_{colour}", states[-1] in when)

    # ---- frames --------------------------------------------------------------------------------------------------

    def clk(self) -> dict[str, float]:
        return {"sim": self.sim, "mono": self.mono, "rate": 0.0 if self.frozen else self.speed}

    def snap(self, kind: str) -> dict[str, object]:
        head = {"ch": f"{kind}:1", "k": "snap", "seq": self.seq[kind]}
        if kind == "line":
            body = {
                "clk": self.clk(),
                "moves": self.moves,
                "parts": self.parts,
                "st": self.states,
                "control": self.control,
                "steps": self.steps,
            }
            return head | body
        if kind == "tags":
            return head | {"v": [[i, v, "uncertain" if i == 3 else "good"] for i, v in enumerate(self.values)]}
        return head | ({"wires": self.wires()} if kind == "wires" else {"active": self.faults})

    def wires(self) -> list[dict[str, object]]:
        return [
            {
                "wire": wire,
                "url": url,
                "clients": int(wire == "modbus"),
                "last": self.last_write if wire == "modbus" else None,
                "requests": 1520 if wire == "modbus" else 0,
                "refused": 1,
                "rejected": 0,
            }
            for wire, url in WIRES.items()
        ]

    async def send(self, kind: str, frame: dict[str, object]) -> None:
        text = json.dumps(frame)
        for socket, channels in list(self.feeds.items()):
            if f"{kind}:1" in channels:
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await socket.send_text(text)

    async def delta(self, kind: str, body: dict[str, object]) -> None:
        self.seq[kind] += 1
        await self.send(kind, {"ch": f"{kind}:1", "k": "ev", "seq": self.seq[kind]} | body)

    async def run(self) -> None:
        self.mono = asyncio.get_running_loop().time()
        said = 1.0
        for turn in count():
            await asyncio.sleep(0.05)
            self.advance()
            rate = self.clk()["rate"]
            if self.out or turn % 20 == 0 or rate != said:
                said = rate
                out, self.out = self.out, []
                await self.delta("line", {"clk": self.clk(), "ev": out})
            if turn % 4 == 0 and self.changed:
                changed, self.changed = sorted(self.changed), set()
                await self.delta("tags", {"v": [[i, self.values[i], "good"] for i in changed]})

    async def snap_all(self) -> None:
        for kind in self.seq:
            await self.send(kind, self.snap(kind))


def refuse(status: int, code: str, **params: object) -> JSONResponse:
    return JSONResponse({"code": code, "params": params, "message": code}, status)


class Commands:
    """What the POST routes do: one method each."""

    def __init__(self, bench: FakeBench) -> None:
        self.bench = bench

    async def panel(self, body: dict[str, object]) -> JSONResponse | None:
        station, element, pressed = str(body["station"]), str(body["element"]), bool(body["pressed"])
        bench = self.bench
        if element == "estop":
            bench.set(f"{station}.estop_ok", not pressed)
            if pressed:
                bench.enter(station, 8, 9)
            return None
        bench.set(f"{station}.button_{element}", pressed)
        ways = {
            ("start", 4): (3, 6),
            ("stop", 6): (7, 2),
            ("stop", 11): (7, 2),
            ("reset", 2): (15, 4),
            ("reset", 9): (1, 2, 15, 4),
        }
        if pressed and (way := ways.get((element, bench.states[station]))):
            bench.enter(station, *way)
        return None

    async def key(self, body: dict[str, object]) -> JSONResponse | None:
        station, control = str(body["station"]), str(body["control"])
        self.bench.control[station] = control
        self.bench.enter(station, *((8, 9) if control == "builtin" else (10, 11)))
        self.bench.out.append([self.bench.sim, "control", station, control])
        return None

    async def jog(self, body: dict[str, object]) -> JSONResponse | None:
        tag = self.bench.tags[self.bench.index[str(body["tag"])]]
        if self.bench.states[str(tag["station"])] not in JOG_STATES:
            return refuse(409, "state", state=self.bench.states[str(tag["station"])])
        self.bench.set(str(body["tag"]), body["value"])
        return None

    async def write(self, body: dict[str, object]) -> JSONResponse | None:
        if self.bench.tags[self.bench.index[str(body["tag"])]]["direction"] == "output":
            return refuse(409, "not_owner")
        return None

    async def clock(self, body: dict[str, object]) -> JSONResponse | None:
        bench = self.bench
        bench.frozen = body["action"] != "run"
        if body.get("speed") and body["action"] == "run":
            bench.speed = float(str(body["speed"]))
        if body["action"] == "step":
            bench.sim += float(str(body.get("seconds", 1.0)))
            bench.play()
        return None

    async def reset(self, body: dict[str, object]) -> JSONResponse | None:
        self.bench.restart()
        await self.bench.snap_all()
        return None

    async def operator(self, body: dict[str, object]) -> JSONResponse | None:
        return None

    async def faults(self, body: dict[str, object]) -> JSONResponse | None:
        ident = f"f{len(self.bench.faults) + 1}"
        self.bench.faults.append(
            {"id": ident, "fault": body["fault"], "target": body["target"], "since_s": self.bench.sim}
        )
        await self.bench.delta("faults", {"active": self.bench.faults})
        return JSONResponse({"id": ident})
