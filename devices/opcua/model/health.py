"""DI device health (NAMUR NE 107) of stations and devices: from what their own signals say, and nothing else."""

from collections.abc import Sequence

from devices.opcua.model.builder import HAS_INTERFACE, Builder, Spot
from devices.opcua.model.live import Look
from devices.quality import Ne107, ne107
from sim.packml import State
from sim.tag import Tag

MACHINE_FAULTS = range(257, 513)  # stop reasons by OMAC's list
COMMUNICATION = 264
MAINTENANCE_FROM = 90.0  # percent of a tool's life


def health(
    builder: Builder,
    at: Spot,
    tags: Sequence[Tag],
    *,
    state: Tag | None = None,
    reason: Tag | None = None,
    worn: Sequence[Tag] = (),
) -> None:
    """Failure before function check before out of specification before maintenance."""
    used = [*tags, *(tag for tag in (state, reason) if tag is not None)]

    def compute(look: Look) -> object:
        # the quality of the signals is what this value is about, so it never makes the value itself bad
        found = {ne107(look.reading(tag.index)) for tag in tags}
        if _faulty(look, state, reason):
            found.add(Ne107.FAILURE)
        if any(float(look.value(tag.index)) >= MAINTENANCE_FROM for tag in worn):
            found.add(Ne107.MAINTENANCE)
        return int(min(found - {Ne107.NORMAL}, default=Ne107.NORMAL))  # their numbers are in the order of their weight

    builder.space.refer(at.node, HAS_INTERFACE, builder.types.find("DI:IDeviceHealthType"), back=False)
    spot = builder.computed(at, "DI:DeviceHealth", "DI:DeviceHealthEnumeration", compute, used)
    builder.trust(spot)


def _faulty(look: Look, state: Tag | None, reason: Tag | None) -> bool:
    """Aborted for a fault of the machine itself: not by a person, and not because a controller was silent."""
    if state is None or reason is None or look.value(state.index) not in (State.ABORTING, State.ABORTED):
        return False
    why = int(look.value(reason.index))
    return why in MACHINE_FAULTS and why != COMMUNICATION
