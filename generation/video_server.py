"""A client of `/v1/videos` (OpenAI's shape, as vLLM-Omni and SGLang serve it): submit, poll, download, delete.

Every answer is doubted: its status, its JSON, its length. What may be tried again is, a little later each time; a
server that failed three clips in a row is left alone for a minute.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
import msgspec

from generation.errors import EngineError

TRIES: Final = 4
CONNECT_S, ANSWER_S, DOWNLOAD_S = 5.0, 60.0, 300.0
MAX_BYTES: Final = 256_000_000  # of a clip
WORDS_BYTES: Final = 1_000_000  # of any other answer
FAILURES: Final = 3  # clips in a row after which the server is left alone
REST_S: Final = 60.0
_ID: Final = re.compile(r"[A-Za-z0-9_:.-]{1,200}")  # it becomes part of a path
_AGAIN: Final = frozenset((408, 425, 429, 500, 502, 503, 504))


class Job(msgspec.Struct, frozen=True):
    """What the server says of a clip."""

    id: str
    status: str
    progress: float = 0.0  # 0..100
    error: Any = None


class Answer(msgspec.Struct, frozen=True):
    """Read to its end."""

    status: int
    content: bytes

    @property
    def words(self) -> str:
        """Whatever it is."""
        return self.content.decode("utf-8", "replace")


class Breaker:
    """Counts failed clips in a row."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed = 0
        self._until = 0.0

    def check(self, url: str) -> None:
        """Raises EngineError while the server is left alone."""
        left = self._until - self._clock()
        if left > 0:
            raise EngineError("start", f"{url} failed {self._failed} clips in a row; it is tried again in {left:.0f} s")

    def succeeded(self) -> None:
        """A clip came."""
        self._failed, self._until = 0, 0.0

    def failed(self) -> None:
        """A clip did not come, and that was the server's doing."""
        self._failed += 1
        if self._failed >= FAILURES:
            self._until = self._clock() + REST_S


class VideoServer:
    """One server. Not for two threads at once."""

    def __init__(self, url: str, key: str | None = None, *, pause_s: float = 0.5) -> None:
        """`url` ends before `/videos`: `http://gpu:8091/v1`. `pause_s` is the first wait before another try."""
        self.url = url.rstrip("/")
        self._pause_s = pause_s
        self._http = httpx.Client(
            headers={"authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
        )

    def submit(self, fields: Mapping[str, str], picture_png: bytes | None) -> Job:
        """A new clip. Tried again only where the server cannot have taken it: it would render twice otherwise.

        Raises PictureRefused where the server takes no reference, EngineError for everything else.
        """
        form: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
        if picture_png is not None:
            form.append(("input_reference", ("first.png", picture_png, "image/png")))
        answer = self._asked(
            "POST", "/videos", frozenset((429, 503)), (httpx.ConnectError, httpx.ConnectTimeout), files=form
        )
        if answer.status in {400, 415, 422} and picture_png is not None and "input_reference" in answer.words:
            raise PictureRefused
        return self._job(answer)

    def poll(self, job: str) -> Job:
        """How far it is. Raises EngineError."""
        return self._job(self._asked("GET", f"/videos/{job}", _AGAIN, (httpx.TransportError,)), job)

    def download(self, job: str, on_part: Callable[[], None]) -> bytes:
        """The file of a completed clip. Raises EngineError, and whatever `on_part` raises between two parts."""
        for number in range(TRIES):
            try:
                return self._downloaded(job, on_part)
            except httpx.TransportError as error:
                self._wait(number, f"{self.url} broke off the download: {type(error).__name__}")
            except httpx.HTTPError as error:
                message = f"{self.url} sent a clip that cannot be read: {type(error).__name__}"
                raise EngineError("download", message) from error
        raise AssertionError("unreachable")

    def delete(self, job: str) -> None:
        """Asks the server to stop and forget it; a server that does not answer cannot be helped."""
        try:
            self._http.delete(f"{self.url}/videos/{job}", timeout=CONNECT_S)
        except httpx.HTTPError:
            return

    def close(self) -> None:
        self._http.close()

    def _downloaded(self, job: str, on_part: Callable[[], None]) -> bytes:
        with self._http.stream("GET", f"{self.url}/videos/{job}/content") as answer:
            if answer.status_code != 200:
                raise EngineError("download", f"{self.url} answered {answer.status_code} for the finished clip")
            return self._read(answer, MAX_BYTES, DOWNLOAD_S, on_part)

    def _read(
        self, answer: httpx.Response, most_bytes: int, most_s: float, on_part: Callable[[], None] = lambda: None
    ) -> bytes:
        """The whole of an answer that is neither too large nor too slow."""
        until = time.monotonic() + most_s
        read = bytearray()
        for part in answer.iter_bytes():
            read += part
            on_part()
            if time.monotonic() > until:
                raise EngineError("download", f"{self.url} took more than {most_s:g} s for one answer")
            if len(read) > most_bytes:
                raise EngineError("download", f"{self.url} sent more than {most_bytes / 1e6:.0f} MB in one answer")
        return bytes(read)

    def _asked(
        self, method: str, path: str, again: frozenset[int], mends: tuple[type[Exception], ...], **more: Any
    ) -> Answer:
        """An answer that is none of `again`. Raises EngineError after TRIES, and for any other trouble."""
        for number in range(TRIES):
            try:
                with self._http.stream(method, self.url + path, **more) as begun:
                    answer = Answer(begun.status_code, self._read(begun, WORDS_BYTES, ANSWER_S))
            except mends as error:
                self._wait(number, f"{self.url} cannot be reached: {type(error).__name__}")
            except httpx.HTTPError as error:
                message = f"{self.url} did not answer {method} {path}: {type(error).__name__}"
                raise EngineError("remote", message) from error
            else:
                if answer.status not in again:
                    return answer
                self._wait(number, f"{self.url} answered {answer.status} to {method} {path}")
        raise AssertionError("unreachable")

    def _wait(self, number: int, trouble: str) -> None:
        """Longer each time, never in step with others. Raises EngineError after the last try."""
        if number == TRIES - 1:
            raise EngineError("remote", f"{trouble}, {TRIES} times")
        time.sleep(self._pause_s * 2**number * random.uniform(0.5, 1.0))  # noqa: S311 - spreads tries, hides nothing

    def _job(self, answer: Answer, asked: str | None = None) -> Job:
        if answer.status not in {200, 201, 202}:
            raise EngineError("remote", f"{self.url} answered {answer.status}: {answer.words[:200]}")
        try:
            job = msgspec.json.decode(answer.content, type=Job)
        except msgspec.DecodeError as error:
            raise EngineError("remote", f"{self.url} answered something that is no video: {error}") from error
        if not _ID.fullmatch(job.id) or (asked is not None and job.id != asked):
            raise EngineError(
                "remote", f"{self.url} was asked for {asked or 'a new video'} and answered {job.id[:80]!r}"
            )
        return job


class PictureRefused(Exception):
    """The server takes no reference picture; whoever asked does without."""
