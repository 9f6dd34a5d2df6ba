"""LTX-2 with the real classes and the real geometry, half a million random weights, built from code: no hub, no file.

The picture is noise and the words are bytes, but every shape, unit and call is the released model's: 32 x 32 pixels and
8 frames a video latent, 25 sound latents a second, stereo out at 24 kHz.
"""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before diffusers is imported

from typing import Any

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
from diffusers.utils import logging
from transformers import Gemma3Config, Gemma3ForConditionalGeneration, GemmaTokenizer

logging.disable_progress_bar()

TEXT_WIDTH, TEXT_LAYERS = 16, 2
VIDEO_CHANNELS, AUDIO_CHANNELS, MEL_BINS = 4, 2, 8
AUDIO_WIDTH = AUDIO_CHANNELS * MEL_BINS // 4
SOUND_RATE = 24_000
MOST_TOKENS = 256


def tokenizer() -> GemmaTokenizer:
    """Every string is a list of bytes."""
    words = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *(f"<0x{byte:02X}>" for byte in range(256))]
    return GemmaTokenizer(
        vocab={word: number for number, word in enumerate(words)}, merges=[], model_max_length=MOST_TOKENS
    )


def text_encoder(vocabulary: int) -> Gemma3ForConditionalGeneration:
    return Gemma3ForConditionalGeneration(
        Gemma3Config(
            text_config={
                "vocab_size": vocabulary,
                "hidden_size": TEXT_WIDTH,
                "intermediate_size": 32,
                "num_hidden_layers": TEXT_LAYERS,
                "num_attention_heads": 2,
                "num_key_value_heads": 1,
                "head_dim": 8,
                "sliding_window": 32,
                "max_position_embeddings": 1024,
                "query_pre_attn_scalar": 8,
                "pad_token_id": 0,
                "eos_token_id": 1,
                "bos_token_id": 2,
            },
            vision_config={
                "hidden_size": 16,
                "intermediate_size": 32,
                "num_hidden_layers": 1,
                "num_attention_heads": 2,
                "image_size": 16,
                "patch_size": 8,
            },
            mm_tokens_per_image=4,
            image_token_index=vocabulary - 1,
            boi_token_index=vocabulary - 2,
            eoi_token_index=vocabulary - 3,
        )
    ).eval()


def transformer(**other: Any) -> LTX2VideoTransformer3DModel:
    return LTX2VideoTransformer3DModel(
        **{
            "in_channels": VIDEO_CHANNELS,
            "out_channels": VIDEO_CHANNELS,
            "num_attention_heads": 2,
            "attention_head_dim": 8,
            "cross_attention_dim": 16,
            "audio_in_channels": AUDIO_WIDTH,
            "audio_out_channels": AUDIO_WIDTH,
            "audio_num_attention_heads": 2,
            "audio_attention_head_dim": 8,
            "audio_cross_attention_dim": 16,
            "num_layers": 2,
            "caption_channels": TEXT_WIDTH,
            "rope_double_precision": False,
            "rope_type": "split",
        }
        | other
    ).eval()


def connectors() -> LTX2TextConnectors:
    return LTX2TextConnectors(
        caption_channels=TEXT_WIDTH,
        text_proj_in_factor=TEXT_LAYERS + 1,
        video_connector_num_attention_heads=2,
        video_connector_attention_head_dim=8,
        video_connector_num_layers=1,
        video_connector_num_learnable_registers=None,
        audio_connector_num_attention_heads=2,
        audio_connector_attention_head_dim=8,
        audio_connector_num_layers=1,
        audio_connector_num_learnable_registers=None,
        connector_rope_base_seq_len=32,
        rope_theta=10000.0,
        rope_double_precision=False,
        causal_temporal_positioning=False,
        rope_type="split",
    ).eval()


def video_vae() -> AutoencoderKLLTX2Video:
    """Zero padding: the default reflects, which fails on a side of one latent."""
    return AutoencoderKLLTX2Video(
        in_channels=3,
        out_channels=3,
        latent_channels=VIDEO_CHANNELS,
        block_out_channels=(8, 16, 32, 32),
        down_block_types=("LTX2VideoDownBlock3D",) * 4,
        decoder_block_out_channels=(8, 16, 16, 32),
        layers_per_block=(1,) * 5,
        decoder_layers_per_block=(1,) * 5,
        spatio_temporal_scaling=(True,) * 4,
        decoder_spatio_temporal_scaling=(True,) * 4,
        decoder_inject_noise=(False,) * 5,
        downsample_type=("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        upsample_type=("spatiotemporal", "spatiotemporal", "temporal", "spatial"),
        upsample_residual=(False,) * 4,
        upsample_factor=(2, 2, 1, 2),
        timestep_conditioning=False,
        patch_size=4,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
        encoder_spatial_padding_mode="zeros",
        decoder_spatial_padding_mode="zeros",
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    ).eval()


def audio_vae() -> AutoencoderKLLTX2Audio:
    return AutoencoderKLLTX2Audio(
        base_channels=AUDIO_WIDTH,
        output_channels=2,
        ch_mult=(1, 1, 1),
        num_res_blocks=1,
        attn_resolutions=None,
        in_channels=2,
        resolution=32,
        latent_channels=AUDIO_CHANNELS,
        norm_type="pixel",
        causality_axis="height",
        dropout=0.0,
        mid_block_add_attention=False,
        sample_rate=16_000,
        mel_hop_length=160,
        is_causal=True,
        mel_bins=MEL_BINS,
    ).eval()


def vocoder() -> LTX2Vocoder:
    return LTX2Vocoder(
        in_channels=2 * MEL_BINS,
        hidden_channels=64,
        out_channels=2,
        upsample_kernel_sizes=[16, 15, 8, 4, 4],
        upsample_factors=[6, 5, 2, 2, 2],
        resnet_kernel_sizes=[3],
        resnet_dilations=[[1, 3, 5]],
        leaky_relu_negative_slope=0.1,
        output_sampling_rate=SOUND_RATE,
    ).eval()


def parts(seed: int = 0, **other: Any) -> dict[str, Any]:
    """By the names the pipelines want. The same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        words = tokenizer()
        return {
            "tokenizer": words,
            "text_encoder": text_encoder(len(words)),
            "connectors": connectors(),
            "transformer": transformer(**other),
            "vae": video_vae(),
            "audio_vae": audio_vae(),
            "vocoder": vocoder(),
            "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift_terminal=0.1),
        }


def pipeline(seed: int = 0, **other: Any) -> LTX2InContextPipeline:
    made = LTX2InContextPipeline(**parts(seed, **other))
    made.set_progress_bar_config(disable=True)
    return made


def upsampler(seed: int = 0) -> LTX2LatentUpsamplerModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LTX2LatentUpsamplerModel(in_channels=VIDEO_CHANNELS, mid_channels=32, num_blocks_per_stage=1).eval()
