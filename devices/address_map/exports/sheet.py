"""The data sheet of a bench as PDF: wires, security, what the other side sets, and all I/O by station.

Chinese is set in STSong-Light, one of the fonts that a PDF reader brings along: no font is in the file.
"""

import io
from collections.abc import Sequence
from html import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from devices.address_map.address import Address, AddressMap
from devices.address_map.exports.people import limits
from devices.address_map.exports.site import USER, Site, advice
from devices.address_map.exports.uaexpert import NAMESPACE
from devices.address_map.polls import known_stations
from devices.endpoint import Wire
from sim.tag import Direction
from sim.text import Text

SONG = "STSong-Light"
LATIN, BOLD = "Helvetica", "Helvetica-Bold"
MARGIN = 12 * mm
INK, RULE, SHADE = colors.HexColor("#1b2733"), colors.HexColor("#9aa7b4"), colors.HexColor("#e8eef4")

_HEADER = (
    (Text("信号", "Tag"), 46),
    (Text("方向", "Dir"), 18),
    (Text("类型", "Type"), 14),
    (Text("单位", "Unit"), 15),
    (Text("量程", "Range"), 30),
    (Text("编号", "Number"), 17),
    (Text("地址", "Address"), 15),
    (Text("倍率", "Factor"), 14),
    (Text("32 位地址", "32 bits at"), 19),
    (Text("说明", "Description"), 84),
)  # widths in mm
_DIRECTIONS = {
    Direction.INPUT: Text("输入", "input"),
    Direction.OUTPUT: Text("输出", "output"),
    Direction.STATUS: Text("状态", "status"),
    Direction.PARAMETER: Text("参数", "parameter"),
}


def sheet(addresses: AddressMap, site: Site) -> bytes:
    """The same bytes for the same map and site."""
    pdfmetrics.registerFont(UnicodeCIDFont(SONG))
    file = io.BytesIO()
    title = f"LineLab {addresses.line}"
    pages = SimpleDocTemplate(
        file,
        pagesize=landscape(A4),
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 5 * mm,
        title=title,
        author="LineLab",
        invariant=1,
    )

    def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont(LATIN, 7)
        canvas.setFillColor(INK)
        canvas.drawString(MARGIN, MARGIN, title)
        canvas.drawRightString(landscape(A4)[0] - MARGIN, MARGIN, str(document.page))

    pages.build(_story(addresses, site), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _story(addresses: AddressMap, site: Site) -> list[Flowable]:
    subject = site.say(site.title) if site.title.en else addresses.line
    heading = site.say(Text("数据表", "Data sheet"))
    story: list[Flowable] = [
        _text(f"{subject}: {heading}", 16, bold=True),
        Spacer(1, 2 * mm),
        _wires(addresses, site),
        Spacer(1, 3 * mm),
        *(_text(f"• {line}", 8.5) for line in _settings(addresses, site)),
        Spacer(1, 4 * mm),
    ]
    chosen = known_stations(addresses, site.stations)
    titles = dict(site.titles)
    for station in addresses.stations:
        rows = [address for address in addresses if address.station == station]
        if rows and station in chosen:
            name = f"{station}  {site.say(titles[station])}" if station in titles else station
            story += [KeepTogether([_text(name, 11, bold=True), Spacer(1, 1 * mm), _io(rows[:3], site)])]
            story += [_io(rows[3:], site, header=False)] if rows[3:] else []
            story += [Spacer(1, 4 * mm)]
    return story


def _wires(addresses: AddressMap, site: Site) -> Table:
    say = site.say
    header = [say(Text("协议", "Wire")), say(Text("地址", "Address")), say(Text("安全", "Security"))]
    header.append(say(Text("信号在何处", "Where a tag is")))
    rows = [
        (
            "Modbus TCP",
            f"{site.modbus_host}:{site.modbus_port}",
            say(Text("无登录，按网络地址放行", "no log-in; by network address")),
            say(Text("下表", "table below"))
            + f"; {say(Text('32 位数值字节顺序', 'bytes of 32 bits'))} {addresses.word_order}",
        ),
        (
            "OPC UA",
            site.opcua_url,
            say(
                Text(
                    f"None；Basic256Sha256、Aes256_Sha256_RsaPss，签名或加密；匿名只读，写入用 {USER} 与口令",
                    "None; Basic256Sha256, Aes256_Sha256_RsaPss with Sign or SignAndEncrypt; anonymous reads, "
                    f"{USER} with the token writes",
                )
            ),
            f"ns={NAMESPACE};s=STATION.SIGNAL ({addresses.namespace_uri})",
        ),
        (
            "MQTT 3.1.1, 5.0",
            f"{site.broker}:{site.mqtt_port}",
            say(Text(f"用户 {USER}，密码为口令", f"user {USER}, password is the token")),
            f"{addresses.mqtt_root}/STATION/SIGNAL; {say(Text('命令', 'commands'))} …/set",
        ),
    ]
    cells = [[_text(cell, 8, bold=True) for cell in header], *([_text(cell, 8) for cell in row] for row in rows)]
    return Table(cells, colWidths=[w * mm for w in (28, 48, 98, 98)], style=_style(True))


def _settings(addresses: AddressMap, site: Site) -> list[str]:
    return advice(site, tuple(Wire(wire) for wire in ("modbus", "opcua", "mqtt")))


def _io(addresses: Sequence[Address], site: Site, header: bool = True) -> Table:
    rows = [[_text(site.say(text), 7.5, bold=True) for text, _ in _HEADER]] if header else []
    rows += [[_text(cell, 7.5) for cell in _cells(address, site)] for address in addresses]
    widths = [width * mm for _, width in _HEADER]
    return Table(rows, colWidths=widths, style=_style(header), repeatRows=int(header))


def _cells(address: Address, site: Site) -> tuple[str, ...]:
    place = address.modbus
    return (
        address.name.removeprefix(f"{address.station}."),
        site.say(_DIRECTIONS[address.direction]),
        address.type.value,
        address.unit,
        limits(address),
        place.reference,
        str(place.address),
        f"x {place.scale}" if place.scale else "",
        "" if place.address_32 is None else str(place.address_32),
        site.say(address.description),
    )


def _style(header: bool) -> TableStyle:
    commands: list[tuple[object, ...]] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, RULE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.8),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
    if header:
        commands.append(("BACKGROUND", (0, 0), (-1, 0), SHADE))
    return TableStyle(commands)


def _text(text: str, size: float, *, bold: bool = False) -> Paragraph:
    """Latin letters in Helvetica, everything else in the Chinese font, run by run."""
    latin = BOLD if bold else LATIN
    style = ParagraphStyle("cell", fontName=latin, fontSize=size, leading=size * 1.25, textColor=INK)
    if any(not _is_latin(letter) for letter in text):
        style.wordWrap = "CJK"
    return Paragraph("".join(f'<font name="{font}">{escape(run)}</font>' for font, run in _runs(text, latin)), style)


def _runs(text: str, latin: str) -> list[tuple[str, str]]:
    runs: list[tuple[str, str]] = []
    for letter in text:
        font = latin if _is_latin(letter) else SONG
        if runs and runs[-1][0] == font:
            runs[-1] = font, runs[-1][1] + letter
        else:
            runs.append((font, letter))
    return runs


def _is_latin(letter: str) -> bool:
    return letter in "…•–" or ord(letter) < 256
