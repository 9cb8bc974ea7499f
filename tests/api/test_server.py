"""The api process as the supervisor starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from controller.child import READY


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def process(given: str) -> Iterator[subprocess.Popen[str]]:
    """An api process that was told what to serve; killed where a test leaves it running."""
    with subprocess.Popen(
        [sys.executable, "-m", "api.server"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as api:  # fmt: skip
        assert api.stdin is not None
        try:
            api.stdin.write(given + "\n")
            api.stdin.flush()
            yield api
        finally:
            api.kill()


def told(port: int) -> str:
    tokens = {"1": {"trainee": "t" * 20, "instructor": "i" * 20, "engineer": "e" * 20}}
    # nobody listens there: the pages are up all the same, and say that the lab is away
    hosts = [{"url": f"ws://127.0.0.1:{free_port()}", "secret": "s", "benches": [1]}]
    return json.dumps({"listen": "127.0.0.1", "port": port, "tokens": tokens, "hosts": hosts})


def ready(api: subprocess.Popen[str]) -> None:
    assert api.stdout is not None
    assert api.stdout.readline() == READY + "\n"


def ended(api: subprocess.Popen[str]) -> tuple[int, str]:
    code = api.wait(timeout=20)
    assert api.stderr is not None
    return code, api.stderr.read()


def test_it_serves_and_ends_with_its_supervisor() -> None:
    port = free_port()
    with process(told(port)) as api:
        ready(api)
        url = f"http://127.0.0.1:{port}/api"
        assert httpx.get(f"{url}/health").json()["ok"] is True
        answer = httpx.get(f"{url}/benches", headers={"authorization": "Bearer " + "t" * 20})
        assert (answer.status_code, answer.json()["code"]) == (503, "lab")
        assert api.stdin is not None
        api.stdin.close()
        assert ended(api) == (0, "")
    with socket.create_server(("127.0.0.1", port)):  # the port is free again
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM")
def test_it_ends_when_told() -> None:
    with process(told(free_port())) as api:
        ready(api)
        os.kill(api.pid, signal.SIGTERM)
        assert ended(api) == (0, "")


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with process(told(port)) as api:
            assert api.stdout is not None
            said = api.stdout.readline()
            assert ended(api) == (2, "")
    assert said == (
        f'failed "the web page cannot listen on 127.0.0.1 port {port}: it is in use; --web-port changes it"\n'
    )


def test_nonsense_on_standard_input_is_named() -> None:
    with process("{}") as api:
        code, said = ended(api)
    assert code == 2
    assert "hosts" in said
    assert "Traceback" not in said
