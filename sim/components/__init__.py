"""The component library: one registry of kinds, one file for each family."""

from sim.component import Component
from sim.components.belt import Belt
from sim.components.bin import Bin
from sim.components.cylinder import Clamp, Cylinder, Ejector, Stopper
from sim.components.ends import Collection, Supply
from sim.components.feeder import Feeder
from sim.components.sensors import Camera, PhotoEye, Reader
from sim.components.spindle import Spindle
from sim.components.warehouse import Axis, Crane, Rack
from sim.spec import Kind

COMPONENTS: dict[str, type[Component]] = {
    c.KIND.name: c
    for c in (
        Belt,
        Stopper,
        Clamp,
        Cylinder,
        Bin,
        Ejector,
        Feeder,
        PhotoEye,
        Reader,
        Camera,
        Spindle,
        Axis,
        Rack,
        Crane,
        Supply,
        Collection,
    )
}
KINDS: dict[str, Kind] = {name: c.KIND for name, c in COMPONENTS.items()}
