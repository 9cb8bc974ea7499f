"""Modbus under load: reads of ten registers per CPU second of the server, and how long one takes.

LineLab's bench with its line running, a bare pymodbus server and a libmodbus server in C take turns. One client and
twenty; one request at a time and twenty pipelined. The clients count bytes and do nothing else. pymodbus answers one of
several pipelined requests, so it is asked one at a time only. CPU is that of the server's process less what it takes
when nobody asks: LineLab's host has a line that runs, its page feed and other wires.
"""

import selectors
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from benchmarks.figures import Figure, percentile, ratio, spread
from benchmarks.lab import HOST, free_ports, lab, server
from benchmarks.peer_libmodbus import compiled

CLIENTS, WINDOWS = (1, 20), (1, 20)
ROUNDS, ROUND_S, IDLE_S = 4, 0.8, 3.0
COUNT, INPUT_REGISTERS = 10, 4
ANSWER_BYTES = 9 + 2 * COUNT
Case = tuple[int, int]  # clients, requests that each has under way
CASES: tuple[Case, ...] = tuple((clients, window) for clients in CLIENTS for window in WINDOWS)


@dataclass(slots=True)
class Peer:
    """A server and what was measured of it, by case."""

    name: str
    port: int
    pid: int
    pipelines: bool = True
    idle: float = 0.0  # CPU seconds a second when nobody asks
    cost: dict[Case, list[float]] = field(default_factory=lambda: {case: [] for case in CASES})  # CPU s of a read
    rate: dict[Case, list[float]] = field(default_factory=lambda: {case: [] for case in CASES})  # reads a second
    took: dict[Case, list[float]] = field(default_factory=lambda: {case: [] for case in CASES})  # s of a block


class Times(Protocol):
    """CPU times of a process, in seconds."""

    @property
    def user(self) -> float: ...

    @property
    def system(self) -> float: ...


class Load:
    """Clients of one server, each of which sends a block of requests when the block before was answered."""

    def __init__(self, port: int, clients: int, window: int) -> None:
        one = struct.pack(">HHHBBHH", 1, 0, 6, 1, INPUT_REGISTERS, 0, COUNT)
        self._block, self._wanted = one * window, ANSWER_BYTES * window
        self._window = window
        self._selector = selectors.DefaultSelector()
        self._sockets = [socket.create_connection((HOST, port), timeout=5) for _ in range(clients)]
        self._missing = [0] * clients
        self._sent = [0.0] * clients
        for number, one_socket in enumerate(self._sockets):
            one_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(one_socket, selectors.EVENT_READ, number)

    def run(self, seconds: float, took: list[float]) -> int:
        """How many reads were answered in so long."""
        answered, end, under_way = 0, time.perf_counter() + seconds, len(self._sockets)
        for number in range(len(self._sockets)):
            self._ask(number)
        while under_way:
            ready = self._selector.select(5)
            if not ready:
                raise RuntimeError("requests were not answered")
            for key, _ in ready:
                number = key.data
                self._missing[number] -= len(self._sockets[number].recv(self._missing[number]))
                if self._missing[number]:
                    continue
                now = time.perf_counter()
                took.append(now - self._sent[number])
                answered += self._window
                if now < end:
                    self._ask(number)
                else:
                    under_way -= 1
        return answered

    def _ask(self, number: int) -> None:
        self._missing[number], self._sent[number] = self._wanted, time.perf_counter()
        self._sockets[number].sendall(self._block)

    def close(self) -> None:
        self._selector.close()
        for one in self._sockets:
            one.close()


def measure() -> list[Figure]:
    with ExitStack() as running:
        peers = _peers(running)
        time.sleep(IDLE_S)  # what a start leaves behind is over
        for peer in peers:
            before = psutil.Process(peer.pid).cpu_times()
            time.sleep(IDLE_S)
            peer.idle = _spent(before, psutil.Process(peer.pid).cpu_times()) / IDLE_S
        for _ in range(ROUNDS):  # interleaved: a busy machine is busy for all
            for case in CASES:
                for peer in peers:
                    if peer.pipelines or case[1] == 1:
                        _round(peer, case)
    return [figure for case in CASES for figure in _figures(peers, case)]


def _peers(running: ExitStack) -> list[Peer]:
    bench = running.enter_context(lab())
    host = next(
        child for child in psutil.Process(bench.process.pid).children(recursive=True)
        if "controller.host" in child.cmdline()
    )  # fmt: skip
    bare, native = free_ports(1).modbus, free_ports(1).mqtt
    command = (sys.executable, "-m", "benchmarks.peer_servers", "modbus", str(bare))
    found = [
        Peer("LineLab", bench.ports.modbus, host.pid),
        Peer("bare pymodbus", bare, running.enter_context(server(*command, port=bare)), pipelines=False),
    ]
    program = compiled(Path(running.enter_context(tempfile.TemporaryDirectory(prefix="linelab-bench-"))))
    if program is not None:
        pid = running.enter_context(server(str(program), str(native), port=native))
        found.append(Peer("libmodbus", native, pid))
    return found


def _round(peer: Peer, case: Case) -> None:
    process = psutil.Process(peer.pid)
    with closing(Load(peer.port, *case)) as load:
        load.run(ROUND_S / 5, [])
        before, begun = process.cpu_times(), time.perf_counter()
        answered = load.run(ROUND_S, peer.took[case])
        after, ended = process.cpu_times(), time.perf_counter()
    spent = _spent(before, after) - peer.idle * (ended - begun)
    peer.cost[case].append(max(spent, 0.01) / answered)
    peer.rate[case].append(answered / (ended - begun))


def _spent(before: Times, after: Times) -> float:
    return after.user + after.system - before.user - before.system


def _figures(peers: Sequence[Peer], case: Case) -> list[Figure]:
    clients, window = case
    what = f"{clients} client{'s' if clients > 1 else ''}, {'one at a time' if window == 1 else f'{window} pipelined'}"
    figures: list[Figure] = []
    measured = [peer for peer in peers if peer.cost[case]]
    for peer in measured:
        took = [seconds * 1e3 for seconds in peer.took[case]]
        each = "answered" if window == 1 else f"all {window} answered"
        note = f"{percentile(peer.rate[case], 0.5):,.0f} a second, {spread(peer.rate[case])}; {each} in "
        note += f"p50 {percentile(took, 0.5):.3f} ms, p99 {percentile(took, 0.99):.3f} ms"
        figures.append(Figure(f"{what}: {peer.name}", 1 / percentile(peer.cost[case], 0.5), "reads/CPU s", note))
    goals = {"bare pymodbus": "at most 1.2"}
    figures += [
        ratio(
            f"{what}: cost of LineLab / {peer.name}",
            measured[0].cost[case],
            peer.cost[case],
            goal=goals.get(peer.name, ""),
        )
        for peer in measured[1:]
    ]
    if all(peer.name != "libmodbus" for peer in peers):
        figures.append(Figure(f"{what}: libmodbus", 0, "", "not measured: apt-get install libmodbus-dev gcc"))
    return figures
