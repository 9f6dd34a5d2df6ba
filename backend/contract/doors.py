"""Said about the doors beside a password: passkeys, identities, the second factor, recovery; and about guardians."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from backend import errors as edge
from backend.contract.accounts import AT
from backend.contract.doc import Doc
from backend.contract.lists import list_of, page
from backend.contract.sessions import SESSION, Revoked, SignedIn
from social import errors
from social.guardians import ClipAudience


class Passkey(msgspec.Struct, frozen=True):
    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class Identity(msgspec.Struct, frozen=True):
    """Somebody else vouches for the account's owner."""

    id: str
    provider: str
    linked_at: datetime


class SecondFactor(msgspec.Struct, frozen=True):
    enabled: bool


class NewSecondFactor(msgspec.Struct, frozen=True):
    """`uri` is what an authenticator app reads as a QR code. Both are shown this once."""

    secret: str
    uri: str


class Recovery(msgspec.Struct, frozen=True):
    """`email` is the verified address; `codes_left` of the ten on paper."""

    object: str
    email: str | None
    email_verified_at: datetime | None
    codes_left: int


class PreparedRecovery(Recovery, frozen=True):
    """`codes`: the new ones, shown this once; empty where none were asked for."""

    codes: tuple[str, ...]


class Recovering(msgspec.Struct, frozen=True):
    object: str
    detail: str


class GuardianLink(msgspec.Struct, frozen=True):
    """`handle` is the other side's. A limit of null: none."""

    id: str
    handle: str
    display_name: str
    confirmed: bool
    daily_clips: int | None
    clip_audience: ClipAudience | None
    active: bool
    asked_at: datetime
    confirmed_at: datetime | None
    calm_feed: bool


CHALLENGE: Final = "j3v1wYpJw0Zr0mWwq1b4mJ0pY2C8g1u1l0m7o0sV9pE"
CREATION: Final = {
    "rp": {"name": "Castmate", "id": "castmate.example"},
    "user": {"id": "AZgPbjt8fR6KmwwdLj9KWw", "name": "maya", "displayName": "Maya"},
    "challenge": CHALLENGE,
    "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    "timeout": 60000,
}
REQUEST: Final = {"challenge": CHALLENGE, "rpId": "castmate.example", "userVerification": "required", "timeout": 60000}
CREDENTIAL: Final = {"id": "…", "rawId": "…", "type": "public-key", "response": {"clientDataJSON": "…"}}
PASSKEY: Final = {"id": "pk_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b", "name": "phone", "created_at": AT, "last_used_at": None}
IDENTITY: Final = {"id": "apple", "provider": "apple", "linked_at": AT}
ID_TOKEN: Final = {"provider": "apple", "id_token": "eyJhbGciOiJSUzI1NiJ9…", "nonce": "4f1c…"}
PREPARED: Final = {"object": "recovery", "email": "maya@example.org", "email_verified_at": AT, "codes_left": 10}
LINK: Final = {
    "id": "kim",
    "handle": "kim",
    "display_name": "Kim",
    "confirmed": True,
    "daily_clips": 5,
    "clip_audience": "friends",
    "active": True,
    "asked_at": AT,
    "confirmed_at": AT,
    "calm_feed": True,
}
_LINKS: Final = list_of(GuardianLink)
_IDENTITIES: Final = list_of(Identity)
_IDENTITY: Final = (errors.IdentityRefused, edge.ProviderUnavailable)
_JOINING: Final = (
    errors.SignUpNeeded,
    errors.HandleTaken,
    errors.TooYoung,
    errors.InviteNeeded,
    errors.InviteUnknown,
    errors.InviteSpent,
)
_CODES: Final = (errors.WrongCode, errors.TooManyAttempts)

DOCS: Final = {
    "passkeys.begin": Doc(
        name="beginPasskey",
        summary="What a device is asked to make",
        gives=dict[str, Any],
        example=CREATION,
    ),
    "passkeys.add": Doc(
        name="addPasskey",
        summary="Add a passkey",
        gives=Passkey,
        example=PASSKEY,
        sends_example={"credential": CREDENTIAL, "name": "phone"},
        errors=(errors.PasskeyRefused,),
    ),
    "passkeys.mine": Doc(name="listPasskeys", summary="Passkeys", gives=list_of(Passkey), example=page(PASSKEY)),
    "passkeys.remove": Doc(
        name="removePasskey",
        summary="Remove a passkey",
        gives=Revoked,
        example={"id": PASSKEY["id"], "deleted": True},
        errors=(errors.PasskeyUnknown, errors.LastSignIn),
    ),
    "passkeys.challenge": Doc(
        name="challengePasskey", summary="What any passkey may sign", gives=dict[str, Any], example=REQUEST
    ),
    "passkeys.sign_in": Doc(
        name="signInWithPasskey",
        summary="Sign in with a passkey",
        gives=SignedIn,
        example=SESSION,
        sends_example={"credential": CREDENTIAL},
        errors=(errors.PasskeyRefused, errors.AccountSuspended),
    ),
    "oidc.sign_in": Doc(
        name="signInWithProvider",
        summary="Sign in, or up, with Apple, Google or another provider",
        gives=SignedIn,
        example=SESSION,
        sends_example=ID_TOKEN,
        errors=(*_IDENTITY, *_JOINING, errors.IdentityTaken, errors.AccountSuspended),
    ),
    "oidc.link": Doc(
        name="linkIdentity",
        summary="Let an identity sign in to this account",
        gives=_IDENTITIES,
        example=page(IDENTITY),
        sends_example=ID_TOKEN,
        errors=(*_IDENTITY, errors.IdentityTaken),
    ),
    "oidc.mine": Doc(name="listIdentities", summary="Linked identities", gives=_IDENTITIES, example=page(IDENTITY)),
    "oidc.unlink": Doc(
        name="unlinkIdentity",
        summary="Unlink an identity",
        gives=Revoked,
        example={"id": "apple", "deleted": True},
        errors=(errors.IdentityUnknown, errors.LastSignIn),
    ),
    "second_factor.state": Doc(
        name="getSecondFactor",
        summary="Whether a second factor is on",
        gives=SecondFactor,
        example={"enabled": False},
    ),
    "second_factor.enrol": Doc(
        name="enrolSecondFactor",
        summary="A secret for an authenticator app",
        gives=NewSecondFactor,
        example={"secret": "JBSWY3DPEHPK3PXP", "uri": "otpauth://totp/Castmate:maya?secret=…&issuer=Castmate"},
        errors=(errors.SecondFactorOn,),
    ),
    "second_factor.confirm": Doc(
        name="confirmSecondFactor",
        summary="Turn the second factor on",
        gives=SecondFactor,
        example={"enabled": True},
        sends_example={"code": "492039"},
        errors=(errors.SecondFactorOff, *_CODES),
    ),
    "second_factor.disable": Doc(
        name="disableSecondFactor",
        summary="Turn the second factor off",
        gives=SecondFactor,
        example={"enabled": False},
        sends_example={"code": "492039"},
        errors=(errors.SecondFactorOff, *_CODES),
    ),
    "recovery.state": Doc(
        name="getRecovery", summary="How this account can be recovered", gives=Recovery, example=PREPARED
    ),
    "recovery.prepare": Doc(
        name="prepareRecovery",
        summary="Verify an address, or make ten codes",
        gives=PreparedRecovery,
        example=PREPARED | {"codes": ["7h3k-q2mx-9f4d-w8tz"]},
        sends_example={"new_codes": True},
        errors=(*_CODES, errors.AddressTaken, errors.MailedLately, edge.MailUnavailable),
    ),
    "recovery.recover": Doc(
        name="recover",
        summary="Come back without the password",
        gives=Recovering,
        example={"object": "recovery", "detail": "the password is set; sign in with it"},
        sends_example={"handle": "maya"},
        errors=(errors.RecoveryRefused, errors.TooManyAttempts),
        also={200: "The password is set"},
    ),
    "guardians.mine": Doc(name="listGuardians", summary="Your guardians", gives=_LINKS, example=page(LINK)),
    "guardians.ask": Doc(
        name="askGuardian",
        summary="Ask somebody to be your guardian",
        gives=GuardianLink,
        example=LINK,
        errors=(errors.GuardianRefused, errors.AccountUnknown, errors.NotYourself, errors.YouBlocked),
    ),
    "guardians.take_back": Doc(
        name="removeGuardian",
        summary="Take the question back, or part when of age",
        gives=Revoked,
        example={"id": "maya", "deleted": True},
        errors=(errors.GuardianRefused, errors.GuardianUnknown),
    ),
    "guardians.wards": Doc(name="listWards", summary="Whose guardian you are", gives=_LINKS, example=page(LINK)),
    "guardians.confirm": Doc(
        name="confirmWard",
        summary="Become somebody's guardian",
        gives=GuardianLink,
        example=LINK,
        errors=(errors.GuardianUnknown,),
    ),
    "guardians.limit": Doc(
        name="limitWard",
        summary="Set limits, or end and resume the account's activity",
        gives=GuardianLink,
        example=LINK,
        sends_example={"daily_clips": 5, "clip_audience": "friends"},
        errors=(errors.GuardianRefused, errors.GuardianUnknown),
    ),
    "guardians.let_go": Doc(
        name="letWardGo",
        summary="Be their guardian no longer",
        gives=Revoked,
        example={"id": "kim", "deleted": True},
        errors=(errors.GuardianUnknown,),
    ),
}
