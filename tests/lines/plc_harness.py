"""A reference program against its line, headless: a Modbus image in simulated time that obeys the gate's rules.

The codecs and addresses are the endpoint's (`devices.modbus.image`), admission and ownership the bench's
(`controller.view`). One scan is 100 ms of simulated time. Every request that is denied is kept in `denied`.

    bench = PlcBench("from-a-to-b")          # docs/plc/lines/from_a_to_b.py drives scenarios/lines/from-a-to-b.yaml
    bench.take_control()
    bench.run(300)
    assert bench.gone["exit.out"] ...        # [(serial, what the part was)]
"""

import importlib.util
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from controller.view import View
from devices.address_map import AddressMap, Table, WordOrder
from devices.endpoint import Client, Role, Wire
from devices.modbus.image import RegisterImage
from devices.modbus.refusals import Denied
from scenarios import line_file
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.line import Line
from sim.packml import State, follow, may_become
from sim.refusal import Refusal
from sim.tag import Value
from tests.sim import invariants

ROOT = Path(__file__).parents[2]
LINES, PROGRAMS = ROOT / "scenarios/lines", ROOT / "docs/plc/lines"
SCAN_NS = 100_000_000
S = 10**9


@cache
def definition(name: str) -> LineDefinition:
    """A shipped line."""
    return line_file.load(LINES / f"{name}.yaml")


@cache
def scan_module() -> ModuleType:
    """docs/plc/scan.py, importable as `scan` for the programs."""
    return _module("scan", ROOT / "docs/plc/scan.py")


@cache
def program(name: str) -> Any:
    """The class `Program` of the reference program of a line."""
    scan_module()
    return _module(f"plc_{name.replace('-', '_')}", PROGRAMS / f"{name.replace('-', '_')}.py").Program


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Watched:
    """A line with everything about its parts and states kept: what was made, where it went, illegal transitions."""

    def __init__(self, name: str, seed: int = 1, made_by: LineDefinition | None = None) -> None:
        self.definition = made_by or definition(name)
        self.line = Line(self.definition, seed)
        self.made: dict[int, dict[str, Any]] = {}  # serial -> what the event `new` said
        self.gone: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)  # where -> parts, in order
        self.gone_at: dict[int, int] = {}  # serial -> when it left, in ns
        self.verdicts: dict[int, str] = {}
        self.illegal: list[tuple[int, str, State, State]] = []
        self._states: dict[str, State] = {}
        self.line.announce(self._hear)
        self.line.listen(self._hear)

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: Any) -> None:
        if kind == "new":
            self.made[int(subject)] = data
        elif kind == "verdict":
            self.verdicts[int(subject)] = data
        elif kind == "part" and data[0] == "gone":
            self.gone_at[int(subject)] = t_ns
            self.gone[data[1]].append((int(subject), self.made[int(subject)]))
        elif kind == "state":
            before, now = self._states.get(str(subject)), State(data)
            if before is not None and not _legal(before, now):
                self.illegal.append((t_ns, str(subject), before, now))
            self._states[str(subject)] = now

    # ---- by hand ----------------------------------------------------------------------------------------------

    def give(self, op: str, **args: Any) -> None:
        self.line.apply(Input(op, args))
        self.line.advance(self.line.now_ns)

    def run(self, seconds: float, check_every: float = 0) -> None:
        """Let the time go on; look at the invariants now and then."""
        end = self.line.now_ns + round(seconds * S)
        step = round((check_every or seconds) * S)
        while self.line.now_ns < end:
            self.advance(min(step, end - self.line.now_ns))
            invariants.check(self.line)
        assert not self.illegal

    def advance(self, by_ns: int) -> None:
        self.line.advance(self.line.now_ns + by_ns)

    def get(self, name: str) -> Value:
        """The plant's side of a tag."""
        tag = self.line.tags.find(name)
        assert tag is not None, name
        return self.line.truth(tag.index)

    @property
    def states(self) -> dict[str, State]:
        return {name: unit.s.state for name, unit in self.line.plant.units.items()}

    @property
    def ends(self) -> Counter[str]:
        """How many parts went where."""
        return Counter({where: len(parts) for where, parts in self.gone.items()})


def _legal(before: State, now: State) -> bool:
    return before is now or may_become(before, now) or any(follow(before, c) is now for c in ("abort", "stop"))


class FakeRun:
    """As much of `controller.run.Run` as a view asks for: the line stands still between scans."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.pacer = SimpleNamespace(frozen=False)
        self.refusal = Refusal.OFFLINE
        self.folder = None  # nothing is written

    def settle(self) -> bool:
        return True

    def apply(self, given: Input, by: str) -> bool:
        self.line.apply(given)
        self.line.advance(self.line.now_ns)
        return True

    def note(self, *words: str) -> None:
        """Traffic is of no interest here."""


class LineClock:
    """The line's own time as wall time."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def monotonic(self) -> float:
        return self._line.now_ns / S

    def utc(self) -> datetime:
        return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=self._line.now_ns / S)


class VirtualModbus:
    """What pymodbus' client offers, answered at once by the line. A denied request answers with `isError`."""

    def __init__(self, line: Line, addresses: AddressMap) -> None:
        self.view = View(1, addresses.line, LineClock(line), FakeRun(line))  # type: ignore[arg-type]
        self.view._remember = lambda *_: None  # type: ignore[method-assign]  # the page's last write
        self.image = RegisterImage(self.view, addresses, WordOrder.ABCD)
        self.client = Client(Wire.MODBUS, "plc", "plc", Role.TRAINEE)
        self.denied: list[tuple[int, str, int, object]] = []  # (t_ns, request, address, why)

    def read_coils(self, address: int, *, count: int = 1) -> SimpleNamespace:
        return self._bits(Table.COIL, address, count)

    def read_discrete_inputs(self, address: int, *, count: int = 1) -> SimpleNamespace:
        return self._bits(Table.DISCRETE_INPUT, address, count)

    def read_holding_registers(self, address: int, *, count: int = 1) -> SimpleNamespace:
        return self._words(Table.HOLDING_REGISTER, address, count)

    def read_input_registers(self, address: int, *, count: int = 1) -> SimpleNamespace:
        return self._words(Table.INPUT_REGISTER, address, count)

    def write_coil(self, address: int, value: bool) -> SimpleNamespace:
        return self.write_coils(address, [value])

    def write_coils(self, address: int, values: list[bool]) -> SimpleNamespace:
        return self._write("write_coils", address, lambda: self.image.plan_bits(address, values))

    def write_register(self, address: int, value: int) -> SimpleNamespace:
        return self.write_registers(address, [value])

    def write_registers(self, address: int, values: list[int]) -> SimpleNamespace:
        return self._write("write_registers", address, lambda: self.image.plan_words(address, values))

    # ---- inside -----------------------------------------------------------------------------------------------

    def _bits(self, table: Table, address: int, count: int) -> SimpleNamespace:
        bits = self.image.read_bits(table, address, count)
        return _answer(bits=bits + [False] * (-count % 8))  # as on the wire: whole bytes

    def _words(self, table: Table, address: int, count: int) -> SimpleNamespace:
        return _answer(registers=self.image.read_words(table, address, count))

    def _write(self, what: str, address: int, plan: Any) -> SimpleNamespace:
        try:
            why = next(filter(None, self.view.request(self.client, plan())), None)
        except Denied as denied:
            why = denied  # type: ignore[assignment]
        if why is not None:
            self.denied.append((self.view.run.line.now_ns, what, address, why))
        return _answer(error=why is not None)


def _answer(error: bool = False, **values: Any) -> SimpleNamespace:
    return SimpleNamespace(isError=lambda: error, **values)


class PlcBench(Watched):
    """A line, and the PLC that drives it once the key switches stand on Modbus."""

    def __init__(self, name: str, seed: int = 1, made_by: LineDefinition | None = None, plc: Any = None) -> None:
        super().__init__(name, seed, made_by)
        slots = {station.name: station.slots for station in self.definition.stations}
        self.addresses = AddressMap(self.definition.name, self.line.tags, slots)
        self.modbus = VirtualModbus(self.line, self.addresses)
        chosen = plc or program(name)
        check_io(chosen.IO, self.addresses)
        self.scan = scan_module().Scan(chosen, self.modbus)

    @property
    def denied(self) -> list[tuple[int, str, int, object]]:
        """What the line refused: a reference program asks for nothing that it may not have."""
        return self.modbus.denied

    def take_control(self) -> None:
        """Turn every key switch to Modbus."""
        for station in self.line.plant.units:
            self.give("key", station=station, control="modbus")

    def advance(self, by_ns: int) -> None:
        end = self.line.now_ns + by_ns
        while self.line.now_ns < end:
            self.scan.cycle()
            self.line.advance(min(self.line.now_ns + SCAN_NS, end))


TABLES = {
    "di": Table.DISCRETE_INPUT,
    "co": Table.COIL,
    "ir": Table.INPUT_REGISTER,
    "hr": Table.HOLDING_REGISTER,
}


def check_io(text: str, addresses: AddressMap) -> None:
    """The program's table of I/O says what the address map says. A name stands for `signal` or `station.signal`."""
    for row in scan_module().table(text):
        found = [a for a in addresses if row.name in (a.signal, a.name)]
        places = [(a.modbus.table, a.modbus.address, a.modbus.scale or 1) for a in found]
        given = (TABLES[row.table], row.address, row.scale)
        assert given in places, f"{row.name}: {given}, but the map says {places}"
        address = found[places.index(given)]
        low = (address.range or (0, 0))[0]
        assert row.signed or low >= 0, f"{row.name} may be negative: it is signed"
        assert not row.signed or address.modbus.signed, f"{row.name} is not signed"
