"""The files of a request for a clip: recordings that drive a speaker, a picture that becomes the scene."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import msgspec

from backend import forms, given, remote_picture, sniff
from backend.given import SCENE, Performance, Wanted
from backend.sniff import Upload
from generation.options import EngineOptions, abilities_of
from social.errors import InvalidValue

URL_MOST: Final = 20_971_520  # characters
VOICES: Final = ("character", "recorded")
NAMES: Final = ("performance", "performance_character", "performance_voice", "input_reference")


class Beside(msgspec.Struct, frozen=True):
    """What was asked for, and the plain bytes by name."""

    wanted: Wanted
    plains: dict[str, bytes]


def check_taken(fields: forms.Fields, options: EngineOptions) -> None:
    """Raises InvalidValue for what no engine here could use."""
    able = abilities_of(options)
    for name, what, taken in (
        ("performance", "a file", able.recordings),
        ("sound", "another video's", able.recordings),
        ("input_reference", "a file", able.scene),
    ):
        if fields.get(name) is not None and not taken:
            raise InvalidValue(name, what, f"none: the engine {options.engine!r} of this instance takes no {name}")


async def read(fields: forms.Fields, image_hosts: tuple[str, ...]) -> Beside:
    """Raises InvalidValue, PictureNotFetched, MalformedBody or BadUpload leaves."""
    plains: dict[str, bytes] = {}
    performances = _performances(fields, plains)
    reference = fields.get("input_reference")
    if reference is not None:
        plains[SCENE] = await _scene(reference, image_hosts)
    scene = hashlib.sha256(plains[SCENE]).hexdigest() if SCENE in plains else ""
    return Beside(Wanted(performances, scene), plains)


def _performances(fields: forms.Fields, plains: dict[str, bytes]) -> tuple[Performance, ...]:
    """In the order of their files; `performance_character` and `performance_voice` in the same order."""
    files = forms.files(fields, "performance")
    given.check_count(len(files))
    whom = _texts(fields, "performance_character", len(files), least=0)
    voices = _texts(fields, "performance_voice", len(files), least=0)
    found = []
    for number, file in enumerate(files):
        name = f"performance{number + 1}"
        plains[name] = sniff.performance("performance", file)
        voice = voices[number] if voices else "character"
        if voice not in VOICES:
            raise InvalidValue("performance_voice", voice, ", ".join(VOICES))
        found.append(
            Performance(
                name,
                whom[number] if whom else None,
                "recorded" if voice == "recorded" else "character",
                hashlib.sha256(plains[name]).hexdigest(),
            )
        )
    return tuple(found)


def _texts(fields: forms.Fields, name: str, count: int, *, least: int) -> list[str]:
    held = fields.get(name)
    texts = held if isinstance(held, list) else [] if held is None else [held]
    if len(texts) not in {least, count} or not all(isinstance(one, str) for one in texts):
        raise InvalidValue(name, held, f"one text for each of the {count} performance files, or none at all")
    return texts


async def _scene(reference: Any, image_hosts: tuple[str, ...]) -> bytes:
    match reference:
        case Upload():
            return await sniff.picture("input_reference", reference)
        case {"image_url": str(url), **rest} if not rest:
            return await _from_url(url, image_hosts)
    allowed = "a file, or exactly one of image_url and file_id"
    shown = sorted(map(str, reference)) if isinstance(reference, dict) else type(reference).__name__
    raise InvalidValue("input_reference", shown, allowed)


async def _from_url(url: str, image_hosts: tuple[str, ...]) -> bytes:
    param = "input_reference[image_url]"
    if len(url) > URL_MOST:
        raise InvalidValue(param, f"{len(url)} characters", f"up to {URL_MOST} characters")
    if url[:5].lower() == "data:":
        content = _data(url, param)
    else:
        content = await remote_picture.fetched(param, url, image_hosts)
    return await sniff.picture(param, Upload("", content))


def _data(url: str, param: str) -> bytes:
    """RFC 2397."""
    head, comma, body = url.partition(",")
    wrong = InvalidValue(param, url[:60], "a data: URL that can be decoded, as data:image/png;base64,…")
    if not comma:
        raise wrong
    plain = unquote_to_bytes(body)
    try:
        return base64.b64decode(plain, validate=True) if head.lower().endswith(";base64") else plain
    except (ValueError, binascii.Error):
        raise wrong from None
