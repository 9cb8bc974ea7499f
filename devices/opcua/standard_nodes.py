"""Namespace 0 as this server is: what it does not offer is not there, what every server must say has a true value.

asyncua fills in the whole standard, with empty values: a tool that reads them shows nulls or errors.
"""

from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime

from asyncua import ua
from asyncua.server.address_space import AttributeValue, NodeData
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.model.node_ids import standard
from devices.opcua.values import stamp

Nodes = MutableMapping[ua.NodeId, NodeData]
V = ua.VariantType
BUILT = stamp(datetime(2000, 1, 1, tzinfo=UTC))  # of values that are true by themselves
# objects of services that no bench has: publish-subscribe, remote configuration, accounts, network discovery
ABSENT = (
    ObjectIds.PublishSubscribe,
    ObjectIds.ServerConfiguration,
    ObjectIds.UserManagement,
    ObjectIds.KeyCredentialConfiguration,
    ObjectIds.Resources,
    ObjectIds.Server_EstimatedReturnTime,
    ObjectIds.Server_LocalTime,
    ObjectIds.Server_UrisVersion,
    ObjectIds.Server_SetSubscriptionDurable,
    ObjectIds.Server_ResendData,
    ObjectIds.Server_RequestServerStateChange,
    ObjectIds.Server_GetMonitoredItems,
    ObjectIds.OPCUANamespaceMetadata_DefaultRolePermissions,
    ObjectIds.OPCUANamespaceMetadata_DefaultUserRolePermissions,
    ObjectIds.OPCUANamespaceMetadata_DefaultAccessRestrictions,
    ObjectIds.OPCUANamespaceMetadata_NamespaceFile,
    ObjectIds.LLDP,
    ObjectIds.ServerLog,
    ObjectIds.DefaultHAConfiguration,
    ObjectIds.DefaultHEConfiguration,
    ObjectIds.Aliases_LastChange,
)
ROLES = "WellKnownRole_"
# what `server_state` does not say for one server alone
TRUE_VALUES: dict[str, ua.Variant] = {
    "Server_ServerStatus_SecondsTillShutdown": ua.Variant(0, V.UInt32),
    "Server_ServerStatus_ShutdownReason": ua.Variant(ua.LocalizedText("", "en"), V.LocalizedText),
    "Server_ServerCapabilities_SoftwareCertificates": ua.Variant([], V.ExtensionObject, is_array=True),
    "Server_ServerCapabilities_ConformanceUnits": ua.Variant([], V.QualifiedName, is_array=True),
    "Server_ServerDiagnostics_SessionsDiagnosticsSummary_SessionSecurityDiagnosticsArray": ua.Variant(
        [], V.ExtensionObject, is_array=True
    ),
    "Server_ServerDiagnostics_SamplingIntervalDiagnosticsArray": ua.Variant([], V.ExtensionObject, is_array=True),
}
# what a model's file leaves open about its namespace: ids are numbers, none of them is promised
METADATA: dict[str, ua.Variant] = {
    "StaticNodeIdTypes": ua.Variant([0], V.Int32, is_array=True),
    "StaticNumericNodeIdRange": ua.Variant([], V.String, is_array=True),
    "StaticStringNodeIdPattern": ua.Variant("", V.String),
    "DefaultRolePermissions": ua.Variant([], V.ExtensionObject, is_array=True),
    "DefaultUserRolePermissions": ua.Variant([], V.ExtensionObject, is_array=True),
    "DefaultAccessRestrictions": ua.Variant(0, V.UInt16),
}


def make_true(nodes: Nodes) -> None:
    """Change a namespace 0 that was just filled."""
    gone = {node for number in (*ABSENT, *_role_parts()) for node in _below(nodes, standard(number))}
    gone = {node for node in gone if node in nodes}
    for node in gone:
        del nodes[node]
    for data in nodes.values():
        if any(reference.NodeId in gone for reference in data.references):
            data.references = [one for one in data.references if one.NodeId not in gone]
    for name, value in TRUE_VALUES.items():
        _say(nodes, getattr(ObjectIds, name), value)
    for name, number in vars(ObjectIds).items():
        if name.startswith(ROLES) and name.endswith("_Identities"):
            _say(nodes, number, ua.Variant([], V.ExtensionObject, is_array=True))


def describe_namespaces(nodes: Nodes) -> None:
    """Say what the files of the models leave open in the description of their namespaces."""
    for reference in list(nodes[standard(ObjectIds.Server_Namespaces)].references):
        if not reference.IsForward or reference.TypeDefinition != standard(ObjectIds.NamespaceMetadataType):
            continue
        for one in nodes[reference.NodeId].references:
            value = METADATA.get(one.BrowseName.Name)
            data = nodes[one.NodeId] if value is not None and one.IsForward else None
            stored = data.attributes[AttributeIds.Value].value if data is not None else None
            if value is not None and stored is not None and (stored.Value is None or stored.Value.Value is None):
                _put(nodes[one.NodeId], value)


def _role_parts() -> Iterator[int]:
    """Roles are looked at here, and given by the lab: what would edit them is left out."""
    for name, number in vars(ObjectIds).items():
        if name.startswith(ROLES) and name.count("_") == 2 and not name.endswith("_Identities"):
            yield number


def _below(nodes: Nodes, node: ua.NodeId) -> Iterator[ua.NodeId]:
    """The node and the components and properties that are its alone."""
    yield node
    data = nodes.get(node)
    for reference in data.references if data is not None else ():
        owned = reference.ReferenceTypeId in (standard(ObjectIds.HasComponent), standard(ObjectIds.HasProperty))
        if reference.IsForward and owned:
            yield from _below(nodes, reference.NodeId)


def _say(nodes: Nodes, number: int, value: ua.Variant) -> None:
    data = nodes.get(standard(number))
    if data is not None and AttributeIds.Value in data.attributes:
        _put(data, value)


def _put(data: NodeData, value: ua.Variant) -> None:
    said = ua.DataValue(value, SourceTimestamp=BUILT, ServerTimestamp=BUILT)
    data.attributes[AttributeIds.Value] = AttributeValue(said)
