# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.used_codes."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from awscli_mfa_plugin.cache.used_codes import (
    claim,
    note_used,
    release,
    was_used,
)
from tests.unit.cache.conftest import mode
from tests.unit.conftest import Home
from tests.unit.names import SERIAL

CODE = '271828'


def test_the_code_that_was_sent_last_is_known(home: Home) -> None:
    """It is known by a digest, of its device and of these minutes alone."""
    assert not was_used(SERIAL, CODE)
    note_used(SERIAL, CODE)
    assert was_used(SERIAL, CODE)
    assert not was_used(SERIAL, '314159')
    assert not was_used('GAHT12345678', CODE)
    (path,) = home.cache.iterdir()
    assert mode(path) == 0o600
    assert CODE not in path.read_text()
    note_used(SERIAL, '314159')
    assert not was_used(SERIAL, CODE)


def test_one_of_many_may_send_a_code(home: Home) -> None:
    """The others of twenty that have it at once may not."""
    with ThreadPoolExecutor(20) as pool:
        may_send = list(pool.map(lambda _: claim(SERIAL, CODE), range(20)))
    assert may_send.count(True) == 1
    release(SERIAL, '314159')
    assert not claim(SERIAL, CODE)
    release(SERIAL, CODE)
    assert claim(SERIAL, CODE)


@pytest.mark.parametrize('seconds', [-181, 60])
def test_six_digits_may_come_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """After some minutes, or a clock set back, it says nothing."""
    now = time.time()
    monkeypatch.setattr(time, 'time', lambda: now + seconds)
    note_used(SERIAL, CODE)
    monkeypatch.setattr(time, 'time', lambda: now)
    assert not was_used(SERIAL, CODE)


@pytest.mark.parametrize('sent_at', [None, True, 'now', float('nan')])
def test_a_file_that_is_not_believed(home: Home, sent_at: object) -> None:
    """A damaged file says nothing."""
    note_used(SERIAL, CODE)
    (path,) = home.cache.iterdir()
    entry = json.loads(path.read_text())
    path.write_text(json.dumps({**entry, 'SentAt': sent_at}))
    assert not was_used(SERIAL, CODE)


def test_without_a_cache(home: Home) -> None:
    """Nothing is remembered, and nothing fails."""
    home.cache.parent.mkdir(parents=True, exist_ok=True)
    home.cache.touch()
    assert claim(SERIAL, CODE)
    assert not was_used(SERIAL, CODE)
    release(SERIAL, CODE)
