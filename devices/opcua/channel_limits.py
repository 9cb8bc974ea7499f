"""How much a client may send at once, and take: buffers, chunks, bytes (OPC 10000-6, 7.1.2). Knows no service."""

from asyncua import ua
from asyncua.common.connection import TransportLimits
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.security import Refused

MIN_BUFFER = 8192  # bytes of a chunk
MAX_BUFFER = 65535
MAX_CHUNKS = 64
MAX_MESSAGE = 4_000_000  # bytes of a request


class Limits(TransportLimits):
    """What a client may send; asyncua takes any buffer size, down to answers in millions of chunks."""

    def __init__(self) -> None:
        super().__init__(
            max_recv_buffer=MAX_BUFFER,
            max_send_buffer=MAX_BUFFER,
            max_chunk_count=MAX_CHUNKS,
            max_message_size=MAX_MESSAGE,
        )
        self.max_answer = 0  # bytes that the client takes, 0 any

    def create_acknowledge_and_set_limits(self, msg: ua.Hello) -> ua.Acknowledge:
        if min(msg.ReceiveBufferSize, msg.SendBufferSize) < MIN_BUFFER:
            raise Refused(StatusCodes.BadConnectionRejected, f"buffer smaller than {MIN_BUFFER} bytes")
        sizes = [msg.MaxMessageSize, msg.MaxChunkCount * msg.ReceiveBufferSize]
        self.max_answer = min((size for size in sizes if size), default=0)
        # what the client takes says nothing of what it sends
        msg.MaxMessageSize = msg.MaxChunkCount = ua.UInt32(0)
        return super().create_acknowledge_and_set_limits(msg)
