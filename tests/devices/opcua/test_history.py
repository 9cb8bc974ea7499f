"""HistoryRead over the wire: raw with pages, at times, aggregates; what cannot be asked is refused with its code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncua import Client, ua

from devices.opcua import OpcUaEndpoint
from devices.opcua.history import reading
from sim.tag import Quality, Reading
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import client, node, served

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NONE = datetime(1601, 1, 1, tzinfo=UTC)


def at(second: float) -> datetime:
    return T0 + timedelta(seconds=second)


T10 = at(10)


@pytest.fixture
def line() -> FakeLine:
    """A speed that was 200 at 0 s, then 1, 2 … 9 at 1 to 9 s; a computed current of 0 at 0 s and 10 at 10 s."""
    line = FakeLine()
    for second in range(1, 10):
        line.clock.now = float(second)
        line.set("sorting.belt_speed", float(second))
    current = line.tags.find("sorting.belt_current")
    assert current is not None
    for second, value in ((0, 0.0), (10, 10.0)):
        line.history.sample(current.index, Reading(value), at(second + 0.5))
    line.values[current.index] = 10.0
    line.clock.now = 20.0
    return line


async def history(one: Client, name: str, details: Any, *, point: bytes | None = None) -> ua.HistoryReadResult:
    where = ua.HistoryReadValueId(NodeId=(await node(one, name)).nodeid)
    where.ContinuationPoint = point  # type: ignore[assignment]
    params = ua.HistoryReadParameters(HistoryReadDetails=details, NodesToRead=[where])
    params.TimestampsToReturn = ua.TimestampsToReturn.Both
    params.ReleaseContinuationPoints = False
    (result,) = await one.uaclient.history_read(params)
    return result


def raw(start: datetime, end: datetime, count: int = 0, *, bounds: bool = False) -> ua.ReadRawModifiedDetails:
    return ua.ReadRawModifiedDetails(
        IsReadModified=False, StartTime=start, EndTime=end, NumValuesPerNode=ua.Counter(count), ReturnBounds=bounds
    )


def values(result: ua.HistoryReadResult) -> list[object]:
    data: Any = result.HistoryData
    return [one.StatusCode.name if one.StatusCode.is_bad() else one.Value.Value for one in data.DataValues]


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        (raw(at(3), at(6)), [3, 4, 5]),
        (raw(at(6), at(3)), [6, 5, 4]),
        (raw(at(3), NONE, 2), [3, 4]),
        (raw(NONE, at(3), 2), [3, 2]),
        (raw(at(3.5), at(5.5), bounds=True), [3, 4, 5, 6]),
        (raw(at(4), at(4)), [4]),
        (raw(at(-5), at(0.5), bounds=True), ["BadBoundNotFound", 200, 1]),
    ],
)
async def test_raw_values(
    endpoint: OpcUaEndpoint, observer: Client, details: ua.ReadRawModifiedDetails, expected: list[object]
) -> None:
    assert values(await history(observer, "sorting.belt_speed", details)) == expected


async def test_pages_follow_each_other_without_gap(observer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_VALUES", 3)
    found: list[object] = []
    result = await history(observer, "sorting.belt_speed", raw(at(0), at(100)))
    pages = 1
    while result.ContinuationPoint:
        found += values(result)
        result = await history(observer, "sorting.belt_speed", raw(at(0), at(100)), point=result.ContinuationPoint)
        pages += 1
    found += values(result)
    assert found == [200, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert pages == 4


async def test_a_point_of_another_session_is_unknown(endpoint: OpcUaEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_VALUES", 3)
    async with client(endpoint) as one, client(endpoint) as two:
        point = (await history(one, "sorting.belt_speed", raw(at(0), at(100)))).ContinuationPoint
        result = await history(two, "sorting.belt_speed", raw(at(0), at(100)), point=point)
        assert result.StatusCode.name == "BadContinuationPointInvalid"


async def test_at_times_steps_or_slopes(observer: Client) -> None:
    details = ua.ReadAtTimeDetails(ReqTimes=[at(-1), at(2), at(2.5), at(15)], UseSimpleBounds=True)
    assert values(await history(observer, "sorting.belt_speed", details)) == ["BadNoData", 2, 2, 9]
    details = ua.ReadAtTimeDetails(ReqTimes=[at(3), at(19)], UseSimpleBounds=True)
    result: Any = await history(observer, "sorting.belt_current", details)
    assert values(result) == [pytest.approx(2.5), 10]
    assert result.HistoryData.DataValues[0].StatusCode.value == 0x402, "good, interpolated"
    assert "Uncertain" in ua.StatusCode(result.HistoryData.DataValues[1].StatusCode.value & ~0xFFFF).name


def processed(kind: int, step_ms: float, start: datetime = T0, end: datetime = T10) -> ua.ReadProcessedDetails:
    details = ua.ReadProcessedDetails(StartTime=start, EndTime=end, ProcessingInterval=ua.Duration(step_ms))
    details.AggregateType = [ua.NodeId(kind)]
    details.AggregateConfiguration.UseServerCapabilitiesDefaults = True
    return details


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ua.ObjectIds.AggregateFunction_Average, [42, 7]),
        (ua.ObjectIds.AggregateFunction_Minimum, [1, 5]),
        (ua.ObjectIds.AggregateFunction_Maximum, [200, 9]),
        (ua.ObjectIds.AggregateFunction_Count, [5, 5]),
        (ua.ObjectIds.AggregateFunction_Interpolative, [200, 5]),
    ],
)
async def test_aggregates_of_intervals(observer: Client, kind: int, expected: list[object]) -> None:
    assert values(await history(observer, "sorting.belt_speed", processed(kind, 5000))) == expected


async def test_one_interval_over_all_and_one_without_values(observer: Client) -> None:
    average = ua.ObjectIds.AggregateFunction_Average
    assert values(await history(observer, "sorting.belt_speed", processed(average, 0))) == [24.5]
    nothing = processed(average, 0, at(12), at(14))
    assert values(await history(observer, "sorting.belt_speed", nothing)) == ["BadNoData"]


async def test_bad_values_do_not_count_and_are_told(line: FakeLine, endpoint: OpcUaEndpoint, observer: Client) -> None:
    where = line.tags.find("sorting.belt_speed")
    assert where is not None
    line.history.record(where.index, Reading(500.0, Quality.BAD, "sensor failure"), at(9.5))
    result: Any = await history(
        observer, "sorting.belt_speed", processed(ua.ObjectIds.AggregateFunction_Maximum, 0, at(5))
    )
    assert values(result) == [9]
    assert ua.StatusCode(result.HistoryData.DataValues[0].StatusCode.value & ~0xFFFF).name == "UncertainDataSubNormal"


@pytest.mark.parametrize(
    ("name", "details", "code"),
    [
        ("sorting.belt_speed", ua.ReadRawModifiedDetails(IsReadModified=True), "BadHistoryOperationUnsupported"),
        ("sorting.belt_speed", raw(NONE, NONE, 5), "BadHistoryOperationInvalid"),
        ("sorting.belt_speed", raw(at(1), NONE), "BadHistoryOperationInvalid"),
        ("sorting.belt_speed", processed(ua.ObjectIds.AggregateFunction_Total, 0), "BadAggregateNotSupported"),
        ("sorting.belt_speed.EURange", raw(at(1), at(2)), "BadHistoryOperationUnsupported"),
        ("sorting.no_such", raw(at(1), at(2)), "BadNodeIdUnknown"),
        ("sorting.belt_speed", raw(at(100), at(200)), "GoodNoData"),
    ],
)
async def test_what_cannot_be_asked_is_refused(observer: Client, name: str, details: Any, code: str) -> None:
    assert (await history(observer, name, details)).StatusCode.name == code


async def test_history_outlives_the_endpoint(line: FakeLine) -> None:
    for _ in range(2):
        async with served(line) as endpoint, client(endpoint) as one:
            assert len(values(await history(one, "sorting.belt_speed", raw(at(0), at(100))))) == 10
