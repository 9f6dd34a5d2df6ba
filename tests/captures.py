"""Stand-ins for captures: a photo that turns its head, blinks and speaks. Nobody was filmed.

The person is cut out of the photo, given the depth of its own face mesh, and every frame is that relief seen from
another side, before a wall that stays. Mouth and lids are the portrait engine's. Voice and face belong to different
people.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import av
import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import griddata
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter, resample_poly

from generation.perception.face import Face, Floats, wears_glasses
from generation.perception.faces import FaceMeter
from generation.perception.matte import matte
from generation.perception.photos import Photo
from generation.portrait.packs import VOICES
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from generation.portrait.speech import Speaker
from generation.portrait.visemes import loudness_of, mouth_track

Frames = NDArray[np.uint8]
"""(frames, height, width, 3) RGB."""

WIDTH, HEIGHT, EYES_PX = 480, 640, 82.0
FPS: Final = 12
SOUND_RATE: Final = 48_000
OVAL: Final = (10, 297, 284, 389, 454, 361, 397, 379, 152, 150, 172, 132, 234, 162, 54, 67)
STANDINS: Final = Path(__file__).parent / "data" / "standins"
DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MEASURED: Final = 24  # frames a second of the engine's mouth


class Said(msgspec.Struct, frozen=True):
    """A voice at a microphone and the mouth that belongs to it."""

    sound: Floats  # (N,) mono, 48 kHz
    mouth: Floats  # (frames at FPS, 4), as MouthTrack


@cache
def speaker() -> Speaker:
    return Speaker(voices=(VOICES, STANDINS))


def read_aloud(digits: str, pack: str, seconds: float) -> Said:
    """The digits and one sentence, from 0.4 s on; quiet up to the end."""
    text = ", ".join(DIGITS[int(one)] for one in digits) + ". This is my own face, and this is my own voice."
    speech = speaker().say(text, {pack: 1.0}, 0.85)
    sound = np.zeros(round(seconds * SOUND_RATE), np.float32)
    start = round(0.4 * SOUND_RATE)
    voice = 0.5 * resample_poly(speech.samples, 2, 1)[: len(sound) - start]
    sound[start : start + len(voice)] = voice
    frames = round(seconds * _MEASURED)
    track = mouth_track([phone.moved(0.4) for phone in speech.phones], loudness_of(sound, frames), frames)
    return Said(sound, track[:: _MEASURED // FPS])


class Sitter:
    """One photo, prepared: half a second."""

    def __init__(self, photo: Photo, meter: FaceMeter) -> None:
        face = meter.faces(photo)[0]
        alpha = matte(photo, face, meter.person(photo, face))
        glasses = wears_glasses(photo, face.points)
        self._rig = Rig(photo, alpha, face.points, inter_ocular_px=EYES_PX, glasses=glasses)
        self._at = round(WIDTH / 2 - self._rig.eyes[0]), round(0.45 * HEIGHT - self._rig.eyes[1])
        small = cv2.resize(photo, (4, 5), interpolation=cv2.INTER_AREA)
        self._wall = np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)
        self._wall[:, 40:44] = self._wall[:, 40:44] // 2  # something upright that must not move
        found = meter.faces(self._composed(self._person(Pose(jaw=self._rig.rest.jaw))))[0]
        self._depth, self._turning, self._middle = _relief(found)

    def filmed(self, said: Said, turns: Floats, *, speaks: bool = True, blinks: bool = True, seed: int = 0) -> Frames:
        """One frame for each of `turns`, degrees, + towards the picture's right, the sitter's own left."""
        chance, count = np.random.default_rng(seed), len(turns)
        tremble = _trembling(chance, count)
        lids = np.zeros(count)
        for at in np.arange(1.1, count / FPS, 2.6) if blinks else ():
            lids[round(at * FPS) : round(at * FPS) + 3] = (0.6, 1.0, 0.5)[: max(0, count - round(at * FPS))]
        frames = np.empty((count, HEIGHT, WIDTH, 3), np.uint8)
        rest = self._rig.rest
        for i, turn in enumerate(turns):
            mouth = said.mouth[i] if speaks and i < len(said.mouth) else np.full(4, np.nan, np.float32)
            spoken = {} if np.isnan(mouth).any() else dict(zip(("jaw", "wide", "round", "press"), mouth, strict=True))
            spoken = {name: float(value) for name, value in spoken.items()}
            pose = Pose(**({"jaw": rest.jaw} | spoken), blink=float(lids[i]))
            person = self._turned(self._person(pose), np.radians(float(turn)))
            frames[i] = self._composed(_moved(person, tremble[:, i]))
        return frames

    def acted(self, poses: Sequence[Pose], turns: Floats, seed: int = 0) -> Frames:
        """One frame for each pose and each of `turns`, as `filmed`."""
        tremble = _trembling(np.random.default_rng(seed), len(poses))
        return np.stack(
            [
                self._composed(_moved(self._turned(self._person(pose), np.radians(float(turn))), tremble[:, i]))
                for i, (pose, turn) in enumerate(zip(poses, turns, strict=True))
            ]
        )

    def _person(self, pose: Pose) -> NDArray[np.uint8]:
        """(HEIGHT, WIDTH, 4) premultiplied BGRA, looking ahead."""
        texture = self._rig.texture.copy()
        x0, y0, patch = self._rig.render(pose)
        texture[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]] = patch
        place = np.array(((1, 0, self._at[0]), (0, 1, self._at[1])), np.float32)
        body = self._at[1] + texture.shape[0]
        if body < HEIGHT:  # the photo ends above the frame's border: its last row goes on
            texture = np.concatenate([texture, np.repeat(texture[-1:], HEIGHT - body, 0)])
        return np.asarray(cv2.warpAffine(texture, place, (WIDTH, HEIGHT)), np.uint8)

    def _turned(self, person: NDArray[np.uint8], angle: float) -> NDArray[np.uint8]:
        """The relief from another side, row by row; what comes nearer hides what lies behind it."""
        x = np.arange(WIDTH, dtype=np.float64)
        shift = (x - self._middle) * (np.cos(angle) - 1) - self._depth * np.sin(angle)
        there = x + shift * self._turning
        # From the side that nearer parts come from, nothing may fall behind what has been passed.
        if angle > 0:
            there = np.maximum.accumulate(there, axis=1)
        else:
            there = np.minimum.accumulate(there[:, ::-1], axis=1)[:, ::-1]
        there += x * 1e-6
        at = np.stack([np.interp(x, row, x) for row in there]).astype(np.float32)
        rows = np.repeat(np.arange(HEIGHT, dtype=np.float32)[:, None], WIDTH, 1)
        return np.asarray(cv2.remap(person, at, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def _composed(self, person: NDArray[np.uint8]) -> Photo:
        behind = self._wall * (1 - person[..., 3:].astype(np.float32) / 255)
        return np.asarray(person[..., 2::-1] + behind, np.float32).clip(0, 255).astype(np.uint8)


def looked_around(seconds: float, *, left: float = 28.0, right: float = 28.0, begin_s: float = 1.5) -> Floats:
    """Degrees for every frame: ahead, to the sitter's own left, to the right, ahead again."""
    turn_s = (seconds - begin_s - 0.5) / 2
    times = np.arange(round(seconds * FPS)) / FPS - begin_s
    wave = np.sin(np.pi * (times % turn_s) / turn_s) ** 2
    inside = (times >= 0) & (times < 2 * turn_s)
    return np.asarray(np.where(times < turn_s, left, -right) * wave * inside, np.float32)


def pushed(still: Photo, count: int, *, tilt: float = 35.0) -> Frames:
    """A print held before the camera: moved, scaled, rolled, tilted to both sides in perspective."""
    frames = np.empty((count, HEIGHT, WIDTH, 3), np.uint8)
    corners = np.array(((0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)), np.float64)
    for i, phase in enumerate(np.linspace(0, 2 * np.pi, count)):
        yaw, roll, far = np.radians(tilt) * np.sin(phase), np.radians(8) * np.sin(2 * phase), 2.2 * WIDTH
        x, y = (corners - (WIDTH / 2, HEIGHT / 2)).T * (1.05 + 0.05 * np.cos(phase))
        x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
        near = far / (far + x * np.sin(yaw))
        seen = np.stack([x * np.cos(yaw) * near + WIDTH / 2 + 12 * np.sin(3 * phase), y * near + HEIGHT / 2], 1)
        place = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
        frames[i] = cv2.warpPerspective(still, place, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return frames


def lit(frames: Frames, light: str, seed: int = 0) -> Frames:
    """normal, dim (a third of the light and the grain that comes with it) or side (warm, from one side)."""
    across = np.linspace(0.45, 1.15, WIDTH)[None, :, None] * np.array((1.12, 1.0, 0.8))
    gain, grain = {"normal": (1.0, 2.0), "dim": (0.33, 5.0), "side": (across, 2.5)}[light]
    chance = np.random.default_rng(seed)
    patterns = chance.normal(0, grain, (4, HEIGHT, WIDTH, 1)).astype(np.float32)
    out = np.empty_like(frames)
    for i, frame in enumerate(frames):
        out[i] = np.clip(frame * gain + np.roll(patterns[i % 4], int(chance.integers(WIDTH)), 1), 0, 255)
    return out


def heard(sound: Floats, place: str, seed: int = 0) -> Floats:
    """quiet, room (a fan, 26 dB below the voice) or street (traffic that swells, 16 dB below it)."""
    chance = np.random.default_rng(seed)
    white = chance.normal(0, 1, len(sound))
    noise: Any = {
        "quiet": white,
        "room": lfilter([0.1], [1, -0.9], white),
        "street": lfilter([0.03], [1, -0.97], white)
        * (1 + 0.5 * np.sin(2 * np.pi * 0.4 * np.arange(len(sound)) / SOUND_RATE)),
    }[place]
    voice = float(np.sqrt(np.mean(sound[np.abs(sound) > 0.01] ** 2))) if np.abs(sound).max() > 0.01 else 0.1
    level = voice * 10 ** (-{"quiet": 55, "room": 26, "street": 16}[place] / 20)
    return np.asarray(np.clip(sound + noise / np.std(noise) * level, -1, 1), np.float32)


def filmed(frames: Frames | Sequence[Photo], sound: Floats | None, container: str = "mp4", fps: int = FPS) -> bytes:
    """H.264 and AAC, or VP8 and Opus in WebM."""
    video, audio = ("libvpx", "libopus") if container == "webm" else ("libx264", "aac")
    speed = {"deadline": "realtime", "cpu-used": "8"} if container == "webm" else {"preset": "veryfast", "crf": "21"}
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        picture = out.add_stream(video, rate=fps, options=speed)
        assert isinstance(picture, av.VideoStream)
        picture.height, picture.width = frames[0].shape[:2]
        picture.pix_fmt = "yuv420p"
        picture.bit_rate = 2_000_000
        voice = None if sound is None else out.add_stream(audio, rate=SOUND_RATE)
        for frame in frames:
            out.mux(picture.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        out.mux(picture.encode(None))
        if isinstance(voice, av.AudioStream) and sound is not None:
            whole = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[None]), format="fltp", layout="mono")
            whole.sample_rate = SOUND_RATE
            size = 960 if container == "webm" else 1024
            fit = av.AudioResampler(voice.codec_context.format, "mono", SOUND_RATE, frame_size=size)
            for part in [*fit.resample(whole), *fit.resample(None)]:
                out.mux(voice.encode(part))
            out.mux(voice.encode(None))
    return file.getvalue()


def _relief(face: Face) -> tuple[Floats, Floats, float]:
    """Depth against the axis of the turn and share of the turn, (HEIGHT, WIDTH); the axis in pixels from the left.

    The mesh ends at forehead and jaw: from there the head falls back to the axis within half a face.
    """
    points = face.points.astype(np.float64)
    axis = points[[234, 454], 2].mean()
    middle = points[[234, 454], :2].mean(0)
    outline = points[list(OVAL), :2]
    centre = outline.mean(0)
    rings = [centre + (outline - centre) * grow for grow in (1.25, 1.6)]
    corners = np.array(((-99, -99), (WIDTH + 99, -99), (WIDTH + 99, HEIGHT + 99), (-99, HEIGHT + 99)), np.float64)
    places = np.concatenate([points[:, :2], *rings, corners])
    edge = points[list(OVAL), 2] - axis
    depths = np.concatenate([points[:, 2] - axis, np.minimum(edge, 0) * 0.5, np.zeros(len(OVAL) + 4)])
    columns, rows = np.meshgrid(np.arange(0, WIDTH, 4), np.arange(0, HEIGHT, 4))
    coarse = griddata(places, depths, (columns, rows), method="linear", fill_value=0.0).astype(np.float32)
    depth = cv2.GaussianBlur(cv2.resize(coarse, (WIDTH, HEIGHT)), (0, 0), 0.05 * face.inter_ocular)
    chin = float(points[152, 1])
    low = np.clip((np.arange(HEIGHT) - chin) / (1.0 * face.inter_ocular), 0, 1)
    turning = np.repeat((1 - low * low * (3 - 2 * low))[:, None], WIDTH, 1)
    return np.asarray(depth, np.float32), turning.astype(np.float32), float(middle[0])


def _trembling(chance: np.random.Generator, count: int) -> NDArray[np.float64]:
    """(3, count) -1..1: across, down, turn."""
    tremble = gaussian_filter1d(chance.normal(0, 1, (3, count)), 0.4 * FPS, axis=1)
    return np.asarray(tremble / np.maximum(np.abs(tremble).max(1, keepdims=True), 1e-6))


def _moved(person: NDArray[np.uint8], tremble: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The hand that holds the phone and the neck are never still."""
    place = np.asarray(cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT), float(1.5 * tremble[2]), 1.0), np.float64)
    place[:, 2] += 3 * tremble[:2]
    return np.asarray(cv2.warpAffine(person, place, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE), np.uint8)
