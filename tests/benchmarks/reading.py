"""Lines with figures, names and marks, spoken and heard again: the figures of docs/voices.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy.signal import resample_poly

from generation.perception.hearing import Hearing
from generation.portrait.speech import Speaker
from generation.transcript import error_rate, words

STYLES: Final = ({"af_heart": 1.0}, {"af_heart": 0.6, "am_michael": 0.4})
LINES: Final = (
    "Meet me at 10:30 in the café.",
    "The train leaves at 19:05.",
    "It costs $5.50 at the market.",
    "She ran 5 km before breakfast.",
    "It is 30°C in the shade.",
    "Dr. Smith lives on Main St.",
    "We won 3-5 games last year.",
    "Call 555-123-4567 for help.",
    "He was born in 1999.",
    "The party is on May 3rd.",
    "I need 2½ cups of flour.",
    "NASA sent a rocket to Mars.",
    "The USA has fifty states.",
    "Zoë and José are late again.",
    "Siobhan bakes bread on Sunday.",
    "Chloe met Sean in Dublin.",
    "I ❤️ you so much.",
    "Nooooo, that was my sandwich!",
    "What??? You never told me.",
    "Wait… did you hear that?",
    "STOP THAT RIGHT NOW PLEASE",
    "Only 20% of people know this.",
    "The bill was €3 and change.",
    "Mr. Jones has a Ph.D. in music.",
    "I live in room 101.",
    "Chapter IV begins tomorrow.",
    "Visit us at castmate.org today.",
    "Ask @maya about the trip.",
    "My phone has 5G and a camera.",
    "We start at 9 a.m. on Monday.",
    "It was -5 outside this morning.",
    "The score was 2:1 at half time.",
    "It happened on 25/12/2024.",
    "The 1990s were great.",
    "Turn left, then go 100 m ahead.",
    "I got an A+ in math.",
    "Maya is 24 years old.",
    "There were 1,204 people there.",
    "Henry VIII had six wives.",
    "Half of 50 is 25.",
)


def report() -> Iterator[str]:
    """What was heard otherwise, and the word error rate of all: two minutes."""
    speaker, hearing = Speaker(), Hearing()
    wrong = spoken = 0.0
    for number, line in enumerate(LINES):
        samples = speaker.say(line, STYLES[number % len(STYLES)]).samples
        heard = hearing.words(np.asarray(resample_poly(samples, 2, 3), np.float32))
        said, understood = words(line), words(" ".join(word.text for word in heard))
        rate = error_rate(said, understood) or 0.0
        wrong, spoken = wrong + rate * len(said), spoken + len(said)
        if rate:
            yield f"{line}  heard: {' '.join(understood)}"
    yield f"{len(LINES)} lines, {spoken:.0f} words, word error rate {wrong / spoken:.3f}"
