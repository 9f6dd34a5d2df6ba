"""From latents to the frames of a take, and where they really cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from generation.engine import Frame, Take, Track
from generation.errors import EngineError
from generation.joint.geometry import cropped
from generation.perception.cuts import cuts_in
from generation.shapes import FRAME_RATE, VideoShape, frames_for, samples_for

_AT_ONCE: Final = 24  # frames turned into bytes together
_THUMB_PX: Final = 48
_NEAR_FRAMES: Final = 12  # a cut further from its plan than half a second is another cut


@torch.no_grad()
def decoded(vae: Any, latents: torch.Tensor, size: VideoShape, count: int) -> NDArray[np.uint8]:
    """(1, channels, k, h, w), as the pipeline left them -> the first `count` frames, (count, height, width, 3) RGB.

    Raises EngineError for pictures that are not finite.
    """
    clock = torch.zeros(1, device=latents.device, dtype=vae.dtype) if vae.config.timestep_conditioning else None
    picture = vae.decode(latents.to(vae.dtype), clock, return_dict=False)[0][0]  # (3, frames, H, W), -1..1
    return as_bytes(picture[:, :count], size)


def as_bytes(picture: torch.Tensor, size: VideoShape) -> NDArray[np.uint8]:
    """(3, frames, H, W) in -1..1 -> its middle, (frames, height, width, 3) uint8, on the CPU."""
    parts = []
    for start in range(0, picture.shape[1], _AT_ONCE):
        part = picture[:, start : start + _AT_ONCE].float()
        if not bool(torch.isfinite(part).all()):
            raise EngineError(
                "decode", "the model's picture is not finite: its weights are damaged or overflow this precision"
            )
        bytes_ = ((part + 1) * 127.5).clamp_(0, 255).round_().to(torch.uint8).permute(1, 2, 3, 0)
        parts.append(np.ascontiguousarray(cropped(bytes_.cpu().numpy(), size)))
    return np.concatenate(parts)


def taken(frames: NDArray[np.uint8], cuts_s: tuple[float, ...], track: Track) -> Take:
    """A take whose frames (frames, height, width, 3) and sound were made together; reading them lets go of them."""
    seconds = len(frames) / FRAME_RATE
    first = samples_for(cuts_s[0] if cuts_s else seconds)
    return Take(_read_once(frames), seconds, cuts_s, track.sound[:, :first], lambda: track)


def realised_cuts(frames: NDArray[np.uint8], planned_s: Sequence[float]) -> tuple[float, ...]:
    """Where the clip really cuts near each planned cut, in seconds; the planned moment where it does not."""
    step = max(1, min(frames.shape[1:3]) // _THUMB_PX)
    found = cuts_in(list(frames[:, ::step, ::step]))
    made = []
    for planned in planned_s:
        nearest = min(found, key=lambda cut: abs(cut - frames_for(planned)), default=None)
        near = nearest is not None and abs(nearest - frames_for(planned)) < _NEAR_FRAMES
        made.append(nearest / FRAME_RATE if nearest is not None and near else planned)
    return tuple(made)


def _read_once(frames: NDArray[np.uint8]) -> Iterator[Frame]:
    yield from frames
