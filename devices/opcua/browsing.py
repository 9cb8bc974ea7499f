"""Browse, BrowseNext and TranslateBrowsePaths over an address space (OPC 10000-4, 5.9). Changes nothing.

asyncua gives every reference in one answer, knows no BrowseNext and walks the reference types anew for each one.
"""

import dataclasses
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.events.types import Types
from devices.opcua.overlay import Looking
from devices.opcua.values import status_code

MAX_REFERENCES = 1_000  # of one node in one answer
MAX_POINTS = 20  # continuation points of one session
WHOLE_PATH = ua.Index(0xFFFFFFFF)
Mask = ua.BrowseResultMask
EMPTY: Sequence[tuple[int, str, object]] = (
    (Mask.ReferenceTypeId, "ReferenceTypeId", ua.NodeId()),
    (Mask.IsForward, "IsForward", False),
    (Mask.NodeClass, "NodeClass", ua.NodeClass.Unspecified),
    (Mask.BrowseName, "BrowseName", ua.QualifiedName()),
    (Mask.DisplayName, "DisplayName", ua.LocalizedText()),
    (Mask.TypeDefinition, "TypeDefinition", ua.ExpandedNodeId()),
)
Suits = Callable[[ua.ReferenceDescription], bool]


class Points:
    """What is left to tell, by the name that a client asks for it with."""

    def __init__(self, limit: int = MAX_POINTS) -> None:
        self._limit = limit
        self._left: OrderedDict[bytes, tuple[list[ua.ReferenceDescription], int]] = OrderedDict()

    def keep(self, references: list[ua.ReferenceDescription], each: int) -> bytes | None:
        if len(self._left) >= self._limit:
            return None
        name = secrets.token_bytes(8)
        self._left[name] = (references, each)
        return name

    def take(self, name: bytes) -> tuple[list[ua.ReferenceDescription], int] | None:
        return self._left.pop(bytes(name), None)


class Browser:
    """The view services of one session."""

    def __init__(self, looking: Looking, types: Types) -> None:
        self._looking, self._types = looking, types
        self._points = Points()

    # ---- browse

    def browse(self, params: ua.BrowseParameters) -> list[ua.BrowseResult]:
        view = params.View.ViewId if params.View is not None else None
        if view is not None and not view.is_null():
            return [_failed(StatusCodes.BadViewIdUnknown) for _ in params.NodesToBrowse]
        asked = int(params.RequestedMaxReferencesPerNode)
        each = min(asked, MAX_REFERENCES) if asked else MAX_REFERENCES
        return [self._browse(one, each) for one in params.NodesToBrowse]

    def _browse(self, wanted: ua.BrowseDescription, each: int) -> ua.BrowseResult:
        node = self._looking.get(wanted.NodeId)
        if node is None:
            null = wanted.NodeId.is_null()
            return _failed(StatusCodes.BadNodeIdInvalid if null else StatusCodes.BadNodeIdUnknown)
        if wanted.BrowseDirection not in (0, 1, 2):
            return _failed(StatusCodes.BadBrowseDirectionInvalid)
        any_type = wanted.ReferenceTypeId.is_null()
        if not any_type and wanted.ReferenceTypeId not in self._looking:
            return _failed(StatusCodes.BadReferenceTypeIdInvalid)
        suits = self._suits(wanted)
        return self._part([masked(one, wanted.ResultMask) for one in node.references if suits(one)], each)

    def _suits(self, wanted: ua.BrowseDescription) -> Suits:
        direction, classes = wanted.BrowseDirection, int(wanted.NodeClassMask)
        kinds = self._kinds(wanted.ReferenceTypeId, wanted.IncludeSubtypes)

        def suits(one: ua.ReferenceDescription) -> bool:
            turned = direction == ua.BrowseDirection.Both or one.IsForward == (direction == ua.BrowseDirection.Forward)
            return (
                turned
                and (kinds is None or one.ReferenceTypeId in kinds)
                and (not classes or bool(classes & one.NodeClass))
            )

        return suits

    def _kinds(self, kind: ua.NodeId, subtypes: object) -> frozenset[ua.NodeId] | None:
        """The reference types that are meant; None means any."""
        if kind.is_null():
            return None
        return self._types.subtypes(kind) if subtypes else frozenset({kind})

    def _part(self, references: list[ua.ReferenceDescription], each: int) -> ua.BrowseResult:
        result = ua.BrowseResult(References=references[:each])
        if len(references) > each:
            point = self._points.keep(references[each:], each)
            if point is None:
                return _failed(StatusCodes.BadNoContinuationPoints)
            result.ContinuationPoint = ua.ByteString(point)
        return result

    def browse_next(self, points: Iterable[bytes], *, release: bool) -> list[ua.BrowseResult]:
        results = []
        for name in points:
            left = self._points.take(name)
            if left is None:
                results.append(_failed(StatusCodes.BadContinuationPointInvalid))
            else:
                results.append(ua.BrowseResult() if release else self._part(*left))
        return results

    # ---- paths

    def translate(self, path: ua.BrowsePath) -> ua.BrowsePathResult:
        elements = list(path.RelativePath.Elements or ())
        if not elements:
            return _no_path(StatusCodes.BadNothingToDo)
        if path.StartingNode not in self._looking:
            null = path.StartingNode.is_null()
            return _no_path(StatusCodes.BadNodeIdInvalid if null else StatusCodes.BadNodeIdUnknown)
        if any(one.TargetName is None or not one.TargetName.Name for one in elements):
            return _no_path(StatusCodes.BadBrowseNameInvalid)
        here = [path.StartingNode]
        for element in elements:
            here = list(dict.fromkeys(there for node in here for there in self._follow(node, element)))
        if not here:
            return _no_path(StatusCodes.BadNoMatch)
        return ua.BrowsePathResult(
            Targets=[ua.BrowsePathTarget(TargetId=_expanded(node), RemainingPathIndex=WHOLE_PATH) for node in here]
        )

    def _follow(self, node: ua.NodeId, element: ua.RelativePathElement) -> list[ua.NodeId]:
        data = self._looking.get(node)
        kinds = self._kinds(element.ReferenceTypeId, element.IncludeSubtypes)
        return [
            one.NodeId
            for one in (data.references if data is not None else ())
            if one.BrowseName == element.TargetName
            and one.IsForward != element.IsInverse
            and (kinds is None or one.ReferenceTypeId in kinds)
        ]


def masked(one: ua.ReferenceDescription, mask: int) -> ua.ReferenceDescription:
    """Only what was asked for; the reference of the address space itself is not touched."""
    left_out = {name: empty for bit, name, empty in EMPTY if not int(mask) & bit}
    return dataclasses.replace(one, **left_out) if left_out else one


def _expanded(node: ua.NodeId) -> ua.ExpandedNodeId:
    return node  # type: ignore[return-value]  # asyncua encodes a NodeId there as well


def _failed(code: int) -> ua.BrowseResult:
    return ua.BrowseResult(StatusCode=status_code(code))


def _no_path(code: int) -> ua.BrowsePathResult:
    return ua.BrowsePathResult(StatusCode=status_code(code))
