# SPDX-License-Identifier: Apache-2.0
"""Commands that a coding agent runs: nobody is asked."""

from __future__ import annotations

import pytest

from tests.e2e.person import PROMPT, Person

NATIVE = ('sts', 'get-caller-identity')


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
