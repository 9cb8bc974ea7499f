"""Modbus: how soon an input register says what a coil did, as seen by a client on its own socket.

`infeed.belt_run` starts and stops a belt, `infeed.belt_speed_actual` follows at the same simulated instant: so what is
measured is the wire, the gate, the journal and the line, and no delay of the plant. The peer, a bare pymodbus server,
has no line behind it: there the coil itself is read back, with the same two requests.
"""

import json
import socket
import struct
import subprocess
import sys
import time

from benchmarks.figures import Figure, latencies, percentile, ratio
from benchmarks.lab import HOST, Lab, free_ports, lab, server

ROUNDS, TOGGLES = 4, 400
COILS, DISCRETE_INPUTS, INPUT_REGISTERS, WRITE_COIL = 1, 2, 4, 5


class Modbus:
    """A client with nothing between it and the socket."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._number = 0

    def close(self) -> None:
        self._socket.close()

    def ask(self, function: int, address: int, value: int) -> bytes:
        """One request, the data of its answer."""
        self._number = (self._number + 1) & 0xFFFF
        self._socket.sendall(struct.pack(">HHHBBHH", self._number, 0, 6, 1, function, address, value))
        answer = b""
        while len(answer) < 6 or len(answer) < 6 + int.from_bytes(answer[4:6], "big"):
            got = self._socket.recv(512)
            if not got:
                raise ConnectionError("the server hung up")
            answer += got
        if answer[7] & 0x80:
            raise RuntimeError(f"function {function} at {address}: exception {answer[8]}")
        return answer[8:]

    def write(self, coil: int, on: bool) -> None:
        self.ask(WRITE_COIL, coil, 0xFF00 if on else 0)

    def follows(self, function: int, address: int) -> bool:
        """Whether the first bit or register is not zero."""
        return any(self.ask(function, address, 1)[1:])


def measure() -> list[Figure]:
    places = addresses()
    ours: dict[str, list[float]] = {"register": [], "input": [], "read": []}
    peer: dict[str, list[float]] = {"coil": [], "read": []}
    port = free_ports(1).modbus
    with lab() as running, server(sys.executable, "-m", "benchmarks.peer_servers", "modbus", str(port), port=port):
        running.key("infeed", "modbus")
        for _ in range(ROUNDS):  # interleaved: a busy machine is busy for both
            _ours(running, places, ours)
            _peer(port, peer)
    return [
        *latencies("coil -> following input register", ours["register"], "infeed.belt_run, belt_speed_actual", "<= 3"),
        *latencies("coil -> next station's discrete input", ours["input"], "the handshake wire"),
        *latencies("read of 10 input registers", ours["read"]),
        *latencies("bare pymodbus, coil -> coil read back", peer["coil"]),
        *latencies("bare pymodbus, read of 10 registers", peer["read"]),
        ratio(
            "coil to register, LineLab / bare pymodbus", ours["register"], peer["coil"], "below 1: LineLab is sooner"
        ),
        Figure("round trips a second, LineLab", 1 / percentile(ours["read"], 0.5), "1/s", "one client, one by one"),
    ]


def addresses() -> dict[str, int]:
    """Where the tags are, as the printed map says it."""
    command = [sys.executable, "-c", "from api.cli import main; main()", "map", "smart-factory", "--format", "json"]
    printed = subprocess.run(command, capture_output=True, check=True)
    return {tag["name"]: tag["modbus"]["address"] for tag in json.loads(printed.stdout)["tags"]}


def _toggle(client: Modbus, coil: int, function: int, address: int, took: list[float]) -> None:
    for n in range(TOGGLES):
        on = n % 2 == 0
        begin = time.perf_counter()
        client.write(coil, on)
        while client.follows(function, address) != on:
            pass
        took.append(time.perf_counter() - begin)


def _read(client: Modbus, took: list[float]) -> None:
    for _ in range(TOGGLES):
        begin = time.perf_counter()
        client.ask(INPUT_REGISTERS, 0, 10)
        took.append(time.perf_counter() - begin)


def _ours(running: Lab, places: dict[str, int], took: dict[str, list[float]]) -> None:
    client = Modbus(running.ports.modbus)
    run, speed = places["infeed.belt_run"], places["infeed.belt_speed_actual"]
    sent, heard = places["infeed.part_available"], places["machining.upstream_part_available"]
    client.write(run, False)
    _toggle(client, run, INPUT_REGISTERS, speed, took["register"])
    client.write(sent, False)
    _toggle(client, sent, DISCRETE_INPUTS, heard, took["input"])
    _read(client, took["read"])
    client.close()


def _peer(port: int, took: dict[str, list[float]]) -> None:
    client = Modbus(port)
    client.write(0, False)
    _toggle(client, 0, COILS, 0, took["coil"])
    _read(client, took["read"])
    client.close()
