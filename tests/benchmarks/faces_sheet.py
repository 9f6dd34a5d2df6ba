"""One sheet of the faces the engine is tried on: what they say, see and feel (docs/portrait/faces.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.perception.face import Face
from generation.perception.faces import FaceMeter
from generation.portrait.moods import MOODS
from generation.portrait.motion import act
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from tests.benchmarks.standin_faces import Sitter, sitters

U: Final = 54.0  # px between the eyes, in the sheet
LOOKS: Final[dict[str, dict[str, float]]] = {
    "m b p": {"press": 1.0},
    "a": {"jaw": 0.8},
    "u w": {"jaw": 0.18, "round": 1.0},
    "f v": {"jaw": 0.21, "press": 0.3},
    "s": {"jaw": 0.15, "wide": 0.2},
    "lids half": {"blink": 0.5},
    "blink": {"blink": 1.0},
    "looks left": {"yaw": -0.20, "gaze_x": -0.65},
    "looks right": {"yaw": 0.20, "gaze_x": 0.65},
}
GROUND: Final = np.array((96.0, 140.0, 110.0), np.float32)  # BGR, like nothing in the photos
BOX: Final = (-1.55, -1.75, 1.55, 2.0)  # u around the middle between the eyes


def write(path: Path) -> list[str]:
    """A JPEG, two rows a face; and the lines of a table, how one face's moods differ. 30 s."""
    rows = []
    meter = FaceMeter()
    everybody = sitters(meter)
    for sitter in everybody:
        rig = sitter.rig(U)
        neutral = felt(rig, "neutral")
        cells = [("photo", rig.rest)]
        cells += [(name, msgspec.structs.replace(neutral, **pose)) for name, pose in LOOKS.items()]
        cells += [(mood, felt(rig, mood)) for mood in MOODS]
        drawn = [_labelled(shown(rig, pose), name) for name, pose in cells]
        rows.append(np.vstack([np.hstack(drawn[: len(drawn) // 2]), np.hstack(drawn[len(drawn) // 2 :])]))
    if not cv2.imwrite(str(path), np.vstack(rows), (cv2.IMWRITE_JPEG_QUALITY, 80)):
        raise SystemExit(f"{path} cannot be written: its folder must exist and its name end in .jpg")
    return _moods(everybody[1], meter)


def features(face: Face) -> dict[str, float]:
    """In distances between the eyes: brows above the eye line, corners above the lips' middle, width and gap of the
    lips; and how far the lids are apart, in eye widths."""
    points, unit = face.points[:, :2], face.inter_ocular
    eyes = points[[33, 133, 362, 263], 1].mean()
    return {
        "inner": float(eyes - points[[107, 55, 336, 285], 1].mean()) / unit,
        "outer": float(eyes - points[[70, 46, 300, 276], 1].mean()) / unit,
        "corners": float(points[[13, 14], 1].mean() - points[[61, 291], 1].mean()) / unit,
        "wide": float(np.linalg.norm(points[61] - points[291])) / unit,
        "gap": float(points[14, 1] - points[13, 1]) / unit,
        "eyes": float(np.mean(face.eyes_open)),
    }


def _moods(sitter: Sitter, meter: FaceMeter) -> list[str]:
    """What the landmark network reads off each mood of one face, less what it reads off neutral."""
    rig = sitter.rig(110)
    read = {}
    for mood in MOODS:
        pose = msgspec.structs.replace(felt(rig, mood), pitch=0.0, gaze_y=0.0)
        drawn = shown(rig, pose, (-2.6, -2.6, 2.6, 2.8))
        read[mood] = features(meter.faces(np.ascontiguousarray(drawn[..., ::-1]))[0])
    lines = [f"{sitter.name:24}" + "".join(f"{name:>9}" for name in read["neutral"])]
    for mood, values in read.items():
        changes = (value - read["neutral"][name] for name, value in values.items())
        lines.append(f"{mood:24}" + "".join(f"{change:+9.3f}" for change in changes))
    return lines


def felt(rig: Rig, mood: str) -> Pose:
    """A second into a mood, saying nothing, the head held still."""
    frames = 30
    silence = np.full((frames, 4), np.nan, np.float32)
    moods = [name for name in MOODS if name == mood] * frames
    quiet = np.zeros(frames, np.float32)
    pose = act(silence, quiet, rest=rig.rest, can_blink=False, emotions=moods, seed=1)[-1]
    return msgspec.structs.replace(pose, yaw=0.0, gaze_x=0.0)


def shown(rig: Rig, pose: Pose, box: tuple[float, float, float, float] = BOX) -> NDArray[np.uint8]:
    """(height, width, 3) BGR: what `box` shows of a person on GROUND; u around the middle between the eyes."""
    x0, y0, patch = rig.render(pose)
    drawn = rig.texture.copy()
    drawn[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]] = patch
    room = round(3 * rig.u)
    drawn = np.pad(drawn, ((room, room), (room, room), (0, 0)))
    x, y = rig.eyes[0] + room, rig.eyes[1] + room
    left, top = round(x + box[0] * rig.u), round(y + box[1] * rig.u)
    width, height = round((box[2] - box[0]) * rig.u), round((box[3] - box[1]) * rig.u)
    part = drawn[top : top + height, left : left + width].astype(np.float32)
    return np.asarray((part[..., :3] + GROUND * (1 - part[..., 3:] / 255)).clip(0, 255), np.uint8)


def _labelled(picture: NDArray[np.uint8], text: str) -> NDArray[np.uint8]:
    for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(picture, text, (4, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.38, colour, thick, cv2.LINE_AA)
    return picture
