"""The worker process: takes jobs, makes clips and measures characters, drains on SIGTERM.

At least once: a job whose worker vanished runs again when its heartbeat is old, so what a job does is safe to repeat.
The event loop stays free for the heartbeat; models run in threads, one thing at a time.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec
import structlog
from pgqueuer import PgQueuer
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Context, Job

from backend import (
    account_departure,
    avatars,
    departure,
    embeddings,
    enrolment,
    exports,
    given,
    idempotency,
    imports,
    inspecting,
    jobs,
    kept_answers,
    moderating,
    outbox,
    rate_counts,
    sealed_files,
    shoot,
    stamped,
    telemetry,
)
from backend.classifier import Classifier
from backend.config import Config
from backend.db import GONE, open_pool
from backend.embeddings import Embeddings
from backend.media import Media, open_media
from backend.push.sending import pushers
from backend.safe import open_vault
from backend.stopping import Stopping
from backend.workshop import Workshop
from character_store import clip_vault, consents, uploads
from character_store import sealed_files as sealed_rows
from character_store.vault import Vault, check_master
from social import (
    attempts,
    changes,
    comments,
    events,
    passkeys,
    quota,
    recovery,
    sessions,
    transfers,
    webhooks,
)
from social.feed import kept

NOW: Final = timedelta(0)
TRY_AGAIN: Final = timedelta(seconds=2)
TURN_SECONDS: Final = 5.0  # a second job waits this long for the first; then another worker may have it
RECONNECT_SECONDS: Final = 1.0
log = structlog.get_logger()


async def run(config: Config) -> None:
    """Work until SIGTERM or SIGINT; come back by itself after the database was away."""
    if config.database_url is None:
        raise ValueError("CASTMATE_DATABASE_URL is not set; `castmate serve` sets it")
    telemetry.set_up(config.log_level)
    loop = asyncio.get_running_loop()
    leave, hurry, bench = asyncio.Event(), threading.Event(), asyncio.Lock()
    queue: PgQueuer | None = None

    def stop() -> None:
        leave.set()
        if queue is not None:
            queue.shutdown.set()
        loop.call_later(config.drain_seconds, hurry.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    phones = pushers(config)
    workshop = await asyncio.to_thread(Workshop, config)
    media, safe, words = open_media(config.media_url), open_vault(config), Embeddings(config)
    second_opinion = Classifier(config)
    sending = asyncio.create_task(outbox.run(config, safe, phones, leave))
    log.info("worker ready", engine=workshop.engine.name, version=workshop.engine.version)
    try:
        while not leave.is_set():
            try:
                async with await open_pool(config.database_url, min_size=2, max_size=6) as pool:
                    async with pool.acquire() as conn:
                        await check_master(conn, safe)
                    jobs_of = Jobs(
                        pool,
                        media,
                        safe,
                        workshop,
                        config.scratch,
                        bench,
                        leave.is_set,
                        hurry.is_set,
                        words,
                        config.data / "secrets",
                    )
                    queue = jobs_of.queue()
                    second_opinion.listen()
                    if not leave.is_set():
                        await queue.run(
                            batch_size=1,  # one at a time, so that other workers get the rest
                            max_concurrent_tasks=2,
                            heartbeat_timeout=timedelta(seconds=config.heartbeat_seconds),
                            dequeue_timeout=timedelta(seconds=5),
                            shutdown_on_listener_failure=True,
                        )
            except (*GONE, FailingListenerError, RuntimeError) as error:  # or too busy to hear from it for 10 s
                log.warning("worker lost the database", error=str(error) or type(error).__name__)
            if not leave.is_set():
                await asyncio.sleep(RECONNECT_SECONDS)
        await sending
    finally:
        sending.cancel()
        workshop.engine.close()


class Jobs(msgspec.Struct, frozen=True):
    """What each kind of job is.

    `bench` is this process's one place to work at; `leaving`: take no more; `stopping`: break off what is on the bench.
    """

    pool: asyncpg.Pool
    media: Media
    safe: Vault
    workshop: Workshop
    scratch: Path
    bench: asyncio.Lock
    leaving: Callable[[], bool]
    stopping: Callable[[], bool]
    embeddings: Embeddings
    secrets: Path

    def queue(self) -> PgQueuer:
        """A consumer of all kinds."""
        queue = PgQueuer.from_asyncpg_pool(self.pool)

        @queue.entrypoint(jobs.CLIP)
        async def clip(job: Job, _context: Context) -> None:
            async with self._turn():
                await shoot.make_clip(
                    self.pool,
                    self.media,
                    self.safe,
                    jobs.subject_of(job.payload),
                    self.workshop.render,
                    self.workshop.report,
                    attend=self.workshop.attend,
                    scratch=self.scratch,
                    stopping=self.stopping,
                )

        @queue.entrypoint(jobs.ENROL)
        async def enrol(job: Job, _context: Context) -> None:
            async with self._turn():
                subject = jobs.subject_of(job.payload)
                await enrolment.enrol(self.pool, self.media, self.safe, subject, self.workshop.measure)

        @queue.entrypoint(jobs.AVATAR)
        async def avatar(job: Job, _context: Context) -> None:
            async with self._turn():
                subject = jobs.subject_of(job.payload)
                await avatars.make(self.pool, self.media, self.safe, subject, self.workshop.draw)

        @queue.entrypoint(jobs.SWEEP)
        async def sweep(job: Job, _context: Context) -> None:
            async with self._put_back():
                await departure.sweep(self.pool, self.media, jobs.subject_of(job.payload))

        @queue.entrypoint(jobs.LEAVE)
        async def leave(job: Job, _context: Context) -> None:
            async with self._put_back():
                await account_departure.finish(self.pool, self.media, jobs.subject_of(job.payload))

        @queue.entrypoint(jobs.EXPORT)
        async def export(job: Job, _context: Context) -> None:
            async with self._put_back():
                subject = jobs.subject_of(job.payload)
                await exports.make(self.pool, self.media, self.safe, subject, self.leaving)

        @queue.entrypoint(jobs.IMPORT)
        async def take_in(job: Job, _context: Context) -> None:
            async with self._put_back():
                subject = jobs.subject_of(job.payload)
                await imports.take_in(
                    self.pool, self.media, self.safe, subject, self.workshop.look, self.scratch, self.leaving
                )

        @queue.entrypoint(jobs.INSPECT)
        async def inspect(job: Job, _context: Context) -> None:
            async with self._put_back():
                subject = jobs.subject_of(job.payload)
                await inspecting.inspect(self.pool, self.media, self.secrets, subject)

        @queue.entrypoint(jobs.STAMP)
        async def stamp(job: Job, _context: Context) -> None:
            async with self._put_back():
                subject = jobs.subject_of(job.payload)
                await stamped.stamp(self.pool, self.media, self.scratch, subject, self.workshop.stamp)

        self._schedule(queue)
        return queue

    def _schedule(self, queue: PgQueuer) -> None:
        """What is done by the clock."""

        @queue.schedule("rescue", "* * * * *")
        async def rescue(_schedule: Any) -> None:
            async with self.pool.acquire() as conn, conn.transaction():
                if found := await jobs.rescue(conn):
                    log.warning("jobs were lost and are queued again", found=found)
                await kept_answers.forget_secrets(conn)
                await uploads.expire(conn)
                await transfers.expire_exports(conn)
            await given.sweep(self.pool, self.media)
            await sealed_files.sweep(self.pool, self.media)
            await moderating.sweep(self.pool, self.media)
            await embeddings.sweep(self.embeddings, self.pool)

        @queue.schedule("tidy", "7 * * * *")
        async def tidy(_schedule: Any) -> None:
            async with self.pool.acquire() as conn:
                await idempotency.tidy(conn)
                await kept_answers.tidy(conn)
                await rate_counts.tidy(conn)
                await quota.expire(conn)
                await consents.tidy(conn)
                await sessions.tidy(conn)
                await attempts.tidy(conn)
                await passkeys.tidy(conn)
                await recovery.tidy(conn)
                await clip_vault.expire(conn)
                await events.tidy(conn)
                await sealed_rows.tidy(conn)
                await webhooks.tidy(conn)
                await changes.tidy(conn)
                await comments.tidy(conn)
                await kept.tidy(conn)
                await conn.execute("delete from pgqueuer_log where created < now() - interval '7 days'")
            await inspecting.tidy(self.pool, self.media)

        @queue.schedule("expire", "23 3 * * *")
        async def expire(_schedule: Any) -> None:
            if over := await departure.expire(self.pool, self.media):
                log.info("unused characters left", over=over)

        @queue.schedule("sweep_lost", "47 3 * * *")
        async def sweep_lost(_schedule: Any) -> None:
            if lost := await departure.sweep_lost(self.pool, self.media):
                log.warning("files that no row held were deleted", lost=lost)

        @queue.schedule("rewrap", "37 * * * *")
        async def rewrap(_schedule: Any) -> None:
            if (wrapped := await departure.rewrap_after(self.pool, self.safe)) is not None:
                log.info("the master key was renewed", wrapped=wrapped)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """A place at the bench; attempts are counted on the row."""
        try:
            await asyncio.wait_for(self.bench.acquire(), TURN_SECONDS)
        except TimeoutError:
            raise RetryRequested(NOW, "this worker is busy") from None
        try:
            async with self._put_back():
                yield
        finally:
            self.bench.release()

    @asynccontextmanager
    async def _put_back(self) -> AsyncIterator[None]:
        """Whatever goes wrong inside puts the job back."""
        try:
            self._stay()
            yield
        except Stopping:
            raise RetryRequested(NOW, "the worker is stopping") from None
        except RetryRequested:
            raise
        except Exception as error:
            log.exception("job put back")
            raise RetryRequested(TRY_AGAIN, type(error).__name__) from error

    def _stay(self) -> None:
        """Raises Stopping when this worker takes no more."""
        if self.leaving():
            raise Stopping
