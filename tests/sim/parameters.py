"""The rule that every parameter can be changed and restored in mid-operation, and the table of the tests that show it.

Write such a test anywhere in `tests/sim` and register it:

    from tests.sim.parameters import change, covers, restore

    @covers("belt", "speed", "traction")
    def test_...: ...

Operation begins, at one instant the parameter is changed, at a later one restored, and what comes out of it (the
instant of an event, a value) equals an analytic expression that the test computes by itself. `test_parameters.py`
fails with the name of every parameter of a kind in `KINDS` that no test registers, other than those marked `fixed`
(the gate refuses these) and lists. A law's numbers count as one parameter: `service` stands for all numbers of all
laws. What a base shares with other kinds is tested once: name all kinds that inherit it.
"""

from collections.abc import Callable
from typing import TypeVar

from sim.components import KINDS
from tests.sim.builders import Bench

COVERED: set[tuple[str, str]] = set()
Test = TypeVar("Test", bound=Callable[..., object])


def covers(kind: str | tuple[str, ...], *names: str) -> Callable[[Test], Test]:
    """The test shows these parameters of this kind, or of each of these kinds."""
    COVERED.update((one, name) for one in ((kind,) if isinstance(kind, str) else kind) for name in names)

    def registered(test: Test) -> Test:
        return test

    return registered


def to_cover() -> set[tuple[str, str]]:
    """Kind and name of everything that can be changed in mid-operation."""
    return {
        (kind.name, name)
        for kind in KINDS.values()
        for name in (*(p.name for p in kind.parameters if not p.fixed and not p.many), *(law.name for law in kind.laws))
    }


def change(bench: Bench, target: str, parameter: str, value: int, how: str = "replace") -> str:
    """Change it now, through the gate as a fault does; the answer is the name to `restore` it by."""
    ident = f"{target}.{parameter}.{bench.line.inputs}"
    bench.give("fault", id=ident, seam="parameter", target=target, parameter=parameter, how=how, value=value)
    return ident


def restore(bench: Bench, ident: str) -> None:
    bench.give("end_fault", id=ident)
