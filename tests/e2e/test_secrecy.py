# SPDX-License-Identifier: Apache-2.0
"""No secret in output, in ``--debug``, in the history, or in any file."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

import pytest

from tests.e2e.person import Person

LOGIN = ('mfa', 'login', '--debug', '--force')


@pytest.fixture
def recorded(person: Person) -> Person:
    """Give somebody whose commands the CLI keeps in its history."""
    with person.config_file.open('a') as file:
        file.write('cli_history = enabled\n')
    person.variables['AWS_PROFILE'] = person.profile
    return person


def session_secrets(person: Person) -> list[str]:
    """Return the secret key and the session token in the cache."""
    [session] = person.sessions()
    given = session['Credentials']
    return [given['SecretAccessKey'], given['SessionToken']]


def found(secret: str, text: str) -> bool:
    """Tell whether a text holds a secret; a code, as a number by itself."""
    return re.search(rf'(?<![0-9A-Za-z]){re.escape(secret)}', text) is not None


def files_with(person: Person, secret: str) -> set[str]:
    """Return which folders of the home hold a file with a secret in it."""
    return {
        str(path.parent.relative_to(person.home))
        for path in person.home.rglob('*')
        if path.is_file()
        and found(secret, path.read_bytes().decode('latin-1'))
    }


def history(person: Person) -> list[tuple[str, Any]]:
    """Return the CLI's own history: kinds of events and their payloads."""
    path = person.home / '.aws' / 'cli' / 'history' / 'history.db'
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute(
            'SELECT event_type, payload FROM records ORDER BY timestamp'
        ).fetchall()
    finally:
        connection.close()
    return [(kind, json.loads(payload)) for kind, payload in rows]


@pytest.mark.parametrize('way', ['option', 'joined option', 'prompt'])
def test_login_tells_no_secret(recorded: Person, way: str) -> None:
    """Neither debug output nor a file but the cache gets a login's secrets."""
    code = recorded.user.device.code()
    if way == 'prompt':
        terminal = recorded.at_terminal(*LOGIN)
        terminal.answer(code)
        assert terminal.finish().code == 0
        output = terminal.shown
    else:
        option = {
            'option': ['--token-code', code],
            'joined option': [f'--token-code={code}'],
        }[way]
        result = recorded.ok(*LOGIN, *option)
        output = result.stdout + result.stderr
    secrets = session_secrets(recorded)
    assert 'MainThread - awscli.clidriver - DEBUG' in output
    assert 'has an MFA session until' in output
    for secret in (code, recorded.user.secret_access_key, *secrets):
        assert not found(secret, output)
    assert files_with(recorded, code) == set()
    for secret in secrets:
        assert files_with(recorded, secret) == {'.aws/cli/mfa-cache'}
    assert files_with(recorded, recorded.user.secret_access_key) == {'.aws'}


def test_login_by_an_alias_tells_no_secret(recorded: Person) -> None:
    """Debug output masks the option; the session is recorded nowhere."""
    alias = recorded.home / '.aws' / 'cli' / 'alias'
    alias.parent.mkdir()
    alias.write_text(
        '[toplevel]\nml = mfa login\n'
        'shell = !f() { "$AWS_PROGRAM" mfa login --token-code "$1"; }; f\n'
    )
    recorded.variables['AWS_PROGRAM'] = recorded.host.aws
    code = recorded.user.device.code()
    for command in (['ml', '--token-code'], ['shell', '--token-code']):
        result = recorded.run(*command, code, '--debug')
        output = result.stdout + result.stderr
        assert 'awscli.alias - DEBUG' in output
        assert not found(code, output)
    for secret in session_secrets(recorded):
        assert not found(secret, output)
        assert files_with(recorded, secret) == {'.aws/cli/mfa-cache'}


def test_prompt_of_a_command_tells_no_secret(recorded: Person) -> None:
    """The STS call inside a native command is in neither log nor history."""
    code = recorded.user.device.code()
    terminal = recorded.at_terminal('s3', 'ls', '--debug')
    terminal.answer(code)
    assert terminal.finish().code == 0
    calls = [call.operation for call in recorded.aws.requests()]
    assert calls == ['GetSessionToken', 'ListBuckets']
    secret_key, session_token = session_secrets(recorded)

    assert 'MainThread - botocore.endpoint - DEBUG' in terminal.shown
    for secret in (code, secret_key, recorded.user.secret_access_key):
        assert not found(secret, terminal.shown)
    # The host logs the headers of its own requests, and each carries the
    # token; ours may not show it before.
    before, signed, _ = terminal.shown.partition('x-amz-security-token:')
    assert signed
    assert not found(session_token, before)
    assert 'TokenCode' not in terminal.shown
    assert '<SessionToken>' not in terminal.shown

    events = history(recorded)
    api_calls = [
        event['operation'] for kind, event in events if kind == 'API_CALL'
    ]
    assert api_calls == ['ListBuckets']
    assert ('CLI_ARGUMENTS', ['s3', 'ls', '--debug']) in events
    assert ('CLI_RC', 0) in events
    for kind, event in events:
        text = json.dumps(event)
        assert not found(code, text), kind
        assert not found(secret_key, text), kind
        assert kind == 'HTTP_REQUEST' or not found(session_token, text)


def test_history_of_other_commands_goes_on(recorded: Person) -> None:
    """``aws mfa`` leaves no record; the command after it leaves its own."""
    code = recorded.user.device.code()
    recorded.ok('mfa', 'login', '--token-code', code)
    recorded.ok('sts', 'get-caller-identity')
    events = history(recorded)
    arguments = [event for kind, event in events if kind == 'CLI_ARGUMENTS']
    assert arguments == [['sts', 'get-caller-identity']]
    api_calls = [
        event['operation'] for kind, event in events if kind == 'API_CALL'
    ]
    assert api_calls == ['GetCallerIdentity']
    assert not found(code, json.dumps(events))
