"""The methods of a condition: which there are, what they take, and in which words a refusal is said. A table."""

from collections.abc import Callable
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.actions import Argument
from devices.opcua.alarms.shape import Shape
from sim.alarms.state import ONE_SHOT, TIMED, AlarmNow

ITSELF, SHELVING = "condition", "ShelvingState"
EVENT_ID = Argument("EventId", ua.VariantType.ByteString)
COMMENT = Argument("Comment", ua.VariantType.LocalizedText)
SHELVING_TIME = Argument("ShelvingTime", ua.VariantType.Double)
Problem = Callable[[AlarmNow], int]  # the code of what forbids it, 0 where nothing does


@dataclass(frozen=True, slots=True)
class Method:
    """One method: the word of the line for it, the ids under which clients call it, its inputs, its own codes."""

    do: str
    declared: tuple[int, ...]  # the first is the one that instances refer to
    inputs: tuple[Argument, ...] = ()
    problem: Problem = field(default=lambda now: 0)
    on: str = ITSELF
    once: bool = False
    has: Callable[[Shape], bool] = field(default=lambda shape: True)


def _enabled(now: AlarmNow) -> int:
    return 0 if now.enabled else int(StatusCodes.BadConditionDisabled)


def _if(wrong: Callable[[AlarmNow], bool], code: int) -> Problem:
    return lambda now: _enabled(now) or (int(code) if wrong(now) else 0)


_ACK = _if(lambda now: now.acked, StatusCodes.BadConditionBranchAlreadyAcked)
_CONFIRM = _if(lambda now: now.acked and now.confirmed, StatusCodes.BadConditionBranchAlreadyConfirmed)
_TIMED = _if(lambda now: now.shelved == TIMED, StatusCodes.BadConditionAlreadyShelved)
_ONCE = _if(lambda now: now.shelved == ONE_SHOT, StatusCodes.BadConditionAlreadyShelved)
_SHELVED = _if(lambda now: not now.shelved, StatusCodes.BadConditionNotShelved)
_SHELF = "AlarmConditionType_ShelvingState_"
_MACHINE = "ShelvedStateMachineType_"


def _ids(*names: str) -> tuple[int, ...]:
    return tuple(getattr(ObjectIds, name) for name in names)


def _pair(
    do: str, name: str, problem: Problem = _enabled, has: Callable[[Shape], bool] = lambda s: True
) -> list[Method]:
    """A method of alarms without and with a comment."""
    return [
        Method(do, _ids(f"AlarmConditionType_{name}"), (), problem, has=has),
        Method(do, _ids(f"AlarmConditionType_{name}2"), (COMMENT,), problem, has=has),
    ]


def _shelf(
    do: str, name: str, problem: Problem, inputs: tuple[Argument, ...] = (), *, once: bool = False
) -> list[Method]:
    return [
        Method(do, _ids(f"{_MACHINE}{name}", f"{_SHELF}{name}"), inputs, problem, SHELVING, once),
        Method(do, _ids(f"{_MACHINE}{name}2", f"{_SHELF}{name}2"), (*inputs, COMMENT), problem, SHELVING, once),
    ]


METHODS: tuple[Method, ...] = (
    Method("enable", _ids("ConditionType_Enable"),
           problem=lambda now: int(StatusCodes.BadConditionAlreadyEnabled) if now.enabled else 0),
    Method("disable", _ids("ConditionType_Disable"),
           problem=lambda now: 0 if now.enabled else int(StatusCodes.BadConditionAlreadyDisabled)),
    Method("comment", _ids("ConditionType_AddComment"), (EVENT_ID, COMMENT), _enabled),
    Method("ack", _ids("AcknowledgeableConditionType_Acknowledge"), (EVENT_ID, COMMENT), _ACK),
    Method("confirm", _ids("AcknowledgeableConditionType_Confirm"), (EVENT_ID, COMMENT), _CONFIRM,
           has=lambda shape: shape.confirm),
    *_pair("suppress", "Suppress"),
    *_pair("unsuppress", "Unsuppress"),
    *_pair("remove", "RemoveFromService"),
    *_pair("place", "PlaceInService"),
    *_pair("reset", "Reset", has=lambda shape: shape.latch),
    *_shelf("shelve", "TimedShelve", _TIMED, (SHELVING_TIME,)),
    *_shelf("shelve", "OneShotShelve", _ONCE, once=True),
    *_shelf("unshelve", "Unshelve", _SHELVED),
)  # fmt: skip
