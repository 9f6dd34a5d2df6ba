"""Stored voices as tokens beside the sound that is being made, for LTX-2 (ID-LoRA, arXiv 2603.10256).

A recording's latents are appended to the transformer's audio stream as clean tokens: their time step is 0, and their
RoPE times are those of a clip of its own that ends one latent before zero, so they are told apart from the clip's time
and keep their order. What comes out for them is thrown away. The transformer needs adapters that were trained with such
tokens.

The adapters know one recording. Two speakers' recordings stand at the same times and do not see each other, and the
clip's sound sees each of them in its speaker's turns alone, so that within a turn everything is as it was trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import torch
import torchaudio

REFERENCE_S: Final = 5.0  # what the adapters were trained with; every length would be another shape to compile for
MEL_FFT: Final = 1024
_UNSEEN: Final = -10_000.0  # added to attention, as diffusers does


class Voice(msgspec.Struct, frozen=True, eq=False):
    """`latents` (1, tokens, channels x mel bins), normalised; heard in `turns`, seconds from and to; None: always."""

    latents: torch.Tensor
    turns: tuple[tuple[float, float], ...] | None = None


def encoded(audio_vae: Any, voice: torch.Tensor, rate: int) -> torch.Tensor:
    """The first REFERENCE_S of (1, N) `voice` at `rate` Hz, repeated from its start where it is shorter: latents."""
    config, device = audio_vae.config, next(audio_vae.parameters()).device
    sound = torchaudio.functional.resample(voice.float(), rate, config.sample_rate)
    wanted = round(REFERENCE_S * config.sample_rate)
    sound = sound.repeat(1, -(-wanted // sound.shape[1]))[:, :wanted].to(device)
    mel = torchaudio.transforms.MelSpectrogram(
        sample_rate=config.sample_rate,
        n_fft=MEL_FFT,
        win_length=MEL_FFT,
        hop_length=config.mel_hop_length,
        f_max=config.sample_rate / 2,
        n_mels=config.mel_bins,
        power=1.0,
        norm="slaney",
        mel_scale="slaney",
    ).to(device)
    columns = torch.log(mel(sound).clamp(min=1e-5)).transpose(1, 2)  # (1, columns, mel bins)
    stereo = columns[:, None].expand(-1, 2, -1, -1)
    with torch.no_grad():
        latents = audio_vae.encode(stereo.to(audio_vae.dtype)).latent_dist.mode()  # (1, channels, tokens, bins)
    packed = latents.transpose(1, 2).flatten(2).float()
    return torch.as_tensor((packed - audio_vae.latents_mean.to(packed)) / audio_vae.latents_std.to(packed))


@contextmanager
def heard_by(transformer: Any, voices: Sequence[Voice]) -> Iterator[None]:
    """While open, every forward of the transformer hears the voices; nothing changes without any."""
    if not voices:
        yield
        return
    hearing, blocks = _Hearing(transformer.audio_rope, voices), transformer.transformer_blocks
    hooks = [
        transformer.register_forward_pre_hook(hearing.append, with_kwargs=True),
        transformer.register_forward_hook(hearing.drop, with_kwargs=True),
    ]
    if any(voice.turns is not None for voice in voices):
        # not by hooks on the blocks: a compiled block does not look whether it has got any since
        transformer.transformer_blocks = torch.nn.ModuleList(_Masked(block, hearing) for block in blocks)
    try:
        yield
    finally:
        transformer.transformer_blocks = blocks
        for hook in hooks:
            hook.remove()


def reference_times(rope: Any, tokens: int, device: torch.device) -> torch.Tensor:
    """(1, 1, tokens, 2) seconds, from and to, all of them negative: a clip that ends one latent before zero."""
    times = rope.prepare_audio_coords(1, tokens, device)
    latent_s = rope.scale_factors[0] * rope.hop_length / rope.sampling_rate
    return torch.as_tensor(times - times[..., -1, 1].max() - latent_s)


def sees(times: torch.Tensor, voices: Sequence[Voice]) -> torch.Tensor:
    """(own + references, own + references) bool: which token of the audio stream looks at which.

    Args:
        times: (own, 2) seconds of the clip's own tokens, from and to.
        voices: in the order in which their tokens are appended.
    """
    middle = times.mean(-1)
    own = len(middle)
    total = own + sum(voice.latents.shape[1] for voice in voices)
    made = torch.zeros(total, total, dtype=torch.bool, device=times.device)
    made[:own, :own] = True
    first = own
    for voice in voices:
        last = first + voice.latents.shape[1]
        now = torch.ones_like(middle, dtype=torch.bool)
        if voice.turns is not None:
            now = torch.stack([(middle >= start) & (middle < end) for start, end in voice.turns]).any(0)
        made[:own, first:last] = now[:, None]
        made[first:last, :own] = now[None]
        made[first:last, first:last] = True
        first = last
    return made


class _Hearing:
    """What happens around a forward of the transformer, and the mask that is known once it has begun."""

    def __init__(self, rope: Any, voices: Sequence[Voice]) -> None:
        self._voices = voices
        self._latents = torch.cat([voice.latents for voice in voices], 1)
        device = self._latents.device
        self._times = torch.cat([reference_times(rope, voice.latents.shape[1], device) for voice in voices], 2)
        self.mask: torch.Tensor | None = None  # (1, tokens, tokens), added to attention

    def append(
        self, _module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """A hook before the forward."""
        sound, at, coords = kwargs["audio_hidden_states"], kwargs["audio_timestep"], kwargs["audio_coords"]
        batch, own = sound.shape[:2]
        tokens = self._latents.to(sound).expand(batch, -1, -1)
        if self.mask is None:
            self.mask = ((~sees(coords[0, 0], self._voices)).to(sound.dtype) * _UNSEEN)[None]
        clean = at.new_zeros((batch, tokens.shape[1]))
        heard = {
            "audio_hidden_states": torch.cat([sound, tokens], 1),
            "audio_timestep": torch.cat([at.reshape(batch, -1).expand(batch, own), clean], 1),
            "audio_coords": torch.cat([coords, self._times.to(coords).expand(batch, -1, -1, -1)], 2),
            "audio_num_frames": own + tokens.shape[1],
        }
        return args, kwargs | heard

    def drop(self, _module: torch.nn.Module, _args: tuple[Any, ...], _kwargs: dict[str, Any], made: Any) -> Any:
        """A hook after the forward."""
        picture, sound = made
        return picture, sound[:, : sound.shape[1] - self._latents.shape[1]]


class _Masked(torch.nn.Module):
    """A block of the transformer, told which tokens of the sound see which."""

    def __init__(self, block: torch.nn.Module, hearing: _Hearing) -> None:
        super().__init__()
        self.block = block
        self._hearing = hearing

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.block(*args, **kwargs | {"audio_self_attention_mask": self._hearing.mask})
