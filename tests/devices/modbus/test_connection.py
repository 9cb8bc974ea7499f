"""Connections: segments, garbage, lateness, several clients, who may connect, start and stop."""

import asyncio
import socket
import struct
from contextlib import suppress
from unittest.mock import Mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.address_map import AddressMap
from devices.endpoint import Wire
from devices.modbus import ModbusEndpoint
from devices.modbus.access import Access
from devices.modbus.connection import Connection
from devices.modbus.endpoint import TCP, Door
from devices.modbus.frames import Garbage, TcpFraming
from sim.refusal import Refusal
from sim.tag import Reading
from tests.devices.fake_line import FakeLine
from tests.devices.modbus.raw import RawClient, frame, read, until, words

POLL = read(3, 0, 1)


@pytest.mark.parametrize("count", [20, 500])
async def test_pipelined_requests_are_all_answered_in_order(client: RawClient, count: int) -> None:
    client.send(b"".join(frame(POLL, n) for n in range(count)))
    assert [(await client.answer())[0] for _ in range(count)] == list(range(count))


async def test_requests_in_quick_segments_are_all_answered(client: RawClient) -> None:
    for n in range(20):
        client.send(frame(POLL, n))
        await asyncio.sleep(0)
    assert [(await client.answer())[0] for _ in range(20)] == list(range(20))


async def test_a_request_in_single_bytes_is_answered(client: RawClient) -> None:
    for byte in frame(POLL, 3) + frame(POLL, 4):
        client.send(bytes([byte]))
        await asyncio.sleep(0.001)
    assert [(await client.answer())[0] for _ in range(2)] == [3, 4]


async def test_an_eight_byte_frame_does_not_eat_the_next_one(client: RawClient) -> None:
    client.send(frame(b"\x11", 1) + frame(POLL, 2)[:1])
    assert (await client.answer())[2] == b"\x91\x01"
    client.send(frame(POLL, 2)[1:])
    assert (await client.answer())[0] == 2


@given(st.lists(st.binary(min_size=1, max_size=253), min_size=1, max_size=5), st.lists(st.integers(1, 40), max_size=60))
def test_frames_survive_any_segmentation(pdus: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(frame(pdu, n) for n, pdu in enumerate(pdus))
    reader, got = TcpFraming(), []
    for size in [*cuts, len(stream)]:
        reader.feed(stream[:size])
        stream = stream[size:]
        while found := reader.next():
            got.append(found)
    assert [(f.transaction, f.pdu) for f in got] == list(enumerate(pdus))


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b"\0\1\0\5", b"\0\1\0\0\7\xd0", b"\0\1\0\0\0\1", b"\0\1\0\0\0\xff", bytes(6)]
)
async def test_garbage_ends_the_connection_and_is_counted(client: RawClient, line: FakeLine, data: bytes) -> None:
    client.send(frame(POLL) + data)
    assert words((await client.answer())[2]) == [2000]  # what came before it is answered
    assert await client.ended()
    assert [(wire, peer) for wire, peer, _ in line.rejects] == [(Wire.MODBUS, client.name)]


@given(st.binary(max_size=300))
def test_the_reader_says_frame_or_garbage_and_nothing_else(data: bytes) -> None:
    reader = TcpFraming()
    reader.feed(data)
    with suppress(Garbage):
        while found := reader.next():
            assert 1 <= len(found.pdu) <= 253


async def test_fuzzed_requests_never_disturb_another_client(
    endpoint: ModbusEndpoint, client: RawClient, line: FakeLine
) -> None:
    """Each example is a connection of its own that sends junk; the proper client is answered all the time."""
    loop = asyncio.get_running_loop()

    async def junk(data: bytes) -> None:
        async with RawClient(endpoint.url) as other:
            other.send(data)
            assert words(await client.ask(POLL)) == [2000]

    pdus = st.builds(
        lambda code, body: frame(bytes([code]) + body),
        st.one_of(st.sampled_from([1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43]), st.integers(0, 255)),
        st.binary(max_size=12),
    )

    @given(st.one_of(pdus, st.binary(max_size=60), st.lists(pdus, max_size=5).map(b"".join)))
    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    def fuzz(data: bytes) -> None:
        asyncio.run_coroutine_threadsafe(junk(data), loop).result(5)

    line.refuse["sorting.belt_speed"] = Refusal.RANGE  # so that no example moves what the other client reads
    await asyncio.to_thread(fuzz)
    await loop.shutdown_default_executor()


async def test_a_failing_line_is_exception_4_and_the_connection_lives(
    client: RawClient, line: FakeLine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(index: int) -> Reading:
        raise KeyError(index)

    with monkeypatch.context() as patch:
        patch.setattr(line, "read", fail)
        assert await client.ask(POLL) == b"\x83\x04"
    assert words(await client.ask(POLL)) == [2000]
    assert "0300000001" in caplog.text


def unplugged(endpoint: ModbusEndpoint) -> tuple[Connection, Mock]:
    """A connection on a transport that only records what is written."""
    transport = Mock(spec=asyncio.Transport)
    transport.is_closing.return_value = False
    transport.get_extra_info.side_effect = {"peername": ("127.0.0.1", 9)}.get
    connection = Connection(Door(endpoint, TCP), TcpFraming())
    connection.connection_made(transport)
    return connection, transport.write


async def test_an_answer_leaves_in_the_turn_of_its_request(endpoint: ModbusEndpoint) -> None:
    connection, write = unplugged(endpoint)
    connection.data_received(frame(POLL, 1) + frame(POLL, 2))
    ((sent,),) = (call.args for call in write.call_args_list)  # one segment for both
    connection.connection_lost(None)
    assert [sent[0:2], sent[11:13]] == [b"\0\1", b"\0\2"]


async def test_nothing_is_sent_after_the_connection_is_lost(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    line.links[Wire.MODBUS].be(delay_ms=10)
    connection, write = unplugged(endpoint)
    connection.data_received(frame(POLL))
    connection.connection_lost(None)
    await asyncio.sleep(0.03)
    write.assert_not_called()


async def test_a_late_link_delays_every_answer_and_nobody_else(
    endpoint: ModbusEndpoint, client: RawClient, line: FakeLine
) -> None:
    loop = asyncio.get_running_loop()
    line.links[Wire.MODBUS].be(delay_ms=300)
    begun = loop.time()
    client.send(frame(POLL, 1))
    await until(lambda: line.notes)
    line.links[Wire.MODBUS].be()
    async with RawClient(endpoint.url) as other:
        assert words(await other.ask(POLL)) == [2000]
        assert loop.time() - begun < 0.25
    client.send(frame(POLL, 2))  # not late itself, but it does not overtake
    assert (await client.answer())[0] == 1
    assert loop.time() - begun >= 0.299
    assert (await client.answer())[0] == 2
    assert loop.time() - begun < 0.6


async def test_a_late_write_is_done_at_once(client: RawClient, line: FakeLine) -> None:
    line.links[Wire.MODBUS].be(delay_ms=200)
    client.send(frame(read(6, 1, 4)))
    await until(lambda: line.requests)
    begun = asyncio.get_running_loop().time()
    await client.answer()
    assert asyncio.get_running_loop().time() - begun > 0.1


async def test_stopping_forgets_late_answers(line: FakeLine, addresses: AddressMap) -> None:
    line.links[Wire.MODBUS].be(delay_ms=60000)
    endpoint = ModbusEndpoint(line, addresses, port=0)
    await endpoint.start()
    async with RawClient(endpoint.url) as client:
        client.send(frame(POLL))
        await until(lambda: line.notes)
        await endpoint.stop()
        assert await client.ended()


@pytest.mark.parametrize("delay_s", [0.0, 60.0])
async def test_a_client_that_never_reads_is_held_up(
    endpoint: ModbusEndpoint, client: RawClient, line: FakeLine, delay_s: float
) -> None:
    """What a client is owed is bounded: the server stops taking its requests, and answers others."""
    line.links[Wire.MODBUS].be(delay_ms=round(delay_s * 1000))
    request = frame(read(4, 0, 64)) * 1000  # 137 kB of answers for 12 kB
    async with RawClient(endpoint.url) as flood:
        flood._reader._transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(400):
            flood.send(request)
        seen = -1
        while seen != len(line.notes):  # until it takes no more
            seen = len(line.notes)
            await asyncio.sleep(0.1)
        assert 0 < seen < 200_000
        (held,) = (c for c in endpoint._connections if c.peer == flood.name)
        assert len(held._framing._buffer) < 1_000_000  # of 4.8 MB: the rest is the client's problem
        line.links[Wire.MODBUS].be()
        assert words(await client.ask(POLL)) == [2000]


async def test_two_clients_have_names_and_keys_of_their_own(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    async with RawClient(endpoint.url) as one, RawClient(endpoint.url) as two:
        await one.ask(read(6, 1, 1))
        await two.ask(read(6, 1, 2))
        assert endpoint.clients == 2
        first, second = (who for who, _ in line.requests)
        assert (first.name, second.name) == (one.name, two.name)
        assert first.key != second.key
    await until(lambda: len(line.gone) == 2)
    assert {client.key for client in line.gone} == {first.key, second.key}
    assert endpoint.clients == 0


async def test_stop_ends_clients_and_frees_the_port(line: FakeLine, addresses: AddressMap) -> None:
    endpoint = ModbusEndpoint(line, addresses, port=0)
    await endpoint.start()
    port = int(endpoint.url.rpartition(":")[2])
    async with RawClient(endpoint.url) as client:
        await client.ask(POLL)
        await endpoint.stop()
        assert await client.ended()
    assert len(line.gone) == 1
    await endpoint.stop()
    again = ModbusEndpoint(line, addresses, port=port)
    await again.start()
    assert again.url == f"modbus://127.0.0.1:{port}"
    await again.stop()


async def test_a_port_in_use_is_named(endpoint: ModbusEndpoint, line: FakeLine, addresses: AddressMap) -> None:
    port = int(endpoint.url.rpartition(":")[2])
    second = ModbusEndpoint(line, addresses, port=port)
    with pytest.raises(OSError, match=f"Modbus TCP port {port} on 127.0.0.1"):
        await second.start()
    await second.stop()


async def test_an_endpoint_is_stopped_without_the_others(
    endpoint: ModbusEndpoint, client: RawClient, line: FakeLine
) -> None:
    other = ModbusEndpoint(line, AddressMap(line.line, line.tags), port=0)
    await other.start()
    await other.stop()
    assert words(await client.ask(POLL)) == [2000]


@pytest.mark.parametrize(
    ("allow", "host", "admitted"),
    [
        ((), "127.0.0.1", True),
        ((), "127.9.9.9", True),
        ((), "::1", True),
        ((), "::ffff:127.0.0.1", True),
        ((), "192.168.1.5", False),
        ((), "::ffff:192.168.1.5", False),
        (("192.168.1.0/24",), "192.168.1.5", True),
        (("192.168.1.0/24",), "192.168.2.5", False),
        (("192.168.1.0/24",), "127.0.0.1", True),
        (("fe80::/10",), "fe80::1%eth0", True),
        ((), "?", False),
    ],
)
def test_access(allow: tuple[str, ...], host: str, admitted: bool) -> None:
    assert Access(allow).admits(host) is admitted


def test_a_network_that_is_none_is_refused_at_once(line: FakeLine, addresses: AddressMap) -> None:
    with pytest.raises(ValueError, match="lab"):
        ModbusEndpoint(line, addresses, allow=["lab"])


async def test_a_stranger_is_closed_and_counted(
    endpoint: ModbusEndpoint, line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "admits", lambda self, host: host != "127.0.0.1")
    async with RawClient(endpoint.url) as client:
        client.send(frame(POLL))
        assert await client.ended()
        assert line.rejects == [(Wire.MODBUS, client.name, "address not allowed")]
    assert (line.gone, line.notes, endpoint.clients) == ([], [], 0)


async def test_too_many_connections_are_turned_away(line: FakeLine, addresses: AddressMap) -> None:
    endpoint = ModbusEndpoint(line, addresses, port=0, most_clients=1)
    await endpoint.start()
    async with RawClient(endpoint.url) as one, RawClient(endpoint.url) as two:
        assert await two.ended()
        assert words(await one.ask(POLL)) == [2000]
    assert [why for _, _, why in line.rejects] == ["more than 1 connections"]
    await endpoint.stop()


async def test_a_reset_connection_leaves_like_any_other(endpoint: ModbusEndpoint, line: FakeLine) -> None:
    async with RawClient(endpoint.url) as client:
        await client.ask(POLL)
        sock = client._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await until(lambda: len(line.gone) == 1)
    assert endpoint.clients == 0
