"""`linelab up` as a person starts it: real processes and wires, the API, Ctrl-C, and the journal afterwards."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from api.models import TagInfo

COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]
OPTIONS = ("--web-port", "--opcua-port", "--modbus-port", "--mqtt-port")

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal"),
    pytest.mark.timeout(120),
]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass
class Lab:
    """A lab that runs, and what it printed."""

    process: subprocess.Popen[str]
    ports: list[int]
    out: str = ""
    err: list[str] = field(default_factory=list)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}/api"

    def token(self, role: str) -> str:
        found = re.search(rf"\b{role} +(\S{{20,}})", self.out)
        assert found is not None, self.out
        return found[1]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=20)


@contextmanager
def lab(data: Path, *options: str) -> Iterator[Lab]:
    """Started when the last line of its table is there; ended, whatever the test does."""
    ports = free_ports(4)
    chosen = [text for option, port in zip(OPTIONS, ports, strict=True) for text in (option, str(port))]
    env = {**os.environ, "LINELAB_HOME": str(data)}
    with subprocess.Popen(
        [*COMMAND, "up", *chosen, *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, start_new_session=True,
    ) as process:  # fmt: skip
        running = Lab(process, ports)
        assert process.stdout is not None
        assert process.stderr is not None
        remarks = threading.Thread(target=lambda: running.err.extend(process.stderr or ()), daemon=True)
        remarks.start()
        try:
            for line in process.stdout:
                running.out += line
                if "Ctrl-C" in line:
                    break
            yield running
        finally:
            process.terminate()
            process.wait(timeout=20)
            remarks.join(timeout=5)


def replayed(journal: Path) -> dict[str, object]:
    done = subprocess.run([*COMMAND, "replay", str(journal), "--json"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_from_start_to_ctrl_c(tmp_path: Path) -> None:
    with lab(tmp_path) as it:
        assert [f":{port}" in it.out for port in it.ports] == [True] * 4
        headers = {"authorization": f"Bearer {it.token('trainee')}"}
        with httpx.Client(base_url=it.api, headers=headers) as client:
            info = client.get("/benches/1").json()
            assert info["line"]["name"] == "smart-factory"
            tags = [TagInfo.model_validate(tag) for tag in client.get("/benches/1/tags").json()]
            assert len(client.get("/benches/1/values").json()) == len(tags)
            assert client.get("/benches/1/layout").json()["stations"]
            assert [row["wire"] for row in client.get("/benches/1/wires").json()] == ["modbus", "mqtt", "opcua"]
            assert client.get("/benches/1/map?format=json").json()["line"] == "smart-factory"
            instructor = {"authorization": f"Bearer {it.token('instructor')}"}
            parts = client.get("/benches/1/components", headers=instructor).json()
            assert next(row["time_in_state_s"].keys() for row in parts if row["kind"] == "photo_eye") == {
                "clear",
                "covered",
            }
            stop = {"station": "sorting", "element": "stop", "pressed": True}
            assert client.post("/benches/1/panel", json=stop).json() == {"ok": True}
            wrong = client.post("/benches/1/jog", json={"tag": "sorting.eye_1", "value": True})
            assert (wrong.status_code, wrong.json()["code"]) == (409, "read_only")
            assert client.get("/benches/1/faults").status_code == 403
        sees_the_stop(it, headers)
        assert stat.S_IMODE((tmp_path / "tokens.json").stat().st_mode) == 0o600
        assert it.stop() == 0
    assert it.err[-1] == "Stopped; every journal is closed.\n"
    for port in it.ports:
        socket.create_server(("127.0.0.1", port)).close()
    [journal] = tmp_path.glob("bench-1/*/journal.jsonl")
    found = replayed(journal)
    assert (found["agrees"], found["ended"], found["inputs"]) == (True, True, 1)


def sees_the_stop(it: Lab, headers: dict[str, str]) -> None:
    url = f"ws://127.0.0.1:{it.ports[0]}/api/ws"
    with connect(url, additional_headers=headers, proxy=None) as socket:
        socket.send(json.dumps({"op": "sub", "ch": "line:1"}))
        snap = json.loads(socket.recv(timeout=5))
        assert (snap["ch"], snap["k"]) == ("line:1", "snap")
        assert snap["st"]["sorting"] != 6  # no longer in Execute


def test_the_second_start_prints_no_token_and_resumes(tmp_path: Path) -> None:
    with lab(tmp_path) as first:
        headers = {"authorization": f"Bearer {first.token('instructor')}"}
        assert first.stop() == 0
    with lab(tmp_path, "--resume") as again:
        assert headers["authorization"].removeprefix("Bearer ") not in again.out
        assert str(tmp_path / "tokens.json") in again.out
        assert httpx.get(f"{again.api}/benches/1", headers=headers).json()["clock"]["sim_s"] > 0
        assert again.stop() == 0
    assert len(list(tmp_path.glob("bench-1/*/journal.jsonl"))) == 1


def test_a_port_in_use_says_which_and_what_changes_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with lab(tmp_path, "--web-port", str(port)) as it:
            assert it.process.wait(timeout=30) == 2
    said = "".join(it.err)
    assert f"port {port}" in said
    assert "--web-port" in said
    assert "Traceback" not in said


def test_a_line_that_is_not_there(tmp_path: Path) -> None:
    with lab(tmp_path, "--line", "smart-factry") as it:
        assert it.process.wait(timeout=30) == 2
    assert "did you mean smart-factory?" in "".join(it.err)
    assert "Traceback" not in "".join(it.err)
