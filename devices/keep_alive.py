"""TCP keep-alive: a client that lost power or its cable is found, and does not own its station for ever."""

import socket

# seconds of silence, between probes, and probes without an answer: gone after 25 s
_OPTIONS = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))


def keep_alive(sock: socket.socket | None) -> None:
    """Watch this connection. None: it is gone already."""
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS:
        option = getattr(socket, name, None)  # not every platform has them
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
