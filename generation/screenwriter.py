"""The screenwriter: a prompt and a cast become a screenplay, by rules. No model, no torch, no numpy.

The prompt's own lines and shot lists are obeyed; what it leaves open is filled in: set-up, turn, payoff.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from generation.errors import ScreenplayError
from generation.plan import Role, Screenplay, check
from generation.prompts import dialogue, listed, mood, performed, settings, shotlist, staging, wishes
from generation.prompts.improvised import QUOTED, improvise
from generation.prompts.language import language_of
from generation.prompts.names import Names
from generation.prompts.title import taken_out, title_of
from generation.prompts.turns import cast_lines
from generation.prompts.words import clean, plain_request
from generation.recorded import Spoken

TEXT_MOST: Final = 2000  # characters of each text in a screenplay that is given


def write(prompt: str, cast: Sequence[Role], seconds: float, *, seed: int, spoken: Sequence[Spoken] = ()) -> Screenplay:
    """A screenplay of `seconds` (4, 8, 10 or 12) that passes `check`; the same arguments give the same one.

    What was `spoken` into a microphone are lines too, and shots are laid around them as they were spoken.

    Raises PromptTooWordy where the prompt's own lines do not fit, ScreenplayError where its own shot list, its number
    of speakers or something it shows cannot be had.
    """
    dice, names = random.Random(seed), Names(cast)  # noqa: S311 - variety, not secrecy
    title, card, text = taken_out(plain_request(clean(performed.joined(prompt, spoken, cast))))
    owners = wishes.read(cast)
    listing = shotlist.read(text)
    said = dialogue.read(text, names)
    prose = owners.allowed(names.spelled_out(said.prose))
    given = cast_lines(said.lines, names)
    meant = improvise(prose, names, seconds, dice)
    beats = given or meant.beats
    felt = mood.mood(prose, [beat.emotion for beat in beats])
    scene = settings.read("" if meant.intent.name == QUOTED and not given else prose, meant.intent.name, felt, dice)
    if listing and (len(listing.shots) > 1 or seconds < 8):
        filler = meant.beats if meant.talks else ()
        shots = listed.shots(listing, names, filler, place=scene.place, seconds=seconds, dice=dice)
    else:
        shots = staging.shots(scene, beats, names, seconds, dice)
    play = Screenplay(
        title=title or title_of(scene.prose, given, meant, dice),
        style=scene.style,
        setting=scene.setting,
        shots=tuple(shots),
        sound_bed=scene.sound_bed,
        language=language_of(" ".join(line.text for shot in shots for line in shot.lines)),
        title_card=card,
    )
    play = owners.applied(performed.laid_out(play, spoken), names)
    check(play, [role.speaker for role in cast], seconds)
    return play


def accepted(play: Screenplay, cast: Sequence[Role], seconds: float) -> Screenplay:
    """A screenplay that somebody else wrote, with the wishes of the cast applied as to one written here.

    Raises ScreenplayError: where in it, what was found and what is allowed.
    """
    texts = {"title": play.title, "style": play.style, "setting": play.setting, "sound_bed": play.sound_bed}
    for number, shot in enumerate(play.shots):
        texts |= {f"shots[{number}].action": shot.action, f"shots[{number}].sound": shot.sound}
        texts |= {f"shots[{number}].lines[{index}].text": line.text for index, line in enumerate(shot.lines)}
    for at, text in texts.items():
        if len(text) > TEXT_MOST:
            raise ScreenplayError(f"{at} has {len(text):,} characters; up to {TEXT_MOST:,} are allowed", at)
    speakers = [role.speaker for role in cast]
    check(play, speakers, seconds)
    play = wishes.read(cast).applied(play, Names(cast))
    check(play, speakers, seconds)
    return play
