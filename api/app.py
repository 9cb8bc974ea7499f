"""The web application of one api process: routes, WebSocket, pages, and the state that they share."""

from pathlib import Path

from fastapi import FastAPI

from api import rest, ws
from api.access import Gate
from api.headers import BodyLimit, Safety
from api.lab import Host, Tokens
from api.once import Memories
from api.pages import BUNDLE, Pages
from api.problem import teach
from api.relay import Relay
from api.session import Guesses, Sessions
from api.version import VERSION
from devices.endpoint import Clock


def create_app(host: Host, tokens: Tokens, clock: Clock, bundle: Path = BUNDLE) -> FastAPI:
    """An app that serves the benches behind `host` to whoever holds one of `tokens`."""
    # The shipped documentation pages load scripts from elsewhere; a lab has no elsewhere
    app = FastAPI(title="LineLab", version=VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    sessions = Sessions(clock)
    app.state.host = host
    app.state.tokens = tokens
    app.state.sessions = sessions
    app.state.guesses = Guesses(clock)
    app.state.gate = Gate(tokens, sessions)
    app.state.memories = Memories()
    app.state.relay = Relay(host)
    teach(app)
    app.include_router(rest.router)
    app.include_router(ws.router)
    app.mount("/", Pages(bundle))
    app.add_middleware(BodyLimit)
    app.add_middleware(Safety)
    return app
