"""The port: garbage closes its own connection and is counted, a late link is late for all alike, stop is clean."""

import asyncio
import logging
import socket
import struct
from unittest import mock

import pytest
from asyncua import Client, ua
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.endpoint import Endpoint, Wire
from devices.opcua import OpcUaEndpoint, connection, link, pin
from tests.devices.fake_line import FakeCredentials, FakeLine
from tests.devices.opcua.conftest import Heard, client, node, served, until


def hello(size: int = 65535) -> bytes:
    body = struct.pack("<5I", 0, size, size, 0, 0) + struct.pack("<I", 12) + b"opc.tcp://x/"
    return b"HELF" + struct.pack("<I", 8 + len(body)) + body


async def sent(endpoint: OpcUaEndpoint, *parts: bytes) -> bytes:
    """Everything that the server answers to these bytes until it closes."""
    port = int(endpoint.url.rstrip("/").rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        async with asyncio.timeout(3):
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0)
            answer = await reader.read(-1)
    except ConnectionError:
        pass  # closed under what was still being written
    finally:
        writer.close()
    return answer


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x00" * 64,
        b"HELF" + b"\xff" * 4,
        b"HELF" + struct.pack("<I", 8),
        b"HELC" + struct.pack("<I", 32) + b"\x00" * 24,
        b"MSGF" + struct.pack("<I", 32) + b"\x00" * 24,
        hello(100),
        hello() + hello(),
        hello() + b"OPNF" + struct.pack("<I", 40) + b"\x00" * 32,
        hello() + b"MSGF" + struct.pack("<I", 40) + b"\x00" * 32,
        hello() + b"OPNF" + struct.pack("<I", 0x7FFFFFFF),
        hello() + b"hello",
    ],
    ids=lambda garbage: repr(garbage[:8]) + f"+{len(garbage)}",
)
async def test_garbage_is_closed_and_counted(
    line: FakeLine, endpoint: OpcUaEndpoint, trainee: Client, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await sent(endpoint, garbage)
    assert b"ERRF" in answer, "it is told why"
    assert [wire for wire, _, _ in line.rejects] == [Wire.OPCUA]
    assert await (await node(trainee, "sorting.eye_1")).read_value() is False
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]


@given(
    parts=st.lists(st.binary(max_size=200), max_size=4),
    greeted=st.booleans(),
    kind=st.sampled_from([b"", b"OPNF", b"MSGF"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_fuzz_bytes_harm_nobody(parts: list[bytes], greeted: bool, kind: bytes) -> None:
    async def run() -> None:
        line = FakeLine()
        async with served(line) as endpoint:
            port = int(endpoint.url.rstrip("/").rsplit(":", 1)[1])
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(hello() if greeted else b"")
            for part in parts:
                writer.write(kind + struct.pack("<I", 8 + len(part)) + part if kind else part)
            writer.close()
            async with client(endpoint) as one:
                assert await (await node(one, "sorting.belt_speed")).read_value() == 200.0
            await until(lambda: endpoint.clients == 0)

    asyncio.run(run())


async def test_a_malformed_request_is_answered_and_the_session_goes_on(
    trainee: Client, caplog: pytest.LogCaptureFixture
) -> None:
    protocol = trainee.uaclient.protocol
    assert protocol is not None
    request = ua.TranslateBrowsePathsToNodeIdsRequest()
    request.Parameters.BrowsePaths = [ua.BrowsePath()]  # without elements: asyncua raises IndexError
    request.RequestHeader.AuthenticationToken = trainee.uaclient.session.authentication_token
    await protocol.send_request(request)
    assert await (await node(trainee, "sorting.eye_1")).read_value() is False
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_connection_without_a_session_is_closed(line: FakeLine) -> None:
    with mock.patch.object(connection, "SESSION_GRACE_S", 0.05):
        async with served(line) as endpoint:
            answer = await sent(endpoint, hello())
            assert answer.startswith(b"ACKF")
            assert "no session" in line.rejects[0][2]


async def test_more_connections_than_allowed_are_refused(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    with mock.patch.object(connection, "MAX_CONNECTIONS", 1):
        async with client(endpoint, "trainee") as one:
            assert await sent(endpoint, hello()) == b""
            assert await (await node(one, "sorting.eye_1")).read_value() is False


async def test_a_late_link_delays_every_answer_in_order_and_no_other_bench(line: FakeLine) -> None:
    other = FakeLine(line="other-line")
    loop = asyncio.get_running_loop()
    async with served(line) as endpoint, served(other) as prompt, client(endpoint) as one, client(prompt) as two:
        where = await node(one, "sorting.eye_1")
        line.link(Wire.OPCUA).be(delay_ms=300)
        done: list[int] = []

        async def read(number: int) -> float:
            await where.read_value()
            done.append(number)
            return loop.time() - start

        start = loop.time()
        reads = asyncio.gather(*(read(number) for number in range(5)))
        await two.nodes.server_state.read_value()
        assert loop.time() - start < 0.25
        assert min(await reads) >= 0.29
        assert loop.time() - start < 0.8, "late by the same time, not one after another"
        assert done == [0, 1, 2, 3, 4]
        line.link(Wire.OPCUA).be()
        start = loop.time()
        await where.read_value()
        assert loop.time() - start < 0.25


async def test_a_late_link_delays_notifications(line: FakeLine, endpoint: OpcUaEndpoint, observer: Client) -> None:
    heard = Heard()
    await (await observer.create_subscription(50, heard)).subscribe_data_change(await node(observer, "sorting.eye_1"))
    await until(lambda: bool(heard.values))
    line.link(Wire.OPCUA).be(delay_ms=300)
    line.set("sorting.eye_1", True)
    await asyncio.sleep(0.25)
    assert heard.of("sorting.eye_1") == [False]
    await until(lambda: heard.of("sorting.eye_1") == [False, True])
    line.link(Wire.OPCUA).be()


async def test_a_silent_link_keeps_what_it_has_and_then_tells_all(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    heard = Heard()
    async with client(endpoint) as one:
        await (await one.create_subscription(50, heard)).subscribe_data_change(
            await node(one, "sorting.parts_out"), queuesize=50
        )
        await until(lambda: len(heard.values) == 1)
        line.link(Wire.OPCUA).be(silent=True)
        line.set("sorting.parts_out", 1)
        await asyncio.sleep(0.2)
        assert heard.of("sorting.parts_out") == [70000]
        line.set("sorting.parts_out", 2)
        await asyncio.sleep(0.1)
        line.link(Wire.OPCUA).be()
        await until(lambda: len(heard.values) == 3)
        assert heard.of("sorting.parts_out") == [70000, 1, 2], "in order, nothing twice"


async def test_a_link_that_is_down_cuts_and_refuses_until_it_is_up(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    heard = Heard()
    one = Client(endpoint.url, timeout=2, auto_reconnect=True)
    await one.connect()
    await (await one.create_subscription(50, heard)).subscribe_data_change(await node(one, "sorting.parts_out"))
    await until(lambda: len(heard.values) == 1)
    line.link(Wire.OPCUA).be(down=True)
    await until(lambda: endpoint.clients == 0)
    line.set("sorting.parts_out", 1)
    line.link(Wire.OPCUA).be()
    await until(lambda: heard.of("sorting.parts_out") == [70000, 1], 8)
    await one.disconnect()


async def test_what_a_slow_link_holds_back_is_bounded(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    """A client that asks without end over a slow link is served as fast as the link carries, not faster."""
    with mock.patch.object(link, "FULL_BYTES", 20_000):
        async with client(endpoint) as one:
            line.link(Wire.OPCUA).be(delay_ms=100)
            running = asyncio.gather(*(one.nodes.base_object_type.get_references() for _ in range(25)))
            most = 0
            while not running.done():
                (only,) = endpoint._listener._connections.values()  # type: ignore[union-attr]
                most = max(most, only._late.held_bytes)
                await asyncio.sleep(0.01)
            await running
            assert 20_000 < most < 80_000, "the mark, and one answer more"
            line.link(Wire.OPCUA).be()


async def test_a_port_in_use_is_an_os_error_and_nothing_is_left(line: FakeLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = OpcUaEndpoint(line, "127.0.0.1", taken.getsockname()[1], FakeCredentials())
        with pytest.raises(OSError, match="in use"):
            await endpoint.start()
        assert endpoint.clients == 0
    await endpoint.stop()


async def test_the_port_is_free_after_stop_and_can_be_bound_again(line: FakeLine) -> None:
    async with served(line) as endpoint:
        port = int(endpoint.url.rstrip("/").rsplit(":", 1)[1])
        async with client(endpoint):
            pass
    again: Endpoint = OpcUaEndpoint(line, "127.0.0.1", port, FakeCredentials())
    await again.start()
    await again.stop()


def test_another_version_of_asyncua_is_named() -> None:
    with mock.patch.object(pin, "version", return_value="2.2.0"), pytest.raises(ImportError, match=r"2\.1\.0.*2\.2\.0"):
        pin.check_version()


def test_a_changed_function_of_asyncua_is_named() -> None:
    def moved(self: object, other: object) -> None: ...

    with pytest.raises(ImportError, match=r"moved\(self, other\)"):
        pin.check_signatures([(moved, "self, params")])
