"""What a mark says: a 48-bit id and its checksum in a code, 288 bits in all; and the chips that carry them."""

from __future__ import annotations

import binascii
import hashlib
import secrets
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.watermark.code import coded, decoded
from generation.watermark.errors import MarkIdOutOfRange

ID_BITS: Final = 48
SAID_BITS: Final = 64  # the id and its CRC-16
BITS: Final = 288  # the same in the code, with its tail
KEY_BYTES: Final = 32

Signs = NDArray[np.float32]


class Layout(msgspec.Struct, frozen=True):
    """Which chip carries what: one flat array each, as long as there are chips."""

    bit: NDArray[np.int64]  # 0..BITS - 1, or -1 for a chip that only says "here is a mark"
    sign: Signs  # -1 or 1, secret

    @property
    def here(self) -> Signs:
        """The part that is the same in every mark; 0 elsewhere."""
        return np.where(self.bit < 0, self.sign, np.float32(0))

    def chips(self, mark: int) -> Signs:
        """All of a mark's chips, -1 or 1."""
        said = np.append(bits_of(mark), np.float32(1))
        return np.asarray(said[self.bit] * self.sign, np.float32)


def new_mark() -> int:
    """A random id, 0 < id < 2**48."""
    return secrets.randbelow(2**ID_BITS - 1) + 1


def layout(key: bytes, chips: int, here_share: float, purpose: str) -> Layout:
    """The same for the same key and purpose, on every machine: signs from SHAKE-256, places by their hash order."""
    stream = hashlib.shake_256(purpose.encode() + b"\0" + key).digest(9 * chips)
    sign = np.where(np.frombuffer(stream[:chips], np.uint8) & 1, np.float32(1), np.float32(-1))
    order = np.argsort(np.frombuffer(stream[chips:], np.uint64), kind="stable")
    bit = np.full(chips, -1)
    carriers = order[round(here_share * chips) :]
    bit[carriers] = np.arange(len(carriers)) % BITS
    return Layout(bit, sign)


def bits_of(mark: int) -> Signs:
    """(BITS,) -1 or 1: the id and CRC-16/CCITT of its six bytes, as the code says them. Raises MarkIdOutOfRange."""
    if not 0 < mark < 2**ID_BITS:
        raise MarkIdOutOfRange(mark)
    content = mark.to_bytes(6)
    whole = content + binascii.crc_hqx(content, 0xFFFF).to_bytes(2)
    return coded(np.unpackbits(np.frombuffer(whole, np.uint8)))


def mark_of(soft: Signs) -> int | None:
    """The id that soft bits most likely say, where its checksum holds."""
    whole = np.packbits(decoded(soft)).tobytes()
    if binascii.crc_hqx(whole[:6], 0xFFFF) != int.from_bytes(whole[6:]) or not any(whole[:6]):
        return None
    return int.from_bytes(whole[:6])


def soft_bits(layout: Layout, chips: Signs) -> Signs:
    """(BITS,): what received chips say together; the sign is the bit, the size is how sure."""
    carrying = layout.bit >= 0
    weights = (chips * layout.sign)[carrying]
    return np.bincount(layout.bit[carrying], weights, minlength=BITS).astype(np.float32)
