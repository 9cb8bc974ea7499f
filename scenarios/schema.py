"""JSON schemas of the files, for editors that complete and check them while a person types."""

from collections.abc import Callable, Mapping

from pydantic.json_schema import JsonSchemaValue

from scenarios.binding.model import BindingFile
from scenarios.faulting.hows import INPUT_OPS, LINK_KEYS, PARAMETER_HOWS, QUALITIES, SIGNAL_HOWS, Key
from scenarios.faulting.model import EffectFile, FaultFile
from scenarios.field_types import quantity_schema
from scenarios.line_model import LineFile
from scenarios.timeline.model import ConditionFile, ScenarioFile
from sim.components import KINDS
from sim.link_faults import WIRES
from sim.spec import LAWS, Join, Kind, Law, LawKind, Parameter, Table
from sim.tag import Reason

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def line_schema(kinds: Mapping[str, Kind] = KINDS) -> JsonSchemaValue:
    """Schema of a line file: pydantic's own, with one alternative per kind of component."""
    schema = LineFile.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    schema["properties"]["part"] = {"$ref": "#/$defs/PartFile"}  # may be missing, but `null` is no part
    common = definitions["ComponentFile"]["properties"]
    names = [f"Component_{name}" for name in kinds]
    definitions |= {name: _component(kind, common) for name, kind in zip(names, kinds.values(), strict=True)}
    definitions["ComponentFile"] = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(kinds)}},
        # if/then and not oneOf: an editor then says what is wrong with this kind instead of "no alternative fits"
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name, kind in zip(names, kinds, strict=True)
        ],
    }
    return {"$schema": _DRAFT, **schema}


def fault_schema() -> JsonSchemaValue:
    """Schema of a fault file: pydantic's own, with one alternative per kind of effect and way."""
    schema = FaultFile.model_json_schema(by_alias=True)
    common = schema["$defs"]["EffectFile"]["properties"]
    ways = [("signal", how.name, how.keys) for how in SIGNAL_HOWS.values()]
    ways += [("signals", how.name, how.keys) for how in SIGNAL_HOWS.values()]
    rows = [_effect(common, head, {"how": {"const": how}}, keys, _BESIDE_SIGNAL) for head, how, keys in ways]
    changed = {"how": {"enum": list(PARAMETER_HOWS)}, "value": _SCALAR}
    rows.append(_effect(common, "parameter", changed, (), _PLACES))
    rows.append(_effect(common, "disturbance", {}, (), _PLACES))
    for how, keys in LINK_KEYS.items():
        rows.append(_effect(common, "link", {"link": {"const": how}}, keys, {"wire": {}}))
    for op, keys in INPUT_OPS.items():
        rows.append(_effect(common, "input", {"input": {"const": op}}, keys, _BESIDE_INPUT))
    schema["$defs"]["EffectFile"] = {"title": "EffectFile", "description": EffectFile.__doc__, "anyOf": rows}
    return {"$schema": _DRAFT, **schema}


_SCALAR: JsonSchemaValue = {"type": ["boolean", "number", "string"]}
_REASONS = [reason.value for reason in Reason]
_BESIDE_SIGNAL: JsonSchemaValue = {"quality": {"enum": list(QUALITIES)}, "reason": {"enum": _REASONS}}
_TEXT: JsonSchemaValue = {"type": "string"}
_BESIDE_INPUT: JsonSchemaValue = {
    "every": _TEXT,
    "peer": _TEXT,
    "wire": {"enum": list(WIRES)},
    "undo": {"type": "object"},
}
_PLACES: JsonSchemaValue = {"component": {}, "components": {}}


def _effect(
    common: JsonSchemaValue, head: str, fixed: JsonSchemaValue, keys: tuple[Key, ...], beside: JsonSchemaValue
) -> JsonSchemaValue:
    """One alternative: the first key, what is said beside it, and the keys of its way."""
    own = {key.name: {**_SCALAR, "description": f"{key.title.en} / {key.title.zh}"} for key in keys}
    places = {name: common[name] if name in _PLACES else value for name, value in beside.items()}
    required = [head, *fixed, *(key.name for key in keys if key.required)]
    return {
        "type": "object",
        "required": list(dict.fromkeys(required)),
        "properties": {head: common[head], "optional": common["optional"], **fixed, **own, **places},
        "additionalProperties": False,
    }


def _component(kind: Kind, common: Mapping[str, JsonSchemaValue]) -> JsonSchemaValue:
    optional = [port.name for port in kind.ports if port.optional]
    ports = {"propertyNames": {"enum": [port.name for port in kind.ports]}}
    given = [p.name for p in kind.parameters if p.default is None] + [j.name for j in kind.joins if j.required]
    given += [law.name for law in kind.laws if law.default is None]
    properties: JsonSchemaValue = {
        **common,
        "kind": {"const": kind.name},
        "with": {"type": "array", "items": {"enum": optional}, "uniqueItems": True},
        "signals": {**common["signals"], **ports},
        "titles": {**common["titles"], **ports},
        **{parameter.name: _parameter(parameter) for parameter in kind.parameters},
        **{law.name: _law(law) for law in kind.laws},
        **{join.name: _join(join) for join in kind.joins},
        **{table.name: _table(table) for table in kind.tables},
    }
    return {
        "type": "object",
        "title": kind.title.en,
        "description": f"{kind.purpose.en} / {kind.purpose.zh}",
        "required": ["kind", *given],
        "properties": properties,
        "additionalProperties": False,
    }


def _law(law: Law) -> JsonSchemaValue:
    choices = [quantity_schema("time"), *(_law_kind(kind) for kind in LAWS.values())]
    default = {"default": law.default} if law.default else {}
    return {"anyOf": choices, **default, "title": f"{law.title.en} / {law.title.zh}"}


def _law_kind(kind: LawKind) -> JsonSchemaValue:
    return {
        "type": "object",
        "title": f"{kind.title.en} / {kind.title.zh}",
        "required": ["law", *(number.name for number in kind.numbers if number.default is None)],
        "properties": {"law": {"const": kind.name}, **{number.name: _parameter(number) for number in kind.numbers}},
        "additionalProperties": False,
    }


def _parameter(parameter: Parameter) -> JsonSchemaValue:
    value: JsonSchemaValue = quantity_schema(parameter.dimension)
    if parameter.choices:
        value = {"enum": list(parameter.choices)}
    schema: JsonSchemaValue = {"type": "array", "items": value} if parameter.many else value
    default = {} if parameter.default is None else {"default": parameter.default}
    return {**schema, **default, "title": f"{parameter.title.en} / {parameter.title.zh}"}


def _table(table: Table) -> JsonSchemaValue:
    row: JsonSchemaValue = {"type": "array", "items": {"type": ["string", "number"]}}
    about = f"{table.title.en} / {table.title.zh}; `{table.example}`"
    return {"type": "object", "additionalProperties": row, "description": about}


def _join(join: Join) -> JsonSchemaValue:
    one: JsonSchemaValue = {"type": "string"}
    about = f"{join.title.en} / {join.title.zh}: a {' or '.join(join.kinds)}"
    return {**({"anyOf": [one, {"type": "array", "items": one}]} if join.many else one), "description": about}


def scenario_schema() -> JsonSchemaValue:
    """Schema of a scenario file."""
    return {"$schema": _DRAFT, **ScenarioFile.model_json_schema(by_alias=True)}


def condition_schema() -> JsonSchemaValue:
    """Schema of the file of an initial condition."""
    return {"$schema": _DRAFT, **ConditionFile.model_json_schema(by_alias=True)}


def binding_schema() -> JsonSchemaValue:
    """Schema of a binding file."""
    return {"$schema": _DRAFT, **BindingFile.model_json_schema(by_alias=True)}


SCHEMAS: Mapping[str, Callable[[], JsonSchemaValue]] = {
    "line": line_schema,
    "fault": fault_schema,
    "scenario": scenario_schema,
    "condition": condition_schema,
    "binding": binding_schema,
}
