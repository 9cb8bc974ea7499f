"""What tags were: in order, exact, bounded; a busy tag does not push out a quiet one."""

from datetime import UTC, datetime, timedelta

from devices.tag_history import BLOCK, SAMPLE_BYTES, TagHistory, microseconds
from sim.tag import Quality, Reading, Tag, TagTable
from tests.devices.fake_line import table

T0 = datetime(2026, 1, 1, tzinfo=UTC)
US0 = microseconds(T0)
ALL = (-(2**62), 2**62)


def at(second: float) -> datetime:
    return T0 + timedelta(seconds=second)


def named(tags: TagTable, name: str) -> Tag:
    found = tags.find(name)
    assert found is not None
    return found


def test_values_come_back_with_their_type_and_quality() -> None:
    tags = table()
    history = TagHistory(tags)
    eye, parts = named(tags, "sorting.eye_1").index, named(tags, "sorting.parts_out").index
    history.record(eye, Reading(True), at(1))
    history.record(parts, Reading(4294967295, Quality.BAD, "sensor failure"), at(1))
    assert [sample.reading.value for sample in history.forward(eye, *ALL)] == [True]
    (sample,) = history.forward(parts, *ALL)
    assert sample.reading == Reading(4294967295, Quality.BAD, "sensor failure")
    assert type(sample.reading.value) is int


def test_changes_of_one_instant_keep_their_order() -> None:
    history = TagHistory(table())
    for value in (True, False, True):
        history.record(0, Reading(value), at(1))
    found = list(history.forward(0, *ALL))
    assert [sample.reading.value for sample in found] == [True, False, True]
    assert [sample.time_us - US0 for sample in found] == [1_000_000, 1_000_001, 1_000_002]


def test_what_is_the_same_is_no_change() -> None:
    history = TagHistory(table())
    for second in range(5):
        history.record(0, Reading(True), at(second))
    assert len(history) == 1


def test_from_without_the_end_and_backward() -> None:
    history = TagHistory(table())
    for second in range(1000):
        history.record(3, Reading(float(second)), at(second))
    forth = history.forward(3, US0 + 300_000_000, US0 + 304_000_000)
    assert [sample.reading.value for sample in forth] == [300, 301, 302, 303]
    back = history.backward(3, US0 + 303_000_000, US0 + 300_000_000)
    assert [sample.reading.value for sample in back] == [303, 302, 301]
    before = history.at_or_before(3, US0 + 500_500_000)
    after = history.after(3, US0 + 500_000_000)
    assert before is not None
    assert after is not None
    assert (before.reading.value, after.reading.value) == (500, 501)


def test_bounded_by_bytes_and_the_quiet_keep_theirs() -> None:
    tags = table()
    history = TagHistory(tags, limit_bytes=30 * BLOCK * SAMPLE_BYTES)
    history.record(0, Reading(True), at(0))
    for number in range(20_000):
        history.record(3, Reading(float(number)), at(number))
    assert history.bytes <= 30 * BLOCK * SAMPLE_BYTES
    assert history.lost(3) > 0
    assert history.lost(0) == 0
    assert history.last(0) is not None
    assert [sample.reading.value for sample in history.forward(0, *ALL)] == [True]
    assert list(history.forward(3, *ALL))[-1].reading.value == 19_999
