"""Random numbers that are the same on every machine: raw PCG64 words and transforms of + - x / and square root.

One named stream per use, so that a new consumer or a fault shifts nothing; libm's functions differ between machines
and are not used.
"""

from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

_MASK = (1 << 64) - 1


def word(text: str) -> int:
    """A 48-bit number that names `text`: small enough for JSON readers that know doubles alone."""
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big")


@dataclass(slots=True)
class Stream:
    """A stream of random numbers. Its state is its key and how many words were drawn."""

    key: list[int]
    drawn: int = 0
    _bits: np.random.PCG64 | None = field(default=None, compare=False, repr=False)

    def uniform(self) -> float:
        """In the open interval from 0 to 1."""
        if self._bits is None:
            self._bits = np.random.PCG64(np.random.SeedSequence(self.key))
            self._bits.advance(self.drawn)
        self.drawn += 1
        return (float(int(self._bits.random_raw()) >> 12) + 0.5) * 2.0**-52

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def triangular(self, low: int, high: int) -> int:
        """Symmetric triangular: the sum of two uniform numbers has this shape."""
        return low + int((self.uniform() + self.uniform()) * (high - low) / 2)

    def normal(self, sigma: int) -> int:
        """Mean 0, by the sum of twelve uniform numbers (Irwin-Hall): tails end at 6 sigma, as gauges' do."""
        total = 0.0
        for _ in range(12):  # not `sum`, which adds floats otherwise from Python 3.12 on
            total += self.uniform()
        return int((total - 6.0) * sigma)

    def pick(self, weights: list[int]) -> int:
        """An index, as often as its weight says."""
        mark = self.uniform() * sum(weights)
        for index, weight in enumerate(weights):
            mark -= weight
            if mark < 0:
                return index
        return len(weights) - 1


def noise(seed: int, tag: int, slot: int) -> float:
    """Measurement noise from -1 to 1 as a hash of (seed, tag, time slot): reading it changes nothing.

    The finaliser is splitmix64's (Steele, Lea, Flood 2014).
    """
    z = (seed * 0x9E3779B97F4A7C15 + tag * 0xD1B54A32D192ED03 + slot * 0x8CB92BA72F3D8DD7) & _MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & _MASK
    return ((z ^ z >> 31) >> 11) / 2.0**52 - 1.0
