"""A lab as a person starts it: `linelab up` in a process of its own, on free ports, with an empty data folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import time  # noqa: TID251  these tests run against the wall clock
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
LINELAB = str(Path(sys.executable).with_name("linelab"))
START_S = 30.0


def free_block(count: int) -> int:
    """The first of `count` ports in a row that are free now."""
    while True:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        if first + count < 65535 and all(is_free(port) for port in range(first, first + count)):
            return first


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        try:
            # as a server does: a connection in TIME_WAIT is no hindrance
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def within(seconds: float, what: str) -> Iterator[None]:
    """Poll: `for _ in within(5, "a part"): if there: break`; a time-out is a failed test that says what was missing."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass
class Lab:
    """A running `linelab up`; `stop` is Ctrl-C and answers the exit code."""

    data: Path
    benches: int = 1
    options: tuple[str, ...] = ()
    web: int = field(default_factory=lambda: free_block(1))
    base: int = 0
    process: "subprocess.Popen[str] | None" = None
    answers: list[int] = field(default_factory=list)  # how it answered `tags` while it started

    def __post_init__(self) -> None:
        self._told = 0  # bytes of the log before the last start
        self.base = self.base or free_block(3 * self.benches)

    def port(self, wire: str, bench: int = 1) -> int:
        return self.base + ("opcua", "modbus", "mqtt").index(wire) * self.benches + bench - 1

    @property
    def ports(self) -> list[int]:
        return [self.web, *range(self.base, self.base + 3 * self.benches)]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    @property
    def log(self) -> Path:
        return self.data.with_suffix(".out")

    def start(self, *more: str) -> "Lab":
        b = self.benches
        command = [
            LINELAB, "up", "--data", str(self.data), "--benches", str(b), "--web-port", str(self.web),
            "--opcua-port", str(self.base), "--modbus-port", str(self.base + b), "--mqtt-port", str(self.base + 2 * b),
            *self.options, *more,
        ]  # fmt: skip
        self._told = self.log.stat().st_size if self.log.exists() else 0
        self.answers = []
        # a process group of its own, so that Ctrl-C reaches it as from a terminal and not this test
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, text=True, start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        self._await()
        return self

    def _await(self) -> None:
        for _ in within(START_S, "linelab up answers"):
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"linelab up ended: {self.log.read_text()}")
            with suppress(httpx.HTTPError):
                self._look()
                if self.said("Ctrl-C stops") and httpx.get(f"{self.url}/api/health").status_code == 200:
                    return

    def _look(self) -> None:
        """Ask for a bench from the first moment that somebody answers."""
        if (self.data / "tokens.json").exists():
            headers = {"Authorization": f"Bearer {self.token('trainee')}"}
            self.answers.append(httpx.get(f"{self.url}/api/benches/1/tags", headers=headers).status_code)

    def said(self, text: str) -> bool:
        """Whether this was said since the last start."""
        with self.log.open("rb") as log:
            log.seek(self._told)
            return text in log.read().decode("utf-8", "replace")

    def stop(self) -> int:
        """Ctrl-C, as a terminal sends it: to every process of the group."""
        if self.process is None:
            raise AssertionError("not started")
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        """The power fails: every process is gone at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=20)

    def token(self, role: str, bench: int = 1) -> str:
        tokens: dict[str, dict[str, str]] = json.loads((self.data / "tokens.json").read_text())
        return tokens[str(bench)][role]

    def ask(self, method: str, path: str, body: object = None, role: str = "trainee", bench: int = 1) -> Any:
        """One REST call on a bench; what is not good is a failed test."""
        answer = httpx.request(
            method, f"{self.url}/api/benches/{bench}{path}", json=body,
            headers={"Authorization": f"Bearer {self.token(role, bench)}"}, timeout=60,
        )  # fmt: skip
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def key(self, station: str, control: str, bench: int = 1) -> None:
        self.ask("POST", "/key", {"station": station, "control": control}, bench=bench)

    def values(self, bench: int = 1) -> dict[str, bool | int | float]:
        """The present value of every tag, by name, as the page has them."""
        names = {row["index"]: row["name"] for row in self.ask("GET", "/tags", bench=bench)}
        return {names[index]: value for index, value, *_ in self.ask("GET", "/values", bench=bench)}

    def journals(self, bench: int = 1) -> list[Path]:
        return sorted((self.data / f"bench-{bench}").glob("*/journal.jsonl"))


def linelab(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([LINELAB, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
