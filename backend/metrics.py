"""Numbers for Prometheus (text exposition format): this process's own, marked with it, and the database's.

With several web processes a scrape meets one of them: sum what carries the label `process`, take the rest as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any, Final

import asyncpg
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from backend.events import Events
from social.moderation import figures

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Of one web process."""

    def __init__(self, events: Events) -> None:
        self._process = str(os.getpid())
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "castmate_http_requests",
            "Requests answered",
            ("process", "method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "castmate_http_request_seconds",
            "From the request to the end of the answer; streams of events are left out",
            ("process", "method", "route"),
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        streams = Gauge("castmate_event_streams", "Streams that are open", ("process",), registry=self._registry)
        streams.labels(self._process).set_function(lambda: events.streams)

    def observed(self, scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        """One answer. Unknown paths and methods are counted together: clients cannot make labels."""
        route = scope.get("path_template") or "none"
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._requests.labels(self._process, method, route, str(status)).inc()
        if not route.endswith("/events"):
            self._seconds.labels(self._process, method, route).observe(seconds)

    async def text(self, conn: asyncpg.Connection) -> bytes:
        """What a scrape is answered."""
        shared = CollectorRegistry()
        shared.register(_Rows(await _rows(conn)))
        return generate_latest(self._registry) + generate_latest(shared)


class _Rows(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


async def _rows(conn: asyncpg.Connection) -> list[Metric]:
    jobs = GaugeMetricFamily("castmate_jobs", "Jobs in the queue", labels=("kind", "status"))
    age = GaugeMetricFamily("castmate_job_oldest_seconds", "How long the oldest job is due", labels=("kind", "status"))
    for row in await conn.fetch(
        """
        select entrypoint, status::text, count(*) as number,
            greatest(0, extract(epoch from now() - min(greatest(created, execute_after))))::float8 as seconds
        from pgqueuer group by entrypoint, status
        """
    ):
        jobs.add_metric((row["entrypoint"], row["status"]), row["number"])
        age.add_metric((row["entrypoint"], row["status"]), row["seconds"])
    clips = GaugeMetricFamily("castmate_clips_in_the_making", "Clips not yet ended", labels=("status",))
    for row in await conn.fetch(
        "select status, count(*) as number from clip where status in ('queued', 'in_progress') group by status"
    ):
        clips.add_metric((row["status"],), row["number"])
    row = await conn.fetchrow(
        """
        select (select count(*) from webhook_delivery where state = 'waiting') as deliveries,
            (select count(*) from push) as messages,
            (select count(*) from event where seq > (select upto from event_relayed)) as unrelayed
        """
    )
    cases = GaugeMetricFamily("castmate_moderation_cases", "Cases that are open", labels=("queue",))
    overdue = GaugeMetricFamily("castmate_moderation_overdue", "Open cases past their deadline", labels=("queue",))
    oldest = GaugeMetricFamily("castmate_moderation_oldest_seconds", "How long a case has been open", labels=("queue",))
    for waiting in await figures.waiting(conn):
        cases.add_metric((waiting.queue,), waiting.open)
        overdue.add_metric((waiting.queue,), waiting.overdue)
        oldest.add_metric((waiting.queue,), waiting.oldest_s)
    return [
        jobs,
        cases,
        overdue,
        oldest,
        age,
        clips,
        GaugeMetricFamily("castmate_webhook_deliveries_waiting", "Owed to endpoints", value=row["deliveries"]),
        GaugeMetricFamily("castmate_push_messages_waiting", "Owed to phones", value=row["messages"]),
        GaugeMetricFamily("castmate_events_unrelayed", "Events nothing was made of yet", value=row["unrelayed"]),
    ]
