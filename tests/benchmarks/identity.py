"""`./run bench identity`: captures that must pass and captures that must fail, judged, as docs/identity.md quotes it.

Everything here is a stand-in made by tests/captures.py from two photos. It takes four to eight minutes.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import av
import cv2
import msgspec
import numpy as np

from generation.errors import CheckFailed, PerceptionError
from generation.perception.capture import capture_findings
from generation.perception.capture_checks import Figures
from generation.perception.faces import FaceMeter
from generation.perception.hearing import Hearing
from generation.perception.identity import Identity, distance
from generation.perception.photos import Photo
from tests.captures import (
    FPS,
    SOUND_RATE,
    Frames,
    Said,
    Sitter,
    filmed,
    heard,
    lit,
    looked_around,
    pushed,
    read_aloud,
)
from tests.generation.perception.samples import eileen, grace, packed, resized

Table = Callable[[str, Sequence[Sequence[str]]], None]
Say = Callable[[str], None]

SECONDS: Final = 9.0
LIGHTS: Final = ("normal", "dim", "side")
PLACES: Final = ("quiet", "room", "street")
ISSUED: Final = "402917"
COLUMNS: Final = {
    "left °": ("yaw_left_deg", ".0f"),
    "right °": ("yaw_right_deg", ".0f"),
    "parallax": ("parallax", ".3f"),
    "lips": ("mouth_motion", ".3f"),
    "x voice": ("mouth_with_voice", ".1f"),
    "blinks": ("blinks", ".0f"),
    "ahead": ("face_distance_ahead", ".2f"),
    "turned": ("face_distance_turned", ".2f"),
    "photo": ("face_distance_photos", ".2f"),
    "digits p": ("digits_probability", ".2f"),
}


class Case(msgspec.Struct, frozen=True):
    """One capture, the digits that were issued, the photos beside it, and the checks that may refuse it."""

    name: str
    video: bytes
    digits: str
    photos: tuple[Photo, ...] = ()
    expected: tuple[str, ...] = ()


class Person(msgspec.Struct, frozen=True):
    name: str
    photo: Photo
    sitter: Sitter
    said: Said
    frames: Frames


def main(table: Table, say: Say, sheet: Path | None) -> None:
    """Print the tables; write the contact sheet where one is asked for."""
    meter, identity, hearing = FaceMeter(), Identity(), Hearing()
    say("making the stand-ins")
    people = [_person(*who, meter) for who in (("eileen", eileen(), "af_nova"), ("grace", grace(), "am_onyx"))]
    people.append(_person("third", _third(), "bf_emma", meter))
    if sheet is not None:
        _contact_sheet(people, sheet)
    table("Distances between photos (same person below 0.6)", _distances(people, meter, identity))
    rows = [["must pass", "refused by", *COLUMNS, "s", "s / decode"]]
    rows += [_judged(case, meter, identity, hearing, say) for case in _genuine(people)]
    accepted = sum(row[1] == "-" for row in rows[1:])
    table(f"Captures that must pass: {accepted} of {len(rows) - 1} accepted", rows)
    for title, cases in (
        ("Captures that must fail", _attacks(people[0], people[1])),
        ("Known to get through: nothing here can tell", _open_doors(people[0])),
    ):
        rows = [["case", "refused by", "expected", "figure"]]
        for case in cases:
            say(case.name)
            refused, why = _refusal(case, meter, identity, hearing)
            rows.append([case.name, refused, " ".join(case.expected) or "-", why])
        count = sum(row[1] != "-" for row in rows[1:])
        right = sum(row[1] in row[2].split() for row in rows[1:])
        table(f"{title}: {count} of {len(rows) - 1} refused, {right} by the check that was expected", rows)


def _person(name: str, photo: Photo, pack: str, meter: FaceMeter) -> Person:
    sitter, said = Sitter(photo, meter), read_aloud(ISSUED, pack, SECONDS)
    return Person(name, photo, sitter, said, sitter.filmed(said, looked_around(SECONDS)))


def _third() -> Photo:
    """The first one mirrored and re-toned to darker skin: another picture, not another face."""
    mirrored = eileen()[:, ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(255 * (mirrored**1.35) * np.array((0.78, 0.68, 0.6))).astype(np.uint8)


def _genuine(people: Sequence[Person]) -> Iterator[Case]:
    for person in people:
        for light in LIGHTS:
            frames = lit(person.frames, light)
            for place in PLACES:
                video = filmed(frames, heard(person.said.sound, place))
                yield Case(f"{person.name}, {light}, {place}", video, ISSUED, (person.photo,))


def _attacks(one: Person, other: Person) -> Iterator[Case]:
    sound = heard(one.said.sound, "quiet")
    frames, count = lit(one.frames, "normal"), len(one.frames)
    turns = looked_around(SECONDS)
    yield Case("replay: other digits were issued", filmed(frames, sound), "835026", (), ("digits",))
    silent = heard(np.zeros_like(sound), "quiet")
    yield Case("nobody speaks", filmed(frames, silent), ISSUED, (), ("voice",))
    yield Case("no sound track", filmed(frames, None), ISSUED, (), ("NotASound",))
    hiss = np.random.default_rng(0).normal(0, 0.03, len(sound))
    loud = np.asarray(np.clip(sound + hiss, -1, 1), np.float32)
    yield Case("noise 10 dB below the voice", filmed(frames, loud), ISSUED, (), ("quality", "digits"))
    both = frames.copy()
    both[20:40, 20:340, 240:] = resized(other.frames[0], 0.5)
    yield Case("a second face for 1.7 s", filmed(both, sound), ISSUED, (), ("one_face",))
    half = np.concatenate([frames[: count // 2], lit(other.frames[count // 2 :], "normal")])
    yield Case("another person from the middle on", filmed(half, sound), ISSUED, (), ("face_match",))
    yield Case("another person's photo", filmed(frames, sound), ISSUED, (other.photo,), ("face_match",))
    for person in (one, other):
        for tilt in (0, 20, 40, 55):
            print_ = lit(pushed(person.frames[0], count, tilt=tilt), "normal")
            expected = ("turn", "quality")
            yield Case(f"{person.name}'s picture moved, tilt {tilt}°", filmed(print_, sound), ISSUED, (), expected)
    aside = lit(pushed(one.frames[int(turns.argmax())], count, tilt=45), "normal")
    yield Case("a picture of a turned head, tilt 45°", filmed(aside, sound), ISSUED, (), ("turn", "quality"))
    shown = [frames[at] for at in (0, int(turns.argmax()), 0, int(turns.argmin()), 0)]
    slides = np.repeat(np.stack(shown), count // 5, axis=0)
    yield Case("five pictures, ahead and turned", filmed(slides, sound), ISSUED, (), ("turn", "quality"))
    mute = lit(one.sitter.filmed(one.said, turns, speaks=False), "normal")
    yield Case("a silent video, voice over it", filmed(mute, sound), ISSUED, (), ("quality",))
    late = np.roll(sound, round(3.5 * SOUND_RATE))
    yield Case("the voice 3.5 s after the lips", filmed(frames, late), ISSUED, (), ("quality",))
    for left, right in ((28, 4), (10, 10)):
        some = lit(one.sitter.filmed(one.said, looked_around(SECONDS, left=left, right=right)), "normal")
        yield Case(f"turns of {left}° and {right}°", filmed(some, sound), ISSUED, (), ("turn",))
    yield Case("3 s long", filmed(frames[: 3 * FPS], sound[: 3 * SOUND_RATE]), ISSUED, (), ("length",))
    far = np.stack([resized(frame, 0.4) for frame in frames])
    yield Case("eyes 33 pixels apart", filmed(far, sound), ISSUED, (), ("quality",))
    night = (frames * 0.08).astype(np.uint8)
    yield Case("a twelfth of the light", filmed(night, sound), ISSUED, (), ("quality", "one_face"))
    yield Case("torn in the middle", filmed(frames, sound)[:100_000], ISSUED, (), ("NotASound", "NotAVideo"))


def _open_doors(person: Person) -> Iterator[Case]:
    frames = lit(person.frames, "normal")
    new = read_aloud("835026", "bf_emma", SECONDS)
    yield Case("an old video, the new digits dubbed over it", filmed(frames, heard(new.sound, "quiet")), "835026")
    relief = filmed(frames, heard(person.said.sound, "quiet"))
    yield Case("one photo, given depth and rendered", relief, ISSUED)


def _judged(case: Case, meter: FaceMeter, identity: Identity, hearing: Hearing, say: Say) -> list[str]:
    say(case.name)
    began = time.perf_counter()
    _decode(case.video)
    decode_s = time.perf_counter() - began
    began = time.perf_counter()
    try:
        figures: Figures = capture_findings(
            case.video, case.digits, [packed(photo) for photo in case.photos], meter, identity, hearing, _unheard
        ).figures
        refused = "-"
    except PerceptionError as no:
        figures, refused = {}, _name(no)
    spent = time.perf_counter() - began
    cells = [format(figures[key], how) if key in figures else "" for key, how in COLUMNS.values()]
    return [case.name, refused, *cells, f"{spent:.1f}", f"{spent / decode_s:.1f}"]


def _refusal(case: Case, meter: FaceMeter, identity: Identity, hearing: Hearing) -> tuple[str, str]:
    try:
        capture_findings(
            case.video, case.digits, [packed(photo) for photo in case.photos], meter, identity, hearing, _unheard
        )
    except PerceptionError as no:
        return _name(no), str(no).partition(": ")[0]
    return "-", ""


def _name(no: PerceptionError) -> str:
    return no.check if isinstance(no, CheckFailed) else type(no).__name__


def _unheard(_step: str, _done: float) -> None:
    """Nobody watches."""


def _decode(video: bytes) -> None:
    """The reference: every frame and every sample decoded once, nothing looked at."""
    with av.open(io.BytesIO(video), "r", format="mp4") as container:
        for _ in container.decode():
            pass


def _distances(people: Sequence[Person], meter: FaceMeter, identity: Identity) -> list[list[str]]:
    """Every person's photo against every photo as it is, mirrored, dim and lit from a side: nearest to furthest."""
    found = {
        person.name: [
            identity.descriptor(photo, meter.faces(photo)[0])
            for photo in (
                person.photo,
                np.ascontiguousarray(person.photo[:, ::-1]),
                (person.photo * 0.4).astype(np.uint8),
                np.clip(person.photo * np.linspace(0.45, 1.2, person.photo.shape[1])[:, None], 0, 255).astype(np.uint8),
            )
        ]
        for person in people
    }
    rows = [["", *found]]
    for name, own in found.items():
        cells = []
        for others in found.values():
            apart = [distance(a, b) for a in own for b in others if a is not b]
            cells.append(f"{min(apart):.2f} to {max(apart):.2f}")
        rows.append([name, *cells])
    return rows


def _contact_sheet(people: Sequence[Person], path: Path) -> None:
    """One row a person, one light each: ahead, blinking, speaking, to both sides; last the picture that is moved."""
    turns, blink = looked_around(SECONDS), round(1.1 * FPS) + 1
    rows = []
    for person, light in zip(people, LIGHTS, strict=True):
        chosen = person.frames[[0, blink, 2 * FPS, int(turns.argmax()), 4 * FPS, int(turns.argmin())]]
        moved = pushed(person.frames[0], 8, tilt=40)[2:3]
        rows.append(np.hstack(list(lit(np.concatenate([chosen, moved]), light))))
    small = resized(np.vstack(rows), 0.4)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 78])
