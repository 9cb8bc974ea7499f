"""Reading and subscribing: the value of now, its time and quality, and each settled change within the interval."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from asyncua import Client, ua

from devices.opcua import OpcUaEndpoint
from devices.opcua.values import CODES, UNITS, data_value, engineering_unit, status
from sim.components import KINDS
from sim.tag import DataType, Direction, Quality, Reading, Reason, Tag
from sim.text import Text
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import Heard, client, node, served, until

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_read_is_fresh_however_long_the_interval(line: FakeLine) -> None:
    async with served(line, interval_s=60) as endpoint, client(endpoint) as one:
        where = await node(one, "sorting.eye_1")
        for value in (True, False, True):
            line.set("sorting.eye_1", value)
            assert await where.read_value() is value


async def test_time_stamps_are_the_lines_clock_and_the_source_stands_still_with_the_value(
    line: FakeLine, observer: Client
) -> None:
    where = await node(observer, "sorting.parts_out")

    async def stamps() -> tuple[datetime | None, datetime | None]:
        item = ua.ReadValueId(where.nodeid, ua.AttributeIds.Value)
        wanted = ua.TimestampsToReturn.Both
        values = await observer.uaclient.read(ua.ReadParameters(TimestampsToReturn=wanted, NodesToRead=[item]))
        return values[0].SourceTimestamp, values[0].ServerTimestamp

    line.clock.now = 5
    line.set("sorting.parts_out", 70001)
    assert await stamps() == (START + timedelta(seconds=5),) * 2
    line.clock.now = 9
    assert await stamps() == (START + timedelta(seconds=5), START + timedelta(seconds=9))


async def test_server_time_is_the_lines_clock(line: FakeLine, observer: Client) -> None:
    line.clock.now = 77
    assert await observer.nodes.server_state.read_value() == ua.ServerState.Running
    current = observer.get_node(ua.ObjectIds.Server_ServerStatus_CurrentTime)
    whole = observer.get_node(ua.ObjectIds.Server_ServerStatus)
    assert await current.read_value() == START + timedelta(seconds=77)
    assert (await whole.read_value()).CurrentTime == START + timedelta(seconds=77)


async def test_subscribers_hear_every_settled_change(line: FakeLine, either: OpcUaEndpoint) -> None:
    heard = Heard()
    async with client(either) as one:
        subscription = await one.create_subscription(50, heard)
        await subscription.subscribe_data_change([await node(one, tag.name) for tag in line.tags])
        await until(lambda: len(heard.values) == len(line.tags))
        for number in range(5):
            line.set("sorting.parts_out", number)
            line.set("sorting.eye_1", number % 2 == 1)
            await until(lambda number=number: heard.of("sorting.parts_out")[-1] == number, 1.0)  # type: ignore[misc]
    assert heard.of("sorting.parts_out") == [70000, 0, 1, 2, 3, 4]
    assert heard.of("sorting.eye_1")[-1] is False
    assert heard.of("storage.crane_x") == [0.0], "what did not change is not told again"


async def test_computed_values_are_told_without_being_announced(line: FakeLine, either: OpcUaEndpoint) -> None:
    heard = Heard()
    current = line.tags.find("sorting.belt_current")
    assert current is not None
    async with client(either) as one:
        subscription = await one.create_subscription(50, heard)
        await subscription.subscribe_data_change(await node(one, current.name))
        await until(lambda: bool(heard.values))
        line.values[current.index] = 2.5
        await until(lambda: heard.of(current.name)[-1] == 2.5, 1.0)


async def test_all_subscribers_get_the_same_bytes_and_times(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    heards = [Heard(), Heard()]
    async with client(endpoint) as one, client(endpoint) as two:
        for each, heard in zip((one, two), heards, strict=True):
            subscription = await each.create_subscription(50, heard)
            await subscription.subscribe_data_change(await node(each, "sorting.belt_speed"))
        line.clock.now = 3
        line.set("sorting.belt_speed", 1.5)
        await until(lambda: all(heard.of("sorting.belt_speed")[-1:] == [1.5] for heard in heards))
    assert heards[0].data[-1] == heards[1].data[-1]
    assert heards[0].data[-1].SourceTimestamp == heards[0].data[-1].ServerTimestamp == START + timedelta(seconds=3)


async def test_an_accepted_write_is_told_at_once_and_reads_back(line: FakeLine) -> None:
    heard = Heard()
    async with served(line, interval_s=60) as endpoint, client(endpoint, "trainee") as one:
        where = await node(one, "sorting.belt_run")
        subscription = await one.create_subscription(50, heard)
        await subscription.subscribe_data_change(where)
        await where.write_value(True)
        assert await where.read_value() is True
        await until(lambda: heard.of("sorting.belt_run")[-1:] == [True], 1.0)


async def test_quality_is_a_status_code(line: FakeLine, observer: Client) -> None:
    tag = line.tags.find("sorting.colour")
    assert tag is not None
    line.quality[tag.index] = Quality.BAD
    value = await (await node(observer, tag.name)).read_data_value(raise_on_bad_status=False)
    assert value.StatusCode is not None
    assert value.StatusCode.value == ua.StatusCodes.Bad


@pytest.mark.parametrize(
    ("quality", "reason", "expected"),
    [
        (Quality.GOOD, "", "Good"),
        (Quality.GOOD, "local_override", "GoodLocalOverride"),
        (Quality.UNCERTAIN, "", "Uncertain"),
        (Quality.UNCERTAIN, "last_usable", "UncertainLastUsableValue"),
        (Quality.UNCERTAIN, "no_communication_last_usable", "UncertainNoCommunicationLastUsableValue"),
        (Quality.UNCERTAIN, "engineering_units_exceeded", "UncertainEngineeringUnitsExceeded"),
        (Quality.UNCERTAIN, "sensor_not_accurate", "UncertainSensorNotAccurate"),
        (Quality.UNCERTAIN, "sub_normal", "UncertainSubNormal"),
        (Quality.BAD, "sensor_failure", "BadSensorFailure"),
        (Quality.BAD, "device_failure", "BadDeviceFailure"),
        (Quality.BAD, "no_communication", "BadNoCommunication"),
        (Quality.BAD, "not_connected", "BadNotConnected"),
        (Quality.BAD, "out_of_service", "BadOutOfService"),
        (Quality.BAD, "configuration", "BadConfigurationError"),
        (Quality.BAD, "sub_normal", "Bad"),
    ],
)
def test_status_by_quality_and_reason(quality: Quality, reason: str, expected: str) -> None:
    assert status(Reading(1, quality, reason)).name == expected


def test_every_reason_has_a_code() -> None:
    assert set(CODES) == set(Reason)


def test_what_nobody_knows_is_null_and_what_is_old_keeps_its_time() -> None:
    tag = Tag(0, "s", "n", DataType.INT, Direction.INPUT, Text("数", "n"))
    unknown = data_value(tag, Reading(3, Quality.BAD, "sensor_failure"), START)
    assert unknown.Value is not None
    assert unknown.Value.Value is None
    before = START - timedelta(minutes=1)
    old = data_value(tag, Reading(3, Quality.UNCERTAIN, "last_usable"), START, before)
    assert (old.Value, old.SourceTimestamp, old.ServerTimestamp) == (ua.Variant(3, ua.VariantType.Int16), before, START)


async def test_a_frozen_value_keeps_its_source_time_and_a_reason_alone_is_told(
    line: FakeLine, observer: Client
) -> None:
    where = await node(observer, "sorting.colour")
    tag = line.tags.find("sorting.colour")
    assert tag is not None
    first = await where.read_data_value()
    line.clock.now += 60
    line.quality[tag.index], line.reason[tag.index] = Quality.UNCERTAIN, "last_usable"
    frozen = await where.read_data_value(raise_on_bad_status=False)
    assert (frozen.Value, frozen.SourceTimestamp) == (first.Value, first.SourceTimestamp)
    assert frozen.StatusCode is not None
    assert frozen.StatusCode.name == "UncertainLastUsableValue"
    line.quality[tag.index], line.reason[tag.index] = Quality.BAD, "no_communication"
    lost = await where.read_data_value(raise_on_bad_status=False)
    assert lost.Value is None or lost.Value.Value is None


def test_a_value_that_its_type_cannot_carry_is_cut_not_a_broken_encoder() -> None:
    tag = Tag(0, "s", "n", DataType.INT, Direction.INPUT, Text("数", "n"))
    real = Tag(1, "s", "r", DataType.REAL, Direction.INPUT, Text("数", "r"))
    assert data_value(tag, Reading(40000), START).Value == ua.Variant(32767, ua.VariantType.Int16)
    assert data_value(real, Reading(1e300), START).Value == ua.Variant(float("inf"), ua.VariantType.Float)


@pytest.mark.parametrize(
    ("unit", "code"),
    [("mm", b"MMT"), ("s", b"SEC"), ("%", b"P1"), ("A", b"AMP"), ("°C", b"CEL"), ("rpm", b"RPM"), ("bar", b"BAR")],
)
def test_units_carry_their_unece_code(unit: str, code: bytes) -> None:
    assert engineering_unit(unit).UnitId == int.from_bytes(code, "big")


def test_an_unknown_unit_keeps_its_name() -> None:
    unit = engineering_unit("parts/min")
    assert (unit.UnitId, unit.DisplayName.Text) == (-1, "parts/min")


@pytest.mark.parametrize(("kind", "width"), [("Absolute", 50.0), ("Percent", 10.0)])
async def test_a_deadband_counts_from_the_value_told_last(
    line: FakeLine, observer: Client, kind: str, width: float
) -> None:
    """10 % of 0 to 500 mm/s is 50. Small steps add up: asyncua compares with the step before and tells none."""
    heard = Heard()
    subscription = await observer.create_subscription(50, heard)
    where = await node(observer, "sorting.belt_speed")
    trigger = ua.DataChangeFilter(ua.DataChangeTrigger.StatusValue, ua.DeadbandType[kind], width)
    item = subscription._make_monitored_item_request(
        where, ua.AttributeIds.Value, trigger, 10, ua.MonitoringMode.Reporting, 50
    )
    assert (await subscription.create_monitored_items([item]))[0]
    await until(lambda: bool(heard.values))
    for speed in range(200, 290, 10):
        line.set("sorting.belt_speed", float(speed))
        await asyncio.sleep(0.06)
    await until(lambda: len(heard.values) == 2)
    assert heard.of("sorting.belt_speed") == [200.0, 260.0]


async def test_intervals_and_queues_are_bounded(observer: Client) -> None:
    answer = await observer.uaclient.create_subscription(
        ua.CreateSubscriptionParameters(RequestedPublishingInterval=0, RequestedMaxKeepAliveCount=10), lambda _: None
    )
    assert answer.RevisedPublishingInterval == 50
    assert answer.RevisedLifetimeCount >= 30


async def test_a_publishing_interval_can_be_modified(observer: Client) -> None:
    subscription = await observer.create_subscription(5000, Heard())
    params = ua.ModifySubscriptionParameters(
        SubscriptionId=subscription.subscription_id, RequestedPublishingInterval=1000
    )
    result = await observer.uaclient.update_subscription(params)
    assert result.RevisedPublishingInterval == 1000


async def test_what_is_read_and_subscribed_is_traffic(line: FakeLine, trainee: Client) -> None:
    where = await node(trainee, "sorting.eye_2")
    await where.read_value()
    await (await trainee.create_subscription(100, Heard())).subscribe_data_change(where)
    assert [(verb, subject) for _, verb, subject in line.notes] == [
        ("read", "sorting.eye_2"),
        ("subscribe", "sorting.eye_2"),
    ]


def test_every_unit_of_a_component_has_its_code_of_unece() -> None:
    units = {port.unit for kind in KINDS.values() for port in kind.ports if port.unit}
    assert units - set(UNITS) == set()
