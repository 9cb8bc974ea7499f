"""Programs and libraries that know nothing of us: pymodbus' client and mbpoll."""

import asyncio

from pymodbus.client import AsyncModbusTcpClient

from devices.modbus import ModbusEndpoint
from tests.devices.fake_line import FakeLine
from tests.tools import need


def port_of(endpoint: ModbusEndpoint) -> int:
    return int(endpoint.url.rpartition(":")[2])


async def test_pymodbus_client_reads_writes_and_identifies(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    async with AsyncModbusTcpClient("127.0.0.1", port=port_of(endpoint)) as client:
        assert (await client.read_discrete_inputs(0, count=2)).bits[:2] == [False, True]
        assert not (await client.write_coil(0, True)).isError()
        assert (await client.read_coils(0, count=1)).bits[0] is True
        words = client.convert_to_registers(250.5, client.DATATYPE.FLOAT32)
        assert not (await client.write_registers(4000, words)).isError()
        assert (await client.read_holding_registers(0, count=1)).registers == [2505]
        mixed = await client.readwrite_registers(read_address=0, read_count=2, write_address=1, values=[3])
        assert mixed.registers == [2505, 3]
        assert (await client.write_register(500, 1)).exception_code == 2
        identity = await client.read_device_information()
        assert identity.information[0] == b"LineLab"


async def mbpoll(endpoint: ModbusEndpoint, *arguments: str) -> str:
    """mbpoll's output for one poll with PDU addresses."""
    program = need("mbpoll", "apt-get install mbpoll")
    options = ["-0", "-1", "-q", "-p", str(port_of(endpoint)), "127.0.0.1"]
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments[:-1],
        *options,
        *arguments[-1].split(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(10):
        output, _ = await process.communicate()
    return output.decode(errors="replace")


async def test_mbpoll_reads_and_writes_all_tables(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    line.set("sorting.colour", 2)
    assert "[1]: \t1" in await mbpoll(endpoint, "-t", "1", "-r", "0", "-c", "2", "")
    assert "[0]: \t2" in await mbpoll(endpoint, "-t", "3", "-r", "0", "")
    assert "Written 1 references" in await mbpoll(endpoint, "-t", "0", "-r", "0", "1")
    assert "Written 2 references" in await mbpoll(endpoint, "-t", "4", "-r", "0", "1500 3")
    assert [writes for _, writes in line.requests] == [
        [("sorting.belt_run", True)],
        [("sorting.belt_speed", 150.0), ("sorting.target", 3)],
    ]


async def test_mbpoll_reads_and_writes_floats_big_endian(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    line.set("storage.crane_x", 812.5)
    assert "812.5" in await mbpoll(endpoint, "-t", "3:float", "-B", "-r", "4064", "")
    assert "Written 1 references" in await mbpoll(endpoint, "-t", "4:float", "-B", "-r", "4000", "99.9")
    assert line.requests[0][1] == [("sorting.belt_speed", 99.9)]


async def test_mbpoll_says_the_refusal(endpoint: ModbusEndpoint) -> None:
    assert "Illegal data value" in await mbpoll(endpoint, "-t", "4", "-r", "1", "9")
    assert "Illegal data address" in await mbpoll(endpoint, "-t", "4", "-r", "500", "9")
