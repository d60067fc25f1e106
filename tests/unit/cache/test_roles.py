# SPDX-License-Identifier: Apache-2.0
"""Role sessions on disk, beside their MFA session."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.cache.roles import (
    RoleSessionCache,
    read_role,
    write_role,
)
from tests.unit.cache.conftest import NO_TEXTS, make_role, mode, put_private
from tests.unit.names import BRIDGE, ROLE

EXPIRATION = '2099-11-24T06:00:00Z'


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
    session_key: str = 'session', *source_roles: str
) -> RoleSessionCache:
    """Return a cache of role sessions."""
    return RoleSessionCache(session_key, 'app', ROLE, source_roles)


def only_file(folder: Path) -> Path:
    """Return the one file of a folder."""
    (path,) = folder.iterdir()
    return path


def test_what_was_kept_is_there(folder: Path) -> None:
    """Another process finds the credentials."""
    cache = make_cache()
    assert 'role' not in cache
    cache['role'] = response()
    for each in (cache, make_cache()):
        assert 'role' in each
        assert each['role'] == {'Credentials': response()['Credentials']}


def test_the_file_says_what_it_is(folder: Path) -> None:
    """It is 0600, named after its MFA session, and holds no metadata."""
    make_cache()['role'] = response()
    path = only_file(folder)
    assert mode(path) == 0o600
    session, role, suffix = path.name.split('.')
    assert (session, len(role), suffix) == ('session', 64, 'json')
    entry = json.loads(path.read_text())
    assert isinstance(entry.pop('Clock'), str)
    assert entry == {
        'Version': 1,
        'ProviderType': 'mfa-role-session',
        'ProfileName': 'app',
        'RoleArn': ROLE,
        'Credentials': response()['Credentials'],
    }


def test_a_time_as_plain_botocore_gives_it(folder: Path) -> None:
    """A ``datetime`` is kept as the text that the AWS CLI gives."""
    cache = make_cache()
    cache['role'] = response(
        Expiration=datetime(2099, 11, 24, 6, tzinfo=timezone.utc)
    )
    assert cache['role']['Credentials']['Expiration'] == EXPIRATION


def test_nothing_is_shared(folder: Path) -> None:
    """Another MFA session, role, or way to it has a file of its own."""
    make_cache()['role'] = response()
    assert 'other role' not in make_cache()
    assert 'role' not in make_cache('other session')
    assert 'role' not in make_cache('session', BRIDGE)
    make_cache('session', BRIDGE)['role'] = response()
    assert 'role' not in make_cache('session', BRIDGE, BRIDGE)
    assert len(list(folder.iterdir())) == 2


def test_a_file_that_goes_between_two_questions(folder: Path) -> None:
    """A file that goes away between two questions is still given, once."""
    cache = make_cache()
    cache['role'] = response()
    assert 'role' in cache
    only_file(folder).unlink()
    assert cache['role']['Credentials']['AccessKeyId'] == 'ASIAROLEEXAMPLE'
    with pytest.raises(KeyError, match='role'):
        cache['role']


def test_a_session_that_is_over_is_not_there(folder: Path) -> None:
    """Under TZ=UTC+9 botocore would use it for nine hours more."""
    make_cache()['role'] = response(Expiration='2020-11-24T06:00:00Z')
    assert 'role' not in make_cache()


def test_a_newer_session_is_seen(folder: Path) -> None:
    """A role session that another process made takes the old one's place."""
    cache = make_cache()
    cache['role'] = response()
    assert 'role' in cache
    assert cache['role']
    make_cache()['role'] = response(AccessKeyId='ASIANEWER')
    assert cache['role']['Credentials']['AccessKeyId'] == 'ASIANEWER'


def test_what_is_used_is_told(folder: Path) -> None:
    """The callback is called for new and for cached role sessions."""
    used: list[str] = []
    cache = RoleSessionCache('session', 'app', ROLE, on_use=used.append)
    assert 'role' not in cache
    assert used == []
    cache['role'] = response()
    name = only_file(folder).name
    assert used == [name]
    assert 'role' in cache
    assert used == [name], 'only looked at'
    assert cache['role']
    assert used == [name, name]


def good_entry(**changes: Any) -> dict[str, Any]:
    """Return a role session's JSON, with changes."""
    return {
        'Version': 1,
        'ProviderType': 'mfa-role-session',
        'ProfileName': 'app',
        'RoleArn': ROLE,
        'Credentials': response()['Credentials'],
        **changes,
    }


def without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the entry without one of its names."""
    return {key: value for key, value in entry.items() if key != name}


CREDENTIALS = ('AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration')
NO_FLAGS: tuple[Any, ...] = (1, 'true', None, [])
NO_NUMBERS: tuple[Any, ...] = (True, '900', 900.0, None, [])
NO_DOCUMENTS: tuple[Any, ...] = (None, [], 'text', 7)
BAD_ENTRIES: list[Any] = [
    None,
    [],
    'text',
    7,
    {},
    *(without(good_entry(), name) for name in ('Version', 'Credentials')),
    *(good_entry(Version=version) for version in (2, 99, '1', 1.0, True)),
    *(good_entry(Credentials=value) for value in NO_TEXTS),
    *(
        without(good_entry(), name) | changes
        for name in ('ProviderType', 'ProfileName', 'RoleArn')
        for changes in ({}, *({name: value} for value in NO_TEXTS))
    ),
    *(good_entry(ByLogin=value) for value in NO_FLAGS),
    *(good_entry(OwnCode=value) for value in NO_FLAGS),
    *(good_entry(Parameters=value) for value in NO_DOCUMENTS),
    *(
        good_entry(Parameters={'DurationSeconds': value})
        for value in NO_NUMBERS
    ),
    *(
        good_entry(Credentials=without(response()['Credentials'], name))
        for name in CREDENTIALS
    ),
    *(
        good_entry(**without(response(**{name: value}), 'ResponseMetadata'))
        for name in CREDENTIALS
        for value in NO_TEXTS
    ),
    *(
        good_entry(Credentials=response(Expiration=time)['Credentials'])
        for time in ('soon', '2099-11-24T06:00:00', '2099-13-24T06:00:00Z')
    ),
]


@pytest.mark.parametrize('entry', BAD_ENTRIES, ids=str)
def test_a_file_that_is_no_role_session(
    folder: Path, caplog: pytest.LogCaptureFixture, entry: Any
) -> None:
    """It is as if it were not there, and another one takes its place."""
    cache = make_cache()
    cache['role'] = response()
    path = only_file(folder)
    path.write_text(json.dumps(entry))
    with caplog.at_level(logging.DEBUG):
        assert read_role(str(path)) is None
    assert 'role-secret' not in caplog.text
    assert 'role-token' not in caplog.text
    assert 'role' not in cache
    with pytest.raises(KeyError, match='role'):
        cache['role']
    cache['role'] = response()
    assert 'role' in cache


def test_what_a_later_version_may_add(folder: Path) -> None:
    """A name that is not known takes nothing away."""
    path = folder / 'role.json'
    put_private(path, json.dumps(good_entry(AssumedRoleUser={}, More=1)))
    role = read_role(str(path))
    assert role is not None
    assert (role.profile_name, role.role_arn) == ('app', ROLE)
    assert (role.by_login, role.parameters) == (False, {})


@pytest.mark.parametrize('by_login', [False, True])
def test_it_comes_back_as_it_went(folder: Path, by_login: bool) -> None:
    """With its parameters where it was logged in to."""
    parameters = {'RoleArn': ROLE, 'DurationSeconds': 900} if by_login else {}
    role = make_role(by_login=by_login, parameters=parameters)
    path = folder / 'role.json'
    write_role(str(path), role)
    assert read_role(str(path)) == role


def test_it_shows_no_secret() -> None:
    """What is logged of it has neither secret key nor token."""
    shown = repr(make_role())
    assert ROLE in shown and 'ASIAROLEEXAMPLE' in shown
    assert 'session-secret' not in shown
    assert 'session-token' not in shown


def test_a_folder_that_cannot_be_written(folder: Path) -> None:
    """The role session is not kept, and that is no error."""
    folder.touch()
    cache = make_cache()
    cache['role'] = response()
    assert 'role' not in cache


def test_secrets_are_in_no_name(folder: Path) -> None:
    """A name of a file says nothing of keys, tokens or ARNs."""
    make_cache('session', BRIDGE)['role'] = response()
    name = only_file(folder).name
    for text in ('role-secret', 'role-token', 'ASIA', 'bridge'):
        assert text not in name
