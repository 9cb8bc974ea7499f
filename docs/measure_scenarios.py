"""Writes what scenarios cost into their files: `python -m docs.measure_scenarios FILE...`; all that ship, if left out.

The line `measured: {time: ..., ...}` is renewed and its time kept; without one it is added with 30 min.
"""

import re
import sys
from pathlib import Path

from controller.effect import effect
from scenarios.catalogue import Catalogue
from sim import units

LIBRARY = Path(__file__).parents[1] / "scenarios" / "library"
LINE = re.compile(r"^measured: \{time: ([^,]+), .*\}\n", re.MULTILINE)
_USUAL = "30 min"


def measure(path: Path, catalogue: Catalogue) -> str:
    """The line that belongs into this file."""
    text = path.read_text("utf-8")
    found = LINE.search(text)
    time = found[1] if found else _USUAL
    seen = effect(catalogue.load_scenario(str(path)), units.parse(time, "time"))
    counts = [f"[{side.finished}, {side.good}]" for side in (seen.healthy, seen.hit)]
    alarms = f", alarms: [{', '.join(seen.alarms)}]" if seen.alarms else ""
    line = f"measured: {{time: {time}, healthy: {counts[0]}, parts: {counts[1]}{alarms}}}\n"
    path.write_text(LINE.sub(line, text) if found else text.rstrip() + "\n" + line, "utf-8")
    return line


def main(paths: list[Path]) -> None:
    catalogue = Catalogue()
    for path in paths or sorted(LIBRARY.glob("*.yaml")):
        sys.stdout.write(f"{path.stem}: {measure(path, catalogue)}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
