"""A URL is fetched from listed hosts only, from a public address that was checked, and nothing else is believed."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend import remote_picture
from backend.errors import PictureNotFetched
from backend.sniff import PICTURE_BYTES

HOST = "images.example"
PARTS = urlsplit(f"https://{HOST}/a.png?size=2")


@pytest.mark.parametrize(
    "url",
    [
        "http://images.example/a.png",
        "ftp://images.example/a.png",
        "https:///a.png",
        "https://images.example:8443/a.png",
        "https://images.example:99999/a.png",
        "https://user:word@images.example/a.png",
        "https://images.example@evil.example/a.png",
        "https://evil.example/a.png",
        "https://images.example.evil.example/a.png",
        "https://127.0.0.1/a.png",
        "https://[::1]/a.png",
        "https://[bad/a.png",
        "//images.example/a.png",
        "",
    ],
)
def test_only_https_on_a_listed_host_is_asked(url: str) -> None:
    with pytest.raises(PictureNotFetched, match=r"allowed|no URL"):
        remote_picture.checked("p", url, (HOST,))


def test_without_a_list_no_host_is_asked_and_the_setting_is_named() -> None:
    with pytest.raises(PictureNotFetched, match="CASTMATE_IMAGE_HOSTS"):
        remote_picture.checked("p", f"https://{HOST}/a.png", ())


def test_a_listed_host_passes_in_any_case() -> None:
    assert remote_picture.checked("p", "https://IMAGES.example/a.png", (HOST,)).path == "/a.png"
    assert remote_picture.checked("p", "https://images.example:443/a.png", (HOST,)).path == "/a.png"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
     "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::", "ff02::1", "240.0.0.1"],
)  # fmt: skip
def test_one_private_address_refuses_all(address: str) -> None:
    for found in ([address], ["93.184.216.34", address], [address, "2606:2800:220:1::1"]):
        with pytest.raises(PictureNotFetched, match="not public"):
            remote_picture.public("p", HOST, found)


def test_public_addresses_pass_and_none_is_refused() -> None:
    assert remote_picture.public("p", HOST, ["93.184.216.34", "2606:2800:220:1::1"]) == "93.184.216.34"
    with pytest.raises(PictureNotFetched, match="no address"):
        remote_picture.public("p", HOST, [])


async def test_a_listed_name_that_leads_home_is_refused() -> None:
    with pytest.raises(PictureNotFetched, match="not public"):
        await remote_picture.fetched("p", "https://localhost/a.png", ("localhost",))


Reply = Callable[[bytes], bytes]


@asynccontextmanager
async def server(folder: Path, name: str, reply: Reply) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """A TLS server on loopback with a certificate for `name`, and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "cert.pem").write_bytes(pem + private)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(folder / "cert.pem")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(reply(asked))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=theirs) as running:
        yield running.sockets[0].getsockname()[1], ssl.create_default_context(cadata=pem.decode())


async def get(folder: Path, name: str, reply: Reply) -> bytes:
    async with server(folder, name, reply) as (port, trust):
        client = httpx.AsyncClient(verify=trust, follow_redirects=False, trust_env=False)
        return await remote_picture.pinned("p", PARTS, "127.0.0.1", port=port, client=client)


async def test_the_checked_address_is_asked_in_the_hosts_name(tmp_path: Path) -> None:
    asked: list[bytes] = []

    def reply(request: bytes) -> bytes:
        asked.append(request)
        return b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc"

    assert await get(tmp_path, HOST, reply) == b"abc"
    assert asked[0].startswith(b"GET /a.png?size=2 HTTP/1.1\r\n")
    assert b"\r\nhost: images.example\r\n" in asked[0].lower()
    assert ipaddress.ip_address("127.0.0.1").is_loopback


async def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(httpx.ConnectError):
        await get(tmp_path, "evil.example", lambda _: b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Again", "404 Not Found", "500 Broken"])
async def test_redirects_are_not_followed(tmp_path: Path, status: str) -> None:
    moved = f"HTTP/1.1 {status}\r\nlocation: https://127.0.0.1/secret\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    with pytest.raises(PictureNotFetched, match=f"answered {status[:3]}"):
        await get(tmp_path, HOST, lambda _: moved.encode())


async def test_a_picture_without_end_is_cut_off(tmp_path: Path) -> None:
    flood = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + bytes(PICTURE_BYTES + 1)
    with pytest.raises(PictureNotFetched, match="larger than"):
        await get(tmp_path, HOST, lambda _: flood)
