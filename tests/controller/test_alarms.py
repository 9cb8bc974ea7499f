"""The alarms of a bench: who may do what, what the journal keeps, what the figures say."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.alarms.answers import journal_csv
from controller.alarms.board import AlarmBoard
from controller.alarms.figures import figures
from controller.alarms.journal import FILE, AlarmJournal, Row, Wanted
from controller.bench import Bench
from controller.channel import HostClient
from controller.messages import LabError
from devices.alarms import AlarmAsk
from devices.endpoint import Client, Role, Wire
from sim.refusal import Refusal
from sim.state import JsonValue

S = 10**9
MIN = 60 * S
ESTOP = "sorting.estop"
Make = Callable[..., Client]


def estop(bench: Bench, pushed: bool) -> None:
    bench.panel("sorting", "estop", pushed, "test")


def row(id: int, at_ns: int, alarm: str = "s.a", what: str = "active", state: str = "unacknowledged") -> Row:
    return Row(id, f"2026-01-01T00:00:{id:02}Z", at_ns, alarm, what, state, "on", 700, "high", True, "", "")


# ---- what people do ----------------------------------------------------------------------------------------------


async def test_an_alarm_comes_is_heard_kept_and_acknowledged(bench: Bench, client: Make, tmp_path: Path) -> None:
    heard = bench.alarms.events()
    estop(bench, True)
    assert bench.alarms.operate(client(Wire.MQTT), AlarmAsk(ESTOP, "ack", "on my way")) is None
    of_it = [event for event in heard.take() if event.now.name == ESTOP]
    assert [(event.what, event.now.isa.value, event.comment) for event in of_it] == [
        ("active", "unacknowledged", ""),
        ("acknowledged", "acknowledged", "on my way"),
    ]
    kept = next(tmp_path.glob(f"bench-1/*/{FILE}")).read_text("utf-8").splitlines()
    assert [json.loads(line)["who"] for line in kept if json.loads(line)["alarm"] == ESTOP] == ["", "mqtt client a"]
    assert bench.alarms.times(ESTOP).acked is not None


@pytest.mark.parametrize(
    ("role", "do", "answer"),
    [
        (Role.OBSERVER, "comment", Refusal.FORBIDDEN),
        (Role.TRAINEE, "comment", None),
        (Role.TRAINEE, "shelve", None),
        (Role.TRAINEE, "suppress", Refusal.FORBIDDEN),
        (Role.TRAINEE, "disable", Refusal.FORBIDDEN),
        (Role.INSTRUCTOR, "suppress", None),
        (Role.ENGINEER, "remove", None),
        (Role.INSTRUCTOR, "ack", Refusal.STATE),
    ],
)
async def test_who_may_do_what(bench: Bench, client: Make, role: Role, do: str, answer: Refusal | None) -> None:
    assert bench.alarms.operate(client(role=role), AlarmAsk(ESTOP, do, for_ms=1000)) is answer


async def test_a_lab_may_keep_the_shelf_from_trainees(bench: Bench, client: Make) -> None:
    bench.alarms.trainee_shelves = False
    ask = AlarmAsk(ESTOP, "shelve", once=True)
    assert bench.alarms.operate(client(role=Role.TRAINEE), ask) is Refusal.FORBIDDEN
    assert bench.alarms.operate(client(role=Role.INSTRUCTOR), ask) is None


async def test_a_frozen_line_takes_nothing(bench: Bench, client: Make) -> None:
    bench.freeze("test")
    assert bench.alarms.operate(client(), AlarmAsk(ESTOP, "comment")) is Refusal.PAUSED


async def test_over_the_channel(lab: HostClient, bench: Bench) -> None:
    estop(bench, True)
    params: dict[str, JsonValue] = {"alarm": ESTOP, "do": "ack"}
    await lab.request("alarm", bench=1, by="li", role=Role.TRAINEE, params=params)
    rows = await lab.request("alarms", bench=1, by="li", role=Role.TRAINEE, params={})
    assert isinstance(rows, list)
    assert {row["name"]: row["state"] for row in rows if isinstance(row, dict)}[ESTOP] == "acknowledged"
    with pytest.raises(LabError, match="state"):
        await lab.request("alarm", bench=1, by="li", role=Role.TRAINEE, params=params)


async def test_a_reset_begins_a_new_journal(bench: Bench) -> None:
    estop(bench, True)
    await bench.reset("test")
    assert list(bench.alarms.rows(Wanted(alarm=ESTOP), 10)) == []
    assert bench.alarms.now(ESTOP).active is False


# ---- the journal -------------------------------------------------------------------------------------------------


def test_a_journal_is_read_again_without_what_has_not_happened_yet(tmp_path: Path) -> None:
    first = AlarmJournal(tmp_path, 0)
    for id in range(1, 6):
        first.add(row(id, id * S))
    first.close()
    with (tmp_path / FILE).open("a") as file:
        file.write('{"id": 6, "cut')
    again = AlarmJournal(tmp_path, 3 * S)
    again.add(row(again.last_id + 1, 4 * S))
    again.close()
    assert [r.id for r in AlarmJournal(tmp_path, 9 * S).rows()] == [4, 3, 2, 1]


def test_pages_are_neither_doubled_nor_left_out(tmp_path: Path) -> None:
    journal = AlarmJournal(None, 0)
    for id in range(1, 11):
        journal.add(row(id, id * S, "s.a" if id % 2 else "t.b"))
    assert [r.id for r in journal.rows(Wanted(station="s", after=7))] == [5, 3, 1]
    assert [r.id for r in journal.rows(Wanted(alarm="t.b", since=row(4, 0).ts, until=row(8, 0).ts))] == [6, 4]


def test_no_cell_is_a_formula() -> None:
    bad = Row(1, "ts", 0, "s.a", "comment", "normal", "", 1, "low", 1, "li", '=cmd|" /C calc"!A0')
    assert journal_csv([bad]).splitlines()[1].endswith("""li,"'=cmd|"" /C calc""!A0\"""")


# ---- the figures -------------------------------------------------------------------------------------------------


def test_ten_in_ten_minutes_are_no_flood_and_eleven_are_one() -> None:
    ten = [row(n, n * MIN // 2) for n in range(10)]
    assert figures(ten, 3600 * S, 0, {}, 0, 24).floods == 0
    found = figures([*ten, row(10, 5 * MIN)], 3600 * S, 0, {}, 0, 24)
    # from the eleventh until the first is ten minutes old
    assert (found.floods, found.flood_share, found.peak_10_min) == (1, round(5 / 60, 4), 11)
    assert found.per_10_min == round(11 / 6, 2)


def test_chatter_stale_top_and_priorities() -> None:
    rows = [row(n, n * 29 * S, "s.a") for n in range(3)] + [row(n, n * 40 * S, "s.b") for n in range(3, 6)]
    found = figures(rows, 48 * 3600 * S, 0, {"s.old": 0, "s.new": 47 * 3600 * S}, 1, 24)
    assert (found.chattering, found.stale) == (["s.a"], ["s.old"])
    assert [(top.alarm, top.count, top.share) for top in found.top] == [("s.a", 3, 0.5), ("s.b", 3, 0.5)]
    assert found.priorities == {"high": 1.0}


def test_time_to_acknowledge_is_from_being_told() -> None:
    rows = [
        row(1, 10 * S),
        row(2, 15 * S, what="level"),
        row(3, 40 * S, what="acknowledged", state="acknowledged"),
        row(4, 50 * S, "s.b"),
        row(5, 60 * S, "s.b", "shelved", "shelved"),
        row(6, 90 * S, "s.b", "acknowledged", "shelved"),
    ]
    found = figures(rows, 100 * S, 0, {}, 0, 24)
    assert (found.acknowledged, found.acknowledge_median_s) == (1, 30.0)


def test_what_is_hidden_burdens_nobody() -> None:
    rows = [row(1, S, state="suppressed"), row(2, 2 * S, what="unsuppressed", state="unacknowledged")]
    assert figures(rows, 60 * S, 0, {}, 0, 24).alarms == 1


def test_a_board_reckons_its_own_run(bench: Bench) -> None:
    board: AlarmBoard = bench.alarms
    assert board.figures().alarms == 0
