"""What weather leaves in the air between the back and the people; what falls through it is alive's."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene.canvas import Canvas
from generation.portrait.scene.daylight import Daylight


def weather(near: Canvas, day: Daylight) -> None:
    """Lays mist over `near`; nothing when it is clear."""
    match day.weather:
        case "rain" | "snow":
            near.lay(day.horizon, 0.14)
        case "storm":
            near.lay(day.horizon * 0.8, 0.20)
        case "fog":
            near.lay(day.horizon, np.clip(0.48 + 0.12 * near.noise(0.4, 4, 0.5, 2.0), 0, 0.8))
        case "clear":
            pass
