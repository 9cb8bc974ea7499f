"""Flow lines in YAML: what is wrong is named with its line and what to change."""

from pathlib import Path

import jsonschema
import pytest

from scenarios.file_error import FileErrors
from scenarios.line_file import parse
from scenarios.schema import line_schema
from scenarios.settings import SettingError, changed
from scenarios.yaml_source import parse as parse_yaml

GOOD = """\
line: two-machines
title: {zh: 两机线, en: Two machines}
flow:
  source: {kind: source, arrivals: {law: erlang, mean: 12 s, phases: 3}, to: m1}
  m1: {kind: machine, service: {law: exponential, mean: 10 s}, to: b1}
  b1: {kind: buffer, capacity: 3, transit: 2 s, to: [m2]}
  m2:
    kind: machine
    service: 9 s
    failures: operating
    uptime: {law: exponential, mean: 30 min}
    repair: {law: lognormal, mean: 2 min, sd: 1 min}
    crew: crew
    to: sink
  crew: {kind: crew}
  sink: {kind: sink}
"""

MISTAKES = [
    ("service: 9 s", "service: 9", "9", "flow.m2.service: '9' has no unit"),
    ("    service: 9 s\n", "", "7", "flow.m2.service: is missing: Time to work on one part"),
    ("law: exponential, mean: 10 s", "law: exponental, mean: 10 s", "5", "did you mean exponential?"),
    ("law: exponential, mean: 10 s", "law: poisson, mean: 10 s", "5", "flow.m1.service.law: no such law 'poisson'"),
    ("law: exponential, mean: 10 s", "mean: 10 s", "5", "flow.m1.service.law: is missing: fixed, uniform"),
    ("law: exponential, mean: 10 s", "law: exponential, sd: 10 s", "5", "flow.m1.service.mean: is missing: mean"),
    ("law: exponential, mean: 10 s", "law: exponential, mean: 1 s, sd: 1 s", "5", "number of the law exponential 'sd'"),
    ("law: exponential, mean: 10 s", "law: uniform, low: 2 s, high: 1 s", "5", "low 2 s is above high 1 s"),
    ("law: exponential, mean: 10 s", "law: normal, mean: 2 s, sd: 1 s", "5", "take lognormal or erlang"),
    ("law: exponential, mean: 10 s", "law: listed, values: []", "5", "flow.m1.service: values are empty"),
    ("law: exponential, mean: 10 s", "law: listed, values: 1 s", "5", "flow.m1.service.values: must be a list"),
    ("law: exponential, mean: 10 s", "law: empirical, values: [1 s], weights: [1, 2]", "5", "1 values, but 2 weights"),
    ("law: exponential, mean: 10 s", "law: geometric, slot: 1 s, chance: 0", "5", "out of range: must be at least"),
    ("law: erlang, mean: 12 s", "law: erlang, mean: 0 s", "4", "flow.source.arrivals: would always be nought"),
    ("failures: operating", "failures: operatng", "10", "no such failures 'operatng'; did you mean operating?"),
    ("    failures: operating\n", "", "7", "flow.m2: failures need both"),
    ("to: [m2]", "to: [m3]", "6", "no such component 'm3'"),
    ("to: [m2]", "to: crew", "6", "flow.b1.to: crew is a crew, but must be a machine or assembly or buffer or sink"),
    ("to: [m2]", "to: [m2, m2]", "6", "m2 is named twice"),
    ("to: [m2]", "to: []", "6", "flow.b1: its parts have nowhere to go"),
    ("to: b1}", "to: sink}", "6", "flow.b1: nothing feeds it"),
    ("capacity: 3, transit", "capacity: 0, transit", "6", "capacity 1 or more, or transit 0 s"),
    ("capacity: 3", "capacity: 3, initial: 4", "6", "begins with 4 parts, but has 3 places"),
    ("to: [m2]", "to: [m2, b1]", "6", "leads through buffers alone back to itself"),
    ("kind: crew", "kind: belt, length: 1 m", "15", "flow.crew.kind: a belt stands in a station"),
    ("kind: machine\n", "kind: assembly\n", "7", "at least two feeders"),
]


def mistakes(text: str) -> list[str]:
    with pytest.raises(FileErrors) as caught:
        parse(text, Path("line.yaml"))
    return [str(error) for error in caught.value.errors]


def test_a_good_file_is_read() -> None:
    line = parse(GOOD, Path("line.yaml"))
    assert [c.kind for c in line.flow] == ["source", "machine", "buffer", "machine", "crew", "sink"]
    m2 = line.flow[3]
    assert m2.laws == {"service": "fixed", "uptime": "exponential", "repair": "lognormal"}
    assert (m2.parameters["service.mean"], m2.parameters["failures"]) == (9 * 10**9, 1)


@pytest.mark.parametrize(("old", "new", "line", "message"), MISTAKES, ids=lambda given: str(given)[:40])
def test_a_mistake_is_named(old: str, new: str, line: str, message: str) -> None:
    assert old in GOOD
    said = mistakes(GOOD.replace(old, new, 1))
    assert any(text.startswith(f"line.yaml:{line}: ") and message in text for text in said), said


def test_a_line_needs_stations_or_a_flow() -> None:
    assert mistakes("line: x\ntitle: {zh: 线, en: line}\n") == [
        "line.yaml:1: stations: is missing: a line has stations, or a flow"
    ]


def test_the_schema_takes_it_and_finds_a_wrong_law() -> None:
    schema = jsonschema.Draft202012Validator(line_schema())
    assert list(schema.iter_errors(parse_yaml(GOOD, Path("x.yaml")).data)) == []
    assert not schema.is_valid(parse_yaml(GOOD.replace("law: erlang", "law: elrang"), Path("x.yaml")).data)
    assert not schema.is_valid(parse_yaml(GOOD.replace("failures: operating", "failures: yes"), Path("x.yaml")).data)


@pytest.mark.parametrize(
    ("setting", "component", "parameter", "value"),
    [
        ("m1.service.mean=8 s", "m1", "service.mean", 8 * 10**9),
        ("m2.service=8 s", "m2", "service.mean", 8 * 10**9),
        ("flow.b1.capacity = 7", "b1", "capacity", 7),
        ("m2.failures=calendar", "m2", "failures", 2),
    ],
)
def test_a_setting_changes_one_parameter(setting: str, component: str, parameter: str, value: int) -> None:
    line = parse(GOOD, Path("line.yaml"))
    again = changed(line, setting)
    found = next(c for c in again.flow if c.name == component)
    assert found.parameters[parameter] == value
    assert [c for c in again.flow if c.name != component] == [c for c in line.flow if c.name != component]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("m1", "is no setting: component.parameter=value"),
        ("m9.rate=1", "no such component 'm9'"),
        ("flow.m8.rate=1", "no such component 'flow'"),
        ("m1.rat=1", "did you mean rate?"),
        ("m1.service.sd=1 s", "no such parameter of m1 'service.sd'"),
        ("m1.rate=fast", "'fast' is no ratio"),
        ("m1.servers=0", "0 is out of range: 1 to"),
        ("m2.failures=always", "no such failures 'always'"),
    ],
)
def test_a_wrong_setting_is_refused(setting: str, message: str) -> None:
    with pytest.raises(SettingError, match=message.replace("?", r"\?")):
        changed(parse(GOOD, Path("line.yaml")), setting)
