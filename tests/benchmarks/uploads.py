"""How fast an upload is taken in and sealed, beside the same bytes written straight to the same disk, in turns."""

from __future__ import annotations

import asyncio
import base64
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import httpx

from backend.db import migrate
from backend.localdb import Postgres
from tests.benchmarks.printing import say, table
from tests.benchmarks.routes import somebody, started

SIZE: Final = 256 * 1024**2
CHUNK: Final = 1024**2
ROUNDS: Final = 3
BODY: Final = "application/offset+octet-stream"


def report() -> None:
    """Medians of the ratios within each round. The ZIP is one by its first bytes only."""
    with Postgres.scratch(max_connections="60") as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(migrate(server.dsn()))
        settings = {"CASTMATE_DATABASE_URL": server.dsn(), "CASTMATE_DATA": folder, "CASTMATE_LOG_LEVEL": "warning"}
        with started(settings, "backend", "web") as url:
            token, _ = asyncio.run(somebody(url, server.dsn()))
            content = b"PK\x03\x04" + os.urandom(SIZE - 4)
            written, sent = [], []
            for number in range(ROUNDS):
                say(f"round {number + 1} of {ROUNDS}")
                written.append(_written(Path(folder) / "straight", content))
                sent.append(_sent(url, token, content))
    ratio = statistics.median(took / base for took, base in zip(sent, written, strict=True))
    rows = [["MB/s", *(f"round {number + 1}" for number in range(ROUNDS)), "times as long"]]
    rows.append(["written straight to the disk", *(f"{SIZE / 1e6 / took:.0f}" for took in written), "1.00"])
    rows.append(["one upload by tus, sealed", *(f"{SIZE / 1e6 / took:.0f}" for took in sent), f"{ratio:.2f}"])
    table(f"Uploads of {SIZE >> 20} MiB, client and server on the same cores", rows)


def _written(path: Path, content: bytes) -> float:
    began = time.perf_counter()
    with path.open("wb") as file:
        for start in range(0, len(content), CHUNK):
            file.write(content[start : start + CHUNK])
        file.flush()
        os.fsync(file.fileno())
    took = time.perf_counter() - began
    path.unlink()
    return took


def _sent(url: str, token: str, content: bytes) -> float:
    """Created, sent in one PATCH, and deleted outside the time that counts."""
    kind = base64.b64encode(b"import").decode()
    usual = {"authorization": f"Bearer {token}", "tus-resumable": "1.0.0"}
    with httpx.Client(base_url=url, headers=usual, timeout=120) as http:
        began = time.perf_counter()
        told = {"upload-length": str(len(content)), "upload-metadata": f"kind {kind}"}
        made = http.post("/v1/uploads", headers=told).raise_for_status()
        place = made.headers["location"]
        http.patch(place, headers={"upload-offset": "0", "content-type": BODY}, content=content).raise_for_status()
        took = time.perf_counter() - began
        http.delete(place).raise_for_status()
    return took
