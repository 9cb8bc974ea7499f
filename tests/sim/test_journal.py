"""The journal: what is written is read, damage is named by its line, replay computes the run again."""

import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import journal
from sim.inputs import Input
from sim.journal import JournalError
from sim.line import MODEL, Line
from tests.sim.builders import S, belt, component, definition, reference, station
from tests.sim.wild import inputs

CREATED = "2026-01-01T00:00:00Z"
T = 60 * S


@cache
def recorded(seed: int = 1, count: int = 15) -> tuple[str, ...]:
    """A journal of the reference line with random inputs, a clock record, two digests and an end."""
    line = Line(reference(), seed)
    lines = [journal.header(reference(), seed, CREATED), journal.clock_record(0, CREATED, 1.0, "host", "start")]
    for until in (T // 2, T):
        lines += [journal.input_record(t, given, "test") for t, given in inputs(line, seed, until, count)]
        lines.append(journal.digest_record(line.now_ns, line.events, line.digest))
    lines.append(journal.end_record(line.now_ns, CREATED))
    return tuple(text + "\n" for text in lines)


@cache
def small() -> tuple[str, ...]:
    """A short journal of a small line."""
    eye = component("eye", "photo_eye", belt="s.belt", position="300 mm")
    line_definition = definition(station("s", belt(), eye))
    line = Line(line_definition, 1)
    given_input = Input("write", {"writes": [["s.belt_run", True]]})
    line.advance(S)
    line.apply(given_input)
    line.advance(5 * S)
    texts = [
        journal.header(line_definition, 1, CREATED),
        journal.input_record(S, given_input, "modbus 127.0.0.1:5"),
        journal.digest_record(5 * S, line.events, line.digest),
    ]
    return tuple(text + "\n" for text in texts)


def test_what_is_written_is_read() -> None:
    read = journal.read(recorded())
    assert (read.header.definition, read.header.seed, read.header.model) == (reference(), 1, MODEL)
    assert [r.kind for r in read.records if r.kind != "in"] == ["clock", "digest", "digest", "end"]
    assert read.end_ns == T
    assert read.truncated is False
    assert len(read.inputs) > 20


NAMES = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES, lambda j: st.lists(j, max_size=2) | st.dictionaries(NAMES, j)
)


@given(st.integers(0, 2**53), NAMES, st.dictionaries(NAMES, JSON, max_size=3), NAMES)
def test_any_input_comes_back(t_ns: int, op: str, args: dict[str, object], by: str) -> None:
    text = journal.input_record(t_ns, Input(op, args), by)  # type: ignore[arg-type]
    assert "\n" not in text
    (record,) = journal.read([small()[0], text + "\n"]).records
    assert (record.t_ns, record.given, record.by) == (t_ns, Input(op, args), by)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_replay_agrees_with_the_live_line(seed: int) -> None:
    line = Line(reference(), seed)
    inputs(line, seed, T // 2, 15)
    result = journal.replay(journal.read(recorded(seed)))
    assert (result.agrees, result.compared, result.t_ns, result.first_wrong_ns) == (True, 2, T, None)
    assert result.inputs == len(journal.read(recorded(seed)).inputs)


def test_replay_through_the_text_of_a_file_is_the_same() -> None:
    text = "".join(recorded())
    assert journal.replay(journal.read(text.splitlines(keepends=True))).agrees is True


def test_without_a_digest_replay_cannot_say() -> None:
    lines = [text for text in small() if '"k":"digest"' not in text]
    result = journal.replay(journal.read(lines))
    assert (result.agrees, result.compared) == (None, 0)


def test_progress_is_told() -> None:
    times: list[int] = []
    journal.replay(journal.read(small()), times.append)
    assert times == [S, 5 * S]


def changed(number: int, **fields: object) -> list[str]:
    """The small journal with fields of one line (from 0) changed."""
    lines = list(small())
    lines[number] = json.dumps(json.loads(lines[number]) | fields) + "\n"
    return lines


@pytest.mark.parametrize(
    "lines",
    [
        changed(1, t=S + 1),
        changed(1, a={"writes": [["s.belt_run", False]]}),
        changed(1, a={"writes": [["s.belt_speed", 100.0]]}),
        changed(2, d="0" * 32),
        changed(2, n=1),
        [small()[0], small()[2]],
    ],
)
def test_a_tampered_journal_does_not_agree(lines: list[str]) -> None:
    result = journal.replay(journal.read(lines))
    assert result.agrees is False
    assert result.first_wrong_ns == 5 * S


@pytest.mark.parametrize("args", [{}, {"writes": [["s.missing", 1]]}, {"writes": [[]]}, {"writes": 5}])
def test_an_input_that_the_gate_would_not_have_let_through_is_named(args: dict[str, object]) -> None:
    with pytest.raises(JournalError, match=f"at {S} ns: input 'write' is damaged or refused"):
        journal.replay(journal.read(changed(1, a=args)))


def test_time_does_not_go_back() -> None:
    lines = [*small(), journal.input_record(2 * S, Input("operator", {"on": False}), "test") + "\n"]
    with pytest.raises(JournalError, match="line 4"):
        journal.read(lines)


def test_another_model_is_refused_by_its_version() -> None:
    versions = {"linelab": "0.0.7", "simpy": "4", "numpy": "2"}
    read = journal.read(changed(0, model="0", versions=versions))
    with pytest.raises(JournalError, match=r"line model 0 \(LineLab 0\.0\.7\), this is model"):
        journal.replay(read)


def test_cut_off_at_any_byte_of_its_last_record_it_is_read_up_to_there() -> None:
    whole, last = small()[:-1], small()[-1]
    for length in range(1, len(last)):
        read = journal.read([*whole, last[:length]])
        assert read.truncated is True
        assert len(read.records) == 1
    assert journal.read(whole).truncated is False


@pytest.mark.parametrize(
    "damage", ["", "\n", "garbage\n", "[1]\n", "{}\n", '{"k":"in"}\n', "5\n", "null\n", "[" * 5000 + "\n"]
)
@pytest.mark.parametrize("number", [2, 3])
def test_a_damaged_middle_is_refused_by_its_line(number: int, damage: str) -> None:
    lines = list(recorded())
    lines[number - 1] = damage
    with pytest.raises(JournalError, match=f"line {number}:"):
        journal.read(lines)


@pytest.mark.parametrize(
    "fields",
    [{"t": "5"}, {"t": 1.5}, {"t": None}, {"t": True}, {"t": -1}, {"op": 5}, {"a": 5}, {"a": None}, {"k": "other"}],
    ids=str,
)
def test_a_record_with_a_damaged_field_is_refused_by_its_line(fields: dict[str, object]) -> None:
    with pytest.raises(JournalError, match="line 2:"):
        journal.read(changed(1, **fields))


@pytest.mark.parametrize(
    "fields",
    [{"format": 99}, {"seed": "1"}, {"definition": {}}, {"definition": None}, {"k": "in"}, {"versions": 5}],
    ids=str,
)
def test_a_damaged_header_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(JournalError, match="line 1:"):
        journal.read(changed(0, **fields))


@pytest.mark.parametrize("lines", [[], ["\n"], ["{"], ["hello\n"], list(small()[1:])], ids=str)
def test_what_is_no_journal_is_refused(lines: list[str]) -> None:
    with pytest.raises(JournalError, match="line 1:"):
        journal.read(lines)


@settings(max_examples=300)
@given(st.data())
def test_any_damage_is_read_or_refused(data: st.DataObject) -> None:
    text = "".join(small())
    at = data.draw(st.integers(len(small()[0]) // 2, len(text) - 1))
    spoilt = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 40)) :]
    try:
        result = journal.replay(journal.read(spoilt.splitlines(keepends=True)))
    except JournalError:
        return
    assert result.agrees in (True, False, None)
