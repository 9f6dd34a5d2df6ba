"""Who is in the demo: two bundled archive characters, or the caller's own files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

SAMPLES: Final = Path(__file__).parent.parent / "samples"


class Person(msgspec.Struct, frozen=True):
    """One character to store: files, and the statement of rights that an archive character needs."""

    handle: str
    name: str
    photo: Path
    voice: Path
    height_cm: int
    rights: str


PEOPLE: Final = (
    Person(
        "eileen",
        "Eileen",
        SAMPLES / "eileen.png",
        SAMPLES / "eileen_voice.wav",
        172,
        "NASA portrait of Eileen Collins, a work of the US government in the public domain; the voice is another "
        "person's free recording. Used to show this software only.",
    ),
    Person(
        "grace",
        "Grace",
        SAMPLES / "grace.jpg",
        SAMPLES / "grace_voice.wav",
        163,
        "US Navy portrait of Grace Hopper, a work of the US government in the public domain; the voice is another "
        "person's free recording. Used to show this software only.",
    ),
)
PROMPT: Final = (
    "@eileen and @grace meet in a sunny garden. "
    '@eileen: "Good morning, neighbour! Did you hear? The garden show opens on Sunday." '
    '@grace: "Wonderful. I will bring my best roses, and you bring the tea."'
)


def own(faces: Sequence[Path], voices: Sequence[Path]) -> list[Person]:
    """The caller's people. A handle belongs to the files' content, so that the next run finds it stored."""
    return [_own(number, face, voice) for number, (face, voice) in enumerate(zip(faces, voices, strict=True), 1)]


def _own(number: int, face: Path, voice: Path) -> Person:
    mark = hashlib.sha256(face.read_bytes() + voice.read_bytes()).hexdigest()[:8]
    name = "".join(letter for letter in face.stem if letter.isalpha()).capitalize() or f"Person{number}"
    rights = "the operator's own photo and recording, given on the command line"
    return Person(f"own.{mark}", name[:40], face, voice, 170, rights)


def prompt_for(people: Sequence[Person]) -> str:
    """Lines for one person, or for the first two of several."""
    first, *others = people
    if not others:
        return (
            f'@{first.handle} in a sunny garden: "Hello there! I can say anything you type, and the roses do not mind."'
        )
    crowd = " and ".join(f"@{person.handle}" for person in people)
    return (
        f"{crowd} meet in a sunny garden. "
        f'@{first.handle}: "Good morning! Did you hear? We are in a film now." '
        f'@{others[0].handle}: "Wonderful. I hope they kept my good side."'
    )
