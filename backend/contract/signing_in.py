"""Said about ways in besides a password: OpenID, passkeys, the second factor, recovery; and about guardians."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend import errors as edge
from backend.contract.accounts import AT
from backend.contract.doc import Doc
from backend.contract.lists import list_of, page
from backend.contract.sessions import SESSION, Revoked, SignedIn
from social import errors
from social.guardians import ClipAudience


class NewIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`nonce`: what the app gave the provider, and nobody else knows."""

    provider: str
    id_token: str
    nonce: Annotated[str, Meta(min_length=1, max_length=200)]


class Identity(msgspec.Struct, frozen=True):
    """`id` is the provider's name."""

    id: str
    provider: str
    linked_at: datetime


class Passkey(msgspec.Struct, frozen=True):
    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class SecondFactor(msgspec.Struct, frozen=True):
    enabled: bool


class NewSecondFactor(msgspec.Struct, frozen=True):
    """For the authenticator app, as text and as what a QR code holds."""

    secret: str
    uri: str


class Recovery(msgspec.Struct, frozen=True):
    object: str
    email: str | None
    email_verified_at: datetime | None
    codes_left: int


class PreparedRecovery(Recovery, frozen=True):
    """`codes` are shown this once."""

    codes: tuple[str, ...]


class RecoveryStep(msgspec.Struct, frozen=True):
    object: str
    detail: str


class GuardianLink(msgspec.Struct, frozen=True):
    """`handle` is the other side's. `active`: the young account may be used."""

    id: str
    handle: str
    display_name: str
    confirmed: bool
    daily_clips: int | None
    clip_audience: ClipAudience | None
    active: bool
    asked_at: datetime
    confirmed_at: datetime | None


class GuardianLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named stays; null takes a limit back. `active` false: signed out, and no way in."""

    daily_clips: Annotated[int, Meta(ge=0, le=1000)] | UnsetType | None = UNSET
    clip_audience: ClipAudience | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


IDENTITY: Final = {"id": "apple", "provider": "apple", "linked_at": AT}
PASSKEY: Final = {
    "id": "pk_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "name": "Maya's phone",
    "created_at": AT,
    "last_used_at": None,
}
RECOVERY: Final = {"object": "recovery", "email": "maya@example.org", "email_verified_at": AT, "codes_left": 10}
LINK: Final = {
    "id": "leo",
    "handle": "leo",
    "display_name": "Leo",
    "confirmed": True,
    "daily_clips": 5,
    "clip_audience": "friends",
    "active": True,
    "asked_at": AT,
    "confirmed_at": AT,
}
_JOINING: Final = (
    errors.HandleTaken,
    errors.TooYoung,
    errors.InviteNeeded,
    errors.InviteUnknown,
    errors.InviteSpent,
    errors.AccountSuspended,
)
_PROOF: Final = (errors.IdentityRefused, errors.IdentityTaken, edge.ProviderUnavailable)
_TOKEN: Final = {"provider": "apple", "id_token": "eyJhbGciOiJSUzI1NiJ9…", "nonce": "5f2b9c3e7a1d"}
_CODE: Final = (errors.SecondFactorOff, errors.WrongCode, errors.TooManyAttempts)

DOCS: Final = {
    "oidc.sign_in": Doc(
        name="signInWithIdentity",
        summary="Sign in with Apple, Google or another OpenID provider",
        gives=SignedIn,
        example=SESSION,
        sends_example=_TOKEN,
        errors=(*_PROOF, errors.SignUpNeeded, *_JOINING),
    ),
    "oidc.link": Doc(
        name="linkIdentity",
        summary="Let an identity sign in to your account",
        gives=list_of(Identity),
        example=page(IDENTITY),
        sends=NewIdentity,
        sends_example=_TOKEN,
        errors=_PROOF,
    ),
    "oidc.mine": Doc(
        name="listIdentities", summary="Identities that sign in", gives=list_of(Identity), example=page(IDENTITY)
    ),
    "oidc.unlink": Doc(
        name="unlinkIdentity",
        summary="Let an identity sign in no longer",
        gives=Revoked,
        example={"id": "apple", "deleted": True},
        errors=(errors.IdentityUnknown, errors.LastSignIn),
    ),
    "passkeys.begin": Doc(
        name="beginPasskey",
        summary="What a device needs to make a passkey",
        gives=dict[str, Any],
        example={"challenge": "q8…", "rp": {"id": "castmate.example", "name": "Castmate"}},
    ),
    "passkeys.add": Doc(
        name="addPasskey",
        summary="Add the passkey that a device made",
        gives=Passkey,
        example=PASSKEY,
        sends_example={"credential": {"id": "…", "response": {}}, "name": "Maya's phone"},
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
        name="challengePasskey",
        summary="What a device needs to sign in with a passkey",
        gives=dict[str, Any],
        example={"challenge": "q8…", "rpId": "castmate.example", "userVerification": "required"},
    ),
    "passkeys.sign_in": Doc(
        name="signInWithPasskey",
        summary="Sign in with a passkey",
        gives=SignedIn,
        example=SESSION,
        sends_example={"credential": {"id": "…", "response": {}}},
        errors=(errors.PasskeyRefused, errors.AccountSuspended),
    ),
    "second_factor.state": Doc(
        name="getSecondFactor", summary="Is a second factor on", gives=SecondFactor, example={"enabled": True}
    ),
    "second_factor.enrol": Doc(
        name="enrolSecondFactor",
        summary="A secret for the authenticator app",
        gives=NewSecondFactor,
        example={"secret": "JBSWY3DPEHPK3PXP", "uri": "otpauth://totp/Castmate:maya?secret=JBSWY3DPEHPK3PXP"},
        errors=(errors.SecondFactorOn,),
    ),
    "second_factor.confirm": Doc(
        name="confirmSecondFactor",
        summary="Turn the second factor on",
        gives=SecondFactor,
        example={"enabled": True},
        sends_example={"code": "402917"},
        errors=_CODE,
    ),
    "second_factor.disable": Doc(
        name="disableSecondFactor",
        summary="Turn the second factor off",
        gives=SecondFactor,
        example={"enabled": False},
        sends_example={"code": "402917"},
        errors=_CODE,
    ),
    "recovery.state": Doc(name="getRecovery", summary="How you could come back", gives=Recovery, example=RECOVERY),
    "recovery.prepare": Doc(
        name="prepareRecovery",
        summary="An address and codes for coming back",
        gives=PreparedRecovery,
        example=RECOVERY | {"codes": ["7H3K-Q2MX-8F4T-W9PB"]},
        sends_example={"email": "maya@example.org"},
        errors=(
            errors.AddressTaken,
            errors.MailedLately,
            edge.MailUnavailable,
            errors.WrongCode,
            errors.TooManyAttempts,
        ),
    ),
    "recovery.recover": Doc(
        name="recoverAccount",
        summary="Come back to an account",
        gives=RecoveryStep,
        example={"object": "recovery", "detail": "if there is such an account, a code is on its way to it"},
        sends_example={"handle": "maya"},
        errors=(errors.RecoveryRefused, errors.TooManyAttempts),
        also={200: "The password is set"},
    ),
    "guardians.mine": Doc(
        name="listGuardians", summary="Your guardians", gives=list_of(GuardianLink), example=page(LINK)
    ),
    "guardians.ask": Doc(
        name="askGuardian",
        summary="Ask a grown-up to be your guardian",
        gives=GuardianLink,
        example=LINK | {"confirmed": False, "confirmed_at": None},
        errors=(errors.GuardianRefused, errors.AccountUnknown, errors.NotYourself, errors.YouBlocked),
    ),
    "guardians.take_back": Doc(
        name="removeGuardian",
        summary="Take a question to a guardian back",
        gives=Revoked,
        example={"id": "leo", "deleted": True},
        errors=(errors.GuardianUnknown, errors.GuardianRefused),
    ),
    "guardians.wards": Doc(
        name="listWards", summary="Whose guardian you are", gives=list_of(GuardianLink), example=page(LINK)
    ),
    "guardians.confirm": Doc(
        name="confirmWard",
        summary="Become the guardian of whoever asked",
        gives=GuardianLink,
        example=LINK,
        errors=(errors.GuardianUnknown,),
    ),
    "guardians.limit": Doc(
        name="limitWard",
        summary="Set limits for a young person",
        gives=GuardianLink,
        example=LINK,
        sends=GuardianLimits,
        sends_example={"daily_clips": 5, "clip_audience": "friends"},
        errors=(errors.GuardianUnknown, errors.GuardianRefused),
    ),
    "guardians.let_go": Doc(
        name="removeWard",
        summary="Be somebody's guardian no longer",
        gives=Revoked,
        example={"id": "leo", "deleted": True},
        errors=(errors.GuardianUnknown,),
    ),
}
