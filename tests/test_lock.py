"""requirements.lock is all that pyproject.toml needs, and nothing else."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
# docs/decisions/0001-one-lock-file.md, 0010-speaking-mandarin-and-japanese.md
STAND_INS = {"webrtcvad", "typing", "opencv-python", "sudachidict-core"}
NEEDED_AT_RUN_TIME = {"setuptools"}  # webrtcvad imports pkg_resources and does not say so


def _lock() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def _wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return [Requirement(line) for line in (*project["dependencies"], *extras)]


def _needed_by(requirement: Requirement) -> list[Requirement]:
    found = [Requirement(line) for line in metadata.requires(requirement.name) or []]
    extras = requirement.extras or {""}
    return [need for need in found if need.marker is None or any(need.marker.evaluate({"extra": e}) for e in extras)]


def test_the_lock_is_closed_under_what_its_packages_require() -> None:
    lock, open_ends, reached = _lock(), _wanted(), set()
    seen: set[str] = set()
    while open_ends:
        need = open_ends.pop()
        name = canonicalize_name(need.name)
        if str(need) in seen or name in STAND_INS:
            continue
        seen.add(str(need))
        reached.add(name)
        assert name in lock, f"{need} is wanted and not locked"
        assert need.specifier.contains(lock[name], prereleases=True), f"{need} is wanted, {lock[name]} is locked"
        open_ends += _needed_by(need)
    assert set(lock) - reached <= NEEDED_AT_RUN_TIME


def test_what_is_installed_is_what_is_locked() -> None:
    assert {name: metadata.version(name) for name in _lock()} == _lock()
