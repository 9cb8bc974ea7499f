"""HistoryRead (OPC 10000-4, 5.11.3; 10000-11, 6.4): raw, at times, processed, events, with continuation points.

A call returns at most `MAX_VALUES` values over all its nodes, so that it holds the loop a few hundredths of a second.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaprotocol_auto import ReadAtTimeDetails, ReadEventDetails, ReadProcessedDetails, ReadRawModifiedDetails

from devices.opcua.events import Where
from devices.opcua.history.aggregates import AGGREGATES, Rules, interval
from devices.opcua.history.cursor import Cursor, Cursors
from devices.opcua.history.values import FAR_US, Past, no_value
from devices.opcua.monitored import restamped
from devices.opcua.values import status_code
from devices.tag_history import microseconds

if TYPE_CHECKING:
    from devices.opcua.server import LineServer

MAX_VALUES = 2_000
MAX_EVENTS = 500
NO_TIME = datetime(1601, 1, 2, tzinfo=UTC)  # what lies before means "not given" (Part 6, 5.2.2.5)
HISTORY_READ = 4  # bit of EventNotifier
Result = ua.HistoryReadResult


class Refusal(Exception):
    """Why one node is not read: a status code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def given(time: datetime | None) -> int | None:
    """Microseconds, None where a time was left out."""
    if time is None:
        return None
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return None if aware < NO_TIME else microseconds(aware)


class HistoryReader:
    """Reads the past of one server's tags and events for its sessions."""

    def __init__(self, server: "LineServer") -> None:
        self._server = server

    def read(self, params: ua.HistoryReadParameters, cursors: Cursors) -> list[ua.HistoryReadResult]:
        details = params.HistoryReadDetails
        if params.ReleaseContinuationPoints:
            return [self._release(one, cursors) for one in params.NodesToRead]
        handler = HANDLERS.get(type(details))
        if handler is None:
            raise ServiceError(StatusCodes.BadHistoryOperationInvalid)
        if params.TimestampsToReturn not in (0, 1, 2):
            raise ServiceError(StatusCodes.BadTimestampsToReturnInvalid)
        room = MAX_EVENTS if isinstance(details, ReadEventDetails) else MAX_VALUES
        each = max(room // len(params.NodesToRead), 1)
        answers = []
        for one, more in zip(params.NodesToRead, self._aggregates(details, len(params.NodesToRead)), strict=True):
            try:
                answers.append(handler(self, one, details, each, cursors, *more))
            except Refusal as refusal:
                answers.append(Result(StatusCode=status_code(refusal.code)))
        if params.TimestampsToReturn != ua.TimestampsToReturn.Both:
            _restamp(answers, params.TimestampsToReturn)
        return answers

    def _aggregates(self, details: object, count: int) -> list[tuple[ua.NodeId, ...]]:
        """The aggregate of each node, where some are asked for: one for each (Part 11, 6.4.4)."""
        if not isinstance(details, ReadProcessedDetails):
            return [()] * count
        kinds = list(details.AggregateType or ())
        if len(kinds) != count:
            raise ServiceError(StatusCodes.BadAggregateListMismatch)
        return [(kind,) for kind in kinds]

    def _release(self, one: ua.HistoryReadValueId, cursors: Cursors) -> ua.HistoryReadResult:
        known = cursors.release(bytes(one.ContinuationPoint or b""))
        return Result(StatusCode=status_code(StatusCodes.Good if known else StatusCodes.BadContinuationPointInvalid))

    def _past(self, one: ua.HistoryReadValueId) -> Past:
        server = self._server
        tag = server.nodes.tags.get(one.NodeId) if server.nodes is not None else None
        if tag is None:
            known = one.NodeId in server.aspace
            raise Refusal(StatusCodes.BadHistoryOperationUnsupported if known else StatusCodes.BadNodeIdUnknown)
        if one.IndexRange:
            raise Refusal(StatusCodes.BadIndexRangeNoData)
        return Past(tag, server.history, microseconds(server.clock.utc()))

    def _place(self, one: ua.HistoryReadValueId, cursors: Cursors) -> int | None:
        """Where an earlier answer stopped; None for a read from the start."""
        if not one.ContinuationPoint:
            return None
        cursor = cursors.take(bytes(one.ContinuationPoint), one.NodeId)
        if cursor is None:
            raise Refusal(StatusCodes.BadContinuationPointInvalid)
        return cursor.place

    # ---- raw

    def raw(
        self, one: ua.HistoryReadValueId, details: ReadRawModifiedDetails, each: int, cursors: Cursors
    ) -> ua.HistoryReadResult:
        if details.IsReadModified:  # nothing is ever changed afterwards
            raise Refusal(StatusCodes.BadHistoryOperationUnsupported)
        past = self._past(one)
        start, end = _span(given(details.StartTime), given(details.EndTime), int(details.NumValuesPerNode), past.now_us)
        place = self._place(one, cursors)
        wanted = min(int(details.NumValuesPerNode) or each, each)
        if start == end:  # an instant
            end = start + 1
        samples = list(islice(past.raw(start if place is None else place, end), wanted + 1))
        values = [past.value(sample) for sample in samples[:wanted]]
        if details.ReturnBounds:
            values = _bounded(past, values, start, end, first=place is None, last=len(samples) <= wanted)
        point = cursors.keep(Cursor(one.NodeId, samples[wanted].time_us)) if len(samples) > wanted else None
        return _data(values, point)

    # ---- at times

    def at_times(
        self, one: ua.HistoryReadValueId, details: ReadAtTimeDetails, each: int, cursors: Cursors
    ) -> ua.HistoryReadResult:
        past, times = self._past(one), list(details.ReqTimes or ())
        if not times:
            raise Refusal(StatusCodes.BadInvalidTimestampArgument)
        first = self._place(one, cursors) or 0
        values = [past.at(given(time) or 0) for time in times[first : first + each]]
        left = first + each < len(times)
        return _data(values, cursors.keep(Cursor(one.NodeId, first + each)) if left else None)

    # ---- processed

    def processed(
        self, one: ua.HistoryReadValueId, details: ReadProcessedDetails, each: int, cursors: Cursors, wanted: ua.NodeId
    ) -> ua.HistoryReadResult:
        past, start, end = self._past(one), given(details.StartTime), given(details.EndTime)
        if start is None or end is None or start == end:
            raise Refusal(StatusCodes.BadInvalidTimestampArgument)
        aggregate = AGGREGATES.get(wanted)
        if aggregate is None:
            raise Refusal(StatusCodes.BadAggregateNotSupported)
        rules, step = _rules(details.AggregateConfiguration), _step(details.ProcessingInterval)
        first = self._place(one, cursors) or 0
        values: list[ua.DataValue] = []
        while len(values) < each and (part := interval(start, end, step, first + len(values))) is not None:
            values.append(aggregate(past, part, rules))
        left = interval(start, end, step, first + len(values)) is not None
        return _data(values, cursors.keep(Cursor(one.NodeId, first + len(values))) if left else None)

    # ---- events

    def events(
        self, one: ua.HistoryReadValueId, details: ReadEventDetails, each: int, cursors: Cursors
    ) -> ua.HistoryReadResult:
        self._check_notifier(one.NodeId)
        start, end = given(details.StartTime), given(details.EndTime)
        count = int(details.NumValuesPerNode)
        if (start is None) + (end is None) + (not count) > 1:
            raise Refusal(StatusCodes.BadHistoryOperationInvalid)
        where = Where(details.Filter.WhereClause, self._server.types)
        if not details.Filter.SelectClauses or where.problem():
            raise Refusal(StatusCodes.BadEventFilterInvalid)
        backward = start is None or (end is not None and end < start)
        low, high = (end, start) if backward else (start, end)
        place = self._place(one, cursors)
        found = [
            (number, event)
            for number, event in self._server.event_store.numbered()
            if (low is None or microseconds(event.time) >= low)
            and (high is None or microseconds(event.time) < high)
            and one.NodeId in self._server.events.places(event.node)
            and where.lets_through(event)
        ]
        if backward:
            found.reverse()
        if place is not None:
            found = [row for row in found if (row[0] <= place if backward else row[0] >= place)]
        wanted = min(count or each, each)
        rows = [ua.HistoryEventFieldList(event.select(details.Filter.SelectClauses)) for _, event in found[:wanted]]
        point = cursors.keep(Cursor(one.NodeId, found[wanted][0])) if len(found) > wanted else None
        return _result(ua.HistoryEvent(Events=rows), point, empty=not rows)

    def _check_notifier(self, node: ua.NodeId) -> None:
        if node not in self._server.aspace:
            raise Refusal(StatusCodes.BadNodeIdUnknown)
        stored = self._server.aspace.read_attribute_value(node, AttributeIds.EventNotifier)
        if stored.Value is None or not int(stored.Value.Value or 0) & HISTORY_READ:
            raise Refusal(StatusCodes.BadHistoryOperationUnsupported)


Handler = Callable[..., ua.HistoryReadResult]
HANDLERS: Mapping[type, Handler] = {
    ReadRawModifiedDetails: HistoryReader.raw,
    ReadAtTimeDetails: HistoryReader.at_times,
    ReadProcessedDetails: HistoryReader.processed,
    ReadEventDetails: HistoryReader.events,
}


def _span(start: int | None, end: int | None, count: int, now_us: int) -> tuple[int, int]:
    """Two of start, end and count say which values are meant (Part 11, 6.4.3.2)."""
    if start is not None and end is not None:
        return start, end
    if not count or (start is None and end is None):
        raise Refusal(StatusCodes.BadHistoryOperationInvalid)
    if start is None:
        return (end or 0), -FAR_US
    return start, FAR_US


def _bounded(
    past: Past, values: list[ua.DataValue], start: int, end: int, *, first: bool, last: bool
) -> list[ua.DataValue]:
    """With the values at or beyond both ends; where there is none, that is said (Part 11, 6.4.3.2)."""
    out = list(values)
    if first and (not out or microseconds(out[0].SourceTimestamp or NO_TIME) != start):
        out.insert(0, _bound(past, start, later=start > end))
    if last and abs(end) < FAR_US:
        out.append(_bound(past, end, later=end >= start))
    return out


def _bound(past: Past, time_us: int, *, later: bool) -> ua.DataValue:
    history, index = past.history, past.tag.index
    found = history.after(index, time_us - 1) if later else history.at_or_before(index, time_us)
    return no_value(time_us, StatusCodes.BadBoundNotFound) if found is None else past.value(found)


def _step(processing_interval: float) -> int:
    """Microseconds; 0 is one interval over all."""
    if not processing_interval >= 0:
        raise Refusal(StatusCodes.BadInvalidArgument)
    return 0 if processing_interval > 1e12 else round(processing_interval * 1000)


def _rules(asked: ua.AggregateConfiguration) -> Rules:
    if asked.UseServerCapabilitiesDefaults:
        return Rules()
    if asked.UseSlopedExtrapolation or not 0 <= 100 - asked.PercentDataGood <= asked.PercentDataBad <= 100:
        raise Refusal(StatusCodes.BadAggregateConfigurationRejected)
    return Rules(bool(asked.TreatUncertainAsBad), int(asked.PercentDataBad), int(asked.PercentDataGood))


def _data(values: list[ua.DataValue], point: bytes | None) -> ua.HistoryReadResult:
    return _result(ua.HistoryData(DataValues=values), point, empty=not values)


def _result(data: Any, point: bytes | None, *, empty: bool) -> ua.HistoryReadResult:
    code = StatusCodes.GoodNoData if empty else StatusCodes.Good
    return Result(StatusCode=status_code(code), ContinuationPoint=ua.ByteString(point or b""), HistoryData=data)


def _restamp(answers: list[ua.HistoryReadResult], stamps: ua.TimestampsToReturn) -> None:
    for one in answers:
        data: Any = one.HistoryData
        if isinstance(data, ua.HistoryData):
            data.DataValues = [restamped(value, stamps) for value in data.DataValues]
