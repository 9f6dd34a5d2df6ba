"""The way from a setting's words to a Scene."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np

from generation.portrait.scene import (
    cosmos,
    deep,
    front,
    growing,
    halls,
    heights,
    nature,
    props,
    public,
    rooms,
    shows,
    town,
)
from generation.portrait.scene.alive import life_of
from generation.portrait.scene.canvas import Canvas
from generation.portrait.scene.daylight import Daylight, Hour, daylight, indoors, on_people
from generation.portrait.scene.falling import weather
from generation.portrait.scene.kinds import Layer, Picture, Scene
from generation.portrait.scene.words import wanted
from generation.shapes import VideoShape


class _Set(msgspec.Struct, frozen=True):
    """`build` paints far and near and returns the floor's y; `front` paints what stands before the people."""

    build: Callable[[Canvas, Canvas, Daylight, Daylight], float]
    front: Callable[[Canvas, Daylight], None]
    hour: Hour = "morning"
    inside: bool = False
    lamplit: float = 0.0  # brightness of the people where lamps and not the hour decide


SETS: Final[dict[str, _Set]] = {
    "garden": _Set(nature.garden, growing.hedge),
    "forest": _Set(nature.forest, growing.bracken),
    "beach": _Set(nature.shore, front.sand, "noon"),
    "mountain": _Set(heights.mountains, growing.meadow),
    "snow": _Set(heights.snowfield, front.snowbank),
    "desert": _Set(heights.dunes, front.sand, "golden"),
    "mars": _Set(heights.red_planet, front.red_sand, "noon"),
    "moon": _Set(heights.moon, front.regolith, "noon"),
    "space": _Set(cosmos.ship, front.console, "night", lamplit=0.82),
    "street": _Set(town.street, front.railing, "morning"),
    "terrace": _Set(town.skyline, front.railing, "dusk"),
    "stadium": _Set(town.stadium, front.gloss_desk, "dusk", lamplit=0.95),
    "living room": _Set(rooms.living_room, front.sofa_back, inside=True),
    "bedroom": _Set(rooms.bedroom, front.bed_cover, inside=True),
    "kitchen": _Set(rooms.kitchen, front.marble, inside=True),
    "cafe": _Set(rooms.cafe, front.table, inside=True),
    "office": _Set(halls.office, front.table, inside=True),
    "news": _Set(halls.news, front.gloss_desk, "noon", inside=True, lamplit=1.0),
    "classroom": _Set(halls.classroom, front.table, inside=True),
    "shop": _Set(halls.shop, front.counter, "noon", inside=True),
    "library": _Set(halls.library, front.counter, inside=True),
    "stone hall": _Set(halls.stone_hall, front.counter, inside=True),
    "stage": _Set(shows.stage, front.seats, "dusk", inside=True, lamplit=0.92),
    "vehicle": _Set(shows.vehicle, front.sofa_back, inside=True),
    "car": _Set(deep.car, front.dashboard, inside=True),
    "underwater": _Set(deep.reef, front.sea_floor, "noon", lamplit=0.86),
    "cave": _Set(deep.cave, front.boulder, "noon", inside=True, lamplit=0.72),
    "gym": _Set(public.gym, front.bench, inside=True),
    "hospital": _Set(public.ward, front.bed_cover, inside=True),
    "museum": _Set(public.museum, front.railing, inside=True),
    "station": _Set(public.hall, front.railing, inside=True),
    "bar": _Set(public.bar, front.counter, "night", inside=True, lamplit=0.80),
    "studio": _Set(shows.studio, front.counter, "noon", inside=True, lamplit=1.0),
}

FRONT_SOFT: Final = 0.0016  # of the frame's height: what stands nearest is a little out of focus


def paint(setting: str, shape: VideoShape, *, seed: int) -> Scene:
    """The set that `setting` asks for, a plain studio for words unknown; the same seed gives the same pixels."""
    asked = wanted(setting)
    kind = SETS[asked.name]
    rng = np.random.default_rng([seed & 0xFFFFFFFF, zlib.crc32(asked.name.encode())])
    day = daylight(asked.hour or kind.hour, asked.weather, float(rng.choice((-1, 1)) * rng.uniform(0.6, 0.9)))
    room = indoors(day) if kind.inside else day
    far, near = Canvas(shape, rng), Canvas(shape, rng)
    floor_y = kind.build(far, near, day, room)
    if not kind.inside:
        weather(near, day)
    far.vignette()
    near.vignette()
    table = Canvas(shape, rng, scale=0.5, top=front.TOP - 0.12)
    kind.front(table, room)
    props.laid(table, room, props.ON.get(asked.name, ()), front.TOP + 0.045)
    table.defocus(FRONT_SOFT)
    table.vignette()
    light = on_people(room)
    if kind.lamplit or kind.inside:
        light = msgspec.structs.replace(light, brightness=kind.lamplit or (0.80 if day.dark else light.brightness))
    return Scene(
        name=asked.name,
        layers=(Layer(far.picture(opaque=True), 0.15), Layer(near.picture(opaque=False), 0.5)),
        foreground=Layer(_lowered(table), 0.9),
        light=light,
        floor_y=floor_y,
        life=life_of(asked.name, day, shape, rng, inside=kind.inside),
    )


def _lowered(table: Canvas) -> Picture:
    """Clear rows on top, so that a foreground is registered with the other layers."""
    part = table.picture(opaque=False, grain=2.0)
    whole = np.zeros((2 * round(0.625 * table.shape.height), part.shape[1], 4), np.uint8)
    whole[-part.shape[0] :] = part[-len(whole) :]
    return whole
