"""A started web process and a real Chromium. What a page complains of, and every request that fails, fails its test."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import av
import httpx
import msgspec
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from backend import ids
from backend.db import open_pool
from backend.localdb import Postgres
from backend.media import open_media
from generation.captions_file import Caption, webvtt
from social import invites
from social.clips import StoredMedia
from tests.backend.conftest import PASSWORD
from tests.factories import unique
from tests.waiting import until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SHOTS = Path("out/web")
AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
SERIOUS = {"serious", "critical"}
expect.set_options(timeout=30_000)  # two cores, and other tests beside


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        absent = pytest.mark.skip(reason="no Chromium is installed; ./run test web says how")
        for item in items:
            if "web" in item.path.parts[-2:]:
                item.add_marker(absent)


class Member(msgspec.Struct, frozen=True):
    handle: str
    name: str
    http: httpx.AsyncClient
    account: UUID


class House(msgspec.Struct, frozen=True):
    """A running web process, with its database and store."""

    url: str
    pool: asyncpg.Pool
    data: Path
    clients: list[httpx.AsyncClient]

    async def join(self, name: str, role: str = "member", code: str | None = None) -> Member:
        async with self.pool.acquire() as conn:
            code = code or (await invites.issue(conn, None, role=role)).code
        http = httpx.AsyncClient(base_url=f"{self.url}/v1", timeout=30)
        self.clients.append(http)
        form = {"display_name": name, "password": PASSWORD, "birth_date": "1990-05-17", "invite_code": code}
        handle = unique(name.lower())
        answer = await http.post("/accounts", json=form | {"handle": handle})
        assert answer.status_code == 201, answer.text
        http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return Member(handle, name, http, UUID(hex=answer.json()["account"]["id"].removeprefix("acct_")))

    async def published(self, maker: Member, caption: str, hue: float = 0.6) -> str:
        """A clip of theirs that really plays: four seconds, with captions."""
        media = open_media(str(self.data / "media"))
        stored: dict[str, StoredMedia] = {}
        words = webvtt([Caption(0.5, 2.5, "Somebody", "Good morning.")])
        files = {"video": ("mp4", _film(hue)), "thumbnail": ("webp", _poster(hue)), "captions": ("vtt", words.encode())}
        types = {"video": "video/mp4", "thumbnail": "image/webp", "captions": "text/vtt"}
        for variant, (suffix, content) in files.items():
            key = f"clips/te/{uuid4().hex}.{suffix}"
            await media.put(key, content)
            stored[variant] = StoredMedia(key, len(content), uuid4().hex * 2, types[variant])
        made: UUID = await self.pool.fetchval(
            """
            insert into clip (account, prompt, model, size, seconds, seed, status, media, caption, audience)
            values ($1, $2, 'castmate-1', '384x640', '4', 1, 'completed', $3, $2, 'everyone') returning id
            """,
            maker.account,
            caption,
            stored,
        )
        await self.pool.execute("update clip set published_at = now(), completed_at = now() where id = $1", made)
        return ids.public("video", made)


def _film(hue: float) -> bytes:
    """A slow fade between two colours."""
    held = io.BytesIO()
    with av.open(held, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=12, options={"preset": "ultrafast", "crf": "30"})
        stream.width, stream.height, stream.pix_fmt = 192, 320, "yuv420p"
        for index in range(48):
            picture = np.zeros((320, 192, 3), np.uint8)
            picture[..., 0] = 60 + 2 * index
            picture[..., 1] = np.linspace(40, 200 * hue, 320)[:, None]
            picture[..., 2] = 150
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return held.getvalue()


def _poster(hue: float) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (192, 320), (80, int(200 * hue), 150)).save(held, "WEBP")
    return held.getvalue()


@pytest_asyncio.fixture(scope="session")
async def house(postgres: Postgres, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One for all tests of the web."""
    name = f"web_{uuid4().hex}"
    conn = await asyncpg.connect(postgres.dsn())
    await conn.execute(f"create database {name} template {template}")
    folder = tmp_path_factory.mktemp("web")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = {
        "CASTMATE_DATABASE_URL": postgres.dsn(name),
        "CASTMATE_DATA": str(folder),
        "CASTMATE_PORT": str(port),
        "CASTMATE_LOG_LEVEL": "critical",
        "CASTMATE_RATE_LIMITS": "off",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "backend", "web", env=os.environ | settings)
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            return httpx.get(f"{url}/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    try:
        await until(ready)
        async with await open_pool(postgres.dsn(name), min_size=1, max_size=4) as pool:
            made = House(url, pool, folder, [])
            yield made
            for client in made.clients:
                await client.aclose()
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)
        await conn.execute(f"drop database {name} with (force)")
        await conn.close()


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield opened
        await opened.close()


class Visit:
    """One person at one screen. `expected`: ends of URLs whose refusals belong to the test."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.wrong: list[str] = []
        self.expected: set[str] = set()
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("requestfailed", lambda request: self._failed(request.url, request.failure or ""))
        page.on("response", lambda answer: self._answered(answer.url, answer.status))

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource"):  # those are told with their URL below
            self.wrong.append(f"console: {text}")

    def _failed(self, url: str, why: str) -> None:
        if why != "net::ERR_ABORTED":  # a clip that was scrolled away
            self.wrong.append(f"failed: {url} {why}")

    def _answered(self, url: str, status: int) -> None:
        if not url.startswith((self.url, "blob:", "data:")):
            self.wrong.append(f"asked somebody else: {url}")
        if status >= 400 and not url.endswith(tuple(self.expected)):
            self.wrong.append(f"{status}: {url}")

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.url}/app{path}")

    async def shot(self, name: str) -> None:
        """Kept as a picture, and looked at by axe: nothing serious may be wrong with it."""
        await asyncio.to_thread(SHOTS.mkdir, parents=True, exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png")
        await self.page.evaluate(AXE)
        found = await self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        serious = [
            f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0].get('failureSummary', '')[:240]}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
        ]
        assert serious == [], name


Visiting = Callable[..., Awaitable[Visit]]


@pytest_asyncio.fixture
async def visit(browser: Browser, house: House) -> AsyncIterator[Visiting]:
    """`await visit()`: a phone in the dark, nobody signed in. `await visit(DESKTOP, "light")`."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    async def begin(size: dict[str, int] = PHONE, scheme: str = "dark") -> Visit:
        context = await browser.new_context(
            viewport=size,  # type: ignore[arg-type]  # a ViewportSize
            color_scheme=scheme,  # type: ignore[arg-type]  # dark or light
            reduced_motion="reduce",
            bypass_csp=False,
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        visits.append(Visit(await context.new_page(), house.url))
        return visits[-1]

    yield begin
    for context in contexts:
        await context.close()
    assert [wrong for one in visits for wrong in one.wrong] == []


@pytest.fixture
def shell() -> dict[str, int]:
    """Bytes, gzipped, of what the page loads before it shows a screen."""
    folder = Path(__file__).parent.parent.parent / "backend" / "web"
    page = (folder / "app" / "index.html").read_text("utf-8")
    found: dict[str, int] = {}
    for part in page.split('href="/app/')[1:] + page.split('src="/app/')[1:]:
        name = part.split('"')[0]
        if name.endswith((".js", ".css")):
            file = folder / name if name.startswith("api/") else folder / "app" / name
            found[name] = len(gzip.compress(file.read_bytes()))
    return found
