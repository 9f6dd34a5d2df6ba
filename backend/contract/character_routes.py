"""Said about the routes of characters, consents and casting."""

from __future__ import annotations

from typing import Any, Final

from backend import errors as edge
from backend.contract import characters as shown
from backend.contract.characters import CHALLENGE, CHAR, CHARACTER, CONSENT, GRANT, HELD, OPENING, REQUEST, USE, VIDEO
from backend.contract.doc import Bytes, Doc
from backend.contract.lists import PAGE, list_of, page
from character_store import errors
from social import errors as people

_FILES: Final = (edge.WrongMediaType, edge.PictureOutOfBounds, edge.UploadTooLarge)
_INTAKE: Final = (
    *_FILES,
    edge.Forbidden,
    edge.StaleSession,
    errors.CaptureNeeded,
    errors.ConsentNeeded,
    errors.ConsentUnknown,
    errors.ChallengeSpent,
)
_CLIPS: Final[dict[str, dict[str, Any]]] = {"clips": {"enum": ["keep", "remove"]}}
_OTHER: Final = (errors.CharacterUnknown, people.AccountUnknown, people.NotYourself)

DOCS: Final = {
    "consents.text": Doc(
        name="getConsentPolicy",
        summary="What is signed before a face or voice is stored",
        gives=shown.Policy,
        example={"version": "2026-11-01", "sha256": CONSENT["policy_sha256"], "text": "# …", "purposes": ["store"]},
    ),
    "consents.sign": Doc(
        name="signConsent",
        summary="Sign, and get the digits for a capture",
        gives=shown.SignedConsent,
        example=CONSENT | {"challenge": CHALLENGE},
        sends_example={"purposes": ["store", "generate"], "signed_name": "Maya Ito"},
        errors=(errors.PolicyChanged, errors.ChallengesSpent),
        links={
            "getConsent": ("consent_id", "$response.body#/id"),
            "createChallenge": ("consent_id", "$response.body#/id"),
            "withdrawConsent": ("consent_id", "$response.body#/id"),
        },
    ),
    "consents.mine": Doc(
        name="listConsents", summary="Your receipts", gives=list_of(shown.Consent), example=page(CONSENT), values=PAGE
    ),
    "consents.one": Doc(
        name="getConsent",
        summary="One receipt",
        gives=shown.Consent,
        example=CONSENT,
        errors=(errors.ConsentUnknown,),
    ),
    "consents.challenge": Doc(
        name="createChallenge",
        summary="New digits under the same receipt",
        gives=shown.NewChallenge,
        example={"id": CONSENT["id"], "challenge": CHALLENGE},
        errors=(errors.ConsentUnknown, errors.ConsentNeeded, errors.ChallengesSpent),
    ),
    "consents.withdraw": Doc(
        name="withdrawConsent",
        summary="Take purposes back",
        gives=shown.WithdrawnConsent,
        example=CONSENT | {"purposes": ["store"], "withdrawn": {"generate": CONSENT["signed_at"]}, "destroyed": []},
        sends_example={"purposes": ["generate"]},
        errors=(errors.ConsentUnknown,),
    ),
    "characters.create": Doc(
        name="createCharacter",
        summary="Make a character",
        gives=shown.Character,
        example=CHARACTER | {"state": "processing"},
        form=shown.CharacterForm,
        errors=(*_INTAKE, errors.CharacterHandleTaken),
        links={"getCharacter": ("reference", "$response.body#/id")},
    ),
    "characters.mine": Doc(
        name="listCharacters",
        summary="Your characters",
        gives=list_of(shown.Character),
        example=page(CHARACTER),
        values=PAGE,
    ),
    "characters.one": Doc(
        name="getCharacter",
        summary="A character by id or @handle",
        gives=shown.Character,
        example=CHARACTER,
        errors=(errors.CharacterUnknown,),
        headers=("ETag", "Cache-Control"),
    ),
    "characters.change": Doc(
        name="updateCharacter",
        summary="Change what its owner may change at any time",
        gives=shown.Character,
        example=CHARACTER | {"audience": "mutuals"},
        sends=shown.CharacterChanges,
        sends_example={"audience": "mutuals"},
        errors=(errors.CharacterUnknown, errors.ConsentUnknown, errors.ConsentNeeded),
    ),
    "characters.remove": Doc(
        name="deleteCharacter",
        summary="Delete a character",
        gives=shown.DeletedCharacter,
        example={
            "id": CHAR,
            "object": "character.deleted",
            "deleted": True,
            "destruction": shown.DESTRUCTION,
            "clips": {"removed": [], "kept": [VIDEO]},
        },
        errors=(errors.CharacterUnknown,),
        values=_CLIPS,
    ),
    "stored_references.renew": Doc(
        name="replaceReferences",
        summary="Send new photos, voice or capture",
        gives=shown.Character,
        example=CHARACTER | {"pending": {"version": 2, "state": "processing", "refusal": None}},
        form=shown.ReferencesForm,
        errors=(*_INTAKE, errors.CharacterUnknown, errors.ReferencesPending),
    ),
    "stored_references.export": Doc(
        name="downloadReferences",
        summary="Everything stored of a character, as files",
        gives=Bytes(("application/zip",), "originals, what was made of them, and `character.json`"),
        errors=(errors.CharacterUnknown, errors.KeyDestroyed),
        headers=("Content-Disposition", "Cache-Control"),
    ),
    "stored_references.openings": Doc(
        name="listOpenings",
        summary="When its face and voice were opened, and for what",
        gives=list_of(shown.Opening),
        example=page(OPENING),
        errors=(errors.CharacterUnknown,),
        values=PAGE,
    ),
    "held.queue": Doc(
        name="listHeldCharacters",
        summary="Faces that may be stored already (staff)",
        gives=list_of(shown.HeldCharacter),
        example=page(HELD),
        values=PAGE,
    ),
    "held.face": Doc(
        name="getHeldFace",
        summary="One of the two pictures (staff)",
        gives=Bytes(("image/png",), "the picture"),
        errors=(errors.NotHeld, errors.CharacterUnknown, errors.KeyDestroyed),
        headers=("Cache-Control",),
        values={"which": {"enum": ["new", "stored"]}},
    ),
    "held.decide": Doc(
        name="decideHeldCharacter",
        summary="Accept or refuse a face that may be stored already (staff)",
        gives=shown.Decided,
        example={"id": CHAR, "decision": "accept"},
        sends_example={"decision": "accept", "explanation": "two sisters"},
        errors=(errors.NotHeld,),
    ),
    "video_characters.create": Doc(
        name="createVideoCharacter",
        summary="Make a character as the OpenAI SDKs do",
        gives=shown.VideoCharacter,
        example={
            "id": CHAR,
            "object": "character",
            "name": "Rex",
            "created_at": 1795426200,
            "handle": "rex.1f2e3d4c",
            "kind": "drawn",
            "state": "processing",
            "refusal": None,
        },
        form=shown.VideoCharacterForm,
        errors=(*_INTAKE, errors.CharacterHandleTaken),
        links={"getVideoCharacter": ("character_id", "$response.body#/id")},
    ),
    "video_characters.one": Doc(
        name="getVideoCharacter",
        summary="A character as the OpenAI SDKs see it",
        gives=shown.VideoCharacter,
        example={
            "id": CHAR,
            "object": "character",
            "name": "Rex",
            "created_at": 1795426200,
            "handle": "rex.1f2e3d4c",
            "kind": "drawn",
            "state": "ready",
            "refusal": None,
        },
        errors=(errors.CharacterUnknown,),
    ),
    "permissions.permission": Doc(
        name="getPermission",
        summary="May you cast it",
        gives=shown.Permission,
        example={"allowed": True, "reason": None},
        errors=(errors.CharacterUnknown,),
        values={"prompt": {"maxLength": 32_000}},
    ),
    "permissions.given": Doc(
        name="listGrants",
        summary="Who may cast your character",
        gives=list_of(shown.Grant),
        example=page(GRANT),
        errors=(errors.CharacterUnknown,),
        values=PAGE,
    ),
    "permissions.give": Doc(
        name="grantCharacter",
        summary="Let somebody cast your character",
        gives=shown.Grant,
        example=GRANT,
        errors=(*_OTHER, people.YouBlocked),
    ),
    "permissions.take_back": Doc(
        name="revokeGrant",
        summary="Let somebody cast your character no longer",
        gives=shown.RevokedGrant,
        example={"revoked": True, "clips": {"removed": [], "kept": [VIDEO]}},
        errors=_OTHER,
        values=_CLIPS,
    ),
    "uses.of_character": Doc(
        name="listUses",
        summary="Every clip that shows your character",
        gives=list_of(shown.Use),
        example=page(USE),
        errors=(errors.CharacterUnknown,),
        values=PAGE,
    ),
    "uses.remove": Doc(
        name="removeUse",
        summary="Take down a clip that shows your character",
        gives=shown.RemovedUse,
        example={"id": VIDEO, "object": "character.use", "removed": [VIDEO]},
        errors=(errors.CharacterUnknown, people.ClipUnknown),
    ),
    "requests.ask": Doc(
        name="askToCast",
        summary="Ask a character's owner",
        gives=shown.CastRequest,
        example=REQUEST,
        sends=shown.Question,
        sends_example={"prompt": "@maya.me buys bread"},
        errors=(
            errors.CharacterUnknown,
            errors.CastRefused,
            errors.CastRequestNeedless,
            errors.CastRequestsFull,
        ),
        also={200: "The same question is open already"},
        links={"decideCastRequest": ("request_id", "$response.body#/id")},
    ),
    "requests.inbox": Doc(
        name="listCastRequests",
        summary="What you are asked, or asked",
        gives=list_of(shown.CastRequest),
        example=page(REQUEST),
        values=PAGE | {"role": {"enum": ["owner", "asker"]}},
    ),
    "requests.decide": Doc(
        name="decideCastRequest",
        summary="Answer a request",
        gives=shown.CastRequest,
        example=REQUEST | {"state": "approved"},
        sends=shown.Answer,
        sends_example={"decision": "approve"},
        errors=(errors.CastRequestUnknown, errors.CastRequestDecided),
    ),
}
