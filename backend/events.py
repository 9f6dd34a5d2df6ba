"""From whoever changes something to every stream that should know, across processes: NOTIFY, and one listener each.

Progress travels in the notification and is never stored; only its newest state counts. Events are rows (social.events),
and the notification only says up to which number there are some: a stream reads them when its client has room.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.errors import StreamsFull
from backend.event_stream import event
from backend.ids import public
from backend.listening import listen
from social import events

ENDED: Final = frozenset({"completed", "failed"})
STREAMS_MOST: Final = 20  # of one account, in one process
READERS: Final = 4  # connections that streams use at a time, so that requests keep theirs


class Progress(msgspec.Struct, frozen=True):
    """One moment of a clip. `account` is its maker; `tell` fills it in."""

    clip: UUID
    status: str
    progress: int
    stage: str
    shot: int
    preview: bool = False  # its maker can see the first shot
    account: UUID | None = None


class Told(msgspec.Struct, frozen=True):
    """An event as a stream says it."""

    seq: int
    chunk: bytes


class _Newest(msgspec.Struct, frozen=True):
    account: UUID
    seq: int


async def tell(conn: asyncpg.Connection, progress: Progress) -> None:
    """Heard after the caller's transaction commits. The end of a clip is an event of its maker, too."""
    await conn.execute(
        """
        select pg_notify('castmate_clip', ($2::text::jsonb || jsonb_build_object('account', account))::text)
        from clip where id = $1
        """,
        progress.clip,
        msgspec.json.encode(progress).decode(),
    )
    if progress.status in ENDED:
        await conn.execute(
            """
            insert into event (account, kind, about)
            select account, 'video', jsonb_build_object('id', $2::text, 'status', status, 'error',
                case when error_code is not null then
                    jsonb_build_object('code', error_code, 'message', error_message) end)
            from clip where id = $1
            """,
            progress.clip,
            public("video", progress.clip),
        )


class Mailbox:
    """What one stream has not taken yet: of fixed size, however slow its client is."""

    def __init__(self, clip: UUID | None = None) -> None:
        self.clip = clip  # None: all of the account's
        self.progress: dict[UUID, Progress] = {}  # the newest of each clip
        self.newest = 0  # the account has events up to this number
        self.look_again = True  # rows and permissions may have changed unheard
        self.closing = False  # this process stops
        self._something = asyncio.Event()

    def put(self, progress: Progress) -> None:
        """The newest counts. That a clip has ended is an event where all are watched."""
        if self.clip not in {None, progress.clip}:
            return
        if self.clip is None and progress.status in ENDED:
            self.progress.pop(progress.clip, None)
            return
        self.progress[progress.clip] = progress
        self.rouse()

    def rouse(self) -> None:
        self._something.set()

    def take(self) -> list[Progress]:
        taken = list(self.progress.values())
        self.progress.clear()
        return taken

    async def wait(self, seconds: float) -> None:
        """Until something comes, or for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._something.wait()
        except TimeoutError:
            return
        self._something.clear()


class Events:
    """The listening side of one process."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._boxes: set[Mailbox] = set()
        self._of_clip: dict[UUID, set[Mailbox]] = defaultdict(set)
        self._of_account: dict[UUID, set[Mailbox]] = defaultdict(set)
        self._open: Counter[UUID] = Counter()
        self._reads: dict[tuple[UUID, int, int], asyncio.Task[list[Told]]] = {}
        self._readers = asyncio.Semaphore(READERS)
        self._closing = False

    @property
    def streams(self) -> int:
        """Open now, in this process."""
        return len(self._boxes)

    @contextmanager
    def subscribe(self, viewer: UUID, clip: UUID | None = None) -> Iterator[Mailbox]:
        """What happens from now on, to one clip or to all of the viewer's. Raises StreamsFull.

        Subscribe before reading rows, so that nothing falls between.
        """
        if self._open[viewer] >= STREAMS_MOST:
            raise StreamsFull(STREAMS_MOST)
        box = Mailbox(clip)
        box.closing = self._closing
        places = [self._of_account[viewer], self._boxes]
        if clip is not None:
            places.append(self._of_clip[clip])
        for place in places:
            place.add(box)
        self._open[viewer] += 1
        try:
            yield box
        finally:
            for place in places:
                place.discard(box)
            self._open[viewer] -= 1
            for index, key in ((self._of_account, viewer), (self._of_clip, clip)):
                if key is not None and not index[key]:
                    del index[key]
            self._open += Counter()  # drops zeros

    async def since(self, pool: asyncpg.Pool, account: UUID, after: int, newest: int | None) -> list[Told]:
        """As `social.events.since`: read and written once for all streams that heard of `newest` at the same place."""
        if newest is None:
            return await self._since(pool, account, after)
        key = (account, after, newest)
        if key not in self._reads:
            self._reads[key] = asyncio.create_task(self._since(pool, account, after))
            self._reads[key].add_done_callback(lambda _: self._reads.pop(key, None))
        return await asyncio.shield(self._reads[key])

    async def _since(self, pool: asyncpg.Pool, account: UUID, after: int) -> list[Told]:
        async with self._readers, pool.acquire() as conn:
            rows = await events.since(conn, account, after)
        return [Told(row.seq, event(row.kind, row.about, row.seq)) for row in rows]

    def close(self) -> None:
        """Every stream ends; new ones end at once. Clients come back to whoever serves then."""
        self._closing = True
        for box in self._boxes:
            box.closing = True
            box.rouse()

    async def run(self) -> None:
        """Listen until cancelled."""
        channels = {
            "castmate_clip": self._heard_progress,
            "castmate_event": self._heard_event,
            "castmate_access": self._heard_access,
        }
        await listen(self._dsn, channels, self._gap)

    def _heard_progress(self, payload: str) -> None:
        progress = msgspec.json.decode(payload, type=Progress)
        boxes = set(self._of_clip.get(progress.clip, ()))
        if progress.account is not None:
            boxes |= self._of_account.get(progress.account, set())
        for box in boxes:
            box.put(progress)

    def _heard_event(self, payload: str) -> None:
        newest = msgspec.json.decode(payload, type=_Newest)
        for box in self._of_account.get(newest.account, ()):
            box.newest = max(box.newest, newest.seq)
            box.rouse()

    def _heard_access(self, payload: str) -> None:
        if not payload:  # of a row that is nobody's
            return
        subject = UUID(payload)
        for box in (*self._of_account.get(subject, ()), *self._of_clip.get(subject, ())):
            box.look_again = True
            box.rouse()

    def _gap(self) -> None:
        for box in self._boxes:
            box.look_again = True
            box.rouse()
