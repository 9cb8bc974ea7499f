"""Link faults on OPC UA: what a client of another maker meets, and that all is as before when it is over."""

import asyncio
from pathlib import Path

import pytest
from asyncua import Client, ua
from asyncua.ua.uaerrors import UaStatusCodeError
from cryptography import x509

from devices.certificates import CertificateStore, Shelf
from devices.endpoint import Role, Wire
from devices.opcua import OpcUaEndpoint
from devices.opcua.monitored import DataItem
from devices.opcua.moved_namespace import moved_to
from devices.opcua.scanner import PEER
from devices.port import Door
from devices.strangers import StrangerWrite
from devices.wire_view import WireView
from tests.devices.certificates import makers
from tests.devices.certificates.makers import NOW
from tests.devices.fake_line import FakeLine, FakeLink
from tests.devices.opcua.conftest import URI, Heard, client, node, served, until
from tests.devices.opcua.secure import dressed, secured, store_of

TRUSTED = makers.certificate()


@pytest.fixture
def link(line: FakeLine) -> FakeLink:
    return line.links[Wire.OPCUA]


@pytest.fixture
def store(line: FakeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CertificateStore:
    monkeypatch.setattr("devices.certificates.store.private_key", makers.key)
    line.clock.now = (NOW - line.clock.utc()).total_seconds()
    one = store_of(line, tmp_path / "bench")
    one.add(Shelf.TRUSTED, TRUSTED)
    return one


async def refusal(one: Client) -> str:
    """The code with which the client is not let in."""
    with pytest.raises(UaStatusCodeError) as refused:
        async with one:
            pass
    return str(ua.StatusCode(refused.value.code).name)


async def shown(endpoint: OpcUaEndpoint) -> x509.Certificate:
    """The certificate that the server tells everybody."""
    found = await Client(endpoint.url).connect_and_get_server_endpoints()
    return x509.load_der_x509_certificate(found[-1].ServerCertificate)


async def test_a_restart_forgets_sessions_and_begins_anew(
    line: FakeLine, link: FakeLink, endpoint: OpcUaEndpoint
) -> None:
    one = Client(endpoint.url, timeout=2)
    await one.connect()
    began = await one.get_node(ua.ObjectIds.Server_ServerStatus_StartTime).read_value()
    await (await one.create_subscription(50, Heard())).subscribe_data_change(await node(one, "sorting.eye_1"))
    token = one.uaclient.protocol.authentication_token  # type: ignore[union-attr]
    line.clock.now += 5
    link.be(restarting=True)
    listener = endpoint._listener
    assert listener is not None
    await until(lambda: endpoint.clients == 0 and listener.ports[0].door is Door.CLOSED)
    link.be()
    await until(lambda: listener.ports[0].door is Door.OPEN and listener._forgetting is not None)
    one.disconnect_socket()
    one = Client(endpoint.url, timeout=2)
    await one.connect_socket()
    await one.send_hello()
    await one.open_secure_channel()
    one.uaclient.protocol.authentication_token = token  # type: ignore[union-attr]
    with pytest.raises(UaStatusCodeError) as lost:
        await one.activate_session()
    assert ua.StatusCode(lost.value.code).name == "BadSessionIdInvalid"
    one.disconnect_socket()
    async with client(endpoint) as again:
        assert await again.get_node(ua.ObjectIds.Server_ServerStatus_StartTime).read_value() != began


async def test_sessions_run_out(link: FakeLink, endpoint: OpcUaEndpoint, observer: Client) -> None:
    link.be(most_sessions=1)
    assert await refusal(Client(endpoint.url, timeout=2)) == "BadTooManySessions"
    link.be()
    async with client(endpoint):
        pass


async def test_an_overloaded_server_says_so(link: FakeLink, endpoint: OpcUaEndpoint) -> None:
    link.be(busy_ppm=1_000_000)
    with pytest.raises((UaStatusCodeError, ConnectionError)) as busy:
        await Client(endpoint.url, timeout=2).connect()
    assert "BadTcpServerTooBusy" in repr(busy.value) or isinstance(busy.value, ConnectionError)
    link.be()
    async with client(endpoint):
        pass


async def test_queues_and_sampling_are_revised(
    line: FakeLine, link: FakeLink, endpoint: OpcUaEndpoint, observer: Client
) -> None:
    """Short pulses are missed: of several changes between two samples the last one is told."""
    link.be(queue_size=1, sampling_ms=2000)
    subscription = await observer.create_subscription(50, Heard())
    (made,) = await subscription.create_monitored_items([wanted(await node(observer, "sorting.parts_out"))])
    assert made
    session = next(iter(endpoint._server.subscriptions.subscriptions.values()))  # type: ignore[union-attr]
    (data,) = session.items.all.values()
    assert isinstance(data, DataItem)
    assert (data.size, data.sampling_s) == (1, 2.0)


def wanted(where: object) -> ua.MonitoredItemCreateRequest:
    parameters = ua.MonitoringParameters(ClientHandle=1, SamplingInterval=0, QueueSize=50, DiscardOldest=True)
    item = ua.ReadValueId(where.nodeid, ua.AttributeIds.Value)  # type: ignore[attr-defined]
    return ua.MonitoredItemCreateRequest(item, ua.MonitoringMode.Reporting, parameters)


async def test_who_does_not_log_in_may_write_when_the_door_is_open(
    line: FakeLine, link: FakeLink, endpoint: OpcUaEndpoint
) -> None:
    link.be(anonymous=True)
    async with client(endpoint) as nobody:
        await (await node(nobody, "sorting.belt_run")).write_value(True)
    assert line.requests[-1][0].role is Role.TRAINEE
    link.be()
    async with client(endpoint) as nobody:
        with pytest.raises(UaStatusCodeError):
            await (await node(nobody, "sorting.belt_run")).write_value(False)


async def test_the_lines_namespace_has_another_index(line: FakeLine, link: FakeLink, endpoint: OpcUaEndpoint) -> None:
    async with client(endpoint, "trainee") as before:
        assert await before.get_namespace_index(URI) == 2
    link.be(namespace=2)
    await until(lambda: endpoint._server.moved_by == 2)  # type: ignore[union-attr]
    heard = Heard()
    async with client(endpoint, "trainee") as one:
        assert await one.get_namespace_index(URI) == moved_to(2)
        with pytest.raises(UaStatusCodeError) as unknown:
            await one.get_node("ns=2;s=sorting.belt_run").read_value()
        assert ua.StatusCode(unknown.value.code).name == "BadNodeIdUnknown"
        where = await node(one, "sorting.belt_run")
        await where.write_value(True)
        assert await where.read_value() is True
        assert (await where.read_browse_name()).NamespaceIndex == moved_to(2)
        station = await node(one, "sorting")
        assert where in await station.get_children()
        await (await one.create_subscription(50, heard)).subscribe_data_change(where)
        await until(lambda: heard.of("sorting.belt_run") == [True])
    link.be()
    await until(lambda: endpoint._server.moved_by == 0)  # type: ignore[union-attr]
    async with client(endpoint) as after:
        assert await after.get_node("ns=2;s=sorting.belt_run").read_value() is True


async def test_somebody_scans_the_address_space(
    line: FakeLine, link: FakeLink, endpoint: OpcUaEndpoint, observer: Client
) -> None:
    link.be(scan_per_s=200)
    server = endpoint._server
    assert server is not None
    await until(lambda: any(name == PEER for name, _, _ in line.notes))
    assert len(server.sessions()) == 2
    diagnostics = [one.diagnostics() for one in server.sessions() if one.peer == PEER]
    await until(lambda: len([1 for name, verb, _ in line.notes if (name, verb) == (PEER, "browse")]) > 20)
    assert diagnostics
    link.be()
    await until(lambda: len(server.sessions()) == 1)


async def test_lost_segments_come_late_and_in_order(
    line: FakeLine, link: FakeLink, endpoint: OpcUaEndpoint, observer: Client
) -> None:
    where = await node(observer, "sorting.parts_out")
    link.be(loss_ppm=200_000)
    values = []
    for number in range(12):
        line.set("sorting.parts_out", number)
        values.append(await where.read_value())
    assert values == list(range(12))
    assert endpoint.clients == 1


async def test_the_servers_clock_is_wrong_and_the_lines_is_not(
    line: FakeLine, link: FakeLink, store: CertificateStore
) -> None:
    async with served(WireView(line, Wire.OPCUA)) as endpoint, client(endpoint) as one:  # type: ignore[arg-type]
        where = await node(one, "sorting.eye_1")
        before = (await where.read_data_value()).SourceTimestamp
        link.be(clock_ms=90_000)
        line.set("sorting.eye_1", True)
        after = (await where.read_data_value()).SourceTimestamp
        assert (after - before).total_seconds() == 90  # type: ignore[operator]
        now = await one.get_node(ua.ObjectIds.Server_ServerStatus_CurrentTime).read_value()
        assert (now - before).total_seconds() == 90
        link.be(clock_ms=-3000)
        line.set("sorting.eye_1", False)
        assert (await where.read_data_value()).SourceTimestamp < before  # type: ignore[operator]
        assert line.clock.utc() == before.replace(tzinfo=line.clock.utc().tzinfo)  # type: ignore[union-attr]


async def test_another_certificate_is_shown_to_who_comes_anew(
    line: FakeLine, link: FakeLink, store: CertificateStore, tmp_path: Path
) -> None:
    async with secured(line, store) as endpoint:
        right = await shown(endpoint)
        link.be(certificate="expired")
        async with asyncio.timeout(10):
            while (expired := await shown(endpoint)) == right:
                await asyncio.sleep(0.02)
        assert expired.not_valid_after_utc < line.clock.utc()
        assert expired.public_key() == right.public_key()
        link.be(certificate="changed")
        async with asyncio.timeout(10):
            while (changed := await shown(endpoint)) == expired:
                await asyncio.sleep(0.02)
        assert changed.public_key() != right.public_key()
        async with await dressed(endpoint, tmp_path, TRUSTED) as one:  # a client that believes anybody
            assert await (await node(one, "sorting.eye_1")).read_value() is False
        link.be()
        async with asyncio.timeout(10):
            while await shown(endpoint) != right:
                await asyncio.sleep(0.02)


async def test_a_server_that_lost_its_trust_list_refuses_everybody(
    line: FakeLine, link: FakeLink, store: CertificateStore, tmp_path: Path
) -> None:
    async with secured(line, store) as endpoint:
        link.be(distrust=True)
        assert await refusal(await dressed(endpoint, tmp_path, TRUSTED)) == "BadCertificateUntrusted"
        link.be()
        async with await dressed(endpoint, tmp_path, TRUSTED):
            pass


async def test_a_strangers_write_is_in_the_diagnostics_as_his(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    speed = line.tags.find("sorting.belt_speed")
    assert speed is not None
    server = endpoint._server
    assert server is not None
    for _ in range(2):
        line.hearers[Wire.OPCUA](StrangerWrite("192.168.10.66", speed, 0.0, None))
    await until(lambda: len(server.sessions()) == 1)
    await until(lambda: server.sessions()[0].diagnostics().WriteCount.TotalCount == 2)
    assert server.sessions()[0].diagnostics().SessionName == "192.168.10.66"
    line.clock.now += 61
    await until(lambda: not server.sessions())
