"""Where notices may go. A form that takes addresses could be used to reach what only this server reaches: so only public
addresses, looked up once and then used as they are, unless the instance names a host of its own network."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from zhenwu.api.errors import TargetRefused

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Target:
    """`path` includes the query."""

    secure: bool
    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """The parts of an address that notices may be sent to, as far as it can be told without looking it up. Raises
    TargetRefused."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise TargetRefused("接收地址写得不对，请写成 https://主机/路径。") from None
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise TargetRefused(f"接收地址最多{_LONGEST}个英文字符，不含空格。")
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.password or parts.fragment:
        raise TargetRefused("接收地址应写成 https://主机/路径，不带用户名、密码和 # 后的部分。")
    if parts.scheme == "http" and not is_internal(host):
        raise TargetRefused("接收地址应以 https:// 开头，否则内容可能被截获。")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port or (443 if parts.scheme == "https" else 80), path)


def address_of(target: Target) -> str:
    """The IP address to connect to, and nothing else: who looked it up again could be told another one. Raises
    TargetRefused when any address of the host is not public, OSError when there is none."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    if not is_internal(target.host):
        for address in addresses:
            if not is_public(ipaddress.ip_address(address)):
                raise TargetRefused(
                    "接收地址指向本机或内部网络，不能发送。确需发送的，请管理员在实例设置里列出这台主机。"
                )
    return addresses[0]


def is_internal(host: str) -> bool:
    """Whether the instance's own settings name the host."""
    return host in settings.API["internal_hosts"]


def is_public(address: _Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if inside is None and address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
    return address.is_global and not address.is_multicast and not address.is_reserved
