# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.profile_index."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.cache import MFASessionCache
from awscli_mfa_plugin.cache_layout import format_time, profile_path
from awscli_mfa_plugin.profile_index import (
    find_credentials,
    forget_profile,
    note_session,
)
from awscli_mfa_plugin.role_cache import LoginRoleStore
from tests.unit.conftest import Home, make_mfa_session, now

KEY = 'a' * 64
MFA_SESSION = make_mfa_session()
EXPECTED = {
    'AccessKeyId': MFA_SESSION.access_key_id,
    'SecretAccessKey': MFA_SESSION.secret_access_key,
    'SessionToken': MFA_SESSION.session_token,
    'Expiration': format_time(MFA_SESSION.expiration),
}


@pytest.fixture
def noted(home: Home) -> Home:
    """Give a home with a session that is noted for a profile."""
    home.write('[profile work]\n', '[work-long-term]\n')
    MFASessionCache().put(KEY, MFA_SESSION)
    note_session('work', KEY, MFA_SESSION.access_key_id)
    return home


def note_of(home: Home, name: str = 'work') -> Path:
    """Return the file of a profile's note."""
    return Path(profile_path(str(home.cache), name))


def test_finds_the_session(noted: Home) -> None:
    """The credentials are those of the file, under STS's names."""
    assert find_credentials('work') == EXPECTED
    assert find_credentials('other') is None


def test_the_note_holds_no_secret(noted: Home) -> None:
    """It names a file of the cache, and is for its owner alone."""
    text = note_of(noted).read_text()
    for secret in (*EXPECTED.values(), MFA_SESSION.serial_number):
        assert secret not in text
    assert stat.S_IMODE(note_of(noted).stat().st_mode) == 0o600
    assert stat.S_IMODE(note_of(noted).parent.stat().st_mode) == 0o700


def test_finds_a_role(home: Home) -> None:
    """A role session is found as well."""
    response = {'Credentials': {**EXPECTED, 'AccessKeyId': 'ASIAROLE'}}
    LoginRoleStore(KEY, 'admin').remember('arn:aws:iam::1:role/a', response)
    note_session('admin', KEY, 'ASIAROLE')
    found = find_credentials('admin')
    assert found is not None and found['AccessKeyId'] == 'ASIAROLE'


def test_a_session_that_is_not_in_the_cache(noted: Home) -> None:
    """Keys of other origin leave no note, and no folder."""
    note_session('other', KEY, 'AKIAOTHER')
    assert not note_of(noted, 'other').exists()


def test_a_session_of_another_profile(noted: Home) -> None:
    """What the environment gave is no session of the profile's own."""
    note_session('other', 'b' * 64, MFA_SESSION.access_key_id)
    assert not note_of(noted, 'other').exists()


def test_without_a_cache(home: Home) -> None:
    """Nothing is made and nothing is raised."""
    note_session('work', KEY, 'AKIAOTHER')
    forget_profile('work')
    assert find_credentials('work') is None
    assert not home.cache.exists()


@pytest.mark.parametrize('name', ['config', 'credentials'])
@pytest.mark.parametrize('change', ['write', 'replace', 'remove'])
def test_a_change_of_either_file_ends_it(
    noted: Home, name: str, change: str
) -> None:
    """One that is written, swapped for a like one, or gone."""
    path: Path = getattr(noted, name)
    if change == 'write':
        path.write_text(path.read_text() + '#\n')
    else:
        status = path.stat()
        text = path.read_text()
        kept = path.rename(path.with_suffix('.old'))
        if change == 'replace':
            path.write_text(text)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert kept.exists()
    assert find_credentials('work') is None
    note_session('work', KEY, MFA_SESSION.access_key_id)
    assert find_credentials('work') == EXPECTED


def test_other_files_in_the_environment_end_it(
    noted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile of another config file is another profile."""
    other = noted.path / 'other'
    other.write_bytes(noted.config.read_bytes())
    monkeypatch.setenv('AWS_CONFIG_FILE', str(other))
    assert find_credentials('work') is None


def test_forgotten(noted: Home) -> None:
    """After that there is none, and forgetting it again is no error."""
    forget_profile('work')
    forget_profile('work')
    assert find_credentials('work') is None


@pytest.mark.parametrize(
    ('left', 'min_remaining', 'found'),
    [(70, 60, True), (50, 60, False), (3500, 3600, False), (-1, 60, False)],
)
def test_how_long_a_session_has_to_last(
    home: Home, left: int, min_remaining: int, found: bool
) -> None:
    """One that is too short is left to the long way, which may renew it."""
    mfa_session = make_mfa_session(expiration=now() + timedelta(seconds=left))
    MFASessionCache().put(KEY, mfa_session)
    note_session('work', KEY, mfa_session.access_key_id, min_remaining)
    assert (find_credentials('work') is not None) is found


@pytest.mark.parametrize(
    'changes',
    [
        {'Version': 2},
        {'Session': '../../../etc/passwd'},
        {'Session': f'{"b" * 64}.json'},
        {'Session': None},
        {'Session': ['x']},
        {'MinRemaining': 'long'},
        {'Files': None},
    ],
)
def test_a_note_that_is_none(noted: Home, changes: dict[str, Any]) -> None:
    """Whatever is in the file, the long way is taken."""
    note = json.loads(note_of(noted).read_text())
    note_of(noted).write_text(json.dumps({**note, **changes}))
    assert find_credentials('work') is None


@pytest.mark.parametrize('text', ['', '[]', '{}', '{"Credentials": 1}'])
def test_files_that_are_cut_off(noted: Home, text: str) -> None:
    """Neither a broken session nor a broken note is an error."""
    (noted.cache / f'{KEY}.json').write_text(text)
    assert find_credentials('work') is None
    note_session('work', KEY, MFA_SESSION.access_key_id)
    note_of(noted).write_text(text)
    assert find_credentials('work') is None
