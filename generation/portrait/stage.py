"""One shot, ready to shoot: a set at its distance, people in their places, a camera. Any frame, in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.plan import Shot
from generation.portrait.actor import Actor
from generation.portrait.actor import over as lay_over
from generation.portrait.backdrop import Backdrop
from generation.portrait.blocking import LOW
from generation.portrait.camera import View, view
from generation.portrait.figure import FigureRig
from generation.portrait.figure_actor import FigureActor
from generation.portrait.light import Around, silhouette
from generation.portrait.place import Blocking, Place, nearness
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from generation.portrait.scene.kinds import MARGIN, Layer, Light, Scene
from generation.portrait.shoulder import Over, Shoulder
from generation.shapes import FRAME_RATE, VideoShape, frames_for

EMPTY_FACE_Y: Final = 0.45  # of the height: what the camera closes in on where nobody is


class Stage:
    """Read-only after it is made, so several threads may render its frames at once."""

    def __init__(
        self,
        shot: Shot,
        scene: Scene,
        blocking: Blocking,
        rigs: Mapping[str, Rig | FigureRig],
        side: float,
        shape: VideoShape,
        *,
        over: tuple[Over, Rig] | None = None,
        before: Stage | None = None,
    ) -> None:
        """`side` -1 .. 1: where in the set this looks; `over` whose shoulder; `before`: what this one continues."""
        self._shot, self._shape, self._life = shot, shape, scene.life
        edge = blocking.foreground_y
        if scene.foreground is None or (scene.only_hides and edge is not None and edge > LOW * shape.height - 1):
            edge = None
        looks = [rigs[place.speaker] for place in blocking.places]
        shown = [
            silhouette(rig.texture, rig.eyes, rig.u / place.u, place, shape)
            for rig, place in zip(looks, blocking.places, strict=True)
        ]
        people = [(one, place.u) for one, place in zip(shown, blocking.places, strict=True)]
        self._backdrop = Backdrop(scene, shot.framing, side, people, shape, nearness=nearness(shot.distance))
        actors = []
        for number, (rig, place) in enumerate(zip(looks, blocking.places, strict=True)):
            nearer = np.max([np.zeros_like(shown[number]), *shown[number + 1 :]], axis=0)
            around = Around(self._backdrop.behind, nearer, None if place.front else edge)
            actors.append(_actor(rig, place, scene.light, around, shape))
        self._behind = tuple(actor for actor in actors if not actor.place.front)
        self._front = tuple(actor for actor in actors if actor.place.front)
        self._shoulder = None
        if over is not None:
            whose, rig_behind = over
            behind = self._backdrop.behind
            self._shoulder = Shoulder(whose.speaker, rig_behind, blocking, whose.side, scene.light, behind, shape)
        self._foreground = None
        if scene.foreground is not None and edge is not None:
            self._foreground = _raised(scene.foreground, edge, shape)
        eyes = [place.y for place in blocking.places]
        self._face_y = float(np.mean(eyes)) if eyes else EMPTY_FACE_Y * shape.height
        self._first = frames_for(shot.start_s)
        self._frames = max(1, frames_for(shot.end_s) - self._first)
        self._carried: View | None = None
        if before is not None:
            last, own = before.seen(self._first - 1), self.seen(self._first)
            self._carried = View(last.zoom - own.zoom, last.x - own.x, last.y - own.y)

    def seen(self, index: int) -> View:
        """Where the camera is; in a continued shot it goes on from where it was."""
        at = float(np.clip((index - self._first) / max(1, self._frames - 1), 0, 1))
        own = view(self._shot.camera, at, self._frames / FRAME_RATE, self._shape, face_y=self._face_y)
        if self._carried is None:
            return own
        left = 1 - at * at * (3 - 2 * at)
        kept = self._carried
        return View(own.zoom + left * kept.zoom, own.x + left * kept.x, own.y + left * kept.y)

    def frame(self, index: int, poses: Mapping[str, Sequence[Pose]]) -> NDArray[np.uint8]:
        """Frame `index` of the clip, (height, width, 3) RGB."""
        seen = self.seen(index)
        picture = self._backdrop.paint(seen, index)
        for actor in self._behind:
            actor.draw(picture, poses[actor.place.speaker][index], seen)
        if self._foreground is not None:
            _lay(picture, self._foreground, seen)
        for actor in self._front:
            actor.draw(picture, poses[actor.place.speaker][index], seen)
        self._life.near(picture, index)
        if self._shoulder is not None:
            self._shoulder.lay(picture, seen, poses, index)
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def _actor(rig: Rig | FigureRig, place: Place, light: Light, around: Around, shape: VideoShape) -> Actor | FigureActor:
    if isinstance(rig, FigureRig):
        return FigureActor(rig, place, light, around, shape)
    return Actor(rig, place, light, around, shape)


def _raised(foreground: Layer, top: float, shape: VideoShape) -> tuple[NDArray[np.uint8], float]:
    """The rows that hold anything, and where they begin (px of the unmoved frame): so that it covers from `top` on."""
    rows = np.flatnonzero(foreground.picture[..., 3].max(axis=1) > 0)
    first = int(rows[0]) if rows.size else foreground.picture.shape[0] - 1
    solid = np.flatnonzero(foreground.picture[..., 3].min(axis=1) > 250)
    covers = int(solid[0]) if solid.size else first
    own = covers - MARGIN * shape.height
    return np.ascontiguousarray(foreground.picture[first:]), first - MARGIN * shape.height - (own - top)


def _lay(picture: NDArray[np.uint8], foreground: tuple[NDArray[np.uint8], float], seen: View) -> None:
    """Moves with the people; what it lacks at the bottom is its last row."""
    content, top = foreground
    height, width = picture.shape[:2]
    y = (top - seen.y) * seen.zoom + height / 2
    first = max(0, int(np.floor(y)))
    if first >= height:
        return
    left = (width - content.shape[1]) / 2
    move = np.array(((seen.zoom, 0, (left - seen.x) * seen.zoom + width / 2), (0, seen.zoom, y - first)), np.float32)
    moved = cv2.warpAffine(
        content, move, (width, height - first), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    lay_over(picture[first:], np.asarray(moved, np.uint8))
