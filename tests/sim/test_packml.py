"""The state machine against a table written from the standard, not from our code.

Independent table: OPC 30050 v1.01 as quoted in the project's notes; states by name, commands as there.
"""

import pytest

from sim.packml import COMMANDS, COMPLETES, State, follow, may_become

NUMBERS = [
    "CLEARING",
    "STOPPED",
    "STARTING",
    "IDLE",
    "SUSPENDED",
    "EXECUTE",
    "STOPPING",
    "ABORTING",
    "ABORTED",
    "HOLDING",
    "HELD",
    "UNHOLDING",
    "SUSPENDING",
    "UNSUSPENDING",
    "RESETTING",
    "COMPLETING",
    "COMPLETE",
]
COMMANDED = """
    IDLE start STARTING
    EXECUTE suspend SUSPENDING
    SUSPENDED unsuspend UNSUSPENDING
    STARTING hold HOLDING
    EXECUTE hold HOLDING
    SUSPENDING hold HOLDING
    SUSPENDED hold HOLDING
    UNSUSPENDING hold HOLDING
    UNHOLDING hold HOLDING
    HELD unhold UNHOLDING
    EXECUTE complete COMPLETING
    COMPLETE reset RESETTING
    STOPPED reset RESETTING
    ABORTED clear CLEARING
    IDLE stop STOPPING
    STARTING stop STOPPING
    EXECUTE stop STOPPING
    SUSPENDING stop STOPPING
    SUSPENDED stop STOPPING
    UNSUSPENDING stop STOPPING
    HOLDING stop STOPPING
    HELD stop STOPPING
    UNHOLDING stop STOPPING
    COMPLETING stop STOPPING
    COMPLETE stop STOPPING
    RESETTING stop STOPPING
    CLEARING abort ABORTING
    STOPPED abort ABORTING
    STARTING abort ABORTING
    IDLE abort ABORTING
    SUSPENDED abort ABORTING
    EXECUTE abort ABORTING
    STOPPING abort ABORTING
    HOLDING abort ABORTING
    HELD abort ABORTING
    UNHOLDING abort ABORTING
    SUSPENDING abort ABORTING
    UNSUSPENDING abort ABORTING
    RESETTING abort ABORTING
    COMPLETING abort ABORTING
    COMPLETE abort ABORTING
"""
COMPLETED = """
    RESETTING IDLE
    STARTING EXECUTE
    SUSPENDING SUSPENDED
    UNSUSPENDING EXECUTE
    HOLDING HELD
    UNHOLDING EXECUTE
    COMPLETING COMPLETE
    STOPPING STOPPED
    CLEARING STOPPED
    ABORTING ABORTED
"""
BY_COMMAND = {(a, c): b for a, c, b in (line.split() for line in COMMANDED.strip().splitlines())}
BY_ITSELF = dict(line.split() for line in COMPLETED.strip().splitlines())
STEPS = {(a, b) for (a, _), b in BY_COMMAND.items()} | set(BY_ITSELF.items())


def test_states_have_the_numbers_of_the_standard() -> None:
    assert [State(number).name for number in range(1, 18)] == NUMBERS


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_leads_where_the_standard_says_from_every_state(command: str) -> None:
    for state in State:
        reached = follow(state, command)
        assert (None if reached is None else reached.name) == BY_COMMAND.get((state.name, command)), state.name


def test_acting_states_complete_as_the_standard_says() -> None:
    assert {a.name: b.name for a, b in COMPLETES.items()} == BY_ITSELF


def test_only_steps_of_the_standard_are_possible() -> None:
    assert {(a.name, b.name) for a in State for b in State if may_become(a, b)} == STEPS
