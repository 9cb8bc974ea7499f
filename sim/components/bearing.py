"""What a rolling bearing adds to a machine's vibration: its four lines, their frequencies, a window of the signal.

With n balls of diameter d on the pitch diameter D, contact angle α and a shaft that turns fr times a second
(ISO 13373-3, annex on rolling-element bearings):
    BPFO = n/2 fr (1 - d/D cos α)      a flaw of the outer race
    BPFI = n/2 fr (1 + d/D cos α)      of the inner race
    BSF  = D/2d fr (1 - (d/D cos α)²)  of a ball
    FTF  = fr/2 (1 - d/D cos α)        of the cage
Balls slip a little, so that real lines are lower by as much. Knows no line and no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from sim.elementary import sine

LINES = ("bpfo", "bpfi", "bsf", "ftf")
HARMONICS = (1.0, 0.5, 0.25)  # of each line, as shares of its amplitude
HALF_PI, DEG = 1.5707963267948966, 3.141592653589793 / 180.0
Signal = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bearing:
    """Geometry: balls, ball and pitch diameter in one unit, contact angle in degrees, slip as a share."""

    balls: int
    ball: float
    pitch: float
    angle: float = 0.0
    slip: float = 0.0

    def frequencies(self, turns_hz: float) -> dict[str, float]:
        """The four lines in Hz for a shaft that turns so fast."""
        cosine = sine(HALF_PI - self.angle * DEG)
        share, fr = self.ball / self.pitch * cosine, turns_hz * (1.0 - self.slip)
        return {
            "bpfo": self.balls / 2.0 * fr * (1.0 - share),
            "bpfi": self.balls / 2.0 * fr * (1.0 + share),
            "bsf": self.pitch / (2.0 * self.ball) * fr * (1.0 - share * share),
            "ftf": fr / 2.0 * (1.0 - share),
        }


def velocity_rms(amplitudes: Mapping[str, float], unbalance: float, floor: float) -> float:
    """Velocity in mm/s (ISO 20816-1): of lines with their harmonics and of the unbalance, over a floor of noise."""
    power = sum(a * a for a in amplitudes.values()) * sum(h * h for h in HARMONICS)
    return sqrt(floor * floor + (power + unbalance * unbalance) / 2.0)


def window(tones: Mapping[float, float], floor: float, key: int, start_ns: int, rate_hz: int, count: int) -> Signal:
    """So many samples of the velocity in mm/s from an instant on; the same question has the same answer.

    `tones` is amplitude by frequency; `floor` the RMS of evenly distributed noise, a hash of key and sample number.
    """
    number = start_ns * rate_hz // 10**9 + np.arange(count, dtype=np.int64)
    turned = number.astype(np.float64) / rate_hz
    signal = floor * sqrt(3.0) * _hash_noise(key, number)
    for hertz, amplitude in tones.items():
        signal = signal + amplitude * np.sin(2.0 * np.pi * ((hertz * turned) % 1.0))
    return np.round(signal, 6)


def _hash_noise(key: int, number: NDArray[np.int64]) -> Signal:
    """From -1 to 1 for each sample (SplitMix64 of its number)."""
    with np.errstate(over="ignore"):
        z = (number.astype(np.uint64) + np.uint64(key & 0xFFFFFFFF)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    share: Signal = ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**52
    return share - 1.0


def spectrum(signal: Signal, rate_hz: int) -> tuple[Signal, Signal]:
    """Frequencies in Hz and amplitudes of a window (Hann-weighted, so that a tone shows its own amplitude)."""
    n = len(signal)
    weights = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n)
    lines: Signal = np.abs(np.fft.rfft(signal * weights)).astype(np.float64) * (2.0 / float(weights.sum()))
    return np.arange(len(lines), dtype=np.float64) * (rate_hz / n), lines
