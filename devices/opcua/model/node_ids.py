"""Namespaces of a bench's server: which model has which index. The same in every process, with or without nodesets.

An index is part of the encoding ids of structures, and asyncua keeps those once per process: so no index depends on
a line. Clients still look the index of a URI up, as everywhere.
"""

from dataclasses import dataclass

from asyncua import ua


@dataclass(frozen=True, slots=True)
class Model:
    """A companion model: its URI, and its short name in this package."""

    name: str
    uri: str


LINE = 2  # the line's own nodes: the first after the standard's and the server's
TYPES = 3  # LineLab's own types
TYPES_URI = "urn:linelab:types"
FIRST = 4

# in the order in which they build on each other
MODELS = (
    Model("DI", "http://opcfoundation.org/UA/DI/"),
    Model("IA", "http://opcfoundation.org/UA/IA/"),
    Model("Machinery", "http://opcfoundation.org/UA/Machinery/"),
    Model("JobControl", "http://opcfoundation.org/UA/ISA95-JOBCONTROL_V2/"),
    Model("Jobs", "http://opcfoundation.org/UA/Machinery/Jobs/"),
    Model("PackML", "http://opcfoundation.org/UA/PackML/"),
    Model("Robotics", "http://opcfoundation.org/UA/Robotics/"),
    Model("MachineVision", "http://opcfoundation.org/UA/MachineVision"),
    Model("MachineTool", "http://opcfoundation.org/UA/MachineTool/"),
)
INDEX = {model.name: FIRST + number for number, model in enumerate(MODELS)} | {"": 0, "Types": TYPES, "Line": LINE}
URIS = (TYPES_URI, *(model.uri for model in MODELS))  # in order of index, from `TYPES`


def standard(number: int) -> ua.NodeId:
    """A node of namespace 0."""
    return ua.NodeId(ua.Int32(number))


def named(text: str, namespace: int = LINE) -> ua.NodeId:
    return ua.NodeId(ua.String(text), ua.Int16(namespace))


def qualified(text: str, model: str = "Line") -> ua.QualifiedName:
    return ua.QualifiedName(text, ua.Int16(INDEX[model]))
