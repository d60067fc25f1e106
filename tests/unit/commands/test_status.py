# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.status."""

from __future__ import annotations

import argparse
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.cache.layout import cache_directory, role_path
from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.roles import RoleSession, write_role
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.commands.status import StatusCommand
from tests.unit.conftest import Home, make_credentials, make_mfa_session, now
from tests.unit.names import KEY, KEYS, ROLE, SERIAL

CONFIG = (
    f'[profile work]\nmfa_serial = {SERIAL}\n{KEYS}'
    f'[profile admin]\nrole_arn = {ROLE}\nsource_profile = work\n'
)


@pytest.fixture(autouse=True)
def _home(home: Home) -> None:
    home.write(CONFIG)


def status(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    profile: str | None = None,
    output: str | None = 'json',
) -> tuple[int, str]:
    """Run ``aws mfa status`` and return its exit code and output."""
    session = home.session(**({} if profile is None else {'profile': profile}))
    code = StatusCommand(session).run(
        argparse.Namespace(short=False, wait=None),
        argparse.Namespace(
            profile=profile, output=output, query=None, color='off'
        ),
    )
    return code, capsys.readouterr().out


def put_role(left: float, by_login: bool = False, name: str = 'admin') -> Path:
    """Keep a role session that lasts for so many seconds."""
    credentials = make_credentials(
        access_key_id='ASIAROLE', expiration=now() + timedelta(seconds=left)
    )
    if by_login:
        login_role = LoginRole(KEY, name)
        login_role.remember({'RoleArn': ROLE}, credentials)
        return Path(login_role.path)
    path = role_path(cache_directory(), KEY, name)
    write_role(path, RoleSession(credentials, name, ROLE))
    return Path(path)


def put_session(left: float) -> None:
    """Keep an MFA session that lasts for so many seconds."""
    expiration = now() + timedelta(seconds=left)
    MFASessionCache().put(KEY, make_mfa_session(expiration=expiration))


def test_hardware_device_and_ended_session(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unknown values are left out, and an ended session has no time left."""
    mfa_session = make_mfa_session(serial_number='GAHT12345678')
    MFASessionCache().put('0' * 64, mfa_session)
    put_session(-1)
    put_role(3600)
    code, output = status(home, capsys)
    hardware, ended = json.loads(output)['Sessions']
    assert code == 0
    assert 'Account' not in hardware
    assert 'Expiration' not in ended
    assert ended['Profiles'] == ['admin', 'work']
    assert [role['Profile'] for role in ended['Roles']] == ['admin']


@pytest.mark.parametrize(
    ('session', 'role', 'by_login', 'codes'),
    [
        # The codes are those for the profiles work and admin.
        (3600, None, False, (0, 0)),
        (3600, 3600, False, (0, 0)),
        (-1, 3600, False, (1, 0)),
        (-1, -1, False, (1, 1)),
        (30, None, False, (1, 1)),
        (3600, 3600, True, (0, 0)),
        # A login to its own role that has ended is gone on without.
        (3600, -1, True, (0, 0)),
        (3600, 30, True, (0, 0)),
        (None, 3600, True, (1, 0)),
        # What a login left is used to its last minute, and what botocore
        # keeps to its last quarter of an hour.
        (None, 300, True, (1, 0)),
        (None, 300, False, (1, 1)),
        (None, 30, True, (1, 1)),
    ],
)
def test_exit_codes(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    session: int | None,
    role: int | None,
    by_login: bool,
    codes: tuple[int, int],
) -> None:
    """With ``--profile`` it tells whether a command needs no code."""
    if session is not None:
        put_session(session)
    if role is not None:
        put_role(role, by_login)
    found = tuple(status(home, capsys, name)[0] for name in ('work', 'admin'))
    assert found == codes
    assert status(home, capsys)[0] == 0


def test_min_remaining(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """A session that is too short for its profile is not usable."""
    put_session(3500)
    assert status(home, capsys, 'work')[0] == 0
    home.write(CONFIG.replace('[profile admin]', 'mfa_min_remaining = 3600\n'))
    code, output = status(home, capsys, 'work')
    assert code == 1
    assert len(json.loads(output)['Sessions']) == 1
    # Nor does a role help that is there, for the same is asked of both.
    home.write(CONFIG + 'mfa_min_remaining = 3600\n')
    assert status(home, capsys, 'admin')[0] == 1
    put_role(3600)
    assert status(home, capsys, 'admin')[0] == 1


def test_a_role_login_that_has_ended_is_shown(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is in the way of a session that is there."""
    put_session(3600)
    put_role(-100, by_login=True, name='work')
    code, output = status(home, capsys, 'work')
    assert code == 1
    (session,) = json.loads(output)['Sessions']
    (role,) = session['Roles']
    assert (role['SecondsLeft'], role['TimeLeft']) == (0, '0s')


@pytest.mark.parametrize(('left', 'code'), [(70, 0), (50, 1), (-1, 1)])
@pytest.mark.parametrize('session', [None, 3600])
def test_last_minute_of_a_role_login(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    session: int | None,
    left: int,
    code: int,
) -> None:
    """Commands refuse it from then on, and so it is not usable."""
    if session is not None:
        put_session(session)
    put_role(left, by_login=True, name='work')
    assert status(home, capsys, 'work')[0] == code


def test_role_login_without_a_session(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The device and its account are known from the profile."""
    put_role(7200, by_login=True, name='work')
    (session,) = json.loads(status(home, capsys)[1])['Sessions']
    assert session['SerialNumber'] == SERIAL
    assert session['Account'] == '123456789012'
    assert 'Expiration' not in session


def test_table_is_as_wide_as_its_widest_value(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Several roles stand one below the other."""
    put_session(3600)
    for name in ('admin', 'deployment', 'a-rather-long-name-of-a-profile'):
        put_role(3600, by_login=True, name=name)
    _, output = status(home, capsys, output='table')
    assert output.count(ROLE) == 3
    assert max(map(len, output.splitlines())) <= 80


def test_table_for_people(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a terminal a line says of each profile what it is, and how long."""
    monkeypatch.setattr('sys.stdout.isatty', lambda: True)
    _, output = status(home, capsys, output=None)
    assert output == 'No MFA session. Start one with: aws mfa login\n'
    put_session(3600 * 3 + 30)
    put_role(600)
    _, output = status(home, capsys, output=None)
    heading, user, role = output.splitlines()
    assert heading.split() == ['PROFILE', 'KIND', 'UNTIL', 'LEFT']
    assert re.fullmatch(
        r'work     user      \d{4}-\d\d-\d\d \d\d:\d\d  3h00m', user
    )
    assert role.startswith('  admin  role app  ')
    assert role.endswith(('  10m', '  9m'))
    # What has been chosen anywhere goes before.
    home.write(
        CONFIG.replace('[profile admin]', 'output=json\n[profile admin]')
    )
    assert json.loads(status(home, capsys, 'work', output=None)[1])
    # A profile that is in a role is no user.
    home.write(CONFIG)
    put_role(-100, by_login=True, name='work')
    _, output = status(home, capsys, output=None)
    assert [line.split()[0] for line in output.splitlines()] == [
        'PROFILE',
        'admin',
        'work',
    ]
    assert output.endswith('  ended\n')


@pytest.mark.parametrize(
    'changes',
    [
        {'Version': 99},
        {'Version': True},
        {'RoleArn': ['x']},
        {'Credentials': {'Expiration': '2099-11-24T06:00:00Z'}},
        None,
    ],
    ids=str,
)
@pytest.mark.parametrize('by_login', [False, True])
def test_a_role_that_nothing_is_signed_with(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    by_login: bool,
    changes: dict[str, Any] | None,
) -> None:
    """A session that commands do not believe is not shown."""
    path = put_role(3600, by_login)
    assert status(home, capsys, 'admin')[0] == 0
    if changes is None:
        path.chmod(0o644)
    else:
        document = json.loads(path.read_text())
        path.write_text(json.dumps({**document, **changes}))
    code, output = status(home, capsys, 'admin')
    assert (code, json.loads(output)) == (1, {'Sessions': []})
    # A session is shown without it.
    put_session(3600)
    (session,) = json.loads(status(home, capsys)[1])['Sessions']
    assert session['Roles'] == []
