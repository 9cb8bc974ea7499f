"""The further ways in which a bench speaks on its MQTT wire, made from the settings: Sparkplug B, Unified
Namespace, fischertechnik."""

from collections.abc import Callable
from pathlib import Path

from controller.settings import Settings
from devices.endpoint import LineView
from devices.mqtt import Voice
from devices.mqtt.fischertechnik import factory_voices
from devices.mqtt.line_topics import Topics
from devices.mqtt.uns import Levels, UnsVoice
from devices.sparkplug.names import Names
from devices.sparkplug.node import EdgeNode
from sim.definition import LineDefinition

FOLDER = "sparkplug"
SESSIONS = 256


def voices(view: LineView, settings: Settings, definition: LineDefinition | None = None) -> list[Voice]:
    """In the order in which they speak; none unless they were asked for."""
    made: list[Voice] = []
    line = level_name(view, settings)
    if settings.sparkplug is not None:
        names = Names(settings.sparkplug, _node(view, settings, line), settings.sparkplug_host)
        made.append(EdgeNode(view, names, session_numbers(settings.data / FOLDER / f"bench-{view.bench}")))
    if settings.uns is not None:
        plain = Topics(view.line, view.bench if settings.mqtt_url else None)
        made.append(UnsVoice(view, Levels.of(settings.uns), line, plain))
    if settings.fischertechnik:
        # those topics name no line: benches on one broker need a prefix
        shared = settings.mqtt_url is not None and settings.benches > 1
        made += factory_voices(view, definition, f"linelab/{view.bench}/fischertechnik/" if shared else "")
    return made


def level_name(view: LineView, settings: Settings) -> str:
    """What a line is called where others are beside it: a broker that benches share needs the bench in the name."""
    return f"{view.line}-{view.bench}" if settings.mqtt_url else view.line


def session_numbers(file: Path) -> Callable[[], int]:
    """The bdSeq of each next session, kept in a file: a late death of the last session must not fit the next."""

    def following() -> int:
        last = _last(file)
        number = 0 if last is None else (last + 1) % SESSIONS
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_text(f"{number}\n")
        new.replace(file)
        return number

    return following


def _last(file: Path) -> int | None:
    try:
        text = file.read_text()
    except FileNotFoundError:
        return None
    return int(text) if text.strip().isdecimal() else None


def _node(view: LineView, settings: Settings, line: str) -> str:
    given = settings.sparkplug_node
    return line if given is None else given.replace("{bench}", str(view.bench))
