# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.inventory."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.cache.inventory import (
    list_entries,
    remove_entry,
    remove_expired,
)
from awscli_mfa_plugin.cache.layout import role_path
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.roles import write_role
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from tests.unit.cache.conftest import make_role, put_private
from tests.unit.conftest import make_credentials, make_mfa_session, now
from tests.unit.names import ROLE

KEY, OTHER_KEY = 'a' * 64, 'b' * 64
LATER = now() + timedelta(hours=1)
EARLIER = now() - timedelta(seconds=1)


@pytest.fixture
def cache(folder: Path) -> MFASessionCache:
    """Give an empty cache."""
    return MFASessionCache()


def put_role(
    cache: MFASessionCache, profile: str, expiration: datetime = LATER
) -> Path:
    """Keep a role session made from the session ``KEY``."""
    path = role_path(cache.directory, KEY, profile)
    write_role(path, make_role(profile, expiration=expiration))
    return Path(path)


def log_in_to_role(profile: str, expiration: datetime) -> None:
    """Keep a role session that a profile was logged in to."""
    LoginRole(KEY, profile).remember(
        {'RoleArn': ROLE},
        make_credentials(access_key_id='ASIALOGIN', expiration=expiration),
    )


def names(cache: MFASessionCache) -> list[str]:
    """Return the names of the JSON files in the cache."""
    folder = Path(cache.directory)
    return sorted(path.name for path in folder.glob('*.json*'))


def test_entries(cache: MFASessionCache) -> None:
    """Roles stand by their session, sorted, and say who made them."""
    assert list_entries(cache) == []
    mfa_session = make_mfa_session()
    cache.put(OTHER_KEY, mfa_session)
    put_role(cache, 'reader')
    put_role(cache, 'admin')
    log_in_to_role('work', EARLIER)
    first, second = list_entries(cache)
    assert (first.key, first.mfa_session) == (KEY, None)
    assert [
        (role.profile_name, role.by_login, role.credentials.is_usable())
        for role in first.roles
    ] == [
        ('admin', False, True),
        ('reader', False, True),
        ('work', True, False),
    ]
    assert {role.role_arn for role in first.roles} == {ROLE}
    assert (second.key, second.mfa_session) == (OTHER_KEY, mfa_session)
    assert second.roles == ()
    assert first.access_key_ids == {'ASIAROLEEXAMPLE', 'ASIALOGIN'}
    assert second.access_key_ids == {mfa_session.credentials.access_key_id}


def test_last_minute_of_a_role(cache: MFASessionCache) -> None:
    """It ends when its use does: a minute before AWS ends it."""
    put_role(cache, 'admin', now() + timedelta(seconds=59))
    put_role(cache, 'reader', now() + timedelta(seconds=65))
    (entry,) = list_entries(cache)
    assert [role.credentials.is_usable() for role in entry.roles] == [
        False,
        True,
    ]
    remove_expired(cache)
    (entry,) = list_entries(cache)
    assert [role.profile_name for role in entry.roles] == ['reader']


@pytest.mark.parametrize(
    'changes',
    [
        {'Version': 99},
        {'Version': True},
        {'ProfileName': None},
        {'ProfileName': ''},
        {'ByLogin': 'yes'},
        {'OwnCode': 'yes'},
        {'Credentials': {'AccessKeyId': 'ASIAROLE'}},
        {'Credentials': None},
    ],
)
def test_a_file_that_is_no_role(
    cache: MFASessionCache, changes: dict[str, Any]
) -> None:
    """Nothing can be signed with it: it is none, and goes with the rest."""
    path = put_role(cache, 'admin')
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    (entry,) = list_entries(cache)
    assert (entry.roles, entry.access_key_ids) == ((), set())
    remove_entry(cache, entry)
    assert names(cache) == []


def test_a_role_that_others_can_read(cache: MFASessionCache) -> None:
    """It is not believed, and so it is not listed."""
    path = put_role(cache, 'admin')
    path.chmod(0o644)
    (entry,) = list_entries(cache)
    assert entry.roles == ()


def test_what_is_not_ours_or_not_readable(cache: MFASessionCache) -> None:
    """Foreign files are not listed; broken ones of ours are removed."""
    cache.put(KEY, make_mfa_session())
    folder = Path(cache.directory)
    foreign = ['notes.json', f'{"0" * 40}.json', f'{OTHER_KEY}.json.bak']
    broken = [f'{KEY}.{"c" * 64}.json', f'{OTHER_KEY}.{"c" * 64}.json']
    for name in (*foreign, *broken):
        put_private(folder / name, '{"ProfileName"')
    entries = list_entries(cache)
    assert [(entry.key, entry.roles) for entry in entries] == [
        (KEY, ()),
        (OTHER_KEY, ()),
    ]
    for entry in entries:
        remove_entry(cache, entry)
        remove_entry(cache, entry)
    assert names(cache) == sorted(foreign)


def test_one_entry_is_removed(cache: MFASessionCache) -> None:
    """Its roles go with it, and another session stays."""
    cache.put(KEY, make_mfa_session())
    put_role(cache, 'admin')
    cache.put(OTHER_KEY, make_mfa_session())
    # What a process left that was killed.
    for name in (f'{KEY}.jsonx_1.tmp', f'{KEY}.{"c" * 64}.jsonx_2.tmp'):
        (Path(cache.directory) / name).write_text('{')
    entry, _ = list_entries(cache)
    remove_entry(cache, entry)
    assert names(cache) == [f'{OTHER_KEY}.json']


@pytest.mark.parametrize('is_user', [True, False])
def test_a_profile_s_part_of_an_entry(
    cache: MFASessionCache, is_user: bool
) -> None:
    """Another profile goes on with the roles that are its own."""
    cache.put(KEY, make_mfa_session())
    shared = [
        f'{KEY}.json',
        put_role(cache, 'reader').name,
        f'{KEY}.{"c" * 64}.jsonx_2.tmp',
    ]
    (Path(cache.directory) / shared[-1]).write_text('{')
    role = make_role('work', access_key_id='ASIAOWN', has_own_code=True)
    write_role(role_path(cache.directory, KEY, 'own'), role)
    log_in_to_role('work', LATER)
    log_in_to_role('other', LATER)
    (entry,) = list_entries(cache)
    part = entry.part_of('work', is_user)
    profiles = [role.profile_name for role in part.roles]
    left = [LoginRole(KEY, 'other').file_name]
    if is_user:
        assert part.mfa_session == entry.mfa_session
        assert profiles == ['reader', 'work', 'work']
        assert part.access_key_ids == entry.access_key_ids
    else:
        assert part.mfa_session is None
        assert profiles == ['work', 'work']
        assert part.access_key_ids == {'ASIAOWN', 'ASIALOGIN'}
        left += shared
    remove_entry(cache, part)
    assert names(cache) == sorted(left)


def test_what_is_written_can_be_removed(
    cache: MFASessionCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed as it writes leaves no secret for ever."""
    half: list[str] = []
    monkeypatch.setattr('os.fsync', lambda _: half.extend(names(cache)))
    cache.put(KEY, make_mfa_session())
    put_role(cache, 'admin')
    assert len(half) == 3
    for name in half:
        (Path(cache.directory) / name).touch()
    (entry,) = list_entries(cache)
    remove_entry(cache, entry)
    assert names(cache) == []


def test_what_cannot_be_removed_keeps_nothing_else(
    cache: MFASessionCache,
) -> None:
    """The first failure is told when all the others are gone."""
    cache.put(KEY, make_mfa_session())
    put_role(cache, 'admin')
    # A folder is no file, for root too.
    Path(cache.directory, f'{KEY}.{"0" * 64}.json').mkdir()
    (entry,) = list_entries(cache)
    with pytest.raises(OSError, match='0000'):
        remove_entry(cache, entry)
    assert names(cache) == [f'{KEY}.{"0" * 64}.json']


def test_expired_entries_are_removed(cache: MFASessionCache) -> None:
    """A login role stays when it has ended: its profile has to say so."""
    cache.put(KEY, make_mfa_session(expiration=EARLIER))
    put_role(cache, 'admin', EARLIER)
    put_role(cache, 'reader')
    log_in_to_role('work', EARLIER)
    cache.put(OTHER_KEY, make_mfa_session())
    remove_expired(cache)
    entry, other = list_entries(cache)
    assert entry.mfa_session is None
    assert [role.profile_name for role in entry.roles] == ['reader', 'work']
    assert other.mfa_session is not None


def test_a_session_being_renewed_is_left(cache: MFASessionCache) -> None:
    """A process that holds the lock is about to write the session."""
    cache.put(KEY, make_mfa_session(expiration=EARLIER))
    with locked(cache.lock_path(KEY)):
        remove_expired(cache)
        assert names(cache) == [f'{KEY}.json']
    remove_expired(cache)
    assert names(cache) == []


def test_what_a_crash_left(cache: MFASessionCache) -> None:
    """A file half written is removed after a day, and only ours."""
    cache.put(KEY, make_mfa_session())
    folder = Path(cache.directory)
    old = (now() - timedelta(days=2)).timestamp()
    for name in (f'{KEY}.jsonabc.tmp', 'notes.json.tmp'):
        (folder / name).write_text('{')
        os.utime(folder / name, (old, old))
    (folder / f'{KEY}.jsonnew.tmp').write_text('{')
    # A folder is no file, and no error either.
    (folder / f'{KEY}.1.told').mkdir()
    (folder / f'{KEY}.jsonold.tmp').mkdir()
    os.utime(folder / f'{KEY}.jsonold.tmp', (old, old))
    notes = folder / 'profiles'
    notes.mkdir()
    for path in (folder / 'cli.jsonab_1.tmp', notes / '776fab_1.tmp'):
        path.write_text('{')
        os.utime(path, (old, old))
    for name in ('776f', '776fnew.tmp', 'other.tmp'):
        (notes / name).touch()
    os.utime(notes / 'other.tmp', (old, old))
    remove_expired(cache)
    left = sorted(path.name for path in notes.iterdir())
    assert left == ['776f', '776fnew.tmp', 'other.tmp']
    assert names(cache) == [
        f'{KEY}.json',
        f'{KEY}.jsonnew.tmp',
        f'{KEY}.jsonold.tmp',
        'notes.json.tmp',
    ]


def test_without_a_folder(cache: MFASessionCache) -> None:
    """Nothing is made to look into it."""
    remove_expired(cache)
    assert not Path(cache.directory).exists()


def test_notes_of_what_was_told(cache: MFASessionCache) -> None:
    """They go when the session would have ended, or with the session."""
    cache.put(KEY, make_mfa_session())
    folder = Path(cache.directory)
    ends = {
        f'{KEY}.{int(EARLIER.timestamp())}.told',
        f'{KEY}.{"c" * 64}.{int(EARLIER.timestamp())}.told',
    }
    lasts = {
        f'{KEY}.{int(LATER.timestamp())}.told',
        f'{KEY}.{"c" * 64}.{int(LATER.timestamp())}.told',
    }
    for name in (*ends, *lasts, f'{OTHER_KEY}.9.told.txt'):
        (folder / name).touch()
    remove_expired(cache)
    assert {path.name for path in folder.glob('*.told')} == lasts
    (entry,) = list_entries(cache)
    remove_entry(cache, entry)
    assert {path.name for path in folder.glob('*.told*')} == {
        f'{OTHER_KEY}.9.told.txt'
    }
