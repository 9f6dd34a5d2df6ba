"""A stored voice as tokens beside the sound that is being made, for LTX-2 (ID-LoRA, arXiv 2603.10256).

The recording's latents are appended to the transformer's audio stream as clean tokens: their time step is 0 and their
RoPE time is negative, [-seconds, 0), so they are told apart from the clip's own time and keep their order. What comes
out for them is thrown away. The transformer needs adapters that were trained with such tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import torch
import torchaudio

REFERENCE_S: Final = 5.0  # what the adapters were trained with; every length would be another shape to compile for
MEL_FFT: Final = 1024


class VoiceTokens(msgspec.Struct, frozen=True, eq=False):
    """`latents` (1, tokens, channels x mel bins), normalised; `coords` (1, 1, tokens, 2): from and to, in seconds."""

    latents: torch.Tensor
    coords: torch.Tensor


def encoded(audio_vae: Any, voice: torch.Tensor, rate: int) -> VoiceTokens:
    """The first REFERENCE_S of (1, N) `voice` at `rate` Hz, repeated from its start where it is shorter."""
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
    mean, std = audio_vae.latents_mean.to(packed), audio_vae.latents_std.to(packed)
    seconds = config.mel_hop_length * audio_vae.temporal_compression_ratio / config.sample_rate
    starts = (torch.arange(packed.shape[1], device=device, dtype=torch.float32) - packed.shape[1]) * seconds
    return VoiceTokens((packed - mean) / std, torch.stack([starts, starts + seconds], -1)[None, None])


@contextmanager
def heard_by(transformer: torch.nn.Module, voice: VoiceTokens | None) -> Iterator[None]:
    """While open, every forward of the transformer hears the voice; nothing changes with None."""
    if voice is None:
        yield
        return

    def appended(_module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        sound, at = kwargs["audio_hidden_states"], kwargs["audio_timestep"]
        batch, own = sound.shape[:2]
        tokens = voice.latents.to(sound).expand(batch, -1, -1)
        coords = kwargs["audio_coords"]
        clean = at.new_zeros((batch, tokens.shape[1]))
        heard = {
            "audio_hidden_states": torch.cat([sound, tokens], 1),
            "audio_timestep": torch.cat([at.reshape(batch, -1).expand(batch, own), clean], 1),
            "audio_coords": torch.cat([coords, voice.coords.to(coords).expand(batch, -1, -1, -1)], 2),
            "audio_num_frames": own + tokens.shape[1],
        }
        return args, kwargs | heard

    def dropped(_module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], made: Any) -> Any:  # noqa: ARG001 - a hook's signature
        picture, sound = made
        return picture, sound[:, : sound.shape[1] - voice.latents.shape[1]]

    hooks = [
        transformer.register_forward_pre_hook(appended, with_kwargs=True),
        transformer.register_forward_hook(dropped, with_kwargs=True),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
