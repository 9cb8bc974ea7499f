"""The address space of a line as a NodeSet2 file (OPC 10000-6, Annex F), and the check that it loads again.

The file holds the line's own nodes and LineLab's types; companion models are named as required, never copied.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from asyncua import ua
from asyncua.server.address_space import NodeData
from asyncua.ua.attribute_ids import AttributeIds

from devices.opcua.check import Check, Problem
from devices.opcua.model import xml_write
from devices.opcua.model.companion import installed
from devices.opcua.model.node_ids import FIRST, LINE, MODELS, TYPES, TYPES_URI
from devices.opcua.model.nodeset_reader import CLASSES, FORWARD_ONLY, Reader, load
from devices.opcua.model.space import Space
from devices.opcua.model.types import TYPE_CLASSES, text_of
from devices.opcua.nodes import LineSpace, ModelSettings, Plan, line_space, namespace_uri
from devices.opcua.overlay import Overlay, base
from sim.definition import LineDefinition
from sim.tag import TagTable

XSD = "http://opcfoundation.org/UA/2011/03/UANodeSet.xsd"
UA_URI = "http://opcfoundation.org/UA/"
UA_VERSION, UA_DATE = "1.04.6", "2020-04-14T00:00:00Z"  # the oldest that has all that is used
ANY_DATE = "2000-01-01T00:00:00Z"
OWN_DATE = "2026-11-22T00:00:00Z"  # of LineLab's types: it changes when they do
ELEMENTS = {node_class: element for element, node_class in CLASSES.items()}
# attribute -> its name in the file and the value that is left out
WRITTEN: dict[AttributeIds, tuple[str, object]] = {
    AttributeIds.ValueRank: ("ValueRank", -1),
    AttributeIds.AccessLevel: ("AccessLevel", 1),
    AttributeIds.IsAbstract: ("IsAbstract", False),
    AttributeIds.EventNotifier: ("EventNotifier", 0),
    AttributeIds.MinimumSamplingInterval: ("MinimumSamplingInterval", 0.0),
    AttributeIds.Historizing: ("Historizing", False),
    AttributeIds.Symmetric: ("Symmetric", False),
}


def line_nodeset(definition: LineDefinition, tags: TagTable, model: ModelSettings | None = None) -> str:
    """The file of a line, whether or not a bench serves it."""
    settings = model or ModelSettings(definition=definition)
    plan = settings.plan(definition.name, tags, 50.0, installed=installed())
    return Writer(line_space(plan), plan).text()


def problems(document: str, plan: Plan) -> list[Problem]:
    """What is wrong with such a file: it is loaded on a namespace 0 as a client tool would. Empty is good."""
    nodes = Overlay(base(companion=plan.companion))
    indexes = {namespace_uri(plan.line): LINE, TYPES_URI: TYPES}
    indexes |= {model.uri: FIRST + number for number, model in enumerate(MODELS)}
    root = ET.fromstring(document)  # noqa: S314 - written by this module
    load(Space(nodes), list(Reader(root, indexes).rows()))
    found = Check(nodes).problems(lambda node: node.NamespaceIndex in (LINE, TYPES))
    return [one for one in found if "value" not in one.what]  # what is computed has no value in a file


class Writer:
    """Writes one file."""

    def __init__(self, space: LineSpace, plan: Plan) -> None:
        self._nodes: Mapping[ua.NodeId, NodeData] = space.nodes
        self._model, self._plan = space.model, plan
        self._own = [node for node in space.nodes if node.NamespaceIndex in (LINE, TYPES)]

    def text(self) -> str:
        root = ET.Element("UANodeSet", {"xmlns": XSD})
        uris = ET.SubElement(root, "NamespaceUris")
        for uri in (namespace_uri(self._plan.line), TYPES_URI, *(model.uri for model in MODELS)):
            ET.SubElement(uris, "Uri").text = uri
        self._models(ET.SubElement(root, "Models"))
        for node in self._own:
            self._node(root, node, self._nodes[node])
        ET.indent(root)
        return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"

    def _models(self, models: ET.Element) -> None:
        given = {"Version": "1.0", "PublicationDate": OWN_DATE}
        ET.SubElement(models, "Model", {"ModelUri": TYPES_URI, **given})
        # asyncua counts a requirement that stands twice as missing once: so one model states them for the file
        model = ET.SubElement(models, "Model", {"ModelUri": namespace_uri(self._plan.line), **given})
        standard = {"ModelUri": UA_URI, "Version": UA_VERSION, "PublicationDate": UA_DATE}
        ET.SubElement(model, "RequiredModel", standard)
        for one in MODELS if self._plan.companion else ():
            ET.SubElement(model, "RequiredModel", {"ModelUri": one.uri, "PublicationDate": ANY_DATE})

    def say(self, node: ua.NodeId) -> str:
        """A node id as the file numbers its namespaces: the server's own is not in it."""
        index = int(node.NamespaceIndex)
        kind = "s" if isinstance(node.Identifier, str) else "i"
        written = f"{kind}={node.Identifier!s}"
        return written if not index else f"ns={index - 1};{written}"

    def _name(self, name: object) -> str:
        if not isinstance(name, ua.QualifiedName):
            return ""
        return f"{name.NamespaceIndex - 1}:{name.Name}" if name.NamespaceIndex else str(name.Name)

    def _node(self, root: ET.Element, node: ua.NodeId, data: NodeData) -> None:
        node_class = ua.NodeClass(_integer(text_of(data, AttributeIds.NodeClass)))
        name = self._name(text_of(data, AttributeIds.BrowseName))
        element = ET.SubElement(root, ELEMENTS[node_class], {"NodeId": self.say(node), "BrowseName": name})
        self._attributes(element, data)
        self._texts(element, node, data)
        references = ET.SubElement(element, "References")
        parent = next((one for one in data.references if not one.IsForward), None)
        if parent is not None and node_class not in TYPE_CLASSES:
            element.set("ParentNodeId", self.say(parent.NodeId))
        for reference in data.references:
            self._reference(references, reference, parent)
        self._definition(element, name, text_of(data, AttributeIds.DataTypeDefinition))
        stored = data.attributes.get(AttributeIds.Value)
        value = stored.value.Value if stored is not None and stored.value is not None else None
        if value is not None and node not in self._model.derived:
            xml_write.variant(element, value, self.say)

    def _attributes(self, element: ET.Element, data: NodeData) -> None:
        kind = text_of(data, AttributeIds.DataType)
        if isinstance(kind, ua.NodeId):
            element.set("DataType", self.say(kind))
        for number, (name, usual) in WRITTEN.items():
            value = text_of(data, number)
            if value is not None and value != usual:
                element.set(name, str(value).lower() if isinstance(value, bool) else str(_plain(value)))
        if text_of(data, AttributeIds.ValueRank) == 1:
            element.set("ArrayDimensions", "0")

    def _texts(self, element: ET.Element, node: ua.NodeId, data: NodeData) -> None:
        both = self._model.texts.get(node)
        for which, (name, number) in enumerate(
            (("DisplayName", AttributeIds.DisplayName), ("Description", AttributeIds.Description))
        ):
            if both is not None:
                for locale, said in (("en", both[which].en), ("zh", both[which].zh)):
                    ET.SubElement(element, name, {"Locale": locale}).text = said
                continue
            stored = text_of(data, number)
            if isinstance(stored, ua.LocalizedText) and stored.Text:
                ET.SubElement(element, name).text = str(stored.Text)

    def _reference(
        self, references: ET.Element, reference: ua.ReferenceDescription, parent: ua.ReferenceDescription | None
    ) -> None:
        inside = reference.NodeId.NamespaceIndex in (LINE, TYPES)
        if not reference.IsForward and reference.ReferenceTypeId in FORWARD_ONLY:
            return
        if inside and not reference.IsForward and reference is not parent:
            return  # told at its other end; the way to the parent is what importers look for
        written = ET.SubElement(references, "Reference", {"ReferenceType": self.say(reference.ReferenceTypeId)})
        if not reference.IsForward:
            written.set("IsForward", "false")
        written.text = self.say(reference.NodeId)

    def _definition(self, element: ET.Element, name: str, definition: object) -> None:
        if isinstance(definition, ua.EnumDefinition):
            written = ET.SubElement(element, "Definition", {"Name": name})
            for field in definition.Fields:
                ET.SubElement(written, "Field", {"Name": str(field.Name), "Value": str(field.Value)})
        elif isinstance(definition, ua.StructureDefinition):
            written = ET.SubElement(element, "Definition", {"Name": name})
            for one in definition.Fields:
                self._field(written, one)

    def _field(self, written: ET.Element, field: ua.StructureField) -> None:
        given = {"Name": str(field.Name), "DataType": self.say(field.DataType)}
        if field.ValueRank > 0:
            given |= {"ValueRank": str(field.ValueRank), "ArrayDimensions": "0"}
        if field.IsOptional:
            given["IsOptional"] = "true"
        element = ET.SubElement(written, "Field", given)
        if field.Description is not None and field.Description.Text:
            ET.SubElement(element, "Description").text = str(field.Description.Text)


def _integer(value: object) -> int:
    return int(value) if isinstance(value, int) else 0


def _plain(value: object) -> object:
    return int(value) if isinstance(value, int) else value
