"""Figures of a voice: who it sounds like, how high it is, where it speaks. All at 16 kHz mono.

Embedding: Resemblyzer 0.1.4 (MIT; Wan et al. 2018, "Generalized end-to-end loss for speaker verification"): its own
weights in the same three-layer LSTM behind the same mel front end. The package itself is not imported: it drags librosa
and numba along, six seconds, for one filter bank that torchaudio has too. A test holds both equal.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import torch
import webrtcvad  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray
from scipy.signal import stft
from torch import nn
from torchaudio.functional import melscale_fbanks

from generation.errors import EngineUnavailable
from generation.perception.recordings import RATE
from generation.perception.tone import BANDS_HZ

Floats = NDArray[np.float32]

ENCODER: Final = "Resemblyzer 0.1.4"
LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 420.0
VAD_S: Final = 0.03

_HOP, _WINDOW, _MELS, _SIZE = 160, 400, 40, 256
_PART: Final = 160  # mel frames in one partial utterance: 1.6 s
_STEP: Final = 77  # between two of them: 1.3 a second
_LEVEL_DB: Final = -30.0  # quieter sounds are raised to this first, as in the package
_VOICED: Final = 0.5  # normalised autocorrelation of a frame with a pitch


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(_MELS, _SIZE, 3, batch_first=True)
        self.linear = nn.Linear(_SIZE, _SIZE)

    def forward(self, mels: torch.Tensor) -> torch.Tensor:
        """(parts, 160, 40) -> (parts, 256), unit length."""
        _, (hidden, _) = self.lstm(mels)
        return nn.functional.normalize(torch.relu(self.linear(hidden[-1])), dim=1)


@cache
def _encoder() -> tuple[_Encoder, torch.Tensor, torch.Tensor]:
    package = importlib.util.find_spec("resemblyzer")
    if package is None or package.origin is None:
        raise EngineUnavailable("voice", "the package Resemblyzer is missing: install the worker packages")
    kept = torch.load(Path(package.origin).parent / "pretrained.pt", map_location="cpu", weights_only=True)
    encoder = _Encoder().eval()
    encoder.load_state_dict({name: value for name, value in kept["model_state"].items() if "similarity" not in name})
    bank = melscale_fbanks(_WINDOW // 2 + 1, 0.0, RATE / 2, _MELS, RATE, norm="slaney", mel_scale="slaney")
    return encoder, bank, torch.hann_window(_WINDOW)


def embedding(voice: Floats) -> Floats:
    """(256,), unit length, of (N,) with its pauses shortened. Its cosines: one speaker .75-.93, others .45-.69."""
    encoder, bank, window = _encoder()
    level = 10 * np.log10(max(float(np.mean(voice.astype(np.float64) ** 2)), 1e-12))
    raised = voice * np.float32(10 ** (max(0.0, _LEVEL_DB - level) / 20))
    frames = int(np.ceil((len(voice) + 1) / _HOP))
    starts = list(range(0, max(1, frames - _PART + _STEP + 1), _STEP))
    if len(starts) > 1 and (len(voice) - starts[-1] * _HOP) / (_PART * _HOP) < 0.75:
        starts.pop()
    padded = np.pad(raised, (0, max(0, (starts[-1] + _PART) * _HOP - len(voice))))
    with torch.inference_mode():
        turns = torch.stft(
            torch.from_numpy(padded), _WINDOW, _HOP, window=window, pad_mode="constant", return_complex=True
        )
        mels = turns.abs().square().T @ bank
        mean = encoder(torch.stack([mels[start : start + _PART] for start in starts])).mean(0)
        return np.asarray(nn.functional.normalize(mean, dim=0).numpy(), np.float32)


def timbre(voice: Floats) -> Floats:
    """Long-term spectrum of the louder half of (N,), in dB at BANDS_HZ, mean 0: a voice's colour and its room's."""
    hz, _, turns = stft(voice, RATE, nperseg=512, noverlap=352)
    power = np.abs(turns) ** 2
    loud = power.sum(0)
    mean = power[:, loud >= np.median(loud)].mean(1)
    middles = np.sqrt(np.multiply(BANDS_HZ[1:], BANDS_HZ[:-1]))
    edges = np.searchsorted(hz, [70.0, *middles, 7900.0])
    bands = 10 * np.log10([mean[a:b].mean() + 1e-12 for a, b in pairwise(edges)])
    return np.asarray(bands - bands.mean(), np.float32)


def speech_mask(voice: Floats) -> NDArray[np.bool_]:
    """One flag for each full 30 ms: somebody speaks (WebRTC's detector, at its third of four strictnesses)."""
    detector = webrtcvad.Vad(2)
    size = round(VAD_S * RATE)
    pcm = (np.clip(voice, -1, 1) * 32767).astype("<i2")
    return np.array(
        [detector.is_speech(pcm[i : i + size].tobytes(), RATE) for i in range(0, len(pcm) - size + 1, size)], bool
    )


def pitches(voice: Floats) -> Floats:
    """Fundamental in Hz of every voiced 40 ms, every 10 ms, by autocorrelation (60-420 Hz)."""
    size, hop = 1024, 160
    if len(voice) < size:
        return np.zeros(0, np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(voice, size)[::hop] * np.hanning(size)
    loud = np.sqrt((frames**2).mean(1))
    frames = frames[loud > 0.15 * np.quantile(loud, 0.95)]
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), 2 * size)) ** 2)
    match = np.fft.irfft(np.abs(np.fft.rfft(frames, 2 * size)) ** 2)
    first, last = int(RATE / HIGHEST_HZ), int(RATE / LOWEST_HZ)
    match = match[:, :last] / np.maximum(match[:, :1], 1e-12) / (window[:last] / window[0])  # Boersma 1993
    best = match[:, first:].max(1)
    # The shortest lag that does almost as well: the true period, not a multiple of it.
    good = match[:, first:] >= 0.88 * best[:, None]
    start = first + good.argmax(1)
    lags = np.array([s + int(row[s : s + first // 2].argmax()) for s, row in zip(start, match, strict=True)])
    return np.asarray(RATE / lags[best > _VOICED], np.float32)
