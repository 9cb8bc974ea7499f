"""`python -m benchmarks [NAME ...]`: measure, show a table, write JSON to `benchmarks/out/`."""

import argparse
import importlib
from collections.abc import Callable, Sequence

from rich.console import Console

from benchmarks.figures import Figure, Machine, save, show

# name -> what it measures; each is a module of this package with `measure()`
BENCHMARKS = {
    "headless": "the reference line without wires, against real time and against SimPy by hand",
    "faults": "the reference line with no fault and with fifty, against an image that has no place for faults",
    "state": "checkpoint, restore, replay",
    "training": "the instructor's hand: time to an initial condition, looking back into an hour",
    "modbus_wire": "Modbus: coil written to input register read, against a bare pymodbus server",
    "modbus_load": "Modbus under load: reads per CPU second, against pymodbus and libmodbus",
    "opcua_wire": "OPC UA: write to notification, against a bare asyncua server",
    "opcua_fan_out": "OPC UA: CPU of a change for each session and of a read, against asyncua and node-opcua",
    "drivers": "drivers of real devices: write and read back against the bare library, tags per second",
    "takeover": "a real device dies: time until its simulated twin is the station",
    "mqtt_wire": "MQTT: command to state, and one hop through the broker against mosquitto",
    "start": "from process start to the first answer on each wire",
    "sixty": "sixty benches with all wires: memory, start, CPU with and without clients",
    "memory": "what a bench takes",
    "growth": "how cost grows with stations and with parts on a belt; also drawn",
    "flow": "flow lines of 5, 50 and 500 stations, against SimPy by hand and two libraries",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures of LineLab on this machine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(BENCHMARKS)}")
    names: list[str] = parser.parse_args().names
    for name in names:
        if name not in BENCHMARKS:
            parser.error(f"no benchmark {name!r}; there are {', '.join(BENCHMARKS)}")
    console, machine = Console(), Machine.here()
    if not console.is_terminal:
        console = Console(width=150)
    console.print(f"[bold]{machine}[/bold]\n")
    results: dict[str, Sequence[Figure]] = {}
    try:
        for name in names or BENCHMARKS:
            measure: Callable[[], Sequence[Figure]] = importlib.import_module(f"benchmarks.{name}").measure
            with console.status(BENCHMARKS[name]):
                results[name] = measure()
            show(console, f"{name}: {BENCHMARKS[name]}", results[name])
    finally:  # what was measured before one failed is kept
        console.print(f"Written to {save(machine, results)}")


if __name__ == "__main__":
    main()
