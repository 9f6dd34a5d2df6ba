"""What an app is made of for one configuration: keys, stores, middleware; handlers ask for most of it by name."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec
from litestar import Request

from backend import auth, rate_rules
from backend.activity import Activity
from backend.apple import AppleKey, AppleTokens, NoApple, Revoker
from backend.auth import Viewer
from backend.caller import Authenticate, Callers
from backend.classifier import Classifier
from backend.client_address import networks
from backend.config import Config
from backend.embeddings import Embeddings
from backend.events import Events
from backend.in_flight import InFlight
from backend.mail import Mailer, open_mailer
from backend.media import Media, open_media
from backend.media_links import MediaLinks
from backend.oidc import Oidc, read_providers
from backend.patience import Patience
from backend.rate_counts import RateCounts
from backend.rate_limits import RateLimits
from backend.repeats import Repeats
from backend.safe import open_vault
from backend.secret_file import made_once
from backend.tokens import TokenKeys
from character_store.vault import Vault, new_key


class Parts(msgspec.Struct, frozen=True):
    config: Config
    media: Media
    vault: Vault
    mailer: Mailer
    revoker: Revoker
    oidc: Oidc
    embeddings: Embeddings
    classifier: Classifier
    events: Events
    in_flight: InFlight
    counts: RateCounts
    media_links: MediaLinks
    token_keys: TokenKeys
    account_secret: bytes
    address_secret: bytes
    patience: Patience
    callers: Callers
    limits: RateLimits
    repeats: Repeats
    dsn: str


def parts_of(config: Config) -> Parts:
    """Opens no connection yet. Raises ValueError without a database URL."""
    if config.database_url is None:
        raise ValueError("CASTMATE_DATABASE_URL is not set; `castmate serve` sets it")
    token_keys = TokenKeys(config.token_keys)
    address_secret = made_once(config.address_key, new_key)
    in_flight, counts = InFlight(config.database_url), RateCounts()
    return Parts(
        config=config,
        media=open_media(config.media_url),
        vault=open_vault(config),
        mailer=open_mailer(config),
        revoker=_revoker(config),
        oidc=Oidc(read_providers(config.oidc_file)),
        embeddings=Embeddings(config),
        classifier=Classifier(config),
        events=Events(config.database_url),
        in_flight=in_flight,
        counts=counts,
        media_links=MediaLinks(made_once(config.media_key, new_key), config.media_base_url),
        token_keys=token_keys,
        account_secret=made_once(config.account_key, new_key),
        address_secret=address_secret,
        patience=Patience(config.body_seconds),
        callers=Callers(_met(token_keys, Activity()), networks(config.trusted_proxies)),
        limits=RateLimits(
            rate_rules.read(config.rate_limits),
            counts,
            lambda address: hmac.digest(address_secret, address.encode(), hashlib.sha256).hex()[:32],
        ),
        repeats=Repeats(in_flight, made_once(config.answers_key, new_key)),
        dsn=config.database_url,
    )


def _met(token_keys: TokenKeys, activity: Activity) -> Authenticate:
    """Who sends a request, written down as having been here today."""

    async def viewer(request: Request[Any, Any, Any]) -> Viewer:
        pool = request.app.state.pool
        found = await auth.provide_viewer(request, pool, token_keys)
        await activity.note(pool, found.id)
        return found

    return viewer


def _revoker(config: Config) -> Revoker:
    """Apple's, where all four settings are there."""
    team, key, client, file = config.apple_team_id, config.apple_key_id, config.apple_client_id, config.apple_key_file
    if team is None or key is None or client is None or file is None:
        return NoApple()
    return AppleTokens(AppleKey(team, key, client, file), config.apple_url)
