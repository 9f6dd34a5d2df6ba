"""Explanations that a moderator can begin from: what was seen and which rule it breaks, said to whoever made it."""

from __future__ import annotations

from typing import Final

import msgspec

from social.moderation.reasons import Reason
from social.moderation.rulings import Decision


class Template(msgspec.Struct, frozen=True):
    """`suggested`: what usually follows; the moderator decides."""

    policy: str
    explanation: str
    suggested: Decision


TEMPLATES: Final[dict[Reason, Template]] = {
    "violence": Template(
        "Violence and threats",
        "It shows or announces serious violence in a way that glorifies it or threatens somebody.",
        "remove",
    ),
    "sexual": Template("Sexual content", "It shows nudity or sexual acts, which nobody may publish here.", "remove"),
    "non_consensual_intimate": Template(
        "Intimate pictures without consent",
        "It shows a person in an intimate situation that they did not agree to, real or generated.",
        "remove",
    ),
    "child_safety": Template(
        "Safety of children", "It sexualises, endangers or exploits somebody under 18.", "escalate"
    ),
    "harassment": Template(
        "Harassment and bullying", "It attacks, humiliates or follows a person who can be recognised.", "remove"
    ),
    "hate": Template("Hate", "It attacks people for what they are, or calls others to do so.", "remove"),
    "impersonation": Template(
        "Impersonation", "It pretends to be a person or an organisation in order to deceive others.", "remove"
    ),
    "likeness_without_consent": Template(
        "Face and voice only with consent", "It shows the face or the voice of a person who has not agreed.", "remove"
    ),
    "deceased_or_public_figure": Template(
        "Public figures and the deceased",
        "It shows a public figure, or somebody who has died, without the permission that this takes.",
        "remove",
    ),
    "copyright": Template("Copyright", "It contains a work of somebody else who has not allowed this.", "remove"),
    "scam_or_spam": Template(
        "Scams and spam", "It deceives people for gain, or repeats itself to be seen.", "limit_reach"
    ),
    "self_harm": Template(
        "Suicide and self-harm",
        "It encourages self-harm or shows how it is done. If you are in danger yourself, call an emergency line.",
        "remove",
    ),
    "misleading": Template(
        "Misleading content", "It can be taken for something that really happened and matters to others.", "label"
    ),
    "other": Template("House rules", "It breaks a rule of this place.", "dismiss"),
}
