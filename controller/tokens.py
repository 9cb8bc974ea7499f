"""The tokens of all benches: made at first start, one per bench and role, kept in a file that only its owner reads.

A token is the password of its role on every wire and the log-in to the page. Knows no process and no socket.
"""

import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from devices.endpoint import Role

ROLES = (Role.TRAINEE, Role.INSTRUCTOR, Role.ENGINEER)
FILE = "tokens.json"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 20


@dataclass(frozen=True, slots=True)
class Grant:
    """What one token opens: a bench, in a role."""

    bench: int
    role: Role


class Tokens:
    """The tokens of some benches, by bench and role."""

    def __init__(self, tokens: Mapping[Grant, str]) -> None:
        self._tokens = dict(tokens)

    def find(self, token: str) -> Grant | None:
        """What this token opens, None where it opens nothing. Takes the same time either way."""
        found = None
        for grant, known in self._tokens.items():
            if _equal(known, token):
                found = grant
        return found

    def of(self, bench: int, role: Role) -> str:
        return self._tokens[Grant(bench, role)]

    def dump(self) -> dict[str, dict[str, str]]:
        """As in the file: bench, role, token."""
        benches: dict[str, dict[str, str]] = {}
        for grant, token in self._tokens.items():
            benches.setdefault(str(grant.bench), {})[grant.role.value] = token
        return benches

    @classmethod
    def load(cls, benches: Mapping[str, Mapping[str, str]]) -> "Tokens":
        return cls(
            {Grant(int(bench), Role(role)): token for bench, roles in benches.items() for role, token in roles.items()}
        )


class BenchCredentials:
    """Names and passwords of one bench: the name is the role, the password its token."""

    def __init__(self, tokens: Tokens, bench: int) -> None:
        self._passwords = {role.value: tokens.of(bench, role) for role in ROLES}

    def role(self, user: str, password: str) -> Role | None:
        known = self._passwords.get(user)
        # a name that is not there costs the same comparison
        right = _equal(known or "x" * LENGTH, password)
        return Role(user) if known is not None and right else None


def keep(folder: Path, benches: Iterable[int]) -> tuple[Tokens, tuple[int, ...]]:
    """Like `prepare`, and the new ones are in the file."""
    tokens, made = prepare(folder, benches)
    if made:
        save(folder, tokens)
    return tokens, made


def prepare(folder: Path, benches: Iterable[int]) -> tuple[Tokens, tuple[int, ...]]:
    """The tokens of these benches from the file, and the benches whose tokens were made just now and are not there.

    Raises `ValueError` for a file that is not one of tokens, `OSError` for one that cannot be read.
    """
    path = folder / FILE
    known = _read(path) if path.exists() else {}
    made = tuple(bench for bench in benches if not set(known.get(str(bench), {})) >= {role.value for role in ROLES})
    for bench in made:
        known[str(bench)] = {role.value: _fresh() for role in ROLES}
    return Tokens.load(known), made


def save(folder: Path, tokens: Tokens) -> None:
    """Write the file. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / FILE, json.dumps(tokens.dump(), indent=1))


def _fresh() -> str:
    """100 bits that a person can type and a shell takes for no option: no dash, no letters that look alike."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _equal(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode("utf-8", "surrogatepass"))


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        known = json.loads(path.read_text("utf-8"))
        Tokens.load(known)
    except (ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} is not a file of tokens; move it away to have new ones made") from error
    return {bench: dict(roles) for bench, roles in known.items()}


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # never readable by others, not for a moment
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(path)
