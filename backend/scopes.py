"""What an API key may do. A route that no line here names needs a signed-in session, whatever the key's scopes.

| scope | opens |
|---|---|
| `videos` | everything under /videos (the SDKs' Videos API), /screenplays and /uploads, and what `videos:read` opens |
| `videos:read` | reading: /videos, one's own account and quota, whether a character may be cast |
| `webhooks` | /webhooks: being told when a video ends |
"""

from __future__ import annotations

import re
from typing import Final

READING: Final = frozenset({"GET", "HEAD"})
ANY: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OPEN: Final = tuple(
    (methods, re.compile(path), frozenset(named))
    for methods, path, named in (
        (READING, r"/v1/videos(/.*)?", {"videos", "videos:read"}),
        (READING, r"/v1/me", {"videos", "videos:read"}),
        (READING, r"/v1/me/quota", {"videos", "videos:read"}),
        (READING, r"/v1/characters/[^/]+/permission", {"videos", "videos:read"}),
        (ANY, r"/v1/videos(/.*)?", {"videos"}),
        (ANY, r"/v1/screenplays", {"videos"}),
        (ANY, r"/v1/uploads(/.*)?", {"videos"}),
        (ANY, r"/v1/webhooks(/.*)?", {"webhooks"}),
    )
)


def that_open(method: str, path: str) -> frozenset[str]:
    """Any one of them is enough; none = no API key opens this."""
    return frozenset().union(*(named for methods, at, named in _OPEN if method in methods and at.fullmatch(path)))
