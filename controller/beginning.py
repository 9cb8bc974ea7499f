"""With what a run begins, other than the birth of its line: a state, and where that comes from. Knows no file."""

from dataclasses import dataclass
from enum import StrEnum

from sim.definition import LineDefinition
from sim.journal import Header
from sim.state import JsonValue


class Kind(StrEnum):
    """Where the state that a run begins with comes from."""

    CONDITION = "condition"  # a named state of this line, computed from its birth
    SNAPSHOT = "snapshot"  # a state that an instructor has kept
    BRANCH = "branch"  # an earlier moment of a run of this bench


@dataclass(frozen=True, slots=True)
class Beginning:
    """A state, and in words of the header where it is from: `name`, or `run` and `t_ns`."""

    kind: Kind
    state: dict[str, JsonValue]  # a checkpoint
    origin: dict[str, JsonValue]
    definition: LineDefinition | None = None  # where the line has other settings than the bench's

    @property
    def from_the_past(self) -> bool:
        """To all who are connected it is as if the controller had lost its power."""
        return self.kind is not Kind.CONDITION

    def said(self, run: str) -> dict[str, JsonValue]:
        """For the header of the run of this name. A branch is called by the name of its run."""
        branch: dict[str, JsonValue] = {"branch": run} if self.kind is Kind.BRANCH else {}
        return {"kind": self.kind.value, **self.origin, **branch}


def branch_of(header: Header) -> str:
    """The branch that a run is, empty where it is none."""
    return str((header.origin or {}).get("branch", ""))
