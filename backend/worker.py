"""The worker process: takes jobs, makes clips and measures characters, drains on SIGTERM.

At least once: a job whose worker vanished runs again when its heartbeat is old, so what a job does is safe to repeat.
The event loop stays free for the heartbeat; models run in threads, one clip at a time.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Context, Job

from backend import enrolment, idempotency, jobs, shoot, telemetry
from backend.config import Config
from backend.db import GONE, open_pool
from backend.media import Media, open_media
from backend.secret_file import made_once
from backend.shoot import OnProgress, Shooting, Stopping
from backend.studio import Rushes
from character_store import likeness
from character_store.characters import Refusal
from character_store.vault import Vault, new_key
from generation import engines
from generation.encode import encode
from generation.engine import Engine
from generation.perception.face_enrolment import face_reference
from generation.perception.faces import FaceMeter
from generation.perception.references import References
from generation.perception.voice_enrolment import voice_reference
from generation.portrait.engine import PortraitEngine
from generation.portrait.speech import Speaker
from social.clips import StageTime

TRY_AGAIN: Final = timedelta(seconds=2)
RECONNECT_SECONDS: Final = 1.0
log = structlog.get_logger()


class Workshop:
    """The models, warm for as long as the process lives. One thing is made at a time."""

    def __init__(self, config: Config) -> None:
        """Raises EngineUnavailable."""
        self.engine: Engine = engines.choose(config.engine)
        self._meter = FaceMeter()
        self._speaker = self.engine.speaker if isinstance(self.engine, PortraitEngine) else Speaker()
        self._lock = threading.Lock()

    def render(self, shooting: Shooting, on_progress: OnProgress) -> Rushes:
        """Frames, sound and files of one clip. Blocks."""
        with self._lock:
            shooting.folder.mkdir(parents=True, exist_ok=True)
            stages: dict[str, float] = {}
            began = since = time.perf_counter()
            current = "starting"

            def noted(stage: str, fraction: float, shot: int) -> None:
                nonlocal since, current
                now = time.perf_counter()
                if stage != current:
                    stages[current] = stages.get(current, 0.0) + now - since
                    since, current = now, stage
                on_progress(stage, fraction, shot)

            take = self.engine.make(
                shooting.screenplay, shooting.cast, shooting.size, seed=shooting.seed, on_progress=noted
            )
            encoded = encode(
                take, shooting.size, shooting.folder / "clip.mp4", title=shooting.screenplay.title, on_progress=_quiet
            )
            stages[current] = stages.get(current, 0.0) + time.perf_counter() - since
            files = {
                "video": encoded.path,
                "thumbnail": shooting.folder / "poster.webp",
                "spritesheet": shooting.folder / "sprites.jpg",
            }
            files["thumbnail"].write_bytes(encoded.poster_webp)
            files["spritesheet"].write_bytes(encoded.sprite_jpg)
            engine = {"name": self.engine.name, "version": self.engine.version, "fallbacks": list(take.fallbacks)}
            seconds = time.perf_counter() - began
            times = [StageTime(stage, round(spent, 3)) for stage, spent in stages.items()]
            return Rushes(files, engine, times, round(seconds, 3), encoded.blurhash)

    def measure(self, photos: Sequence[bytes], voice: bytes) -> References | Refusal:
        """A new character's references. Blocks."""
        with self._lock:
            return likeness.measure(
                photos,
                voice,
                look=lambda given: face_reference(given, self._meter, _quiet_check),
                listen=lambda sound: voice_reference(sound, self._speaker, _quiet),
            )


def _quiet(_stage: str, _fraction: float, _shot: int) -> None:
    """Encoding goes along with rendering, whose progress the engine tells."""


def _quiet_check(_check: str, _fraction: float) -> None:
    """Nobody watches the steps of an enrolment."""


async def run(config: Config) -> None:
    """Work until SIGTERM or SIGINT; come back by itself after the database was away."""
    if config.database_url is None:
        raise ValueError("CASTMATE_DATABASE_URL is not set; `castmate serve` sets it")
    telemetry.set_up(config.log_level)
    loop = asyncio.get_running_loop()
    leave, hurry = asyncio.Event(), threading.Event()
    queue: PgQueuer | None = None

    def stop() -> None:
        leave.set()
        if queue is not None:
            queue.shutdown.set()
        loop.call_later(config.drain_seconds, hurry.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    workshop = await asyncio.to_thread(Workshop, config)
    media, safe = open_media(config.media_url), Vault(made_once(config.master_key, new_key))
    log.info("worker ready", engine=workshop.engine.name, version=workshop.engine.version)
    try:
        while not leave.is_set():
            try:
                async with await open_pool(config.database_url, min_size=2, max_size=6) as pool:
                    queue = _queue(pool, media, safe, workshop, config, hurry.is_set)
                    if not leave.is_set():
                        await queue.run(
                            batch_size=1,  # one at a time, so that other workers get the rest
                            max_concurrent_tasks=2,
                            heartbeat_timeout=timedelta(seconds=config.heartbeat_seconds),
                            dequeue_timeout=timedelta(seconds=5),
                            shutdown_on_listener_failure=True,
                        )
            except (*GONE, RuntimeError) as error:
                log.warning("worker lost the database", error=str(error))
            if not leave.is_set():
                await asyncio.sleep(RECONNECT_SECONDS)
    finally:
        workshop.engine.close()


def _queue(
    pool: asyncpg.Pool, media: Media, safe: Vault, workshop: Workshop, config: Config, stopping: Any
) -> PgQueuer:
    queue = PgQueuer.from_asyncpg_pool(pool)

    @queue.entrypoint(jobs.CLIP)
    async def clip(job: Job, _context: Context) -> None:
        try:
            await shoot.make_clip(
                pool,
                media,
                safe,
                jobs.subject_of(job.payload),
                workshop.render,
                scratch=config.scratch,
                stopping=stopping,
            )
        except Stopping:
            raise RetryRequested(timedelta(0), "the worker is stopping") from None
        except GONE as error:
            raise RetryRequested(TRY_AGAIN, str(error)) from error

    @queue.entrypoint(jobs.ENROL)
    async def enrol(job: Job, _context: Context) -> None:
        try:
            await enrolment.enrol(pool, media, safe, jobs.subject_of(job.payload), workshop.measure)
        except GONE as error:
            raise RetryRequested(TRY_AGAIN, str(error)) from error

    @queue.schedule("tidy", "7 * * * *")
    async def tidy(_schedule: Any) -> None:
        async with pool.acquire() as conn:
            await idempotency.tidy(conn)
            await conn.execute("delete from pgqueuer_log where created < now() - interval '7 days'")

    return queue
