"""Reading and writing attributes: the line itself for its tags, the address space for the rest (OPC 10000-4, 5.11).

Knows who asks, not over which connection.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from devices.endpoint import LineView, Role
from devices.opcua import index_range, rights
from devices.opcua.actions import ANYBODY_LOGGED_IN, Caller
from devices.opcua.model.live import chosen
from devices.opcua.monitored import encoded
from devices.opcua.nodes import HISTORY, READ, WRITE, LineNodes
from devices.opcua.overlay import Looking
from devices.opcua.publish import Publisher
from devices.opcua.read_answer import time_bytes, with_stamps
from devices.opcua.server_state import PRIVATE
from devices.opcua.values import GOOD, REFUSED, describe, stamp, status_code, variant_fits
from sim.refusal import Refusal
from sim.tag import Tag

if TYPE_CHECKING:
    from devices.opcua.server import LineServer

NOBODY: frozenset[Role] = frozenset()
Stamps = ua.TimestampsToReturn
Personal = Callable[["Attributes", ua.NodeId, Caller], ua.Variant | None]


def answer(refusal: Refusal | None) -> ua.StatusCode:
    return GOOD if refusal is None else status_code(REFUSED[refusal])


class Attributes:
    """The attribute services of one server."""

    def __init__(self, server: "LineServer", view: LineView, nodes: LineNodes, publisher: Publisher) -> None:
        self._server, self._view, self._nodes, self._publisher = server, view, nodes, publisher
        self._looking = Looking(server.aspace)

    # ---- read

    def read(self, item: ua.ReadValueId, stamps: Stamps, caller: Caller) -> ua.DataValue:
        if item.DataEncoding is not None and item.DataEncoding.Name and not self._standard_encoding(item):
            return ua.DataValue(StatusCode=status_code(StatusCodes.BadDataEncodingUnsupported))
        tag = self._nodes.tags.get(item.NodeId)
        if tag is not None and item.AttributeId == AttributeIds.Value:
            self._view.note(caller.client, "read", tag.name)
            return index_range.ranged(self._value(tag, stamps), item.IndexRange)
        derived = (
            self._server.live.read(item.NodeId, caller.locales) if item.AttributeId == AttributeIds.Value else None
        )
        if derived is not None:
            return index_range.ranged(self._stamped(derived, stamps), item.IndexRange)
        stored = self._looking.attribute(item.NodeId, item.AttributeId)
        if item.NodeId in PRIVATE and item.AttributeId == AttributeIds.Value:
            return self._private(item, stamps, caller)
        variant = self.personal(item, caller) or self._now(item, stored)
        found = stored if variant is None else ua.DataValue(variant)
        if item.AttributeId != AttributeIds.Value:
            return index_range.ranged(found, item.IndexRange)
        return index_range.ranged(self._stamped(found, stamps), item.IndexRange)

    def read_encoded(self, item: ua.ReadValueId, stamps: Stamps, caller: Caller, now: datetime) -> bytes:
        """What `read` gives, as bytes: of a tag those that its subscribers get too."""
        tag = self._nodes.tags.get(item.NodeId)
        special = item.IndexRange or (item.DataEncoding is not None and item.DataEncoding.Name)
        if tag is not None and item.AttributeId == AttributeIds.Value and not special:
            said = with_stamps(self._publisher.fresh(tag.index, now), stamps, time_bytes(now))
            if said is not None:
                self._view.note(caller.client, "read", tag.name)
                return said
        return encoded(self.read(item, stamps, caller))

    def _standard_encoding(self, item: ua.ReadValueId) -> bool:
        """`Default Binary` says what is done anyway; it may be asked for where there is a structure."""
        return bool(item.DataEncoding.Name == "Default Binary" and item.AttributeId == AttributeIds.Value)

    def _value(self, tag: Tag, stamps: Stamps) -> ua.DataValue:
        now = self._view.clock.utc()
        return self._stamped(self._publisher.fresh(tag.index, now), stamps)

    def _stamped(self, said: ua.DataValue, stamps: Stamps) -> ua.DataValue:
        """A value with the time stamps that were asked for; the server's is when it was asked."""
        server = stamps in (Stamps.Server, Stamps.Both)
        return ua.DataValue(
            Value=said.Value,
            StatusCode=said.StatusCode,
            SourceTimestamp=said.SourceTimestamp if stamps in (Stamps.Source, Stamps.Both) else None,
            ServerTimestamp=stamp(self._view.clock.utc()) if server else None,
        )

    def _private(self, item: ua.ReadValueId, stamps: Stamps, caller: Caller) -> ua.DataValue:
        if caller.client.role not in (Role.INSTRUCTOR, Role.ENGINEER):
            return ua.DataValue(StatusCode=status_code(StatusCodes.BadUserAccessDenied))
        found = self._stamped(ua.DataValue(PRIVATE[item.NodeId](self._server)), stamps)
        return index_range.ranged(found, item.IndexRange)

    def _now(self, item: ua.ReadValueId, stored: ua.DataValue) -> ua.Variant | None:
        """What the server says of itself is read when it is asked for, not when it was last published."""
        if item.AttributeId != AttributeIds.Value or item.NodeId.NamespaceIndex != 0:
            return None
        return self._server.own_value(item.NodeId, stored)

    # ---- what depends on who reads

    def personal(self, item: ua.ReadValueId, caller: Caller) -> ua.Variant | None:
        """Rights and descriptions as this caller has them; None where it is the same for everybody."""
        made = PERSONAL.get(item.AttributeId)
        return None if made is None else made(self, item.NodeId, caller)

    def _writers(self, node: ua.NodeId) -> frozenset[Role] | None:
        tag = self._nodes.tags.get(node)
        if tag is not None:
            return ANYBODY_LOGGED_IN if tag.writable else NOBODY
        bound = self._server.actions.values.get(node)
        return None if bound is None else bound.roles

    def _callers(self, node: ua.NodeId) -> frozenset[Role] | None:
        return ANYBODY_LOGGED_IN if node in self._nodes.methods else self._server.actions.callers(node)

    def description(self, node: ua.NodeId, caller: Caller) -> ua.Variant | None:
        return self._text(node, caller, 1)

    def display_name(self, node: ua.NodeId, caller: Caller) -> ua.Variant | None:
        return self._text(node, caller, 0)

    def _text(self, node: ua.NodeId, caller: Caller, which: int) -> ua.Variant | None:
        """A text of the line's model in the language of the session."""
        texts = self._nodes.model.texts.get(node)
        if texts is None or not caller.locales:
            return None
        return ua.Variant(chosen(texts[which], caller.locales), ua.VariantType.LocalizedText)

    def user_access(self, node: ua.NodeId, caller: Caller) -> ua.Variant | None:
        writers = self._writers(node)
        if writers is None:
            return None
        history = HISTORY if node in self._nodes.tags else 0
        level = READ | history | (WRITE if caller.client.role in writers else 0)
        return ua.Variant(level, ua.VariantType.Byte)

    def user_executable(self, node: ua.NodeId, caller: Caller) -> ua.Variant | None:
        callers = self._callers(node)
        return None if callers is None else ua.Variant(caller.client.role in callers, ua.VariantType.Boolean)

    def _permissions(self, node: ua.NodeId) -> dict[Role, int] | None:
        writers, callers = self._writers(node), self._callers(node)
        if writers is not None:
            return rights.of_variable(writers=writers)
        return None if callers is None else rights.of_method(callers=callers)

    def role_permissions(self, node: ua.NodeId, caller: Caller) -> ua.Variant | None:
        permissions = self._permissions(node)
        return None if permissions is None else rights.as_variant(permissions)

    def user_role_permissions(self, node: ua.NodeId, caller: Caller) -> ua.Variant | None:
        permissions = self._permissions(node)
        return None if permissions is None else rights.as_variant(permissions, caller.client.role)

    # ---- write

    def write(self, item: ua.WriteValue, caller: Caller) -> ua.StatusCode:
        if code := index_range.problem(item.IndexRange):
            return status_code(code)
        tag = self._nodes.tags.get(item.NodeId)
        beside = tag is None and item.NodeId in self._server.actions.values
        if item.AttributeId != AttributeIds.Value or (tag is None and not beside):
            return self._not_writable(item, caller)
        if item.IndexRange:  # no tag and no value beside them has parts
            return status_code(StatusCodes.BadIndexRangeNoData)
        if item.Value.StatusCode is not None and item.Value.StatusCode.value != StatusCodes.Good:
            # quality is the line's to say; time stamps are ignored
            return status_code(StatusCodes.BadWriteNotSupported)
        variant = item.Value.Value if item.Value.Value is not None else ua.Variant()
        return self._write_beside(item.NodeId, variant, caller) if tag is None else self._ask(tag, variant, caller)

    def _ask(self, tag: Tag, variant: ua.Variant, caller: Caller) -> ua.StatusCode:
        # a wrong type is asked for as text: the gate then refuses in its own order and the traffic shows it
        value = variant.Value if variant_fits(tag, variant) else describe(variant)
        return answer(self._view.request(caller.client, [(tag.index, value)])[0])

    def _write_beside(self, node: ua.NodeId, variant: ua.Variant, caller: Caller) -> ua.StatusCode:
        """A value that is no tag of the line."""
        self._view.note(caller.client, "write", node.to_string())
        code = self._server.actions.write(caller, node, variant)
        return status_code(StatusCodes.BadNotWritable if code is None else code)

    def _not_writable(self, item: ua.WriteValue, caller: Caller) -> ua.StatusCode:
        status = self._looking.attribute(item.NodeId, item.AttributeId).StatusCode
        if status is not None and status.is_bad() and self._nodes.tags.get(item.NodeId) is None:
            return status
        where = f"{item.NodeId.to_string()}, attribute {int(item.AttributeId)}"
        self._view.note(caller.client, "refused", f"write of {where}")
        return status_code(StatusCodes.BadNotWritable)


PERSONAL: dict[int, Personal] = {
    AttributeIds.Description: Attributes.description,
    AttributeIds.DisplayName: Attributes.display_name,
    AttributeIds.UserAccessLevel: Attributes.user_access,
    AttributeIds.UserExecutable: Attributes.user_executable,
    AttributeIds.RolePermissions: Attributes.role_permissions,
    AttributeIds.UserRolePermissions: Attributes.user_role_permissions,
}
