"""Addresses that this server may be sent to by others (OWASP, server-side request forgery prevention)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence


class NotPublic(Exception):
    """A name leads to an address that is not public, or to none."""


def first_public(addresses: Sequence[str]) -> str:
    """The first of the addresses, of which every one must be public. Raises NotPublic."""
    for one in addresses:
        if not is_public(one):
            raise NotPublic("its host has an address that is not public")
    if not addresses:
        raise NotPublic("its host has no address")
    return addresses[0]


def is_public(address: str) -> bool:
    """Raises ValueError for what is no address."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = (parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None) or parsed
    return inner.is_global and not inner.is_multicast
