# SPDX-License-Identifier: Apache-2.0
"""A session that ends soon: a person at a terminal is told, once."""

from __future__ import annotations

from tests.e2e.person import Person

NATIVE = ('sts', 'get-caller-identity', '--query', 'Account')

# Broken between words, with the command in one piece.
TOLD = (
    'The MFA session of profile s3-cli-user ends in 28 minutes. Renew it with:'
    '\r\naws mfa login --force --profile s3-cli-user\r\n'
)


def test_its_end_is_told_once_at_a_terminal(person: Person) -> None:
    """A pipe and an agent hear nothing, and do not use it up."""
    person.variables['AWS_PROFILE'] = person.profile
    person.aws.session_seconds(28 * 60 + 20)
    person.login()
    assert person.ok(*NATIVE).stderr == ''
    agent = person.at_terminal(*NATIVE, CLAUDECODE='1')
    assert 'ends in' not in agent.finish().stdout
    jobs = person.in_shell(
        'for number in 1 2 3; do "$0" "$@" >/dev/null & done; wait', *NATIVE
    )
    assert jobs.finish().stdout == TOLD
    (note,) = person.cache.glob('*.told')
    assert note.stat().st_mode & 0o777 == 0o600
    person.ok('mfa', 'logout')
    assert not list(person.cache.glob('*.told'))


def test_the_end_of_a_role_is_told_too(person: Person) -> None:
    """A role profile names itself, and a login's role the role."""
    role = person.aws.create_role(f'{person.user.name}-app')
    person.write_profiles(
        {
            person.profile: {'mfa_serial': person.user.device.serial_number},
            'app': {'role_arn': role.arn, 'source_profile': person.profile},
        }
    )
    person.aws.session_seconds(1000, kind='session')
    person.aws.session_seconds(900, kind='role')
    person.login()
    said = person.at_terminal(*NATIVE, '--profile', 'app').finish()
    assert said.stdout.startswith(
        'The MFA session of profile app ends in 17 minutes. Renew it with:\r\n'
        'aws mfa login --force --profile app\r\n'
    )
    person.ok(
        *('mfa', 'login', '--role-arn', role.arn),
        *('--profile', person.profile),
    )
    said = person.at_terminal(*NATIVE, '--profile', person.profile).finish()
    assert said.stdout.startswith(f'The session of {role.arn}')
    # A command that is wider than the terminal is left in one piece.
    assert (
        ' minutes. Renew it with:\r\naws mfa login --force '
        f'--profile s3-cli-user --role-arn {role.arn}\r\n'
    ) in said.stdout
