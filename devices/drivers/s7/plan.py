"""Grouping the places of points into the fewest requests. Sans-I/O.

Bytes that lie near each other are one item; up to twenty items, of any data block, travel in one request. Reading
what lies between two values is free; a request of its own costs a cycle of the controller.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from devices.drivers.point import Point
from devices.drivers.s7.address import Memory, Place, place

MOST_ITEMS = 20  # of one request, as the library and old controllers have it
REQUEST_HEAD, REQUEST_ITEM = 12, 12  # bytes of a request, and of each item in it
ANSWER_HEAD, ANSWER_ITEM = 14, 4
NEAR = 16  # bytes between two values: a further item costs as much


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes in a row."""

    memory: Memory
    block: int
    byte: int
    size: int


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `places[i]` of point `i` lies in `spans[within[i]]`."""

    points: tuple[Point, ...]
    places: tuple[Place, ...]
    within: tuple[int, ...]
    spans: tuple[Span, ...]


def plan(points: Sequence[Point], pdu: int) -> list[Request]:
    """The fewest requests for an exchange of `pdu` bytes. Raises `PointError`."""
    wanted = sorted(((place(point, point.address), point) for point in points), key=lambda pair: pair[0])
    most = pdu - ANSWER_HEAD - ANSWER_ITEM
    plans = [_pack(_join(wanted, near, most), pdu) for near in (NEAR, most)]
    return min(plans, key=len)


Joined = tuple[Span, list[tuple[Place, Point]]]


def _join(wanted: Sequence[tuple[Place, Point]], near: int, most: int) -> list[Joined]:
    """Places that lie near each other become one span of at most `most` bytes."""
    joined: list[Joined] = []
    for where, point in wanted:
        if joined:
            span, inside = joined[-1]
            same = (span.memory, span.block) == (where.memory, where.block)
            end = max(span.byte + span.size, where.end)
            if same and where.byte - (span.byte + span.size) <= near and end - span.byte <= most:
                joined[-1] = (Span(span.memory, span.block, span.byte, end - span.byte), [*inside, (where, point)])
                continue
        joined.append((Span(where.memory, where.block, where.byte, where.size), [(where, point)]))
    return joined


def _pack(joined: Sequence[Joined], pdu: int) -> list[Request]:
    """Spans into requests, in order, as long as request and answer fit."""
    packets: list[list[Joined]] = []
    answer = pdu
    for each in joined:
        cost = ANSWER_ITEM + each[0].size + each[0].size % 2
        full = not packets or len(packets[-1]) >= min(MOST_ITEMS, (pdu - REQUEST_HEAD) // REQUEST_ITEM)
        if full or answer + cost > pdu:
            packets.append([])
            answer = ANSWER_HEAD
        packets[-1].append(each)
        answer += cost
    return [_request(packet) for packet in packets]


def _request(packet: Sequence[Joined]) -> Request:
    rows = [(point, where, index) for index, (_, inside) in enumerate(packet) for where, point in inside]
    points, places, within = zip(*rows, strict=True)
    return Request(points, places, within, tuple(span for span, _ in packet))
