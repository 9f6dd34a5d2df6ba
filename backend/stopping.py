"""The worker was told to go: what is being made goes back into the queue."""

from __future__ import annotations


class Stopping(Exception):
    """Not an error of what was being made."""
