# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.waiting."""

from __future__ import annotations

import time

import pytest

from awscli_mfa_plugin.credentials import waiting
from awscli_mfa_plugin.credentials.waiting import wait_for
from tests.unit.conftest import Home


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that nothing takes long."""
    monkeypatch.setattr(waiting, '_LOOK_SECONDS', 0.01)


def test_what_is_there_is_not_waited_for(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is said then, nor where nobody wants to wait."""
    assert wait_for(lambda: 'found', 60, 'work') == 'found'
    looks = iter([None, 'too late'])
    assert wait_for(lambda: next(looks), 0, 'work') is None
    assert capsys.readouterr() == ('', '')


def test_what_comes_is_waited_for(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said once what is waited for, and how to end it."""
    looks = iter([None, None, None, 'found'])

    def look() -> str | None:
        found = next(looks)
        if found is None and capsys.readouterr().err:
            # Another one at the terminal says nothing meanwhile.
            assert wait_for(lambda: None, 0.02, 'my work') is None
            assert capsys.readouterr() == ('', '')
        return found

    assert wait_for(look, 60, 'my work') == 'found'
    looks = iter([None, 'found'])
    assert wait_for(lambda: next(looks), 60, 'my work') == 'found'
    assert capsys.readouterr().err == (
        "Waiting up to 1 minute for: aws mfa login --profile 'my work' (in "
        'another terminal)\n'
    )


def test_it_ends(home: Home) -> None:
    """Nothing is waited for longer than was said."""
    started = time.monotonic()
    assert wait_for(lambda: None, 0.05, 'work') is None
    assert 0.05 <= time.monotonic() - started < 30
