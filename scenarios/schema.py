"""JSON schemas of the files, for editors that complete and check them while a person types."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter
from pydantic.json_schema import JsonSchemaValue

from scenarios.fault_model import AnyFaultFile
from scenarios.field_types import quantity_schema
from scenarios.line_model import LineFile
from sim.components import KINDS
from sim.spec import LAWS, Join, Kind, Law, LawKind, Parameter, Table

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
    """Schema of a fault file: one alternative for each seam."""
    adapter: TypeAdapter[AnyFaultFile] = TypeAdapter(Annotated[AnyFaultFile, Field(discriminator="seam")])
    return {"$schema": _DRAFT, **adapter.json_schema(by_alias=True)}


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
