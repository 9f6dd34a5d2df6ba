"""A small server of `/v1/videos` on loopback that behaves as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


class Manner(msgspec.Struct):
    """How the server answers; what it was asked."""

    file: bytes = b""
    polls_until_done: int = 2
    ends_as: str = "completed"
    refuses_picture: bool = False
    stalls: bool = False
    wrong_id: str = ""
    answer: bytes | None = None  # of a submit, in place of a video
    statuses: list[int] = msgspec.field(default_factory=list)  # of the next answers, before it behaves
    drops_polls: int = 0  # connections that are closed without an answer
    cuts_downloads: int = 0  # downloads that break off half way
    asked: list[str] = msgspec.field(default_factory=list)
    forms: list[dict[str, bytes]] = msgspec.field(default_factory=list)
    keys: list[str | None] = msgspec.field(default_factory=list)
    polled: int = 0


class Handler(BaseHTTPRequestHandler):
    manner: Manner

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _send(self, status: int, body: bytes, promised: int | None = None) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body) if promised is None else promised))
        self.end_headers()
        self.wfile.write(body)

    def _job(self, status: str, **more: Any) -> None:
        job = {"id": self.manner.wrong_id or "video_1", "object": "video", "status": status} | more
        self._send(200, json.dumps(job).encode())

    def _misbehaves(self) -> bool:
        self.manner.asked.append(f"{self.command} {self.path}")
        self.manner.keys.append(self.headers.get("authorization"))
        if self.manner.statuses:
            self._send(self.manner.statuses.pop(0), b'{"error": "busy"}')
            return True
        return False

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + body)
        form = {}
        for part in parts.iter_parts():
            form[str(part.get_param("name", header="content-disposition"))] = bytes(
                part.get_payload(decode=True) or b""
            )
        if self._misbehaves():
            return
        self.manner.forms.append(form)
        if self.manner.answer is not None:
            self._send(200, self.manner.answer)
        elif self.manner.refuses_picture and "input_reference" in form:
            self._send(422, b'{"detail": "input_reference is not supported"}')
        else:
            self._job("queued", progress=0)

    def do_GET(self) -> None:
        if self._misbehaves():
            return
        if self.path.endswith("/content"):
            if self.manner.cuts_downloads:
                self.manner.cuts_downloads -= 1
                self._send(200, self.manner.file[: len(self.manner.file) // 2], promised=len(self.manner.file))
                self.close_connection = True
                return
            self._send(200, self.manner.file)
            return
        if self.manner.drops_polls:
            self.manner.drops_polls -= 1
            self.close_connection = True
            return
        self.manner.polled += 1
        if self.manner.stalls:
            self._job("in_progress", progress=10)
        elif self.manner.polled <= self.manner.polls_until_done:
            self._job("in_progress", progress=100 * self.manner.polled / (self.manner.polls_until_done + 1))
        else:
            self._job(self.manner.ends_as, progress=100, error={"message": "out of memory"})

    def do_DELETE(self) -> None:
        self.manner.asked.append(f"DELETE {self.path}")
        self._job("cancelled")


@contextmanager
def serving(manner: Manner) -> Iterator[str]:
    """The URL before `/videos`."""
    handler = type("Mannered", (Handler,), {"manner": manner})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
