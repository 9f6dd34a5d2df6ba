"""Said about how clients are told: streams of events, push devices, webhooks; and links to media."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from backend import errors as edge
from backend.contract.accounts import AT, NOTICE
from backend.contract.doc import EVENTS, Bytes, Doc
from backend.contract.lists import PAGE, list_of, page
from social import errors
from social.changes import Type
from social.devices import Platform
from social.webhooks import EventName


class Change(msgspec.Struct, frozen=True):
    """`data` is the object as it is now, as the routes of its type show it."""

    id: str
    object: str
    type: Type
    at: datetime
    deleted: bool
    data: dict[str, Any] | None


class NewDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`token`: of APNs in hex, or of FCM. `details`: messages may say who and what."""

    platform: Platform
    token: str
    sandbox: bool = False
    details: bool = False


class Device(msgspec.Struct, frozen=True):
    object: str
    id: str
    platform: Platform
    sandbox: bool
    details: bool
    created_at: datetime
    updated_at: datetime


class DeviceList(msgspec.Struct, frozen=True):
    object: str
    data: tuple[Device, ...]
    has_more: bool


class Deleted(msgspec.Struct, frozen=True):
    id: str
    deleted: bool
    object: str


class NewWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """https, and public."""

    url: str
    events: Annotated[tuple[EventName, ...], Meta(min_length=1)] = ("video.completed", "video.failed")


class Webhook(msgspec.Struct, frozen=True):
    id: str
    object: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None


class CreatedWebhook(Webhook, frozen=True):
    """The secret (`whsec_…`) is shown this once."""

    secret: str


class RotatedSecret(msgspec.Struct, frozen=True):
    id: str
    secret: str


class Delivery(msgspec.Struct, frozen=True):
    """`type`: the event's."""

    id: str
    object: str
    event: str
    type: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    next_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime
    ended_at: datetime | None


DEVICE: Final = {
    "object": "device",
    "id": "mayas-phone",
    "platform": "ios",
    "sandbox": False,
    "details": False,
    "created_at": AT,
    "updated_at": AT,
}
WEBHOOK: Final[dict[str, Any]] = {
    "id": "hook_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "webhook",
    "url": "https://example.org/clips",
    "events": ["video.completed", "video.failed"],
    "created_at": AT,
    "failing_since": None,
    "disabled_at": None,
    "disabled_because": None,
}
DELIVERY: Final = {
    "id": "dlv_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "webhook.delivery",
    "event": "evt_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "type": "video.completed",
    "state": "delivered",
    "attempts": 1,
    "next_at": None,
    "last_status": 200,
    "last_error": None,
    "created_at": AT,
    "ended_at": AT,
}
CHANGE: Final = {
    "id": NOTICE["id"],
    "object": "change",
    "type": "notice",
    "at": AT,
    "deleted": False,
    "data": NOTICE,
}
_PROGRESS: Final = (
    "retry: 2000\n\nid: in_progress.41.2.render\nevent: progress\n"
    'data: {"status":"in_progress","progress":41,"stage":"render","shot":2}\n\n'
    'event: done\ndata: {"status":"completed","progress":100,"stage":"done","shot":2}\n\n'
)
_NOTICE: Final = 'retry: 2000\nid: 812\n\nid: 813\nevent: notice\ndata: {"kind":"granted","about":{"by":"leo"}}\n\n'

DOCS: Final = {
    "events.of_clip": Doc(
        name="watchVideo",
        summary="The making of a clip, live",
        gives=Bytes((EVENTS,), "`progress`, `preview`, and at last `done` or `end`"),
        example=_PROGRESS,
        errors=(errors.ClipUnknown, edge.StreamsFull),
        headers=("Cache-Control",),
        asks=("Last-Event-ID",),
    ),
    "events.of_account": Doc(
        name="watchAccount",
        summary="Everything a signed-in device should know, live",
        gives=Bytes(
            (EVENTS,), "notices, messages, clips, sign-ins; `reset`: read again what you show; `end`: sign in again"
        ),
        example=_NOTICE,
        errors=(errors.InvalidValue, edge.StreamsFull),
        headers=("Cache-Control",),
        asks=("Last-Event-ID",),
    ),
    "changes.since": Doc(
        name="listChanges",
        summary="What changed while a client was offline",
        gives=list_of(Change, ("next", str)),
        example=page(CHANGE, next="NDExLjEyLjE3OTU0MjYyMDA"),
        errors=(errors.SyncExpired,),
        values={"limit": {"minimum": 1, "maximum": 100}},
    ),
    "devices.register": Doc(
        name="registerDevice",
        summary="Want push messages",
        gives=Device,
        example=DEVICE,
        sends=NewDevice,
        sends_example={"platform": "ios", "token": "5f" * 32},
    ),
    "devices.mine": Doc(
        name="listDevices",
        summary="Devices that want push messages",
        gives=DeviceList,
        example={"object": "list", "data": [DEVICE], "has_more": False},
    ),
    "devices.remove": Doc(
        name="removeDevice",
        summary="Want no push messages",
        gives=Deleted,
        example={"id": "mayas-phone", "deleted": True, "object": "device.deleted"},
        errors=(errors.DeviceUnknown,),
    ),
    "webhooks.create": Doc(
        name="createWebhook",
        summary="Be told when clips end",
        gives=CreatedWebhook,
        example=WEBHOOK | {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
        sends=NewWebhook,
        sends_example={"url": "https://example.org/clips"},
        errors=(errors.WebhooksFull,),
        links={
            "rotateWebhook": ("webhook_id", "$response.body#/id"),
            "listDeliveries": ("webhook_id", "$response.body#/id"),
            "deleteWebhook": ("webhook_id", "$response.body#/id"),
        },
    ),
    "webhooks.mine": Doc(name="listWebhooks", summary="Webhooks", gives=list_of(Webhook), example=page(WEBHOOK)),
    "webhooks.remove": Doc(
        name="deleteWebhook",
        summary="Be told no more",
        gives=Deleted,
        example={"id": WEBHOOK["id"], "deleted": True, "object": "webhook.deleted"},
        errors=(errors.WebhookUnknown,),
    ),
    "webhooks.rotate": Doc(
        name="rotateWebhook",
        summary="A new secret",
        gives=RotatedSecret,
        example={"id": WEBHOOK["id"], "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
        errors=(errors.WebhookUnknown,),
    ),
    "webhooks.deliveries": Doc(
        name="listDeliveries",
        summary="What was sent to a webhook, and what waits",
        gives=list_of(Delivery),
        example=page(DELIVERY),
        errors=(errors.WebhookUnknown,),
        values=PAGE,
    ),
    "media.of_clip": Doc(
        name="downloadMedia",
        summary="A file of a clip by its signed URL",
        gives=Bytes(("video/mp4", "image/webp", "image/jpeg", "text/vtt"), "the file"),
        errors=(edge.MediaLinkRefused, edge.MediaGone),
        headers=("ETag", "Cache-Control", "Last-Modified", "Accept-Ranges"),
        asks=("Range", "If-Range"),
        also={206: "The range that was asked for", 416: "The file has no such range"},
        query={"exp": {"type": "string"}, "sig": {"type": "string"}},
        values={"kind": {"enum": ["published", "sent", "own"]}},
        notes="Take the URL from `media` of a clip's object. HEAD answers the same headers.",
    ),
}
