"""The worker's side of a test: clips are made here with small real functions where engine and measuring stand."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import UUID

import asyncpg

from backend import ids, shoot
from backend.config import Config
from backend.given import Sent
from backend.media import open_media
from backend.opening import Attend
from backend.safe import open_vault
from backend.studio import Rushes
from backend.takes import Measure, OnProgress, Render, Shooting
from generation.engine import NOTHING, Given
from generation.report import Figures, Report, judged
from social.clips import StageTime


def rushes(shooting: Shooting, content: bytes = b"moving pictures") -> Rushes:
    """Four real files in the order's folder."""
    shooting.folder.mkdir(parents=True, exist_ok=True)
    files = {"video": "clip.mp4", "thumbnail": "poster.webp", "spritesheet": "sprites.jpg", "captions": "lines.vtt"}
    for name in files.values():
        (shooting.folder / name).write_bytes(content + name.encode())
    paths = {variant: shooting.folder / name for variant, name in files.items()}
    return Rushes(
        paths, {"name": "small", "version": "1", "fallbacks": []}, [StageTime("render", 0.1)], 0.1, "LEHV6nWB2yk8"
    )


def report_of(face: float) -> Report:
    """As if one face had been measured, and it scores this."""
    measures = {"face_found": {"S1": 1.0}, "face_worst": {"S1": round(1.2 * (1 - face), 3)}}
    figures = Figures({"S1": face}, {"S1": 0.7}, 0.0, None, 1, 1, measures)
    return judged(figures, {"face": "small"}, 0.2)


def good(_shooting: Shooting, _rushes: Rushes, _on_progress: OnProgress) -> Report:
    return report_of(0.9)


def unlooked_at(_sent: Sent, _cast: object, _vouchers: object, _seconds: float) -> Given:
    return NOTHING


class Studio:
    """The worker's side of one test: makes clips with a given render."""

    def __init__(self, pool: asyncpg.Pool, config: Config) -> None:
        self.pool = pool
        self.config = config
        self.media = open_media(config.media_url)
        self.stopping = threading.Event()

    async def make(
        self, video: str, render: Render, measure: Measure | None = None, attend: Attend = unlooked_at
    ) -> None:
        await shoot.make_clip(
            self.pool,
            self.media,
            open_vault(self.config),
            key_of(video),
            render,
            measure or good,
            attend=attend,
            scratch=self.config.scratch,
            stopping=self.stopping.is_set,
        )

    def files(self) -> list[Path]:
        return [path for path in Path(self.config.media_url).rglob("*") if path.is_file()]


def key_of(video: str) -> UUID:
    key = ids.parse("video", video)
    assert key is not None
    return key
