"""An OpenID provider on loopback: one key route, id_tokens signed for the asking."""

from __future__ import annotations

import asyncio
import json
import time
from types import TracebackType
from typing import Any, Self

from joserfc import jwt
from joserfc.jwk import ECKey


class Issuer:
    """`asked` counts the fetches of its keys; `down` answers them with 503."""

    def __init__(self) -> None:
        self.asked = 0
        self.down = False
        self._keys = [self._new()]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    def token(self, subject: str = "maya", nonce: str | None = "nonce", **changed: Any) -> str:
        """A good one, unless told otherwise; `kid` and None for a claim that is missing are ways to do so."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": "castmate", "sub": subject, "nonce": nonce, "iat": now, "exp": now + 600}
        kid = changed.pop("kid", self._keys[-1].kid)
        claims = {name: value for name, value in (claims | changed).items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": kid}, claims, self._keys[-1])

    def rotate(self) -> None:
        self._keys.append(self._new())

    @staticmethod
    def _new() -> ECKey:
        key = ECKey.generate_key("P-256")
        return ECKey.import_key({**key.as_dict(private=True), "kid": key.thumbprint()})

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        body = json.dumps({"keys": [key.as_dict(private=False) for key in self._keys]}).encode()
        status = b"503 Service Unavailable" if self.down else b"200 OK"
        writer.write(b"HTTP/1.1 %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()
