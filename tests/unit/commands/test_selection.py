# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.selection."""

from __future__ import annotations

from awscli_mfa_plugin.cache.inventory import SessionEntry
from awscli_mfa_plugin.cache.roles import RoleSession
from awscli_mfa_plugin.commands.selection import (
    made_for,
    part_of,
    profiles_by_key,
    serial_number_of,
    users_of,
)
from tests.unit.conftest import Home, make_credentials, make_mfa_session
from tests.unit.names import HARDWARE, KEY, KEYS, SERIAL

ROLE = 'role_arn = arn:aws:iam::123456789012:role/admin\n'


def test_profiles_by_key(home: Home) -> None:
    """All that use a session are found, by files alone."""
    home.write(
        f'[profile work]\nmfa_serial = {SERIAL}\nmfa_min_remaining = 600\n'
        f'[profile again]\nmfa_serial = {SERIAL}\nsource_profile = keys\n'
        f'[profile admin]\n{ROLE}source_profile = work\n'
        f'[profile long]\n{ROLE}source_profile = work\n'
        'duration_seconds = 7200\n'
        f'[profile process]\nmfa_serial = {SERIAL}\n'
        'credential_process = false\n'
        f'[profile wrong]\nmfa_serial = x\n{KEYS}'
        '[profile plain]\nregion = eu-west-1\n',
        f'[work-long-term]\n{KEYS}[keys]\n{KEYS}',
    )
    (found,) = profiles_by_key(home.session()).items()
    key, profiles = found
    assert key == KEY
    assert set(profiles) == {'work', 'again', 'admin'}
    assert profiles['work'].min_remaining == 600


def test_users_of_a_session(home: Home) -> None:
    """A profile with another key now does not use the session."""
    home.write(f'[profile work]\nmfa_serial = {SERIAL}\n{KEYS}')
    profiles = profiles_by_key(home.session())
    own = SessionEntry(KEY, make_mfa_session())
    former = SessionEntry('f' * 64, make_mfa_session())
    unknown = SessionEntry('e' * 64, make_mfa_session(profile_name='x'))
    assert users_of(own, profiles) == {'work'}
    assert users_of(former, profiles) == set()
    assert made_for(former) == {'work'}
    # Its key may come from a credential_process.
    assert users_of(unknown, profiles) == {'x'}
    assert users_of(SessionEntry(KEY, None), profiles) == {'work'}


def test_role_sessions_with_a_code_of_their_own(home: Home) -> None:
    """They are the profile's that they were made for, and nobody else's."""
    home.write(
        f'[profile work]\nmfa_serial = {SERIAL}\n{KEYS}'
        f'[profile again]\nmfa_serial = {SERIAL}\nsource_profile = work\n'
    )
    profiles = profiles_by_key(home.session())
    credentials = make_credentials()
    login = RoleSession(credentials, 'work', ROLE, by_login=True)
    long = RoleSession(credentials, 'long', ROLE, has_own_code=True)
    usual = RoleSession(credentials, 'admin', ROLE)
    alone = SessionEntry(KEY, None, {'1': login, '2': long})
    assert users_of(alone, profiles) == {'work', 'long'}
    assert part_of(alone, 'work', profiles).roles == (login,)
    assert part_of(alone, 'long', profiles).roles == (long,)
    assert part_of(alone, 'again', profiles).roles == ()
    # What was made from a session outlives it, and is everybody's.
    shared = SessionEntry(KEY, None, {'1': login, '2': long, '3': usual})
    assert users_of(shared, profiles) == {'work', 'again', 'long', 'admin'}
    assert part_of(shared, 'again', profiles).roles == (usual,)
    assert part_of(shared, 'long', profiles).roles == (long,)


def test_device_of_a_session(home: Home) -> None:
    """Role sessions alone have the device of the profiles on their key."""
    work = f'[profile work]\nmfa_serial = {SERIAL}\n{KEYS}'
    home.write(work)
    profiles = profiles_by_key(home.session())
    other = make_mfa_session(serial_number=HARDWARE)
    for entry, serial_number in [
        (SessionEntry(KEY, other), HARDWARE),
        (SessionEntry(KEY, None), SERIAL),
        (SessionEntry('f' * 64, None), None),
    ]:
        assert serial_number_of(entry, profiles) == serial_number
    home.write(
        f'{work}[profile again]\nmfa_serial = {HARDWARE}\n'
        'source_profile = work\n'
    )
    profiles = profiles_by_key(home.session())
    assert users_of(SessionEntry(KEY, other), profiles) == {'again', 'work'}
    assert serial_number_of(SessionEntry(KEY, None), profiles) is None
