# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.told."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache.told import is_first_time
from tests.unit.cache.conftest import mode


def test_the_first_of_many_tells(folder: Path) -> None:
    """The note is made with its folder, for the owner alone."""
    path = folder / 'x.told'
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(is_first_time, [str(path)] * 8))
    assert sorted(answers) == [False] * 7 + [True]
    assert (mode(path), mode(folder)) == (0o600, 0o700)


@pytest.mark.parametrize('age', [3600, -3600])
def test_a_note_that_is_old_counts_no_more(folder: Path, age: int) -> None:
    """One that has no end counts on."""
    path = folder / 'x.told'
    assert is_first_time(str(path), again_after=60)
    assert not is_first_time(str(path), again_after=60)
    then = time.time() - age
    os.utime(path, (then, then))
    assert not is_first_time(str(path))
    assert is_first_time(str(path), again_after=60)


def test_no_note_can_be_left(folder: Path) -> None:
    """What that means is for others to say."""
    folder.write_text('no folder')
    with pytest.raises(OSError, match='directory'):
        is_first_time(str(folder / 'x.told'))
