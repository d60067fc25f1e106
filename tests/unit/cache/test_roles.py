# SPDX-License-Identifier: Apache-2.0
"""Role sessions on disk, beside their MFA session."""

from __future__ import annotations

import json
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.cache.roles import LoginRoleStore, RoleSessionCache
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.exceptions import CacheWriteError

EXPIRATION = '2099-11-24T06:00:00Z'
ROLE = 'arn:aws:iam::123456789012:role/app'
BRIDGE = 'arn:aws:iam::123456789012:role/bridge'


def response(**changes: Any) -> dict[str, Any]:
    """Return what AssumeRole answers, with changes to the credentials."""
    return {
        'Credentials': {
            'AccessKeyId': 'ASIAROLEEXAMPLE',
            'SecretAccessKey': 'role-secret-EXAMPLE',
            'SessionToken': 'role-token-EXAMPLE',
            'Expiration': EXPIRATION,
            **changes,
        },
        'AssumedRoleUser': {'AssumedRoleId': 'AROAEXAMPLE:me'},
        'ResponseMetadata': {'RequestId': '1'},
    }


def make_cache(
    folder: Path, session_key: str = 'session', *source_roles: str
) -> RoleSessionCache:
    """Return a cache of role sessions in a folder."""
    return RoleSessionCache(
        session_key, 'app', ROLE, source_roles, MFASessionCache(str(folder))
    )


def only_file(folder: Path) -> Path:
    """Return the one file of a folder."""
    (path,) = folder.iterdir()
    return path


def test_what_was_kept_is_there(tmp_path: Path) -> None:
    """Another process finds the credentials and whose they are."""
    cache = make_cache(tmp_path / 'cache')
    assert 'role' not in cache
    cache['role'] = response()
    for each in (cache, make_cache(tmp_path / 'cache')):
        assert 'role' in each
        assert each['role']['Credentials'] == response()['Credentials']
        assert each['role']['AssumedRoleUser'] == response()['AssumedRoleUser']


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    """It is 0600, named after its MFA session, and holds no metadata."""
    folder = tmp_path / 'cache'
    make_cache(folder)['role'] = response()
    path = only_file(folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    session, role, suffix = path.name.split('.')
    assert (session, len(role), suffix) == ('session', 64, 'json')
    entry = json.loads(path.read_text())
    assert entry == {
        'Version': 1,
        'ProviderType': 'mfa-role-session',
        'ProfileName': 'app',
        'RoleArn': ROLE,
        'AssumedRoleUser': response()['AssumedRoleUser'],
        'Credentials': response()['Credentials'],
    }


def test_a_time_as_plain_botocore_gives_it(tmp_path: Path) -> None:
    """A ``datetime`` is kept as the text that the AWS CLI gives."""
    cache = make_cache(tmp_path)
    cache['role'] = response(
        Expiration=datetime(2099, 11, 24, 6, tzinfo=timezone.utc)
    )
    assert cache['role']['Credentials']['Expiration'] == EXPIRATION


def test_nothing_is_shared(tmp_path: Path) -> None:
    """Another MFA session, role, or way to it has a file of its own."""
    make_cache(tmp_path)['role'] = response()
    assert 'other role' not in make_cache(tmp_path)
    assert 'role' not in make_cache(tmp_path, 'other session')
    assert 'role' not in make_cache(tmp_path, 'session', BRIDGE)
    make_cache(tmp_path, 'session', BRIDGE)['role'] = response()
    assert 'role' not in make_cache(tmp_path, 'session', BRIDGE, BRIDGE)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_goes_between_two_questions(tmp_path: Path) -> None:
    """What was there a moment ago is still given, once."""
    cache = make_cache(tmp_path)
    cache['role'] = response()
    assert 'role' in cache
    only_file(tmp_path).unlink()
    assert cache['role']['Credentials']['AccessKeyId'] == 'ASIAROLEEXAMPLE'
    with pytest.raises(KeyError, match='role'):
        cache['role']


def test_a_newer_session_is_seen(tmp_path: Path) -> None:
    """A role session that another process made takes the old one's place."""
    cache = make_cache(tmp_path)
    cache['role'] = response()
    assert 'role' in cache
    assert cache['role']
    make_cache(tmp_path)['role'] = response(AccessKeyId='ASIANEWER')
    assert cache['role']['Credentials']['AccessKeyId'] == 'ASIANEWER'


@pytest.mark.parametrize(
    'entry',
    [
        None,
        [],
        'text',
        {},
        {'Version': 2, 'RoleArn': ROLE, **response()},
        {'Version': 1, 'RoleArn': ROLE},
        {'Version': 1, 'RoleArn': ROLE, 'Credentials': None},
        {'Version': 1, 'RoleArn': ROLE, 'Credentials': []},
        {'Version': 1, 'RoleArn': 7, **response()},
        {'Version': 1, **response()},
        {'Version': 1, 'RoleArn': ROLE, **response(SecretAccessKey=None)},
        {'Version': 1, 'RoleArn': ROLE, **response(SessionToken=7)},
        {'Version': 1, 'RoleArn': ROLE, **response(Expiration='soon')},
        {
            'Version': 1,
            'RoleArn': ROLE,
            **response(Expiration='2099-11-24T06:00:00'),
        },
    ],
)
def test_a_file_that_is_no_role_session(tmp_path: Path, entry: Any) -> None:
    """It is as if it were not there, and another one takes its place."""
    cache = make_cache(tmp_path)
    cache['role'] = response()
    only_file(tmp_path).write_text(json.dumps(entry))
    assert 'role' not in cache
    with pytest.raises(KeyError, match='role'):
        cache['role']
    cache['role'] = response()
    assert 'role' in cache


@pytest.mark.parametrize(
    'name', ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration']
)
def test_a_file_that_lacks_something(tmp_path: Path, name: str) -> None:
    """Credentials are whole or none."""
    cache = make_cache(tmp_path)
    cache['role'] = response()
    path = only_file(tmp_path)
    entry = json.loads(path.read_text())
    del entry['Credentials'][name]
    path.write_text(json.dumps(entry))
    assert 'role' not in cache


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """The role session is not kept, and that is no error."""
    (tmp_path / 'file').touch()
    cache = make_cache(tmp_path / 'file')
    cache['role'] = response()
    assert 'role' not in cache


def test_secrets_are_in_no_name(tmp_path: Path) -> None:
    """A name of a file says nothing of keys, tokens or ARNs."""
    make_cache(tmp_path, 'session', BRIDGE)['role'] = response()
    name = only_file(tmp_path).name
    for text in ('role-secret', 'role-token', 'ASIA', 'bridge'):
        assert text not in name


def make_store(folder: Path, profile: str = 'work') -> LoginRoleStore:
    """Return the store of the role that a profile was logged in to."""
    return LoginRoleStore('session', profile, MFASessionCache(str(folder)))


def test_a_profile_s_role_is_remembered(tmp_path: Path) -> None:
    """Another process finds it, until it is forgotten."""
    store = make_store(tmp_path)
    assert store.load() is None
    store.remember({'RoleArn': ROLE}, response())
    found = make_store(tmp_path).load()
    assert found is not None
    assert found.role_arn == ROLE
    assert found.credentials == response()['Credentials']
    assert found.credentials.expiration == datetime(
        2099, 11, 24, 6, tzinfo=timezone.utc
    )
    assert found.is_usable()
    store.forget()
    store.forget()
    assert make_store(tmp_path).load() is None


def test_a_profile_s_role_is_its_own(tmp_path: Path) -> None:
    """Neither another profile nor the cache of role profiles has it."""
    make_store(tmp_path).remember({'RoleArn': ROLE}, response())
    assert make_store(tmp_path, 'other').load() is None
    assert 'login:work' not in make_cache(tmp_path, 'other session')
    path = only_file(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())['ByLogin'] is True


@pytest.mark.parametrize(('seconds', 'usable'), [(50, False), (120, True)])
def test_a_minute_must_be_left_of_a_role(
    tmp_path: Path, seconds: int, usable: bool
) -> None:
    """A role session about to end signs nothing more."""
    store = make_store(tmp_path)
    end = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    store.remember({'RoleArn': ROLE}, response(Expiration=end))
    found = store.load()
    assert found is not None
    assert found.is_usable() is usable


def test_a_role_shows_no_secret(tmp_path: Path) -> None:
    """What is logged of it has neither key nor token."""
    store = make_store(tmp_path)
    store.remember({'RoleArn': ROLE}, response())
    assert ROLE in repr(store.load())
    assert 'EXAMPLE' not in repr(store.load())


def test_a_role_that_cannot_be_remembered(tmp_path: Path) -> None:
    """A login that is not kept is an error: nothing would be in the role."""
    (tmp_path / 'file').touch()
    store = make_store(tmp_path / 'file')
    with pytest.raises(CacheWriteError, match='AWS_MFA_CACHE_DIRECTORY'):
        store.remember({'RoleArn': ROLE}, response())
