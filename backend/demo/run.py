"""`castmate demo`: two characters stored and one clip made through the API, with a table of how it went."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from backend.config import Config
from backend.demo import client as api
from backend.demo.people import PEOPLE, PROMPT, own, prompt_for
from generation.sheet import contact_sheet

SEED: Final = 7
QUIET_SECONDS: Final = 3.0  # between lines of progress where there is no terminal
_shown_at = 0.0


def run(config: Config, out: Path, faces: Sequence[Path], voices: Sequence[Path], prompt: str | None) -> int:
    """Write the clip, its poster and its contact sheet beside `out`. The exit status."""
    if len(faces) != len(voices):
        return _sorry(f"{len(faces)} --face and {len(voices)} --voice were given; give one voice for every face")
    if missing := [file for file in (*faces, *voices) if not file.is_file()]:
        return _sorry(f"there is no file {missing[0]}")
    people = own(faces, voices) or PEOPLE
    words = prompt or (prompt_for(people) if faces else PROMPT)
    print(f"starting the server (its log: {config.data / 'server.log'})", flush=True)
    try:
        with (
            api.server(config.data) as (url, invite),
            httpx.Client(base_url=url, timeout=api.HTTP_SECONDS) as client,
        ):
            api.sign_in(client, config.data / "secrets" / "demo.json", invite)
            for person in people:
                print(f"storing @{person.handle} from {person.photo.name} and {person.voice.name}", flush=True)
                api.store(client, person, _show)
            print(f"asking for the clip: {words}", flush=True)
            cast = [{"id": f"@{person.handle}"} for person in people]
            clip, waited = api.make(client, {"prompt": words, "characters": cast, "seed": SEED}, _show)
            out.parent.mkdir(parents=True, exist_ok=True)
            files = (out, out.with_suffix(".webp"), out.with_suffix(".sheet.jpg"))
            api.download(client, clip, "video", files[0])
            api.download(client, clip, "thumbnail", files[1])
    except api.DemoError as error:
        return _sorry(str(error))
    files[2].write_bytes(contact_sheet(out, [shot["start_s"] for shot in clip["screenplay"]["shots"][1:]]))
    _table(clip, waited, files)
    return 0


def _table(clip: dict[str, Any], waited: float, files: Sequence[Path]) -> None:
    names = {member["speaker"]: member["name"] for member in clip["cast"]}
    print(f"\n{'shot':4}  {'seconds':>13}  {'framing':9}  {'camera':9}  {'in frame':16}  lines")
    for number, shot in enumerate(clip["screenplay"]["shots"], 1):
        who = ", ".join(names[one] for one in shot.get("who", ()))
        said = " ".join(f"{names[line['speaker']]}: {line['text']}" for line in shot.get("lines", ()))
        span = f"{shot['start_s']:.3f}-{shot['end_s']:.3f}"
        print(f"{number:4}  {span:>13}  {shot['framing']:9}  {shot.get('camera', 'static'):9}  {who:16}  {said}")
    print(f"\n{'stage':24}  seconds")
    for row in clip["cost"]["stages"]:
        print(f"{row['stage']:24}  {row['seconds']:7.2f}")
    print(f"{'all of the engine':24}  {clip['cost']['engine_seconds']:7.2f}")
    print(f"{'asked until completed':24}  {waited:7.2f}")
    engine = clip["engine"]
    print(
        f"\n{clip['size']}, {clip['seconds']} s, {len(clip['cast'])} in the cast, "
        f"engine {engine['name']} {engine['version']}"
    )
    for file in files:
        print(f"{file}  {file.stat().st_size:,} bytes")


def _sorry(message: str) -> int:
    print(f"castmate: {message}", file=sys.stderr)
    return 1


def _show(text: str | None) -> None:
    """One line that renews itself on a terminal; elsewhere a line now and then."""
    global _shown_at  # noqa: PLW0603  # one process, one screen
    if sys.stdout.isatty():
        print(f"\r\033[K{text or ''}", end="", flush=True)
    elif text is not None and time.monotonic() - _shown_at > QUIET_SECONDS:
        _shown_at = time.monotonic()
        print(text, flush=True)
