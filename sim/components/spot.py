"""Spots: places in the reach of a gripper or a tool, at a belt, a table or in a machine. Hold nothing themselves."""

from typing import Protocol

from sim.component import MM, Component
from sim.components.belt import Belt
from sim.components.nests import NESTED, Nests, Onlooker
from sim.definition import ComponentDefinition
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text

BELTS = ("belt", "roller_conveyor")


class Mover(Protocol):
    """What carries a gripper along one direction."""

    followers: list[tuple[Wakeable, int]]


class Spot(Component):
    """Where a part can be gripped or laid down, or where a tool meets it.

    On a belt the part whose centre is near `position` can be lifted; parts are laid at the belt's beginning. With
    `stacks` above nought parts are laid onto the part that stands there, so many at most, and become pieces of it.
    """

    KIND = Kind(
        "spot",
        Text("抓放点", "Spot"),
        Text("抓手取放工件或工具作用的位置", "Where a gripper takes or lays parts, or a tool meets them"),
        parameters=(
            Parameter("x", "length", Text("水平坐标", "Where along the horizontal axis"), "0 mm", low=-(2**53),
                      fixed=True),
            Parameter("y", "length", Text("横向坐标", "Where along the second horizontal axis"), "0 mm", low=-(2**53),
                      fixed=True),
            Parameter("z", "length", Text("下降深度", "How far down"), "0 mm", low=-(2**53), fixed=True),
            Parameter("reach", "length", Text("容差", "How far off a gripper may be"), "5 mm", low=MM),
            Parameter("position", "length", Text("在输送带上的位置", "Place of the part's centre on the belt"),
                      "0 mm", fixed=True),
            Parameter("within", "length", Text("工件允差", "How far off a part may be"), "15 mm", low=MM),
            Parameter("stop", "flag", Text("带固定挡块", "A fixed stop holds parts here"), "false", high=1, fixed=True),
            Parameter("place", "count", Text("转台或设备工位号", "Place of the table or machine, from 0"), "0",
                      fixed=True),
            Parameter("stacks", "count", Text("可叠放件数", "Parts that may be laid onto the one here"), "0",
                      fixed=True),
            Parameter("slot", "count", Text("只放第几件 (0: 任意)", "Number of the piece for it; 0: any"), "0",
                      fixed=True),
            Parameter("becomes", "count", Text("放满后的种类 (0: 不变)", "Its kind once full; 0: as it is"), "0",
                      fixed=True),
        ),
        ports=(
            Port("part", DataType.BOOL, Direction.INPUT, Text("有工件", "a part is here"), optional=True),
            Port("pieces", DataType.UINT, Direction.INPUT, Text("已放件数", "pieces on the part"), low=0, high=1000,
                 optional=True),
        ),
        joins=(Join("of", (*BELTS, *NESTED), Text("所在输送带、转台或设备", "Belt, table or machine that it is on")),),
        states=states(("free", "空", "no part here"), ("occupied", "有件", "a part here")),
        cycle=Text("来一件", "one part that came"),
    )  # fmt: skip

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.belt: Belt | None = None
        self.table: Nests | None = None
        self.stop = 0
        self.followers: list[tuple[Wakeable, int]] = []
        self.onlookers: list[Onlooker] = []  # told at once, while the part that goes is still known

    def connect(self) -> None:
        for found in self.joined("of"):
            if isinstance(found, Belt):
                self.belt = found
                found.attach_watcher(self.p["position"], self)
                if self.p["stop"]:
                    self.stop = found.attach_stop(min(self.p["position"] + found.size // 2, found.length))
            elif isinstance(found, Nests):
                self.table = found
                found.spots.append(self)

    def born(self) -> None:
        if self.belt is not None and self.p["stop"]:
            self.belt.set_stop(self.stop, True)

    # ---- what is here -----------------------------------------------------------------------------------------

    def covered(self, serial: int) -> None:
        """Another part, or none, covers the place on the belt."""
        self.look()

    def look(self) -> None:
        """Something here has changed: say it."""
        serial = self.part() if self.table is not None else self.body()
        if serial and not self.duty.state:
            self.cycle()
        self.be(int(bool(serial)))
        self.set("part", bool(serial))
        self.set("pieces", len(self.plant.part(serial).pieces) if serial else 0)
        for onlooker in self.onlookers:
            onlooker.look()
        for member, slot in self.followers:
            member.wake(slot, self.now)

    def replan(self) -> None:
        self.look()

    def part(self) -> int:
        """The part that stands here well enough to be gripped or worked on, 0 for none."""
        if self.belt is not None:
            place, within = self.p["position"], self.p["within"]
            return self.belt.part_between(place - within, place + within)
        return self.table.part_at(self.p["place"]) if self.table is not None else 0

    def body(self) -> int:
        """The part whose body is anywhere under the place, 0 for none."""
        if self.belt is None:
            return self.part()
        place, half = self.p["position"], self.belt.size // 2
        return self.belt.part_between(place - half, place + half - 1)

    # ---- hands ------------------------------------------------------------------------------------------------

    def lift(self) -> int:
        """Take the part off, 0 for none."""
        serial = self.part()
        if serial and self.belt is not None:
            self.belt.take(serial)
        elif serial and self.table is not None:
            self.table.take(serial)
        return serial

    def room(self) -> bool:
        """Whether a part can be laid down here."""
        if self.p["stacks"]:
            base, slot = self.part(), self.p["slot"]
            there = len(self.plant.part(base).pieces) if base else 0
            return bool(base) and there < self.p["stacks"] and slot in (0, there + 1)
        if self.belt is not None:
            return self.belt.room()
        return self.table is not None and self.table.free_at(self.p["place"])

    def lay(self, serial: int) -> None:
        """Lay a part down; there is room."""
        if self.p["stacks"]:
            self._stack(serial, self.part())
        elif self.belt is not None:
            self.belt.put(serial)
        elif self.table is not None:
            self.table.put(self.p["place"], serial)

    def _stack(self, serial: int, base: int) -> None:
        """It becomes a piece of the part below."""
        part = self.plant.part(base)
        part.pieces.append(serial)
        self.plant.log(base, f"{self.name} + {serial}")
        self.plant.merge(serial, self.name)
        if len(part.pieces) == self.p["stacks"] and self.p["becomes"]:
            part.kind = self.p["becomes"]
            self.plant.emit("new", base, part.said())
        for other in self.plant.components.values():
            if isinstance(other, Spot) and other.belt is self.belt and other.table is self.table:
                other.look()
