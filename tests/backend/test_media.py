from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from backend.media import Media, open_media, vault_key
from tests.factories import a_file

CONTENT = bytes(range(256)) * 4096


async def _read(media: Media, key: str, start: int, stop: int) -> bytes:
    found = await media.find(key)
    return b"".join([chunk async for chunk in found.read(start, stop)])


async def test_a_file_is_stored_under_the_name_of_its_content(media: Media, tmp_path: Path) -> None:
    stored = await media.put_file(a_file(tmp_path, CONTENT), "clips")
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert (stored.key, stored.size, stored.sha256) == (f"clips/{digest[:2]}/{digest}.mp4", len(CONTENT), digest)
    assert await media.get(stored.key) == CONTENT
    found = await media.find(stored.key)
    assert (found.size, found.media_type) == (len(CONTENT), "video/mp4")


async def test_the_same_content_is_stored_once(media: Media, tmp_path: Path) -> None:
    first = await media.put_file(a_file(tmp_path, CONTENT), "clips")
    before = await media.find(first.key)
    assert await media.put_file(a_file(tmp_path, CONTENT, "again.mp4"), "clips") == first
    assert await media.find(first.key) == before


async def test_a_used_key_is_never_overwritten(media: Media) -> None:
    await media.put("vault/c/1/face", b"one")
    with pytest.raises(FileExistsError, match="vault/c/1/face"):
        await media.put("vault/c/1/face", b"two")
    assert await media.get("vault/c/1/face") == b"one"


async def test_any_part_can_be_read(media: Media) -> None:
    await media.put("clips/x.mp4", CONTENT)
    assert await _read(media, "clips/x.mp4", 10, 20) == CONTENT[10:20]
    assert await _read(media, "clips/x.mp4", 0, len(CONTENT)) == CONTENT
    assert await _read(media, "clips/x.mp4", len(CONTENT) - 1, len(CONTENT)) == CONTENT[-1:]


@pytest.mark.parametrize(
    "key", ["clips/none.mp4", "", "../etc/passwd", "clips/../../etc/passwd", "/etc/passwd", "clips/", "x#1", "./x"]
)
async def test_what_is_not_there_is_not_found(media: Media, key: str) -> None:
    with pytest.raises(FileNotFoundError):
        await media.find(key)
    with pytest.raises(FileNotFoundError):
        await media.get(key)


async def test_deleting_twice_is_deleting(media: Media) -> None:
    await media.put("clips/x.mp4", b"x")
    await media.delete("clips/x.mp4")
    await media.delete("clips/x.mp4")
    with pytest.raises(FileNotFoundError):
        await media.find("clips/x.mp4")


async def test_a_prefix_takes_its_own_and_nothing_that_only_begins_alike(media: Media, tmp_path: Path) -> None:
    for character, version in (("maya", 1), ("maya", 2), ("mayabel", 1)):
        for name in ("face", "voice"):
            await media.put(vault_key(character, version, name), b"sealed")
    assert await media.delete_prefix("vault/maya") == 4
    assert await media.delete_prefix("vault/maya") == 0
    assert await media.get(vault_key("mayabel", 1, "face")) == b"sealed"
    assert not (tmp_path / "media" / "vault" / "maya").exists()


@pytest.mark.parametrize("prefix", ["", "/"])
async def test_an_empty_prefix_is_refused(media: Media, prefix: str) -> None:
    with pytest.raises(ValueError, match="every object"):
        await media.delete_prefix(prefix)


async def test_nobody_else_may_read_the_local_store(media: Media, tmp_path: Path) -> None:
    await media.put("clips/ab/x.mp4", b"x")
    root = tmp_path / "media"
    folders = [root, root / "clips", root / "clips" / "ab"]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert (root / "clips" / "ab" / "x.mp4").stat().st_mode & 0o777 == 0o600


async def test_a_file_url_and_a_path_name_the_same_store(media: Media, tmp_path: Path) -> None:
    await media.put("clips/x.mp4", b"x")
    assert await open_media((tmp_path / "media").as_uri()).get("clips/x.mp4") == b"x"


@pytest.mark.parametrize("url", ["", "file://relative/folder", "gs://bucket", "s3:///prefix", "https://bucket"])
def test_a_url_of_no_known_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="media URL"):
        open_media(url)


async def test_a_missing_file_is_not_stored(media: Media, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await media.put_file(tmp_path / "none.mp4", "clips")
