"""castmate: the command line. Every command takes --data DIR, or CASTMATE_* variables."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg

from backend import config as settings
from backend.config import Config

CONNECTIONS_MOST = 8192  # of one web process; every open stream of events is one
STOP_ROOM_SECONDS = 30.0  # for a worker to put its clip back, after its drain is over
ROLES = ("member", "moderator", "senior", "operator")
HEAD_BYTES = 64 * 1024  # of a head, and of one read from a connection


def main() -> None:
    """Run one command; the exit status is 0, or 1 after a message on stderr."""
    arguments = _parser().parse_args()
    if getattr(arguments, "data", None) is not None:
        os.environ["CASTMATE_DATA"] = str(arguments.data)
    for name in ("host", "port"):
        if getattr(arguments, name, None) is not None:
            os.environ[f"CASTMATE_{name.upper()}"] = str(getattr(arguments, name))
    try:
        arguments.run(settings.read(), arguments)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="castmate", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("--data", type=Path, metavar="DIR", help="where everything is kept (default: ./var)")
        made.set_defaults(run=run)
        return made

    serve = command("serve", _serve, "database, web and worker in one")
    web = command("web", _web, "the web process alone; needs CASTMATE_DATABASE_URL")
    for one in (serve, web):
        one.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
        one.add_argument("--port", type=int, help="port to listen on (default: 8000)")
    command("worker", _worker, "a worker process alone; needs CASTMATE_DATABASE_URL")
    command("migrate", _migrate, "bring the database to this version")
    command("renew-master-key", _renew_master_key, "a new master key: what was deleted cannot be read from any backup")
    command("rotate-keys", _rotate_keys, "a new key signs access tokens; old tokens stay valid until they expire")
    demo = command("demo", _demo, "make a ten-second clip through a really started server")
    demo.add_argument(
        "--out", type=Path, default=Path("out/demo.mp4"), metavar="FILE", help="the clip (default: out/demo.mp4)"
    )
    demo.add_argument(
        "--face", type=Path, action="append", default=[], metavar="PHOTO", help="your own person; repeatable"
    )
    demo.add_argument(
        "--voice", type=Path, action="append", default=[], metavar="SOUND", help="the voice of the same-numbered --face"
    )
    demo.add_argument("--prompt", help="what happens, instead of the demo's own lines")
    export = command("export", _export, "everything of an account as one ZIP, faces and voices in clear")
    export.add_argument("handle")
    export.add_argument("--out", type=Path, metavar="FILE", help="where to (default: HANDLE.zip)")
    inspect = command("inspect", _inspect, "was this file made here, and which clip is it")
    inspect.add_argument("file", type=Path, metavar="FILE")
    invite = command("invite", _invite, "make an invite code").add_subparsers(required=True, metavar="new")
    new = invite.add_parser("new", help="a new code")
    new.add_argument("--data", type=Path, metavar="DIR", default=argparse.SUPPRESS)
    new.add_argument("--uses", type=int, default=1)
    new.add_argument("--role", choices=ROLES, default="member")
    account = command("account", _account, "change an account").add_subparsers(
        required=True, metavar="role|suspend|restore", dest="change"
    )
    for change, text in (
        ("role", "make somebody a moderator, say"),
        ("suspend", "end its sessions; nobody signs in to it"),
        ("restore", "take a suspension back"),
    ):
        one = account.add_parser(change, help=text)
        one.add_argument("--data", type=Path, metavar="DIR", default=argparse.SUPPRESS)
        one.add_argument("handle")
        if change == "role":
            one.add_argument("role", choices=ROLES)
    credit = command("credits", _credits, "clips beyond the daily ones").add_subparsers(required=True, metavar="grant")
    grant = credit.add_parser("grant", help="give somebody N clips")
    grant.add_argument("--data", type=Path, metavar="DIR", default=argparse.SUPPRESS)
    grant.add_argument("handle")
    grant.add_argument("amount", type=int, metavar="N")
    grant.add_argument("--days", type=int, default=30, metavar="D", help="until they expire (default: 30)")
    grant.add_argument("--reason", default="a gift", help="shown to them")
    _moderation_commands(command)
    return parser


def _renew_master_key(config: Config, _arguments: argparse.Namespace) -> None:
    from backend.safe import open_vault
    from character_store import vault

    async def run() -> int:
        async with _database(config) as dsn, _connected(dsn) as conn:
            return await vault.rewrap(conn, open_vault(config))

    wrapped = asyncio.run(run())
    print(f"{wrapped} keys are wrapped with a new master key; the old one is destroyed. Keep a new copy of the file:")
    print(config.master_key)


def _rotate_keys(config: Config, _arguments: argparse.Namespace) -> None:
    from backend import tokens

    new, *old = tokens.rotate(config.token_keys)
    print(f"{new} signs from now on; still read: {', '.join(old)}")


def _inspect(config: Config, arguments: argparse.Namespace) -> None:
    from uuid import UUID

    import msgspec

    from backend import inspecting
    from backend.certificates import certificates
    from backend.ids import public
    from backend.secret_file import made_once
    from character_store.vault import new_key

    file: Path = arguments.file.absolute()
    if not file.is_file():
        sys.exit(f"castmate: there is no file {file}")
    made_once(config.mark_key, new_key)
    certificates(config.credentials_key)

    async def run() -> dict[str, Any]:
        async with _database(config) as dsn, _connected(dsn) as conn:
            return await inspecting.verdict(conn, await inspecting.look(file, config.data / "secrets"))

    found = asyncio.run(run())
    clip = found.pop("clip")
    found["video"] = None if clip is None else public("video", UUID(hex=clip))
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())


def _export(config: Config, arguments: argparse.Namespace) -> None:
    from backend import packing
    from backend.db import open_pool
    from backend.media import open_media
    from backend.safe import open_vault
    from social import accounts
    from social.errors import AccountUnknown

    out: Path = arguments.out or Path(f"{arguments.handle}.zip")

    async def run() -> None:
        async with _database(config) as dsn, await open_pool(dsn, min_size=1, max_size=2) as pool:
            async with pool.acquire() as conn:
                account = await accounts.by_id(conn, await accounts.named(conn, arguments.handle))
            if account is None:
                raise AccountUnknown(arguments.handle)
            with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:

                async def sink(content: bytes) -> None:
                    await asyncio.to_thread(file.write, content)

                async def on_progress(percent: int) -> None:
                    print(f"\r{percent:3} %", end="", flush=True, file=sys.stderr)

                await packing.pack(pool, open_media(config.media_url), open_vault(config), account, sink, on_progress)
        print(f"\n{out}", file=sys.stderr)

    try:
        asyncio.run(run())
    except (AccountUnknown, FileExistsError) as error:
        sys.exit(f"castmate: {error}")


def _moderation_commands(command: Any) -> None:
    audit = command("audit", _audit, "the log of what moderators did").add_subparsers(required=True, metavar="verify")
    verify = audit.add_parser("verify", help="recompute the chain of hashes; fails where a row was changed or is gone")
    verify.add_argument("--data", type=Path, metavar="DIR", default=argparse.SUPPRESS)
    authorities = command("child-safety", _authorities, "a child-safety case as a ZIP for the authorities' form")
    authorities.add_argument("case", metavar="REPORT", help="a report of the case, rep_…")
    authorities.add_argument("--by", required=True, metavar="HANDLE", help="the senior or operator who does it")
    authorities.add_argument("--out", type=Path, required=True, metavar="FILE", help="the ZIP, a new file")
    transparency = command("transparency", _transparency, "a month's report on moderation, as JSON")
    transparency.add_argument("month", metavar="YYYY-MM")
    transparency.add_argument("--out", type=Path, metavar="FILE", help="where to (default: standard output)")


def _serve(config: Config, _arguments: argparse.Namespace) -> None:
    from backend.children import Program
    from backend.supervise import PROGRAMS, serve

    worker = Program(PROGRAMS["worker"].command, stop_s=config.drain_seconds + STOP_ROOM_SECONDS)
    programs = {**PROGRAMS, "worker": worker}
    sys.exit(asyncio.run(serve(config.host, config.port, config.data, greet=_greet, programs=programs)))


async def _greet(dsn: str) -> None:
    """On an instance without an operator print a code that makes one."""
    from social import accounts, invites

    async with _connected(dsn) as conn, conn.transaction():
        if await accounts.operator_exists(conn):
            return
        code = await invites.open_operator_code(conn)
        if code is None:
            code = (await invites.issue(conn, None, role="operator")).code
    print(f"operator invite code {code}", flush=True)


def _web(config: Config, _arguments: argparse.Namespace) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    from backend.owner import watch_owner

    watch_owner()
    Granian(
        "backend.app:create_app",
        factory=True,
        interface=Interfaces.ASGI,
        address=config.host,
        port=config.port,
        workers=config.web_processes,
        backpressure=CONNECTIONS_MOST,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=round(1000 * config.head_seconds), max_buffer_size=HEAD_BYTES),
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=True,
    ).serve()


def _worker(config: Config, _arguments: argparse.Namespace) -> None:
    from backend import worker
    from backend.owner import watch_owner
    from generation.errors import EngineUnavailable

    watch_owner()
    try:
        asyncio.run(worker.run(config))
    except EngineUnavailable as error:
        sys.exit(f"castmate: the engine cannot start: {error}")


def _migrate(config: Config, _arguments: argparse.Namespace) -> None:
    from backend.db import migrate

    async def run() -> None:
        async with _database(config) as dsn:
            for name in await migrate(dsn):
                print(f"applied {name}")

    asyncio.run(run())


def _demo(config: Config, arguments: argparse.Namespace) -> None:
    from backend.demo.run import run

    sys.exit(run(config, arguments.out, arguments.face, arguments.voice, arguments.prompt))


def _invite(config: Config, arguments: argparse.Namespace) -> None:
    from social import invites

    async def run() -> None:
        async with _database(config) as dsn, _connected(dsn) as conn:
            invite = await invites.issue(conn, None, role=arguments.role, max_uses=arguments.uses)
            print(f"{invite.code}  {invite.role}, {invite.max_uses} use(s), until {invite.expires_at:%Y-%m-%d}")

    asyncio.run(run())


def _credits(config: Config, arguments: argparse.Namespace) -> None:
    from social import quota
    from social.errors import AccountUnknown, InvalidValue

    async def run() -> None:
        async with _database(config) as dsn, _connected(dsn) as conn:
            given = await quota.grant_by_handle(
                conn, arguments.handle, arguments.amount, arguments.days, arguments.reason
            )
            print(f"{arguments.handle} has {given.remaining} clips more until {given.expires_at:%Y-%m-%d %H:%M} UTC")

    try:
        asyncio.run(run())
    except (AccountUnknown, InvalidValue) as error:
        sys.exit(f"castmate: {error}")


def _audit(config: Config, _arguments: argparse.Namespace) -> None:
    from social.moderation import chain

    async def run() -> chain.Verdict:
        async with _database(config) as dsn, _connected(dsn) as conn:
            return await chain.verify(conn)

    found = asyncio.run(run())
    if found.broken_at is not None:
        sys.exit(f"castmate: the log is broken at row {found.broken_at} of {found.rows}")
    print(f"{found.rows} rows, intact; head {found.head.hex() if found.head else 'none'}")


def _transparency(config: Config, arguments: argparse.Namespace) -> None:
    import msgspec

    from backend import transparency
    from backend.db import open_pool
    from social.errors import InvalidValue

    async def run() -> bytes:
        first = transparency.month_of(arguments.month)
        async with _database(config) as dsn, await open_pool(dsn, min_size=1, max_size=1) as pool:
            made = await transparency.report(pool, first)
        return msgspec.json.format(msgspec.json.encode(made), indent=2)

    try:
        text = asyncio.run(run())
        if arguments.out is None:
            print(text.decode())
        else:
            arguments.out.write_bytes(text + b"\n")
    except (InvalidValue, OSError) as error:
        sys.exit(f"castmate: {error}")


def _authorities(config: Config, arguments: argparse.Namespace) -> None:
    from backend import authorities
    from backend.db import open_pool
    from backend.media import open_media
    from social.errors import SocialError

    async def run() -> authorities.Taken:
        async with _database(config) as dsn, await open_pool(dsn, min_size=1, max_size=2) as pool:
            media = open_media(config.media_url)
            return await authorities.take_out(pool, media, arguments.case, arguments.by, arguments.out)

    try:
        made = asyncio.run(run())
    except (SocialError, OSError) as error:
        sys.exit(f"castmate: {error}")
    print(f"{arguments.out}: {made.files} files, {made.size} bytes, SHA-256 {made.sha256}")
    print("Its evidence is on legal hold from now on; who took it out stands in the log of moderation.")


def _account(config: Config, arguments: argparse.Namespace) -> None:
    from backend import moderating
    from backend.db import open_pool
    from social import accounts
    from social.errors import AccountUnknown

    async def run() -> None:
        async with (
            _database(config) as dsn,
            await open_pool(dsn, min_size=1, max_size=1) as pool,
            pool.acquire() as conn,
            conn.transaction(),
        ):
            match arguments.change:
                case "role":
                    await accounts.set_role(conn, arguments.handle, arguments.role)
                    now = arguments.role
                case "suspend":
                    await accounts.suspend(conn, await accounts.named(conn, arguments.handle), "staff")
                    now = "suspended"
                case _:
                    account = await accounts.named(conn, arguments.handle)
                    await moderating.restore_account(conn, account)
                    await accounts.restore(conn, account, "staff")
                    now = "restored"
        print(f"{arguments.handle} is now {now}")

    try:
        asyncio.run(run())
    except AccountUnknown as error:
        sys.exit(f"castmate: {error}")


@contextlib.asynccontextmanager
async def _database(config: Config) -> AsyncIterator[str]:
    """The configured database, or the embedded one: started, or joined where `serve` runs it."""
    if config.database_url is not None:
        yield config.database_url
        return
    from backend.localdb import Postgres

    with await asyncio.to_thread(Postgres.keep, config.data) as server:
        yield server.dsn()


@contextlib.asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(dsn)
    try:
        yield conn
    finally:
        await conn.close()


if __name__ == "__main__":
    main()
