"""Said about invitations, the people around an account, and growth."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from backend.contract.accounts import PERSON, Person
from backend.contract.doc import Doc
from backend.contract.lists import PAGE, list_of, page
from social import errors, graph_errors
from social.growth import Cohort, Invitations, KFactor


class Invite(msgspec.Struct, frozen=True):
    """`accepted_by`: who joined with it last."""

    id: str
    object: str
    code: str
    url: str
    uses: int
    max_uses: int
    expires_at: datetime
    revoked_at: datetime | None
    accepted_by: str | None
    accepted: list[str]


class Inviter(msgspec.Struct, frozen=True):
    handle: str
    display_name: str


class InviteOffer(msgspec.Struct, frozen=True):
    """`inviter` is null for a code of the house."""

    object: str
    code: str
    good: bool
    state: Literal["good", "used_up", "revoked", "expired", "suspended"]
    inviter: Inviter | None
    expires_at: datetime


class GrantedInvites(msgspec.Struct, frozen=True):
    object: str
    data: list[Invite]


class SuggestedPerson(Person, frozen=True):
    """`shared_friends`: how many friends you both have."""

    reason: Literal["invited_you", "you_invited", "invited_together", "friends_of_friends"]
    shared_friends: int


class DismissedSuggestion(msgspec.Struct, frozen=True):
    object: str
    handle: str
    dismissed: bool


class Growth(msgspec.Struct, frozen=True):
    object: str
    invitations: Invitations
    k_factor: KFactor
    retention: list[Cohort]


class InviteNode(msgspec.Struct, frozen=True):
    """`invited`: how many joined by them directly."""

    id: str
    object: str
    account: str
    handle: str
    invited_by: str | None
    depth: int
    invited: int


INVITE: Final = {
    "id": "7H3KQ2MX",
    "object": "invite",
    "code": "7H3KQ2MX",
    "url": "https://castmate.example/join/7H3KQ2MX",
    "uses": 0,
    "max_uses": 1,
    "expires_at": "2026-12-23T12:00:00Z",
    "revoked_at": None,
    "accepted_by": None,
    "accepted": [],
}
_NODE: Final = {
    "id": "1.acct_01980f6e3b7c7d1e8a9b0c1d2e3f4a5c",
    "object": "invite.node",
    "account": "acct_01980f6e3b7c7d1e8a9b0c1d2e3f4a5c",
    "handle": "leo",
    "invited_by": "maya",
    "depth": 1,
    "invited": 2,
}
_OTHER: Final = (errors.AccountUnknown, errors.NotYourself)
_LIST: Final = (errors.AccountUnknown, graph_errors.ListPrivate)

DOCS: Final = {
    "invites.mine": Doc(
        name="listInvites",
        summary="Your invite codes",
        gives=list_of(Invite),
        example=page(INVITE),
        values=PAGE,
        errors=(graph_errors.InviteNotYours,),
    ),
    "invites.create": Doc(
        name="createInvite",
        summary="Another invite code",
        gives=Invite,
        example=INVITE,
        errors=(graph_errors.InvitesSpent,),
    ),
    "invites.revoke": Doc(
        name="revokeInvite",
        summary="Take a code back",
        gives=Invite,
        example=INVITE | {"revoked_at": "2026-11-23T12:00:00Z"},
        errors=(graph_errors.InviteNotYours, errors.InviteSpent),
    ),
    "invites.one": Doc(
        name="getInvite",
        summary="A code that somebody got",
        gives=InviteOffer,
        example={
            "object": "invite.offer",
            "code": "7H3KQ2MX",
            "good": True,
            "state": "good",
            "inviter": {"handle": "maya", "display_name": "Maya"},
            "expires_at": "2026-12-23T12:00:00Z",
        },
        errors=(errors.InviteUnknown,),
        headers=("ETag", "Cache-Control"),
    ),
    "invites.grant": Doc(
        name="grantInvites",
        summary="More codes for an account",
        gives=GrantedInvites,
        example={"object": "list", "data": [INVITE]},
        sends_example={"count": 10},
        errors=(errors.AccountUnknown,),
    ),
    "people.mute": Doc(
        name="muteAccount",
        summary="Be shown less of somebody",
        gives=Person,
        example=PERSON | {"muted_by_you": True},
        errors=_OTHER,
    ),
    "people.unmute": Doc(name="unmuteAccount", summary="Take a mute back", gives=Person, example=PERSON, errors=_OTHER),
    "circles.followers": Doc(
        name="listFollowers",
        summary="Who follows somebody",
        gives=list_of(Person),
        example=page(PERSON),
        values=PAGE,
        errors=_LIST,
    ),
    "circles.following": Doc(
        name="listFollowing",
        summary="Whom somebody follows",
        gives=list_of(Person),
        example=page(PERSON),
        values=PAGE,
        errors=_LIST,
    ),
    "circles.friends": Doc(
        name="listFriends",
        summary="Somebody's friends",
        gives=list_of(Person),
        example=page(PERSON),
        values=PAGE,
        errors=_LIST,
    ),
    "circles.suggestions": Doc(
        name="listSuggestions",
        summary="Whom you may know",
        gives=list_of(SuggestedPerson),
        example=page(
            PERSON | {"you_follow": False, "friends": False, "reason": "friends_of_friends", "shared_friends": 3}
        ),
        values={"limit": {"minimum": 1, "maximum": 50}},
    ),
    "circles.dismiss": Doc(
        name="dismissSuggestion",
        summary="Do not suggest somebody",
        gives=DismissedSuggestion,
        example={"object": "suggestion.dismissed", "handle": "leo", "dismissed": True},
        errors=_OTHER,
    ),
    "growth.figures": Doc(
        name="getGrowth",
        summary="How the house grows",
        gives=Growth,
        example={
            "object": "growth",
            "invitations": {"issued": 40, "accepted": 18, "share": 0.45},
            "k_factor": {"window_days": 30, "accounts": 10, "invited": 14, "value": 1.4},
            "retention": [{"week": "2026-10-12", "accounts": 10, "day_1": 0.6, "day_7": 0.5, "day_30": 0.4}],
        },
    ),
    "growth.tree": Doc(
        name="getInviteTree",
        summary="Who let whom in",
        gives=list_of(InviteNode),
        example=page(_NODE),
        values=PAGE,
        errors=(errors.AccountUnknown,),
    ),
}
