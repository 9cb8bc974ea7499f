"""Snapshots: states of a line that an instructor keeps under a name, for all benches of the lab.

Two files each below `<data>/snapshots/`: what it is (`<id>.json`), and the checkpoint (`<id>.state.json`), which is
checked against damage when it is loaded. Knows no bench.
"""

import json
import re
import secrets
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from controller.recorder import read_checkpoint
from controller.training.conditions import keep
from sim.definition import LineDefinition
from sim.state import JsonValue, dump, load

FOLDER = "snapshots"
ID = re.compile("[0-9a-f]{16}")
MOST = 200  # of a lab; each is as large as a checkpoint


class SnapshotError(Exception):
    """There is no such snapshot, it is damaged, or it cannot be kept. Says which, for a person."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One mark: which moment of which run, and of what line."""

    id: str
    name: str
    line: str
    fits: str  # digest of the definition: it can only be loaded into the very same line
    bench: int
    run: str  # name of the folder of the run
    t_ns: int
    utc: str
    by: str


def digest(definition: LineDefinition) -> str:
    """What makes two lines the same to a snapshot."""
    return blake2b(json.dumps(dump(definition), sort_keys=True).encode(), digest_size=16).hexdigest()


class SnapshotShelf:
    """All snapshots of a lab. Small files: called in the loop but for `keep` and `state`."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def all(self) -> list[Snapshot]:
        """In the order in which they were taken; a damaged one is not among them."""
        found = (self._read(path) for path in self._folder.glob("*.json") if ID.fullmatch(path.stem))
        return sorted((one for one in found if one is not None), key=lambda one: (one.utc, one.id))

    def find(self, ident: str) -> Snapshot:
        """Raises `SnapshotError`."""
        found = self._read(self._folder / f"{ident}.json") if ID.fullmatch(ident) else None
        if found is None:
            raise SnapshotError(f"there is no snapshot {ident}")
        return found

    @staticmethod
    def _read(path: Path) -> Snapshot | None:
        try:
            return load(Snapshot, json.loads(path.read_text("utf-8")))
        except (OSError, ValueError):
            return None

    def keep(self, snapshot: Snapshot, state: dict[str, JsonValue]) -> None:
        """Raises `SnapshotError`."""
        if len(self.all()) >= MOST:
            raise SnapshotError(f"there are {MOST} snapshots already: delete some first")
        try:
            keep(self._folder / f"{snapshot.id}.state.json", state)
            text = json.dumps(dump(snapshot), ensure_ascii=False)
            (self._folder / f"{snapshot.id}.json").write_text(text, "utf-8")  # last: now it is there
        except OSError as error:
            raise SnapshotError(f"{self._folder}: {error.strerror}") from error

    def state(self, snapshot: Snapshot) -> dict[str, JsonValue]:
        """The checkpoint. Raises `SnapshotError` where the file is damaged."""
        kept = read_checkpoint(self._folder / f"{snapshot.id}.state.json")
        if kept is None:
            raise SnapshotError(f"the file of the snapshot {snapshot.name} is missing or damaged")
        return kept[1]

    def delete(self, ident: str) -> None:
        """Raises `SnapshotError`."""
        snapshot = self.find(ident)
        for name in (f"{snapshot.id}.json", f"{snapshot.id}.state.json"):
            (self._folder / name).unlink(missing_ok=True)


def new_id() -> str:
    return secrets.token_hex(8)
