"""`./run clients`: the contract as a file, and the TypeScript client made from it, into backend/web/api.

The contract and the table of operations are made here; types come from openapi-typescript, which needs Node once, where
somebody changes a route. Whoever uses the client needs neither Node nor a build step: it is one ES module beside
openapi-fetch's own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import msgspec
from litestar import Litestar

from backend import app as web
from backend.config import Config
from backend.contract import document, said

FOLDER: Final = Path(__file__).parent / "web" / "api"
TOOLS: Final = ("openapi-typescript@7.13.0", "typescript@5.9.3", "openapi-fetch@0.17.0")
OPTIONS: Final = ("--default-non-nullable=false",)  # what has a default need not be sent
METHODS: Final = ("get", "put", "post", "patch", "delete", "head", "options")
VENDORED: Final = {
    "dist/index.mjs": "openapi-fetch.js",
    "dist/index.d.mts": "openapi-fetch.d.ts",
    "LICENSE": "LICENSE.openapi-fetch",
}


def contract() -> bytes:
    """The document of an app that never starts, as it is committed."""
    with tempfile.TemporaryDirectory() as folder:
        return contract_of(web.build(Config(data=Path(folder), database_url="postgresql://", media_url=folder)))


def contract_of(app: Litestar) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document.of(app, said.DOCS)), indent=1) + b"\n"


def stamp(contract: bytes) -> str:
    """What generated files carry in their first line."""
    return f"// made by `./run clients` from openapi.json {hashlib.sha256(contract).hexdigest()}\n"


def operations(contract: bytes) -> str:
    """operations.js: method and path by operation."""
    told = msgspec.json.decode(contract)
    lines = [
        f'  {item[method]["operationId"]}: ["{method.upper()}", "{path}"],'
        for path, item in told["paths"].items()
        for method in METHODS
        if method in item
    ]
    return "\n".join([f"{stamp(contract)}export const OPERATIONS = {{", *sorted(lines), "};", ""])


def make(folder: Path = FOLDER) -> None:
    """Raises FileNotFoundError without Node, CalledProcessError where types do not hold."""
    npm, npx = _tool("npm"), _tool("npx")
    told = contract()
    os.umask(0o022)  # the media store of that app has tightened it
    (folder / "openapi.json").write_bytes(told)
    (folder / "operations.js").write_text(operations(told))
    declared = operations(told).replace("export const OPERATIONS = {", "export declare const OPERATIONS: {")
    (folder / "operations.d.ts").write_text(declared)
    with tempfile.TemporaryDirectory() as work:
        _run([npm, "install", "--silent", "--no-save", "--prefix", work, *TOOLS], work)
        _run([npx, "openapi-typescript", str(folder / "openapi.json"), "-o", "schema.d.ts", *OPTIONS], work)
        (folder / "schema.d.ts").write_text(stamp(told) + (Path(work) / "schema.d.ts").read_text())
        for name, ours in VENDORED.items():
            text = (Path(work) / "node_modules" / "openapi-fetch" / name).read_text()
            (folder / ours).write_text(text.replace("openapi-typescript-helpers", "./openapi-typescript-helpers.js"))
        helpers = Path(work) / "node_modules" / "openapi-typescript-helpers" / "dist"
        shutil.copy(next(helpers.glob("index.d.*ts")), folder / "openapi-typescript-helpers.d.ts")
        _run([npx, "tsc", "--project", str(folder / "tsconfig.json")], work)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is needed to make the TypeScript client; install Node 20 or newer")
    return found


def _run(command: list[str], folder: str) -> None:
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    make()
