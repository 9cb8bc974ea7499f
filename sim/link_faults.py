"""What is wrong with the link of one wire: data that faults make and that endpoints obey. Knows no protocol."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.state import JsonValue

WIRES = ("modbus", "opcua", "mqtt")
MOST_DELAY_MS = 3_600_000  # an hour: longer is no wire any more, and answers pile up
CERTAIN_PPM = 1_000_000
LINK_HOWS = ("delay", "down", "silent", "loss", "duplicate", "stale")
SHARES = ("loss", "duplicate")  # those that hit a share of the messages


@dataclass(frozen=True, slots=True)
class LinkState:
    """The worst of all link faults of a wire; as it is made, all is well."""

    delay_ms: int = 0  # every answer and every message to a client is late by so much
    down: bool = False  # connections are cut, new ones refused
    silent: bool = False  # connections stay, nothing comes through: a pulled cable
    loss_ppm: int = 0  # share of the messages that get lost
    duplicate_ppm: int = 0  # share of the messages that come twice
    stale: bool = False  # what the wire keeps for later readers (MQTT: retained messages) is not renewed


WELL = LinkState()


def link_state(wire: str, faults: Iterable[Mapping[str, JsonValue]]) -> LinkState:
    """What the active faults make of a wire."""
    mine = [fault for fault in faults if fault["seam"] == "link" and fault["target"] == wire]
    if not mine:
        return WELL
    hows = {link_how(fault) for fault in mine}
    return LinkState(
        _worst(mine, "delay", "delay_ms"),
        "down" in hows,
        "silent" in hows,
        _worst(mine, "loss", "share_ppm"),
        _worst(mine, "duplicate", "share_ppm"),
        "stale" in hows,
    )


def _worst(faults: Iterable[Mapping[str, JsonValue]], how: str, figure: str) -> int:
    return max((_whole(fault, figure) for fault in faults if link_how(fault) == how), default=0)


def link_how(args: Mapping[str, JsonValue]) -> str:
    """Which way a link fault goes; the oldest journals know lateness alone and do not say so."""
    how = args.get("how", "delay")
    return how if isinstance(how, str) else ""


def valid_link(args: Mapping[str, JsonValue]) -> bool:
    """True where the figure of a link fault, if its way has one, is in its range."""
    how = link_how(args)
    if how == "delay":
        return 0 <= _whole(args, "delay_ms", -1) <= MOST_DELAY_MS
    return how not in SHARES or 0 < _whole(args, "share_ppm") <= CERTAIN_PPM


def _whole(args: Mapping[str, JsonValue], key: str, otherwise: int = 0) -> int:
    value = args.get(key, otherwise)
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
