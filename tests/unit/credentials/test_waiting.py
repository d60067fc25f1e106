# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.waiting."""

from __future__ import annotations

import contextlib
import io
import time

import pytest

from awscli_mfa_plugin.credentials import waiting
from awscli_mfa_plugin.credentials.waiting import wait_for
from tests.unit.conftest import CLEARED, FakeTerminal, Home, Screen


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
            assert wait_for(lambda: None, 0.02, 'other') is None
            assert '--profile other (in' in capsys.readouterr().err
        return found

    assert wait_for(look, 60, 'my work') == 'found'
    looks = iter([None, 'found'])
    assert wait_for(lambda: next(looks), 60, 'my work') == 'found'
    assert capsys.readouterr().err == (
        "Waiting up to 1 minute for: aws mfa login --profile 'my work' (in "
        'another terminal)\n'
    )


@pytest.mark.parametrize('kind', [Screen, io.StringIO])
def test_at_a_terminal_the_line_goes_away(
    home: Home, monkeypatch: pytest.MonkeyPatch, kind: type[io.StringIO]
) -> None:
    """It stays on a standard error that is a file."""
    terminal = FakeTerminal('somebody is there')
    monkeypatch.setattr(waiting, 'Terminal', lambda: terminal)
    looks = iter([None, 'found'])
    with contextlib.redirect_stderr(kind()) as stderr:
        assert wait_for(lambda: next(looks), 60, 'work') == 'found'
    line = 'Waiting up to 1 minute for: aws mfa login --profile work'
    if stderr.isatty():
        assert (terminal.told, stderr.getvalue()) == ([line, CLEARED], '')
    else:
        assert stderr.getvalue() == f'{line} (in another terminal)\n'
        assert terminal.told == []


def test_it_is_said_where_nothing_can_be_locked(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A folder that cannot be written to does not make it a secret."""
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', '/' + 'x' * 300)
    looks = iter([None, 'found'])
    assert wait_for(lambda: next(looks), 60, 'work') == 'found'
    assert 'for: aws mfa login --profile work' in capsys.readouterr().err


def test_it_ends(home: Home) -> None:
    """Nothing is waited for longer than was said."""
    started = time.monotonic()
    assert wait_for(lambda: None, 0.05, 'work') is None
    assert 0.05 <= time.monotonic() - started < 30
