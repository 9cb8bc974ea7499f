"""RFID, label printer, loading arm, inspection, order desk, stock book: handshakes, errors, parameters."""

import pytest

from sim.components.rfid import uid_of, uid_text
from sim.part import Verdict
from tests.sim.builders import MS, Bench, S, component, definition, station
from tests.sim.parameters import change, covers, restore


def bench() -> Bench:
    """Two trays, an arm between them, and devices at the first; everything under a tester's hands."""
    return Bench(
        definition(
            station(
                "s",
                component("a", "tray"),
                component("b", "tray"),
                component("at_a", "spot", of="s.a"),
                component("at_b", "spot", of="s.b"),
                component("arm", "loader", positions=["0 mm", "300 mm"], places=["s.at_a", "s.at_b"]),
                component("tag", "rfid", spot="s.at_a"),
                component("label", "label_printer", spot="s.at_a", roll="3", low_at="1"),
                component("eye", "inspection", spot="s.at_a"),
                component("desk", "order_desk"),
                component("job", "job", desk="s.desk"),
                component("rack", "rack"),
                component("book", "stock_book", rack="s.rack"),
                control="modbus",
            )
        )
    )


def loaded() -> tuple[Bench, int]:
    made = bench()
    part = made.line.plant.make_part(2, 30_000)
    made.line.plant.components["s.at_a"].lay(part.serial)  # type: ignore[attr-defined]
    made.run(0)
    return made, part.serial


def rises(made: Bench, name: str) -> int:
    return next(t for t, value in made.times(name) if value is True)


def test_a_tag_is_written_and_read_again() -> None:
    made, serial = loaded()
    made.write(s__tag_value=42)
    made.write(s__tag_write=True)
    made.run(1)
    assert rises(made, "s.tag_done") == 300 * MS
    made.write(s__tag_write=False)
    assert made.get("s.tag_done") is False
    made.write(s__tag_read=True)
    made.run(1)
    assert (made.get("s.tag_error"), made.get("s.tag_data"), made.get("s.tag_uid")) == (0, 42, uid_of(serial))
    assert len(uid_text(uid_of(serial))) == 14


def test_what_can_go_wrong_with_a_tag_has_its_code() -> None:
    made, serial = loaded()
    codes = []

    def access(port: str) -> None:
        made.write(**{f"s__tag_{port}": True})
        made.run(0.4)
        codes.append(made.get("s.tag_error"))
        made.write(**{f"s__tag_{port}": False})

    made.give("fault", id="m", seam="disturbance", target="s.tag", method="misread", args={})
    access("read")
    access("write")
    made.give("end_fault", id="m")
    access("read")
    protected = change(made, "s.tag", "protected", 1)
    access("write")
    restore(made, protected)
    made.write(s__tag_read=True)
    made.give("remove_part", part=serial)
    codes.append(made.get("s.tag_error"))
    made.write(s__tag_read=False)
    access("read")
    assert codes == [2, 3, 0, 5, 4, 1]


def test_a_duplicate_answers_with_the_tag_before() -> None:
    made, first = loaded()
    made.write(s__tag_read=True)
    made.run(1)
    made.write(s__tag_read=False)
    made.write(s__arm_grip=True, s__arm_target=1)
    made.run(1)
    made.write(s__arm_target=2)
    made.run(2)
    made.write(s__arm_grip=False)
    made.run(1)
    second = made.line.plant.make_part(1, 30_000)
    made.line.plant.components["s.at_a"].lay(second.serial)  # type: ignore[attr-defined]
    made.give("fault", id="d", seam="disturbance", target="s.tag", method="duplicate", args={})
    made.write(s__tag_read=True)
    made.run(1)
    assert made.get("s.tag_uid") == uid_of(first)


@covers("rfid", "read_time", "write_time", "errors", "protected")
@pytest.mark.parametrize(("port", "time"), [("read", 150), ("write", 300)])
def test_times_and_errors_of_a_tag_changed_and_restored(port: str, time: int) -> None:
    made, _ = loaded()
    always = change(made, "s.tag", "errors", 10**6)
    made.write(**{f"s__tag_{port}": True})
    made.run(0.1)
    slower = change(made, "s.tag", f"{port}_time", 900 * MS)
    made.run(0.5)
    assert made.get("s.tag_done") is False
    restore(made, slower)  # its time is over already
    assert rises(made, "s.tag_done") == 600 * MS > time * MS
    assert made.get("s.tag_error") in (2, 3)
    restore(made, always)
    made.write(**{f"s__tag_{port}": False})
    made.write(**{f"s__tag_{port}": True})
    made.run(1)
    assert made.get("s.tag_error") == 0


@covers("label_printer", "time", "roll")
def test_a_label_takes_its_time_and_the_serial_follows_the_part() -> None:
    made, serial = loaded()
    made.write(s__label_print=True)
    made.run(0.6)  # half of it
    ident = change(made, "s.label", "time", 2400 * MS)
    made.run(0.6)  # and a quarter
    restore(made, ident)
    made.run(1)
    assert rises(made, "s.label_done") == 1500 * MS
    assert made.line.plant.part(serial).contents["label"] == made.get("s.label_serial") == 1
    shorter = change(made, "s.label", "roll", 1)
    made.write(s__label_print=False)
    made.write(s__label_print=True)
    made.run(5)
    assert (made.get("s.label_done"), made.get("s.label_ready")) == (False, False)
    restore(made, shorter)
    made.run(1.2)
    assert made.get("s.label_serial") == 2
    assert made.get("s.label_low") is True


def test_an_empty_printer_is_refilled_if_somebody_is_there() -> None:
    made, _ = loaded()
    made.give("operator", on=False)
    for _ in range(4):
        made.write(s__label_print=False)
        made.write(s__label_print=True)
        made.run(2)
    assert made.get("s.label_serial") == 3
    made.run(300)
    assert made.get("s.label_ready") is False
    made.give("operator", on=True)
    made.run(65)
    assert made.get("s.label_serial") == 4


@covers("loader", "speed", "grip_time")
def test_an_arm_carries_a_part_at_its_speed() -> None:
    made, serial = loaded()
    slow_grip = change(made, "s.arm", "grip_time", 2 * S)
    made.write(s__arm_grip=True)
    made.run(1)
    restore(made, slow_grip)  # 400 ms are over
    made.run(0)
    assert rises(made, "s.arm_holding") == 1 * S
    made.write(s__arm_target=2)
    made.run(0.5)  # 150 mm
    slower = change(made, "s.arm", "speed", 100_000)
    made.run(0.5)  # 50 mm
    restore(made, slower)
    made.run(5)
    assert next(t for t, value in made.times("s.arm_at") if value == 2) == 2 * S + 333_333_334
    made.write(s__arm_grip=False)
    made.run(1)
    assert made.line.plant.components["s.b"].take(serial)


def test_without_power_an_arm_keeps_what_it_holds() -> None:
    made, serial = loaded()
    made.write(s__arm_grip=True)
    made.run(1)
    made.write(s__arm_target=2)
    made.run(0.3)
    made.give("panel", station="s", element="estop", pressed=True)
    made.write(s__arm_grip=False)
    made.run(10)
    assert made.where(serial) == ["in", "s.arm", "grip"]
    made.give("panel", station="s", element="estop", pressed=False)
    made.run(5)
    assert made.where(serial) == ["in", "s.b", "0"]


@covers("inspection", "exposure", "false_accept", "false_reject")
def test_an_inspection_sees_what_was_done_and_its_errors_are_parameters() -> None:
    made, serial = loaded()
    part = made.line.plant.part(serial)
    part.contents |= {"drilled": 1, "fired": 1}
    verdicts = []
    for flaw, parameter in ((0, ""), (0, "false_reject"), (1, ""), (1, "false_accept")):
        part.contents["flaw"] = flaw
        ident = change(made, "s.eye", parameter, 10**6) if parameter else ""
        slower = change(made, "s.eye", "exposure", 5 * S)
        made.write(s__eye_trigger=True)
        made.run(0.2)
        restore(made, slower)
        made.run(0.4)
        verdicts.append((made.get("s.eye_valid"), made.get("s.eye_ok"), part.verdict))
        assert made.get("s.eye_features") == 5
        made.write(s__eye_trigger=False)
        if ident:
            restore(made, ident)
    good, bad = (True, True, Verdict.OK), (True, False, Verdict.REJECT)
    assert verdicts == [good, bad, bad, good]


@covers("order_desk", "types", "most")
def test_orders_are_answered_and_counted() -> None:
    made = bench()
    results = []

    def order(number: int, kind: int, quantity: int) -> None:
        made.write(s__desk_number=number, s__desk_type=kind, s__desk_quantity=quantity)
        made.write(s__desk_request=True)
        assert made.get("s.desk_ack") is True
        results.append(made.get("s.desk_result"))
        made.write(s__desk_request=False)

    more, fewer = change(made, "s.desk", "types", 5), change(made, "s.desk", "most", 2)
    order(7, 5, 2)
    order(8, 1, 3)
    restore(made, more)
    restore(made, fewer)
    order(8, 5, 1)
    order(8, 1, 3)
    order(8, 1, 1)
    assert results == [1, 3, 2, 1, 5]
    made.write(s__job_take=True)
    assert (made.get("s.job_taken"), made.get("s.job_type"), made.get("s.job_order")) == (True, 5, 7)
    made.write(s__job_done=True)
    made.write(s__job_done=False)
    assert made.get("s.job_taken") is True  # the second piece
    made.write(s__job_take=False, s__job_failed=True)
    assert (made.get("s.desk_line_1_state"), made.get("s.desk_line_1_done"), made.get("s.desk_waiting")) == (4, 1, 3)


@covers("stock_book", "count_time")
def test_a_stock_take_corrects_the_book() -> None:
    made = bench()
    rack = made.line.plant.components["s.rack"]
    rack.put(4, made.line.plant.make_part(3, 30_000).serial)  # type: ignore[attr-defined]
    made.write(s__book_cell=2, s__book_type=1, s__book_wanted=1)
    made.write(s__book_write=True)
    assert (made.get("s.book_found"), made.get("s.book_free"), made.get("s.book_stock_1")) == (2, 1, 1)
    made.write(s__book_count=True)
    made.run(1)
    slower = change(made, "s.book", "count_time", 10 * S)
    made.run(1)
    restore(made, slower)
    made.run(5)
    assert rises(made, "s.book_counted") == 9 * 300 * MS
    assert (made.get("s.book_differences"), made.get("s.book_found"), made.get("s.book_stock_3")) == (2, 0, 1)
