"""Drawn figures and their pictures, as people make them: flat colours, outlines, a plain or a fading ground."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from generation.perception.photos import Photo

SS = 3  # drawn larger, for smooth edges
Colour = tuple[int, int, int]


def person(skin: Colour = (236, 178, 138), hair: Colour = (92, 52, 34), shirt: Colour = (66, 120, 190)) -> Image.Image:
    """A cartoon person from the chest up, 480 x 560 RGBA, which the face detector takes for a face."""
    picture = Image.new("RGBA", (480 * SS, 560 * SS), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)

    def oval(x: float, y: float, wide: float, tall: float, fill: Colour) -> None:
        draw.ellipse([SS * edge for edge in (x - wide, y - tall, x + wide, y + tall)], fill=fill)

    shade = (round(skin[0] * 0.86), round(skin[1] * 0.80), round(skin[2] * 0.78))
    oval(240, 200, 142, 160, hair)
    draw.rounded_rectangle([SS * edge for edge in (70, 410, 410, 700)], SS * 90, fill=shirt)
    draw.rectangle([SS * edge for edge in (200, 330, 280, 440)], fill=shade)
    oval(240, 250, 112, 146, skin)
    oval(240, 118, 120, 52, hair)
    for side in (-1, 1):
        oval(240 + side * 46, 232, 24, 13, (252, 252, 252))
        oval(240 + side * 46, 232, 12, 12, (58, 40, 30))
        draw.line(
            [SS * edge for edge in (240 + side * 20, 200, 240 + side * 74, 196)],
            fill=hair,
            width=SS * 10,
            joint="curve",
        )
        draw.arc(
            [SS * edge for edge in (240 + side * 46 - 26, 216, 240 + side * 46 + 26, 250)],
            190,
            350,
            fill=hair,
            width=SS * 5,
        )
    draw.polygon([SS * edge for edge in (240, 236, 262, 296, 218, 296)], fill=shade)
    oval(240, 292, 22, 10, shade)
    oval(240, 338, 46, 15, (176, 70, 70))
    draw.rectangle([SS * edge for edge in (200, 334, 280, 339)], fill=(252, 252, 252))
    return picture.resize((480, 560), Image.Resampling.LANCZOS)


def bear(fur: Colour = (168, 112, 66)) -> Image.Image:
    """A standing bear with an outline, 420 x 600 RGBA; its belly and the eyes' whites are as white as paper."""
    picture = Image.new("RGBA", (420 * SS, 600 * SS), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    line = (40, 28, 22)

    def oval(x: float, y: float, wide: float, tall: float, fill: Colour) -> None:
        draw.ellipse(
            [SS * edge for edge in (x - wide, y - tall, x + wide, y + tall)], fill=fill, outline=line, width=SS * 6
        )

    for side in (-1, 1):
        oval(210 + side * 92, 84, 44, 44, fur)
        oval(210 + side * 140, 360, 42, 96, fur)
        oval(210 + side * 66, 530, 62, 52, fur)
    oval(210, 400, 132, 150, fur)
    oval(210, 420, 84, 104, (255, 255, 255))
    oval(210, 176, 140, 124, fur)
    for side in (-1, 1):
        oval(210 + side * 52, 150, 22, 26, (255, 255, 255))
        oval(210 + side * 50, 154, 8, 10, line)
    oval(210, 222, 58, 44, (240, 214, 178))
    oval(210, 204, 20, 13, line)
    draw.arc([SS * edge for edge in (178, 206, 242, 252)], 20, 160, fill=line, width=SS * 6)
    return picture.resize((420, 600), Image.Resampling.LANCZOS)


def sketch() -> Image.Image:
    """A cat in pencil, its outline open in places, on nothing: 440 x 480 RGBA."""
    picture = Image.new("RGBA", (440 * SS, 480 * SS), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    ink = (38, 38, 44)
    draw.arc([SS * edge for edge in (70, 90, 370, 400)], 282, 262, fill=ink, width=SS * 6)
    for side in (-1, 1):
        draw.line(
            [SS * edge for edge in (220 + side * 124, 150, 220 + side * 120, 40, 220 + side * 40, 96)],
            fill=ink,
            width=SS * 6,
        )
        draw.ellipse([SS * edge for edge in (220 + side * 60 - 14, 206, 220 + side * 60 + 14, 240)], fill=ink)
        for lift in (-14, 0, 14):
            draw.line(
                [SS * edge for edge in (220 + side * 70, 290 + lift / 3, 220 + side * 130, 286 + lift)],
                fill=ink,
                width=SS * 3,
            )
    draw.polygon([SS * edge for edge in (206, 262, 234, 262, 220, 278)], fill=ink)
    draw.arc([SS * edge for edge in (184, 270, 220, 304)], 0, 120, fill=ink, width=SS * 4)
    draw.arc([SS * edge for edge in (220, 270, 256, 304)], 60, 180, fill=ink, width=SS * 4)
    return picture.resize((440, 480), Image.Resampling.LANCZOS)


def on_ground(figure: Image.Image, top: Colour = (255, 255, 255), bottom: Colour | None = None) -> Photo:
    """The figure with room at its sides and above, on one colour or a fade from one to another; a bust ends below."""
    bust = np.asarray(figure.getchannel("A"))[-1].any()
    width, height = figure.width + 120, figure.height + (60 if bust else 120)
    share = np.linspace(0, 1, height)[:, None, None]
    ground = np.array(top) * (1 - share) + np.array(bottom or top) * share
    paper = Image.fromarray(np.broadcast_to(ground, (height, width, 3)).astype(np.uint8)).convert("RGBA")
    paper.alpha_composite(figure, (60, 60))
    return np.array(paper.convert("RGB"), np.uint8)


def cut_out_png(figure: Image.Image) -> bytes:
    """As phones and drawing programs send it: with an alpha channel."""
    kept = BytesIO()
    figure.save(kept, "PNG")
    return kept.getvalue()


def softly_shaded(picture: Photo) -> Photo:
    """The same with the grain and blur of a phone photo of the drawing."""
    soft = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(0.8)), np.float32)
    return np.clip(soft + np.random.default_rng(3).normal(0, 2, soft.shape), 0, 255).astype(np.uint8)
