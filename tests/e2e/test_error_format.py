# SPDX-License-Identifier: Apache-2.0
"""Errors of ours have the shape and the exit code of the host's own."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.person import Person

NATIVE = ('sts', 'get-caller-identity')
MFA = ('mfa', 'export-credentials')

# The AWS CLI writes errors in several formats from this version on.
WITH_FORMATS = (2, 34)


def error_of(
    person: Person, *arguments: str, code: int, **variables: str
) -> str:
    """Run a command that fails with an exit code; return what it says."""
    failed = person.run(*arguments, **variables)
    assert (failed.code, failed.stdout) == (code, ''), (arguments, failed)
    return failed.stderr.strip()


def test_as_the_host_does_without_credentials(person: Person) -> None:
    """A missing session is written and counts as missing credentials do."""
    missing = person.exit_codes.configuration
    hosts = error_of(person, *NATIVE, '--region', 'eu-west-1', code=missing)
    before, said, _ = hosts.partition('Unable to locate credentials')
    assert said
    sentence = (
        f'Profile {person.profile} has no valid MFA session. Start one with: '
        f'aws mfa login --profile {person.profile}'
    )
    expected = before.replace('NoCredentials', 'Configuration') + sentence
    person.variables['AWS_PROFILE'] = person.profile
    for command in (NATIVE, MFA):
        assert error_of(person, *command, code=missing) == expected
    if person.host.version < WITH_FORMATS:
        return

    def in_json(*arguments: str, code: int) -> Any:
        json_format = ('--cli-error-format', 'json')
        return json.loads(
            error_of(person, *arguments, *json_format, code=code)
        )

    no_session = {'Code': 'Configuration', 'Message': sentence}
    for command in (NATIVE, MFA):
        assert in_json(*command, code=missing) == no_session
    assert (
        error_of(person, *NATIVE, code=missing, AWS_CLI_ERROR_FORMAT='text')
        == f'Configuration\t{sentence}'
    )
    person.ok('configure', 'set', 'cli_error_format', 'legacy')
    legacy = error_of(person, *NATIVE, code=missing)
    assert legacy == f'aws: [ERROR]: {sentence}'

    wrong = ('mfa', 'login', '--token-code')
    usage = in_json(*wrong, '12', code=person.exit_codes.usage)
    assert usage['Code'] == 'ParamValidation'
    assert 'exactly six digits' in usage['Message']
    wrong_code = person.user.device.wrong_code()
    refusal = in_json(*wrong, wrong_code, code=person.exit_codes.service)
    assert set(refusal) == {'Code', 'Message'}
    assert refusal['Code'] == 'AccessDenied'
    assert refusal['Message'].endswith('so wait for the next one.')
