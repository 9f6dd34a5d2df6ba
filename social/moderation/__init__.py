"""Moderation: events are the truth, the status of a subject is what they come to (docs/decisions/0037)."""
