"""The headers of answers and requests that clients may count on."""

from __future__ import annotations

from typing import Any, Final

TEXT: Final = {"type": "string"}
COUNT: Final = {"type": "integer", "minimum": 0}

ANSWERS: Final[dict[str, tuple[str, dict[str, Any], Any]]] = {
    "x-request-id": ("Names this request in the server's log.", TEXT, "b7c1d3a0f2e94f0a8c55d1f7a3f0c9e2"),
    "ETag": ("The version of what is answered; send it back as If-None-Match.", TEXT, '"5f2b9c3e7a1d4f60"'),
    "Cache-Control": ("How long, and by whom, the answer may be kept.", TEXT, "private, no-cache"),
    "Last-Modified": ("When it changed last.", TEXT, "Mon, 23 Nov 2026 09:30:00 GMT"),
    "Accept-Ranges": ("`bytes`: parts can be asked for with Range.", TEXT, "bytes"),
    "Content-Range": ("Which bytes of how many these are.", TEXT, "bytes 0-1023/845221"),
    "Content-Disposition": ("The name to save it under.", TEXT, 'attachment; filename="maya.me-v1.zip"'),
    "Location": ("Where the new thing is.", TEXT, "/v1/uploads/upl_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"),
    "Retry-After": ("Seconds to wait before the next try.", COUNT, 2),
    "RateLimit-Limit": ("Requests allowed in the window.", COUNT, 600),
    "RateLimit-Remaining": ("Requests left in the window.", COUNT, 599),
    "RateLimit-Reset": ("Seconds until the window begins anew.", COUNT, 42),
    "Castmate-Quota-Limit": ("Clips of a day.", COUNT, 30),
    "Castmate-Quota-Remaining": ("Clips left of this day.", COUNT, 28),
    "Castmate-Quota-Reset": ("Seconds until the next day begins in the account's time zone.", COUNT, 41_300),
    "Castmate-Quota-Extra": ("Credits left beyond the daily clips.", COUNT, 0),
    "x-should-retry": ("`false`: the same request again will not do better.", TEXT, "false"),
    "www-authenticate": ("`Bearer`.", TEXT, "Bearer"),
    "openai-poll-after-ms": ("Milliseconds to wait before looking again.", TEXT, "1000"),
    "Idempotent-Replayed": ("`true`: the answer of the first request with this Idempotency-Key.", TEXT, "true"),
    "Upload-Offset": ("How many bytes are here: the next ones begin there.", COUNT, 1048576),
    "Upload-Length": ("How many bytes there will be.", COUNT, 4194304),
    "Upload-Metadata": ("As it was sent.", TEXT, "kind Y2FwdHVyZQ=="),
    "Upload-Expires": ("When an unused upload goes.", TEXT, "Tue, 24 Nov 2026 09:30:00 GMT"),
    "Tus-Resumable": ("The version of the tus protocol.", TEXT, "1.0.0"),
    "Tus-Version": ("The versions that are spoken here.", TEXT, "1.0.0"),
    "Tus-Extension": ("The extensions that are spoken here.", TEXT, "creation,checksum,expiration,termination"),
    "Tus-Max-Size": ("The most bytes an upload may have.", COUNT, 8589934592),
    "Tus-Checksum-Algorithm": ("What Upload-Checksum may name.", TEXT, "sha1,sha256"),
}

REQUESTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "Idempotency-Key": (
        "The same key with the same body within 24 hours gives the same answer and does nothing twice.",
        {"type": "string", "minLength": 1, "maxLength": 255, "examples": ["8e03978e-40d5-43e8-bc93-6894a57f9324"]},
    ),
    "If-None-Match": ("An ETag that the client holds: 304 where it is still right.", {"type": "string"}),
    "Range": ("The bytes that are wanted, such as `bytes=0-1023`.", {"type": "string"}),
    "If-Range": ("Range counts only for this ETag.", {"type": "string"}),
    "Tus-Resumable": ("The version of the tus protocol.", {"type": "string", "enum": ["1.0.0"]}),
    "Upload-Length": ("How many bytes there will be.", {"type": "integer", "minimum": 1}),
    "Upload-Offset": ("Where these bytes begin: what HEAD answered.", {"type": "integer", "minimum": 0}),
    "Upload-Metadata": (
        "Pairs of a key and base64 text: `kind` (capture, photo, voice, video, picture, …), `filename`, `consent_id`.",
        {"type": "string", "examples": ["kind cGljdHVyZQ==,filename cmV4LnBuZw=="]},
    ),
    "Upload-Checksum": ("An algorithm, and the digest of this body in base64.", {"type": "string"}),
    "X-HTTP-Method-Override": ("What is meant.", {"type": "string", "enum": ["PATCH", "DELETE"]}),
    "Last-Event-ID": ("The last event that was seen: those after it come first.", {"type": "string"}),
}

QUOTA: Final = ("Castmate-Quota-Limit", "Castmate-Quota-Remaining", "Castmate-Quota-Reset", "Castmate-Quota-Extra")

OF_ERRORS: Final[dict[int, tuple[str, ...]]] = {
    401: ("www-authenticate",),
    409: ("x-should-retry",),
    429: ("Retry-After", "x-should-retry", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    503: ("Retry-After",),
}


def components() -> dict[str, Any]:
    """For `components.headers`."""
    return {
        name: {"description": words, "schema": dict(schema), "example": example}
        for name, (words, schema, example) in ANSWERS.items()
    }


def refer(*names: str) -> dict[str, Any]:
    """Of one answer, by name. Raises KeyError for a header that is not in ANSWERS."""
    for name in names:
        ANSWERS[name]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("x-request-id", *names)}


def asked(name: str, *, required: bool = False) -> dict[str, Any]:
    """A header parameter of a request."""
    words, schema = REQUESTS[name]
    return {"name": name, "in": "header", "required": required, "description": words, "schema": dict(schema)}
