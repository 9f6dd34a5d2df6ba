"""Every read of a clip for somebody goes through the rule of who may see it; what does not, says why."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.test_sql import METHODS, PACKAGES, ROOT

READS: Final = re.compile(r"\b(?:from|join)\s+(?:only\s+)?clip\b(?!\s*\()", re.IGNORECASE)
RULE: Final = re.compile(r"\b(?:visible_clip|unmuted_clip)\s*\(", re.IGNORECASE)
REASONS: Final = {
    "social/clips.py video_key": "the worker, for the credentials of what is made from it; shown to nobody",
    "backend/events.py tell": "events go to the clip's own maker",
    "backend/jobs.py rescue": "the worker's own list of what is to be made",
    "backend/metrics.py _rows": "numbers of the queue",
    "backend/studio.py end": "the worker, of what it makes",
    "character_store/clip_vault.py expire": "the worker sweeps takes",
    "character_store/grants.py refusal_in": "the worker asks consent for the clip's own maker",
    "character_store/grants.py unconsented": "clips to be stopped, whoever made them",
    "character_store/seen.py by_day": "figures of the viewer's own characters; people shown see every use",
    "character_store/seen.py total": "figures of the viewer's own characters; people shown see every use",
    "character_store/uses.py is_there": "a use of the viewer's own character",
    "character_store/uses.py of_character": "uses of the viewer's own character, drafts included",
    "character_store/uses.py showing": "clips to be removed with a character",
    "social/clips.py by_id": "the worker, and routes that asked the rule before",
    "social/comments.py delete": "whether the viewer made the clip",
    "social/comments.py need_open": "the route asked the rule before",
    "social/departures.py clips": "of the account that leaves",
    "social/departures.py running": "of the account that leaves",
    "social/feed/candidates.py found": "ids and numbers; unmuted_clip decides on what is chosen",
    "social/feed/candidates.py people": "who made what the viewer liked",
    "social/feed/newest.py _merged": "places only; unmuted_clip decides on what is shown",
    "social/feed/newest.py _walked": "places only; unmuted_clip decides on what is shown",
    "social/figures.py by_day": "the maker's own; remixes of others are only counted",
    "social/figures.py opens": "the maker's own",
    "social/figures.py total": "the maker's own",
    "social/grids.py published": "the owner's own, to be pinned",
    "social/media_access.py sent": "whoever holds a signed link, made for those who may read the message",
    "social/media_access.py own": "the maker, or whoever is shown: the route asked the rule before",
    "social/media_access.py published": "whoever holds a signed link, made by a route that asked the rule",
    "social/outside_notices.py find": "where a notice stands, for whoever has its receipt",
    "social/outside_notices.py is_clip": "whether what a notice names is there; nothing of it is told",
    "social/moderation/cases.py copies": "staff, of what was reported",
    "social/moderation/suspects.py of": "counts what somebody made, for the authorities",
    "social/moderation/dossiers.py lineage": "staff, of what was reported",
    "social/moderation/evidence.py take": "kept as it was, of what was reported",
    "social/moderation/measures.py _hide_below": "what a decision does",
    "social/moderation/measures.py hide_clips": "what a decision does",
    "social/moderation/measures.py over": "what a decision did",
    "social/moderation/measures.py put": "what a decision does",
    "social/messages.py of_thread": "how far an answer is, to who may read it; its clip is another read",
    "social/messages.py some": "how far an answer is, to who may read it; its clip is another read",
    "social/publication.py lock": "a lock",
    "social/publication.py remixable": "the maker's own, removed or not",
    "social/removals.py delete": "the maker's own",
    "social/removals.py take_down": "what is removed",
    "social/removals.py unheld": "which files no clip needs",
    "social/share_links.py led_to": "why a link leads nowhere; what it shows was read by the rule",
    "social/share_links.py of_clip": "whether the viewer made the clip",
    "social/share_links.py revoke": "whether the viewer made the clip",
    "social/sounds.py still_there": "the worker, of a sound that the maker was allowed",
    "social/steering.py clips_without_vector": "the worker, for the words of published clips",
    "social/taste.py said": "who made what the viewer judged",
    "social/transfers.py known": "the account's own",
}


def reads(source: str, file: str) -> Iterator[str]:
    """`file function` of each statement that reads clips without asking who may see them."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS):
                continue
            sql = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if isinstance(sql, str) and READS.search(sql) and not RULE.search(sql):
                yield f"{file} {function.name}"


def found() -> set[str]:
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {read for path in files for read in reads(Path(path).read_text(), str(path.relative_to(ROOT)))}


def test_a_clip_is_read_by_the_rule_or_with_a_reason() -> None:
    assert found() - REASONS.keys() == set(), "read through visible_clip or unmuted_clip, or say here why not"
    assert REASONS.keys() - found() == set(), "these read no clip of others any more"


def test_a_read_without_the_rule_is_found() -> None:
    source = 'async def peek(conn):\n    await conn.fetch("select 1 from use u join clip c on c.id = u.clip")\n'
    assert list(reads(source, "x.py")) == ["x.py peek"]
    assert list(reads(source.replace("join clip c", "join visible_clip($1) c"), "x.py")) == []
    assert list(reads(source.replace("join clip c", "join clip_tally c"), "x.py")) == []
