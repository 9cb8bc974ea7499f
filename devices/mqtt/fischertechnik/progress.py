"""What a module does, as commands and their states: from the numbers of its ports to PICK, DRILL, DROP. Sans-I/O.

Tags are seen now and then, so a state may be skipped; the order of commands and that each ends is kept nevertheless.
"""

from dataclasses import dataclass

from devices.mqtt.fischertechnik.factory import Seat

WORDS = {1: "WAITING", 2: "INITIALIZING", 3: "RUNNING", 4: "PAUSED", 5: "FINISHED", 6: "FAILED"}
ENDED = ("FINISHED", "FAILED")
LOST = 6


@dataclass(frozen=True, slots=True)
class Action:
    """A command and how far it is; `begun` counts the commands, so that two of a kind are told apart."""

    command: str
    state: str
    begun: int = 0

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class Progress:
    """Follows one seat of a module."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self.action: Action | None = None
        self._begun = 0

    def see(self, action: int, state: int, waiting_for: str = "") -> list[Action]:
        """What came about since the last look, the oldest first. `waiting_for`: the command that was asked for."""
        command = self._seat.commands.get(action, "")
        if state == LOST:
            return self._fail(command or waiting_for)
        if not command:
            return self._finish()
        word = WORDS.get(state, "WAITING")
        if word == "FINISHED" and action not in self._seat.last:
            word = "RUNNING"  # a part of its command is over
        return self._go(command, word)

    def _go(self, command: str, word: str) -> list[Action]:
        now = self.action
        came: list[Action] = []
        if now is None or now.command != command or (now.ended and word != now.state):
            came += self._finish()
            self._begun += 1
        if self.action is None or (self.action.begun, self.action.state) != (self._begun, word):
            self.action = Action(command, word, self._begun)
            came.append(self.action)
        return came

    def _finish(self) -> list[Action]:
        """The port is idle or does something else: what was under way is over."""
        if self.action is None or self.action.ended:
            return []
        self.action = Action(self.action.command, "FINISHED", self.action.begun)
        return [self.action]

    def _fail(self, command: str) -> list[Action]:
        now = self.action
        if now is not None and now.state == "FAILED" and command in ("", now.command):
            return []
        if command and (now is None or now.ended or now.command != command):
            self._begun += 1
        elif now is None or now.ended:
            return []
        self.action = Action(command or now.command if now else command, "FAILED", self._begun)
        return [self.action]
