# SPDX-License-Identifier: Apache-2.0
"""``aws mfa status``: what there is, in every form, from files alone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from tests.e2e.person import REGION, Person
from tests.standin import Role


def _with_roles(person: Person, *roles: Role) -> None:
    """Give the person a role profile, named after it, for each role."""
    person.write_config(
        f'[profile {person.profile}]\n'
        f'region = {REGION}\n'
        f'mfa_serial = {person.user.device.serial_number}\n'
        + ''.join(
            f'[profile {role.name}]\n'
            f'region = {REGION}\n'
            f'role_arn = {role.arn}\n'
            f'source_profile = {person.profile}\n'
            for role in roles
        )
    )


def test_every_output(person: Person) -> None:
    """Each output of the CLI shows a session and its roles, no secret."""
    roles = [
        person.aws.create_role(f'{name}-{person.user.name}')
        for name in ('admin', 'deployment')
    ]
    _with_roles(person, *roles)
    person.login()
    for role in roles:
        person.ok('s3', 'ls', '--profile', role.name)
    person.aws.clear_requests()

    outputs = ['json', 'text', 'table', *(['yaml'] * person.host.is_v2)]
    shown = {
        output: person.ok('mfa', 'status', '--output', output)
        for output in outputs
    }
    (session,) = shown['json'].json()['Sessions']
    serial_number = person.user.device.serial_number
    (kept,) = person.sessions()
    assert session['Profiles'] == sorted(
        [person.profile, *(role.name for role in roles)]
    )
    assert session['SerialNumber'] == serial_number
    assert session['Account'] == serial_number.split(':')[4]
    assert session['Expiration'] == kept['Credentials']['Expiration']
    assert session['TimeLeft'] in ('12h00m', '11h59m')
    assert 0 < session['SecondsLeft'] <= 43200
    assert [
        (role['Profile'], role['RoleArn']) for role in session['Roles']
    ] == [(role.name, role.arn) for role in roles]
    assert {role['TimeLeft'] for role in session['Roles']} <= {'1h00m', '59m'}

    for output in outputs:
        text = shown[output].stdout
        assert serial_number in text and roles[1].arn in text, output
        assert shown[output].stderr == ''
    assert shown['text'].stdout.startswith('SESSIONS\t')
    assert max(map(len, shown['table'].stdout.splitlines())) <= 80
    if person.host.is_v2:
        assert f'\n  SerialNumber: {serial_number}\n' in shown['yaml'].stdout

    left = person.ok(
        'mfa',
        'status',
        '--query',
        'Sessions[].[Account,Expiration]',
        '--output',
        'text',
    )
    assert left.stdout == f'{session["Account"]}\t{session["Expiration"]}\n'
    everything = ''.join(result.stdout for result in shown.values())
    secrets = [
        entry['Credentials'][name]
        for entry in [
            json.loads(path.read_text()) for path in person.cached_files()
        ]
        for name in ('AccessKeyId', 'SecretAccessKey', 'SessionToken')
    ]
    assert len(secrets) == 9
    for secret in (*secrets, person.user.access_key_id):
        assert secret not in everything
    assert person.aws.requests() == []


def test_a_table_for_people(person: Person) -> None:
    """At a terminal it is a line each, and yellow when it ends soon."""
    role = person.aws.create_role(f'admin-{person.user.name}')
    _with_roles(person, role)
    none = person.at_terminal('mfa', 'status').finish()
    assert none.stdout == ('No MFA session. Start one with: aws mfa login\r\n')
    person.login()
    person.ok('s3', 'ls', '--profile', role.name)
    shown = person.at_terminal('mfa', 'status').finish()
    heading, user, below = shown.stdout.splitlines()
    assert heading.split() == ['PROFILE', 'KIND', 'UNTIL', 'LEFT']
    assert user.split()[:2] == [person.profile, 'user']
    assert below.startswith(f'  {role.name}  role {role.name}  ')
    assert max(map(len, (heading, user, below))) <= 80
    assert '\033' not in shown.stdout

    (path,) = person.session_files()
    entry = json.loads(path.read_text())
    expiration = datetime.now(timezone.utc) + timedelta(minutes=9.5)
    entry['Credentials']['Expiration'] = f'{expiration:%Y-%m-%dT%H:%M:%SZ}'
    path.write_text(json.dumps(entry, indent=2))
    arguments = ('mfa', 'status', '--profile', person.profile)
    soon = person.at_terminal(*arguments).finish()
    assert '\033[33m' in soon.stdout and '  9m\033[0m' in soon.stdout
    plain = person.at_terminal(*arguments, NO_COLOR='1').finish()
    assert '\033' not in plain.stdout
    in_json = person.at_terminal(*arguments, '--output', 'json').finish()
    assert json.loads(in_json.stdout)['Sessions']
    short = person.ok(*arguments, '--short')
    assert short.stdout.startswith(f'{person.profile} ')
    assert short.stdout.endswith('m\n')


def test_exit_code_and_default_output(person: Person) -> None:
    """With --profile it is 0 for a session that is usable, else 1."""
    role = person.aws.create_role(f'admin-{person.user.name}')
    _with_roles(person, role)
    arguments = ('mfa', 'status', '--profile')
    none = person.run(*arguments, person.profile)
    assert (none.code, none.json()) == (1, {'Sessions': []})
    assert person.ok('mfa', 'status').json() == {'Sessions': []}

    person.login()
    config = person.config_file.read_text()
    person.config_file.write_text(
        config.replace(
            f'[profile {person.profile}]\n',
            f'[profile {person.profile}]\noutput = text\n',
        )
        + '[profile another]\nregion = eu-west-1\n'
    )
    own = person.ok(*arguments, person.profile)
    assert own.stdout.startswith('SESSIONS\t')
    assert person.ok(*arguments, role.name).json()['Sessions'] != []
    assert person.run(*arguments, 'another').code == 1
    person.user.rotate_access_key()
    person.write_credentials({person.profile: person.user})
    rotated = person.run(*arguments, person.profile)
    assert (rotated.code, rotated.stdout) == (1, '')
    assert [call.operation for call in person.aws.requests()] == [
        'GetSessionToken'
    ]


def test_role_login_to_its_last_minute(person: Person) -> None:
    """It says what commands do, and whose device the role came from."""
    role = person.aws.create_role(f'admin-{person.user.name}')
    arguments = ('mfa', 'status', '--profile', person.profile)
    commands = ('s3', 'ls', '--profile', person.profile)
    person.login('--role-arn', role.arn, '--duration-seconds', '7200')
    (session,) = person.ok(*arguments).json()['Sessions']
    serial_number = person.user.device.serial_number
    assert session['SerialNumber'] == serial_number
    assert session['Account'] == serial_number.split(':')[4]
    assert [role['Profile'] for role in session['Roles']] == [person.profile]

    # A role of the same access key has no part in it.
    other = person.aws.create_role(f'other-{person.user.name}')
    with person.config_file.open('a') as file:
        file.write(
            f'[profile other]\nrole_arn = {other.arn}\n'
            f'source_profile = {person.profile}\n'
        )
    assert session['Profiles'] == [person.profile]
    none = person.run('mfa', 'status', '--profile', 'other')
    assert (none.code, none.json()) == (1, {'Sessions': []})
    nothing = person.ok('mfa', 'logout', '--profile', 'other')
    assert nothing.stdout.startswith(
        'Profile other has no MFA session to end.\n'
    )

    (path,) = person.cached_files()
    entry = json.loads(path.read_text())
    for left, code in ((600, 0), (50, 1)):
        expiration = datetime.now(timezone.utc) + timedelta(seconds=left)
        entry['Credentials']['Expiration'] = expiration.strftime(
            '%Y-%m-%dT%H:%M:%SZ'
        )
        path.write_text(json.dumps(entry))
        assert person.run(*arguments).code == code
        assert bool(person.run(*commands).code) is bool(code)
