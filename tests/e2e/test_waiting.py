# SPDX-License-Identifier: Apache-2.0
"""Waiting for somebody who logs in elsewhere."""

from __future__ import annotations

import os
import select
import subprocess

import pytest

from tests.e2e.person import PROMPT, Person

NATIVE = ('sts', 'get-caller-identity')
WAITING = 'for: aws mfa login --profile s3-cli-user'


def read_until(process: subprocess.Popen[str], expected: str) -> str:
    """Read standard error until something is there, or a minute is over."""
    assert process.stderr is not None
    said = ''
    while expected not in said:
        assert select.select([process.stderr], [], [], 60)[0], said
        read = os.read(process.stderr.fileno(), 4096).decode()
        assert read, said
        said += read
    return said


@pytest.mark.parametrize(
    'command',
    [NATIVE, ('mfa', 'login', '--wait'), ('mfa', 'status', '--wait', '60')],
    ids=['mfa_wait', 'login', 'status'],
)
def test_it_goes_on_when_there_is_a_session(
    person: Person, command: tuple[str, ...]
) -> None:
    """Jobs and agents need somebody to log in, and not a second start."""
    if command == NATIVE:
        person.ok(
            *('configure', 'set', 'mfa_wait', '60'),
            *('--profile', person.profile),
        )
    process = person.start(
        *command, '--profile', person.profile, CLAUDECODE='1'
    )
    said = read_until(process, WAITING)
    assert said.startswith('Waiting up to ')
    person.login()
    output, rest = process.communicate(timeout=60)
    assert (process.returncode, rest.strip()) == (0, '')
    if command[:2] == ('mfa', 'login'):
        assert 'Profile s3-cli-user has an MFA session until' in output
    assert person.aws.requests()[0].operation == 'GetSessionToken'


def test_four_jobs_wait_once(person: Person) -> None:
    """What they wait for is said once for their terminal, with no prompt."""
    person.ok(
        *('configure', 'set', 'mfa_wait', '60'),
        *('--profile', person.profile),
    )
    person.variables.update(AWS_PROFILE=person.profile, AWS_MFA_PROMPT='never')
    terminal = person.in_shell(
        """
        for number in 1 2 3 4; do
            "$0" "$@" >/dev/null && echo "done $number" &
        done
        wait
        """,
        *NATIVE,
    )
    terminal.expect_exact('Waiting up to')
    person.login()
    # The first that goes on takes the line away.
    terminal.expect_exact('--profile s3-cli-user\r\033[K')
    terminal.expect_exact('done ')
    assert terminal.finish().code == 0
    assert terminal.shown.count('done ') == 4
    assert terminal.shown.count('Waiting up to') == 1
    assert PROMPT not in terminal.shown


def test_it_waits_no_longer_than_it_is_told(person: Person) -> None:
    """Afterwards the command fails as it would have at once."""
    profile = ('--profile', person.profile)
    person.ok('configure', 'set', 'mfa_wait', '1', *profile)
    no_session = person.exit_codes.configuration
    for command, code in (
        (NATIVE, no_session),
        (('mfa', 'login', '--wait', '1'), no_session),
        (('mfa', 'status', '--wait', '1'), 1),
    ):
        result = person.run(*command, *profile)
        assert result.code == code, (command, result)
        assert WAITING in result.stderr
    for command in (
        ('mfa', 'login', '--wait', 'soon'),
        ('mfa', 'login', '--wait', '--force'),
        ('mfa', 'status', '--wait', 'soon'),
    ):
        result = person.run(*command, *profile)
        assert result.code == person.exit_codes.usage
    assert person.aws.requests() == []


def test_a_login_to_a_role_waits_for_what_it_needs(person: Person) -> None:
    """It goes on as the role, which the MFA session may be enough for."""
    role = person.aws.create_role(f'{person.user.name}-app')
    person.write_profiles(
        {
            person.profile: {'mfa_serial': person.user.device.serial_number},
            'app': {'role_arn': role.arn, 'source_profile': person.profile},
        }
    )
    to_role = ('--profile', person.profile, '--role-arn', role.arn)
    long = ('--duration-seconds', '7200')
    waiting = [
        person.start('mfa', 'login', '--wait', '60', *arguments)
        for arguments in (to_role, (*to_role, *long), ('--profile', 'app'))
    ]
    chained, direct, source = waiting
    read_until(chained, 'mfa login --profile s3-cli-user (in')
    read_until(direct, f'--role-arn {role.arn} --duration-seconds 7200 (in')
    read_until(source, 'mfa login --profile app (in')
    person.login()
    for process in (source, chained):
        output, rest = process.communicate(timeout=60)
        assert (process.returncode, rest) == (0, '')
        whose = 'app' if process is source else person.profile
        assert output.startswith(f'Profile {whose} has ')
    assert direct.poll() is None
    result = person.ok(*NATIVE, '--profile', person.profile)
    assert result.json()['Arn'].split('/')[1] == role.arn.rpartition('/')[2]
    person.login('--role-arn', role.arn, *long)
    output, rest = direct.communicate(timeout=60)
    assert (direct.returncode, rest) == (0, '')
    assert f' has a session of {role.arn} until' in output
