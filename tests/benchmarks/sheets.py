"""The pictures under docs/portrait: every set, eight lights, every framing, given pictures. `./run bench sheets`.

The two sample people stand in all of them. Takes three minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import sklearn.datasets  # type: ignore[import-untyped]  # ships without types
from numpy.typing import NDArray
from PIL import Image

import backend
from generation.perception.face_enrolment import face_reference
from generation.perception.faces import FaceMeter
from generation.perception.identity import Identity
from generation.perception.references import References
from generation.plan import CastMember, Framing, Shot
from generation.portrait.blocking import block
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from generation.portrait.rigs import Rigs, subject_of
from generation.portrait.scene.kinds import Scene
from generation.portrait.scene.painting import SETS, paint
from generation.portrait.scene.pictured import pictured
from generation.portrait.shoulder import Over, making_room
from generation.portrait.stage import Stage
from generation.shapes import VideoShape

Picture = NDArray[np.uint8]
SAMPLES: Final = Path(backend.__file__ or "").parent / "samples"
DOCS: Final = Path(__file__).parents[2] / "docs" / "portrait"
SHAPE: Final = VideoShape(480, 848)
LIGHTS: Final = (
    "a park at noon", "a beach at sunset", "a park at dusk", "a street at night",
    "a cafe at night", "a forest in the fog", "a street in the rain", "a comedy stage",
)  # fmt: skip
WORDS: Final = {"stone hall": "a dungeon", "vehicle": "a bus"}
"""What to say for a set whose name is not a place."""
WEATHERS: Final = ("a park, snow", "a beach, rain", "a city at night, rain", "a mountain in the fog")


class Studio:
    """The sample people, ready."""

    def __init__(self) -> None:
        meter, identity = FaceMeter(), Identity()
        self._rigs, self._members = Rigs(), {}
        for who, name, times, height in (("S1", "eileen.png", 3.65, 172.0), ("S2", "grace.jpg", 1.8, 163.0)):
            photo, kept = Image.open(SAMPLES / name).convert("RGB"), BytesIO()
            size = round(photo.width * times), round(photo.height * times)
            photo.resize(size, Image.Resampling.BICUBIC).save(kept, "PNG")
            face = face_reference([kept.getvalue()], meter, identity, lambda _step, _done: None)
            self._members[who] = CastMember(who, name, who, References(face, None, {}), height)

    def still(self, scene: Scene, framing: Framing, who: Sequence[str], over: Over | None = None) -> Picture:
        """RGB."""
        shot = Shot(0.0, 4.0, framing, who=tuple(who))
        blocking = block(shot, {name: subject_of(member) for name, member in self._members.items()}, SHAPE)
        if over is not None:
            blocking = making_room(blocking, over.side, SHAPE)
        looks = {place.speaker: self._rigs.get(self._members[place.speaker], place.u) for place in blocking.places}
        behind = None
        if over is not None:
            rig = self._rigs.get(self._members[over.speaker], blocking.places[0].u)
            behind = (over, rig) if isinstance(rig, Rig) else None
        stage = Stage(shot, scene, blocking, looks, 0.0, SHAPE, over=behind)
        return stage.frame(30, {name: [Pose()] * 40 for name in who})


def sheet(path: Path, pictures: Sequence[tuple[str, Picture]], columns: int, width: int = 240) -> None:
    """Named pictures side by side, as a JPEG."""
    tiles = []
    for name, picture in pictures:
        size = (width, round(width * picture.shape[0] / picture.shape[1]))
        tile = np.ascontiguousarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)[..., ::-1])
        for colour, off in (((0, 0, 0), 1), ((255, 255, 255), 0)):
            cv2.putText(tile, name, (6 + off, 16 + off), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)
        tiles.append(tile)
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)]
    cv2.imwrite(str(path), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 82])


def given() -> list[tuple[str, Picture]]:
    """Two photographs and what may become of pictures people give: a panorama, a thumbnail, grey, by night."""
    china, flower = (np.asarray(one, np.uint8) for one in sklearn.datasets.load_sample_images().images)
    return [
        ("a photo, 640x427", china),
        ("a flower, 640x427", flower),
        ("a panorama, 640x90", np.ascontiguousarray(china[120:210])),
        ("a thumbnail, 32x21", np.asarray(cv2.resize(china, (32, 21), interpolation=cv2.INTER_AREA), np.uint8)),
        ("grey", np.asarray(cv2.cvtColor(china, cv2.COLOR_RGB2GRAY), np.uint8)),
        ("by night", (china * np.array((0.22, 0.28, 0.45))).astype(np.uint8)),
    ]


def main() -> None:
    """Writes the four sheets."""
    studio = Studio()
    both: tuple[str, str] = ("S1", "S2")
    settings = {name: WORDS.get(name, name) for name in (*SETS, *WEATHERS)}
    sets = [(name, studio.still(paint(words, SHAPE, seed=4), "wide", ("S1",))) for name, words in settings.items()]
    sheet(DOCS / "sets.jpg", sets, 11, 180)
    sheet(
        DOCS / "light.jpg", [(name, studio.still(paint(name, SHAPE, seed=4), "two_shot", both)) for name in LIGHTS], 4
    )
    garden = paint("a garden", SHAPE, seed=3)
    framings: list[tuple[Framing, Sequence[str], Over | None]] = [
        ("wide", both, None), ("two_shot", both, None), ("wide", ("S2",), None), ("medium", ("S1",), None),
        ("medium", ("S1",), Over("S2", 1.0)), ("close_up", ("S2",), None), ("close_up", ("S2",), Over("S1", -1.0)),
        ("insert", ("S1",), None),
    ]  # fmt: skip
    shown = [
        (f"{framing}, {len(who)}{', over' if over else ''}", studio.still(garden, framing, who, over))
        for framing, who, over in framings
    ]
    sheet(DOCS / "framing.jpg", shown, 4)
    scenes = [(name, pictured(picture, SHAPE)) for name, picture in given()]
    pictures = [(name, studio.still(scene, "two_shot", both)) for name, scene in scenes]
    pictures += [(name, studio.still(scene, "medium", ("S2",))) for name, scene in scenes]
    sheet(DOCS / "reference_scene.jpg", pictures, 6, 200)


if __name__ == "__main__":
    main()
