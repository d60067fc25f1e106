# SPDX-License-Identifier: Apache-2.0
"""Commands that a coding agent runs: nobody is asked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.outside import install_awscli_mfa, put_on_path
from tests.e2e.person import PROMPT, Person
from tests.standin import Role

NATIVE = ('sts', 'get-caller-identity')
AGENT = {'CLAUDECODE': '1'}

_REGISTER = """
import boto3
import awscli_mfa_plugin

session = boto3.Session()
awscli_mfa_plugin.register(session)
session.client('sts').get_caller_identity()
"""


@pytest.fixture
def role(person: Person) -> Role:
    """Have agents be a role in the place of the person's profile."""
    role = person.aws.create_role(f'{person.user.name}-readonly')
    person.write_profiles(
        {
            person.profile: {
                'mfa_serial': person.user.device.serial_number,
                'mfa_agent_role': 'readonly',
            },
            'readonly': {
                'role_arn': role.arn,
                'source_profile': person.profile,
            },
        }
    )
    person.variables['AWS_PROFILE'] = person.profile
    return role


def signers(person: Person) -> list[str | None]:
    """Return who signed what reached AWS since this was asked."""
    found = [call.role_name or call.key_kind for call in person.aws.requests()]
    person.aws.clear_requests()
    return found


@pytest.mark.parametrize(
    'variables',
    [
        {'CLAUDECODE': '1'},
        {'CODEX_THREAD_ID': '019a'},
        {'GEMINI_CLI': '1', 'AWS_MFA_PROMPT': ''},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_a_command_of_an_agent_fails_at_once(
    person: Person, variables: dict[str, str]
) -> None:
    """The agent's terminal stays silent, and the error says what to do."""
    person.variables.update(variables, AWS_PROFILE=person.profile)
    terminal = person.in_shell('"$0" "$@" >out 2>err; exit $?', *NATIVE)
    ended = terminal.finish()
    assert ended.code == person.exit_codes.configuration
    assert ended.stdout == ''
    said = (person.home / 'err').read_text()
    assert said.strip().endswith(
        'Profile s3-cli-user has no valid MFA session, and a coding agent '
        'is not asked for a code. Start one in a terminal of your own with: '
        'aws mfa login --profile s3-cli-user'
    )
    assert person.aws.requests() == []


def test_a_login_of_an_agent_fails_at_once(person: Person) -> None:
    """Without a code there is no login; with one it is as ever."""
    person.variables.update(CLAUDECODE='1', AWS_PROFILE=person.profile)
    terminal = person.in_shell('"$0" mfa login >out 2>err; exit $?')
    ended = terminal.finish()
    assert (ended.code, ended.stdout) == (person.exit_codes.usage, '')
    said = (person.home / 'err').read_text()
    assert 'Run "aws mfa login" in a terminal of your own' in said
    assert person.aws.requests() == []
    person.login()
    person.ok(*NATIVE)


def test_a_person_may_have_agents_ask(person: Person) -> None:
    """``AWS_MFA_PROMPT=auto`` counts, for who runs an agent on purpose."""
    person.variables.update(CLAUDECODE='1', AWS_PROFILE=person.profile)
    terminal = person.at_terminal(*NATIVE, AWS_MFA_PROMPT='auto')
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    assert terminal.shown.count(PROMPT) == 1


def test_an_agent_has_a_role_of_its_own(
    person: Person, role: Role, plugin_folder: Path, tmp_path: Path
) -> None:
    """Commands, exports and SDKs of an agent are that role, and no more."""
    put_on_path(person, tmp_path / 'bin', {'env': '/usr/bin/env'})
    install_awscli_mfa(tmp_path / 'bin', plugin_folder)
    # The note that the login leaves is of the session, a person's alone.
    person.login(**AGENT)
    larger = person.ok('credentials', program=['awscli-mfa']).json()
    assert signers(person) == ['long-term']

    # AWS gives this to long-term keys alone, which an agent has not got.
    person.run('sts', 'get-session-token', **AGENT)
    assert signers(person) == ['mfa-session', role.name]
    exported = person.ok('mfa', 'export-credentials', **AGENT).json()
    smaller = person.ok('credentials', program=['awscli-mfa'], **AGENT).json()
    assert exported == smaller
    assert smaller['AccessKeyId'] != larger['AccessKeyId']
    person.ok('mfa', 'exec', '--', 'aws', *NATIVE, **AGENT)
    person.ok('-c', _REGISTER, program=[sys.executable], **AGENT)
    assert signers(person) == [role.name] * 2

    person.ok(*NATIVE)
    assert signers(person) == ['mfa-session']
    assert person.ok('credentials', program=['awscli-mfa']).json() == larger


def test_an_agent_is_never_more_than_its_role(
    person: Person, role: Role
) -> None:
    """Without a session or the role there is one sentence, no request."""
    refused = person.run(*NATIVE, **AGENT)
    assert refused.code == person.exit_codes.configuration
    assert (
        f'Profile {person.profile} has no valid MFA session, and a coding '
        'agent is not asked for a code. Start one in a terminal of your own '
        f'with: aws mfa login --profile {person.profile}'
    ) in refused.stderr
    person.login()
    signers(person)
    config = person.config_file.read_text()
    person.config_file.write_text(config.replace('readonly]', 'other]'))
    refused = person.run(*NATIVE, **AGENT)
    assert refused.code == person.exit_codes.configuration
    assert refused.stderr.strip().endswith(
        'A coding agent runs this command, and mfa_agent_role = readonly of '
        f'profile {person.profile} cannot be used: there is no such profile. '
        'Name a role profile that is assumed from the MFA session of '
        f'{person.profile}: aws configure set mfa_agent_role ROLE_PROFILE '
        f'--profile {person.profile}'
    )
    assert signers(person) == []
