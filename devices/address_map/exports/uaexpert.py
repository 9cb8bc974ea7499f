"""For UaExpert and other OPC UA browsers: a short page with address, security and the nodes to drag into a view.

A UaExpert project is a closed format; this is text for a person.
"""

from devices.address_map.address import AddressMap
from devices.address_map.exports.site import USER, Site, advice
from devices.address_map.exports.tables import in_language
from devices.address_map.polls import known_stations
from devices.endpoint import Wire
from sim.text import Text

NAMESPACE = 2  # the index that a bench's server gives its line

_STEPS = (
    Text("服务器 > 添加 > 高级，端点地址：{url}", "Server > Add > Advanced, endpoint URL: {url}"),
    Text(
        "安全：None，或 Basic256Sha256、Aes256_Sha256_RsaPss（签名，或签名并加密；首次连接后由教师信任客户端证书）",
        "Security: None, or Basic256Sha256 or Aes256_Sha256_RsaPss, with Sign or SignAndEncrypt (after the first "
        "try somebody in charge trusts your client's certificate)",
    ),
    Text(
        "登录：匿名只能读；要写用户名 {user}，密码为 `linelab up` 显示的口令",
        "Log-in: anonymous reads; to write, user {user} and the token that `linelab up` prints",
    ),
    Text(
        "命名空间 {uri}，索引 {index}（索引以服务器的 NamespaceArray 为准）",
        "Namespace {uri}, index {index} (the server's NamespaceArray is what counts)",
    ),
    Text("把下列节点拖到 Data Access View：", "Drag these nodes into a Data Access View:"),
)


def page(addresses: AddressMap, site: Site) -> str:
    words = {"url": site.opcua_url, "user": USER, "uri": addresses.namespace_uri, "index": NAMESPACE}
    lines = [f"LineLab: {addresses.line}, OPC UA", ""]
    lines += [f"{number}. {site.say(step).format(**words)}" for number, step in enumerate(_STEPS, 1)]
    lines += ["", *advice(site, (Wire.OPCUA,))]
    chosen = known_stations(addresses, site.stations)
    for station in addresses.stations:
        rows = [a for a in addresses if a.station == station and station in chosen]
        if rows:
            lines += ["", f"[{station}]"]
        for address in rows:
            right = "rw" if address.writable else "r "
            unit = f" [{address.unit}]" if address.unit else ""
            text = in_language(address.description, site.language)
            lines.append(f"ns={NAMESPACE};{address.opcua.node_id}\t{right}\t{address.type.value}\t{text}{unit}")
    return "\n".join([*lines, ""])
