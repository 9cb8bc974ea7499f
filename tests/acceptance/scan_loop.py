"""Runs the shipped PLC program with the scan of a real PLC: 100 ms, give or take 20. A process of its own.

    python -m tests.acceptance.scan_loop PORT SPEED SEED

At speed 2 the scan is twice as short, so that the ratio stays. Ends at a line on standard input and prints the longest
time between two scans in simulated milliseconds.
"""

import random  # noqa: TID251  the jitter of a PLC is no physics of the line
import runpy
import sys
import threading
import time  # noqa: TID251  a PLC has a clock of its own
from pathlib import Path

from pymodbus.client import ModbusTcpClient

PROGRAM = Path(__file__).parents[2] / "docs" / "plc" / "sorting.py"


def main(port: int, speed: float, seed: int) -> float:
    program = runpy.run_path(str(PROGRAM))["Sorting"]()
    jitter, stop, longest = random.Random(seed), threading.Event(), 0.0
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    with ModbusTcpClient("127.0.0.1", port=port) as plc:
        due = last = time.monotonic()
        while not stop.is_set():
            program.scan(plc)
            due = max(due + jitter.uniform(0.08, 0.12) / speed, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            longest, last = max(longest, now - last), now
    return longest * speed * 1000


if __name__ == "__main__":
    print(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
