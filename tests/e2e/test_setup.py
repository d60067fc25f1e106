# SPDX-License-Identifier: Apache-2.0
"""``aws mfa login --setup`` where something is in its way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.person import PROMPT, REGION, Person, Terminal
from tests.standin import User

LIST_BUCKETS = ('s3', 'ls', '--profile')
SETUP = ('mfa', 'login', '--setup')
WRONG_SECRET = 'a-mistyped-secret-EXAMPLE'


def give_key(
    terminal: Terminal, person: Person, secret: str | None = None
) -> None:
    """Type an access key."""
    terminal.answer(person.user.access_key_id, 'AWS Access Key ID: ')
    terminal.answer(
        secret or person.user.secret_access_key, 'Secret Access Key: '
    )


def finish_setup(terminal: Terminal, person: Person) -> None:
    """Answer from the device on, and log in."""
    serial = person.user.device.serial_number
    terminal.expect_exact(f'MFA device: {serial}')
    terminal.answer('', 'Log in now? [Y/n] ')
    terminal.answer(person.user.device.code(), PROMPT)
    assert terminal.finish().code == 0
    assert person.user.secret_access_key not in terminal.shown
    person.aws.clear_requests()


def give_mistyped_secret(person: Person) -> Terminal:
    """Go as far as AWS's refusal of a secret."""
    terminal = person.at_terminal(*SETUP)
    terminal.answer('new', 'Profile name [default]: ')
    give_key(terminal, person, WRONG_SECRET)
    terminal.answer(REGION, 'Default region name: ')
    terminal.answer('', 'Default output format [json]: ')
    terminal.expect_words(
        'AWS does not accept the secret of this access key '
        '(SignatureDoesNotMatch)'
    )
    return terminal


def test_wrong_secret(person: Person) -> None:
    """A secret that AWS refuses is asked for again, and never saved."""
    terminal = give_mistyped_secret(person)
    give_key(terminal, person)
    finish_setup(terminal, person)
    assert WRONG_SECRET not in terminal.shown
    text = person.credentials_file.read_text()
    assert WRONG_SECRET not in text
    assert text.count('[new-long-term]') == 1
    person.ok(*LIST_BUCKETS, 'new')
    [call] = person.aws.requests()
    assert call.key_kind == 'mfa-session'


@pytest.mark.parametrize('key', ['c', 'd'])
def test_leaving_after_a_refusal(person: Person, key: str) -> None:
    """Ctrl-C and Ctrl-D leave the files as they were."""
    config = person.config_file.read_bytes()
    credentials = person.credentials_file.read_bytes()
    terminal = give_mistyped_secret(person)
    terminal.expect_exact('AWS Access Key ID: ')
    terminal.sendcontrol(key)
    assert terminal.finish().code != 0
    assert 'Traceback' not in terminal.shown
    assert person.config_file.read_bytes() == config
    assert person.credentials_file.read_bytes() == credentials


def test_profile_with_another_ones_key(
    person: Person, new_user: Callable[[], User]
) -> None:
    """After a yes the profile signs with the key that was given."""
    other = new_user()
    person.write_profiles(
        {'other': {}, 'p': {'source_profile': 'other', 'x': 'y'}}
    )
    person.write_credentials({'other': other})
    terminal = person.at_terminal(*SETUP, '--profile', 'p')
    terminal.answer('', 'Profile name [p]: ')
    terminal.answer('y', 'The profile p exists. Change it? [y/N] ')
    give_key(terminal, person)
    terminal.answer('', 'Default region name: ')
    terminal.answer('', 'Default output format [json]: ')
    finish_setup(terminal, person)
    assert (
        'The source_profile of profile p was other and is p-long-term now.'
    ) in terminal.said
    person.ok(*LIST_BUCKETS, 'p')
    person.ok('mfa', 'login', '--profile', 'p')
    [call] = person.aws.requests()
    assert call.user_name == person.user.name
    assert call.key_kind == 'mfa-session'
    assert 'x = y\n' in person.config_file.read_text()


def test_names_that_cannot_be(person: Person) -> None:
    """Roles and names that no file can hold are refused before any key."""
    role = {
        'role_arn': 'arn:aws:iam::123456789012:role/x',
        'source_profile': person.profile,
    }
    person.write_profiles({person.profile: {}, 'admin': role})
    config = person.config_file.read_bytes()
    credentials = person.credentials_file.read_bytes()
    terminal = person.at_terminal(*SETUP)
    for name, said in (
        ('a]b', 'A profile name can have no ]'),
        ('admin', 'because it is a role (role_arn): choose another name.'),
    ):
        terminal.answer(name, 'Profile name [default]: ')
        terminal.expect_words(said)
    terminal.expect_exact('Profile name [default]: ')
    terminal.sendeof()
    shown = terminal.finish()
    assert shown.code == person.exit_codes.usage
    assert 'Nothing was changed.' in shown.stdout
    assert 'Access Key' not in terminal.shown
    assert person.config_file.read_bytes() == config
    assert person.credentials_file.read_bytes() == credentials
    assert person.aws.requests() == []
