"""Services that asyncua's server does not know or is slow at, by the number of their request: small functions.

A service gets the session and the decoded parameters and gives the response; a mistake is a `ServiceError`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.read_answer import answer

if TYPE_CHECKING:
    from devices.opcua.session import Session

Answer = Callable[["Session", Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Service:
    """What a request carries and who answers it."""

    parameters: type
    answer: Answer


async def _read(session: "Session", params: ua.ReadParameters) -> ua.ReadResponse:
    """asyncua knows it, and encodes every value anew."""
    return answer(await session.read_encoded(params))


async def _browse_next(session: "Session", params: ua.BrowseNextParameters) -> ua.BrowseNextResponse:
    return ua.BrowseNextResponse(Parameters=ua.BrowseNextResult(Results=await session.browse_next(params)))


async def _register(session: "Session", params: ua.RegisterNodesParameters) -> ua.RegisterNodesResponse:
    nodes = await session.register_nodes(params.NodesToRegister)
    return ua.RegisterNodesResponse(Parameters=ua.RegisterNodesResult(RegisteredNodeIds=nodes))


async def _unregister(session: "Session", params: ua.UnregisterNodesParameters) -> ua.UnregisterNodesResponse:
    await session.unregister_nodes(params.NodesToUnregister)
    return ua.UnregisterNodesResponse()


async def _triggering(session: "Session", params: ua.SetTriggeringParameters) -> ua.SetTriggeringResponse:
    return ua.SetTriggeringResponse(Parameters=session.set_triggering(params))


async def _history_update(session: "Session", params: ua.HistoryUpdateParameters) -> ua.HistoryUpdateResponse:
    return ua.HistoryUpdateResponse(Results=await session.history_update(params))


async def _cancel(session: "Session", params: ua.CancelParameters) -> ua.CancelResponse:
    """Every request is answered before the next one is read: there is never one left to cancel."""
    return ua.CancelResponse(Parameters=ua.CancelResult(CancelCount=ua.UInt32(0)))


SERVICES: dict[int, Service] = {
    int(ObjectIds.ReadRequest_Encoding_DefaultBinary): Service(ua.ReadParameters, _read),
    int(ObjectIds.BrowseNextRequest_Encoding_DefaultBinary): Service(ua.BrowseNextParameters, _browse_next),
    int(ObjectIds.RegisterNodesRequest_Encoding_DefaultBinary): Service(ua.RegisterNodesParameters, _register),
    int(ObjectIds.UnregisterNodesRequest_Encoding_DefaultBinary): Service(ua.UnregisterNodesParameters, _unregister),
    int(ObjectIds.SetTriggeringRequest_Encoding_DefaultBinary): Service(ua.SetTriggeringParameters, _triggering),
    int(ObjectIds.HistoryUpdateRequest_Encoding_DefaultBinary): Service(ua.HistoryUpdateParameters, _history_update),
    int(ObjectIds.CancelRequest_Encoding_DefaultBinary): Service(ua.CancelParameters, _cancel),
}
