"""Who a certificate is made for: the names under which its owner is reached. Knows no key and no file."""

import ipaddress
import socket
from dataclasses import dataclass

LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Identity:
    """A server as its certificate names it. `hosts` are names and addresses that clients may use to reach it."""

    name: str
    uri: str
    hosts: tuple[str, ...] = ("localhost", *LOOPBACK)

    @property
    def addresses(self) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
        return tuple(ipaddress.ip_address(host) for host in self.hosts if is_address(host))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(host for host in self.hosts if not is_address(host))


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def reachable_hosts(listen: str) -> tuple[str, ...]:
    """What clients may call a server that listens there: loopback always; each own address where it listens on all."""
    machine = socket.gethostname()
    hosts = ["localhost", *LOOPBACK, machine]
    address = ipaddress.ip_address(listen)
    if address.is_unspecified:
        hosts += own_addresses(machine)
    elif not address.is_loopback:
        hosts.append(listen)
    return tuple(dict.fromkeys(hosts))


def own_addresses(machine: str) -> list[str]:
    """The addresses under which this machine knows itself; none where its name cannot be resolved."""
    try:
        found = socket.getaddrinfo(machine, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(row[4][0]).split("%")[0] for row in found]
