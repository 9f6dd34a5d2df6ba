"""The tables of scenery.toml: places, weather, looks, music, sound effects, moods."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec


class Scenery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows begin with a regular expression; the first that matches wins."""

    places: dict[str, str]
    intent_places: dict[str, list[str]]
    times: list[tuple[str, str]]
    weathers: list[tuple[str, str, str]]
    styles: list[tuple[str, str]]
    plain_styles: list[str]
    music: list[tuple[str, str]]
    effects: list[tuple[str, str]]
    moods: list[tuple[str, str]]
    mood_music: dict[str, str]


SCENERY: Final = msgspec.toml.decode(Path(__file__).with_name("scenery.toml").read_bytes(), type=Scenery)
