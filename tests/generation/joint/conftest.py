from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """Tiny models: threads would only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package", autouse=True)
def _libraries_stay() -> Iterator[None]:
    """What the libraries hold is neither counted nor gone through: a collection takes a hundredth of the time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
