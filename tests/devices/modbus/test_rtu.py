"""RTU: frames from any stream of bytes, on a pseudo-terminal and over TCP, with foreign masters."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.framer import FramerRTU, FramerType

from devices.address_map import AddressMap
from devices.modbus import ModbusEndpoint
from devices.modbus.endpoint import RTU_OVER_TCP, Ways
from devices.modbus.frames import Garbage
from devices.modbus.rtu import RtuFraming
from devices.serial_settings import SerialSettings
from tests.devices.fake_line import FakeLine
from tests.tools import need

UNIT = 7


def rtu(pdu: bytes, unit: int = UNIT) -> bytes:
    body = bytes([unit]) + pdu
    return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")


REQUESTS = st.sampled_from([
    bytes.fromhex("0300000001"), bytes.fromhex("0100000008"), bytes.fromhex("050000ff00"), bytes.fromhex("060000000a"),
    bytes.fromhex("0f00000008 01 ff"), bytes.fromhex("1000000002 04 00010002"), bytes.fromhex("16000000ff0000"),
    bytes.fromhex("1700000001 00000001 02 0001"), bytes.fromhex("2b0e0100"),
])  # fmt: skip


@given(st.lists(st.tuples(REQUESTS, st.integers(1, 12)), min_size=1, max_size=6), st.lists(st.integers(1, 9)))
def test_frames_survive_any_segmentation_and_those_of_other_units_pass(
    sent: list[tuple[bytes, int]], cuts: list[int]
) -> None:
    stream = b"".join(rtu(pdu, unit) for pdu, unit in sent)
    framing, got = RtuFraming(UNIT), []
    for size in [*cuts, len(stream)]:
        framing.feed(stream[:size])
        stream = stream[size:]
        while found := framing.next():
            got.append((found.pdu, found.unit))
    assert got == [row for row in sent if row[1] == UNIT]
    assert framing.others == sum(unit != UNIT for _, unit in sent)


@given(st.binary(min_size=1, max_size=300))
def test_after_any_noise_and_a_silence_the_next_request_is_read(noise: bytes) -> None:
    framing = RtuFraming(UNIT)
    framing.feed(noise)
    while framing.next():
        pass
    with suppress(Garbage):
        framing.silence()
    framing.feed(rtu(bytes.fromhex("0300000001")))
    found = framing.next()
    assert found is not None
    assert found.pdu == bytes.fromhex("0300000001")


def test_a_wrong_checksum_is_no_request_and_is_said_at_the_next_silence() -> None:
    framing = RtuFraming()
    framing.feed(rtu(bytes.fromhex("050000ff00"))[:-1] + b"\0")
    assert framing.next() is None
    with pytest.raises(Garbage, match="8 bytes that are no frame"):
        framing.silence()


def test_a_function_that_nobody_knows_ends_with_the_silence() -> None:
    framing = RtuFraming(UNIT)
    framing.feed(rtu(b"\x41\1\2\3"))
    assert framing.next() is None
    found = framing.silence()
    assert found is not None
    assert found.pdu == b"\x41\1\2\3"


@pytest.fixture
async def served(line: FakeLine, addresses: AddressMap, tmp_path: Path) -> AsyncIterator[tuple[ModbusEndpoint, str]]:
    """An endpoint with RTU over TCP and on a pseudo-terminal, and the path of that."""
    link = tmp_path / "bench-1.modbus"
    serial = SerialSettings("pty", unit=UNIT, baud=115_200, link=link)
    endpoint = ModbusEndpoint(line, addresses, port=0, ways=Ways(rtu_port=0, serial=serial))
    await endpoint.start()
    yield endpoint, str(link)
    await endpoint.stop()
    assert not link.exists()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_pymodbus_on_the_serial_line(served: tuple[ModbusEndpoint, str], line: FakeLine) -> None:
    def ask() -> tuple[list[int], list[bool], bool]:
        with ModbusSerialClient(served[1], baudrate=115_200, parity="N", timeout=2) as client:
            words = client.read_holding_registers(0, count=2, device_id=UNIT).registers
            client.write_coil(0, True, device_id=UNIT)
            bits = client.read_coils(0, count=2, device_id=UNIT).bits[:2]
            client.retries = 0
            client.comm_params.timeout_connect = 0.2
            return words, bits, client.read_coils(0, device_id=UNIT).isError()

    assert await asyncio.to_thread(ask) == ([2000, 0], [True, False], False)
    assert [client.name for client, _ in line.requests] == [str(Path(served[1]).readlink())]


async def test_mbpoll_on_the_serial_line(served: tuple[ModbusEndpoint, str]) -> None:
    mbpoll = need("mbpoll", "apt-get install mbpoll")
    command = [
        mbpoll,
        "-m",
        "rtu",
        "-b",
        "115200",
        "-P",
        "none",
        "-a",
        str(UNIT),
        "-0",
        "-r",
        "0",
        "-1",
        "-t",
        "4",
        served[1],
    ]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    assert "[0]: \t2000" in done.stdout


async def test_a_request_to_another_unit_is_not_answered_and_a_broadcast_is_done(
    served: tuple[ModbusEndpoint, str], line: FakeLine
) -> None:
    def ask() -> bytes:
        import serial

        with serial.Serial(served[1], 115_200, parity="N", timeout=0.4) as port:
            port.write(rtu(bytes.fromhex("0300000001"), unit=9))
            nothing = port.read(1)
            port.write(rtu(bytes.fromhex("050000ff00"), unit=0))
            return nothing + port.read(1)

    assert await asyncio.to_thread(ask) == b""
    assert [writes for _, writes in line.requests] == [[("sorting.belt_run", True)]]


async def test_rtu_over_tcp_beside_modbus_tcp(served: tuple[ModbusEndpoint, str], line: FakeLine) -> None:
    host, _, port = served[0].further_ways[RTU_OVER_TCP].removeprefix("rtu+tcp://").rpartition(":")

    def ask() -> list[int]:
        with ModbusTcpClient(host, port=int(port), framer=FramerType.RTU) as client:
            return list(client.read_holding_registers(0, count=1, device_id=1).registers)

    assert await asyncio.to_thread(ask) == [2000]
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    async with asyncio.timeout(5):
        while not line.rejects:
            await asyncio.sleep(0.01)
        writer.write(rtu(bytes.fromhex("0300000001")))  # the connection lives, as a gateway's does
        assert await reader.readexactly(7) == rtu(bytes.fromhex("030207d0"))
    writer.close()
    assert "no frame" in line.rejects[0][2]


async def test_a_serial_line_that_is_not_there_is_named(line: FakeLine, addresses: AddressMap) -> None:
    endpoint = ModbusEndpoint(line, addresses, port=0, ways=Ways(serial=SerialSettings("/dev/no-such-line", unit=1)))
    with pytest.raises(OSError, match="Modbus serial line /dev/no-such-line"):
        await endpoint.start()
    assert endpoint.clients == 0
