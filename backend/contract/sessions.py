"""Said about getting in: signing up and in, sessions, keys of access tokens, API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from backend.contract.accounts import ACCOUNT, AT, Account
from backend.contract.doc import Doc
from backend.contract.lists import list_of, page
from social import errors
from social.graph_errors import AlreadyMember
from social.sessions import Means


class SignedIn(msgspec.Struct, frozen=True):
    """Send `access_token` as Authorization: Bearer; after `expires_in` seconds `refresh_token` gets the next ones."""

    account: Account
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int
    session_id: str


class Session(msgspec.Struct, frozen=True):
    """A device that is signed in."""

    id: str
    device: str
    means: Means
    current: bool
    signed_in_at: datetime
    last_used_at: datetime
    expires_at: datetime


class Jwks(msgspec.Struct, frozen=True):
    """RFC 7517."""

    keys: tuple[dict[str, Any], ...]


class ApiKey(msgspec.Struct, frozen=True):
    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None


class NewApiKey(ApiKey, frozen=True):
    """The secret is shown this once."""

    secret: str


class Revoked(msgspec.Struct, frozen=True):
    id: str
    deleted: bool


SESSION: Final = {
    "account": ACCOUNT,
    "access_token": "eyJhbGciOiJFUzI1NiJ9…",
    "refresh_token": "cmr_5f0c…",
    "token_type": "Bearer",
    "expires_in": 900,
    "session_id": "sess_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
}
DEVICE: Final = {
    "id": "sess_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "device": "Maya's phone",
    "means": "password",
    "current": True,
    "signed_in_at": AT,
    "last_used_at": AT,
    "expires_at": "2027-01-22T09:30:00Z",
}
KEY: Final = {
    "id": "key_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "name": "laptop",
    "scopes": ["videos"],
    "created_at": AT,
    "last_used_at": None,
}
NEW_ACCOUNT: Final = {
    "handle": "maya",
    "display_name": "Maya",
    "password": "correct horse battery staple",
    "birth_date": "1990-05-17",
    "invite_code": "7H3KQ2MX",
}

DOCS: Final = {
    "accounts.sign_up": Doc(
        name="signUp",
        summary="Open an account with an invite code",
        gives=SignedIn,
        example=SESSION,
        sends_example=NEW_ACCOUNT,
        errors=(
            errors.HandleTaken,
            errors.TooYoung,
            errors.InviteUnknown,
            errors.InviteSpent,
            errors.InviteNeeded,
            AlreadyMember,
        ),
    ),
    "sessions.sign_in": Doc(
        name="signIn",
        summary="Sign in",
        gives=SignedIn,
        example=SESSION,
        sends_example={"handle": "maya", "password": "correct horse battery staple"},
        errors=(
            errors.WrongPassword,
            errors.SecondFactorNeeded,
            errors.WrongCode,
            errors.TooManyAttempts,
            errors.AccountSuspended,
        ),
    ),
    "sessions.refresh": Doc(
        name="refreshSession",
        summary="The next tokens for a refresh token",
        gives=SignedIn,
        example=SESSION,
        sends_example={"refresh_token": "cmr_5f0c…"},
        errors=(errors.RefreshRefused,),
    ),
    "sessions.mine": Doc(
        name="listSessions", summary="The devices that are signed in", gives=list_of(Session), example=page(DEVICE)
    ),
    "sessions.sign_out": Doc(
        name="signOut", summary="Sign this device out", gives=Revoked, example={"id": DEVICE["id"], "deleted": True}
    ),
    "sessions.revoke": Doc(
        name="revokeSession",
        summary="Sign another device out",
        gives=Revoked,
        example={"id": DEVICE["id"], "deleted": True},
        errors=(errors.SessionUnknown,),
    ),
    "sessions.jwks": Doc(
        name="getTokenKeys",
        summary="The public keys of access tokens",
        gives=Jwks,
        example={"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "x": "…", "y": "…", "use": "sig", "alg": "ES256"}]},
        headers=("Cache-Control",),
    ),
    "api_keys.create": Doc(
        name="createApiKey",
        summary="Make an API key",
        gives=NewApiKey,
        example=KEY | {"secret": "cm_7c0d…"},
        sends_example={"name": "laptop", "scopes": ["videos"]},
        errors=(errors.ApiKeysFull,),
        links={"revokeApiKey": ("key_id", "$response.body#/id")},
    ),
    "api_keys.mine": Doc(name="listApiKeys", summary="API keys", gives=list_of(ApiKey), example=page(KEY)),
    "api_keys.revoke": Doc(
        name="revokeApiKey",
        summary="Revoke an API key",
        gives=Revoked,
        example={"id": KEY["id"], "deleted": True},
        errors=(errors.ApiKeyUnknown,),
    ),
}
