"""URLs of media that need no header and that a CDN can cache: signed by the instance, valid for one to two hours.

Within one window of an hour everybody gets the same URL for the same file, so that caches hit. Three kinds: `published`
is for whoever may see the clip, `sent` for those who have a draft in a conversation, `own` for its maker and the people
it shows, drafts included; the origin asks on every request whether that still holds (decisions/0020).
"""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from posixpath import splitext
from typing import Any, Final, Literal

from backend.errors import MediaLinkRefused
from backend.ids import public
from social.clips import Clip
from social.stamps import VARIANT

WINDOW_SECONDS: Final = 3600
FRESH_SECONDS: Final = 300  # how long a cache may answer without asking the origin
Kind = Literal["published", "sent", "own"]


class MediaLinks:
    """Makes and checks the URLs. `base`: where clients reach them, such as a CDN; empty = this server."""

    def __init__(self, key: bytes, base: str = "") -> None:
        self._key = key
        self._base = base.rstrip("/")

    def of(self, clip: Clip, kind: Kind) -> dict[str, Any] | None:
        """The `media` of a clip's object; None while it has none."""
        if not clip.media:
            return None
        width, _, height = clip.size.partition("x")
        links = {
            variant: self.signed(
                f"/media/{kind}/{public('video', clip.id)}/{file.sha256[:16]}/{variant}{splitext(file.key)[1]}",
                clip.id.int,
            )
            for variant, file in clip.media.items()
            if variant != VARIANT
        }
        figures = {"blurhash": clip.blurhash, "width": int(width), "height": int(height)}
        return links | figures | {"duration_s": float(clip.seconds)}

    def signed(self, path: str, spread: int = 0, *, direct: bool = False) -> str:
        """`path` with its expiry. `spread` moves the window: not all URLs change at once. `direct`: past any CDN."""
        shift = spread % WINDOW_SECONDS
        window = (int(time.time()) + shift) // WINDOW_SECONDS
        expires = (window + 2) * WINDOW_SECONDS - shift
        return f"{'' if direct else self._base}{path}?exp={expires}&sig={self._sign(path, expires)}"

    def check(self, path: str, exp: str, sig: str) -> int:
        """How many seconds it still holds. Raises MediaLinkRefused."""
        expires = int(exp) if exp.isascii() and exp.isdigit() and len(exp) <= 12 else 0
        if not hmac.compare_digest(self._sign(path, expires).encode(), sig.encode()):
            raise MediaLinkRefused("its signature is not this server's; ask for the object again")
        left = expires - int(time.time())
        if left <= 0:
            raise MediaLinkRefused(f"it expired {-left} s ago; ask for the object again")
        return left

    def _sign(self, path: str, expires: int) -> str:
        """The first 18 bytes of HMAC-SHA256, as 24 characters."""
        digest = hmac.digest(self._key, f"{path}\n{expires}".encode(), hashlib.sha256)
        return urlsafe_b64encode(digest[:18]).decode()
