"""Push where no platform is configured: a line in the log. Neither tokens nor words are logged."""

from __future__ import annotations

import structlog

from backend.push.message import Message

log = structlog.get_logger()


class Console:
    """Always succeeds."""

    async def push(self, token: str, message: Message, push_id: str, *, sandbox: bool) -> None:  # noqa: ARG002  secrets
        log.info("push", kind=message.about["kind"], push=push_id, sandbox=sandbox)

    async def close(self) -> None:
        """Nothing is open."""
