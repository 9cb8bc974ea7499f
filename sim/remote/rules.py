"""What cannot be done to a station while a real device is in its place."""

from sim.arguments import Args, word
from sim.plant import Plant
from sim.tag import Direction


def forbids(plant: Plant, effect: Args) -> bool:
    """Whether an effect of a fault is one of physics on a real station, whose physics nobody here can bend.

    What a reading of it says may be bent: that is the trainee's input card, not the device.
    """
    seam = word(effect, "seam")
    if seam == "signal":
        tag = plant.image.tags.find(word(effect, "tag"))
        return tag is not None and tag.direction is Direction.OUTPUT and is_real(plant, tag.station)
    station = word(effect, "component").partition(".")[0]
    return seam in ("parameter", "disturbance") and is_real(plant, station)


def is_real(plant: Plant, station: str) -> bool:
    stand_in = plant.stand_ins.get(station)
    return stand_in is not None and bool(stand_in.s.real)
