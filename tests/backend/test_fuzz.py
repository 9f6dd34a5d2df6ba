"""Whatever schemathesis sends, alone and in sequences: no 5xx, and no answer that the contract does not say."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.backend import fuzzing


async def test_no_request_is_answered_with_what_the_contract_does_not_say(dsn: str, tmp_path: Path) -> None:
    found = await asyncio.to_thread(fuzzing.run, dsn, tmp_path, seed=20261123, examples=2, steps=6, whole=False)
    assert found.wrong == []
    assert {"getVideo", "createApiKey", "listChanges"} <= found.operations
    assert len(found.operations) > 40
    assert found.statuses[200] > 50
    assert found.statuses[400] > 50
