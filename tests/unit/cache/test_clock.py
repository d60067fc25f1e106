# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.clock."""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache.clock import clock_stamp, seconds_set_back
from awscli_mfa_plugin.cache.layout import session_file
from awscli_mfa_plugin.cache.notes import find_credentials, note_session
from awscli_mfa_plugin.cache.roles import RoleSession, read_role, write_role
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from tests.unit.conftest import Home, make_credentials, make_mfa_session
from tests.unit.names import KEY, ROLE

BOOT_ID = Path('/proc/sys/kernel/random/boot_id')

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith('linux'), reason='Linux'
)


def stamped(path: Path, seconds: int) -> None:
    """Let a file be written while the clock was some seconds ahead."""
    entry = json.loads(path.read_text())
    boot_id, _, then = entry['Clock'].partition(' ')
    assert then.isdigit()
    entry['Clock'] = f'{boot_id} {int(then) + seconds}'
    path.write_text(json.dumps(entry, indent=2))


@pytest.mark.parametrize(
    ('seconds', 'lost'), [(7200, 7200), (30, 0), (-7200, 0)]
)
def test_a_clock_that_was_set(home: Home, seconds: int, lost: int) -> None:
    """A session ends when it would have; a clock set forward is right."""
    given = make_credentials()
    cache = MFASessionCache()
    cache.put(KEY, make_mfa_session())
    path = home.cache / session_file(KEY)
    stamped(path, seconds)
    kept = cache.get(KEY)
    assert kept is not None
    end = given.expiration - timedelta(seconds=lost)
    assert abs(kept.credentials.expiration - end) < timedelta(seconds=5)
    # "aws" has to tell what is left of it.
    note_session('work', path.name, 60)
    assert (find_credentials('work') is None) is (lost > 0)

    role_path = home.cache / f'{KEY}.{KEY}.json'
    write_role(str(role_path), RoleSession(given, 'app', ROLE))
    stamped(role_path, seconds)
    role = read_role(str(role_path))
    assert role is not None
    assert abs(role.credentials.expiration - end) < timedelta(seconds=5)


def test_a_session_that_is_over_by_now(home: Home) -> None:
    """It is not used by a clock that was set back by half a day."""
    cache = MFASessionCache()
    cache.put(KEY, make_mfa_session())
    stamped(home.cache / session_file(KEY), 12 * 3600)
    kept = cache.get(KEY)
    assert kept is not None
    assert not kept.credentials.is_usable()


def test_stamps_that_say_nothing() -> None:
    """Another start of the system, another system, and noise."""
    boot_id, _, then = clock_stamp().partition(' ')
    assert boot_id == BOOT_ID.read_text().strip()
    later = int(then) + 7200
    assert seconds_set_back(f'{boot_id} {later}') == pytest.approx(7200, abs=2)
    for stamp in ('', f'other {later}', f'{boot_id} x', f'{boot_id} {10**12}'):
        assert seconds_set_back(stamp) == 0


def test_a_clock_that_was_set_an_hour_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The hour that has passed is not taken for a part of it."""
    stamp = clock_stamp()
    told, running = time.time, time.clock_gettime
    monkeypatch.setattr(time, 'time', lambda: told() + 3600 - 7200)
    monkeypatch.setattr(
        time, 'clock_gettime', lambda clock: running(clock) + 3600
    )
    assert seconds_set_back(stamp) == pytest.approx(7200, abs=2)


@pytest.mark.parametrize('stamp', [1, None, ['a']])
def test_a_stamp_of_another_type(home: Home, stamp: object) -> None:
    """The file is not believed."""
    cache = MFASessionCache()
    cache.put(KEY, make_mfa_session())
    path = home.cache / session_file(KEY)
    entry = {**json.loads(path.read_text()), 'Clock': stamp}
    path.write_text(json.dumps(entry, indent=2))
    assert cache.get(KEY) is None
