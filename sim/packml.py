"""The PackML state machine as tables: OPC 30050 v1.01 (PackML / ISA-TR88.00.02), 17 states, commands, transitions."""

from enum import IntEnum

from sim.text import Text


class State(IntEnum):
    """State numbers of OPC 30050."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


S = State

# what an acting state becomes when its work is done ("SC": state complete)
COMPLETES: dict[State, State] = {
    S.RESETTING: S.IDLE,
    S.STARTING: S.EXECUTE,
    S.SUSPENDING: S.SUSPENDED,
    S.UNSUSPENDING: S.EXECUTE,
    S.HOLDING: S.HELD,
    S.UNHOLDING: S.EXECUTE,
    S.COMPLETING: S.COMPLETE,
    S.STOPPING: S.STOPPED,
    S.CLEARING: S.STOPPED,
    S.ABORTING: S.ABORTED,
}

COMMANDS: dict[str, Text] = {
    "reset": Text("复位", "Reset"),
    "start": Text("启动", "Start"),
    "stop": Text("停止", "Stop"),
    "hold": Text("保持", "Hold"),
    "unhold": Text("解除保持", "Unhold"),
    "suspend": Text("暂停", "Suspend"),
    "unsuspend": Text("解除暂停", "Unsuspend"),
    "abort": Text("中止", "Abort"),
    "clear": Text("清除", "Clear"),
    "complete": Text("完成", "Complete"),
}

_ABORTED = (S.ABORTING, S.ABORTED)
_CLEARED = tuple(s for s in State if s not in _ABORTED)
_RUNNING = tuple(s for s in _CLEARED if s not in (S.CLEARING, S.STOPPING, S.STOPPED))
_HOLDABLE = (S.STARTING, S.EXECUTE, S.SUSPENDING, S.SUSPENDED, S.UNSUSPENDING, S.UNHOLDING)

# command -> state it is given in -> acting state that follows
TRANSITIONS: dict[str, dict[State, State]] = {
    "reset": {S.STOPPED: S.RESETTING, S.COMPLETE: S.RESETTING},
    "start": {S.IDLE: S.STARTING},
    "stop": dict.fromkeys(_RUNNING, S.STOPPING),
    "hold": dict.fromkeys(_HOLDABLE, S.HOLDING),
    "unhold": {S.HELD: S.UNHOLDING},
    "suspend": {S.EXECUTE: S.SUSPENDING},
    "unsuspend": {S.SUSPENDED: S.UNSUSPENDING},
    "abort": dict.fromkeys(_CLEARED, S.ABORTING),
    "clear": {S.ABORTED: S.CLEARING},
    "complete": {S.EXECUTE: S.COMPLETING},
}

TITLES: dict[State, Text] = {
    S.CLEARING: Text("清除中", "Clearing"),
    S.STOPPED: Text("停止", "Stopped"),
    S.STARTING: Text("启动中", "Starting"),
    S.IDLE: Text("空闲", "Idle"),
    S.SUSPENDED: Text("暂停", "Suspended"),
    S.EXECUTE: Text("运行", "Execute"),
    S.STOPPING: Text("停止中", "Stopping"),
    S.ABORTING: Text("中止中", "Aborting"),
    S.ABORTED: Text("中止", "Aborted"),
    S.HOLDING: Text("保持中", "Holding"),
    S.HELD: Text("保持", "Held"),
    S.UNHOLDING: Text("解除保持中", "Unholding"),
    S.SUSPENDING: Text("暂停中", "Suspending"),
    S.UNSUSPENDING: Text("解除暂停中", "Unsuspending"),
    S.RESETTING: Text("复位中", "Resetting"),
    S.COMPLETING: Text("完成中", "Completing"),
    S.COMPLETE: Text("完成", "Complete"),
}


def follow(state: State, command: str) -> State | None:
    """The state that a command leads to, None where it is illegal."""
    return TRANSITIONS[command].get(state)


def may_become(state: State, wanted: State) -> bool:
    """Whether a machine may go from one state to the other in one step, by a command or by completing."""
    return COMPLETES.get(state) is wanted or any(t.get(state) is wanted for t in TRANSITIONS.values())
