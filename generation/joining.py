"""A clip and what was made to go on from it, as one file: what was there as it is, the sound crossing over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import av
import msgspec
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from generation.captions_file import Caption
from generation.encode import AAC_BLOCK, OPTIONS, Encoded, encode, sound_packets, sound_stream
from generation.engine import Frame, Sound, Take, Track
from generation.errors import EngineError
from generation.perception import film
from generation.poster import Poster
from generation.shapes import FRAME_RATE, SAMPLES_PER_FRAME, VideoShape, frames_for
from generation.sheet import SpriteSheet

OVERLAP: Final = 4  # blocks of sound encoded anew before it changes: one would do, its window being shared


class Original(msgspec.Struct, frozen=True):
    """What is extended: a finished file of this project, its length and its captions by speaker."""

    video: Path
    seconds: float
    captions: tuple[Caption, ...]


def join(original: Original, made: Encoded, path: Path, *, title: str, cuts_s: Sequence[float]) -> Encoded:
    """Both in `path` (its folder exists), every picture of both once; `cuts_s` of the whole.

    Encoded pictures are copied where both were encoded alike, which all of one version were; else all are encoded anew.
    Raises EngineError where the original is not as long or as large as it should be, NotAVideo.
    """
    first, second = frames_for(original.seconds), made.frames
    track = _track(original, made.track, first)
    shape = VideoShape(made.width, made.height)
    with av.open(str(original.video), "r") as one, av.open(str(made.path), "r") as other:
        size = (one.streams.video[0].width, one.streams.video[0].height)
        if one.streams.video[0].frames != first or size != (shape.width, shape.height):
            found = f"{one.streams.video[0].frames} frames of {size[0]}x{size[1]}"
            raise EngineError("join", f"the clip has {found}; {first} of {shape.width}x{shape.height} were expected")
        if one.streams.video[0].codec_context.extradata != other.streams.video[0].codec_context.extradata:
            seconds = (first + second) / FRAME_RATE
            take = Take(_frames(original.video, made.path), seconds, tuple(cuts_s), track.sound[:, :0], lambda: track)
            return encode(take, shape, path, title=title, on_progress=_quiet)
        partial = path.with_name(f".{path.name}.partial")
        try:
            with av.open(str(partial), "w", format="mp4", options=OPTIONS) as out:
                out.metadata["title"] = title
                video, audio = out.add_stream_from_template(one.streams.video[0]), sound_stream(out)
                _copied(one, out, video, 0)
                _copied(other, out, video, first)
                _heard(original.video, out, audio, track.sound, first * SAMPLES_PER_FRAME - made.track.lead)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return _looked_at(path, shape, track, cuts_s, first + second)


def _track(original: Original, added: Track, frames: int) -> Track:
    """What was heard stays; what is new begins under its end."""
    samples = frames * SAMPLES_PER_FRAME
    before = np.zeros((2, samples), np.float32)
    decoded = film.sound(original.video)[:, :samples]
    before[:, : decoded.shape[1]] = decoded
    before[:, samples - added.lead :] += added.sound[:, : added.lead]
    sound: Sound = np.concatenate([before, added.sound[:, added.lead :]], axis=1)
    captions = (*original.captions, *(one.moved(original.seconds) for one in added.captions))
    return Track(np.clip(sound, -1, 1), captions, added.fallbacks)


def _copied(source: InputContainer, out: OutputContainer, into: VideoStream, frames: int) -> None:
    """The encoded pictures, `frames` later."""
    stream = source.streams.video[0]
    if stream.time_base is None:
        raise EngineError("join", "the clip's pictures have no clock")
    later = round(frames / FRAME_RATE / stream.time_base)
    for packet in source.demux(stream):
        if packet.dts is None or packet.pts is None:
            continue  # the flushing packet at the end
        packet.pts, packet.dts, packet.stream = packet.pts + later, packet.dts + later, into
        out.mux(packet)


def _heard(original: Path, out: OutputContainer, audio: AudioStream, sound: Sound, until: int) -> None:
    """`sound`, of which the original's encoded packets are kept as they are up to shortly before sample `until`.

    Both are encoded from the same first sample, so packets of one number hold the same moment.
    """
    packets = list(sound_packets(audio, sound))
    with av.open(str(original), "r") as source:
        stream = source.streams.audio[0]
        alike = stream.codec_context.extradata == audio.codec_context.extradata
        kept = max(0, until // AAC_BLOCK - OVERLAP) if alike else 0
        olds = (packet for packet in source.demux(stream) if packet.dts is not None)
        for new, old in zip(packets[:kept], olds, strict=False):
            old.pts, old.dts, old.stream = new.pts, new.dts, audio
            out.mux(old)
        for new in packets[kept:]:
            out.mux(new)


def _looked_at(path: Path, shape: VideoShape, track: Track, cuts_s: Sequence[float], frames: int) -> Encoded:
    """Poster and sprites of the whole. Raises EngineError where a picture is missing."""
    poster, sprites = Poster(cuts_s, frames), SpriteSheet(shape, frames)
    count = 0
    with av.open(str(path), "r") as container:
        for index, picture in enumerate(container.decode(video=0)):
            count = index + 1
            if poster.wants(index) or sprites.wants(index):
                frame = _rgb(picture)
                poster.see(index, frame)
                sprites.see(index, frame)
    if count != frames:
        raise EngineError("join", f"the joined clip has {count} frames of {frames}")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Encoded(
        path=path,
        track=track,
        sha256=digest,
        size_bytes=path.stat().st_size,
        poster_webp=poster.webp(),
        sprite_jpg=sprites.jpg(),
        blurhash=poster.blurhash(),
        width=shape.width,
        height=shape.height,
        frames=frames,
        seconds=frames / FRAME_RATE,
    )


def _frames(*files: Path) -> Iterator[Frame]:
    for file in files:
        with av.open(str(file), "r") as container:
            for picture in container.decode(video=0):
                yield _rgb(picture)


def _rgb(picture: av.VideoFrame) -> Frame:
    return np.asarray(picture.reformat(format="rgb24", dst_color_range=ColorRange.JPEG).to_ndarray(), np.uint8)


def _quiet(_stage: str, _fraction: float, _shot: int) -> None:
    """Encoding again is the last of it."""
