# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.refreshing."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from botocore.exceptions import CredentialRetrievalError

from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.notes import find_credentials
from awscli_mfa_plugin.cache.sessions import MFASession
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.refreshing import (
    METHOD,
    ServingNote,
    login_role_credentials,
    session_credentials,
)
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.exceptions.profiles import LoginRoleEndedError
from awscli_mfa_plugin.profiles.settings import MFAProfile
from tests.unit.conftest import (
    Home,
    long_term_credentials,
    make_credentials,
    make_mfa_session,
    make_profile,
    now,
)
from tests.unit.names import ACCESS_KEY_ID, KEY, LONG_TERM, ROLE, WORK


def test_a_role_that_a_login_as_the_user_has_ended(home: Home) -> None:
    """The remedy names the role that the running command had."""
    login_role = LoginRole(KEY, 'work')
    login_role.remember({'RoleArn': ROLE}, make_credentials())
    note = ServingNote(make_profile(), login_role)
    credentials = login_role_credentials('work', login_role, note)
    assert credentials is not None and credentials.method == METHOD
    # Another terminal logs in to a role, and as the user.
    gone = make_credentials(expiration=now() - timedelta(hours=1))
    login_role.remember({'RoleArn': f'{ROLE}2'}, gone)
    with pytest.raises(LoginRoleEndedError, match=f'--role-arn {ROLE}2 '):
        credentials.get_frozen_credentials()
    login_role.forget()
    with pytest.raises(LoginRoleEndedError, match=f'--role-arn {ROLE} '):
        credentials.get_frozen_credentials()


@pytest.mark.skipif(not hasattr(time, 'tzset'), reason='POSIX')
@pytest.mark.parametrize('zone', ['UTC+9', 'UTC-9', 'UTC+25'])
def test_a_time_zone_that_is_called_utc(
    home: Home, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """The end of a session is not taken for a time there."""
    login_role = LoginRole(KEY, 'work')
    soon = now() + timedelta(minutes=5)
    login_role.remember({'RoleArn': ROLE}, make_credentials(expiration=soon))
    note = ServingNote(make_profile(), login_role)
    credentials = login_role_credentials('work', login_role, note)
    assert credentials is not None
    monkeypatch.setenv('TZ', zone)
    time.tzset()
    try:
        credentials.get_frozen_credentials()
        assert not credentials.refresh_needed(240)
        assert credentials.refresh_needed(360)
    finally:
        monkeypatch.undo()
        time.tzset()


def make_fetcher(
    home: Home,
    profile: MFAProfile,
    kind: type[MFASessionFetcher] = MFASessionFetcher,
) -> MFASessionFetcher:
    """Return a fetcher that nobody is asked for."""
    connection = STSConnection(home.session())
    return kind(connection, profile, long_term_credentials())


def test_a_session_that_served_is_noted(home: Home) -> None:
    """The note says how long the profile wants a session to last."""
    home.write(WORK, LONG_TERM)
    profile = make_profile(access_key_id=ACCESS_KEY_ID, min_remaining=3600)
    fetcher = make_fetcher(home, profile)
    fetcher.cache.put(KEY, make_mfa_session())
    note = ServingNote(profile, LoginRole(KEY, 'work'))
    session_credentials(fetcher, note).get_frozen_credentials()
    assert find_credentials('work') is not None
    half_an_hour = now() + timedelta(minutes=30)
    fetcher.cache.put(KEY, make_mfa_session(expiration=half_an_hour))
    assert find_credentials('work') is None


def test_an_installation_that_is_broken(home: Home) -> None:
    """The error says so, and what is missing."""

    class Broken(MFASessionFetcher):
        def fetch(self) -> MFASession:
            raise ImportError('No module named x')

    credentials = session_credentials(
        make_fetcher(home, make_profile(), Broken)
    )
    with pytest.raises(
        CredentialRetrievalError, match=r'broken \(No module named x\)\. Ins'
    ):
        credentials.get_frozen_credentials()


def test_a_profile_without_a_login_role(home: Home) -> None:
    """The profile's own session or role serves it."""
    login_role = LoginRole(KEY, 'work')
    note = ServingNote(make_profile(), login_role)
    assert login_role_credentials('work', login_role, note) is None


@pytest.mark.parametrize('access_key_id', [ACCESS_KEY_ID, None])
def test_a_note_needs_an_access_key_in_the_files(
    home: Home, access_key_id: str | None
) -> None:
    """A credential_process may give another key tomorrow."""
    home.write(WORK, LONG_TERM)
    login_role = LoginRole(KEY, 'work')
    login_role.remember({'RoleArn': ROLE}, make_credentials())
    profile = make_profile(access_key_id=access_key_id)
    note = ServingNote(profile, login_role)
    credentials = login_role_credentials('work', login_role, note)
    assert credentials is not None
    assert credentials.get_frozen_credentials().token == 'session-token-0'
    is_noted = find_credentials('work') is not None
    assert is_noted is (access_key_id is not None)


def test_a_session_that_is_not_for_agents(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note says so where the profile has a role for them."""
    home.write(WORK, LONG_TERM)
    login_role = LoginRole(KEY, 'work')
    login_role.remember({'RoleArn': ROLE}, make_credentials())
    profile = make_profile(access_key_id=ACCESS_KEY_ID, has_agent_role=True)
    ServingNote(profile, login_role).write(login_role.file_name)
    assert find_credentials('work') is not None
    monkeypatch.setenv('CLAUDECODE', '1')
    assert find_credentials('work') is None


def test_only_the_login_role_is_noted_while_there_is_one(home: Home) -> None:
    """A command that began before the login does not change the note."""
    home.write(WORK, LONG_TERM)
    login_role = LoginRole(KEY, 'work')
    note = ServingNote(make_profile(access_key_id=ACCESS_KEY_ID), login_role)
    login_role.remember({'RoleArn': ROLE}, make_credentials(7))
    note.write(login_role.file_name)
    note.write(f'{KEY}.json')
    noted = find_credentials('work')
    assert noted is not None
    assert noted['AccessKeyId'] == 'ASIASESSIONEXAMPLE7'
