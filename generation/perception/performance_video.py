"""A video of a performing face: one person throughout, as 24 frames a second that an engine can follow."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Final

import av
import numpy as np

from generation.errors import GivenRefused, NotAVideo
from generation.perception.capture_video import samples
from generation.perception.face import Face
from generation.perception.faces import FaceMeter
from generation.perception.photos import Photo
from generation.shapes import FRAME_RATE

LONGER_PX: Final = 512  # longer side of what is kept: 0.4 MB a frame of a telephone's video
LEAST_S: Final = 1.0
FACE_PX: Final = 90  # height of a face in it: lips and lids of smaller ones are noise
LOOK_EVERY: Final = 8  # frames between two looks for everybody's faces
SEEN: Final = 0.8  # of the looks must show a face
COMPANY: Final = 0.4  # of the performer's height: smaller faces are a picture on the wall
_UPRIGHT: Final = (0,)
_FILMS: Final = ((4, b"ftyp", "mp4"), (0, b"\x1aE\xdf\xa3", "matroska"))


def has_pictures(content: bytes) -> bool:
    """Whether a recording is a film: MP4, MOV or WebM with pictures. Raises NotAVideo for torn bytes of that kind."""
    return _streams(content)[0] > 0


def has_sound(content: bytes) -> bool:
    """Of a film; as `has_pictures`."""
    return _streams(content)[1] > 0


def _streams(content: bytes) -> tuple[int, int]:
    """How many of pictures and of sound; none for what is no film."""
    kind = next((name for at, magic, name in _FILMS if content[at : at + len(magic)] == magic), None)
    if kind is None:
        return 0, 0
    try:
        with av.open(io.BytesIO(content), "r", format=kind, metadata_errors="ignore") as container:
            return len(container.streams.video), len(container.streams.audio)
    except (av.error.FFmpegError, ValueError, EOFError) as broken:
        raise NotAVideo(f"the {kind} bytes do not decode: {broken}") from broken


def followed(content: bytes, most_s: float, meter: FaceMeter) -> tuple[Photo, ...]:
    """24 frames a second, each the nearest in time. Raises NotAVideo, CheckFailed("length"), GivenRefused."""
    seen: list[tuple[float, Photo]] = []
    for sample in samples(content, every_s=1 / (FRAME_RATE + 6), least_s=LEAST_S, longer_px=LONGER_PX):
        if sample.time_s > most_s:
            raise GivenRefused(
                "performance_too_long", f"the video is over {most_s:.1f} s long; allowed: up to the clip's length"
            )
        seen.append((sample.time_s, sample.picture))
    middles = [(one[0] + other[0]) / 2 for one, other in pairwise(seen)]
    count = round((seen[-1][0] + 1 / FRAME_RATE) * FRAME_RATE)
    frames = [seen[int(np.searchsorted(middles, i / FRAME_RATE))][1] for i in range(count)]
    _check_faces([meter.faces(frame, _UPRIGHT) for frame in frames[::LOOK_EVERY]])
    return tuple(frames)


def _check_faces(looks: list[tuple[Face, ...]]) -> None:
    """Raises GivenRefused."""
    found = [faces for faces in looks if faces]
    if len(found) < SEEN * len(looks):
        raise GivenRefused(
            "performance_no_face",
            f"a face is seen in {len(found)} of {len(looks)} moments; allowed: one face throughout, upright",
        )
    company = sum(len(faces) > 1 and faces[1].height > COMPANY * faces[0].height for faces in found)
    if company > 1:
        most = max(len(faces) for faces in found)
        raise GivenRefused(
            "performance_several_faces", f"{most} faces are seen; allowed: one face, whose owner performs"
        )
    height = float(np.median([faces[0].height for faces in found]))
    if height < FACE_PX:
        raise GivenRefused(
            "performance_face_small",
            f"the face is {height:.0f} of {LONGER_PX} pixels high; allowed: at least {FACE_PX}: come nearer",
        )
