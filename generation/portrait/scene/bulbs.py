"""Strings of small bulbs overhead, soon opened into discs by the lens."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene.canvas import Canvas, ink


def string_lights(canvas: Canvas, *, lit: bool, rows: int = 3, top: float = 0.02) -> None:
    """`rows` sagging cables from `top` (frame heights) down, .07 apart; bright when `lit`."""
    for row in range(rows):
        phase, base = canvas.rng.uniform(0, 6), top + 0.07 * row
        cable = base + 0.045 * np.sin(canvas.x[0] * 6.0 + phase)
        canvas.lay(ink(0x0A0A0C), np.exp(-(((canvas.y - cable[None]) / 0.0015) ** 2)) * 0.7)
        for x in np.arange(-1.3 * canvas.half, 1.3 * canvas.half, 0.062):
            y = base + 0.045 * float(np.sin(x * 6.0 + phase)) + 0.008
            canvas.spot(ink(0xFFC878, 3.0 if lit else 1.3), float(x), y, 0.006, 1.4)
            canvas.spot(ink(0xFFB860), float(x), y, 0.03, 0.16 if lit else 0.03)
