"""`mqtt://user:password@192.168.0.10:1883`: devices behind a broker: text, JSON, Sparkplug B, through paho-mqtt."""

from devices.drivers.discovery import Discovery, ProbeLimits
from devices.drivers.driver import Driver
from devices.drivers.mqtt.link import MqttLink
from devices.drivers.mqtt.listen import discover
from devices.drivers.mqtt.options import broker, driver
from devices.drivers.target import Kind, Target, Timing
from devices.endpoint import Clock


def _make(target: Target, timing: Timing, clock: Clock) -> Driver:
    return driver(target, timing, clock, tls=False)


async def _discover(target: Target, timing: Timing, _clock: Clock, limits: ProbeLimits) -> Discovery:
    return await discover(MqttLink(broker(target, tls=False), timing.answer_s), target.option("filter", "#"), limits)


KIND = Kind("mqtt", _make, _discover)
