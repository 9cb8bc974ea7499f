"""The component library: one registry of kinds, one file for each family."""

from sim.component import Component
from sim.components.agv.fleet import Fleet
from sim.components.agv.track import Charger, Dock, Node
from sim.components.agv.transport import TransportOrder
from sim.components.agv.vehicle import Vehicle
from sim.components.air import AirMeter, AirSupply
from sim.components.belt import Belt
from sim.components.bin import Bin
from sim.components.buffer import Buffer
from sim.components.crew import Crew
from sim.components.cylinder import Cylinder
from sim.components.deck import Transfer
from sim.components.detectors import (
    Capacitive,
    ColourSensor,
    HeightSensor,
    HighEye,
    Inductive,
    LightCurtain,
    Scale,
)
from sim.components.diverter import Diverter
from sim.components.elevator import Elevator
from sim.components.ends import Collection, Supply
from sim.components.energy import EnergyMeter
from sim.components.feeder import Feeder
from sim.components.grip import VacuumCup
from sim.components.gripper import Gripper
from sim.components.heads import Capper, DrillUnit, Filler, MillUnit
from sim.components.heater import Heater
from sim.components.holders import Clamp, Stopper
from sim.components.index_table import IndexTable
from sim.components.inspection import Inspection
from sim.components.label import LabelPrinter
from sim.components.linear_axis import LinearAxis
from sim.components.loader import Loader
from sim.components.machine import Assembly, Machine
from sim.components.machining_centre import MachiningCentre
from sim.components.motor import Motor
from sim.components.orders.book import StockBook
from sim.components.orders.call import ModuleCall, ModulePort
from sim.components.orders.desk import Customer, OrderDesk
from sim.components.orders.job import Job
from sim.components.oven import Oven
from sim.components.palletizer import Palletizer
from sim.components.pallets import Pallets
from sim.components.panel import Display, EStop, PushButton, Selector, StackLight
from sim.components.pipes import Consumer, FlowMeter, Pump, Valve
from sim.components.press import Press
from sim.components.pusher import DoubleCylinder, Pusher
from sim.components.rfid import Rfid
from sim.components.robot import Robot
from sim.components.rollers import RollerConveyor
from sim.components.sensors import Camera, PhotoEye, Reader
from sim.components.sink import Sink
from sim.components.source import Source
from sim.components.spindle import Spindle
from sim.components.spot import Spot
from sim.components.striker import Ejector
from sim.components.tank import Tank
from sim.components.tray import Tray
from sim.components.turntable import Turntable
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
        Source,
        Machine,
        Assembly,
        Buffer,
        Sink,
        Crew,
        Pallets,
        RollerConveyor,
        Supply,
        Collection,
        Transfer,
        Turntable,
        Elevator,
        HighEye,
        HeightSensor,
        LightCurtain,
        Inductive,
        Capacitive,
        ColourSensor,
        Scale,
        DoubleCylinder,
        Pusher,
        PushButton,
        Selector,
        EStop,
        StackLight,
        Display,
        Tank,
        Valve,
        Pump,
        Consumer,
        FlowMeter,
        LinearAxis,
        IndexTable,
        Spot,
        Gripper,
        VacuumCup,
        Filler,
        Capper,
        DrillUnit,
        Press,
        Heater,
        AirSupply,
        AirMeter,
        Diverter,
        Node,
        Dock,
        Charger,
        Fleet,
        Vehicle,
        TransportOrder,
        Tray,
        Loader,
        MillUnit,
        Rfid,
        LabelPrinter,
        Inspection,
        OrderDesk,
        Customer,
        Job,
        ModuleCall,
        ModulePort,
        StockBook,
        Oven,
        Robot,
        Motor,
        MachiningCentre,
        EnergyMeter,
        Palletizer,
    )
}
KINDS: dict[str, Kind] = {name: c.KIND for name, c in COMPONENTS.items()}
