"""A take becomes a file: H.264 and AAC in an MP4 that starts to play before it is wholly there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import msgspec
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from generation.engine import Frame, Progress, Sound, Take, Track
from generation.errors import EngineError
from generation.poster import Poster
from generation.shapes import FRAME_RATE, SAMPLE_RATE, SAMPLES_PER_FRAME, VideoShape, frames_for
from generation.sheet import SpriteSheet

AUDIO_BITS_PER_SECOND: Final = 160_000
# a third less work, a tenth more bytes; three references, for the invisible mark turns back to what it was frames ago
LIGHT: Final = "trellis=0:subme=1:ref=3:weightp=0"
# the sound comes after the last frame: until then the muxer holds the packets, a few MB
OPTIONS: Final = {"movflags": "+faststart", "max_interleave_delta": "0"}
_KEY_EVERY: Final = 2 * FRAME_RATE
AAC_BLOCK: Final = 1024  # samples the AAC encoder takes at a time


class Encoded(msgspec.Struct, frozen=True):
    """A finished MP4 on disk and the pictures kept while it was made. `seconds` is exact on both tracks."""

    path: Path
    track: Track
    sha256: str  # hex
    size_bytes: int
    poster_webp: bytes
    sprite_jpg: bytes
    blurhash: str
    width: int
    height: int
    frames: int
    seconds: float


def encode(
    take: Take,
    shape: VideoShape,
    path: Path,
    *,
    title: str,
    on_progress: Progress,
    crf: int = 20,
    encoder_threads: int = 1,
) -> Encoded:
    """Read the take's frames once and write `path` (its folder exists; an older file there is replaced).

    One x264 thread is the default because frames are
    rendered by other threads meanwhile. Written under a temporary name and renamed at the end; on any error, and on
    Cancelled out of `on_progress`, nothing is left and the frames are closed.

    Raises EngineError where the take's frames or sound are not of the length or shape they should be.
    """
    frames = frames_for(take.seconds)
    partial = path.with_name(f".{path.name}.partial")
    try:
        poster, sprites, track = _mux(
            take, shape, partial, frames, title=title, on_progress=on_progress, crf=crf, threads=encoder_threads
        )
        digest = hashlib.sha256(partial.read_bytes()).hexdigest()
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
        if close := getattr(take.frames, "close", None):
            close()
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


def _mux(
    take: Take,
    shape: VideoShape,
    partial: Path,
    frames: int,
    *,
    title: str,
    on_progress: Progress,
    crf: int,
    threads: int,
) -> tuple[Poster, SpriteSheet, Track]:
    poster, sprites = Poster(take.cuts_s, frames), SpriteSheet(shape, frames)
    cuts = {frames_for(cut) for cut in take.cuts_s}
    shot, count = 1, 0
    with av.open(str(partial), "w", format="mp4", options=OPTIONS) as container:
        container.metadata["title"] = title
        video = video_stream(container, shape, crf=crf, threads=threads)
        audio = sound_stream(container)
        for index, frame in enumerate(take.frames):
            if index == frames or frame.shape != (shape.height, shape.width, 3):
                raise EngineError("encode", f"frame {index} of {frames} is {frame.shape}, for a picture of {shape}")
            poster.see(index, frame)
            sprites.see(index, frame)
            shot += index in cuts
            container.mux(video.encode(_picture(frame, index, key=index in cuts)))
            on_progress("encode", (index + 1) / frames, shot)
            count = index + 1
        if count != frames:
            raise EngineError("encode", f"the engine made {count} frames where the clip has {frames}")
        container.mux(video.encode(None))
        track = take.track()
        sound = track.sound[:, track.lead :]
        if sound.shape != (2, frames * SAMPLES_PER_FRAME):
            raise EngineError("encode", f"the sound is {sound.shape}, not {(2, frames * SAMPLES_PER_FRAME)}")
        for packet in sound_packets(audio, sound):
            container.mux(packet)
    return poster, sprites, track


def _picture(frame: Frame, index: int, *, key: bool) -> av.VideoFrame:
    """RGB to limited-range BT.709 4:2:0, stamped with its place on the frame grid."""
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
    )
    picture.pts, picture.time_base = index, Fraction(1, FRAME_RATE)
    if key:
        picture.pict_type = PictureType.I
    return picture


def video_stream(container: OutputContainer, shape: VideoShape, *, crf: int, threads: int) -> VideoStream:
    """H.264 on the frame grid, BT.709; a player seeks to within two seconds."""
    video = container.add_stream(
        "libx264",
        rate=FRAME_RATE,
        options={
            "preset": "veryfast",
            "tune": "film",
            "crf": str(crf),
            "forced-idr": "1",
            "threads": str(threads),
            "x264-params": LIGHT,
        },
    )
    video.width, video.height, video.pix_fmt = shape.width, shape.height, "yuv420p"
    context = video.codec_context
    context.gop_size = _KEY_EVERY
    context.flags |= av.codec.context.Flags.closed_gop
    context.time_base = video.time_base = Fraction(1, FRAME_RATE)
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    return video


def sound_stream(container: OutputContainer) -> AudioStream:
    """A stereo track at 48 kHz."""
    audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
    audio.bit_rate = AUDIO_BITS_PER_SECOND
    return audio


def sound_packets(audio: AudioStream, sound: Sound) -> Iterator[av.Packet[AudioStream]]:
    """All of it, from the beginning."""
    for heard in range(0, sound.shape[1], AAC_BLOCK):
        yield from audio.encode(_block(sound, heard))
    yield from audio.encode(None)


def _block(sound: Sound, start: int) -> av.AudioFrame:
    """Up to 1,024 samples from `start`; the last block of a take is shorter."""
    samples = np.ascontiguousarray(np.clip(sound[:, start : start + AAC_BLOCK], -1.0, 1.0), np.float32)
    block = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
    block.sample_rate, block.pts, block.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
    return block
