"""What the api room needs of the lab behind it: a channel to the host of a bench, and who holds which token.

The controller room keeps these promises (`controller/channel.py`, `controller/tokens.py`); tests keep them with a fake.
Nothing here knows HTTP.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from controller.messages import Frame, LabError, LabLost
from controller.tokens import Grant
from devices.endpoint import Role
from sim.state import JsonValue

__all__ = ["Frame", "Grant", "Host", "LabError", "LabLost", "Listener", "Tokens"]

Listener = Callable[[Frame], None]


class Tokens(Protocol):
    """The tokens of all benches."""

    def find(self, token: str) -> Grant | None:
        """What this token opens, None where it opens nothing. Takes the same time either way."""
        ...

    def of(self, bench: int, role: Role) -> str:
        """The token of a role: the password that its owner types into a PLC or an OPC UA client."""
        ...


class Host(Protocol):
    """The channel to the hosts of all benches."""

    @property
    def benches(self) -> tuple[int, ...]:
        """Numbers of the benches of this lab."""
        ...

    async def request(
        self, op: str, *, bench: int | None, by: str, role: Role, params: Mapping[str, JsonValue]
    ) -> JsonValue:
        """Ask one thing of a bench. `LabError` says why not, `LabLost` that nobody answers."""
        ...

    def subscribe(self, channel: str, listener: Listener) -> Callable[[], None]:
        """Frames of a channel from now on, first a whole `snap`, and one again after every loss. Call to end it."""
        ...
