# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.ending, in real chains."""

from __future__ import annotations

import contextlib
import io
import sys
from datetime import timedelta
from typing import Any

import pytest

from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.chain import insert_providers
from awscli_mfa_plugin.host.agents import known_agents
from awscli_mfa_plugin.needs import Needs
from tests.unit.conftest import (
    Home,
    Screen,
    make_credentials,
    make_mfa_session,
    now,
)
from tests.unit.names import KEY, ROLE, WORK, WORK_KEYS

MINUTES_20 = (
    'The MFA session of profile work ends in 20 minutes. Renew it with: aws '
    'mfa login --force --profile work\n'
)
APP = f'[profile app]\nrole_arn = {ROLE}\nsource_profile = work\n'


@pytest.fixture
def screen(home: Home, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Give a terminal, and a profile with MFA that no agent works with."""
    home.write(WORK, WORK_KEYS)
    for name, _ in known_agents():
        monkeypatch.delenv(name, raising=False)
    return Screen()


def put(
    minutes: float, duration_seconds: int = 43200, number: int = 0
) -> None:
    """Keep a session that ends in so many minutes."""
    session = make_mfa_session(
        number,
        expiration=now() + timedelta(minutes=minutes, seconds=10),
        duration_seconds=duration_seconds,
    )
    MFASessionCache().put(KEY, session)


def log_in_to_role(
    minutes: float, parameters: dict[str, Any], profile: str = 'work'
) -> None:
    """Put the profile into a role that ends in so many minutes."""
    expiration = now() + timedelta(minutes=minutes, seconds=10)
    LoginRole(KEY, profile).remember(
        {'RoleArn': ROLE, **parameters},
        make_credentials(expiration=expiration),
    )


def load(
    home: Home,
    stderr: io.StringIO | None,
    profile: str = 'work',
    warning: bool = True,
) -> None:
    """Load the credentials of a command with that standard error."""
    needs = Needs()
    needs.warning = warning
    session = home.session(profile=profile)
    insert_providers(session, needs)
    with contextlib.redirect_stderr(stderr):
        assert session.get_credentials() is not None


def test_it_is_told_once_for_each_session(home: Home, screen: Screen) -> None:
    """A session in its place is another one, and told of as well."""
    put(20)
    load(home, screen, warning=False)
    assert screen.getvalue() == ''
    load(home, screen)
    load(home, screen)
    assert screen.getvalue() == MINUTES_20
    put(10, number=1)
    load(home, screen)
    assert screen.getvalue() == MINUTES_20 + MINUTES_20.replace('20', '10')
    # A logout knows by their names whose they are.
    notes = [path.name for path in home.cache.glob('*.told')]
    assert [name.partition('.')[0] for name in notes] == [KEY, KEY]


def test_a_role_names_its_own_profile(home: Home, screen: Screen) -> None:
    """Its setting goes before that of its source."""
    home.write(f'{WORK}mfa_warn_before = 60\n{APP}', WORK_KEYS)
    put(20)
    load(home, screen, 'app')
    assert screen.getvalue() == ''
    home.write(f'{WORK}{APP}mfa_warn_before = 3600\n', WORK_KEYS)
    put(40)
    load(home, screen, 'app')
    assert 'profile app ends in 40 minutes' in screen.getvalue()
    assert screen.getvalue().endswith(' --profile app\n')


@pytest.mark.parametrize('profile', ['work', 'app'])
def test_a_role_of_a_login_is_named(
    home: Home, screen: Screen, profile: str
) -> None:
    """It is renewed as it was made."""
    home.write(WORK + APP, WORK_KEYS)
    log_in_to_role(20, {'DurationSeconds': 3600}, profile)
    load(home, screen, profile, warning=False)
    assert screen.getvalue() == ''
    load(home, screen, profile)
    load(home, screen, profile)
    assert screen.getvalue() == (
        f'The session of {ROLE} of profile {profile} ends in 20 minutes. '
        f'Renew it with: aws mfa login --force --profile {profile} '
        f'--role-arn {ROLE}\n'
    )
    (note,) = home.cache.glob('*.told')
    role_file = LoginRole(KEY, profile).file_name
    assert note.name.startswith(role_file[: -len('json')])


def test_a_role_of_unknown_length(home: Home, screen: Screen) -> None:
    """Nobody knows when half of it is over."""
    log_in_to_role(20, {})
    load(home, screen)
    assert screen.getvalue() == ''


@pytest.mark.parametrize(
    ('minutes', 'duration_seconds', 'is_told'),
    [
        (31, 43200, False),
        (29, 43200, True),
        # Half of a short session has to be over.
        (14, 900, False),
        (8, 900, False),
        (7, 900, True),
        # In its last minute it is no session any more.
        (0, 43200, False),
    ],
)
def test_when_it_is_told(
    home: Home,
    screen: Screen,
    minutes: float,
    duration_seconds: int,
    is_told: bool,
) -> None:
    """The time is the profile's, and never more than half of a session."""
    put(minutes, duration_seconds)
    load(home, screen)
    assert bool(screen.getvalue()) == is_told


def test_who_is_not_told(
    home: Home, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is there, an agent is, nobody wants it, or no note is left."""
    put(20)
    with monkeypatch.context() as changes:
        changes.setenv('CLAUDECODE', '1')
        load(home, screen)
    for stderr in (None, io.StringIO()):
        load(home, stderr)
        assert stderr is None or stderr.getvalue() == ''
    home.write(f'{WORK}mfa_warn_before = 0\n', WORK_KEYS)
    load(home, screen)
    home.write(WORK, WORK_KEYS)
    with monkeypatch.context() as changes:
        # The name is longer than a file's may be.
        path = home.cache / ('x' * 300)
        changes.setattr(
            'awscli_mfa_plugin.credentials.ending.end_told_path',
            lambda *_: str(path),
        )
        load(home, screen)
    assert screen.getvalue() == ''
    load(home, screen)
    assert screen.getvalue() == MINUTES_20


def test_nothing_is_loaded_before_the_time(
    home: Home, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command of a fresh session pays for one comparison."""
    put(40)
    name = 'awscli_mfa_plugin.credentials.ending'
    monkeypatch.delitem(sys.modules, name, raising=False)
    load(home, screen)
    log_in_to_role(40, {'DurationSeconds': 3600})
    load(home, screen)
    assert name not in sys.modules
