"""Snapshots: states of a line that an instructor keeps under a name, for all benches of the lab.

Three files each below `<data>/snapshots/`: what it is (`<id>.json`), its line (`<id>.line.json`), and the checkpoint
(`<id>.state.json`), which is checked against damage when it is loaded. Knows no bench.
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
from sim.tag import TagTable

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
    fits: str  # digest of the tags: only a bench with the same ones can go on from it
    bench: int
    run: str  # name of the folder of the run
    t_ns: int
    utc: str
    by: str


def digest(line: str, tags: TagTable) -> str:
    """What makes two lines the same to a snapshot: what clients are connected to. It brings its own settings."""
    named = [line, *(f"{tag.name} {tag.type} {tag.direction}" for tag in tags)]
    return blake2b("\n".join(named).encode(), digest_size=16).hexdigest()


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

    def keep(self, snapshot: Snapshot, definition: LineDefinition, state: dict[str, JsonValue]) -> None:
        """Raises `SnapshotError`."""
        if len(self.all()) >= MOST:
            raise SnapshotError(f"there are {MOST} snapshots already: delete some first")
        try:
            keep(self._folder / f"{snapshot.id}.state.json", state)
            self._line(snapshot).write_text(json.dumps(dump(definition), ensure_ascii=False), "utf-8")
            text = json.dumps(dump(snapshot), ensure_ascii=False)
            (self._folder / f"{snapshot.id}.json").write_text(text, "utf-8")  # last: now it is there
        except OSError as error:
            raise SnapshotError(f"{self._folder}: {error.strerror}") from error

    def _line(self, snapshot: Snapshot) -> Path:
        return self._folder / f"{snapshot.id}.line.json"

    def definition(self, snapshot: Snapshot) -> LineDefinition:
        """The line that it was taken of, with its settings. Raises `SnapshotError` where the file is damaged."""
        try:
            return load(LineDefinition, json.loads(self._line(snapshot).read_text("utf-8")))
        except (OSError, ValueError, KeyError) as error:
            raise SnapshotError(f"the line of the snapshot {snapshot.name} is missing or damaged") from error

    def state(self, snapshot: Snapshot) -> dict[str, JsonValue]:
        """The checkpoint. Raises `SnapshotError` where the file is damaged."""
        kept = read_checkpoint(self._folder / f"{snapshot.id}.state.json")
        if kept is None:
            raise SnapshotError(f"the file of the snapshot {snapshot.name} is missing or damaged")
        return kept[1]

    def delete(self, ident: str) -> None:
        """Raises `SnapshotError`."""
        snapshot = self.find(ident)
        for name in (f"{snapshot.id}.json", f"{snapshot.id}.line.json", f"{snapshot.id}.state.json"):
            (self._folder / name).unlink(missing_ok=True)


def new_id() -> str:
    return secrets.token_hex(8)
