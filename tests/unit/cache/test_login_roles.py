# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.login_roles."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.roles import RoleSessionCache
from awscli_mfa_plugin.exceptions.files import CacheWriteError, RoleRemoveError
from tests.unit.cache.conftest import make_role, mode
from tests.unit.conftest import make_credentials, now
from tests.unit.names import ROLE

PARAMETERS = {'RoleArn': ROLE, 'RoleSessionName': 'me'}


def make_login_role(
    profile: str = 'work', own_role_arn: str | None = None
) -> LoginRole:
    """Return the role that a profile was logged in to."""
    return LoginRole('session', profile, own_role_arn)


def test_it_is_remembered(folder: Path) -> None:
    """Another process finds all of it, until it is forgotten."""
    login_role = make_login_role()
    assert login_role.load() is None
    credentials = make_credentials()
    login_role.remember(PARAMETERS, credentials)
    expected = make_role('work', by_login=True, parameters=PARAMETERS)
    found = make_login_role().load()
    assert found is not None
    assert found.credentials == credentials
    assert (found.profile_name, found.role_arn) == ('work', ROLE)
    assert (found.by_login, found.parameters) == (
        expected.by_login,
        expected.parameters,
    )
    login_role.forget()
    login_role.forget()
    assert make_login_role().load() is None


def test_it_is_the_profile_s_own(folder: Path) -> None:
    """Neither another profile nor the cache of role profiles has it."""
    make_login_role().remember(PARAMETERS, make_credentials())
    assert make_login_role('other').load() is None
    assert LoginRole('another session', 'work').load() is None
    for session in ('session', 'another session'):
        cache = RoleSessionCache(session, 'work', ROLE)
        assert 'login:work' not in cache
    (path,) = folder.iterdir()
    assert (str(path), path.name) == (
        make_login_role().path,
        make_login_role().file_name,
    )
    assert mode(path) == 0o600
    assert json.loads(path.read_text())['ByLogin'] is True


@pytest.mark.parametrize(('seconds', 'usable'), [(50, False), (120, True)])
def test_a_minute_must_be_left(
    folder: Path, seconds: int, usable: bool
) -> None:
    """A role session about to end signs nothing more."""
    end = now() + timedelta(seconds=seconds)
    make_login_role().remember(PARAMETERS, make_credentials(expiration=end))
    found = make_login_role().load()
    assert found is not None
    assert found.credentials.is_usable() is usable


@pytest.mark.parametrize(
    ('own_role_arn', 'left', 'is_found'),
    [
        (None, 3600, True),
        # The profile's commands are refused for it.
        (None, 30, True),
        (f'{ROLE}-other', 30, True),
        (ROLE, 3600, True),
        # Its commands assume the role by themselves.
        (ROLE, 30, False),
    ],
)
def test_what_the_profile_s_commands_use(
    folder: Path, own_role_arn: str | None, left: int, is_found: bool
) -> None:
    """An ended login to the role that is its own anyway is none."""
    login_role = make_login_role('work', own_role_arn)
    assert login_role.current() is None
    end = now() + timedelta(seconds=left)
    login_role.remember(PARAMETERS, make_credentials(expiration=end))
    assert login_role.load() is not None
    assert (login_role.current() is not None) is is_found


def test_it_cannot_be_remembered(tmp_path: Path, folder: Path) -> None:
    """A login that is not kept is an error: nothing would be in the role."""
    folder.touch()
    with pytest.raises(
        CacheWriteError, match='AWS_MFA_CACHE_DIRECTORY'
    ) as caught:
        make_login_role().remember(PARAMETERS, make_credentials())
    assert 'session-secret' not in repr(caught.value) + str(caught.value)


def test_it_cannot_be_forgotten(folder: Path) -> None:
    """The profile goes on being the role, which is an error."""
    # A folder is no file, for root too.
    Path(make_login_role().path).mkdir(parents=True)
    with pytest.raises(
        RoleRemoveError, match='The MFA session was saved, but profile work'
    ) as caught:
        make_login_role().forget()
    # The system's own words, and nothing of Python's.
    said = str(caught.value)
    assert f'removed from {folder} (' in said
    assert 'None' not in said
    assert 'Errno' not in said
