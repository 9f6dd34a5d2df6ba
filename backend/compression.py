"""Text answers are compressed, by zstd (RFC 8878) or gzip, as the client takes it. Media and event streams are not."""

from __future__ import annotations

from io import BytesIO
from typing import Any, ClassVar, Final

import zstandard
from litestar.config.compression import CompressionConfig
from litestar.datastructures import Headers
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.middleware.compression.facade import CompressionFacade
from litestar.types import Message, Scope, Send

TEXTS: Final = ("application/json", "application/problem+json", "text/html", "text/javascript", "text/css")
ZSTD_LEVEL: Final = 3
GZIP_LEVEL: Final = 6


class Zstd(CompressionFacade):
    """Into a buffer, as the framework wants it."""

    encoding: ClassVar[str] = "zstd"

    def __init__(self, buffer: BytesIO, compression_encoding: str, config: CompressionConfig) -> None:  # noqa: ARG002
        self._buffer = buffer
        self._compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compressobj()

    def write(self, body: bytes) -> None:
        self._buffer.write(self._compressor.compress(body))
        self._buffer.write(self._compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))

    def close(self) -> None:
        self._buffer.write(self._compressor.flush())


class TextsOnly(CompressionMiddleware):
    """The framework's, for what is text: it would compress clips, and hold back events, as well."""

    def create_compression_send_wrapper(self, send: Send, compression_encoding: Any, scope: Scope) -> Send:
        compressed = super().create_compression_send_wrapper(send, compression_encoding, scope)
        chosen = send

        async def choose(message: Message) -> None:
            nonlocal chosen
            if message["type"] == "http.response.start":
                kind = Headers(message["headers"]).get("content-type", "").partition(";")[0]
                chosen = compressed if kind in TEXTS else send
            await chosen(message)

        return choose


def middleware() -> DefineMiddleware:
    """To stand outside of whatever makes ETags."""
    config = CompressionConfig(
        backend="zstd", compression_facade=Zstd, gzip_compress_level=GZIP_LEVEL, gzip_fallback=True
    )
    return DefineMiddleware(TextsOnly, config=config)
