"""What the line says of itself to function 43/14, read device identification (conformity: basic and regular)."""

from collections.abc import Mapping
from dataclasses import dataclass

from pymodbus.constants import ExcCodes
from pymodbus.pdu.mei_message import ReadDeviceInformationRequest, ReadDeviceInformationResponse

from devices.modbus.refusals import Denied

_REGULAR_AND_SINGLE = 0x82  # conformity level: regular objects, as a stream and one by one
_BASIC_CODE, _SINGLE_CODE = 1, 4
_BASIC_OBJECTS = 3
_LONGEST = 30  # bytes of a text: with six of them every answer fits one frame


@dataclass(frozen=True, slots=True)
class Identity:
    """The objects of the specification that we know; empty ones are not there."""

    product: str  # 1: product code
    revision: str  # 2
    vendor: str = "LineLab"  # 0
    product_name: str = "LineLab training line"  # 4
    model: str = ""  # 5

    def objects(self) -> dict[int, bytes]:
        texts = {0: self.vendor, 1: self.product, 2: self.revision, 4: self.product_name, 5: self.model}
        return {number: text.encode()[:_LONGEST] for number, text in texts.items() if text}


def identify(request: ReadDeviceInformationRequest, objects: Mapping[int, bytes]) -> ReadDeviceInformationResponse:
    code, first = request.read_code, request.object_id
    if not _BASIC_CODE <= code <= _SINGLE_CODE:
        raise Denied(ExcCodes.ILLEGAL_VALUE)
    if code == _SINGLE_CODE:
        if first not in objects:
            raise Denied(ExcCodes.ILLEGAL_ADDRESS)
        return _response(code, {first: objects[first]})
    # "extended" is answered with what we have, an unknown first object with all from 0 on (specification 6.21)
    chosen = {n: text for n, text in objects.items() if code > _BASIC_CODE or n < _BASIC_OBJECTS}
    start = first if first in chosen else 0
    return _response(code, {n: text for n, text in chosen.items() if n >= start})


def _response(code: int, objects: Mapping[int, bytes]) -> ReadDeviceInformationResponse:
    response = ReadDeviceInformationResponse(read_code=code, information=dict(objects))
    response.conformity = _REGULAR_AND_SINGLE
    return response
