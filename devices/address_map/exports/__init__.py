"""The address map as the files that other tools read, one module for each tool: pure functions from map to text."""

from devices.address_map.exports.formats import FORMATS, Format, make
from devices.address_map.exports.site import LANGUAGES, Site, advice
from devices.address_map.exports.tables import TABLE_HEADER, csv, factoryio, in_language, json, patterns, short, table

__all__ = [
    "FORMATS",
    "LANGUAGES",
    "TABLE_HEADER",
    "Format",
    "Site",
    "advice",
    "csv",
    "factoryio",
    "in_language",
    "json",
    "make",
    "patterns",
    "short",
    "table",
]
