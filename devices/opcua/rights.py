"""What each role may do with a node, as the norm tells it (OPC 10000-3, 8.55). Knows no session.

The roles of a lab and the well-known roles that say the same: a tool that shows roles shows these.
"""

from collections.abc import Mapping

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from devices.endpoint import Role
from devices.opcua.values import node_id

Bits = ua.PermissionType
LOOK = int(Bits.Browse) | int(Bits.ReadRolePermissions)
SEE = LOOK | int(Bits.Read) | int(Bits.ReadHistory) | int(Bits.ReceiveEvents)
ROLE_NODES: Mapping[Role, ua.NodeId] = {
    Role.OBSERVER: node_id(ObjectIds.WellKnownRole_Anonymous),
    Role.TRAINEE: node_id(ObjectIds.WellKnownRole_Operator),
    Role.INSTRUCTOR: node_id(ObjectIds.WellKnownRole_Supervisor),
    Role.ENGINEER: node_id(ObjectIds.WellKnownRole_Engineer),
}


def of_variable(*, writers: frozenset[Role]) -> dict[Role, int]:
    return {role: SEE | (int(Bits.Write) if role in writers else 0) for role in ROLE_NODES}


def of_method(*, callers: frozenset[Role]) -> dict[Role, int]:
    return {role: LOOK | (int(Bits.Call) if role in callers else 0) for role in ROLE_NODES}


def as_variant(rights: Mapping[Role, int], *roles: Role) -> ua.Variant:
    """The RolePermissions attribute, of all roles or of these."""
    rows = [
        ua.RolePermissionType(RoleId=ROLE_NODES[role], Permissions=ua.PermissionType(bits))
        for role, bits in rights.items()
        if not roles or role in roles
    ]
    return ua.Variant(rows, ua.VariantType.ExtensionObject, is_array=True)
