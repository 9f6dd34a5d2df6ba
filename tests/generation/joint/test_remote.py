"""The engine on another machine: a server that behaves, and every way in which one does not."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import pytest

from generation import engines
from generation.engine import Given, Recorded, Take
from generation.errors import Cancelled, EngineError, EngineUnavailable
from generation.options import EngineOptions
from generation.plan import Screenplay, Shot
from generation.remote import RemoteEngine
from generation.shapes import VideoShape, samples_for
from generation.video_server import FAILURES, REST_S, Breaker, VideoServer
from tests.generation.joint import people
from tests.generation.joint.films import film
from tests.generation.joint.video_server import Manner, serving
from tests.generation.joint.watching import Watcher

SIZE = VideoShape(48, 80)
PLAY = people.play(4.0)


@contextmanager
def engine(manner: Manner, **more: Any) -> Iterator[RemoteEngine]:
    with serving(manner) as url:
        made = RemoteEngine(VideoServer(url, "secret", pause_s=0.01), "some-model", poll_s=0.01, **more)
        yield made
        made.close()


def take(made: RemoteEngine, screenplay: Screenplay = PLAY, **more: Any) -> Take:
    return made.make(screenplay, people.cast(), SIZE, seed=7, on_progress=more.pop("on_progress", Watcher()), **more)


def test_a_clip_comes_at_our_size_rate_and_length_whatever_the_servers_own() -> None:
    manner, watcher = Manner(film()), Watcher()
    with engine(manner) as made:
        clip = take(made, on_progress=watcher)
    pictures = np.stack(list(clip.frames))
    assert pictures.shape == (96, 80, 48, 3)
    assert clip.track().sound.shape == (2, samples_for(4.0))
    assert int(np.abs(np.fft.rfft(clip.track().sound[0])).argmax()) == 440 * 4
    assert clip.cuts_s == pytest.approx((1.5,), abs=1 / 24)
    assert pictures[20, 40, 24, 0] > 150
    assert pictures[60, 40, 24, 1] > 150
    fractions = [fraction for _, fraction, _ in watcher.told]
    assert fractions == sorted(fractions)
    assert watcher.stages == ["remote", "download"]


def test_the_server_is_asked_for_what_the_clip_is_with_the_key_and_a_picture_of_the_cast() -> None:
    manner = Manner(film())
    with engine(manner) as made:
        clip = take(made)
    form = manner.forms[0]
    assert form["model"] == b"some-model"
    assert form["size"] == b"48x80"
    assert form["seconds"] == b"4"
    assert form["seed"] == b"7"
    assert b'"It has pineapple on it."' in form["prompt"]
    shown = cv2.imdecode(np.frombuffer(form["input_reference"], np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == (80, 48, 3)
    assert set(manner.keys) == {"Bearer secret"}
    assert not any("voice" not in note for note in clip.track().fallbacks)
    assert len(clip.track().fallbacks) == 2


def test_a_server_that_takes_no_picture_is_asked_without_and_the_clip_says_so() -> None:
    manner = Manner(film(), refuses_picture=True)
    with engine(manner) as made:
        clip = take(made)
    assert ["input_reference" in form for form in manner.forms] == [True, False]
    assert "no picture of the cast" in clip.track().fallbacks[0]


def test_a_first_shot_without_people_sends_no_picture() -> None:
    manner = Manner(film())
    empty = Screenplay("", "", "a beach", (Shot(0.0, 2.0, "wide"), Shot(2.0, 4.0, "wide")), "")
    with engine(manner) as made:
        take(made, empty)
    assert "input_reference" not in manner.forms[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda manner: manner.statuses.extend([503, 429]),
        lambda manner: setattr(manner, "drops_polls", 2),
        lambda manner: setattr(manner, "cuts_downloads", 2),
    ],
    ids=["busy", "drops connections", "breaks off downloads"],
)
def test_what_may_be_tried_again_is(change: Callable[[Manner], None]) -> None:
    manner = Manner(film())
    change(manner)
    with engine(manner) as made:
        assert len(list(take(made).frames)) == 96
    assert len(manner.forms) == 1, "a clip is never ordered twice"


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        (Manner(film(), ends_as="failed"), "ended the clip as 'failed': out of memory"),
        (Manner(film(), ends_as="vanished"), "ended the clip as 'vanished'"),
        (Manner(b"<html>hello</html>"), "does not decode"),
        (Manner(b""), "does not decode"),
        (Manner(film()[:2000]), "does not decode"),
        (Manner(film(2.0)), r"2\.00 s long; 4 s were asked for"),
        (Manner(film(sound=False)), "has no sound"),
        (Manner(film(picture=False)), "has no picture"),
        (Manner(film(), answer=b"<html>"), "answered something that is no video"),
        (Manner(film(), answer=b'{"id": "../../admin", "status": "queued"}'), "admin"),
        (Manner(film(), answer=b'{"id": "", "status": "queued"}'), "answered ''"),
        (Manner(film(), answer=b'{"id": "video_2", "status": "queued"}'), "asked for video_2 and answered 'video_1'"),
        (Manner(film(), statuses=[401]), "answered 401"),
        (Manner(film(), statuses=[503, 503, 503, 503]), "answered 503 to POST /videos, 4 times"),
        (Manner(film(), statuses=[500]), "answered 500"),
        (Manner(film(), drops_polls=9), "cannot be reached: RemoteProtocolError, 4 times"),
        (Manner(film(), cuts_downloads=9), "broke off the download"),
    ],
    ids=lambda value: "" if isinstance(value, Manner) else value[:30],
)
def test_a_server_that_lies_or_dies_fails_the_clip_in_words(manner: Manner, said: str) -> None:
    with engine(manner) as made, pytest.raises(EngineError, match=said):
        take(made)


def test_a_server_that_stalls_is_told_to_stop() -> None:
    manner = Manner(film(), stalls=True)
    with engine(manner, stalled_s=0.1) as made, pytest.raises(EngineError, match=r"in_progress at 10 % for"):
        take(made)
    assert manner.asked[-1] == "DELETE /v1/videos/video_1"


def test_a_cancel_deletes_the_clip_on_the_server() -> None:
    manner = Manner(film(), stalls=True)
    with engine(manner) as made, pytest.raises(Cancelled):
        take(made, on_progress=Watcher("remote", 4))
    assert manner.asked[-1] == "DELETE /v1/videos/video_1"
    assert made.breaker._failed == 0, "a cancel is not the server's fault"


def test_a_download_can_be_cancelled_too() -> None:
    manner = Manner(film(), polls_until_done=0)
    with engine(manner) as made, pytest.raises(Cancelled):
        take(made, on_progress=Watcher("download", 1))
    assert manner.asked[-1] == "DELETE /v1/videos/video_1"


def test_nobody_listening_is_said_and_nothing_hangs() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    made = RemoteEngine(VideoServer(url, pause_s=0.01), "m", poll_s=0.01)
    with pytest.raises(EngineError, match="cannot be reached: ConnectError, 4 times"):
        take(made)
    made.close()


def test_a_server_that_fails_again_and_again_is_left_alone_for_a_while() -> None:
    manner = Manner(film(), ends_as="failed", polls_until_done=0)
    now = [100.0]
    with engine(manner) as made:
        made.breaker = Breaker(lambda: now[0])
        for _ in range(FAILURES):
            with pytest.raises(EngineError, match="ended the clip"):
                take(made)
        asked = len(manner.asked)
        with pytest.raises(EngineError, match=r"failed 3 clips in a row; it is tried again in 60 s"):
            take(made)
        assert len(manner.asked) == asked
        now[0] += REST_S
        manner.ends_as, manner.polled = "completed", 0
        assert len(list(take(made).frames)) == 96
        manner.ends_as = "failed"
        with pytest.raises(EngineError, match="ended the clip"):
            take(made)
        manner.ends_as = "completed"
        take(made)


def test_recordings_are_refused_and_nothing_is_sent() -> None:
    manner = Manner(film())
    with engine(manner) as made, pytest.raises(EngineError, match="takes no recordings"):
        take(made, given=Given(recorded=(Recorded("S1"),)))
    assert manner.asked == []


def test_the_engine_is_chosen_by_its_url() -> None:
    made = engines.choose(EngineOptions("remote", remote_url="http://gpu:8091/v1/", remote_model="ltx-2"))
    assert (made.name, made.version) == ("remote", "ltx-2")
    made.close()
    for url in (None, "gpu:8091"):
        with pytest.raises(EngineUnavailable, match="CASTMATE_REMOTE_URL"):
            engines.choose(EngineOptions("remote", remote_url=url))
