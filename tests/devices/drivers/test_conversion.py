"""Between device and tag, plausibility, write limits, cycles: everything without a loop."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers import Counters, DeviceType, Plausibility, Point, Quality, Raw, Reason, Target, TargetError, Why
from devices.drivers.convert import to_device, to_tag
from devices.drivers.judge import Judge
from devices.drivers.point import WriteLimits
from devices.drivers.schedule import BackOff, Schedule
from devices.drivers.write_gate import WriteGate
from sim.tag import INTEGER_RANGE, DataType, Value
from tests.devices.drivers.virtual import OneBlock

INTEGERS = [kind for kind in DeviceType if kind.is_integer]
UTC0 = datetime(2026, 1, 1, tzinfo=UTC)


def point(type_: DataType, kind: DeviceType, **extra: object) -> Point:
    return Point("x.a", type_, "a", kind, **extra)  # type: ignore[arg-type]


@given(st.sampled_from(INTEGERS), st.data())
def test_an_integer_without_scale_comes_back_as_it_was(kind: DeviceType, data: st.DataObject) -> None:
    span = kind.range
    assert span is not None
    low, high = INTEGER_RANGE[DataType.DINT]
    value = data.draw(st.integers(max(span[0], int(low)), min(span[1], int(high))))
    place = point(DataType.DINT, kind)
    assert to_tag(place, value) == value
    assert to_device(place, value) == value


@given(
    st.floats(-1000, 1000).filter(lambda scale: abs(scale) > 1e-3),
    st.floats(-1e4, 1e4),
    st.integers(-32768, 32767),
)
def test_what_a_device_holds_survives_scale_and_offset_and_back(scale: float, offset: float, raw: int) -> None:
    place = point(DataType.REAL, DeviceType.INT, scale=scale, offset=offset)
    value = to_tag(place, raw)
    assert not isinstance(value, Reason)
    assert to_device(place, value) == raw


@given(st.booleans(), st.booleans(), st.sampled_from([DeviceType.BOOL, DeviceType.UINT]))
def test_a_bit_survives_inversion(on: bool, invert: bool, kind: DeviceType) -> None:
    place = point(DataType.BOOL, kind, invert=invert)
    raw = to_device(place, on)
    assert raw == (on != invert)
    assert not isinstance(raw, Reason)
    assert to_tag(place, raw) is on


@given(st.sampled_from(DataType), st.sampled_from(DeviceType), st.floats() | st.integers(-(2**64), 2**64))
def test_every_reading_is_a_value_of_the_tag_or_a_reason(type_: DataType, kind: DeviceType, raw: Value) -> None:
    value = to_tag(point(type_, kind), raw)
    if isinstance(value, Reason):
        assert value.why in (Why.TYPE, Why.RANGE)
    elif type_ in INTEGER_RANGE:
        assert isinstance(value, int)
        assert INTEGER_RANGE[type_][0] <= value <= INTEGER_RANGE[type_][1]
    else:
        assert isinstance(value, bool if type_ is DataType.BOOL else float)


@given(st.sampled_from(INTEGERS), st.floats() | st.integers(-(2**70), 2**70))
def test_nothing_is_written_that_the_device_cannot_hold(kind: DeviceType, value: Value) -> None:
    raw = to_device(point(DataType.REAL, kind), value)
    span = kind.range
    assert span is not None
    assert isinstance(raw, Reason) or span[0] <= raw <= span[1]


# ---- plausibility -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "readings", "said"),
    [
        (Plausibility(low=0, high=10), [(0, 5.0), (1, 11.0), (2, 5.0)], [None, "IMPLAUSIBLE", None]),
        (Plausibility(low=0, high=10), [(0, -1.0), (1, 0.0)], ["IMPLAUSIBLE", None]),
        (Plausibility(step_per_s=2), [(0, 5.0), (1, 7.0), (2, 20.0), (3, 20.0)], [None, None, "IMPLAUSIBLE", None]),
        (Plausibility(frozen_s=2), [(0, 5.0), (1, 5.0), (3, 5.0), (4, 6.0)], [None, None, "FROZEN", None]),
    ],
)  # fmt: skip
def test_values_that_cannot_be_are_doubted(
    rules: Plausibility, readings: list[tuple[float, float]], said: list[str | None]
) -> None:
    judge, found = Judge(rules), []
    for at, value in readings:
        quality, reason = judge.judge(value, Raw(value), at, UTC0)
        assert (quality is Quality.UNCERTAIN) is (reason is not None)
        found.append(reason and reason.why.name)
    assert found == said


@pytest.mark.parametrize(
    ("stamps", "said"),
    [
        ([0, -1, -30], [Quality.GOOD, Quality.UNCERTAIN, Quality.STALE]),  # went back, then far too old
        ([0, 1, 9], [Quality.GOOD, Quality.GOOD, Quality.UNCERTAIN]),  # in the future
    ],
)
def test_time_stamps_that_cannot_be_are_told(stamps: list[float], said: list[Quality]) -> None:
    judge = Judge(Plausibility(behind_s=10, ahead_s=5))
    found = [judge.judge(1.0, Raw(1.0, UTC0 + timedelta(seconds=stamp)), 0.0, UTC0) for stamp in stamps]
    assert [quality for quality, _ in found] == said
    assert {reason.why for _, reason in found if reason} == {Why.TIME}


def test_a_devices_own_doubt_is_kept() -> None:
    _, reason = Judge(Plausibility()).judge(1.0, Raw(1.0, doubt="sensor warming up"), 0.0, UTC0)
    assert reason == Reason(Why.DOUBTED, "sensor warming up")


# ---- writing ------------------------------------------------------------------------------------------------------


def test_write_limits_refuse_with_the_reason_and_an_urgent_write_is_held_to_the_range_alone() -> None:
    gate = WriteGate(point(DataType.REAL, DeviceType.REAL, limits=WriteLimits(0, 100, most_per_s=2, slew_per_s=10)))
    assert gate.ask(50, 0.0, read=45) is None
    assert "45 to 60" in str(gate.ask(60, 0.0, read=45))
    gate.passed(50, 0.0)
    assert "0.400 s after the last" in str(gate.ask(51, 0.4))
    assert gate.ask(54, 0.5) is None
    assert "50 to 61" in str(gate.ask(61, 100.0))  # a long rest does not buy a long way
    assert gate.ask(0, 0.1, urgent=True) is None
    assert "101 is above 100" in str(gate.ask(101, 9.0, urgent=True))
    assert "above" in str(gate.ask(float("nan"), 9.0)) or "below" in str(gate.ask(float("nan"), 9.0))


# ---- cycles, back-off, counters -----------------------------------------------------------------------------------


@given(st.sampled_from([0.25, 0.5, 2.0]), st.lists(st.floats(0, 5), min_size=1, max_size=40))
def test_a_cycle_keeps_its_phase_and_counts_what_it_leaves_out(cycle: float, lags: list[float]) -> None:
    schedule, now, counted = Schedule([(cycle, OneBlock(()))], 0.0), 0.0, 0
    for lag in lags:
        turn = schedule.next
        assert turn is not None
        now = max(now, turn.due_s) + lag
        counted += 1 + schedule.done(turn, now)
        after = schedule.next
        assert after is not None
        assert after.due_s == counted * cycle
        assert after.due_s > now - cycle


def test_waits_double_up_to_a_limit_and_begin_anew() -> None:
    wait = BackOff(0.5, 3)
    assert [wait.next_s() for _ in range(5)] == [0.5, 1, 2, 3, 3]
    wait.succeeded()
    assert wait.next_s() == 0.5


def test_latencies_are_the_nearest_rank_of_the_last_thousand() -> None:
    counters = Counters()
    assert counters.latency is None
    for n in range(5000):
        counters.latencies.append(n)
    latency = counters.latency
    assert latency is not None
    assert (latency.p50_s, latency.most_s, len(counters.latencies)) == (4487, 4999, 1024)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://x", "no driver for this URL; there are .*modbus-rtu://"),
        ("modbus-tcp", "no driver"),
        ("modbus-tcp://x:99999", "ort"),
        ("modbus-tcp:///1", "write modbus-tcp://HOST:502/UNIT"),
        ("modbus-tcp://x/300", "units end at 255"),
        ("modbus-tcp://x?speed=9", "there is no option 'speed'"),
        ("modbus-tcp://x?gap=no", "gap is 'no', which is no number"),
        ("modbus-tcp://x?registers=126", "allowed is 1 to 125"),
        ("modbus-rtu://?baud=9600", "write modbus-rtu:///dev/ttyUSB0"),
        ("modbus-rtu:///dev/x?parity=some", "there are none, even, odd"),
    ],
)
def test_a_url_that_cannot_be_meant_says_what_can(url: str, words: str) -> None:
    from devices.drivers import Timing, make_driver
    from tests.devices.drivers.virtual import LoopClock

    with pytest.raises(TargetError, match=words):
        make_driver(Target(url), Timing(), LoopClock())
