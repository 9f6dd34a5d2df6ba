"""WebAuthn between clients and rows: options made, answers verified (py_webauthn). User verification is required."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from backend.config import Config
from social import passkeys
from social.accounts import Account
from social.errors import InvalidValue, PasskeyRefused
from social.passkeys import Passkey

Credential = Mapping[str, Any]
"""As a browser's PublicKeyCredential.toJSON() or a phone's credential manager writes it."""
NAME: Final = (1, 60)  # characters
_UNREADABLE: Final = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError)


def creation_options(config: Config, account: Account, held: Sequence[Passkey]) -> tuple[dict[str, Any], bytes]:
    """What a device is asked to make, and the challenge in it."""
    options = webauthn.generate_registration_options(
        rp_id=config.passkey_rp_id,
        rp_name="Castmate",
        user_id=account.id.bytes,
        user_name=account.handle,
        user_display_name=account.display_name,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in held],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return msgspec.json.decode(webauthn.options_to_json(options)), options.challenge


def request_options(config: Config) -> tuple[dict[str, Any], bytes]:
    """What any passkey of this place may sign: nobody is named, so nobody can be looked up."""
    options = webauthn.generate_authentication_options(
        rp_id=config.passkey_rp_id, user_verification=UserVerificationRequirement.REQUIRED
    )
    return msgspec.json.decode(webauthn.options_to_json(options)), options.challenge


async def register(pool: asyncpg.Pool, config: Config, account: Account, credential: Credential, name: str) -> Passkey:
    """Raises PasskeyRefused or InvalidValue."""
    if not NAME[0] <= len(name.strip()) <= NAME[1]:
        raise InvalidValue("name", name, f"{NAME[0]} to {NAME[1]} characters")
    challenge = await _challenged(pool, credential, account.id)
    try:
        made = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=config.passkey_rp_id,
            expected_origin=list(config.passkey_origins),
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise PasskeyRefused(_told(error)) from None
    async with pool.acquire() as conn, conn.transaction():
        return await passkeys.add(
            conn, account.id, made.credential_id, made.credential_public_key, made.sign_count, name.strip()
        )


async def proven(pool: asyncpg.Pool, config: Config, credential: Credential) -> UUID:
    """Whose passkey has signed. Raises PasskeyRefused."""
    challenge = await _challenged(pool, credential, None)
    try:
        raw = base64url_to_bytes(credential["rawId"])
    except _UNREADABLE as error:
        raise PasskeyRefused(_told(error)) from None
    async with pool.acquire() as conn:
        held = await passkeys.by_credential(conn, raw)
    if held is None:
        raise PasskeyRefused("no account has it")
    try:
        signed = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=config.passkey_rp_id,
            expected_origin=list(config.passkey_origins),
            credential_public_key=held.public_key,
            credential_current_sign_count=held.sign_count,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise PasskeyRefused(_told(error)) from None
    async with pool.acquire() as conn:
        if not await passkeys.used(conn, held.id, signed.new_sign_count):
            raise PasskeyRefused("its sign count did not grow")
    return held.account


async def _challenged(pool: asyncpg.Pool, credential: Credential, account: UUID | None) -> bytes:
    """The challenge that the client data names, used up. Raises PasskeyRefused."""
    try:
        data = msgspec.json.decode(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(data["challenge"])
    except (*_UNREADABLE, msgspec.DecodeError) as error:
        raise PasskeyRefused(_told(error)) from None
    async with pool.acquire() as conn:
        await passkeys.use_up(conn, challenge, account)
    return challenge


def _told(error: Exception) -> str:
    return str(error)[:200] if isinstance(error, WebAuthnException) else "it is not what WebAuthn's toJSON() writes"
