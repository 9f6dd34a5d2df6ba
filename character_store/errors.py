"""What the character store refuses.

CharacterStoreError
├── CharacterUnknown     no such character, or not for this viewer
├── CharacterHandleTaken
├── CastRefused          this account may not cast this character now
├── CaptureNeeded        a person's character needs a capture, or an operator's statement of rights
└── VaultError
    ├── KeyDestroyed     the key is gone: nothing can read this version again
    └── SealBroken       ciphertext, key and place do not belong together
"""

from __future__ import annotations

WHY: dict[str, str] = {
    "audience": "its owner does not let you cast it",
    "blocked": "its owner and you have blocked each other",
    "revoked": "its owner has taken it back",
    "restricted": "the prompt asks for something its owner has restricted",
    "not_ready": "it is not ready yet, or was refused",
}


class CharacterStoreError(Exception):
    """Base of everything this package raises on purpose."""


class CharacterUnknown(CharacterStoreError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"there is no character {reference[:60]!r}")
        self.reference = reference


class CharacterHandleTaken(CharacterStoreError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"the character handle {handle!r} is taken; choose another")
        self.handle = handle


class CastRefused(CharacterStoreError):
    """`reason` is the API's word."""

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(f"the character {reference!r} cannot be cast: {WHY[reason]}")
        self.reference = reference
        self.reason = reason


class CaptureNeeded(CharacterStoreError):
    def __init__(self) -> None:
        super().__init__(
            "a person's character needs a capture of that person; only an operator may store an archive character, "
            "with `rights` saying why that is allowed"
        )


class VaultError(CharacterStoreError):
    """Base of what the vault refuses."""


class KeyDestroyed(VaultError):
    def __init__(self, character: str, version: int) -> None:
        super().__init__(f"the key of {character} version {version} is destroyed")
        self.character = character
        self.version = version


class SealBroken(VaultError):
    def __init__(self, place: str) -> None:
        super().__init__(f"what is stored as {place} was not sealed for that place with this key")
        self.place = place
