"""The voice packs that are here, by the language that they were made from."""

from __future__ import annotations

from pathlib import Path
from typing import Final

VOICES: Final = Path(__file__).parent / "voices"
PACKS: Final[dict[str, tuple[str, ...]]] = {
    "en": ("af_heart", "af_bella", "af_nicole", "am_michael", "am_fenrir", "am_puck", "bf_emma", "bm_george"),
    "zh": ("zf_xiaobei", "zf_xiaoni", "zm_yunjian", "zm_yunxi"),
    "ja": ("jf_alpha", "jm_kumo"),
}
