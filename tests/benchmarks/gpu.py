"""`./run gpu`: LTX-2 at its full size with random weights on this machine's GPU: seconds and memory of a clip.

How long a forward takes does not depend on what the weights were trained to, so this needs no download. It imports no
more of the project than the denoising path: torch, torchaudio, numpy, opencv, pillow, msgspec, diffusers, transformers
and torchao are enough (docs/gpu.md).
"""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before diffusers is imported

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import diffusers
import msgspec
import numpy as np
import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    FlowMatchEulerDiscreteScheduler,
    LTX2InContextPipeline,
    LTX2VideoTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2TextConnectors
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder
from transformers import Gemma3Config, Gemma3ForConditionalGeneration

from generation.engine import Progress
from generation.errors import Cancelled, EngineError
from generation.joint.distilled import FIRST, SECOND, Distilled, Pin, Shown
from generation.joint.frames import decoded
from generation.joint.geometry import Canvas, canvas_for
from generation.joint.placing import Placing, Precision
from generation.joint.residency import Residency, fast_precision, quantised, stored_bytes
from generation.joint.sound import at_48k
from generation.joint.steps import Steps
from generation.shapes import VideoShape, frames_for, samples_for
from tests.benchmarks.arithmetic import H100, Pass, least_seconds, one_pass, sound_tokens
from tests.generation.joint import tiny

SECONDS: Final = 10.0
SIZES: Final = (VideoShape(384, 640), VideoShape(512, 768))
PINS: Final = (0, 96)  # the usual clip: a cut at four seconds, somebody in both shots
CANCEL_AT: Final = 4  # calls of progress: as the third denoising step begins


class Row(msgspec.Struct, frozen=True):
    """One kind of clip; seconds by the wall, the device waited for at every border between stages."""

    size: str
    stages: int
    precision: str
    compiled: bool
    prompt_s: float
    denoise_s: float
    refine_s: float
    decode_s: float  # picture and sound, until their bytes are in the machine's memory
    whole_s: float
    peak_gb: float
    cancel_s: float  # from asking, as a step begins, until the render is over and tidied up
    tflop: float  # of all passes, by arithmetic
    first_s: float  # the same clip before this one: compiling and choosing kernels


class Bench:
    """Full-size parts with random weights, laid out resident."""

    def __init__(self, device: torch.device, *, small: bool) -> None:
        self.device = device
        self.pipeline, upsampler = (tiny.pipeline(), tiny.upsampler()) if small else full_size(device)
        self.paths = {1: Distilled(self.pipeline, None, crf=0), 2: Distilled(self.pipeline, upsampler, crf=0)}
        names = ("transformer", "text_encoder", "connectors", "vae", "audio_vae", "vocoder")
        parts = {name: getattr(self.pipeline, name) for name in names} | {"latent_upsampler": upsampler}
        placing = Placing("resident", "resident", "resident", "resident", "bf16", 0.0)
        self.residency = Residency(parts, device, placing).__enter__()
        self.gigabytes = {name: round(stored_bytes(part) / 1e9, 2) for name, part in parts.items()}

    def clip(self, size: VideoShape, stages: int) -> dict[str, float]:
        """Seconds by stage of one clip."""
        begun: dict[str, float] = {}

        def noted(stage: str, _fraction: float, _shot: int) -> None:
            if stage not in begun:
                self.wait()
                begun[stage] = time.perf_counter()

        self._make(size, stages, noted)
        self.wait()
        ended = time.perf_counter()
        borders = [*begun.values(), ended]
        spent = {stage: borders[number + 1] - at for number, (stage, at) in enumerate(begun.items())}
        return spent | {"whole": ended - borders[0]}

    def cancelled(self, size: VideoShape, stages: int) -> float:
        """Seconds from a cancel that is asked for as a step begins until everything is over: the longest wait."""
        asked: list[float] = []
        calls = 0

        def noted(_stage: str, _fraction: float, _shot: int) -> None:
            nonlocal calls
            calls += 1
            if asked:
                raise Cancelled
            if calls == CANCEL_AT:
                self.wait()
                asked.append(time.perf_counter())

        try:
            self._make(size, stages, noted)
        except Cancelled:
            self.wait()
            return time.perf_counter() - asked[0]
        raise AssertionError("nobody noticed the cancel")

    def wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def quantise(self, precision: Precision) -> None:
        """From here on; blocks that were compiled are compiled anew."""
        for block in self.pipeline.transformer.transformer_blocks:
            block._compiled_call_impl = None
        torch._dynamo.reset()
        quantised(self.pipeline.transformer, precision, self.device)

    def _make(self, size: VideoShape, stages: int, on_progress: Progress) -> None:
        path = self.paths[stages]
        canvas = canvas_for(size, frames_for(SECONDS), stages=stages)
        costs = {"prompt": 1.0, **path.costs(canvas), "decode": 1.0}
        with self.residency.working("bench"):
            self._rendered(path, canvas, size, Steps(on_progress, costs))

    @torch.no_grad()
    def _rendered(self, path: Distilled, canvas: Canvas, size: VideoShape, steps: Steps) -> None:
        steps.begin("prompt")
        embeds, mask, _, _ = self.pipeline.encode_prompt(
            "a long prompt " * 40,
            do_classifier_free_guidance=False,
            max_sequence_length=self.pipeline.tokenizer_max_length,
            device=self.device,
        )
        grey = np.full((canvas.height, canvas.width, 3), 128, np.uint8)
        pins = tuple(Pin(frame, grey) for frame in PINS)
        picture, heard = path.latents((embeds, mask), Shown(pins), canvas, 1, steps)
        steps.begin("decode")
        vae, vocoder = path.pipeline.audio_vae, path.pipeline.vocoder
        try:
            decoded(path.pipeline.vae, picture, size, frames_for(SECONDS))
        except EngineError as error:  # random weights of this depth may overflow; the decoder's work was the same
            print(f"  {error}", file=sys.stderr)
        mel = vae.decode(heard.to(vae.dtype), return_dict=False)[0]
        wave = torch.nan_to_num(vocoder(mel.to(vocoder.dtype))[0])
        at_48k(wave, vocoder.config.output_sampling_rate, samples_for(SECONDS))


@contextmanager
def random_on(device: torch.device) -> Iterator[None]:
    """What is built inside stands on the device in bf16, with the random weights its class begins with."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(before)


def full_size(device: torch.device) -> tuple[LTX2InContextPipeline, LTX2LatentUpsamplerModel]:
    """LTX-2.0 by the defaults of its classes (18.9 B), with Gemma 3 12 B."""
    words = tiny.tokenizer()
    words.model_max_length = 1024
    text_config = {
        "vocab_size": 262_208,
        "hidden_size": 3840,
        "intermediate_size": 15_360,
        "num_hidden_layers": 48,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "head_dim": 256,
        "sliding_window": 1024,
    }
    with random_on(device):
        parts = {
            "transformer": LTX2VideoTransformer3DModel(),
            "text_encoder": Gemma3ForConditionalGeneration(Gemma3Config(text_config=text_config)),
            "connectors": LTX2TextConnectors(),
            "vae": AutoencoderKLLTX2Video(),
            "audio_vae": AutoencoderKLLTX2Audio(),
            "vocoder": LTX2Vocoder(),
        }
        upsampler = LTX2LatentUpsamplerModel()
    scheduler = FlowMatchEulerDiscreteScheduler()
    pipeline = LTX2InContextPipeline(tokenizer=words, scheduler=scheduler, **parts)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline, upsampler


def passes(config: Any, size: VideoShape, stages: int) -> list[tuple[int, Pass]]:
    """(how often, what) of a clip's denoising."""
    canvas = canvas_for(size, frames_for(SECONDS), stages=stages)
    pinned = len(PINS) - 1  # a picture in the first latent replaces tokens, another adds its own

    def one(of: Canvas) -> Pass:
        picture = (of.width // 32) * (of.height // 32)
        return one_pass(config, of.latent_tokens + pinned * picture, sound_tokens(of))

    return [(8, one(canvas))] if stages == 1 else [(len(FIRST), one(canvas.halved)), (len(SECOND), one(canvas))]


def arithmetic() -> list[list[str]]:
    """The table of docs/gpu.md that needs no GPU."""
    with torch.device("meta"):
        model = LTX2VideoTransformer3DModel()
    weights_gb = 2 * sum(tensor.numel() for tensor in model.parameters()) / 1e9
    rows = [
        [
            "clip of 10 s",
            "passes x video tokens",
            "PFLOP",
            f"least s bf16 ({H100.name})",
            "least s FP8",
            "at half of it, FP8",
        ]
    ]
    for size in SIZES:
        for stages in (1, 2):
            parts = passes(dict(model.config), size, stages)
            least = [
                sum(count * least_seconds(work, weights_gb / (2 if fp8 else 1), H100, fp8=fp8) for count, work in parts)
                for fp8 in (False, True)
            ]
            tokens = " + ".join(f"{count} x {work.video_tokens:,}" for count, work in parts)
            whole = sum(count * work.tflop for count, work in parts) / 1000
            name = f"{size.width}x{size.height}, {stages} stage{'s' * (stages - 1)}"
            rows.append([name, tokens, f"{whole:.2f}", f"{least[0]:.2f}", f"{least[1]:.2f}", f"{2 * least[1]:.2f}"])
    return rows


def measure(bench: Bench, sizes: Sequence[VideoShape], *, compiles: bool, deadline: float) -> Iterator[Row]:
    """Every kind of clip, bf16 before what it is quantised to, until the deadline (time.perf_counter)."""
    config = dict(bench.pipeline.transformer.config)
    for precision in ("bf16", fast_precision(bench.device)):
        if precision != "bf16":
            bench.quantise(precision)
        for compiled in (False, True) if compiles else (False,):
            if compiled:
                bench.residency.compile()
            for size in sizes:
                for stages in (1, 2):
                    if time.perf_counter() > deadline:
                        return
                    yield _row(bench, size, stages, precision, config, compiled=compiled)


def _row(bench: Bench, size: VideoShape, stages: int, precision: str, config: dict[str, Any], *, compiled: bool) -> Row:
    first = bench.clip(size, stages)
    if bench.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(bench.device)
    spent = bench.clip(size, stages)
    peak = torch.cuda.max_memory_allocated(bench.device) / 1e9 if bench.device.type == "cuda" else 0.0
    return Row(
        size=f"{size.width}x{size.height}",
        stages=stages,
        precision=precision,
        compiled=compiled,
        prompt_s=round(spent["prompt"], 4),
        denoise_s=round(spent["denoise"], 4),
        refine_s=round(spent.get("refine", 0.0), 4),
        decode_s=round(spent["decode"], 4),
        whole_s=round(spent["whole"], 4),
        peak_gb=round(peak, 2),
        cancel_s=round(bench.cancelled(size, stages), 4),
        tflop=round(sum(count * work.tflop for count, work in passes(config, size, stages)), 3),
        first_s=round(first["whole"], 4),
    )


def table(rows: Sequence[Row]) -> list[list[str]]:
    """As it is printed, the speed of denoising beside the seconds."""
    head = [
        "size",
        "stages",
        "precision",
        "compiled",
        "prompt",
        "denoise",
        "refine",
        "decode",
        "whole s",
        "TFLOP/s",
        "peak GB",
        "cancel s",
        "first s",
    ]
    return [
        head,
        *(
            [
                row.size,
                str(row.stages),
                row.precision,
                "yes" if row.compiled else "no",
                *(f"{value:.2f}" for value in (row.prompt_s, row.denoise_s, row.refine_s, row.decode_s, row.whole_s)),
                f"{row.tflop / (row.denoise_s + row.refine_s):.0f}",
                f"{row.peak_gb:.1f}",
                f"{row.cancel_s:.2f}",
                f"{row.first_s:.1f}",
            ]
            for row in rows
        ),
    ]


def show(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)), flush=True)


def main(arguments: Sequence[str]) -> None:
    """Prints a table and writes JSON after every row, so that what was measured outlives whatever stops it."""
    parser = argparse.ArgumentParser(
        prog="./run gpu", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--arithmetic", action="store_true", help="the table of operations; needs no GPU")
    parser.add_argument(
        "--tiny", action="store_true", help="tiny models of the same classes, also on a CPU: tries the script"
    )
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    parser.add_argument("--minutes", type=float, default=9.0, help="begin no further row after so many (9)")
    parser.add_argument("--json", type=Path, default=Path("gpu.json"), help="where the figures go (gpu.json)")
    asked = parser.parse_args(arguments)
    if asked.arithmetic:
        show(arithmetic())
        return
    if not asked.tiny and not torch.cuda.is_available():
        raise SystemExit("castmate: ./run gpu needs a CUDA GPU; --arithmetic and --tiny run without one")
    began = time.perf_counter()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or "CPU"
    bench = Bench(device, small=asked.tiny)
    machine = {
        "device": name,
        "model": "tiny, random weights" if asked.tiny else "LTX-2.0 class defaults and Gemma 3 12B, random weights",
        "torch": str(torch.__version__),
        "diffusers": diffusers.__version__,
        "gigabytes": bench.gigabytes,
        "built_s": round(time.perf_counter() - began, 1),
        "seconds_of_clip": SECONDS,
    }
    print(json.dumps(machine), file=sys.stderr, flush=True)
    rows: list[Row] = []
    sizes = (VideoShape(32, 32),) if asked.tiny else SIZES
    deadline = began + 60 * asked.minutes
    for row in measure(bench, sizes, compiles=not asked.no_compile, deadline=deadline):
        rows.append(row)
        print(msgspec.json.encode(row).decode(), file=sys.stderr, flush=True)
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode({"machine": machine, "rows": rows})))
    show(table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
