"""A convolutional code of rate 1/4 with 256 states, ended by its tail.

Generators: 3GPP2 C.S0002, convolutional codes of rate 1/4.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MEMORY: Final = 8
GENERATORS: Final = (0o765, 0o671, 0o513, 0o473)
_STATES: Final = 1 << MEMORY
Soft = NDArray[np.float32]


def _outputs() -> Soft:
    """(512, 4) -1 or 1: what the register says when it holds a number; its newest bit is the highest."""
    return np.array(
        [[1.0 if (held & one).bit_count() % 2 else -1.0 for one in GENERATORS] for held in range(2 * _STATES)],
        np.float32,
    )


_SAYS: Final = _outputs()


def coded(bits: NDArray[np.uint8]) -> Soft:
    """(n,) 0 or 1 -> (4 * (n + MEMORY),) -1 or 1."""
    state, said = 0, []
    for bit in (*bits.tolist(), *[0] * MEMORY):
        held = bit << MEMORY | state
        said.append(_SAYS[held])
        state = held >> 1
    return np.concatenate(said)


def decoded(soft: Soft) -> NDArray[np.uint8]:
    """The bits whose code is nearest to soft values, by Viterbi's algorithm."""
    steps = soft.reshape(-1, len(GENERATORS))
    best = np.full(_STATES, -np.inf)
    best[0] = 0.0
    came = np.zeros((len(steps), _STATES), np.uint8)
    after = np.arange(_STATES)
    for place, heard in enumerate(steps):
        gain = _SAYS @ heard
        # a state is the register without its oldest bit, so two registers lead to it
        pair = np.stack(
            [best[2 * after & _STATES - 1] + gain[2 * after], best[2 * after + 1 & _STATES - 1] + gain[2 * after + 1]]
        )
        came[place] = pair.argmax(axis=0)
        best = pair.max(axis=0)
    state, bits = 0, np.zeros(len(steps), np.uint8)
    for place in range(len(steps) - 1, -1, -1):
        bits[place] = state >> MEMORY - 1
        state = (2 * state + int(came[place, state])) & _STATES - 1
    return bits[:-MEMORY]
