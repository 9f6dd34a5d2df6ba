from __future__ import annotations

import random
from functools import cache

import numpy as np
import pytest

from generation.portrait.scene.kinds import Layer, Scene
from generation.portrait.scene.painting import SETS, paint
from generation.portrait.scene.words import wanted
from generation.prompts import settings
from generation.prompts.scenery import SCENERY
from generation.shapes import SIZES, Size, VideoShape

SMALL = VideoShape(216, 384)
EVERY_SET = {
    "garden": "a leafy park", "forest": "the woods", "beach": "the pier", "mountain": "a cliff", "snow": "snow",
    "desert": "the desert", "mars": "mars", "moon": "the moon", "space": "a space station", "street": "an alley",
    "car": "a taxi", "underwater": "a coral reef", "cave": "a cave", "gym": "a bright gym",
    "hospital": "the hospital", "museum": "the museum", "station": "a train station platform", "bar": "a pub",
    "terrace": "a rooftop", "stadium": "an arena", "living room": "the sofa", "bedroom": "her bedroom",
    "kitchen": "a bakery", "cafe": "a cosy café corner", "office": "a meeting room", "news": "a television news studio",
    "classroom": "a school", "shop": "a supermarket", "library": "the library", "stone hall": "a dungeon",
    "stage": "a small comedy stage", "vehicle": "a bus", "studio": "a studio",
}  # fmt: skip


@cache
def scene(setting: str) -> Scene:
    return paint(setting, SMALL, seed=7)


def brightness(painted: Scene) -> float:
    return float(painted.layers[0].picture.mean())


def test_every_place_of_the_screenwriter_has_a_set() -> None:
    offered = (place for group in SCENERY.intent_places.values() for place in group)
    places = {*SCENERY.places, *offered}
    homeless = {place for place in places if wanted(place).name == "studio"}
    assert homeless == {"studio"}
    assert {wanted(place).name for place in places} <= set(SETS)


@pytest.mark.parametrize(
    "prose",
    [
        "two friends laugh in a garden at sunset",
        "a chef shouts in the kitchen",
        "they talk on the old bridge in the rain",
    ],
)
def test_what_the_screenwriter_reads_out_of_a_prompt_has_a_set(prose: str) -> None:
    assert wanted(settings.read(prose, "joke", "calm", random.Random(1)).setting).name != "studio"  # noqa: S311 - no secret


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("a bright home kitchen", "kitchen"),
        ("a television weather studio", "news"),
        ("a stadium commentary box", "stadium"),
        ("a terrace with string lights in the evening", "terrace"),
        ("the space station", "space"),
        ("a train station platform", "station"),
        ("a quiet porch at night", "garden"),
        ("downtown Tokyo at night", "terrace"),
        ("公园", "garden"),
        ("the train", "vehicle"),
        ("a taxi at night", "car"),
        ("an underwater reef", "underwater"),
        ("a boxing ring", "gym"),
        ("the airport", "station"),
        ("an art gallery", "museum"),
        ("the emergency room", "hospital"),
        ("海底", "underwater"),
        ("駅", "station"),
    ],
)
def test_a_setting_finds_its_set(setting: str, name: str) -> None:
    assert wanted(setting).name == name


@pytest.mark.parametrize("setting", ["", "   ", "qwrtz", "🦄🦄", "\x00\ud7ff", "ⵣⵉⵔ", "x" * 10_000])
def test_words_unknown_give_the_studio(setting: str) -> None:
    assert paint(setting, VideoShape(96, 160), seed=-1).name == "studio"


def test_hour_and_weather_are_read_from_the_words() -> None:
    asked = wanted("a leafy park at night, falling snow")
    assert (asked.hour, asked.weather) == ("night", "snow")
    assert wanted("a leafy park, a thunderstorm").weather == "storm"
    assert wanted("a beach at sunrise, drizzle").hour == "dawn"
    assert wanted("a beach at sunrise, drizzle").weather == "rain"
    assert wanted("a leafy park").hour is None


def test_there_is_a_setting_here_for_every_set() -> None:
    assert set(EVERY_SET) == set(SETS)


@pytest.mark.parametrize("name", EVERY_SET)
def test_a_set_covers_the_frame_with_margin_and_stands_on_an_opaque_foreground(name: str) -> None:
    painted = scene(EVERY_SET[name])
    assert painted.name == name
    assert 0.4 < painted.floor_y < 1
    height, width = round(SMALL.height * 1.25), round(SMALL.width * 1.25)
    assert painted.layers[0].picture.shape == (height, width, 3)
    assert [layer.depth for layer in painted.layers] == sorted(layer.depth for layer in painted.layers)
    front = painted.foreground
    assert isinstance(front, Layer)
    for layer in (*painted.layers[1:], front):
        assert layer.picture.shape == (height, width, 4)
        assert np.all(layer.picture[..., :3].max(axis=2) <= layer.picture[..., 3].astype(int) + 1)
    assert front.picture[int(height * 0.80) :, :, 3].min() >= 250
    assert front.picture[: int(height * 0.68), :, 3].max() == 0


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others() -> None:
    first, again = paint("a garden", SMALL, seed=3), paint("a garden", SMALL, seed=3)
    for one, two in zip(first.layers, again.layers, strict=True):
        assert np.array_equal(one.picture, two.picture)
    other = paint("a garden", SMALL, seed=4)
    assert not np.array_equal(first.layers[0].picture, other.layers[0].picture)


@pytest.mark.parametrize("place", ["garden", "beach", "living room", "street", "mountain", "office"])
def test_night_is_darker_than_noon(place: str) -> None:
    night, noon = scene(f"{place} at night"), scene(f"{place} at noon")
    assert brightness(night) < 0.8 * brightness(noon)
    assert night.light.brightness < noon.light.brightness


def test_a_storm_is_darker_than_rain_and_dawn_than_morning() -> None:
    assert brightness(scene("a beach, a storm")) < brightness(scene("a beach, rain"))
    assert scene("a garden at dawn").light.brightness < scene("a garden in the morning").light.brightness


def test_the_bar_and_the_pub_are_lit_by_their_lamps_at_any_hour() -> None:
    assert scene("a pub at noon").light.brightness == scene("a pub at night").light.brightness


def test_rain_softens_the_light_and_greys_the_picture() -> None:
    clear, rain = scene("a beach at noon"), scene("a beach at noon, rain")
    assert abs(rain.light.side) < abs(clear.light.side)
    spread = [float(np.ptp(s.layers[0].picture, axis=2).mean()) for s in (clear, rain)]
    assert spread[1] < spread[0]


def test_golden_light_warms_people_and_night_cools_them() -> None:
    golden, night = scene("a garden at sunset").light, scene("a garden at night").light
    assert golden.warmth[2] > 1 > golden.warmth[0]
    assert night.warmth[0] > 1 > night.warmth[2]
    assert -1 <= golden.side <= 1
    assert all(0 <= value <= 255 for value in golden.ambient)


@pytest.mark.parametrize("weather", ["rain", "falling snow"])
def test_rain_and_snow_fall_before_the_people_too_and_return_without_a_seam(weather: str) -> None:
    life = scene(f"a beach at noon, {weather}").life
    assert life.falls_before
    assert life.falls_behind
    for falling in life.falls_before:
        sheet = falling.tile
        assert sheet.shape == (2 * SMALL.height, SMALL.width + 2 * falling.swing, 3)
        assert np.array_equal(sheet[: SMALL.height], sheet[SMALL.height :])
        assert sheet.max() > 20
        assert sheet.mean() < 20, "everything behind it stays to be seen"
        assert falling.speed > 0


@pytest.mark.parametrize("setting", ["a beach at noon", "a forest in the fog", "a kitchen, rain outside"])
def test_nothing_falls_before_people_indoors_or_when_it_is_dry(setting: str) -> None:
    assert scene(setting).life.falls_before == ()


@pytest.mark.parametrize("size", SIZES)
def test_layers_fit_every_size(size: Size) -> None:
    shape = VideoShape.of(size)
    painted = paint("a kitchen", shape, seed=1)
    for layer in (*painted.layers, *([painted.foreground] if painted.foreground else [])):
        assert abs(layer.picture.shape[0] - 1.25 * shape.height) <= 2
        assert abs(layer.picture.shape[1] - 1.25 * shape.width) <= 2


@pytest.mark.parametrize("name", EVERY_SET)
def test_every_set_is_painted_in_landscape_too(name: str) -> None:
    assert paint(EVERY_SET[name], VideoShape(192, 108), seed=2).layers[0].picture.shape[:2] == (135, 240)
