# SPDX-License-Identifier: Apache-2.0
"""``aws mfa logout``, and what disappears by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.e2e.person import REGION, Person
from tests.standin import Role, User


def _two_users(person: Person, other: User) -> Role:
    """Give the person a second user, and a role behind the first."""
    role = person.aws.create_role(f'admin-{person.user.name}')
    person.write_config(
        f'[profile {person.profile}]\n'
        f'region = {REGION}\n'
        f'mfa_serial = {person.user.device.serial_number}\n'
        '[profile admin]\n'
        f'region = {REGION}\n'
        f'role_arn = {role.arn}\n'
        f'source_profile = {person.profile}\n'
        '[profile other]\n'
        f'mfa_serial = {other.device.serial_number}\n'
    )
    person.write_credentials({person.profile: person.user, 'other': other})
    return role


def _login_other(person: Person, other: User) -> None:
    person.ok(
        'mfa',
        'login',
        '--profile',
        'other',
        '--token-code',
        other.device.code(),
    )


def _names(folder: Path) -> set[str]:
    """Return what is in the cache of sessions.

    How the CLI is started and which code was sent last are no sessions.
    """
    return {
        path.name
        for path in folder.iterdir()
        if path.is_file()
        and path.name != 'cli.json'
        and path.suffix != '.used'
    }


def _kept(person: Person) -> set[Path]:
    """Return the files of sessions and roles."""
    return {
        person.cache / name
        for name in _names(person.cache)
        if name.endswith('.json')
    }


def _make_expire(path: Path) -> None:
    entry = json.loads(path.read_text())
    entry['Credentials']['Expiration'] = '2020-01-01T00:00:00Z'
    path.write_text(json.dumps(entry))


def test_ends_what_is_ours_and_says_so(
    person: Person, new_user: Callable[[], User]
) -> None:
    """A session goes with its roles; others and foreign files stay."""
    other = new_user()
    _two_users(person, other)
    person.login()
    person.ok('s3', 'ls', '--profile', 'admin')
    mine = {name for name in _names(person.cache) if name.endswith('.json')}
    assert len(mine) == 2
    _login_other(person, other)
    theirs = _names(person.cache) - mine
    foreign = {
        person.cache / 'notes.json': '{}',
        person.cache / f'{"0" * 40}.json': '{}',
        person.cache.parent / 'cache' / f'{"1" * 40}.json': '{}',
        person.cache.parent / 'alias': '[toplevel]\n',
    }
    for path, text in foreign.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    person.aws.clear_requests()

    ended = person.ok('mfa', 'logout', '--profile', person.profile)
    assert ended.stdout == (
        f'Ended the MFA session of {person.user.device.serial_number} and 1 '
        f'role session (used by admin, {person.profile}).\n'
    )
    assert not mine & _names(person.cache)
    assert theirs <= _names(person.cache)
    refused = person.run('s3', 'ls', '--profile', 'admin')
    assert 'has no valid MFA session' in refused.stderr
    again = person.ok('mfa', 'logout', '--profile', person.profile)
    assert again.stdout == (
        f'Profile {person.profile} has no MFA session to end.\n'
        'There is one for: other. To end it: aws mfa logout --profile other\n'
    )

    # What cannot be read may still hold a secret.
    broken = person.cache / f'{"a" * 64}.{"b" * 64}.json'
    broken.write_text('{"Credentials": {"SecretAcc')
    everything = person.ok('mfa', 'logout', '--all')
    assert other.device.serial_number in everything.stdout
    assert everything.stdout.count('\n') == 2
    left = {name for name in _names(person.cache) if '.lock' not in name}
    assert left == {'notes.json', f'{"0" * 40}.json'}
    assert {path: path.read_text() for path in foreign} == foreign
    assert person.aws.requests() == []


def test_expired_entries_disappear(
    person: Person, new_user: Callable[[], User]
) -> None:
    """The next login clears them; what a role login left stays."""
    other = new_user()
    role = _two_users(person, other)
    person.login()
    person.ok('s3', 'ls', '--profile', 'admin')
    made = _kept(person)
    person.ok(
        'mfa', 'login', '--profile', person.profile, '--role-arn', role.arn
    )
    (by_login,) = _kept(person) - made
    for path in (*made, by_login):
        _make_expire(path)
    _login_other(person, other)
    assert not any(path.exists() for path in made)
    assert by_login.exists()
    assert len(person.sessions()) == 1


def test_what_a_login_wrote(
    person: Person, new_user: Callable[[], User]
) -> None:
    """It leaves the credentials file too, and nothing else does."""
    other = new_user()
    role = _two_users(person, other)
    person.write_credentials(
        {f'{person.profile}-long-term': person.user, 'other': other}
    )
    with person.credentials_file.open('a') as file:
        file.write(
            '# mine\n[foreign]\naws_access_key_id = ASIAFOREIGN\n'
            'aws_secret_access_key = x\naws_session_token = y\n'
        )
    before = person.credentials_file.read_text()
    header = f'[{person.profile}]\n'
    _login_other(person, other)
    for options in ([], ['--role-arn', role.arn]):
        person.login('--write-credentials', *options)
        assert len(person.credentials_file.read_text()) > len(before) + 100
        ended = person.ok('mfa', 'logout', '--profile', person.profile)
        assert ended.stdout.splitlines()[1:] == [
            f'Removed the session from the section [{person.profile}] of '
            '~/.aws/credentials.'
        ]
        assert person.credentials_file.read_text() == before + header
    refused = person.run('s3', 'ls', '--profile', person.profile)
    assert 'has no valid MFA session' in refused.stderr
    person.ok('mfa', 'status', '--profile', 'other')

    person.credentials_file.unlink()
    person.ok('mfa', 'logout', '--all')
    assert not person.credentials_file.exists()


def test_what_cannot_be_removed(
    person: Person, new_user: Callable[[], User]
) -> None:
    """It is named, with the way out, and keeps nothing else from going."""
    other = new_user()
    _two_users(person, other)
    person.login()
    _login_other(person, other)
    # No file, so that it stays for root too.
    mine, theirs = sorted(_kept(person))
    stays = person.cache / f'{mine.stem}.{"0" * 64}.json'
    stays.mkdir()
    result = person.run('mfa', 'logout', '--all')
    assert result.code == person.exit_codes.other
    assert (
        f'The MFA session could not be removed from {person.cache} ('
    ) in result.stderr
    assert ('). Make that folder writable and log out again.') in result.stderr
    assert result.stdout.count('Ended') == 1
    assert not mine.exists() and not theirs.exists()
    stays.rmdir()

    # Its name is too long for another one beside it.
    path = person.home / ('c' * 250)
    person.login()
    [entry] = person.sessions()
    path.write_text(
        f'{person.credentials_file.read_text()}[written]\n'
        f'aws_access_key_id = {entry["Credentials"]["AccessKeyId"]}\n'
    )
    before = path.read_text()
    result = person.run(
        *('mfa', 'logout', '--profile', person.profile),
        AWS_SHARED_CREDENTIALS_FILE=str(path),
    )
    assert result.code == person.exit_codes.configuration
    assert result.stdout.startswith('Ended the MFA session of ')
    assert (
        f'The MFA session could not be removed from {path} (File name too '
        'long). Delete it from [written] by hand.'
    ) in result.stderr
    assert path.read_text() == before
    assert person.sessions() == []
