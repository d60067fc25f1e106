# SPDX-License-Identifier: Apache-2.0
"""v2's completion of resources uses a session that is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.person import PROMPT, Person, Result
from tests.standin import User


def completer(person: Person) -> list[str]:
    """Return the program that a shell runs for the Tab key."""
    aws = Path(person.host.aws).resolve()
    beside = aws.with_name('aws_completer')
    if beside.exists():
        return [str(beside)]
    # Debian has it in another folder than "aws".
    script = person.home / 'aws_completer'
    script.write_text(
        aws.read_text().replace('/usr/bin/aws', '/usr/libexec/aws_completer')
    )
    return ['sh', str(script)]


def complete(person: Person, line: str, **variables: str) -> Result:
    """Type a command line, and the Tab key, at a terminal."""
    terminal = person.at_terminal(
        program=completer(person), COMP_LINE=line, **variables
    )
    return terminal.finish()


def test_the_names_of_roles(
    person: Person, new_user: Callable[[], User]
) -> None:
    """They are found with a session, and nobody is asked for a code."""
    other = new_user()
    role = f'{person.user.name}-role'
    person.aws.create_role(role)
    person.write_profiles(
        {
            person.profile: {'mfa_serial': person.user.device.serial_number},
            'other': {
                'mfa_serial': other.device.serial_number,
                'credential_process': 'awscli-mfa credentials',
            },
        }
    )
    person.write_credentials(
        {person.profile: person.user, 'other-long-term': other}
    )
    person.login()
    person.aws.clear_requests()

    command = f'iam get-role --role-name {person.user.name}-'
    line = f'aws {command}'
    named = f'aws --profile {person.profile} {command}'
    found = [
        complete(person, line, AWS_PROFILE=person.profile),
        complete(person, named, AWS_PROFILE='other'),
    ]
    expected = role if person.host.is_v2 else ''
    assert [each.stdout.strip() for each in found] == [expected] * 2
    assert [
        (call.operation, call.key_kind, call.status)
        for call in person.aws.requests()
    ] == [('ListRoles', 'mfa-session', 200)] * (2 if expected else 0)

    asked = complete(person, line, AWS_PROFILE='other')
    assert PROMPT not in asked.stdout
    assert asked.stdout.strip() == ''
