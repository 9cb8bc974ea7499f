"""Who may connect: Modbus has no log-in, so off loopback an address must be allowed by name."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

LOOPBACK = ("127.0.0.0/8", "::1/128")


class Access:
    """Networks in CIDR notation; raises `ValueError` for one that is none. Loopback is always among them."""

    def __init__(self, allow: Sequence[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(cidr) for cidr in (*LOOPBACK, *allow)]

    def admits(self, host: str) -> bool:
        try:
            address = ip_address(host.partition("%")[0])  # without the zone of a link-local address
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)
