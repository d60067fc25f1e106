# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.notes."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.cache.layout import profile_path, session_file
from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.notes import (
    find_credentials,
    forget_profile,
    note_session,
)
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from tests.unit.conftest import Home, make_credentials, make_mfa_session, now

KEY = 'a' * 64
FILE = session_file(KEY)
MFA_SESSION = make_mfa_session()
EXPECTED = MFA_SESSION.credentials.as_json()


@pytest.fixture
def noted(home: Home) -> Home:
    """Give a home with a session that is noted for a profile."""
    home.write('[profile work]\n', '[work-long-term]\n')
    MFASessionCache().put(KEY, MFA_SESSION)
    note_session('work', FILE)
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
    login_role = LoginRole(KEY, 'admin')
    login_role.remember(
        {'RoleArn': 'arn:aws:iam::1:role/a'},
        make_credentials(access_key_id='ASIAROLE'),
    )
    note_session('admin', login_role.file_name)
    found = find_credentials('admin')
    assert found is not None and found['AccessKeyId'] == 'ASIAROLE'


def test_without_a_cache(home: Home) -> None:
    """Nothing is made and nothing is raised."""
    forget_profile('work')
    assert find_credentials('work') is None
    assert not home.cache.exists()


def test_a_cache_that_cannot_be_written(home: Home) -> None:
    """A note is not worth an error."""
    home.cache.parent.mkdir(parents=True)
    home.cache.write_text('a file')
    note_session('work', FILE)
    assert find_credentials('work') is None


@pytest.mark.parametrize(
    ('name', 'text'),
    [
        ('config', ''),
        ('config', '[profile work]\nsource_profile = other\n'),
        ('config', '[profile other]\n'),
        ('credentials', ''),
        ('credentials', '[work-long-term]\naws_access_key_id = x\n'),
        ('credentials', '[work-long-term]\n[work]\nregion = x\n'),
    ],
)
def test_a_change_of_the_profile_ends_it(
    noted: Home, name: str, text: str
) -> None:
    """In either file, of it or of its long-term profile."""
    path: Path = getattr(noted, name)
    path.write_text(text)
    assert find_credentials('work') is None
    note_session('work', FILE)
    assert find_credentials('work') == EXPECTED


@pytest.mark.parametrize('name', ['config', 'credentials'])
def test_a_file_that_is_gone_ends_it(noted: Home, name: str) -> None:
    """Then the profile has lost what it had there."""
    path: Path = getattr(noted, name)
    path.unlink()
    assert find_credentials('work') is None


@pytest.mark.parametrize(
    'config',
    [
        '[profile work]\nsource_profile = base\n[profile base]\nregion = x\n',
        '[profile "work"]\nsource_profile: base\n[profile base]\n'
        'source_profile = far\n[profile far]\nregion = x\n',
    ],
)
def test_a_change_of_a_source_ends_it(home: Home, config: str) -> None:
    """However far it is, by any spelling."""
    home.write(config)
    MFASessionCache().put(KEY, MFA_SESSION)
    note_session('work', FILE)
    home.write(config.replace('region = x', 'region = yy'))
    assert find_credentials('work') is None


@pytest.mark.parametrize('name', ['config', 'credentials'])
def test_a_change_of_something_else_does_not_end_it(
    noted: Home, name: str
) -> None:
    """Another profile's settings, a comment, or a copy in its place."""
    path: Path = getattr(noted, name)
    before = note_of(noted).read_text()
    path.write_text('# Mine.\n\n' + path.read_text() + '[x]\nregion = x\n')
    assert find_credentials('work') == EXPECTED
    after = note_of(noted).read_text()
    assert after != before
    # Which is noted, so that the next reader need not look.
    assert find_credentials('work') == EXPECTED
    assert note_of(noted).read_text() == after


def test_other_files_in_the_environment(
    noted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile of another config file holds if it says the same."""
    other = noted.path / 'other'
    monkeypatch.setenv('AWS_CONFIG_FILE', str(other))
    assert find_credentials('work') is None
    other.write_bytes(noted.config.read_bytes())
    assert find_credentials('work') == EXPECTED


def test_noted_once(noted: Home) -> None:
    """Every command says what serves its profile; it is written once."""
    before = note_of(noted).stat().st_ino
    note_session('work', FILE)
    assert note_of(noted).stat().st_ino == before
    note_session('work', FILE, 600)
    assert note_of(noted).stat().st_ino != before


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
    note_session('work', FILE, min_remaining)
    assert (find_credentials('work') is not None) is found


@pytest.mark.parametrize(
    'changes',
    [
        {'Version': 1},
        {'Session': '../../../etc/passwd'},
        {'Session': f'{"b" * 64}.json'},
        {'Session': None},
        {'Session': ['x']},
        {'MinRemaining': 'long'},
        {'Files': None, 'Sections': None},
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
    note_session('work', FILE)
    note_of(noted).write_text(text)
    assert find_credentials('work') is None
