"""Records the golden journal: a live session over all three wires. `python -m tests.acceptance.golden_journal`

The journal in `golden/` was written by one machine and is replayed by every other: what reaches the digest must not
depend on the machine. Record it anew only when the model changes on purpose, and say so in the changelog.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from tests.acceptance.lab import Lab
from tests.acceptance.wires import all_wires, printed_map

GOLDEN = Path(__file__).parent / "golden" / "live-session.jsonl"
TURNS = 60


async def session(lab: Lab) -> None:
    """Keys, writes on every wire, an emergency stop, a part taken out, faults of three seams that come and go."""
    tags = printed_map()
    await asyncio.sleep(12)
    for station, control in (("sorting", "modbus"), ("inspection", "opcua"), ("infeed", "mqtt")):
        lab.key(station, control)
    slip = {"fault": "belt_slip", "target": "machining.belt"}
    stuck = {"fault": "photo_eye_stuck", "target": "sorting.eye_1", "value": True}
    async with all_wires(lab) as wires:
        for turn in range(TURNS):
            await wires["modbus"].write(tags["sorting.belt_run"], turn % 7 != 0)
            await wires["modbus"].write(tags["sorting.ejector_2_extend"], turn % 5 == 0)
            await wires["opcua"].write(tags["inspection.belt_run"], turn % 4 != 0)
            await wires["opcua"].write(tags["inspection.stopper_open"], turn % 3 == 0)
            await wires["mqtt"].write(tags["infeed.belt_speed"], 150 + turn)
            await wires["mqtt"].write(tags["infeed.belt_run"], True)
            if turn in (10, 20):
                lab.ask("POST", "/faults", slip if turn == 10 else stuck, role="instructor")
            if turn == 35:
                lab.ask("POST", "/panel", {"station": "storage", "element": "estop", "pressed": True})
            await asyncio.sleep(0.1)
    for station in ("sorting", "inspection", "infeed"):
        lab.key(station, "builtin")
    await asyncio.sleep(3)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder) / "data", options=("--speed", "5", "--seed", "2026")).start()
        asyncio.run(session(lab))
        code = lab.stop()
        shutil.copyfile(lab.journals()[0], GOLDEN)
    return code


if __name__ == "__main__":
    sys.exit(main())
