"""What a pass of LTX-2's transformer costs, counted from its settings: operations, bytes, the least time of both."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from generation.joint.geometry import Canvas

TEXT_TOKENS: Final = 1024
SOUND_TOKENS_A_SECOND: Final = 25


class Peak(msgspec.Struct, frozen=True):
    """A device by its data sheet, without sparsity."""

    name: str
    bf16_tflops: float
    fp8_tflops: float
    tb_per_second: float


H100: Final = Peak("H100 SXM", 989.0, 1979.0, 3.35)


class Pass(msgspec.Struct, frozen=True):
    """One forward. Multiply and add are two operations."""

    video_tokens: int
    audio_tokens: int
    linear_tflop: float
    attention_tflop: float

    @property
    def tflop(self) -> float:
        """All of it that matters: norms and gates are left out."""
        return self.linear_tflop + self.attention_tflop


def one_pass(config: Any, video: int, audio: int, text: int = TEXT_TOKENS) -> Pass:
    """Of the repeated blocks of a transformer with these settings, for a batch of one."""
    wide = config["num_attention_heads"] * config["attention_head_dim"]
    slim = config["audio_num_attention_heads"] * config["audio_attention_head_dim"]
    linear = (
        video * (4 * wide * wide + 2 * wide * wide + 8 * wide * wide)  # self, to text, feed-forward
        + audio * (4 * slim * slim + 2 * slim * slim + 8 * slim * slim)
        + text * (2 * config["cross_attention_dim"] * wide + 2 * config["audio_cross_attention_dim"] * slim)
        + video * 2 * wide * slim + audio * 2 * slim * slim  # the picture asks the sound
        + audio * 2 * slim * slim + video * 2 * wide * slim  # the sound asks the picture
    )  # fmt: skip
    attention = (
        video * video * wide
        + audio * audio * slim
        + video * text * wide
        + audio * text * slim
        + 2 * video * audio * slim
    )
    layers = config["num_layers"]
    return Pass(video, audio, 2e-12 * linear * layers, 4e-12 * attention * layers)


def sound_tokens(canvas: Canvas, frame_rate: float = 24.0) -> int:
    """Latents of the sound beside a canvas."""
    return round(canvas.frames / frame_rate * SOUND_TOKENS_A_SECOND)


def least_seconds(work: Pass, weights_gb: float, device: Peak, *, fp8: bool) -> float:
    """By the roofline: matrices at their precision, attention in bf16; or reading the weights once, if longer."""
    linear = work.linear_tflop / (device.fp8_tflops if fp8 else device.bf16_tflops)
    computing = linear + work.attention_tflop / device.bf16_tflops
    return max(computing, weights_gb / 1000 / device.tb_per_second)
