# SPDX-License-Identifier: Apache-2.0
"""What whoever comes from aws-mfa keeps: flags, variables, files, habits."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from tests.e2e.person import PROMPT, REGION, Person, Terminal

LIST_BUCKETS = ('s3', 'ls', '--profile')
# aws-mfa's names of what it writes, in its order.
NAMES = (
    'assumed_role',
    'assumed_role_arn',
    'aws_access_key_id',
    'aws_secret_access_key',
    'aws_session_token',
    'aws_security_token',
    'expiration',
)
# Another program, which knows nothing of the plugin.
BOTO3 = """
import sys
import boto3
boto3.Session(profile_name=sys.argv[1]).client('s3').list_buckets()
"""


def login(*arguments: str) -> list[str]:
    """Return the arguments of a login to the profile ``p``."""
    return ['mfa', 'login', '--profile', 'p', *arguments]


def calls(person: Person) -> list[tuple[str, str | None]]:
    """Return each call since the last time, with the key's kind or role."""
    found = [
        (call.operation, call.role_name or call.key_kind)
        for call in person.aws.requests()
    ]
    person.aws.clear_requests()
    return found


def use_aws_mfas_files(person: Person, *settings: str) -> None:
    """Give the person what aws-mfa wants: a long-term section for ``p``."""
    person.write_config(f'[profile p]\nregion = {REGION}\n')
    person.write_credentials({'p-long-term': person.user})
    with person.credentials_file.open('a') as file:
        file.writelines(f'{line}\n' for line in settings)


def device_line(person: Person) -> str:
    """Return the line for the user's device."""
    return f'aws_mfa_device = {person.user.device.serial_number}'


def section(path: Path, name: str) -> dict[str, str]:
    """Return the settings of a section, its lines taken literally."""
    _, _, rest = path.read_text().partition(f'[{name}]\n')
    body, _, _ = rest.partition('\n[')
    pairs = (line.partition(' = ') for line in body.splitlines())
    return {key: value for key, equals, value in pairs if equals}


def end_roles(person: Person) -> None:
    """Let the role sessions of the person's cache end."""
    for path in person.cache.glob('*.*.json'):
        entry = json.loads(path.read_text())
        entry['Credentials']['Expiration'] = '2026-01-01T00:00:00Z'
        path.write_text(json.dumps(entry))


def test_both_names_of_one_thing(person: Person) -> None:
    """Two names of an option at once are a wrong command line."""
    for names in (
        ('--serial-number', '--device'),
        ('--token', '--mfa-token'),
        ('--role-arn', '--assume'),
    ):
        given = [part for name in names for part in (name, '123456789')]
        result = person.run(*login(*given))
        assert result.code == person.exit_codes.usage
        assert f'{" and ".join(names)} are the same option' in result.stderr
    assert person.aws.requests() == []


def test_flags_and_a_role_until_it_ends(person: Person) -> None:
    """A role is used by native commands until its end or the next login."""
    use_aws_mfas_files(person)
    role = person.aws.create_role(
        f'{person.user.name}-role', external_id='their-id'
    )
    serial = person.user.device.serial_number
    said = person.ok(
        *login('--device', serial, '--duration', '1800'),
        *('--token', person.user.device.code(), '--log-level', 'DEBUG'),
        *('--assume-role', role.arn, '--role-session-name', 'anna'),
        *('--external-id', 'their-id'),
    )
    assert said.stdout.startswith(f'Profile p has a session of {role.arn}')
    assert '(30 minutes).' in said.stdout
    assert 'DEBUG - Calling AssumeRole' in said.stderr
    [call] = person.aws.requests()
    assert call.parameters['DurationSeconds'] == '1800'
    assert call.parameters['RoleSessionName'] == 'anna'
    assert call.parameters['SerialNumber'] == serial
    assert calls(person) == [('AssumeRole', 'long-term')]

    person.ok(*LIST_BUCKETS, 'p')
    assert calls(person) == [('ListBuckets', role.name)]

    end_roles(person)
    ended = person.run(*LIST_BUCKETS, 'p')
    assert ended.code == person.exit_codes.configuration
    assert f'aws mfa login --profile p --role-arn {role.arn}' in ended.stderr
    assert calls(person) == []

    person.ok(*login('--mfa-token', person.user.device.code()))
    person.ok(*LIST_BUCKETS, 'p')
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
    ]


def test_role_that_wants_a_recent_code(person: Person) -> None:
    """A role that is denied to an old session is had with a code."""
    use_aws_mfas_files(person, device_line(person))
    role = person.aws.create_role(f'{person.user.name}-role', max_mfa_age=60)
    person.ok(*login('--token', person.user.device.code()))
    person.aws.clock_offset(100)
    person.ok(
        *login('--assume-role', role.arn),
        *('--token', person.user.device.code()),
    )
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('AssumeRole', 'long-term'),
    ]


def test_environment(person: Person) -> None:
    """aws-mfa's three variables count, after the flags."""
    use_aws_mfas_files(person)
    role = person.aws.create_role(f'{person.user.name}-role')
    person.variables |= {
        'MFA_DEVICE': person.user.device.serial_number,
        'MFA_STS_DURATION': '2000',
        'MFA_ASSUME_ROLE': role.arn,
        'USER': 'Änna B',
    }
    person.ok(*login('--token', person.user.device.code()))
    [call] = person.aws.requests()
    assert call.operation == 'AssumeRole'
    assert call.parameters['DurationSeconds'] == '2000'
    assert call.parameters['RoleSessionName'] == '-nna-B'
    # Native commands find the device without the variable.
    serial = person.user.device.serial_number
    assert f'mfa_serial = {serial}' in person.config_file.read_text()
    del person.variables['MFA_DEVICE']
    person.ok(*LIST_BUCKETS, 'p')
    assert calls(person)[1:] == [('ListBuckets', role.name)]

    wrong = person.run(*login(), MFA_STS_DURATION='1h')
    assert wrong.code == person.exit_codes.configuration
    assert 'MFA_STS_DURATION is "1h"' in wrong.stderr


def test_settings_of_the_long_term_section(person: Person) -> None:
    """aws_mfa_device and assume_role count without a login, and with one."""
    role = person.aws.create_role(f'{person.user.name}-role')
    use_aws_mfas_files(
        person, device_line(person), f'assume_role = {role.arn}'
    )
    terminal = person.at_terminal(*LIST_BUCKETS, 'p')
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    person.ok(*LIST_BUCKETS, 'p')
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('ListBuckets', role.name),
        ('ListBuckets', role.name),
    ]
    said = person.ok(*login('--role-session-name', 'anna')).stdout
    assert said.startswith(f'Profile p has a session of {role.arn}')
    person.ok(*LIST_BUCKETS, 'p')
    assert calls(person) == [
        ('AssumeRole', 'mfa-session'),
        ('ListBuckets', role.name),
    ]


def test_other_suffixes(person: Person) -> None:
    """Native commands find the session of a login with both suffixes."""
    person.write_config('')
    person.write_credentials({'p-keys': person.user})
    with person.credentials_file.open('a') as file:
        file.write(f'{device_line(person)}\n[p-mfa]\n# aws-mfa was here\n')
    person.ok(
        *login('--long-suffix', 'keys', '--short-suffix', 'mfa'),
        *('--token', person.user.device.code(), '--region', REGION),
    )
    person.ok(*LIST_BUCKETS, 'p-mfa')
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
    ]


def test_written_credentials(person: Person) -> None:
    """Only the section's lines change; another program can use it."""
    role = person.aws.create_role(f'{person.user.name}-role')
    use_aws_mfas_files(person, device_line(person))
    head = (
        '# häßlich, but kept\r\n[ other]\r\nregion=x ; y\r\n'
        + person.credentials_file.read_text().replace('\n', '\r\n')
        + '\r\n'
    )
    tail = '\r\n; the end\r\n[last]\r\nregion = z'
    person.credentials_file.write_bytes(
        f'{head}[p]\r\noutput = text\r\n{tail}'.encode()
    )
    person.credentials_file.chmod(0o640)
    person.ok(
        *login('--write-credentials', '--role-arn', role.arn),
        *('--token', person.user.device.code()),
    )
    text = person.credentials_file.read_bytes().decode()
    begin, end = f'{head}[p]\r\noutput = text\r\n', tail
    assert text.startswith(begin)
    assert text.endswith(end)
    lines = text[len(begin) : -len(end)].split('\r\n')
    values = dict(line.split(' = ') for line in lines if line)
    assert tuple(values) == NAMES
    assert values['assumed_role'] == 'True'
    assert values['assumed_role_arn'] == role.arn
    assert values['aws_security_token'] == values['aws_session_token']
    mode = stat.S_IMODE(person.credentials_file.stat().st_mode)
    assert mode == 0o640

    python = [sys.executable, '-c', BOTO3, 'p']
    person.ok(program=python)
    assert calls(person) == [
        ('AssumeRole', 'long-term'),
        ('ListBuckets', role.name),
    ]

    person.ok(
        *login('--write-credentials', '--token', person.user.device.code())
    )
    after = person.credentials_file.read_bytes().decode()
    assert after.startswith(begin) and after.endswith(end)
    lines = after[len(begin) : -len(end)].split('\r\n')
    assert [line.split(' = ')[0] for line in lines if line] == [
        name for name in NAMES if name != 'assumed_role_arn'
    ]
    assert 'assumed_role = False' in lines
    person.ok(program=python)
    assert calls(person)[-1] == ('ListBuckets', 'mfa-session')


def test_long_term_keys_are_never_written_over(person: Person) -> None:
    """Where the long-term keys are, nothing is written and none is asked."""
    before = person.credentials_file.read_bytes()
    result = person.run(
        *('mfa', 'login', '--profile', person.profile),
        *('--token-code', person.user.device.code(), '--write-credentials'),
    )
    assert result.code == person.exit_codes.configuration
    assert f'[{person.profile}] of ' in result.stderr
    assert 'holds long-term keys' in result.stderr
    assert person.credentials_file.read_bytes() == before
    assert person.aws.requests() == []


def test_writing_as_a_habit(person: Person) -> None:
    """With mfa_write_credentials a login writes, also one that is valid."""
    use_aws_mfas_files(person, device_line(person))
    with person.config_file.open('a') as file:
        file.write('mfa_write_credentials = true\n')
    before = person.credentials_file.read_bytes()
    said = person.ok(*login('--token', person.user.device.code())).stdout
    assert 'Written to the section [p] of ~/.aws/credentials.' in said
    written = person.credentials_file.read_bytes()
    assert written.startswith(before)
    values = section(person.credentials_file, 'p')
    assert values['assumed_role'] == 'False'

    person.credentials_file.write_bytes(before)
    person.ok(*login())
    assert person.credentials_file.read_bytes() == written
    assert calls(person) == [('GetSessionToken', 'long-term')]


def answer_setup(terminal: Terminal, person: Person) -> None:
    """Answer the questions of ``--setup`` up to the region."""
    terminal.answer(person.user.access_key_id, 'AWS Access Key ID: ')
    terminal.answer(person.user.secret_access_key, 'Secret Access Key: ')
    terminal.answer(REGION, 'Default region name: ')


def test_setup(person: Person) -> None:
    """From an access key alone to a working profile, the secret unseen."""
    person.write_config('')
    person.credentials_file.unlink()
    config = person.config_file.read_text()
    terminal = person.at_terminal(*login('--setup'))
    terminal.answer('', 'Profile name [p]: ')
    answer_setup(terminal, person)
    terminal.answer('', 'Default output format [json]: ')
    serial = person.user.device.serial_number
    terminal.expect_exact(f'MFA device: {serial}')
    terminal.answer('', 'Log in now? [Y/n] ')
    code = person.user.device.code()
    terminal.answer(code)
    assert terminal.finish().code == 0
    assert person.user.secret_access_key not in terminal.shown
    assert code not in terminal.shown.replace(serial, '')

    assert person.credentials_file.read_text() == (
        '[p-long-term]\n'
        f'aws_access_key_id = {person.user.access_key_id}\n'
        f'aws_secret_access_key = {person.user.secret_access_key}\n'
    )
    assert stat.S_IMODE(person.credentials_file.stat().st_mode) == 0o600
    general = f'region = {REGION}\noutput = json\n'
    assert person.config_file.read_text() == (
        f'{config}[profile p-long-term]\n{general}'
        f'[profile p]\n{general}mfa_serial = {serial}\n'
    )
    person.ok(*LIST_BUCKETS, 'p')
    assert calls(person) == [
        ('ListMFADevices', 'long-term'),
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
    ]


@pytest.mark.parametrize('where', ['taken', 'left'])
def test_setup_that_is_left(person: Person, where: str) -> None:
    """Nothing is overwritten unasked, or written before the last answer."""
    config = person.config_file.read_bytes()
    credentials = person.credentials_file.read_bytes()
    terminal = person.at_terminal('mfa', 'login', '--setup')
    if where == 'taken':
        terminal.answer(person.profile, 'Profile name [default]: ')
        terminal.answer(
            '', f'The profile {person.profile} exists. Change it? [y/N] '
        )
    else:
        terminal.answer('new', 'Profile name [default]: ')
        answer_setup(terminal, person)
        terminal.expect_exact('Default output format [json]: ')
        terminal.sendeof()
    shown = terminal.finish()
    assert shown.code == person.exit_codes.usage
    assert 'Nothing was changed.' in shown.stdout
    assert person.user.secret_access_key not in terminal.shown
    assert person.config_file.read_bytes() == config
    assert person.credentials_file.read_bytes() == credentials
    assert person.aws.requests() == []


def test_setup_without_a_terminal(person: Person) -> None:
    """Where nobody can answer, --setup says so and waits for nobody."""
    result = person.run('mfa', 'login', '--setup')
    assert result.code == person.exit_codes.usage
    assert '--setup asks questions' in result.stderr
    assert PROMPT not in result.stderr


def test_import_aws_mfa(person: Person) -> None:
    """The lines are printed, or with --apply made, and no other byte."""
    use_aws_mfas_files(person, device_line(person), 'region = eu-west-3')
    person.write_config('# mine\n[default]\nregion = x')
    config = person.config_file.read_text()
    credentials = person.credentials_file.read_bytes()
    serial = person.user.device.serial_number
    lines = f'[profile p]\nmfa_serial = {serial}\nregion = eu-west-3\n'
    said = person.ok('mfa', 'import-aws-mfa').stdout
    assert lines in said
    assert '--apply' in said
    assert person.config_file.read_text() == config

    said = person.ok('mfa', 'import-aws-mfa', '--apply').stdout
    assert lines in said
    assert '--apply' not in said
    assert person.config_file.read_text() == f'{config}\n{lines}'
    assert person.credentials_file.read_bytes() == credentials
    again = person.ok('mfa', 'import-aws-mfa', '--apply').stdout
    assert again == 'There is nothing to change.\n'
    assert person.aws.requests() == []
