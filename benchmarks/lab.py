"""A real lab for a benchmark: `linelab up` as a process of its own, in a folder of its own, on free ports."""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_S = 90.0
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Of bench 1; bench n has each plus n - 1."""

    web: int
    opcua: int
    modbus: int
    mqtt: int


@dataclass(slots=True)
class Lab:
    """A lab that was started; `started` is when, by `time.perf_counter`."""

    process: subprocess.Popen[bytes]
    ports: Ports
    data: Path
    started: float

    def token(self, bench: int = 1, role: str = "trainee") -> str:
        tokens: dict[str, dict[str, str]] = json.loads((self.data / "tokens.json").read_text())
        return tokens[str(bench)][role]

    def key(self, station: str, control: str, bench: int = 1) -> None:
        """Turn the key switch of a station."""
        self._post(f"/api/benches/{bench}/key", {"station": station, "control": control})

    def _post(self, path: str, body: Mapping[str, object]) -> None:
        request = urllib.request.Request(
            f"http://{HOST}:{self.ports.web}{path}",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()

    def healthy(self) -> bool:
        return web_answers(self.ports.web)


def web_answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/api/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def free_ports(benches: int) -> Ports:
    """Ports that are free now, with room for that many benches behind each.

    Below 32768: a client that tries such a port again and again could be given the very same one as its own.
    """
    found: list[int] = []
    candidate = 20_000 + (int(time.perf_counter() * 1e6) % 12_000)
    while len(found) < 4:
        if all(_free(candidate + n) for n in range(benches)):
            found.append(candidate)
        candidate += benches
    return Ports(*found)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


@contextmanager
def lab(benches: int = 1, wait: bool = True) -> Iterator[Lab]:
    """Start, hand over when everything answers (`wait=False`: at once), stop as Ctrl-C does."""
    with tempfile.TemporaryDirectory(prefix="linelab-bench-") as folder:
        ports = free_ports(benches)
        started = time.perf_counter()
        with (Path(folder) / "up.log").open("wb") as log:
            process = subprocess.Popen(_command(Path(folder), ports, benches), stdout=log, stderr=log)
        running = Lab(process, ports, Path(folder), started)
        try:
            if wait:
                await_lab(running)
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _command(folder: Path, ports: Ports, benches: int) -> list[str]:
    return [
        sys.executable, "-c", "from api.cli import main; main()", "up",
        "--data", str(folder), "--benches", str(benches),
        "--web-port", str(ports.web), "--opcua-port", str(ports.opcua),
        "--modbus-port", str(ports.modbus), "--mqtt-port", str(ports.mqtt),
    ]  # fmt: skip


def await_lab(running: Lab) -> None:
    """Until it has said where to connect: every wire of every bench answers."""
    log = running.data / "up.log"
    while b"Ctrl-C stops everything" not in log.read_bytes():
        if running.process.poll() is not None or time.perf_counter() - running.started > START_S:
            raise RuntimeError(f"the lab did not start:\n{log.read_text()}")
        time.sleep(0.02)


@contextmanager
def server(*command: str, port: int) -> Iterator[int]:
    """A peer's server as a process of its own, from when its port answers; its process id."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.perf_counter() + START_S
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() > deadline:
                raise RuntimeError(f"{' '.join(command)} did not start")
            time.sleep(0.02)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
