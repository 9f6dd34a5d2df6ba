"""A picture that a client names by its https URL: fetched from the operator's own list of hosts, and nowhere else.

Server-side request forgery (OWASP SSRF prevention): the name is resolved once, every address must be public, and the
connection goes to the address that was checked, so that a second answer of the name server changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from backend.errors import PictureNotFetched
from backend.public_address import NotPublic, first_public
from backend.sniff import PICTURE_BYTES

SECONDS: Final = 10.0  # of all
HTTPS: Final = 443


async def fetched(param: str, url: str, hosts: tuple[str, ...]) -> bytes:
    """At most PICTURE_BYTES, within SECONDS. No redirect is followed. Raises PictureNotFetched."""
    parts = checked(param, url, hosts)
    host = str(parts.hostname)
    try:
        async with asyncio.timeout(SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)
            return await pinned(param, parts, public(param, host, [str(one[4][0]) for one in found]))
    except TimeoutError:
        raise PictureNotFetched(param, url, f"it took over {SECONDS:g} s") from None
    except (OSError, httpx.HTTPError) as error:
        raise PictureNotFetched(param, url, f"its host did not answer ({type(error).__name__})") from None


def checked(param: str, url: str, hosts: tuple[str, ...]) -> SplitResult:
    """Raises PictureNotFetched for whatever is no https URL on one of the hosts."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError:
        raise PictureNotFetched(param, url, "it is no URL") from None
    if parts.scheme != "https" or not host or port not in {None, HTTPS} or parts.username is not None:
        raise PictureNotFetched(param, url, "only https://host/path and data: URLs are allowed")
    if not hosts:
        raise PictureNotFetched(param, url, "no host is allowed; an operator lists them in CASTMATE_IMAGE_HOSTS")
    if host not in hosts:
        raise PictureNotFetched(param, url, f"allowed hosts: {', '.join(hosts)}")
    return parts


def public(param: str, host: str, addresses: list[str]) -> str:
    """The first of the addresses, of which every one must be public. Raises PictureNotFetched."""
    try:
        return first_public(addresses)
    except NotPublic as error:
        raise PictureNotFetched(param, f"https://{host}", str(error)) from None


async def pinned(
    param: str, parts: SplitResult, address: str, *, port: int = HTTPS, client: httpx.AsyncClient | None = None
) -> bytes:
    """GET from this very address, with the host's certificate. Raises PictureNotFetched, OSError, httpx.HTTPError."""
    host = str(parts.hostname)
    literal = f"[{address}]" if ":" in address else address
    target = httpx.URL(f"https://{literal}:{port}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else ""))
    content = bytearray()
    async with (
        client or httpx.AsyncClient(follow_redirects=False, trust_env=False) as http,
        http.stream(
            "GET", target, headers={"host": host, "accept": "image/*"}, extensions={"sni_hostname": host}
        ) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise PictureNotFetched(param, parts.geturl(), f"its host answered {answer.status_code}; allowed: 200")
        async for chunk in answer.aiter_raw():
            content += chunk
            if len(content) > PICTURE_BYTES:
                raise PictureNotFetched(param, parts.geturl(), f"it is larger than {PICTURE_BYTES:,} bytes")
    return bytes(content)
