"""Energy meter: power, currents and energy of the consumers of a station. The integral is exact, to the millijoule.

Consumers say their power, which is constant between events; the meter adds mW x ns and keeps what is less than 1 mJ.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sim.component import MILLION, Change, Component
from sim.components.power import LOADS, Load, by_phase
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text

ROOT_3 = 1.7320508075688772
MJ = 10**9  # mW x ns
KWH = 3_600_000_000  # mJ


@dataclass(slots=True)
class EnergyState:
    """Energy until `since_ns` in mJ and in mW x ns below one, and the power since then, each phase's too."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    since_ns: int = 0
    power_mw: int = 0
    phases_mw: list[int] = field(default_factory=lambda: [0, 0, 0])  # of the consumers
    millijoules: int = 0
    rest: int = 0


def _port(name: str, zh: str, en: str, unit: str, high: float, decimals: int, optional: bool = True) -> Port:
    return Port(name, DataType.REAL, Direction.INPUT, Text(zh, en), unit, 0, high, decimals, optional=optional,
                computed=True)  # fmt: skip


class EnergyMeter(Component):
    """Sits in the supply of a station. Reading it changes nothing."""

    KIND = Kind(
        "energy_meter",
        Text("电能表", "Energy meter"),
        Text("测量所接设备的功率, 电流和电能", "Measures power, currents and energy of what is joined to it"),
        parameters=(
            Parameter("base_load", "power", Text("基本负载 (控制等)", "What else draws all the time"), "40 W"),
            Parameter("voltage", "voltage", Text("线电压", "Voltage between phases"), "400 V", low=MILLION),
            Parameter("power_factor", "ratio", Text("功率因数", "Power factor"), "0.9", low=10_000, high=MILLION),
        ),
        ports=(
            _port("power", "有功功率", "active power", "W", 1e6, 1, optional=False),
            _port("energy", "电能", "energy", "kWh", 1e6, 3, optional=False),
            *(_port(f"current_l{k}", f"L{k} 相电流", f"current of phase {k}", "A", 2000, 2) for k in (1, 2, 3)),
            _port("voltage", "线电压", "voltage between phases", "V", 1000, 1),
            Port("watt_hours", DataType.UDINT, Direction.INPUT, Text("电能 (Wh)", "energy in Wh"), "Wh", optional=True,
                 computed=True),
        ),
        joins=(Join("consumers", LOADS, Text("所测设备", "What it measures"), many=True),),
        states=states(("idle", "基本负载", "base load alone"), ("loaded", "有负载", "something draws power")),
        cycle=Text("一次加载", "one time that something begins to draw power"),
    )  # fmt: skip
    STATE = EnergyState
    SLOTS = ("count",)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.loads: list[Load] = []

    def connect(self) -> None:
        for found in self.joined("consumers"):
            if isinstance(found, Load):
                self.loads.append(found)
                found.meters.append((self, 0))
        computed: dict[str, Callable[[], Value]] = {
            "power": self._power, "energy": self._kwh, "watt_hours": self._wh, "voltage": self._voltage,
            **{f"current_l{k + 1}": partial(self._ampere, k) for k in range(3)},
        }  # fmt: skip
        for port, value in computed.items():
            if port in self.tags:
                self.image.compute(self.tags[port], value)

    def born(self) -> None:
        self.count()

    def replan(self) -> None:
        self.count()

    def count(self) -> None:
        """A consumer draws another power: book what was, go on with what is."""
        s = self.s
        s.millijoules, s.rest = self._so_far()
        s.phases_mw = [sum(drawn) for drawn in zip((0, 0, 0), *map(by_phase, self.loads), strict=True)]
        drawn = sum(s.phases_mw)
        s.since_ns, s.power_mw = self.now, self.p["base_load"] + drawn
        if drawn and self.duty.state == 0:
            self.cycle()
        self.be(int(drawn > 0))

    def _so_far(self) -> tuple[int, int]:
        s = self.s
        more, rest = divmod(s.rest + s.power_mw * (self.now - s.since_ns), MJ)
        return s.millijoules + more, rest

    def millijoules(self) -> int:
        """The energy until now, rounded down."""
        return self._so_far()[0]

    def _power(self) -> Value:
        watts: float = self.s.power_mw / 1000
        return round(watts, 1)

    def _kwh(self) -> Value:
        return round(self.millijoules() / KWH, 3)

    def _wh(self) -> Value:
        return self.millijoules() * 1000 // KWH % 2**32

    def _voltage(self) -> Value:
        return round(self.p["voltage"] / MILLION * (1.0 + 0.002 * self.noise("voltage")), 1)

    def _ampere(self, phase: int) -> Value:
        """√3 U I cos φ is what three phases carry that draw as much as this one; the base load is drawn evenly."""
        watts = (3 * self.s.phases_mw[phase] + self.p["base_load"]) / 1000
        volt_ampere = watts * MILLION / self.p["power_factor"]
        amperes: float = volt_ampere / (ROOT_3 * self.p["voltage"] / MILLION)
        return round(amperes, 2)
