"""What people do to an alarm: checked and applied by the gate as inputs `alarm`, one small row per operation.

Arguments: `alarm` (`station.alarm`), `do`, `who`, `comment`, and for `shelve` either `for_ms` or `once`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sim.alarms.alarm import Alarm
from sim.alarms.state import ONE_SHOT, TIMED
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.travel import NEVER

Args = dict[str, JsonValue]
MS = 10**6
LONGEST_WHO, LONGEST_COMMENT = 80, 500


@dataclass(frozen=True, slots=True)
class Operation:
    """`may` says whether the state allows it; `do` does it."""

    may: Callable[[Alarm], bool]
    do: Callable[[Alarm, str, str, Args], None]


def check(alarm: Alarm | None, args: Args) -> Refusal | None:
    """Whether this may be done to the alarm now."""
    operation = OPERATIONS.get(str(args.get("do")))
    if alarm is None or operation is None:
        return Refusal.UNKNOWN
    who, comment = args.get("who", ""), args.get("comment", "")
    if not isinstance(who, str) or not isinstance(comment, str):
        return Refusal.TYPE
    if len(who) > LONGEST_WHO or len(comment) > LONGEST_COMMENT:
        return Refusal.RANGE
    if args["do"] == "shelve":
        return _check_shelve(alarm, args)
    return None if operation.may(alarm) else Refusal.STATE


def apply(alarm: Alarm, args: Args) -> None:
    """Do it. It was checked at this instant."""
    OPERATIONS[str(args["do"])].do(alarm, str(args.get("who", "")), str(args.get("comment", "")), args)


def _check_shelve(alarm: Alarm, args: Args) -> Refusal | None:
    once, for_ms = args.get("once", False), args.get("for_ms", 0)
    if not isinstance(once, bool) or not isinstance(for_ms, int) or isinstance(for_ms, bool):
        return Refusal.TYPE
    if not once and not 0 < for_ms * MS <= alarm.definition.shelve_most_ns:
        return Refusal.RANGE
    return Refusal.STATE if not alarm.s.enabled or alarm.s.shelved == (ONE_SHOT if once else TIMED) else None


def _shelve(alarm: Alarm, who: str, comment: str, args: Args) -> None:
    once = bool(args.get("once", False))
    for_ms = args.get("for_ms", 0)
    time_ns = alarm.definition.shelve_most_ns if once or not isinstance(for_ms, int) else for_ms * MS

    def shelve() -> None:
        alarm.s.shelved = ONE_SHOT if once else TIMED
        alarm.wake(alarm.UNSHELVE, alarm.now + time_ns)

    alarm.hide("shelved", who, comment, shelve)


def _ack(alarm: Alarm, who: str, comment: str, args: Args) -> None:
    alarm.s.acked = True
    alarm.s.confirmed = not alarm.definition.confirm
    alarm.tell("acknowledged", who, comment)


def _confirm(alarm: Alarm, who: str, comment: str, args: Args) -> None:
    alarm.s.confirmed = True
    alarm.tell("confirmed", who, comment)


def _reset(alarm: Alarm, who: str, comment: str, args: Args) -> None:
    alarm.s.latched = False
    alarm.tell("reset", who, comment)


def _suppress(on: bool) -> Callable[[Alarm, str, str, Args], None]:
    def do(alarm: Alarm, who: str, comment: str, args: Args) -> None:
        def change() -> None:
            alarm.s.suppressed_by_hand = on

        alarm.hide("suppressed" if on else "unsuppressed", who, comment, change)

    return do


def _service(on: bool) -> Callable[[Alarm, str, str, Args], None]:
    def do(alarm: Alarm, who: str, comment: str, args: Args) -> None:
        def change() -> None:
            alarm.s.out_of_service = not on

        alarm.hide("in_service" if on else "out_of_service", who, comment, change)

    return do


def _enable(alarm: Alarm, who: str, comment: str, args: Args) -> None:
    alarm.s.enabled = True
    alarm.tell("enabled", who, comment)
    alarm.settle()


def _disable(alarm: Alarm, who: str, comment: str, args: Args) -> None:
    """Nothing is told of it any more, and what was is forgotten (OPC 10000-9, 5.5.2)."""
    s = alarm.s
    s.enabled, s.level, s.latched, s.acked, s.confirmed, s.shelved = False, "", False, True, True, ""
    alarm.wake(alarm.UNSHELVE, NEVER)
    alarm.tell("disabled", who, comment)


def _comment(alarm: Alarm, who: str, comment: str, args: Args) -> None:
    alarm.tell("comment", who, comment)


OPERATIONS: dict[str, Operation] = {
    "ack": Operation(lambda a: not a.s.acked and a.s.enabled, _ack),
    "confirm": Operation(lambda a: a.s.acked and not a.s.confirmed and a.s.enabled, _confirm),
    "comment": Operation(lambda a: bool(a.s.enabled), _comment),
    "shelve": Operation(lambda a: bool(a.s.enabled), _shelve),  # its own check: `_check_shelve`
    "unshelve": Operation(lambda a: bool(a.s.shelved), lambda a, who, comment, _: a.off_the_shelf(who, comment)),
    "suppress": Operation(lambda a: not a.s.suppressed_by_hand and a.s.enabled, _suppress(True)),
    "unsuppress": Operation(lambda a: bool(a.s.suppressed_by_hand), _suppress(False)),
    "remove": Operation(lambda a: not a.s.out_of_service and a.s.enabled, _service(False)),
    "place": Operation(lambda a: bool(a.s.out_of_service), _service(True)),
    "enable": Operation(lambda a: not a.s.enabled, _enable),
    "disable": Operation(lambda a: bool(a.s.enabled), _disable),
    "reset": Operation(lambda a: a.s.latched and not a.s.level and a.s.acked and a.s.confirmed, _reset),
}
