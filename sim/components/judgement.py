"""How often a judging camera is right: confusion matrix of its verdicts against the truth, errors on purpose."""

from sim.component import MILLION, Component
from sim.spec import Parameter, Port
from sim.tag import DataType, Direction
from sim.text import Text

RATES = (
    Parameter("false_reject", "ratio", Text("误判不合格率", "Good parts that it rejects"), "0", high=MILLION),
    Parameter("false_accept", "ratio", Text("漏检率", "Bad parts that it accepts"), "0", high=MILLION),
)
MATRIX = (
    ("true_accepts", Text("合格判合格", "good parts accepted")),
    ("false_accepts", Text("不合格判合格 (漏检)", "bad parts accepted")),
    ("false_rejects", Text("合格判不合格 (误判)", "good parts rejected")),
    ("true_rejects", Text("不合格判不合格", "bad parts rejected")),
)
MATRIX_PORTS = tuple(Port(name, DataType.UDINT, Direction.INPUT, title, "pcs", optional=True) for name, title in MATRIX)
EMPTY = (0, 0, 0, 0)


def judged(camera: Component, matrix: list[int], good: bool, seen_good: bool) -> bool:
    """The verdict on a part that is `good` and looks `seen_good`, after the camera's own errors; counted in `matrix`.

    A random number is drawn only where a rate is above nought, so that cameras without errors share their streams with
    nobody.
    """
    chance = camera.p["false_reject" if seen_good else "false_accept"]
    wrong = chance and camera.plant.stream(f"{camera.name}.error").uniform() * MILLION < chance
    ok = seen_good is not bool(wrong)
    place = (0 if good else 1) if ok else (2 if good else 3)
    matrix[place] = (matrix[place] + 1) % 2**32
    camera.set(MATRIX[place][0], matrix[place])
    return ok
