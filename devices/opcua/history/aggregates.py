"""Aggregates over intervals of the past (OPC 10000-13): average, minimum, maximum, count, interpolative."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.history.values import CALCULATED, Past, no_value
from devices.opcua.values import VARIANT, node_id, representable, stamp, status_code
from devices.tag_history import Sample, time_of
from sim.tag import Quality, Value

PARTIAL = 0x404  # info bits: the interval is shorter than was asked for
MAX_SAMPLES = 60_000  # looked at for one interval


@dataclass(frozen=True, slots=True)
class Rules:
    """AggregateConfiguration: what counts as bad, and how much of it spoils a value, in percent."""

    uncertain_is_bad: bool = True
    percent_bad: int = 100
    percent_good: int = 100


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start_us` on, without `end_us`; where end is before start, backward in time."""

    start_us: int
    end_us: int
    partial: bool


Aggregate = Callable[[Past, Interval, Rules], ua.DataValue]


@dataclass(frozen=True, slots=True)
class Found:
    """The samples of an interval that count, and whether some did not."""

    good: Sequence[Sample]
    all: int

    def code(self, rules: Rules) -> int:
        """The status of what is computed from them (Part 13, 5.4.3)."""
        share = 100 * len(self.good) / self.all
        if share >= rules.percent_good:
            return int(StatusCodes.Good)
        bad = 100 - share >= rules.percent_bad
        return int(StatusCodes.Bad if bad else StatusCodes.UncertainDataSubNormal)


def _found(past: Past, interval: Interval, rules: Rules) -> Found:
    low, high = sorted((interval.start_us, interval.end_us))
    if interval.end_us < interval.start_us:  # without the earlier end, with the later start
        low, high = low + 1, high + 1
    samples = [sample for sample, _ in zip(past.history.forward(past.tag.index, low, high), range(MAX_SAMPLES))]  # noqa: B905
    wrong = {Quality.BAD, Quality.UNCERTAIN} if rules.uncertain_is_bad else {Quality.BAD}
    return Found([sample for sample in samples if sample.reading.quality not in wrong], len(samples))


def _made(interval: Interval, kind: ua.VariantType, value: object, code: int) -> ua.DataValue:
    time = stamp(time_of(interval.start_us))
    bits = CALCULATED | (PARTIAL if interval.partial else 0)
    return ua.DataValue(
        Value=ua.Variant(value, kind), StatusCode=status_code(code | bits), SourceTimestamp=time, ServerTimestamp=time
    )


def _over(pick: Callable[[list[Value]], Value], double: bool) -> Aggregate:
    def compute(past: Past, interval: Interval, rules: Rules) -> ua.DataValue:
        found = _found(past, interval, rules)
        if not found.good:
            return no_value(interval.start_us, StatusCodes.BadNoData)
        value = pick([sample.reading.value for sample in found.good])
        if double:
            return _made(interval, ua.VariantType.Double, float(value), found.code(rules))
        kind = past.tag.type
        return _made(interval, VARIANT[kind], representable(value, kind), found.code(rules))

    return compute


def _count(past: Past, interval: Interval, rules: Rules) -> ua.DataValue:
    found = _found(past, interval, rules)
    return _made(interval, ua.VariantType.Int32, len(found.good), found.code(rules) if found.all else 0)


def _interpolative(past: Past, interval: Interval, rules: Rules) -> ua.DataValue:
    return past.at(interval.start_us)


AGGREGATES: Mapping[ua.NodeId, Aggregate] = {
    node_id(ObjectIds.AggregateFunction_Average): _over(lambda values: sum(values) / len(values), double=True),
    node_id(ObjectIds.AggregateFunction_Minimum): _over(min, double=False),
    node_id(ObjectIds.AggregateFunction_Maximum): _over(max, double=False),
    node_id(ObjectIds.AggregateFunction_Count): _count,
    node_id(ObjectIds.AggregateFunction_Interpolative): _interpolative,
}


def interval(start_us: int, end_us: int, step_us: int, number: int) -> Interval | None:
    """The interval of that number, from 0; None beyond the last one. A step of 0 is one interval over all."""
    whole = abs(end_us - start_us)
    step = step_us or whole
    first = number * step
    if first >= whole:
        return None
    last, turn = min(first + step, whole), 1 if end_us >= start_us else -1
    return Interval(start_us + turn * first, start_us + turn * last, partial=last - first < step)
