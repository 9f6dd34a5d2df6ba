"""Settings: one frozen Struct, read once from CASTMATE_* variables. README lists them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from generation.options import EngineOptions


class Config(msgspec.Struct, frozen=True):
    data: Path  # secrets, and where nothing else is set the database and the media
    database_url: str | None  # None: the embedded database under `data`
    media_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    web_processes: int = 1
    engine: str = "auto"
    ltx_weights: Path | None = None  # None: the hub's cache
    ltx_loras: str = ""  # "FILE[:SCALE],…", melted into the weights
    ltx_id_lora: Path | None = None  # adapters that hear stored voices
    ltx_sheet_lora: Path | None = None  # adapters that look at a sheet of the cast
    echo_weights: Path | None = None
    accept_noncommercial: bool = False  # the operator says that weights for non-commercial use may be used
    vram: float | None = None  # GB of the GPU that an engine may fill; None: what is free
    remote_url: str | None = None  # an inference server that speaks /v1/videos
    remote_key: str | None = None
    remote_model: str = "default"
    daily_clips: int = 30
    open_signup: bool = False  # accounts without an invite code
    passkey_rp_id: str = "localhost"  # the domain that passkeys belong to
    passkey_origins: tuple[str, ...] = ("http://localhost:8000",)  # of the pages and apps that may use them
    oidc_file: Path | None = None  # who else vouches for people: backend/oidc.py
    smtp_url: str | None = None  # None: mails are written to stderr
    mail_from: str = "castmate@localhost"
    heartbeat_seconds: float = 10.0  # a worker silent for this long has lost its jobs
    drain_seconds: float = 60.0  # after SIGTERM a running clip gets this long, then goes back into the queue
    log_level: str = "info"
    image_hosts: tuple[str, ...] = ()  # where pictures may be fetched from
    head_seconds: float = 15.0  # for the head of a request to arrive
    body_seconds: float = 30.0  # a body may pause this long
    rate_limits: str = ""  # "off", or changes to rate_rules.RULES
    trusted_proxies: str = "127.0.0.0/8, ::1"  # whose X-Forwarded-For is believed; networks
    apple_team_id: str | None = None  # with the three below: what Sign in with Apple allowed is revoked at leaving
    apple_key_id: str | None = None
    apple_client_id: str | None = None
    apple_key_file: Path | None = None
    apple_url: str = "https://appleid.apple.com"
    media_base_url: str = ""  # where clients fetch media: a CDN before this server; empty: this server
    apns_key_file: Path | None = None  # Apple's .p8 key; None: what is for iPhones is only logged
    apns_key_id: str = ""
    apns_team_id: str = ""
    apns_topic: str = ""  # the app's bundle id
    fcm_account_file: Path | None = None  # Google's service account; None: what is for Android is only logged
    public_url: str = ""  # where people reach this instance, for links it hands out; empty: as a request says
    metrics_token: str = ""  # what /metrics is asked with; empty: there is no /metrics
    webhook_local: bool = False  # webhooks may go to http:// and private addresses: for trying things out
    embeddings_url: str | None = None  # the whole address of /v1/embeddings; None: words are compared as they are
    embeddings_key: str = ""
    embeddings_model: str = "text-embedding-3-small"
    classifier_url: str | None = None  # the whole address of /v1/moderations; None: the table of rules alone
    classifier_key: str = ""
    classifier_model: str = "omni-moderation-latest"
    classifier_down: Literal["pass", "refuse"] = "pass"  # words while it is away: by the rules alone, or 503
    master_key_file: Path | None = None  # None: under `data`, made on first start

    @property
    def engine_options(self) -> EngineOptions:
        """What the choice of engine depends on."""
        return EngineOptions(
            engine=self.engine,
            ltx_weights=self.ltx_weights,
            ltx_loras=self.ltx_loras,
            ltx_id_lora=self.ltx_id_lora,
            ltx_sheet_lora=self.ltx_sheet_lora,
            echo_weights=self.echo_weights,
            accept_noncommercial=self.accept_noncommercial,
            vram_gb=self.vram,
            remote_url=self.remote_url,
            remote_key=self.remote_key,
            remote_model=self.remote_model,
        )

    @property
    def master_key(self) -> Path:
        """The vault's master keys."""
        return self.master_key_file or self.data / "secrets" / "master.key"

    @property
    def index_key(self) -> Path:
        """The secret of the face index."""
        return self.data / "secrets" / "face_index.key"

    @property
    def address_key(self) -> Path:
        """What addresses are hashed with before they are kept."""
        return self.data / "secrets" / "address.key"

    @property
    def media_key(self) -> Path:
        """What URLs of media are signed with."""
        return self.data / "secrets" / "media_url.key"

    @property
    def account_key(self) -> Path:
        """What seals the secrets of second factors, and hashes mailed codes and attempts."""
        return self.data / "secrets" / "account.key"

    @property
    def mark_key(self) -> Path:
        """What invisible marks are made and read with."""
        return self.data / "secrets" / "mark.key"

    @property
    def credentials_key(self) -> Path:
        """The certificates and the key that files are signed with."""
        return self.data / "secrets" / "credentials.json"

    @property
    def answers_key(self) -> Path:
        """The secret under which kept answers with secrets are sealed."""
        return self.data / "secrets" / "answers.key"

    @property
    def token_keys(self) -> Path:
        """The keys that sign access tokens."""
        return self.data / "secrets" / "token.jwk"

    @property
    def scratch(self) -> Path:
        """Files in the making."""
        return self.data / "scratch"


PATHS: Final = frozenset(
    {
        "oidc_file",
        "master_key_file",
        "apple_key_file",
        "ltx_weights",
        "ltx_id_lora",
        "ltx_sheet_lora",
        "echo_weights",
        "apns_key_file",
        "fcm_account_file",
    }
)


def read(env: Mapping[str, str] = os.environ) -> Config:
    """Raises msgspec.ValidationError naming the variable's field for a value of the wrong type."""
    fields = set(Config.__struct_fields__)
    given: dict[str, str] = {
        name: value
        for key, value in env.items()
        if (name := key.removeprefix("CASTMATE_").lower()) in fields and key.startswith("CASTMATE_") and value
    }
    data = Path(given.pop("data", "var")).absolute()
    given.setdefault("media_url", str(data / "media"))
    paths: dict[str, object] = {"data": data}
    for name in {"image_hosts", "passkey_origins"} & set(given):
        paths[name] = tuple(one.strip() for one in given.pop(name).lower().split(",") if one.strip())
    for name in PATHS & set(given):
        paths[name] = Path(given.pop(name)).absolute()
    return msgspec.convert({"database_url": None, **given, **paths}, Config, strict=False)
