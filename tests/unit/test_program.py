# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.program, where no AWS CLI is needed."""

from __future__ import annotations

import json
from configparser import RawConfigParser

import pytest

from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.standalone import main
from tests.unit.conftest import (
    Answer,
    FakeSTS,
    FakeTerminal,
    Home,
    given,
    make_mfa_session,
    refused,
)
from tests.unit.names import (
    ACCESS_KEY_ID,
    KEY,
    LONG_TERM,
    TOKEN_CODE,
    WORK,
    WRONG_CODE,
)

LOGIN = ['login', '--profile', 'work', '--token-code', TOKEN_CODE]


@pytest.fixture
def configured(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Give a home with a profile, and a PATH without an AWS CLI."""
    monkeypatch.setenv('PATH', str(home.path))
    home.write(WORK, LONG_TERM)
    return home


def test_a_day_without_the_aws_cli(
    configured: Home, sts: FakeSTS, capfd: pytest.CaptureFixture[str]
) -> None:
    """Login, credentials for an SDK, status and logout work by themselves."""
    assert main(LOGIN) == 0
    assert 'Profile work has an MFA session until ' in capfd.readouterr().out
    (request,) = sts.requests
    assert request.access_key_id == ACCESS_KEY_ID
    assert request.parameters['TokenCode'] == TOKEN_CODE

    assert main(['credentials', '--profile', 'work']) == 0
    document = json.loads(capfd.readouterr().out)
    session = sts.sessions[0].credentials
    assert document == {'Version': 1, **session.as_json()}

    assert main(['status', '--profile', 'work']) == 0
    (shown,) = json.loads(capfd.readouterr().out)['Sessions']
    assert shown['Profiles'] == ['work']

    assert main(['logout', '--profile', 'work']) == 0
    assert capfd.readouterr().out.startswith('Ended the MFA session of ')
    assert MFASessionCache().get(KEY) is None
    assert len(sts.requests) == 1
    # The note of an AWS CLI names one, which this is not.
    assert not (configured.cache / 'cli.json').exists()


def test_a_file_that_cannot_be_read_to_its_end(
    configured: Home,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What Python before 3.13 makes of it is one sentence."""
    monkeypatch.setattr(
        RawConfigParser, 'get', lambda *args, **kwargs: ['a line']
    )
    assert main(LOGIN) == 255
    assert capfd.readouterr().err == (
        'The config or the credentials file could not be read to its end. '
        'Run the command again.\n'
    )


def test_credentials_that_make_no_sense(
    configured: Home, sts: FakeSTS, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nobody is told to store a key that is in the file; a logout goes on."""
    main(LOGIN)
    capfd.readouterr()
    configured.write(WORK, LONG_TERM + '[x]\n[x]\n')
    for command in (LOGIN, ['list-devices', '--profile', 'work']):
        assert main(command) == 255
        assert 'Unable to parse config file: ' in capfd.readouterr().err
    main(['logout', '--profile', 'work'])
    assert MFASessionCache().get(KEY) is None


def test_a_compatible_service(
    configured: Home, sts: FakeSTS, capfd: pytest.CaptureFixture[str]
) -> None:
    """A login works with what Ceph's gateway answers, on every Python."""
    answer = given(make_mfa_session())
    body = answer.body.replace('Z</Exp', '.123456789Z</Exp')
    assert body != answer.body
    sts.answers = [
        Answer(403, '<Error><Code>AccessDenied</Code><Message/></Error>'),
        Answer(200, body),
    ]
    assert main(LOGIN) == 255
    assert 'does not say why' in capfd.readouterr().err
    assert main([*LOGIN[:-1], '314159']) == 0
    assert 'Profile work has an MFA session until ' in capfd.readouterr().out
    assert MFASessionCache().get(KEY) is not None


def test_two_profiles_in_the_environment(
    configured: Home,
    sts: FakeSTS,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """It is for the person to say which, but where none is needed."""
    monkeypatch.setenv('AWS_PROFILE', 'work')
    monkeypatch.setenv('AWS_DEFAULT_PROFILE', 'other')
    assert main(['login', '--token-code', TOKEN_CODE]) == 1
    assert capfd.readouterr().err.endswith(
        'Name a profile: awscli-mfa login --profile work\n'
    )
    assert sts.requests == []
    assert main(LOGIN) == 0
    assert main(['status', '--profile', 'work']) == 0
    assert main(['logout', '--all']) == 0


def test_credentials_ask_for_a_code(
    configured: Home,
    sts: FakeSTS,
    terminal: FakeTerminal,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Without a session an SDK's process asks at the terminal."""
    terminal.answers = ['123456']
    assert main(['credentials', '--profile', 'work']) == 0
    document = json.loads(capfd.readouterr().out)
    assert document['AccessKeyId'] == 'ASIASESSIONEXAMPLE1'
    assert len(terminal.prompts) == 1


def test_the_remedy_can_be_run_here(
    configured: Home, sts: FakeSTS, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where there is no AWS CLI a message names this program."""
    assert main(['credentials', '--profile', 'work']) == 255
    output, errors = capfd.readouterr()
    assert output == ''
    assert errors.endswith('Start one with: awscli-mfa login --profile work\n')


def test_refusals_and_usage(
    configured: Home, sts: FakeSTS, capfd: pytest.CaptureFixture[str]
) -> None:
    """Errors are one message on standard error, with v1's exit codes."""
    sts.answers = [refused(WRONG_CODE)]
    assert main(LOGIN) == 255
    errors = capfd.readouterr().err
    assert 'The code was wrong or already used' in errors
    assert TOKEN_CODE not in errors
    assert main([*LOGIN[:-1], '12345']) == 2
    assert 'exactly six digits' in capfd.readouterr().err
    assert main(['login', '--profile', 'gone']) == 255
    assert 'The profile gone could not be found' in capfd.readouterr().err
    assert main(['credentials', '--profile', 'gone']) == 255
    assert 'gone' in capfd.readouterr().err


def test_help_names_the_options(capfd: pytest.CaptureFixture[str]) -> None:
    """They are those of ``aws mfa login``, in plain text."""
    with pytest.raises(SystemExit) as ended:
        main(['login', '--help'])
    assert ended.value.code == 0
    shown = capfd.readouterr().out
    assert '--token-code' in shown
    assert '--duration-seconds' in shown
    assert '<code>' not in shown
