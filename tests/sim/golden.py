"""Golden digests of the reference line. Run `python -m tests.sim.golden` to renew them.

A changed digest is reviewed like code. Renew them only in a commit that changes behaviour on purpose (a mended model, a
changed line file, a new event), say in its message which; then `MODEL` in sim/line.py grows too once versions are out,
so that journals of older versions are refused by name. A commit that only makes things faster or tidier leaves them
alone.
"""

import json
from pathlib import Path

from sim.inputs import Input
from sim.line import Line
from sim.state import JsonValue
from tests.sim.builders import S, reference
from tests.sim.wild import inputs, replayed

PATH = Path(__file__).parent / "golden.json"
PLAIN = ((1, 600), (2, 600))  # seed, seconds
WILD = ((3, 300),)


def run(seed: int, until_s: int, given: list[list[JsonValue]]) -> list[JsonValue]:
    """Events and digest of the reference line with these inputs: [time, op, args] each."""
    taken = [(int(str(t)), Input(str(op), args)) for t, op, args in given]  # type: ignore[arg-type]
    line = replayed(Line(reference(), seed), taken, until_s * S)
    return [line.events, line.digest]


def case(seed: int, until_s: int, wild: bool) -> dict[str, JsonValue]:
    taken = inputs(Line(reference(), seed), seed, until_s * S, 60) if wild else []
    given: list[list[JsonValue]] = [[t, i.op, i.args] for t, i in taken]
    return {"seed": seed, "until_s": until_s, "result": run(seed, until_s, given), "inputs": given}  # type: ignore[dict-item]


def cases() -> list[dict[str, JsonValue]]:
    found: list[dict[str, JsonValue]] = json.loads(PATH.read_text())["cases"]
    return found


def main() -> None:
    made = [*(case(*c, False) for c in PLAIN), *(case(*c, True) for c in WILD)]
    note = "digests of the reference line; how and when to renew: tests/sim/golden.py"
    rows = ",\n".join(json.dumps(c) for c in made)
    PATH.write_text(f'{{"note": "{note}", "cases": [\n{rows}\n]}}\n')


if __name__ == "__main__":
    main()
