"""What cannot be done to a station while a real device is in its place."""

from sim.arguments import Args, word
from sim.plant import Plant
from sim.tag import Direction


def forbids(plant: Plant, effect: Args) -> bool:
    """Whether an effect of a fault is one of physics on a real station, whose physics nobody here can bend.

    What a reading of it says may be bent: that is the trainee's input card, not the device.
    """
    return is_real(plant, bent(plant, effect))


def bent(plant: Plant, effect: Args) -> str:
    """The station whose physics an effect bends; empty where it bends none."""
    seam = word(effect, "seam")
    if seam == "signal":
        tag = plant.image.tags.find(word(effect, "tag"))
        return tag.station if tag is not None and tag.direction is Direction.OUTPUT else ""
    return word(effect, "component").partition(".")[0] if seam in ("parameter", "disturbance") else ""


def is_real(plant: Plant, station: str) -> bool:
    stand_in = plant.stand_ins.get(station)
    return stand_in is not None and bool(stand_in.s.real)
