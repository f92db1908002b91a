"""Where webhooks go: addresses from the settings, and which of the machines behind them may be called at all."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_WRAPPED = tuple(ip_network(one) for one in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96"))
"""IPv6 that ends in the IPv4 address that is meant: NAT64, translated, compatible."""
_INSIDE = (ip_network("64:ff9b:1::/48"), ip_network("192.0.0.0/24"))
"""Not public, whatever Python says: NAT64 of an own network, and what providers keep for themselves."""
Address = IPv4Address | IPv6Address


class Forbidden(Exception):
    """An address that webhooks must not go to; the text says why."""


@dataclass(frozen=True)
class FarEnd:
    """One address of the settings. `name` tells it from others and holds nothing of its path, which may be a key."""

    url: str
    name: str
    secure: bool
    host: str
    port: int
    path: str

    @classmethod
    def read(cls, url: str, *, private: bool = False) -> FarEnd:
        """From a setting; `private` allows http to this machine. Raises Forbidden."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise Forbidden("is not a web address") from None
        if (
            parts.scheme not in ("http", "https")
            or not host
            or not url.isascii()
            or not url.isprintable()
            or " " in url
        ):
            raise Forbidden("is not a web address")
        if parts.username is not None or parts.password is not None:
            raise Forbidden("holds a name or a password; the signature says who is calling")
        secure = parts.scheme == "https"
        if not secure and not (private and host in _THIS_MACHINE):
            raise Forbidden("does not begin with https://")
        number = port if port is not None else 443 if secure else 80
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        name = f"{host[:100]}:{number}#{hashlib.sha256(url.encode()).hexdigest()[:8]}"
        return cls(url, name, secure, host, number, path)


def reachable(far_end: FarEnd, *, private: bool = False) -> Sequence[str]:
    """The addresses of the far end's machine, each of which may be called. Raises Forbidden, OSError.

    Asked anew for each call, and the call goes to one of these: a name that leads elsewhere the next moment gains
    nothing. `private` allows networks that are not public; what is local to a cable stays shut.
    """
    try:
        found = socket.getaddrinfo(far_end.host, far_end.port, type=socket.SOCK_STREAM)
    except UnicodeError as problem:
        raise OSError("the name cannot be looked up") from problem
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for text in addresses:
        require_allowed(text, private=private)
    return addresses


def require_allowed(text: str, *, private: bool = False) -> None:
    """Raise Forbidden for an address of a machine that is not to be called."""
    address = _meant(ip_address(text.partition("%")[0]))
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise Forbidden("the name leads to an address on the own cable, where no far end is")
    inside = any(address in one for one in _INSIDE) or (isinstance(address, IPv6Address) and address.is_site_local)
    if not private and (inside or not address.is_global):
        raise Forbidden("the name leads into a private network; BATON_HOOK_PRIVATE=1 allows that")


def _meant(address: Address) -> Address:
    """An IPv4 address that is wrapped in an IPv6 one is what counts."""
    if isinstance(address, IPv4Address):
        return address
    if int(address) > 1 and any(address in one for one in _WRAPPED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None) or address
