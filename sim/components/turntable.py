"""Turntable: a deck that turns by 90 degrees, so that what comes straight on goes out sideways."""

from dataclasses import dataclass, field

from sim.component import Change
from sim.components.deck import (
    BACK,
    CENTRED,
    CYCLE,
    FROM_FRONT,
    FROM_LEFT,
    FROM_RIGHT,
    FRONT,
    LEFT,
    LENGTH,
    NOWHERE,
    PART,
    REACH,
    RIGHT,
    SPEED,
    STATES,
    TO,
    TO_BACK,
    TO_LEFT,
    TO_RIGHT,
    U,
    out,
)
from sim.components.moving_deck import MovingDeck
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import Travel

QUARTER = 15 * 10**12  # 90 degrees in mrpm x ns


@dataclass(slots=True)
class TurntableState:
    """The part as on any deck, and the angle in mrpm x ns."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    serial: int = 0
    incoming: int = 0
    side: int = BACK
    leaving: int = NOWHERE
    axis: int = U
    cross: int = 0
    travel: Travel = field(default_factory=Travel)
    told: list[bool] = field(default_factory=list)
    angle: Travel = field(default_factory=lambda: Travel(goal=0))


class Turntable(MovingDeck):
    """Turns clockwise while told to and back when not; not while a part lies over its edge. Its rollers run both ways.

    Turned, its forward end points to the right and its backward end to the left. Without power it stands.
    """

    KIND = Kind(
        "turntable",
        Text("转台", "Turntable"),
        Text("带辊道的 90° 转台", "Rollers on a table that turns by 90 degrees"),
        parameters=(
            LENGTH,
            SPEED,
            REACH,
            Parameter("turn_speed", "rotation", Text("转速", "Speed of turning"), "10 rpm", low=100),
        ),
        ports=(
            out("forward", "正转辊道", "rollers forward"),
            out("backward", "反转辊道", "rollers backward"),
            out("turn", "转到 90°", "turn to 90°"),
            PART,
            CENTRED,
            Port("home", DataType.BOOL, Direction.INPUT, Text("在 0°", "at 0°"), initial=True),
            Port("turned", DataType.BOOL, Direction.INPUT, Text("在 90°", "at 90°")),
        ),
        joins=(TO, TO_LEFT, TO_RIGHT, TO_BACK, FROM_LEFT, FROM_RIGHT, FROM_FRONT),
        states=(*STATES, *states(("turning", "转动中", "turning"))),
        cycle=CYCLE,
    )
    STATE = TurntableState
    MOTION_NAME = "turn"
    COILS = ("forward", "backward", "turn")

    def drive(self) -> tuple[int, int]:
        at_rest = self.s.angle.at(self.now) in (0, QUARTER)
        way = bool(self.see("forward")) - bool(self.see("backward"))
        return U, self.p["speed"] * way if at_rest else 0

    def side_of(self, axis: int, rate: int) -> int:
        if self.s.angle.at(self.now) == 0:
            return FRONT if rate > 0 else BACK
        return RIGHT if rate > 0 else LEFT

    def place_of(self, side: int) -> tuple[int, int]:
        return U, self.edge if side in (FRONT, RIGHT) else -self.edge

    def open(self, side: int) -> bool:
        at, wanted = self.s.angle.at(self.now), QUARTER if self.see("turn") else 0
        turning_away = self.powered and wanted != at
        return bool(at == (0 if side in (FRONT, BACK) else QUARTER) and not turning_away)

    def shift(self) -> None:
        """Turn to where it is told, unless a part lies over the edge or there is no power."""
        at, goal = self.s.angle.at(self.now), QUARTER if self.see("turn") else 0
        free = self.powered and not self.straddled and goal != at
        rate = (self.p["turn_speed"] if goal > at else -self.p["turn_speed"]) if free else 0
        self.go_on(rate, goal if rate else at)
        self.set("home", at == 0)
        self.set("turned", at == QUARTER)

    def motion(self) -> Travel:
        angle: Travel = self.s.angle
        return angle

    def motion_said(self) -> list[float]:
        """Degrees, degrees per second, goal."""
        angle, degree = self.s.angle, QUARTER / 90
        return [angle.at(self.now) / degree, angle.rate * 10**9 / degree, angle.goal / degree]
