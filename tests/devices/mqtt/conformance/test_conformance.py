"""Every provable statement of both versions, on LineLab's broker and on mosquitto 2.0, from raw bytes.

A statement that mosquitto does not keep is an expected failure there, with the reason; LineLab's broker has none.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices.mqtt.conformance import connecting, malformed, messages, version_5, websockets_6
from tests.devices.mqtt.conformance.raw import PATIENCE_S, wait
from tests.devices.mqtt.conformance.stage import CASES, Case, Stage
from tests.tools import need

MODULES = (connecting, malformed, messages, version_5, websockets_6)  # importing them fills CASES
START_S, LOOK_S = 10.0, 0.02


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(int(START_S / LOOK_S)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        wait(LOOK_S)
    raise TimeoutError(f"nobody listens on port {port}")


def serve(command: list[str], ports: tuple[int, int]) -> Iterator[tuple[int, int]]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for port in ports:
                wait_for(port)
            yield ports
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def linelab() -> Iterator[tuple[int, int]]:
    ports = free_ports()
    yield from serve([sys.executable, "-m", "tests.devices.mqtt.open_house", *map(str, ports)], ports)


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    program, (port, ws_port) = need("mosquitto", "apt-get install mosquitto"), free_ports()
    config: Path = tmp_path_factory.mktemp("mosquitto") / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nlistener {ws_port} 127.0.0.1\nprotocol websockets\n"
        "allow_anonymous true\npersistence false\nset_tcp_nodelay true\nsys_interval 0\n"
    )
    yield from serve([program, "-c", str(config)], (port, ws_port))


def cases() -> Iterator[object]:
    for case in CASES:
        yield pytest.param("linelab", case, id=f"linelab-{case.label}")
        known = [pytest.mark.xfail(reason=f"mosquitto {case.mosquitto}", strict=True)] if case.mosquitto else []
        yield pytest.param("mosquitto", case, id=f"mosquitto-{case.label}", marks=known)


@pytest.mark.parametrize(("broker", "case"), list(cases()))
def test_statement(broker: str, case: Case, request: pytest.FixtureRequest) -> None:
    known = broker == "mosquitto" and case.mosquitto  # what never comes need not be waited for
    stage = Stage(*request.getfixturevalue(broker), case.name, 0.4 if known else PATIENCE_S)
    try:
        case.proof(stage, case.level)
    finally:
        stage.close()
