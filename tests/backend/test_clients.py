"""The committed client is that of the contract: nobody has to have Node to see that it is not."""

from __future__ import annotations

from litestar import Litestar

from backend import app as web
from backend import clients
from backend.config import Config

AGAIN = "run `./run clients` and commit what it makes"


def test_the_committed_client_is_that_of_the_contract(config: Config) -> None:
    app: Litestar = web.build(config)
    told = clients.contract_of(app)
    assert (clients.FOLDER / "openapi.json").read_bytes() == told, AGAIN
    assert (clients.FOLDER / "operations.js").read_text() == clients.operations(told), AGAIN
    assert (clients.FOLDER / "schema.d.ts").read_text().startswith(clients.stamp(told)), AGAIN
