"""The timing diagram in `docs/reference/handshake.md` is what the reference line does."""

import re

from scenarios.catalogue import Catalogue
from sim.line import Line
from tests.acceptance.lab import ROOT

PAGE = ROOT / "docs" / "reference" / "handshake.md"
S = 10**9


def changes() -> list[tuple[int, str, object]]:
    """Two minutes of the signals of the diagram."""
    line = Line(Catalogue().load_line("smart-factory"), 1)
    names = [tag.name for tag in line.tags]
    heard: list[tuple[int, str, object]] = []

    def hear(t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "tag" and isinstance(subject, int):
            heard.append((t_ns, names[subject], data))

    line.listen(hear)
    line.advance(120 * S)
    return heard


def test_the_diagram_has_the_times_of_the_line() -> None:
    marks = [float(word) for word in re.findall(r"\d\.\d\d", PAGE.read_text(encoding="utf-8").split("```text")[1])[:6]]
    heard = changes()
    steps = [
        ("inspection.part_available", True), ("inspection.part_available", False), ("sorting.parts_in", None),
        ("sorting.reader_part", True), ("sorting.reader_part", False), ("sorting.ready_to_receive", True),
    ]  # fmt: skip
    begin = next(t for t, name, value in heard if (name, value) == steps[0] and t > 15 * S)
    times = [
        next(t for t, name, value in heard if t >= begin and name == wanted and on in (None, value))
        for wanted, on in steps
    ]
    found = [round((t - begin) / S, 2) for t in times]
    assert found[:5] == marks[:5]
    assert found[5] > found[4]


def test_ready_is_withdrawn_when_available_falls_and_not_before() -> None:
    heard = changes()
    falls = {t for t, name, on in heard if name == "inspection.part_available" and on is False}
    withdrawn = {t for t, name, on in heard if name == "sorting.ready_to_receive" and on is False}
    assert len(withdrawn) > 5
    assert withdrawn <= falls


def test_each_wire_arrives_at_the_instant_at_which_it_left() -> None:
    heard = changes()
    for source, target in (
        ("inspection.part_available", "sorting.upstream_part_available"),
        ("sorting.ready_to_receive", "inspection.downstream_ready"),
    ):
        sent = [(t, on) for t, name, on in heard if name == source]
        assert sent == [(t, on) for t, name, on in heard if name == target]
