# SPDX-License-Identifier: Apache-2.0
"""Native commands: which credentials they get, and when they ask."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from tests.e2e.person import PROMPT, Person

REDIRECTED = '"$0" "$@" >out 2>err'


def list_buckets(person: Person, profile: str | None = None) -> list[str]:
    """Return the arguments of a command that needs an MFA session."""
    return ['s3', 'ls', '--profile', profile or person.profile]


def check_refused(person: Person, profile: str | None = None) -> None:
    """Check that a native command wants a login first."""
    profile = profile or person.profile
    result = person.run(*list_buckets(person, profile))
    assert result.code == person.exit_codes.configuration
    assert (
        f'Profile {profile} has no valid MFA session. Start one with: '
        f'aws mfa login --profile {profile}'
    ) in result.stderr


def signers(person: Person) -> list[tuple[str, str | None]]:
    """Return each call so far with the kind of key that signed it."""
    return [(call.operation, call.key_kind) for call in person.aws.requests()]


def expire_in(person: Person, seconds: float) -> None:
    """Let the cached session end so many seconds from now."""
    [path] = person.session_files()
    entry = json.loads(path.read_text())
    end = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    entry['Credentials']['Expiration'] = f'{end:%Y-%m-%dT%H:%M:%SZ}'
    path.write_text(json.dumps(entry))


def test_prompt_in_the_middle_of_a_command(person: Person) -> None:
    """A native command asks on the terminal, goes on, and stdout is clean."""
    serial = person.user.device.serial_number
    person.aws.create_bucket(f'{person.user.name}-bucket')
    terminal = person.in_shell(REDIRECTED, *list_buckets(person))
    wrong, right = person.user.device.wrong_code(), person.user.device.code()
    terminal.answer(wrong, f'Enter MFA code for {serial}: ')
    terminal.answer(right, f'Enter MFA code for {serial}: ')
    assert terminal.finish().code == 0
    assert 'wrong or already used' in terminal.shown
    echoed = terminal.shown.replace(serial, '')
    assert wrong not in echoed and right not in echoed
    listed = (person.home / 'out').read_text().splitlines()
    assert f'{person.user.name}-bucket' in {row.split()[-1] for row in listed}
    assert PROMPT not in ''.join(listed)
    assert (person.home / 'err').read_text() == ''

    person.ok(*list_buckets(person))
    assert signers(person) == [
        ('GetSessionToken', 'long-term'),
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
        ('ListBuckets', 'mfa-session'),
    ]


def test_giving_up_at_the_prompt_of_a_command(person: Person) -> None:
    """Ctrl-C at the prompt ends the native command and calls nobody."""
    terminal = person.at_terminal(*list_buckets(person))
    terminal.expect_exact(PROMPT)
    terminal.sendcontrol('c')
    shown = terminal.finish()
    assert shown.code == 130
    assert 'Traceback' not in shown.stdout
    assert person.aws.requests() == []


@pytest.mark.parametrize('where', ['profile', 'environment'])
def test_never_prompting(person: Person, where: str) -> None:
    """With "never" a command fails at once, at a terminal too."""
    if where == 'profile':
        with person.config_file.open('a') as file:
            file.write('mfa_prompt = never\n')
    else:
        person.variables['AWS_MFA_PROMPT'] = 'never'
    terminal = person.at_terminal(*list_buckets(person))
    shown = terminal.finish()
    assert shown.code == person.exit_codes.configuration
    assert PROMPT not in shown.stdout
    assert f'aws mfa login --profile {person.profile}' in shown.stdout.replace(
        '\r\n', ''
    )
    assert person.aws.requests() == []


def test_short_session_is_used_to_its_end(person: Person) -> None:
    """A 900-second session serves until a minute before it expires."""
    person.login('--duration-seconds', '900')
    person.ok(*list_buckets(person))
    expire_in(person, 120)
    person.ok(*list_buckets(person))
    assert signers(person) == [
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
        ('ListBuckets', 'mfa-session'),
    ]
    expire_in(person, 55)
    check_refused(person)
    assert len(person.aws.requests()) == 3

    terminal = person.at_terminal(*list_buckets(person))
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    assert person.aws.requests()[-1].key_kind == 'mfa-session'


def test_commands_for_long_term_credentials(person: Person) -> None:
    """What AWS refuses to sessions gets the long-term key, and no prompt."""
    as_profile = ('--profile', person.profile)
    person.ok(
        'sts',
        'get-session-token',
        '--serial-number',
        person.user.device.serial_number,
        '--token-code',
        person.user.device.code(),
        *as_profile,
    )
    person.login()
    person.ok('sts', 'get-federation-token', '--name', 'anna', *as_profile)
    expected = [
        'GetSessionToken',
        'GetSessionToken',
        'GetFederationToken',
    ]
    if person.host.version >= (2, 30, 3):
        person.ok(
            'configure',
            'mfa-login',
            '--update-profile',
            'temporary',
            *as_profile,
            input=f'{person.user.device.code()}\n',
        )
        expected.append('GetSessionToken')
    assert signers(person) == [(each, 'long-term') for each in expected]
    assert {call.status for call in person.aws.requests()} == {200}
    person.ok('sts', 'get-caller-identity', *as_profile)
    assert person.aws.requests()[-1].key_kind == 'mfa-session'


def test_keys_of_the_environment_go_first(person: Person) -> None:
    """A key set on purpose is used as it is, without asking."""
    person.variables |= {
        'AWS_PROFILE': person.profile,
        **person.user.environment(),
    }
    shown = person.at_terminal('sts', 'get-caller-identity').finish()
    assert shown.code == 0
    assert PROMPT not in shown.stdout
    assert signers(person) == [('GetCallerIdentity', 'long-term')]


def test_one_key_one_session(person: Person) -> None:
    """Profiles on one key share a session; a rotated key finds no old one."""
    with person.config_file.open('a') as file:
        file.write(
            f'[profile other]\nsource_profile = {person.profile}\n'
            f'mfa_serial = {person.user.device.serial_number}\n'
            'region = us-east-1\n'
        )
    person.login()
    person.ok(*list_buckets(person, 'other'))
    assert signers(person) == [
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
    ]

    person.user.rotate_access_key()
    person.write_credentials({person.profile: person.user})
    check_refused(person, 'other')
    person.login()
    person.ok(*list_buckets(person, 'other'))
    new = person.aws.requests()[2:]
    assert [call.operation for call in new] == [
        'GetSessionToken',
        'ListBuckets',
    ]
    assert new[0].access_key_id == person.user.access_key_id


def test_damaged_cache_file_is_replaced(person: Person) -> None:
    """A file that is no session counts as none, and a login heals it."""
    person.login()
    [path] = person.session_files()
    content = path.read_bytes()
    for damaged in (
        b'\xff\x00\n',
        b'["Credentials"]',
        content[: len(content) // 2],
    ):
        path.write_bytes(damaged)
        check_refused(person)
    said = person.login().stdout
    assert f'Profile {person.profile} has an MFA session until' in said
    person.ok(*list_buckets(person))


def test_another_cache_folder(person: Person) -> None:
    """``AWS_MFA_CACHE_DIRECTORY`` moves the cache as a whole."""
    person.variables['AWS_MFA_CACHE_DIRECTORY'] = '~/some/where'
    person.login()
    person.ok(*list_buckets(person))
    assert not person.cache.exists()
    person.cache = person.home / 'some' / 'where'
    assert len(person.sessions()) == 1
    assert oct(person.cache.stat().st_mode)[-3:] == '700'


def test_cache_that_cannot_be_written(person: Person) -> None:
    """A command works with what its code bought; a login has failed."""
    blocked = person.home / 'file'
    blocked.write_text('in the place of a folder')
    person.variables['AWS_MFA_CACHE_DIRECTORY'] = str(blocked)
    terminal = person.in_shell(REDIRECTED, *list_buckets(person))
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    message = f'The MFA session could not be saved in {blocked} ('
    remedy = 'name another one in AWS_MFA_CACHE_DIRECTORY.'
    said = (person.home / 'err').read_text()
    assert message in said and remedy in said
    assert message not in (person.home / 'out').read_text()

    result = person.run(
        'mfa',
        'login',
        '--profile',
        person.profile,
        '--token-code',
        person.user.device.code(),
    )
    assert result.code == person.exit_codes.other
    assert message in result.stderr and remedy in result.stderr
    assert result.stdout == ''
    # The code of the login was not spent.
    assert [request.operation for request in person.aws.requests()] == [
        'GetSessionToken',
        'ListBuckets',
    ]


def test_a_disk_that_is_full(person: Person) -> None:
    """It costs the cache and not the command, and one warning says so."""
    terminal = person.in_shell(
        'ulimit -f 0; exec "$0" "$@"',
        *('sts', 'get-caller-identity', '--profile', person.profile),
    )
    terminal.answer(person.user.device.code())
    ended = terminal.finish()
    assert ended.code == 0
    assert ended.stdout.count('could not be saved') == 1
    assert person.user.arn in ended.stdout
    assert person.cached_files() == []
    assert not list(person.cache.rglob('*.tmp'))


def test_looking_at_the_configuration(person: Person) -> None:
    """``aws configure list`` asks nothing and names the provider."""
    arguments = ('configure', 'list', '--profile', person.profile)
    before = person.at_terminal(*arguments).finish()
    assert before.code == 0
    assert PROMPT not in before.stdout
    assert 'mfa-session' not in before.stdout
    person.login()
    [session] = person.sessions()
    after = person.ok(*arguments).stdout
    [row] = [
        line for line in after.splitlines() if 'access_key' in line.split()[0]
    ]
    assert 'mfa-session' in row
    assert session['Credentials']['AccessKeyId'][-4:] in row
    assert len(person.aws.requests()) == 1


def test_exporting_the_session(person: Person) -> None:
    """v2's own exporter gives the session."""
    person.login()
    result = person.run(
        'configure',
        'export-credentials',
        '--profile',
        person.profile,
    )
    [session] = person.sessions()
    if not person.host.is_v2:
        assert result.code == person.exit_codes.usage
        return
    exported = result.json()
    expiration = exported.pop('Expiration')
    assert exported.pop('Version') == 1
    kept = session['Credentials']
    assert expiration.replace('+00:00', 'Z') == kept.pop('Expiration')
    assert exported == kept


@pytest.mark.parametrize('kind', ['mfa', 'user'])
def test_a_wrong_device_can_be_found_out(person: Person, kind: str) -> None:
    """The command that the message names works in just that state."""
    wrong = f'arn:aws:iam::000000000000:{kind}/of-somebody-else'
    person.write_profiles({person.profile: {'mfa_serial': wrong}})
    profile = ('--profile', person.profile)
    refused = person.run('mfa', 'login', *profile, '--token-code', '123456')
    assert 'aws iam list-mfa-devices' in refused.stderr
    listed = person.at_terminal(
        'iam', 'list-mfa-devices', *profile, '--output', 'json'
    ).finish()
    assert listed.code == 0, listed
    assert person.user.device.serial_number in listed.stdout
    assert PROMPT not in listed.stdout
    # With a session it is signed with that.
    person.aws.clear_requests()
    serial_number = person.user.device.serial_number
    person.write_profiles({person.profile: {'mfa_serial': serial_number}})
    person.login()
    person.ok('iam', 'list-mfa-devices', *profile)
    (listing,) = person.aws.requests(operation='ListMFADevices')
    assert listing.key_kind == 'mfa-session'
