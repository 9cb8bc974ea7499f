"""Monitored items by themselves: sampling, deadbands, queues, overflow, without a wire."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from asyncua import ua

from devices.opcua.events import Event, Types, Where
from devices.opcua.monitored import OVERFLOW, DataItem, EventItem, Mode
from devices.opcua.overlay import Looking
from devices.opcua.values import node_id

NODE = ua.NodeId("x", 2)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def item(size: int = 10, *, oldest: bool = True, sampling_s: float = 0.0) -> DataItem:
    return DataItem(1, NODE, 13, None, ua.TimestampsToReturn.Both, Mode.Reporting, 7, size, oldest, None, sampling_s)


def value(number: float) -> ua.DataValue:
    return ua.DataValue(ua.Variant(number, ua.VariantType.Double))


def queued(one: DataItem) -> list[tuple[float, bool]]:
    return [(each.Value.Value, bool(each.StatusCode.value & OVERFLOW)) for each in one.queue]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("size", "oldest", "expected"),
    [
        (3, True, [(3.0, True), (4.0, False), (5.0, False)]),
        (3, False, [(1.0, False), (2.0, False), (5.0, True)]),
        (1, True, [(5.0, False)]),
        (1, False, [(5.0, False)]),
    ],
)
def test_a_full_queue_drops_as_asked_and_marks_it(
    size: int, oldest: bool, expected: Sequence[tuple[float, bool]]
) -> None:
    one = item(size, oldest=oldest)
    for number in range(1, 6):
        one.see(value(float(number)), 0.0)
    assert queued(one) == expected


def test_a_sampling_interval_takes_one_change_at_most_and_the_last_one() -> None:
    one = item(sampling_s=1.0)
    for tenth in range(25):
        one.see(value(float(tenth)), tenth / 10)
    one.catch_up(9.0)
    # at 0; what was true when 1.0 and 2.0 had come; the last one, once it is due
    assert [number for number, _ in queued(one)] == [0.0, 9.0, 19.0, 24.0]


def test_a_change_that_goes_back_before_its_sample_is_not_told() -> None:
    one = item(sampling_s=1.0)
    for number, at in ((0.0, 0.0), (1.0, 0.3), (0.0, 0.6)):
        one.see(value(number), at)
    one.catch_up(5.0)
    assert queued(one) == [(0.0, False)]


def test_a_disabled_item_sees_nothing_and_begins_anew() -> None:
    one = item()
    one.see(value(1.0), 0.0)
    one.mode = Mode.Disabled
    one.disable()
    one.see(value(2.0), 0.0)
    assert queued(one) == []
    one.mode = Mode.Reporting
    one.see(value(1.0), 0.0)
    assert queued(one) == [(1.0, False)]


def event(kind: int, severity: int) -> Event:
    fields = {("Severity",): ua.Variant(severity, ua.VariantType.UInt16)}
    return Event(node_id(ua.ObjectIds.Server), node_id(kind), AT, dict(fields))


@pytest.fixture
def types() -> Types:
    from asyncua.server.address_space import AddressSpace

    from devices.opcua.overlay import Overlay, base

    space = AddressSpace()
    space._nodes = Overlay(base())
    return Types(Looking(space))


def clause(*elements: tuple[int, Sequence[object]]) -> ua.ContentFilter:
    made = [ua.ContentFilterElement(ua.FilterOperator(what), list(operands)) for what, operands in elements]  # type: ignore[arg-type]
    return ua.ContentFilter(made)


def literal(content: object, kind: ua.VariantType) -> ua.LiteralOperand:
    return ua.LiteralOperand(ua.Variant(content, kind))


SEVERITY = ua.SimpleAttributeOperand(node_id(ua.ObjectIds.BaseEventType), [ua.QualifiedName("Severity")], 13)  # type: ignore[arg-type]


def of_type(kind: int) -> tuple[int, Sequence[object]]:
    return ua.FilterOperator.OfType, [literal(node_id(kind), ua.VariantType.NodeId)]


def test_of_type_takes_subtypes(types: Types) -> None:
    where = Where(clause(of_type(ua.ObjectIds.AlarmConditionType)), types)
    assert where.lets_through(event(ua.ObjectIds.ExclusiveLevelAlarmType, 1))
    assert where.lets_through(event(ua.ObjectIds.AlarmConditionType, 1))
    assert not where.lets_through(event(ua.ObjectIds.BaseEventType, 1))


def test_and_not_and_comparison(types: Types) -> None:
    above = (ua.FilterOperator.GreaterThan, [SEVERITY, literal(500, ua.VariantType.UInt16)])
    both = (ua.FilterOperator.And, [ua.ElementOperand(1), ua.ElementOperand(2)])
    no = (ua.FilterOperator.Not, [ua.ElementOperand(3)])
    where = Where(clause(both, above, no, of_type(ua.ObjectIds.AlarmConditionType)), types)
    assert where.problem() == 0
    assert where.lets_through(event(ua.ObjectIds.BaseEventType, 501))
    assert not where.lets_through(event(ua.ObjectIds.BaseEventType, 500))
    assert not where.lets_through(event(ua.ObjectIds.LimitAlarmType, 501))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (clause((ua.FilterOperator.RelatedTo, [])), "BadFilterOperatorUnsupported"),
        (clause((ua.FilterOperator.Equals, [])), "BadFilterOperandCountMismatch"),
        (clause((ua.FilterOperator.Not, [ua.ElementOperand(0)])), "BadFilterElementInvalid"),
        (clause((ua.FilterOperator.Not, [ua.ElementOperand(5)])), "BadFilterElementInvalid"),
    ],
)
def test_a_clause_that_cannot_be_judged_is_refused(types: Types, wrong: ua.ContentFilter, code: str) -> None:
    assert ua.StatusCode(Where(wrong, types).problem()).name == code


def test_lost_events_leave_a_notice(types: Types) -> None:
    one = EventItem(1, NODE, Mode.Reporting, 7, 2, True, [SEVERITY], Where(None, types))
    for severity in (1, 2, 3, 4):
        one.hear(event(ua.ObjectIds.BaseEventType, severity))
    told = [one.take().EventFields[0].Value for _ in range(len(one.queue))]
    assert told == [900, 3, 4]
    one.hear(event(ua.ObjectIds.BaseEventType, 5))
    assert one.take().EventFields[0].Value == 5
