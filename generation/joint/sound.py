"""What a vocoder made, as our sound."""

from __future__ import annotations

import numpy as np
import torch
import torchaudio

from generation.engine import Sound
from generation.errors import EngineError
from generation.shapes import SAMPLE_RATE

PEAK = 0.98  # louder takes are turned down as a whole: clipping is heard, a level is not


def at_48k(made: torch.Tensor, rate: int, samples: int) -> Sound:
    """(1 or 2, N) at `rate` -> exactly (2, samples) at 48 kHz; what is missing at the end is silence.

    Raises EngineError for a sound that is no sound: not finite, or of a shape no ear has.
    """
    if made.ndim != 2 or made.shape[0] not in {1, 2}:
        raise EngineError(
            "sound", f"the model's sound has the shape {tuple(made.shape)}; (1 or 2, samples) is playable"
        )
    heard = torchaudio.functional.resample(made.detach().to("cpu", torch.float32), rate, SAMPLE_RATE)[:, :samples]
    if not bool(torch.isfinite(heard).all()):
        raise EngineError(
            "sound", "the model's sound is not finite: its weights are damaged or overflow this precision"
        )
    heard = heard / max(1.0, float(heard.abs().max()) / PEAK) if heard.numel() else heard
    sound = np.zeros((2, samples), np.float32)
    sound[:, : heard.shape[1]] = heard.numpy()
    return sound
