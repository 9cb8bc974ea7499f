"""From the start of the process to the first answer on each wire, by clients that try again all the time."""

import socket
import struct
import time
from collections.abc import Callable

import psutil

from benchmarks.figures import Figure, percentile, spread
from benchmarks.lab import HOST, START_S, Lab, await_lab, lab
from devices.mqtt.frames import frame
from devices.mqtt.packets import Connect

ROUNDS = 3
PAUSE_S = 0.01
GOAL = "all within 10 s"
CPU = "cpu"  # of all processes: says more than the wall where other work runs


def measure() -> list[Figure]:
    found: dict[str, list[float]] = {name: [] for name in (*WIRES, "everything printed", CPU)}
    for _ in range(ROUNDS):
        for name, seconds in _first_answers().items():
            found[name].append(seconds)
    cpu = found.pop(CPU)
    return [
        *(Figure(f"first answer, {n}, p50", percentile(s, 0.5), "s", spread(s), GOAL) for n, s in found.items()),
        Figure("CPU time of all processes by then, p50", percentile(cpu, 0.5), "s", spread(cpu)),
    ]


def _first_answers() -> dict[str, float]:
    answered: dict[str, float] = {}
    with lab(wait=False) as running:
        while len(answered) < len(WIRES):
            if running.process.poll() is not None or time.perf_counter() - running.started > START_S:
                raise RuntimeError((running.data / "up.log").read_text())
            for name, answers in WIRES.items():
                if name not in answered and answers(running):
                    answered[name] = time.perf_counter() - running.started
            time.sleep(PAUSE_S)
        await_lab(running)
        answered["everything printed"] = time.perf_counter() - running.started
        root = psutil.Process(running.process.pid)
        spent = [process.cpu_times() for process in (root, *root.children(recursive=True))]
        answered[CPU] = sum(times.user + times.system for times in spent)
    return answered


def _asked(port: int, question: bytes) -> bool:
    """Whether anything comes back for it."""
    try:
        with socket.create_connection((HOST, port), timeout=2) as one:
            one.sendall(question)
            return bool(one.recv(64))
    except OSError:
        return False


def _hello(running: Lab) -> bytes:
    """OPC UA's first message (part 6, 7.1.2.3); the server acknowledges it."""
    url = f"opc.tcp://{HOST}:{running.ports.opcua}/".encode()
    body = struct.pack("<IIIIII", 0, 65536, 65536, 0, 0, len(url)) + url
    return b"HELF" + struct.pack("<I", 8 + len(body)) + body


WIRES: dict[str, Callable[[Lab], bool]] = {
    "OPC UA": lambda running: _asked(running.ports.opcua, _hello(running)),
    "Modbus": lambda running: _asked(running.ports.modbus, struct.pack(">HHHBBHH", 1, 0, 6, 1, 4, 0, 1)),
    "MQTT": lambda running: _asked(running.ports.mqtt, frame(Connect("start"))),
    "page": lambda running: running.healthy(),
}
