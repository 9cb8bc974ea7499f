"""What a server says of itself: its limits, its capabilities, its counters, its redundancy (OPC 10000-5, 6.3).

Fixed facts are written once; what changes is a function that is called when somebody reads it.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from asyncua import ua
from asyncua.server.address_space import AddressSpace
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.browsing import MAX_POINTS as BROWSE_POINTS
from devices.opcua.channel_limits import MAX_MESSAGE
from devices.opcua.events.where import MAX_ELEMENTS
from devices.opcua.history.aggregates import AGGREGATES
from devices.opcua.history.cursor import MAX_POINTS as HISTORY_POINTS
from devices.opcua.history.reading import HISTORY_READ, MAX_EVENTS, MAX_VALUES
from devices.opcua.items import MAX_QUEUE, MAX_SELECT
from devices.opcua.ownership import MAX_PER_CALL
from devices.opcua.values import node_id

if TYPE_CHECKING:
    from devices.opcua.server import LineServer
    from devices.opcua.subscription import Subscription

Kind = ua.VariantType
STAMPS = ua.DataValue
PROFILES = [
    "http://opcfoundation.org/UA-Profile/Server/StandardUA2017",
    "http://opcfoundation.org/UA-Profile/Server/Methods",
]
PER_CALL = (
    "MaxNodesPerRead",
    "MaxNodesPerWrite",
    "MaxNodesPerMethodCall",
    "MaxNodesPerBrowse",
    "MaxNodesPerRegisterNodes",
    "MaxNodesPerTranslateBrowsePathsToNodeIds",
    "MaxMonitoredItemsPerCall",
    "MaxNodesPerHistoryReadData",
    "MaxNodesPerHistoryReadEvents",
)
CANNOT = (
    "InsertData",
    "ReplaceData",
    "UpdateData",
    "DeleteRaw",
    "DeleteAtTime",
    "InsertAnnotation",
    "InsertEvent",
    "ReplaceEvent",
    "UpdateEvent",
    "DeleteEvent",
)


def state_facts(server: "LineServer") -> None:
    """Write what stays true as long as the server runs."""
    space, bounds = server.aspace, server.security.bounds
    for name in PER_CALL:
        _put(space, f"Server_ServerCapabilities_OperationLimits_{name}", MAX_PER_CALL, Kind.UInt32)
    for name, number in {
        "MaxSessions": bounds.sessions,
        "MaxSubscriptions": bounds.subscriptions,
        "MaxSubscriptionsPerSession": bounds.subscriptions,
        "MaxMonitoredItems": bounds.all_items,
        "MaxMonitoredItemsPerSubscription": bounds.items,
        "MaxMonitoredItemsQueueSize": MAX_QUEUE,
        "MaxSelectClauseParameters": MAX_SELECT,
        "MaxWhereClauseParameters": MAX_ELEMENTS,
        "MaxStringLength": MAX_MESSAGE,
        "MaxByteStringLength": MAX_MESSAGE,
        "MaxArrayLength": MAX_PER_CALL,
    }.items():
        _put(space, f"Server_ServerCapabilities_{name}", number, Kind.UInt32)
    for name, number in (("Browse", BROWSE_POINTS), ("Query", 0), ("History", HISTORY_POINTS)):
        _put(space, f"Server_ServerCapabilities_Max{name}ContinuationPoints", number, Kind.UInt16)
    _put(space, "Server_ServerCapabilities_MinSupportedSampleRate", server.sampling_ms, Kind.Double)
    _put(space, "Server_ServerCapabilities_ServerProfileArray", PROFILES, Kind.String)
    _put(space, "Server_ServerCapabilities_LocaleIdArray", ["en", "zh-CN"], Kind.String)
    _put(space, "Server_ServiceLevel", 255, Kind.Byte)
    _put(space, "Server_Auditing", False, Kind.Boolean)
    _put(space, "Server_ServerDiagnostics_EnabledFlag", True, Kind.Boolean)
    _state_history(space)
    _state_no_redundancy(space)


def _state_history(space: AddressSpace) -> None:
    for name, able in (("AccessHistoryData", True), ("AccessHistoryEvents", True), *((one, False) for one in CANNOT)):
        _put(space, f"HistoryServerCapabilities_{name}Capability", able, Kind.Boolean)
    _put(space, "HistoryServerCapabilities_MaxReturnDataValues", MAX_VALUES, Kind.UInt32)
    _put(space, "HistoryServerCapabilities_MaxReturnEventValues", MAX_EVENTS, Kind.UInt32)
    _put(space, "HistoryServerCapabilities_ServerTimestampSupported", False, Kind.Boolean)
    notifier = space[node_id(ObjectIds.Server)].attributes[AttributeIds.EventNotifier]
    notifier.value = ua.DataValue(ua.Variant(1 | HISTORY_READ, Kind.Byte))
    for folder in ("HistoryServerCapabilities_AggregateFunctions", "Server_ServerCapabilities_AggregateFunctions"):
        _organize(space, node_id(getattr(ObjectIds, folder)))


def _organize(space: AddressSpace, folder: ua.NodeId) -> None:
    """The aggregates that are there, both ends of each reference."""
    organizes = node_id(ObjectIds.Organizes)
    for kind in AGGREGATES:
        for source, target, forward in ((folder, kind, True), (kind, folder, False)):
            known = any(one.NodeId == target and one.IsForward == forward for one in space[source].references)
            if not known:
                space[source].references.append(_reference(space, organizes, target, forward=forward))


def _reference(space: AddressSpace, kind: ua.NodeId, target: ua.NodeId, *, forward: bool) -> ua.ReferenceDescription:
    node = space[target]

    def value(attribute: AttributeIds) -> Any:
        stored = node.attributes[attribute].value
        return stored.Value.Value if stored is not None and stored.Value is not None else None

    defined = next(
        (one.NodeId for one in node.references if one.ReferenceTypeId == node_id(ObjectIds.HasTypeDefinition)),
        ua.NodeId(),
    )
    return ua.ReferenceDescription(
        ReferenceTypeId=kind,
        IsForward=forward,
        NodeId=target,  # asyncua encodes a NodeId there as well
        BrowseName=value(AttributeIds.BrowseName),
        DisplayName=value(AttributeIds.DisplayName),
        NodeClass=ua.NodeClass(value(AttributeIds.NodeClass)),
        TypeDefinition=defined,
    )


def _state_no_redundancy(space: AddressSpace) -> None:
    _put(space, "Server_ServerRedundancy_RedundancySupport", int(ua.RedundancySupport.None_), Kind.Int32)
    _put(space, "Server_ServerRedundancy_CurrentServerId", "", Kind.String)
    _put(space, "Server_ServerRedundancy_ServerUriArray", [], Kind.String)
    _put(space, "Server_ServerRedundancy_RedundantServerArray", [], Kind.ExtensionObject)
    _put(space, "Server_ServerRedundancy_ServerNetworkGroups", [], Kind.ExtensionObject)


def _put(space: AddressSpace, name: str, value: object, kind: Kind) -> None:
    node = node_id(getattr(ObjectIds, name))
    if node in space:  # what a bench has nothing of is not in its address space
        variant = ua.Variant(value, kind, is_array=isinstance(value, list))
        space[node].attributes[AttributeIds.Value].value = ua.DataValue(variant)


# ---- what changes

SUMMARY = "Server_ServerDiagnostics_ServerDiagnosticsSummary"
Now = Callable[["LineServer"], ua.Variant]


def _structures(rows: list[Any]) -> ua.Variant:
    return ua.Variant(rows, Kind.ExtensionObject, is_array=True)


def _summary(server: "LineServer") -> dict[str, int]:
    counted, subscriptions = server.diagnostics, server.subscriptions.subscriptions
    return {
        "ServerViewCount": 0,
        "CurrentSessionCount": len(server.sessions()),
        "CumulatedSessionCount": counted.sessions,
        "SecurityRejectedSessionCount": counted.refused_sessions_security,
        "RejectedSessionCount": counted.refused_sessions,
        "SessionTimeoutCount": counted.timeouts,
        "SessionAbortCount": counted.aborts,
        "CurrentSubscriptionCount": len(subscriptions),
        "CumulatedSubscriptionCount": counted.subscriptions,
        "PublishingIntervalCount": len({one.data.RevisedPublishingInterval for one in subscriptions.values()}),
        "SecurityRejectedRequestsCount": counted.refused_requests_security,
        "RejectedRequestsCount": counted.refused_requests,
    }


def _summary_structure(server: "LineServer") -> ua.Variant:
    numbers = {name: ua.UInt32(number) for name, number in _summary(server).items()}
    return ua.Variant(ua.ServerDiagnosticsSummaryDataType(**numbers), Kind.ExtensionObject)


def _counter(name: str) -> Now:
    return lambda server: ua.Variant(_summary(server)[name], Kind.UInt32)


def _sessions(server: "LineServer") -> ua.Variant:
    return _structures([one.diagnostics() for one in server.sessions()])


def _security(server: "LineServer") -> ua.Variant:
    return _structures([one.security_diagnostics() for one in server.sessions()])


def _subscriptions(server: "LineServer") -> ua.Variant:
    return _structures([_subscription(one) for one in server.subscriptions.subscriptions.values()])


def _subscription(one: "Subscription") -> ua.SubscriptionDiagnosticsDataType:
    data, counters, items = one.data, one.counters, one.items.all.values()
    numbers = {
        "SubscriptionId": one.number,
        "MaxKeepAliveCount": data.RevisedMaxKeepAliveCount,
        "MaxLifetimeCount": data.RevisedLifetimeCount,
        "MaxNotificationsPerPublish": one.max_notifications,
        "ModifyCount": counters.modified,
        "EnableCount": counters.enabled,
        "DisableCount": counters.disabled,
        "RepublishRequestCount": counters.republish_requests,
        "RepublishMessageRequestCount": counters.republish_requests,
        "RepublishMessageCount": counters.republished,
        "TransferRequestCount": counters.transfers,
        "TransferredToAltClientCount": counters.to_another,
        "PublishRequestCount": counters.publish_requests,
        "DataChangeNotificationsCount": counters.changes,
        "EventNotificationsCount": counters.events,
        "NotificationsCount": counters.changes + counters.events,
        "LatePublishRequestCount": counters.late,
        "CurrentKeepAliveCount": one.quiet,
        "CurrentLifetimeCount": one.missed,
        "UnacknowledgedMessageCount": len(one.kept),
        "DiscardedMessageCount": counters.discarded,
        "MonitoredItemCount": len(items),
        "DisabledMonitoredItemCount": sum(item.mode == ua.MonitoringMode.Disabled for item in items),
        "MonitoringQueueOverflowCount": sum(item.overflows for item in items),
        "NextSequenceNumber": one.sequence,
    }
    return ua.SubscriptionDiagnosticsDataType(
        SessionId=one.session_id,
        Priority=ua.Byte(one.priority),
        PublishingInterval=data.RevisedPublishingInterval,
        PublishingEnabled=one.enabled,
        **{name: ua.UInt32(number) for name, number in numbers.items()},
    )


CHANGING: Mapping[ua.NodeId, Now] = {
    node_id(getattr(ObjectIds, SUMMARY)): _summary_structure,
    **{
        node_id(getattr(ObjectIds, f"{SUMMARY}_{name}")): _counter(name)
        for name in ua.ServerDiagnosticsSummaryDataType.__dataclass_fields__
    },
    node_id(ObjectIds.Server_ServerDiagnostics_SubscriptionDiagnosticsArray): _subscriptions,
    node_id(ObjectIds.Server_ServerDiagnostics_SessionsDiagnosticsSummary_SessionDiagnosticsArray): _sessions,
}
# who is logged in, with which certificate: of no concern to other trainees
PRIVATE: Mapping[ua.NodeId, Now] = {
    node_id(ObjectIds.Server_ServerDiagnostics_SessionsDiagnosticsSummary_SessionSecurityDiagnosticsArray): _security,
}
