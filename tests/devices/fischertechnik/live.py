"""The shipped line of that layout behind a real `View`, its clock moved by hand: nothing here waits."""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from controller.runs import Plan, begin
from controller.settings import Settings
from controller.view import View
from devices.endpoint import Client, Role, Wire
from devices.mqtt.fischertechnik import factory_voices
from devices.mqtt.packets import Publish
from devices.mqtt.voice import Voice
from scenarios.catalogue import Catalogue
from sim.definition import LineDefinition
from sim.inputs import Input
from tests.controller.fake_sim import HandClock

NAME = "matrix-production"
TRAINEE = Client(Wire.MQTT, "t", "trainee", Role.TRAINEE)
OBSERVER = Client(Wire.MQTT, "o", "observer", Role.OBSERVER)


@cache
def definition() -> LineDefinition:
    return Catalogue().load_line(NAME)


def live_view(folder: Path) -> tuple[View, HandClock]:
    """The line runs; the customer orders nothing."""
    clock = HandClock()
    run = begin(Plan(definition(), Settings(data=folder), 1), clock)
    run.start()
    view = View(1, NAME, clock, run)
    run.give(Input("write", {"writes": [["orders.customer_on", False]]}), "test")
    return view, clock


@dataclass
class Live:
    """The voices on that line without a broker: what they said, by topic, and in order."""

    view: View
    clock: HandClock
    voices: list[Voice] = field(default_factory=list)
    said: list[Publish] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # verbs of traffic
    step_s: float = 0.2  # more than 250 ms at once would be a slip

    @classmethod
    def on(cls, folder: Path) -> "Live":
        live = cls(*live_view(folder))
        note = live.view.note
        live.view.note = lambda client, verb, subject: (live.notes.append(verb), note(client, verb, subject))[1]  # type: ignore[method-assign]
        live._begin()
        return live

    def _begin(self) -> None:
        self.voices = factory_voices(self.view, definition())
        for voice in self.voices:
            voice.prepare()
            voice.connected()
        self.turn()

    def turn(self) -> None:
        for voice in self.voices:
            self.said += voice.due()

    def go(self, seconds: float) -> None:
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            self.clock.now_s += self.step_s
            self.view.run.settle()
            self.turn()

    def until(self, topic: str, fits: Any, most_s: float = 600) -> Any:
        """Go on until a document on `topic` fits; it is the answer."""
        end = self.clock.monotonic() + most_s
        while not fits(document := self.last(topic)):
            assert self.clock.monotonic() < end, f"not within {most_s} s: {topic}: {document}"
            self.go(self.step_s)
        return document

    def send(self, topic: str, document: Any, client: Client = TRAINEE, retain: bool = False) -> bool:
        payload = document if isinstance(document, bytes) else json.dumps(document).encode()
        message = Publish(topic, payload, 2, retain)
        taken = [voice.take(client, message) for voice in self.voices]
        self.turn()
        return any(taken)

    def all(self, topic: str) -> list[Any]:
        return [json.loads(message.payload) for message in self.said if message.topic == topic]

    def last(self, topic: str) -> Any:
        return next((json.loads(m.payload) for m in reversed(self.said) if m.topic == topic), None)

    def key(self, station: str, control: str = "mqtt") -> None:
        self.view.run.give(Input("key", {"station": station, "control": control}), "test")

    def estop(self, station: str, pressed: bool = True) -> None:
        self.view.run.give(Input("panel", {"station": station, "element": "estop", "pressed": pressed}), "test")

    def noted(self, verb: str) -> int:
        return self.notes.count(verb)

    def restart(self) -> None:
        """The endpoint ends and begins anew on the running line."""
        for voice in self.voices:
            self.said += voice.farewell()
        self.said.clear()
        self._begin()

    def get(self, name: str) -> Any:
        tag = self.view.tags.find(name)
        assert tag is not None, name
        return self.view.read(tag.index).value
