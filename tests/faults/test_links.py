"""Fieldbus, OPC UA, MQTT, network and security faults of the catalogue on a small line, seen by real clients.

Links live in wall time: the line runs, and what takes time is waited for.
"""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import paho.mqtt.client as paho
import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.object_ids import ObjectIds
from cryptography import x509
from paho.mqtt.enums import CallbackAPIVersion
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from controller.clock import SystemClock
from tests.faults.covered import covers
from tests.faults.live import LiveLine

LINE = "from-a-to-b"
WARM_S = 30
pytestmark = pytest.mark.asyncio(loop_scope="module")
CLOCK = SystemClock()


@asynccontextmanager
async def modbus(live: LiveLine, timeout: float = 1.0, unit: int = 1) -> AsyncIterator[AsyncModbusTcpClient]:
    """A new Modbus client, connected."""
    client = AsyncModbusTcpClient("127.0.0.1", port=live.port("modbus"), timeout=timeout, retries=0)
    try:
        assert await client.connect()
        yield client
    finally:
        client.close()


async def mended(live: LiveLine, wire: str, operation: str) -> None:
    """The remedy ends the fault, and a new client reads the line again."""
    await live.maintain(wire, operation)
    assert live.active == []
    if wire == "modbus":
        async with modbus(live) as client:
            assert not (await client.read_input_registers(1000)).isError()
    elif wire == "opcua":
        async with live.new_opcua_client() as client:
            assert await client.nodes.server_state.read_value() == ua.ServerState.Running
    else:
        async with mqtt(live) as wire_client:
            await live.until(lambda: bool(wire_client.heard), "retained messages")


class Ear:
    """A paho client that keeps what it hears."""

    def __init__(self, live: LiveLine, client_id: str = "", password: str | None = None) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self.codes: list[int] = []
        self.lost: list[int] = []
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5)
        self.client.username_pw_set("trainee", live.token() if password is None else password)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_message = lambda c, d, m: self.heard.append((m.topic, bytes(m.payload), m.retain))
        self.client.on_connect = lambda c, d, f, code, p: (self.codes.append(code.value), c.subscribe("#", qos=1))  # type: ignore[assignment, func-returns-value]
        self.client.on_disconnect = lambda c, d, f, code, p: self.lost.append(code.value)

    def documents(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(payload) for t, payload, _ in list(self.heard) if t == topic and payload[:1] == b"{"]


@asynccontextmanager
async def mqtt(live: LiveLine, connected: bool = True, **given: Any) -> AsyncIterator[Ear]:
    ear = Ear(live, **given)
    await asyncio.to_thread(ear.client.connect, "127.0.0.1", live.port("mqtt"), 5)
    ear.client.loop_start()
    try:
        if connected:
            await live.until(lambda: ear.codes == [0] or 0 in ear.codes, "CONNACK")
        yield ear
    finally:
        ear.client.disconnect()
        await asyncio.to_thread(ear.client.loop_stop)


def run(live: LiveLine) -> None:
    """Time goes on by itself from here."""
    live.bench.go_on("test")


# ---- fieldbus ------------------------------------------------------------------------------------------------------


async def registers(live: LiveLine, address: int, count: int) -> list[int]:
    async with modbus(live) as client:
        answer = await client.read_input_registers(address, count=count)
        assert not answer.isError(), answer
        return list(answer.registers)


@covers(44)
async def test_every_register_stands_one_higher(live: LiveLine) -> None:
    before = await registers(live, 1000, 6)
    await live.inject("address_off_by_one", "modbus")
    assert await registers(live, 1001, 6) == before
    await mended(live, "modbus", "adjust")
    assert (await registers(live, 1000, 3)) == before[:3], "state, control and stop reason"


@covers(45)
async def test_floats_are_nonsense_in_another_word_order(live: LiveLine) -> None:
    place = live.places["line.sim_time"]["modbus"]["address_32"]
    high, low = await registers(live, place, 2)
    await live.inject("word_order_changed", "modbus", order="CDAB")
    assert await registers(live, place, 2) == [low, high] != [high, low]
    assert struct.pack(">HH", high, low) == struct.pack(">I", int(live.truth("line.sim_time")))
    await mended(live, "modbus", "adjust")
    now = int(live.truth("line.sim_time"))
    assert await registers(live, place, 2) == list(struct.unpack(">HH", struct.pack(">I", now)))


@covers(51)
async def test_another_unit_identifier_alone_is_answered(live: LiveLine) -> None:
    await live.inject("wrong_unit_id", "modbus", number=7)
    async with modbus(live, 0.3) as client:
        with pytest.raises(ModbusException):
            await client.read_coils(0, device_id=1)
    async with modbus(live) as client:
        assert not (await client.read_coils(0, device_id=7)).isError()
    await mended(live, "modbus", "adjust")


@covers(51)
async def test_a_gateway_says_that_nobody_answers(live: LiveLine) -> None:
    await live.inject("wrong_unit_id", "modbus", number=7, gateway=1)
    async with modbus(live) as client:
        assert (await client.read_coils(0, device_id=1)).exception_code == 0x0B
    await mended(live, "modbus", "reset")


@covers(52)
@pytest.mark.parametrize("code", [1, 2, 3])
async def test_illegal_requests_are_answered_by_their_exception(live: LiveLine, code: int) -> None:
    await live.inject("illegal_address", "modbus", code=code)
    async with modbus(live) as client:
        assert (await client.read_coils(0)).exception_code == code
    await mended(live, "modbus", "adjust")


@covers(53)
async def test_a_busy_device_is_slow_or_says_06(live: LiveLine) -> None:
    await live.inject("device_busy", "modbus", delay="150 ms", share="50 %")
    run(live)
    loop, said, took = asyncio.get_running_loop(), [], []
    async with modbus(live) as client:
        for _ in range(12):
            begun = loop.time()
            answer = await client.read_coils(0)
            took.append(loop.time() - begun)
            said.append(answer.exception_code if answer.isError() else 0)
    assert set(said) == {0, 6}
    assert min(took) > 0.14
    live.bench.freeze("test")
    await mended(live, "modbus", "reset")


@covers(53)
async def test_late_answers_of_one_wire_alone(live: LiveLine) -> None:
    await live.inject("modbus_late", "modbus", delay="500 ms")
    async with modbus(live, 0.2) as client:
        with pytest.raises(ModbusException):
            await client.read_coils(0)
    await live.maintain("modbus", "reset")


@covers(54)
async def test_crc_errors_come_in_bursts_of_0b(live: LiveLine) -> None:
    await live.inject("rtu_crc_errors", "modbus", share="40 %")
    async with modbus(live) as client:
        said = [(await client.read_coils(0)).exception_code for _ in range(80)]
    bad = [code == 0x0B for code in said]
    assert any(bad)
    assert not all(bad)
    assert max(len(run) for run in "".join("x" if b else " " for b in bad).split()) >= 5, "in bursts"
    await mended(live, "modbus", "replace")


@covers(55)
async def test_no_place_is_left_for_a_new_connection(live: LiveLine) -> None:
    await live.inject("half_open_connections", "modbus")
    refused = False
    try:
        async with modbus(live, 0.5) as client:
            await client.read_coils(0)
    except (ModbusException, AssertionError, OSError):
        refused = True
    assert refused
    await mended(live, "modbus", "close_connection")


@covers(73)
async def test_two_devices_with_one_address_answer_in_turn(live: LiveLine) -> None:
    await live.inject("duplicate_address", "modbus", every="1 h")
    states = {(await registers(live, 1000, 1))[0] for _ in range(6)}
    assert states == {0, int(live.truth(f"{station(live)}.state"))}
    await mended(live, "modbus", "adjust")


def station(live: LiveLine) -> str:
    return next(iter(live.line.plant.units))


# ---- OPC UA --------------------------------------------------------------------------------------------------------


async def shown(live: LiveLine) -> x509.Certificate:
    found = await live.new_opcua_client().connect_and_get_server_endpoints()
    return x509.load_der_x509_certificate(found[-1].ServerCertificate)


@covers(57)
async def test_an_expired_certificate_is_shown_until_it_is_renewed(live: LiveLine) -> None:
    await live.inject("certificate_expired", "opcua")
    assert (await shown(live)).not_valid_after_utc < CLOCK.utc()
    await mended(live, "opcua", "replace")
    assert (await shown(live)).not_valid_after_utc > CLOCK.utc()


@covers(58)
async def test_a_server_restart_loses_sessions(live: LiveLine) -> None:
    async with live.new_opcua_client() as old:
        session = await old.nodes.server_state.read_value()
        assert session == ua.ServerState.Running
        await live.inject("server_restart", "opcua", length="1 s")
        with pytest.raises(Exception):  # noqa: B017, PT011
            await asyncio.wait_for(old.nodes.server_state.read_value(), 5)
    await live.go(2)
    await live.settle()
    assert live.active == []
    async with live.new_opcua_client() as client:
        assert await client.nodes.server_state.read_value() == ua.ServerState.Running


@covers(59)
async def test_hard_coded_node_ids_are_unknown_and_uris_still_work(live: LiveLine) -> None:
    place = live.places[f"{station(live)}.state"]["opcua"]
    async with live.new_opcua_client() as client:
        fixed = await client.get_namespace_index(place["namespace_uri"])
    await live.inject("namespace_moved", "opcua", by=3)
    async with live.new_opcua_client() as client:
        with pytest.raises(ua.uaerrors.BadNodeIdUnknown):
            await client.get_node(f"ns={fixed};{place['node_id']}").read_value()
        moved = await client.get_namespace_index(place["namespace_uri"])
        assert moved > fixed
        assert await client.get_node(f"ns={moved};{place['node_id']}").read_value() == live.truth(
            f"{station(live)}.state"
        )
    await mended(live, "opcua", "adjust")


class Heard:
    """What a subscription says."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def datachange_notification(self, node: object, value: object, data: object) -> None:
        self.values.append(value)


@covers(61)
async def test_short_pulses_are_missed_by_slow_sampling(live: LiveLine) -> None:
    await live.inject("sampling_too_slow", "opcua", sampling="1 min")
    async with live.new_opcua_client() as client:
        heard = Heard()
        subscription = await client.create_subscription(50, heard)
        index = await client.get_namespace_index(live.places["line.sim_time"]["opcua"]["namespace_uri"])
        name = f"{station(live)}.button_start"
        await subscription.subscribe_data_change(
            client.get_node(f"ns={index};{live.places[name]['opcua']['node_id']}"),
            queuesize=100,
            sampling_interval=ua.Double(10),
        )
        await live.until(lambda: heard.values == [False], "the first value")
        for pressed in (True, False):
            await live.give("panel", station=station(live), element="start", pressed=pressed)
            await asyncio.sleep(0.3)
        assert heard.values == [False], "a pulse of 0.3 s is not seen"
        await subscription.delete()
    await mended(live, "opcua", "adjust")


@covers(62)
async def test_no_session_is_left(live: LiveLine) -> None:
    await live.inject("session_limit", "opcua", most=0)
    with pytest.raises(ua.uaerrors.BadTooManySessions):
        await live.new_opcua_client().connect()
    await mended(live, "opcua", "close_connection")


@covers(83)
async def test_who_does_not_log_in_may_write(live: LiveLine) -> None:
    run(live)
    place = live.places[f"{station(live)}.comm_timeout"]["opcua"]

    async def write() -> None:
        async with Client(f"opc.tcp://127.0.0.1:{live.port('opcua')}/", timeout=5) as nobody:
            index = await nobody.get_namespace_index(place["namespace_uri"])
            node = nobody.get_node(f"ns={index};{place['node_id']}")
            await node.write_value(ua.DataValue(ua.Variant(5000, ua.VariantType.UInt16)))

    with pytest.raises(ua.uaerrors.BadUserAccessDenied):
        await write()
    await live.inject("anonymous_access", "opcua")
    await write()
    assert live.field(f"{station(live)}.comm_timeout").value == 5000
    live.bench.freeze("test")
    await live.maintain("opcua", "adjust")
    run(live)
    with pytest.raises(ua.uaerrors.BadUserAccessDenied):
        await write()


# ---- MQTT ----------------------------------------------------------------------------------------------------------


@covers(64)
async def test_a_broker_that_is_down_loses_all_its_clients(live: LiveLine) -> None:
    async with mqtt(live) as ear:
        await live.inject("broker_down", "mqtt")
        await live.until(lambda: bool(ear.lost), "the client loses its link")
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", live.port("mqtt"))
    await live.maintain("mqtt", "reset")
    await mended_broker(live)


async def mended_broker(live: LiveLine) -> None:
    assert live.active == []
    async with mqtt(live) as ear:
        await live.until(lambda: any(retained for _, _, retained in ear.heard), "retained messages")


@covers(65)
async def test_the_same_client_id_elsewhere_throws_a_client_out(live: LiveLine) -> None:
    await live.inject("client_id_twice", "mqtt", every="200 ms")
    run(live)
    async with mqtt(live, client_id="plc-1") as ear:
        await live.until(lambda: 0x8E in ear.lost, "session taken over")
    live.bench.freeze("test")
    await mended(live, "mqtt", "close_connection")


@covers(69)
async def test_who_subscribes_anew_sees_an_old_state(live: LiveLine) -> None:
    topic = live.places[f"{station(live)}.time_in_state"]["mqtt"]["state"]
    await live.inject("retained_stale", "mqtt")
    await live.go(100)
    await asyncio.sleep(1.5)  # a function of time is told each second
    async with mqtt(live) as ear:
        await live.until(lambda: bool(ear.documents(topic)), topic)
        assert ear.documents(topic)[0]["value"] < int(live.truth(f"{station(live)}.time_in_state")) - 50
    await live.maintain("mqtt", "reset")
    await mended_broker(live)


@covers(70)
async def test_nobody_logs_in_any_more(live: LiveLine) -> None:
    await live.inject("acl_denied", "mqtt", right="login")
    async with mqtt(live, connected=False) as ear:
        await live.until(lambda: bool(ear.codes), "CONNACK")
        assert ear.codes[0] in (0x86, 0x87)
    await mended(live, "mqtt", "adjust")


@covers(71)
async def test_the_payload_has_other_fields(live: LiveLine) -> None:
    topic = live.places[f"{station(live)}.state"]["mqtt"]["state"]
    await live.inject("schema_changed", "mqtt", form="renamed")
    async with mqtt(live) as ear:
        await live.stop(station(live))  # so that its state is told anew
        await live.until(lambda: any("value" not in d for d in ear.documents(topic)), "another schema")
    await live.start(station(live))
    await mended(live, "mqtt", "adjust")


# ---- network and time ----------------------------------------------------------------------------------------------


@covers(72)
async def test_a_pulled_cable_looks_alive_and_answers_nothing(live: LiveLine) -> None:
    async with modbus(live, 0.3) as client:
        await live.inject("link_down", "modbus")
        with pytest.raises(ModbusException):
            await client.read_coils(0)
        async with live.new_opcua_client() as other:
            assert await other.nodes.server_state.read_value() == ua.ServerState.Running
    await mended(live, "modbus", "replace")


@covers(74)
async def test_answers_are_late_and_vary(live: LiveLine) -> None:
    await live.inject("latency_and_loss", "modbus", delay="100 ms", jitter="100 ms")
    loop, took = asyncio.get_running_loop(), []
    async with modbus(live) as client:
        for _ in range(12):
            begun = loop.time()
            assert not (await client.read_coils(0)).isError()
            took.append(loop.time() - begun)
    assert min(took) > 0.095
    assert max(took) - min(took) > 0.03
    await mended(live, "modbus", "replace")


@covers(75)
@pytest.mark.parametrize("wire", ["modbus", "mqtt"])
async def test_a_filter_drops_where_a_closed_port_refuses(live: LiveLine, wire: str) -> None:
    await live.inject("firewall_rule", wire)
    with pytest.raises(TimeoutError):
        await _asked(live, wire)
    await mended(live, wire, "adjust")
    await live.inject("port_closed", wire)
    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", live.port(wire))
    await mended(live, wire, "reset")


async def _asked(live: LiveLine, wire: str) -> bytes:
    """The first byte that the wire says to who asks it something."""
    request = {
        "modbus": b"\0\1\0\0\0\6\1\1\0\0\0\1",
        "mqtt": b"\x10\x0d\0\4MQTT\4\2\0\x3c\0\1a",
    }[wire]
    async with asyncio.timeout(0.5):
        reader, writer = await asyncio.open_connection("127.0.0.1", live.port(wire))
        try:
            writer.write(request)
            return await reader.readexactly(1)
        finally:
            writer.close()


async def _stamp(live: LiveLine) -> datetime:
    client = await live.opcua_client()
    time: datetime = await client.get_node(ObjectIds.Server_ServerStatus_CurrentTime).read_value()
    return time.replace(tzinfo=UTC)


@covers(76)
async def test_the_servers_clock_is_ahead(live: LiveLine) -> None:
    await live.inject("clock_offset", "opcua", offset="90 s")
    assert await _stamp(live) - CLOCK.utc() > timedelta(seconds=85)
    await live.maintain("opcua", "calibrate")
    assert abs(await _stamp(live) - CLOCK.utc()) < timedelta(seconds=5)


@covers(77)
async def test_the_clock_steps_back(live: LiveLine) -> None:
    before = await _stamp(live)
    await live.inject("clock_steps_back", "opcua")
    assert await _stamp(live) < before
    await live.maintain("opcua", "calibrate")
    assert await _stamp(live) > before


# ---- security ------------------------------------------------------------------------------------------------------


@covers(81)
async def test_a_flooded_server_is_slow_and_turns_away(live: LiveLine) -> None:
    await live.inject("flooding", "modbus", delay="100 ms", share="50 %")
    loop, outcomes, took = asyncio.get_running_loop(), [], []
    for _ in range(10):
        try:
            async with modbus(live, 1.0) as client:
                begun = loop.time()
                outcomes.append(not (await client.read_coils(0)).isError())
                took.append(loop.time() - begun)
        except (ModbusException, AssertionError, OSError):
            outcomes.append(False)
    assert set(outcomes) == {True, False}
    assert min(took) > 0.095
    await mended(live, "modbus", "close_connection")


@covers(86)
async def test_a_scan_is_a_burst_of_refused_requests_of_one_peer(live: LiveLine) -> None:
    await live.inject("address_scan", "modbus", rate=100)
    run(live)

    def refused() -> int:
        return len([1 for wire, client, verb, _ in live.traffic if wire == "modbus" and "192.168" in client])

    await live.until(lambda: refused() > 30, "a burst of requests")
    live.bench.freeze("test")
    await mended(live, "modbus", "close_connection")
    heard = refused()
    await asyncio.sleep(0.3)
    assert refused() == heard
