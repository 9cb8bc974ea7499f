"""What a person sets about a serial line. Opens none and imports nothing that does: settings are read at each start."""

from dataclasses import dataclass
from pathlib import Path

PTY = "pty"  # instead of the path of a device


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """One serial line. The norm's default is 19,200 baud, even parity, one stop bit (Modbus over serial line 2.5.1).

    A pseudo-terminal has no parity: masters on it are set to none.
    """

    device: str  # path of a device; `pty` makes a pseudo-terminal
    unit: int
    baud: int = 19_200
    parity: str = "even"
    link: Path | None = None  # a name for the pseudo-terminal that stays the same

    @property
    def byte_s(self) -> float:
        """Eleven bits for each byte: start, eight of data, parity or a second stop bit, stop."""
        return 11 / self.baud
