"""Drivers by URL scheme: `foo-bar://` is `devices/drivers/schemes/foo_bar.py`. Adding a driver is adding that file."""

import importlib
import pkgutil
import re

from devices.drivers import schemes as package
from devices.drivers.discovery import Discovery, ProbeLimits
from devices.drivers.driver import Driver
from devices.drivers.reason import TargetError
from devices.drivers.target import Kind, Target, Timing
from devices.endpoint import Clock


def _modules() -> tuple[str, ...]:
    return tuple(module.name for module in pkgutil.iter_modules(package.__path__))


def _kind(module: str) -> Kind:
    kind: Kind = importlib.import_module(f"{package.__name__}.{module}").KIND
    return kind


def schemes() -> tuple[str, ...]:
    """All schemes: `modbus-tcp`, `opc.tcp` ... Imports every driver, so it is for messages and lists."""
    return tuple(sorted(_kind(module).scheme for module in _modules()))


def kind_of(target: Target) -> Kind:
    """The driver of a URL. Raises `TargetError`."""
    module = re.sub(r"[^a-z0-9]", "_", target.scheme)
    if "://" not in target.url or module not in _modules():
        known = ", ".join(f"{scheme}://" for scheme in schemes())
        raise TargetError(f"{target.url}: no driver for this URL; there are {known}")
    return _kind(module)


def make_driver(target: Target, timing: Timing, clock: Clock) -> Driver:
    """A driver for one connection, not open yet. Raises `TargetError`."""
    return kind_of(target).make(target, timing, clock)


async def discover(target: Target, timing: Timing, clock: Clock, limits: ProbeLimits | None = None) -> Discovery:
    """What the device offers, within limits. Raises `TargetError`, or `Lost` where it cannot be reached."""
    return await kind_of(target).discover(target, timing, clock, limits or ProbeLimits())
