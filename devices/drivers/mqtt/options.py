"""What a person sets about a broker, from a target. Opens nothing; raises `TargetError`."""

import ssl
from urllib.parse import unquote, urlsplit

from paho.mqtt.enums import MQTTProtocolVersion

from devices.drivers.mqtt.driver import Manner, MqttDriver
from devices.drivers.mqtt.link import Broker, MqttLink
from devices.drivers.mqtt.payload import Wording
from devices.drivers.reason import TargetError
from devices.drivers.target import Target, Timing
from devices.endpoint import Clock

VERSIONS = {"5": MQTTProtocolVersion.MQTTv5, "3.1.1": MQTTProtocolVersion.MQTTv311}
OPTIONS = (
    "user", "password", "client_id", "version", "qos", "status", "ca", "certificate", "key",
    "time", "quality", "on", "off", "online", "offline", "reply", "retained", "filter",
)  # fmt: skip
PORT, TLS_PORT = 1883, 8883


def broker(target: Target, *, tls: bool) -> Broker:
    """Where and how."""
    target.known(*OPTIONS)
    parts = urlsplit(target.url)
    if not target.host:
        raise TargetError(f"{target.scheme}:// names no host; mqtt://192.168.0.10:1883 does")
    version = target.option("version", "5")
    if version not in VERSIONS:
        raise TargetError(f"{target.scheme}://{target.host}: there is no version {version!r}; there are 5 and 3.1.1")
    user = target.option("user", unquote(parts.username or ""))
    return Broker(
        target.host,
        target.port(TLS_PORT if tls else PORT),
        user or None,
        target.option("password", unquote(parts.password or "")) or None,
        target.option("client_id"),
        VERSIONS[version],
        _context(target) if tls else None,
        target.option("status"),
        int(target.number("qos", 1, 0, 2)),
    )


def _context(target: Target) -> ssl.SSLContext:
    """Who the broker must be, and who we are."""
    try:
        context = ssl.create_default_context(cafile=target.option("ca") or None)
        if target.option("certificate"):
            context.load_cert_chain(target.option("certificate"), target.option("key") or None)
    except OSError as error:
        raise TargetError(f"{target.scheme}://{target.host}: ca, certificate or key: {error}") from error
    return context


def driver(target: Target, timing: Timing, clock: Clock, *, tls: bool) -> MqttDriver:
    """A driver, not open yet."""
    wording = Wording(
        _path(target, "time", "ts"),
        _path(target, "quality", "quality"),
        target.option("on", "true"),
        target.option("off", "false"),
    )
    manner = Manner(
        wording,
        target.option("online"),
        target.option("offline", "offline"),
        target.option("reply"),
        _choice(target, "retained", "doubt", "trust") == "trust",
    )
    return MqttDriver(MqttLink(broker(target, tls=tls), timing.answer_s), manner, timing, clock)


def _path(target: Target, name: str, default: str) -> tuple[str, ...]:
    return tuple(filter(None, target.option(name, default).split(".")))


def _choice(target: Target, name: str, *choices: str) -> str:
    said = target.option(name, choices[0])
    if said not in choices:
        raise TargetError(f"{target.scheme}://{target.host}: {name} is {said!r}, not {' or '.join(choices)}")
    return said
