"""An engine on another machine: any server that speaks `/v1/videos` and makes picture and sound."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from generation.engine import NOTHING, Given, Progress, Take, Track
from generation.errors import Cancelled, EngineError
from generation.joint import casting, frames, ltx_prompt
from generation.joint.continued import rest_of
from generation.joint.geometry import Canvas
from generation.joint.ground import ground_of
from generation.joint.lines import planned
from generation.joint.pictures import keyframe, laid_over, look_of
from generation.options import ABILITIES
from generation.perception.references_io import png
from generation.plan import CastMember, Screenplay
from generation.received import opened
from generation.shapes import VideoShape, frames_for
from generation.video_server import Breaker, Job, PictureRefused, VideoServer

POLL_S: Final = 1.0
STALLED_S: Final = 240.0  # without a change of status or progress
LONGEST_S: Final = 1800.0
_UNDER_WAY: Final = frozenset(("queued", "in_progress", "processing", "running", "pending"))


class RemoteEngine:
    """Holds a connection, no model. One caller at a time."""

    name = "remote"
    abilities = ABILITIES["remote"]

    def __init__(
        self, server: VideoServer, model: str, *, poll_s: float = POLL_S, stalled_s: float = STALLED_S
    ) -> None:
        """`model` is the server's name for what it runs, and the version that is stored on clips."""
        self.version = model
        self._server = server
        self._poll_s = poll_s
        self._stalled_s = stalled_s
        self.breaker = Breaker()

    def make(
        self,
        screenplay: Screenplay,
        cast: Sequence[CastMember],
        size: VideoShape,
        *,
        seed: int,
        on_progress: Progress,
        given: Given = NOTHING,
    ) -> Take:
        """See Engine.make. Nothing leaves for a server that has just failed several clips."""
        screenplay = rest_of(screenplay, given.since_s)
        casting.possible(screenplay, cast, given, self.abilities)
        self.breaker.check(self._server.url)
        on_progress("remote", 0.0, 0)
        fields = {
            "model": self.version,
            "prompt": ltx_prompt.paragraph(screenplay, cast),
            "seconds": f"{screenplay.seconds:g}",
            "size": f"{size.width}x{size.height}",
            "seed": str(seed),
        }
        try:
            job, fallbacks = self._submitted(fields, _first_picture(screenplay, cast, size, given, seed))
            file = self._waited(job, on_progress)
            shown, heard = opened(file, size, screenplay.seconds)
        except EngineError:
            self.breaker.failed()
            raise
        self.breaker.succeeded()
        names = {member.speaker: member.name for member in cast}
        unheard = [
            f"{names[who]}'s voice was described in words, not taken from a recording" for who in screenplay.speakers
        ]
        track = Track(heard, planned(screenplay), (*fallbacks, *unheard))
        return frames.taken(shown, frames.realised_cuts(shown, screenplay.cuts_s), track)

    def close(self) -> None:
        """End the connection."""
        self._server.close()

    def _submitted(self, fields: dict[str, str], picture_png: bytes | None) -> tuple[Job, tuple[str, ...]]:
        try:
            return self._server.submit(fields, picture_png), ()
        except PictureRefused:
            return self._server.submit(fields, None), ("the server takes no picture of the cast: faces are its own",)

    def _waited(self, job: Job, on_progress: Progress) -> bytes:
        """The finished file. However this ends otherwise, the server is told to stop."""
        try:
            self._polled(job, on_progress)
            return self._server.download(job.id, lambda: on_progress("download", 0.96, 0))
        except (EngineError, Cancelled):
            self._server.delete(job.id)
            raise

    def _polled(self, job: Job, on_progress: Progress) -> None:
        """Until it is completed."""
        url = self._server.url
        began = changed = time.monotonic()
        seen = (job.status, job.progress)
        while job.status in _UNDER_WAY:
            now = time.monotonic()
            if (job.status, job.progress) != seen:
                seen, changed = (job.status, job.progress), now
            if now - changed > self._stalled_s or now - began > LONGEST_S:
                stood = f"{job.status} at {job.progress:g} % for {now - changed:.0f} s"
                raise EngineError("remote", f"{url} has been {stood}")
            on_progress("remote", 0.95 * min(max(job.progress, 0.0), 100.0) / 100, 0)
            time.sleep(self._poll_s)
            job = self._server.poll(job.id)
        if job.status != "completed":
            raise EngineError("remote", f"{url} ended the clip as {job.status!r}: {_words(job.error)}")


def _first_picture(
    screenplay: Screenplay, cast: Sequence[CastMember], size: VideoShape, given: Given, seed: int
) -> bytes | None:
    """PNG of what the clip goes on from, else of those in the first shot before its ground; None for nobody in it."""
    shot = screenplay.shots[0]
    if given.first is not None:
        return png(laid_over(given.first, size.width, size.height))
    if not shot.who:
        return None
    canvas = Canvas(size.width, size.height, frames_for(screenplay.seconds))
    ground = ground_of(screenplay, canvas, given.scene, seed)
    made = keyframe(shot, cast, {member.speaker: look_of(member) for member in cast}, ground)
    return None if made is None else png(made)


def _words(error: object) -> str:
    """What a server says is not trusted to be short."""
    return str(error.get("message") if isinstance(error, dict) else error)[:200]
