"""Hour and weather as light: a key from the sun or moon, a fill from the sky, and the sky's own colours."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
import numpy as np

from generation.portrait.scene.canvas import Canvas, Ink, blend, develop, ink
from generation.portrait.scene.kinds import Light
from generation.portrait.scene.noise import lit, step

Hour = Literal["dawn", "morning", "noon", "golden", "dusk", "night"]
Weather = Literal["clear", "rain", "storm", "snow", "fog"]


class Daylight(msgspec.Struct, frozen=True, eq=False):
    """Linear BGR: `key` of sun or moon, `fill` of the sky, `zenith`, `horizon`, `glow` around the sun.

    `side` -1..1 is where the sun stands; `sun_y` its height in the frame; `overcast` 0..1.
    """

    hour: Hour
    weather: Weather
    side: float
    key: Ink
    fill: Ink
    zenith: Ink
    horizon: Ink
    glow: Ink
    sun_y: float
    overcast: float

    @property
    def dark(self) -> bool:
        """Whether lamps are lit."""
        return self.hour in {"dusk", "night"}


# hour -> key, its strength, fill, its strength, zenith, horizon, glow and the sun's y
_HOURS: Final[dict[Hour, tuple[int, float, int, float, int, int, int, float]]] = {
    "dawn": (0xFFB8A0, 0.72, 0xB4B6DA, 0.40, 0x5A78B4, 0xF8C6AC, 0xFF9C78, 0.40),
    "morning": (0xFFE6BE, 1.15, 0xC4D4EA, 0.50, 0x5B97D2, 0xEBE4D6, 0xFFE2B0, 0.13),
    "noon": (0xFFF6E6, 1.20, 0xC6DAF0, 0.58, 0x4A8BD0, 0xCFE3F2, 0xFFF4DC, -0.05),
    "golden": (0xFFC888, 1.30, 0xC6B8C4, 0.46, 0x6E8CC0, 0xFFC98C, 0xFFA552, 0.27),
    "dusk": (0xC08AA0, 0.30, 0x8C9CCB, 0.34, 0x33477D, 0xE29A7C, 0xF08A50, 0.44),
    "night": (0x9DBBF0, 0.16, 0x5F7BB5, 0.17, 0x0C1630, 0x24375E, 0x4A659A, 0.06),
}


def daylight(hour: Hour, weather: Weather, side: float) -> Daylight:
    """The clear hour, greyed by the weather."""
    key_code, key_gain, fill_code, fill_gain, zenith, horizon, glow, sun_y = _HOURS[hour]
    overcast = {"clear": 0.0, "rain": 0.88, "storm": 1.0, "snow": 0.8, "fog": 0.85}[weather]
    grey = {"clear": 0xFFFFFF, "rain": 0xA9B4BE, "storm": 0x5E6A78, "snow": 0xE3E9F0, "fog": 0xD5D9DB}[weather]
    dim = {"dawn": 0.6, "morning": 0.85, "noon": 1.0, "golden": 0.75, "dusk": 0.22, "night": 0.035}[hour]
    veil = ink(grey, dim)
    key = ink(key_code, key_gain) * (1 - 0.85 * overcast)
    fill = _toward(ink(fill_code, fill_gain) * (1 + 0.5 * overcast), veil, overcast * 0.45)
    sky = (
        _toward(ink(zenith), veil, overcast * 0.9),
        _toward(ink(horizon), veil, overcast * 0.9),
        ink(glow) * (1 - 0.8 * overcast),
    )
    return Daylight(hour, weather, side, key, fill, *sky, sun_y, overcast)


def _toward(colour: Ink, veil: Ink, share: float) -> Ink:
    return colour + (veil - colour) * share


def sky(canvas: Canvas, day: Daylight, horizon_y: float, clouds: float = 0.5) -> None:
    """Opaque sky: gradient, glow, lit fractal clouds; `clouds` 0..1 is how much they cover."""
    fall = np.clip((canvas.y + 0.20) / (horizon_y + 0.20), 0, 1) ** 2.2
    canvas.lay(blend(day.zenith, day.horizon, fall.astype(np.float32)))
    sun_x = day.side * canvas.half * 0.85
    if day.overcast < 0.5:
        canvas.shine(day.glow * 0.35, canvas.ball(sun_x, day.sun_y, 0.34))
        canvas.shine(day.glow * 1.6, canvas.ball(sun_x, day.sun_y, 0.10))
    if day.hour == "night" and day.overcast < 0.5:
        stars = (canvas.rng.random(canvas.cover.shape) > 0.9985).astype(np.float32)
        canvas.shine(ink(0xDDE8FF), stars * canvas.rng.random(canvas.cover.shape, dtype=np.float32) ** 2 * 1.5)
        canvas.glow(ink(0x8FA8DC, 0.30), sun_x * 0.8, 0.12, 0.16)
        canvas.spot(ink(0xF6F1E0, 2.2), sun_x * 0.8, 0.12, 0.020, 4.0)
    puffs = canvas.noise(0.28, 6, 0.52, 2.2)
    amount = step(0.55 - clouds - 0.6 * day.overcast, 1.9 - clouds, puffs) * step(
        horizon_y + 0.05, horizon_y - 0.3, canvas.y
    )
    shade = lit(puffs, day.side, 0.012 * canvas.unit)
    tops = day.horizon * 0.35 + day.key * 0.75 + day.fill * 0.25
    canvas.lay(
        blend(day.zenith * 0.35 + day.horizon * 0.62, tops, 0.15 + 0.85 * shade), amount * (0.85 - 0.35 * day.overcast)
    )


def haze(canvas: Canvas, day: Daylight, amount: float, upper: float = 0.38) -> None:
    """Distance: what is painted so far below `upper` drifts toward the horizon's colour."""
    thick = amount * (0.25 + 0.75 * step(upper - 0.14, upper + 0.04, canvas.y))[..., None] * canvas.cover[..., None]
    canvas.light += (day.horizon - canvas.light) * thick


def on_people(day: Daylight) -> Light:
    """The same light as gains for a portrait."""
    total = day.key * 0.7 + day.fill
    tint = (total / total.mean()) ** 0.42
    brightness = {"dawn": 0.86, "morning": 1.0, "noon": 1.05, "golden": 0.96, "dusk": 0.74, "night": 0.58}[day.hour]
    shown = develop((day.fill * 0.35)[None, None])[0, 0]
    return Light(
        side=round(day.side * (1 - 0.7 * day.overcast), 3),
        warmth=(float(tint[0]), float(tint[1]), float(tint[2])),
        brightness=brightness * (0.80 if day.weather == "storm" else 1 - 0.08 * day.overcast),
        ambient=(float(shown[0]), float(shown[1]), float(shown[2])),
        air={"clear": 0.03, "rain": 0.07, "storm": 0.09, "snow": 0.08, "fog": 0.16}[day.weather],
    )


def indoors(day: Daylight) -> Daylight:
    """What a room gets of it: soft window light by day, warm lamps by night."""
    if day.dark:
        key, fill = ink(0xFFCB92, 0.50), ink(0xE8B990, 0.20) + day.fill * 0.3
    else:
        white = float(day.key.mean())
        key = (day.key * 0.6 + white * 0.4) * 0.80 + ink(0xFFE0B8, 0.12)
        fill = (day.fill * 0.55 + ink(0xE8DDD0, 0.24)) * 0.85
    return Daylight(
        day.hour, day.weather, day.side, key.astype(np.float32), fill.astype(np.float32), day.zenith, day.horizon,
        day.glow, day.sun_y, 0.0,
    )  # fmt: skip
