"""Flow lines for tests, written as in a line file: what these tests run has come through the loader."""

import json
from pathlib import Path

from scenarios import line_file
from sim.components.flow_base import FlowComponent
from sim.definition import LineDefinition
from sim.line import Line

S = 10**9
Flow = dict[str, dict[str, object]]


def ns(value: int) -> str:
    return f"{value} ns"


def exponential(mean_s: float) -> dict[str, object]:
    return {"law": "exponential", "mean": f"{mean_s} s"}


def flow_definition(flow: Flow) -> LineDefinition:
    """JSON is YAML."""
    data = {"line": "flow-line", "title": {"zh": "线", "en": "line"}, "flow": flow}
    return line_file.parse(json.dumps(data), Path("flow.yaml"))


def tandem(services: list[object], capacities: list[int], transits: list[str] | None = None) -> Flow:
    """Saturated source, machines with buffers between, sink."""
    flow: Flow = {"source": {"kind": "source", "to": "m1"}}
    count = len(services)
    for k, service in enumerate(services, 1):
        to = "sink" if k == count else f"b{k}"
        flow[f"m{k}"] = {"kind": "machine", "service": service, "to": to}
        if k < count:
            transit = transits[k - 1] if transits else "0 s"
            flow[f"b{k}"] = {"kind": "buffer", "capacity": capacities[k - 1], "transit": transit, "to": f"m{k + 1}"}
    return {**flow, "sink": {"kind": "sink"}}


def figures(line: Line, name: str) -> dict[str, int]:
    """What a flow component has counted up to now."""
    component = line.plant.components[f"flow.{name}"]
    assert isinstance(component, FlowComponent)
    return dict(component.figures())
