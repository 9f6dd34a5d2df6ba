"""Where a request comes from: the peer, or what proxies that are trusted say of it (X-Forwarded-For)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def networks(text: str) -> tuple[Network, ...]:
    """`10.0.0.0/8, ::1`; raises ValueError naming what is no network."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def client_address(peer: str | None, forwarded: Iterable[str], trusted: tuple[Network, ...]) -> str:
    """The address nearest to us that no trusted proxy has; "" for a unix socket's peer that names none.

    `forwarded`: the values of X-Forwarded-For, in order. They are read from the right, and only as far as trusted
    proxies wrote them: what a client puts there itself is not believed.
    """
    here = _address(peer or "")
    if peer and here is None:
        return ""
    named = [one.strip() for value in forwarded for one in value.split(",")]
    while named and (here is None or any(here in network for network in trusted)):
        before = _address(named.pop())
        if before is None:
            break
        here = before
    return "" if here is None else str(here)


def place(address: str) -> str:
    """What shares limits: an IPv4 address, or the /64 that one IPv6 customer has."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return address


def _address(text: str) -> Address | None:
    """Without port or zone, and IPv4 where it is IPv4 inside IPv6."""
    bare = text.partition("%")[0].removeprefix("[").partition("]")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        try:
            found = ip_address(bare.partition(":")[0])
        except ValueError:
            return None
    return getattr(found, "ipv4_mapped", None) or found
