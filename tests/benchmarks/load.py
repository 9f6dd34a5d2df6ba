"""A small HTTP load: raw requests, asked in turn and again from the first one."""

from __future__ import annotations

import asyncio
import time
from itertools import cycle
from urllib.parse import urlsplit

import msgspec


class Answers(msgspec.Struct, frozen=True):
    """How a load went; latencies in seconds, in the order of the answers."""

    seconds: float
    latencies: list[float]
    failures: int

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """`share` 0..1 of the answers came within this many seconds."""
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


async def flood(url: str, *requests: bytes, connections: int, seconds: float) -> Answers:
    """As many as it takes, on each connection one after the other."""
    began = time.perf_counter()
    turns = cycle(requests)

    async def client() -> tuple[list[float], int]:
        took, failed = [], 0
        reader, writer = await _open(url)
        while (sent := time.perf_counter()) - began < seconds:
            failed += await _ask(reader, writer, next(turns)) != 200
            took.append(time.perf_counter() - sent)
        writer.close()
        return took, failed

    rows = await asyncio.gather(*(client() for _ in range(connections)))
    latencies = [one for took, _ in rows for one in took]
    return Answers(time.perf_counter() - began, latencies, sum(failed for _, failed in rows))


async def drip(url: str, *requests: bytes, per_second: float, seconds: float) -> Answers:
    """At a steady rate, each on a connection of its own, whether or not the ones before have been answered."""
    began = time.perf_counter()

    async def one(number: int) -> tuple[float, bool]:
        await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
        due = began + number / per_second
        reader, writer = await _open(url)
        good = await _ask(reader, writer, requests[number % len(requests)]) == 200
        writer.close()
        return time.perf_counter() - due, good

    rows = await asyncio.gather(*(one(number) for number in range(int(per_second * seconds))))
    return Answers(time.perf_counter() - began, [took for took, _ in rows], sum(not good for _, good in rows))


async def _open(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """The status, after the whole answer has been read."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    if length:
        await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])
