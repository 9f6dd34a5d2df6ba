"""What the character store refuses.

CharacterStoreError
├── CharacterUnknown     no such character, or not for this viewer
├── CharacterHandleTaken
├── CastRefused          this account may not cast this character now
├── CastRequestError
│   ├── CastRequestUnknown   not there, or not yours to decide
│   ├── CastRequestDecided
│   ├── CastRequestNeedless  may be cast without asking
│   └── CastRequestsFull     too many open ones
├── VoiceNeeded          a person's character without a voice is given a line
├── CaptureNeeded        a person's character needs a capture, or an operator's statement of rights
├── ReferencesPending    the last references are still being measured
├── NotHeld              there is nothing to decide about this character
├── ConsentError
│   ├── ConsentNeeded    no receipt, or one that does not allow this
│   ├── ConsentUnknown   no such receipt of this account
│   ├── RecordingRefused this voice may not be heard as it was recorded
│   ├── PolicyChanged    the text that was shown is not the current one
│   ├── ChallengeSpent   the digits were used, replaced, or their five minutes are over
│   └── ChallengesSpent  too many digits were asked for today
└── VaultError
    ├── MasterKeyForeign the master key is not the one that this database was sealed with
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
    """`reason` is the API's word; `restriction` is the owner's sentence where that is what is broken.

    `offer` says what would do instead.
    """

    def __init__(self, reference: str, reason: str, restriction: str | None = None, offer: str = "") -> None:
        named = "" if restriction is None else f": {restriction!r}"
        offered = f"; {offer}" if offer else ""
        super().__init__(f"the character {reference!r} cannot be cast: {WHY[reason]}{named}{offered}")
        self.reference = reference
        self.reason = reason
        self.restriction = restriction


class VoiceNeeded(CharacterStoreError):
    def __init__(self, handle: str, at: str) -> None:
        super().__init__(
            f"@{handle} has no voice and is given a line: store references with a recording of the voice, "
            "or let somebody else say it"
        )
        self.handle = handle
        self.param = at


class CastRequestError(CharacterStoreError):
    """Base of what asking an owner refuses."""


class CastRequestUnknown(CastRequestError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no request {public_id[:60]!r} for you to decide")
        self.public_id = public_id


class CastRequestDecided(CastRequestError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"the request {public_id!r} is decided or withdrawn already")
        self.public_id = public_id


class CastRequestNeedless(CastRequestError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"you may cast the character {reference!r} with these words; there is nothing to ask")
        self.reference = reference


class CastRequestsFull(CastRequestError):
    def __init__(self, most: int) -> None:
        super().__init__(f"{most} of your requests wait for an answer already; ask again when one is decided")
        self.most = most


class CaptureNeeded(CharacterStoreError):
    def __init__(self) -> None:
        super().__init__(
            "a person's character needs a capture of that person; only an operator may store an archive character, "
            "with `rights` saying why that is allowed"
        )


class ReferencesPending(CharacterStoreError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"the last references of {reference!r} are still being looked at; wait until that is over")
        self.reference = reference


class NotHeld(CharacterStoreError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"the character {reference[:60]!r} is not held for review")
        self.reference = reference


class ConsentError(CharacterStoreError):
    """Base of what consent refuses."""


class ConsentNeeded(ConsentError):
    def __init__(self, what: str, how: str) -> None:
        super().__init__(f"{what} is accepted with its person's consent only: {how}")
        self.what = what
        self.param = "consent_id"


class RecordingRefused(ConsentError):
    def __init__(self, reference: str) -> None:
        super().__init__(
            f"{reference[:60]} may not be heard with a voice as it was recorded: only your own characters may, in the "
            "stored voice of a ready person of yours; leave performance_voice at 'character'"
        )
        self.reference = reference
        self.param = "performance_voice"


class ConsentUnknown(ConsentError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"you have no consent receipt {public_id[:60]!r}")
        self.public_id = public_id
        self.param = "consent_id"


class PolicyChanged(ConsentError):
    def __init__(self, shown: str, current: str) -> None:
        super().__init__(f"policy_version is {shown[:40]!r}; allowed: {current!r}. Show GET /v1/consents/policy again")
        self.shown = shown
        self.current = current
        self.param = "policy_version"


class ChallengeSpent(ConsentError):
    def __init__(self, public_id: str, *, expired: bool) -> None:
        why = "the five minutes of its digits are over" if expired else "its digits were used already"
        super().__init__(f"{why}: POST /v1/consents/{public_id}/challenges gives new ones, then record a new capture")
        self.public_id = public_id
        self.param = "consent_id"


class ChallengesSpent(ConsentError):
    def __init__(self, most: int) -> None:
        super().__init__(f"digits were asked for {most} times within a day; ask again tomorrow")
        self.most = most


class VaultError(CharacterStoreError):
    """Base of what the vault refuses."""


class MasterKeyForeign(VaultError):
    def __init__(self) -> None:
        super().__init__(
            "the master key does not open what this database holds: it was lost and made anew, or is a copy from "
            "before it was renewed; put the newest master.key back"
        )


class KeyDestroyed(VaultError):
    def __init__(self, character: str, version: int) -> None:
        super().__init__(f"the key of {character} version {version} is destroyed")
        self.character = character
        self.version = version


class SealBroken(VaultError):
    def __init__(self, place: str) -> None:
        super().__init__(f"what is stored as {place} was not sealed for that place with this key")
        self.place = place
