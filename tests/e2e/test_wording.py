# SPDX-License-Identifier: Apache-2.0
"""What the commands say when a command line is nearly right."""

from __future__ import annotations

import json
import re

from tests.e2e.person import Person


def test_nearly_right_command_lines(person: Person) -> None:
    """The message has the command line that was meant."""
    role = person.aws.create_role(f'admin-{person.user.name}')
    with person.config_file.open('a') as file:
        file.write(
            f'[profile admin]\nrole_arn = {role.arn}\n'
            f'source_profile = {person.profile}\n'
        )
    for arguments, words in {
        ('exec', '--profile', person.profile, 'env'): (
            'Put -- before the command: aws mfa exec --profile '
            f'{person.profile} -- env'
        ),
        ('exec', 'admin', '--', 'env'): 'Did you mean --profile admin?',
        ('login', person.profile): f'Did you mean --profile {person.profile}?',
        ('status', 'x', '--y'): (
            'Unknown options: x, --y. For help: aws mfa status help'
        ),
        ('configure-sdk', '--profile', 'admin'): (
            'Profile admin is a role. Run it for its source: aws mfa '
            f'configure-sdk --profile {person.profile}. The role then works.'
        ),
        (): '\n  export-credentials  Print a profile',
    }.items():
        result = person.run('mfa', *arguments)
        assert result.code == person.exit_codes.usage, (arguments, result)
        assert words in result.stderr
        assert result.stdout == ''
        assert 'Traceback' not in result.stderr
    for help_command in (('mfa', '--help'), ('mfa', 'login', '--help')):
        page = re.sub('.\x08', '', person.ok(*help_command).stdout)
        assert 'MFA session' in ' '.join(page.split())
    assert person.aws.requests() == []


def test_logout_names_who_has_a_session(person: Person) -> None:
    """A profile without one is told whose there is."""
    person.login()
    nothing = person.ok('mfa', 'logout')
    assert nothing.stdout == (
        'Profile default has no MFA session to end.\n'
        f'There is one for: {person.profile}. To end it: aws mfa logout '
        f'--profile {person.profile}\n'
    )
    # What Claude Code's awsCredentialExport takes.
    exported = person.ok(
        'mfa',
        'export-credentials',
        '--profile',
        person.profile,
        '--format',
        'sts',
    )
    (kept,) = person.sessions()
    assert json.loads(exported.stdout) == {'Credentials': kept['Credentials']}
