# SPDX-License-Identifier: Apache-2.0
"""Tests of what hands a new device over: enroll, its handover, QR codes."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.commands import qr_code
from awscli_mfa_plugin.commands.enroll import SeedCodes
from awscli_mfa_plugin.commands.seed_handover import SeedHandover
from awscli_mfa_plugin.credentials.totp import Seed
from awscli_mfa_plugin.exceptions import MFAConfigurationError, UsageError
from tests.unit.conftest import FakeTerminal
from tests.unit.names import SERIAL

SEED = Seed('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567' * 2)


class Clock:
    """A time that passes when somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 3000.0
        self.slept: list[float] = []
        monkeypatch.setattr(time, 'time', lambda: self.now)
        monkeypatch.setattr(time, 'sleep', self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def handover(**options: Any) -> SeedHandover:
    """Return how the seed goes where the options say."""
    return SeedHandover(FakeTerminal(), **options)


def test_no_code_is_used_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next code is sent early; after a refusal its time is awaited."""
    clock = Clock(monkeypatch)
    clock.now = 3010.0
    terminal = FakeTerminal()
    # The phone is a minute ahead.
    codes = SeedCodes(SEED, 2, terminal)
    assert codes.consecutive() == (SEED.code(101), SEED.code(102))
    assert codes.token_code(SERIAL) == SEED.code(103)
    assert codes.ask_again_after('refused')
    # The next one is 104, whose time begins at (104 - 2) * 30.
    assert clock.slept == [50.0]
    assert codes.token_code(SERIAL) == SEED.code(104)
    assert terminal.told == [
        'AWS does not take this code yet. Waiting 50 seconds for the next '
        'code.'
    ]
    clock.now += 300
    assert codes.token_code(SERIAL) == SEED.code(114)


def test_without_segno(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a QR code needs the package, and the error says what to do."""
    monkeypatch.setitem(sys.modules, 'segno', None)
    with pytest.raises(MFAConfigurationError, match='add --show-secret'):
        handover()
    handover(shows_secret=True)
    handover(command='sh -c true')


def test_qr_file_that_cannot_be(tmp_path: Path) -> None:
    """Another kind of file, or one in no folder, is a wrong command line."""
    with pytest.raises(UsageError, match=r'must end in \.png or \.svg'):
        handover(qr_file=str(tmp_path / 'code.jpg'))
    with pytest.raises(UsageError, match='cannot be written'):
        qr_code.write_file(str(tmp_path / 'none' / 'code.png'), ('text',))


@pytest.mark.parametrize('command', ['', 'no-such-program x', 'echo "x'])
def test_seed_process_that_cannot_be(command: str) -> None:
    """It is found out before a device is created."""
    with pytest.raises(UsageError, match='--seed-process'):
        handover(command=command)
