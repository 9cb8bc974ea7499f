"""Who asks, and whether they may: the one dependency by which every route names its roles."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from api.lab import Grant, Tokens
from api.problem import Problem
from api.session import Session, Sessions
from devices.endpoint import Role

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "linelab"

EVERYBODY = (Role.TRAINEE, Role.INSTRUCTOR, Role.ENGINEER)

_bearer = HTTPBearer(auto_error=False, description="The token of a bench and a role")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by POST /api/login")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is logged in."""

    grant: Grant
    key: str  # the same for all requests of one session or token, and says neither
    by: str  # as journals and pages name them
    session: Session | None = None  # None: came with a token

    @property
    def role(self) -> Role:
        return self.grant.role


class Gate:
    """Finds out who asks: by bearer token, else by session cookie."""

    def __init__(self, tokens: Tokens, sessions: Sessions) -> None:
        self._tokens = tokens
        self._sessions = sessions

    def caller(self, connection: HTTPConnection) -> Caller | None:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme:
            grant = self._tokens.find(token.strip()) if scheme.lower() == "bearer" else None
            return None if grant is None else Caller(grant, _digest(token), _by(grant, connection))
        session = self._sessions.find(connection.cookies.get(COOKIE, ""))
        if session is None:
            return None
        return Caller(session.grant, _digest(session.id), _by(session.grant, connection), session)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _by(grant: Grant, connection: HTTPConnection) -> str:
    return f"{grant.role} {address(connection)}"


def address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else "unknown"


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser sent this from our own page. What sends no `Origin` at all is no answer: not from our page."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site") == "same-origin"
    try:
        return urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
    except ValueError:
        return False


class allow:
    """Admits these roles, on their own bench only. Without roles: everybody, logged in or not."""

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(
        self,
        request: Request,
        _token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
        _session: Annotated[str | None, Security(_cookie)],
    ) -> Caller:
        caller = cast(Gate, request.app.state.gate).caller(request)
        if caller is None:
            raise Problem(401, "login")
        if caller.session is not None and request.method not in SAFE_METHODS and not same_origin(request):
            raise Problem(403, "origin")
        if caller.role not in self.roles:
            raise Problem(403, "role")
        bench = request.path_params.get("n")
        if bench is not None and str(bench) != str(caller.grant.bench):
            raise Problem(403, "bench")
        return caller


class allow_all:
    """A route that serves people who are not logged in: the same introspection, no question asked."""

    roles: frozenset[Role] = frozenset()

    async def __call__(self) -> None:
        return None
