"""What is on the disk: journal, traffic, checkpoint, and the way back from them."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from controller import recorder as recorder_module
from controller.recorder import (
    CHECKPOINT,
    JOURNAL,
    TRAFFIC,
    AppendFile,
    Recorder,
    RecordError,
    latest_folder,
    read_checkpoint,
)
from controller.resume import ResumeError, ask, resume
from controller.run import Run
from controller.runs import Plan, begin, go_on
from controller.traffic import Traffic
from controller.view import View
from devices.endpoint import Client
from sim.inputs import Input
from sim.journal import read, replay
from sim.refusal import Refusal
from tests.controller.fake_sim import HandClock

KEY = Input("key", {"station": "sorting", "control": "modbus"})


def folder_of(run: Run, tmp_path: Path) -> Path:
    return tmp_path / "bench-1" / run.folder_name


def live(run: Run, clock: HandClock, seconds: float) -> None:
    """Time passes as it would with a pacer that is not late."""
    for _ in range(round(seconds / 0.1)):
        clock.now_s += 0.1
        assert run.settle()


def toggle(run: Run, clock: HandClock, times: int) -> None:
    for n in range(times):
        live(run, clock, 0.3)
        assert not any(run.give(Input("write", {"writes": [["sorting.ejector_2_colour", n % 4]]}), "test"))


async def test_a_recorded_run_replays_to_the_same_digest(run: Run, clock: HandClock, tmp_path: Path) -> None:
    assert not any(run.give(KEY, "test"))
    toggle(run, clock, 20)
    run.freeze("test")
    run.go_on("test")
    run.set_speed(5.0, "test")
    toggle(run, clock, 10)
    await run.stop()
    with (folder_of(run, tmp_path) / JOURNAL).open(encoding="utf-8") as lines:
        journal = read(lines)
    result = replay(journal)
    assert (result.agrees, result.inputs, result.compared) == (True, 31, 1)
    assert [r.data["why"] for r in journal.records if r.kind == "clock"] == ["start", "SIL", "freeze", "run", "speed"]
    assert journal.records[-1].kind == "end"


async def killed(run: Run, clock: HandClock, tmp_path: Path, checkpoint: bool = True) -> Path:
    """A run whose process died some time after its last checkpoint; its digest at the last record."""
    assert not any(run.give(KEY, "test"))
    toggle(run, clock, 20)
    if checkpoint:
        await run.checkpoint()
    toggle(run, clock, 15)
    for task in run._tasks:
        task.cancel()
    return folder_of(run, tmp_path)


async def test_resume_gives_the_line_back_and_goes_on(run: Run, plan: Plan, clock: HandClock, tmp_path: Path) -> None:
    folder = await killed(run, clock, tmp_path)
    resumed = resume(folder)
    assert resumed.replayed == 15
    again = go_on(resumed, clock)
    assert (again.line.digest, again.line.events) == (run.line.digest, run.line.events)
    again.start()
    toggle(again, clock, 5)
    await again.stop()
    with (folder / JOURNAL).open(encoding="utf-8") as lines:
        journal = read(lines)
    assert replay(journal).agrees
    assert [r.data["why"] for r in journal.records if r.kind == "clock"] == ["start", "SIL", "resume", "SIL"]


@pytest.mark.parametrize("damage", ["none", "missing", "empty", "garbage", "bit", "offset", "other"])
async def test_resume_does_not_need_a_good_checkpoint(damage: str, run: Run, clock: HandClock, tmp_path: Path) -> None:
    folder = await killed(run, clock, tmp_path, checkpoint=damage != "none")
    path = folder / CHECKPOINT
    if damage == "missing":
        path.unlink()
    elif damage in ("empty", "garbage"):
        path.write_text("" if damage == "empty" else '{"format":1}')
    elif damage == "bit":
        path.write_text(path.read_text().replace('"seed":1', '"seed":2'))
    elif damage in ("offset", "other"):
        kept = read_checkpoint(folder / CHECKPOINT)
        assert kept is not None
        offset, state = kept
        wrong = {**state, "now_ns": 5} if damage == "other" else state
        path.write_text(recorder_module.checkpoint_text(offset * (100 if damage == "offset" else 1), wrong))
    resumed = resume(folder)
    assert go_on(resumed, clock).line.digest == run.line.digest
    assert resumed.replayed >= 15


async def test_half_a_record_at_the_end_is_cut_off(run: Run, clock: HandClock, tmp_path: Path) -> None:
    folder = await killed(run, clock, tmp_path)
    path = folder / JOURNAL
    whole = path.read_bytes()
    for cut in (b'{"k":"in","t":99', "传送".encode()[:4], b'{"k":"in"\n'):
        path.write_bytes(whole + cut)
        resumed = resume(folder)
        assert path.read_bytes() == whole
        assert go_on(resumed, clock).line.digest == run.line.digest


async def test_a_journal_that_lies_is_refused(run: Run, clock: HandClock, tmp_path: Path) -> None:
    folder = await killed(run, clock, tmp_path)
    path = folder / JOURNAL
    path.write_text(path.read_text().replace('["sorting.ejector_2_colour",3]', '["sorting.ejector_2_colour",2]', 1))
    (folder / CHECKPOINT).unlink()
    with pytest.raises(ResumeError, match="digest"):
        resume(folder)


async def test_what_stands_before_the_checkpoint_is_not_read(run: Run, clock: HandClock, tmp_path: Path) -> None:
    folder = await killed(run, clock, tmp_path)
    lines = (folder / JOURNAL).read_text("utf-8").splitlines(keepends=True)
    lines[2:12] = ["x" * (len(line) - 1) + "\n" for line in lines[2:12]]
    (folder / JOURNAL).write_text("".join(lines), "utf-8")
    assert go_on(resume(folder), clock).line.digest == run.line.digest


async def test_an_empty_journal_is_no_run(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bench-1" / "29990101T000000Z-smart-factory").mkdir()
    (tmp_path / "bench-1" / "29990101T000000Z-smart-factory" / JOURNAL).touch()
    assert latest_folder(tmp_path, 1, "smart-factory") == folder_of(run, tmp_path)


async def test_a_frozen_run_is_resumed_frozen_and_at_its_speed(run: Run, clock: HandClock, tmp_path: Path) -> None:
    run.set_speed(4.0, "test")
    run.freeze("test")
    resumed = resume(folder_of(run, tmp_path))
    assert (resumed.speed, resumed.frozen) == (4.0, True)


async def test_a_process_of_its_own_resumes_alike(run: Run, clock: HandClock, tmp_path: Path) -> None:
    folder = await killed(run, clock, tmp_path)
    assert await asyncio.to_thread(ask, folder) == resume(folder)
    with pytest.raises(ResumeError, match="nowhere"):
        await asyncio.to_thread(ask, tmp_path / "nowhere")


async def test_a_full_disk_freezes_the_line_with_a_clear_error(
    run: Run, view: View, client: Callable[..., Client], clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    tag = view.tags.find("sorting.ejector_2_colour")
    assert tag is not None
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        assert view.request(client(), [(tag.index, 3)]) == (Refusal.PAUSED,)
        assert run.pacer.frozen
        assert "No space left" in run.error
        with pytest.raises(RecordError):
            run.go_on("test")
    assert view.read(tag.index).value == 1
    run.go_on("test")  # there is room again
    assert (run.error, view.request(client(), [(tag.index, 3)])) == ("", (None,))


def test_a_checkpoint_that_comes_late_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    for offset in (5, 3, 5):
        recorder.keep(offset, {"now_ns": offset})
    recorder.close()
    assert read_checkpoint(tmp_path / CHECKPOINT) == (5, {"now_ns": 5})


def test_half_a_write_leaves_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = AppendFile(tmp_path / "j")
    file.append("one")
    real = os.write
    monkeypatch.setattr(os, "write", lambda f, data: real(f, data[:2]))
    with pytest.raises(RecordError):
        file.append("two")
    monkeypatch.undo()
    file.append("three")
    file.close()
    assert (tmp_path / "j").read_text() == "one\nthree\n"


async def test_a_run_that_never_started_leaves_nothing(plan: Plan, clock: HandClock, tmp_path: Path) -> None:
    run = begin(plan, clock)
    folder = latest_folder(tmp_path, 1, "smart-factory")
    assert folder is not None
    (folder / "alarms.jsonl").touch()  # of the alarms, which keep a file of their own there
    await run.stop()
    assert latest_folder(tmp_path, 1, "smart-factory") is None


async def test_runs_of_one_second_have_folders_of_their_own(plan: Plan, clock: HandClock, tmp_path: Path) -> None:
    runs = [begin(plan, clock) for _ in range(3)]
    assert len({run.folder_name for run in runs}) == 3
    latest = latest_folder(tmp_path, 1, "smart-factory")
    assert latest is not None
    assert latest.name == runs[-1].folder_name
    for run in runs:
        await run.stop()


def test_traffic_is_run_length_coded() -> None:
    traffic = Traffic()
    for n in range(100):
        now_s = n / 10
        traffic.note("modbus", "plc", "read", "inputs", now_s, lambda: "u", n)
        traffic.note("modbus", "plc", "write", f"x.y={'true' if n < 50 else 'false'}", now_s, lambda: "u", n)
    records = traffic.rest()
    assert [(r["verb"], r["subject"], r["n"], r["for"]) for r in records] == [
        ("read", "inputs", 100, 9.9),
        ("write", "x.y=true", 50, 4.9),
        ("write", "x.y=false", 50, 4.9),
    ]


def test_traffic_is_written_when_it_ends_and_at_least_each_minute() -> None:
    traffic = Traffic()
    for second in range(70):
        traffic.note("mqtt", "c", "read", "a", second, lambda: "u", 0)
        for record in traffic.due(second):
            assert record["n"] == 62
    assert [r["n"] for r in traffic.due(80.0)] == [8]
    assert traffic.due(90.0) == []


def test_traffic_of_a_client_that_invents_subjects_is_bounded() -> None:
    traffic = Traffic()
    for n in range(5000):
        traffic.note("mqtt", "c", "subscribe", f"topic {n}" * 100, 0.0, lambda: "u", 0)
    assert len(traffic._open) <= 2000
    assert len(str(traffic.due(0.0)[0]["subject"])) == 200


async def test_traffic_is_in_its_own_file(run: Run, view: View, client: Callable[..., Client], tmp_path: Path) -> None:
    view.note(client(), "read", "sorting.eye_1")
    view.request(client(), [(9999, True)])
    await run.stop()
    text = (folder_of(run, tmp_path) / TRAFFIC).read_text()
    assert [json.loads(line)["verb"] for line in text.splitlines()] == ["read", "unknown"]
