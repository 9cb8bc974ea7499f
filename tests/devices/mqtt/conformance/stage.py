"""Where a statement is proved: one running broker, topics and client names of its own, and all clients closed after."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.devices.mqtt.conformance.raw import CONNACK, PATIENCE_S, Client, connect

VERSIONS = {4: "3.1.1", 5: "5.0"}
_numbers = itertools.count(1)


@dataclass
class Stage:
    port: int
    ws_port: int
    name: str
    patience_s: float = PATIENCE_S
    clients: list[Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._number = next(_numbers)

    def topic(self, name: str = "t") -> str:
        """A topic that no other test uses."""
        return f"c{self._number}/{name}"

    def id(self, name: str = "c") -> str:
        return f"c{self._number}{name}"

    def open(self, level: int) -> Client:
        self.clients.append(Client(self.port, level, self.patience_s))
        return self.clients[-1]

    def connect(self, level: int, name: str = "", **options: Any) -> Client:
        """A client that was let in."""
        client = self.open(level)
        client.send(connect(level, self.id(name) if name else self.id(f"x{len(self.clients)}"), **options))
        client.connack = client.expect(CONNACK)
        assert client.connack[1] == 0, client.connack
        return client

    def close(self) -> None:
        for client in self.clients:
            client.cut()


Proof = Callable[[Stage, int], None]


@dataclass(frozen=True)
class Case:
    """A function that proves statements on a broker, for one protocol level."""

    proof: Proof
    level: int
    statements: tuple[str, ...]
    mosquitto: str  # why mosquitto 2.0 does not pass, empty where it does
    name: str

    @property
    def label(self) -> str:
        return f"{VERSIONS[self.level]}-{self.name}"


CASES: list[Case] = []


def proves(v311: str = "", v5: str = "", *, mosquitto: str = "", name: str = "") -> Callable[[Proof], Proof]:
    """Register a proof for the statements of each version, given as `3.1.0-1 3.1.0-2`; in brackets a section without a
    number of its own. `mosquitto` may begin with the version that it is about: `5.0: …`."""

    def register(proof: Proof) -> Proof:
        for level, words in ((4, v311), (5, v5)):
            if words:
                only, _, why = mosquitto.rpartition(": ")
                known = why if only in ("", VERSIONS[level]) else ""
                CASES.append(Case(proof, level, tuple(words.split()), known, name or proof.__name__))
        return proof

    return register


def closes(
    v311: str, v5: str, name: str, data: Callable[[Stage, int], bytes], *, connected: bool = True, mosquitto: str = ""
) -> None:
    """Register: the broker hangs up on these bytes."""

    def proof(stage: Stage, level: int) -> None:
        client = stage.connect(level) if connected else stage.open(level)
        client.send(data(stage, level))
        assert client.closed()

    proves(v311, v5, mosquitto=mosquitto, name=name)(proof)


def before(v311: str, v5: str, name: str, data: Callable[[Stage, int], bytes], *, mosquitto: str = "") -> None:
    """Register: the broker hangs up on these bytes when they are the first."""
    closes(v311, v5, name, data, connected=False, mosquitto=mosquitto)
