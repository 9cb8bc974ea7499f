"""What people press and look at besides a station's own panel: buttons, selectors, e-stop, lights, numeric displays."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from sim.component import Change, Component
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text


@runtime_checkable
class Operated(Protocol):
    """Something that a hand operates: `panel` inputs name it by its component."""

    def accepts(self, value: object) -> bool:
        """Whether a hand can do this to it."""
        ...

    def operate(self, value: int) -> None:
        """A hand does it."""
        ...


@dataclass(slots=True)
class ButtonState:
    """Whether somebody's finger is on it."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    down: bool = False


class PushButton(Component):
    """True while somebody presses it; a latching one changes with every press."""

    KIND = Kind(
        "push_button",
        Text("按钮", "Push button"),
        Text("按下时为真; 自锁按钮每按一次翻转", "True while pressed; a latching one changes with every press"),
        parameters=(Parameter("latching", "flag", Text("自锁", "Latching"), "false", high=1, fixed=True),),
        ports=(Port("", DataType.BOOL, Direction.INPUT, Text("", "")),
               Port("lamp", DataType.BOOL, Direction.OUTPUT, Text("灯", "lamp"), optional=True)),
        states=states(("released", "松开", "off"), ("pressed", "按下", "on")),
        cycle=Text("按下一次", "one press"),
    )  # fmt: skip

    STATE = ButtonState

    def accepts(self, value: object) -> bool:
        """Whether a hand can do this: press or let go."""
        return isinstance(value, bool)

    def operate(self, value: int) -> None:
        """A hand presses it, or lets go."""
        if value and not self.s.down:
            self.cycle()
        self.s.down = bool(value)
        if not self.p["latching"]:
            self.set("", bool(value))
        elif value:
            self.set("", not self.see(""))
        self.be(int(self.see("")))


class Selector(Component):
    """A switch with positions from 0; it stays where it is turned to."""

    KIND = Kind(
        "selector",
        Text("选择开关", "Selector switch"),
        Text("多位置旋钮", "A switch that stays in one of its positions"),
        parameters=(Parameter("positions", "count", Text("位置数", "Positions"), "2", low=2, high=16, fixed=True),),
        ports=(Port("", DataType.INT, Direction.INPUT, Text("", ""), low=0, high=15),),
        states=states(("first", "零位", "in position 0"), ("turned", "其他位置", "in another position")),
        cycle=Text("转动一次", "one turn"),
    )

    def accepts(self, value: object) -> bool:
        """Whether it has this position."""
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < self.p["positions"]

    def operate(self, value: int) -> None:
        """A hand turns it."""
        if value != self.see(""):
            self.cycle()
        self.be(int(value != 0))
        self.set("", value)


@dataclass(slots=True)
class EStopState:
    """Which buttons of the station are pushed in: this one, the one of the panel."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    pushed: bool = False
    panel: bool = False


class EStop(Component):
    """A further emergency stop button, in series with that of the station's panel: any of them opens the circuit."""

    KIND = Kind(
        "estop_button",
        Text("急停按钮", "Emergency stop button"),
        Text("与面板急停串联", "In series with the emergency stop of the station's panel"),
        ports=(Port("ok", DataType.BOOL, Direction.INPUT, Text("触点闭合", "contact closed"), initial=True),),
        states=states(("released", "释放", "released"), ("pushed", "按下", "pushed in")),
        cycle=Text("按下一次", "one push"),
    )
    STATE = EStopState

    def accepts(self, value: object) -> bool:
        """Whether a hand can do this: push it in or release it."""
        return isinstance(value, bool)

    def operate(self, value: int) -> None:
        """A hand pushes it in, or releases it."""
        if value and not self.s.pushed:
            self.cycle()
        self.s.pushed = bool(value)
        self.be(int(bool(value)))
        self.set("ok", not value)
        self.close_circuit()

    def panel_operated(self, pushed: bool) -> None:
        """The button of the panel was pushed in or released."""
        self.s.panel = pushed
        self.close_circuit()

    def close_circuit(self) -> None:
        """The circuit is closed when no button of the station is pushed in."""
        buttons = [c for c in self.plant.components.values() if isinstance(c, EStop) and c.station == self.station]
        index = self.plant.units[self.station].tags["estop_ok"]
        self.image.set(index, not any(b.s.pushed or b.s.panel for b in buttons))
        unit = self.plant.units[self.station]
        unit.wake(unit.EMERGENCY, self.now)


class StackLight(Component):
    """A further stack light; each segment shines while its output is true."""

    KIND = Kind(
        "stack_light",
        Text("三色灯", "Stack light"),
        Text("由 PLC 控制的信号灯柱", "Segments that a PLC switches"),
        ports=(
            Port("red", DataType.BOOL, Direction.OUTPUT, Text("红", "red")),
            Port("yellow", DataType.BOOL, Direction.OUTPUT, Text("黄", "yellow")),
            Port("green", DataType.BOOL, Direction.OUTPUT, Text("绿", "green")),
            Port("blue", DataType.BOOL, Direction.OUTPUT, Text("蓝", "blue"), optional=True),
            Port("buzzer", DataType.BOOL, Direction.OUTPUT, Text("蜂鸣器", "buzzer"), optional=True),
        ),
        states=states(("dark", "熄灭", "dark"), ("lit", "点亮", "a segment shines or it buzzes")),
        cycle=Text("点亮一次", "one time lit"),
    )


class Display(Component):
    """Shows a number that a PLC writes."""

    KIND = Kind(
        "display",
        Text("数字显示器", "Numeric display"),
        Text("显示 PLC 写入的数字", "Shows a number that a PLC writes"),
        ports=(
            Port("", DataType.UINT, Direction.OUTPUT, Text("", "")),
            Port("decimal", DataType.REAL, Direction.OUTPUT, Text("小数值", "with decimals"), "", -99_999, 99_999, 2,
                 optional=True),
        ),
        states=states(("nought", "零", "shows nought"), ("number", "显示数值", "shows a number")),
        cycle=Text("示值变化", "another number"),
    )  # fmt: skip
