"""Types of fields that several kinds of file share: quantities, expressions, names, bilingual texts."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from sim import units
from sim.text import Text

NAME = r"[a-z][a-z0-9_]*"


def as_text(value: object) -> str:
    """A scalar of YAML as the text that `sim.units` reads."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("must be one value, not a list or a mapping")


class Quantity:
    """A physical quantity with its unit: the text in YAML, an integer in base units in the model."""

    def __init__(self, dimension: str, low: int = 0) -> None:
        self.dimension, self.low = dimension, low

    def read(self, value: object) -> int:
        number = units.parse(as_text(value), self.dimension)
        if number < self.low:
            raise ValueError(f"must be at least {units.format(self.low, self.dimension)}")
        return number

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return quantity_schema(self.dimension)


def quantity_schema(dimension: str) -> JsonSchemaValue:
    """JSON schema of a quantity as written in YAML."""
    if dimension == "flag":
        return {"type": "boolean"}
    takes_numbers = "" in units.DIMENSIONS[dimension].units
    return {
        "type": ["string", "number"] if takes_numbers else "string",
        "description": f"{dimension}: a number and one of {units.fitting(dimension)}",
    }


def _expression(value: object) -> str:
    if isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str) and value.strip():
        return " ".join(value.split())  # may stand on several lines in the file
    raise ValueError("must be an expression, a number, true or false")


Expression = Annotated[str, BeforeValidator(_expression, json_schema_input_type=str | float | bool)]
Length = Annotated[int, Quantity("length")]
Mass = Annotated[int, Quantity("mass")]
PositiveLength = Annotated[int, Quantity("length", low=1)]
Time = Annotated[int, Quantity("time")]
PositiveTime = Annotated[int, Quantity("time", low=1)]
Share = Annotated[int, Quantity("ratio", low=1)]  # in ppm; what is more than all is refused where it is used
Name = Annotated[str, Field(pattern=f"^{NAME}$", max_length=40)]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Wire = Literal["modbus", "opcua", "mqtt"]


class Strict(BaseModel):
    """Base of all models of files: what is not declared is refused, nothing is cast."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class TextFile(Strict):
    """One text in Chinese and English."""

    zh: Words
    en: Words

    def text(self) -> Text:
        return Text(self.zh, self.en)


def words_of(title: TextFile | None, name: str) -> Text:
    """The title given, or one made of the name."""
    if title is not None:
        return title.text()
    words = name.replace("_", " ")
    return Text(words, words.capitalize())
