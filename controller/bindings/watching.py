"""Expressions over what devices say: interlocks and safe states. What is not known and good is not true."""

from collections.abc import Mapping

from devices.drivers import Device, Quality
from sim.expression import Compiled, compile_expression


class Watched:
    """An expression of a binding over readable points of one device."""

    def __init__(self, text: str, station: str, device: Device) -> None:
        self._device = device
        self._names: list[str] = []

        def place(name: str) -> int:
            full = name if "." in name else f"{station}.{name}"
            if full not in self._names:
                self._names.append(full)
            return self._names.index(full)

        self._compiled: Compiled = compile_expression(text, place)

    def known(self) -> bool:
        """Whether all that it reads is there and good."""
        samples = [self._device.latest(name) for name in self._names]
        return all(s is not None and s.value is not None and s.quality is Quality.GOOD for s in samples)

    def holds(self) -> bool:
        """True only where everything that it reads is good and says so."""
        if not self.known():
            return False
        samples = [self._device.latest(name) for name in self._names]
        return bool(self._compiled([s.value for s in samples if s is not None and s.value is not None]))

    def fails(self) -> bool:
        """True only where everything that it reads is good and says the contrary."""
        return self.known() and not self.holds()


Devices = Mapping[str, Device]
