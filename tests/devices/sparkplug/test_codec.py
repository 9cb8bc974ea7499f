"""Sparkplug payloads as bytes, against bytes written by hand from the published field numbers."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.sparkplug.codec import BadPayload, Metric, MetricType, Payload, Property, decode, encode, signed


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def block(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


BY_HAND: list[tuple[Metric, bytes]] = [
    (Metric("a", type=MetricType.BOOLEAN, value=True), b"\x0a\x01a\x20\x0b\x70\x01"),
    (Metric(None, 300, type=MetricType.UINT16, value=7), b"\x10\xac\x02\x20\x06\x50\x07"),
    (Metric(None, 1, type=MetricType.INT16, value=-3), b"\x10\x01\x20\x02\x50\xfd\xff\xff\xff\x0f"),
    (Metric(None, 1, type=MetricType.INT64, value=-5), b"\x10\x01\x20\x04\x58" + b"\xfb" + b"\xff" * 8 + b"\x01"),
    (Metric(None, 1, type=MetricType.FLOAT, value=0.25), b"\x10\x01\x20\x09\x65" + struct.pack("<f", 0.25)),
    (Metric(None, 1, type=MetricType.DOUBLE, value=0.1), b"\x10\x01\x20\x0a\x69" + struct.pack("<d", 0.1)),
    (Metric(None, 1, type=MetricType.STRING, value="é"), b"\x10\x01\x20\x0c\x7a\x02\xc3\xa9"),
    (Metric(None, 1, 5, MetricType.DATE_TIME, 9), b"\x10\x01\x18\x05\x20\x0d\x58\x09"),
    (Metric(None, 1, type=MetricType.INT32, null=True), b"\x10\x01\x20\x03\x38\x01"),
    (
        Metric(None, 1, type=MetricType.BOOLEAN, value=False, properties=(("Quality", Property(MetricType.INT32, 0)),)),
        b"\x10\x01\x20\x0b" + block(9, block(1, b"Quality") + block(2, b"\x08\x03\x18\x00")) + b"\x70\x00",
    ),
]


@pytest.mark.parametrize(("metric", "raw"), BY_HAND, ids=[str(m.type) + str(m.value) for m, _ in BY_HAND])
def test_a_metric_is_the_bytes_of_the_published_schema(metric: Metric, raw: bytes) -> None:
    message = b"\x08\x0a" + block(2, raw) + b"\x18\x07"
    assert encode(Payload((metric,), 10, 7)) == message
    assert decode(message) == Payload((metric,), 10, 7)


def test_a_data_metric_says_its_value_without_type() -> None:
    raw = encode(Payload((Metric(None, 1, type=MetricType.INT16, value=-1, typed=False),)))
    assert decode(raw).metrics == (Metric(None, 1, None, None, 0xFFFFFFFF),)


@pytest.mark.parametrize(
    ("value", "kind", "means"),
    [
        (0xFFFD, MetricType.INT16, -3),
        (0xFFFFFFFD, MetricType.INT16, -3),
        (0xFFFFFFFFFFFFFFFD, MetricType.INT16, -3),
        (0x18000, MetricType.INT16, 0x18000),
        (0xFFFD, MetricType.INT32, 0xFFFD),
        (0xFFFD, MetricType.UINT16, 0xFFFD),
        (True, MetricType.INT16, True),
        (1.5, MetricType.INT16, 1.5),
    ],
)
def test_numbers_below_zero_in_any_width(value: float, kind: MetricType, means: float) -> None:
    assert signed(value, kind) == means


@pytest.mark.parametrize("raw", [b"\x08", b"\xff" * 9, b"\x12\x05\x0a", block(2, block(1, b"\xff\xfe")), b'{"a":1}'])
def test_what_is_no_payload_is_said_so(raw: bytes) -> None:
    with pytest.raises(BadPayload):
        decode(raw)


def test_sets_of_data_and_templates_have_no_value_here() -> None:
    data_set = block(17, b"\x08\x01" + block(2, b"column"))
    (metric,) = decode(block(2, b"\x0a\x01d\x20\x10" + data_set)).metrics
    assert (metric.name, metric.type, metric.value, metric.null) == ("d", None, None, False)


def test_a_value_without_a_type_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="type"):
        encode(Payload((Metric("a", value=1),)))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        payload = decode(raw)
    except BadPayload:
        return
    assert isinstance(payload.metrics, tuple)
