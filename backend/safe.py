"""The vault of this instance: its keys from their files, made on the first start."""

from __future__ import annotations

from backend.config import Config
from backend.secret_file import made_once
from character_store.master_key import KeyFile
from character_store.vault import Vault, new_key


def open_vault(config: Config) -> Vault:
    """Raises OSError, or ValueError for a key file of the wrong length."""
    made_once(config.master_key, new_key)
    return Vault(KeyFile(config.master_key), made_once(config.index_key, new_key))
