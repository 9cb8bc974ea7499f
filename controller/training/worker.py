"""Computing a line in a process of its own, so that no bench waits for it: JSON in, JSON out.

A module that works so has `serve(work)` as its main function; `ask` calls it from a host.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping

from sim.state import JsonValue

Work = Mapping[str, JsonValue]
LONGEST_S = 120.0  # eight hours of the reference line take a tenth of that; whoever waits waits no longer


class WorkError(Exception):
    """It cannot be computed. Says why, for a person."""


async def ask(module: str, work: Work) -> JsonValue:
    """What this module makes of this work. Raises `WorkError`."""
    return await asyncio.to_thread(_ask, module, json.dumps(work))


def _ask(module: str, work: str) -> JsonValue:
    try:
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-m", module],
            input=work, capture_output=True, check=False, encoding="utf-8", timeout=LONGEST_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:  # it was ended
        raise WorkError(f"it took longer than {LONGEST_S:g} s") from error
    if done.returncode != 0:
        raise WorkError(done.stderr.strip().rpartition("\n")[2] or f"{module}: code {done.returncode}")
    answer: JsonValue = json.loads(done.stdout)
    return answer


def serve(do: Callable[[Work], JsonValue]) -> int:
    """The other end: the exit code of the process."""
    try:
        json.dump(do(json.load(sys.stdin)), sys.stdout)
    except (WorkError, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
