# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.login."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import Any

import pytest

from awscli_mfa_plugin.cache.notes import find_credentials
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.commands.login import LoginCommand
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions import (
    InvalidProfileValueError,
    InvalidSerialNumberError,
    NotMFAProfileError,
    UnknownProfileError,
    UsageError,
)
from awscli_mfa_plugin.exceptions.answers import TokenCodeRefusedError
from awscli_mfa_plugin.exceptions.files import (
    ConfigWriteError,
    HiddenLongTermCredentialsError,
)
from awscli_mfa_plugin.exceptions.profiles import NotLongTermCredentialsError
from awscli_mfa_plugin.exceptions.token_codes import (
    InvalidTokenCodeError,
    NoTerminalError,
    NoTokenCodeError,
)
from tests.unit.conftest import (
    FakeSTS,
    FakeTerminal,
    Home,
    make_mfa_session,
    refused,
)
from tests.unit.names import (
    ACCESS_KEY_ID,
    DEVICE,
    HARDWARE,
    KEY,
    KEYS,
    LONG_TERM,
    ROLE,
    SERIAL,
    WORK,
    WRONG_CODE,
)


def login(
    home: Home, profile: str | None = 'work', **arguments: Any
) -> tuple[int, Any]:
    """Run ``aws mfa login`` and return its exit code and the session."""
    options = {
        option['name'].replace('-', '_'): (
            False if option.get('action') == 'store_true' else None
        )
        for option in LoginCommand.ARG_TABLE
    }
    given = {**options, 'token_code': '123456', **arguments}
    session = home.session(**({} if profile is None else {'profile': profile}))
    result = LoginCommand(session).run(
        argparse.Namespace(**given),
        argparse.Namespace(region=None, endpoint_url=None, verify_ssl=None),
    )
    return result, session


def test_login(
    home: Home, sts: FakeSTS, capsys: pytest.CaptureFixture[str]
) -> None:
    """A login buys a session, says until when, and changes no file."""
    home.write(WORK, LONG_TERM)
    assert login(home)[0] == 0
    (request,) = sts.requests
    assert request.parameters['TokenCode'] == '123456'
    assert request.parameters['SerialNumber'] == SERIAL
    output, errors = capsys.readouterr()
    assert output.startswith('Profile work has an MFA session until ')
    assert output.endswith(' (11 hours).\n')
    assert errors == ''
    assert home.config.read_text() == WORK
    assert home.credentials.read_text() == LONG_TERM
    assert MFASessionCache().get(KEY) is not None


def test_login_again(
    home: Home, sts: FakeSTS, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second login costs no code and says how to force one."""
    home.write(WORK, LONG_TERM)
    login(home)
    capsys.readouterr()
    assert login(home, token_code='654321')[0] == 0
    output = capsys.readouterr().out
    assert output.startswith('Profile work already has an MFA session until')
    assert '--force' in output
    assert len(sts.requests) == 1


def test_forced_login(home: Home, sts: FakeSTS) -> None:
    """--force buys a new session."""
    home.write(WORK, LONG_TERM)
    MFASessionCache().put(KEY, make_mfa_session())
    login(home, force=True)
    kept = MFASessionCache().get(KEY)
    assert kept is not None
    assert kept.credentials.access_key_id == 'ASIASESSIONEXAMPLE1'


def test_duration_seconds(home: Home, sts: FakeSTS) -> None:
    """--duration-seconds goes before the profile's."""
    home.write(f'{WORK}duration_seconds = 3600\n', LONG_TERM)
    login(home, duration_seconds=1800)
    login(home, force=True, token_code='654321')
    assert [r.parameters['DurationSeconds'] for r in sts.requests] == [
        '1800',
        '3600',
    ]


@pytest.mark.parametrize('seconds', [0, 899, 129601])
def test_duration_seconds_out_of_bounds(
    home: Home, sts: FakeSTS, seconds: int
) -> None:
    """A length that STS would refuse is a wrong command line."""
    with pytest.raises(UsageError, match='--duration-seconds must be'):
        login(home, duration_seconds=seconds)


def test_new_profile_is_written(
    home: Home, sts: FakeSTS, capsys: pytest.CaptureFixture[str]
) -> None:
    """With aws-mfa's long-term profile alone, the profile is made."""
    home.write(
        '[profile work-long-term]\nregion = eu-west-1\noutput = text\n'
        'cli_pager = less\n',
        LONG_TERM,
    )
    before = home.config.read_text()
    login(home, serial_number=SERIAL)
    assert home.config.read_text() == (
        f'{before}[profile work]\nregion = eu-west-1\noutput = text\n'
        f'mfa_serial = {SERIAL}\n'
    )
    assert (
        f'Saved in {home.config}, profile work: region, output, mfa_serial'
        in capsys.readouterr().out
    )
    assert sts.requests[0].region == 'eu-west-1'


def test_serial_number_is_saved_once(home: Home, sts: FakeSTS) -> None:
    """Given once, --serial-number need not be given again."""
    home.write('[profile work]\nregion = eu-west-1\n', f'[work]\n{KEYS}')
    login(home, serial_number=SERIAL)
    assert home.config.read_text() == (
        f'[profile work]\nregion = eu-west-1\nmfa_serial = {SERIAL}\n'
    )
    assert login(home)[0] == 0
    assert len(sts.requests) == 1


def test_another_serial_number_is_not_saved(
    home: Home, sts: FakeSTS, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second device is used for one login, as good as the first."""
    home.write(WORK, LONG_TERM)
    login(home, serial_number=HARDWARE)
    assert sts.requests[0].parameters['SerialNumber'] == HARDWARE
    assert home.config.read_text() == WORK
    assert capsys.readouterr().err == ''
    assert find_credentials('work') is not None
    login(home)
    assert 'already has an MFA session' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('config', 'added'),
    [
        # The source's name stands in its long-term profile alone.
        ('', f'[profile work]\nmfa_serial = {SERIAL}\n'),
        # A device of the role's own stays the one that is known.
        (f'mfa_serial = {HARDWARE}\n', ''),
    ],
)
def test_device_of_a_role(
    home: Home, sts: FakeSTS, config: str, added: str
) -> None:
    """It belongs to the profile that the role stands on."""
    app = f'[profile app]\nrole_arn = {ROLE}\nsource_profile = work\n{config}'
    home.write(app, LONG_TERM)
    login(home, 'app', serial_number=SERIAL)
    assert home.config.read_text() == app + added


def test_another_serial_number_in_a_new_profile(
    home: Home, sts: FakeSTS
) -> None:
    """The profile that a login makes has the device of its key."""
    home.write('', LONG_TERM + DEVICE)
    login(home, serial_number=HARDWARE)
    assert sts.requests[0].parameters['SerialNumber'] == HARDWARE
    assert home.config.read_text() == WORK


def test_mfa_process_is_of_the_device_of_the_profile(
    home: Home, sts: FakeSTS
) -> None:
    """Its code is not sent for another device, which a person has."""
    home.write(f'{WORK}mfa_process = echo 271828\n', LONG_TERM)
    with pytest.raises(NoTerminalError):
        login(home, serial_number=HARDWARE, token_code=None)
    assert sts.requests == []
    login(home, serial_number=SERIAL, token_code=None)
    assert sts.requests[0].parameters['TokenCode'] == '271828'


def test_failed_login_writes_nothing(home: Home, sts: FakeSTS) -> None:
    """A refused code changes no file and keeps no session."""
    home.write('[profile work]\n', f'[work]\n{KEYS}')
    sts.answers = [refused(WRONG_CODE)]
    with pytest.raises(TokenCodeRefusedError):
        login(home, serial_number=SERIAL)
    assert home.config.read_text() == '[profile work]\n'
    assert MFASessionCache().get(KEY) is None


@pytest.mark.parametrize(
    ('serial_number', 'words'),
    [
        ('arn:aws:iam::123456789012:user/x', 'IAM user'),
        ('arn:aws:iam::123456789012:u2f/user/x/y', 'FIDO'),
        ('short', 'neither an ARN'),
    ],
)
def test_serial_number_that_sts_does_not_take(
    home: Home, sts: FakeSTS, serial_number: str, words: str
) -> None:
    """A bad --serial-number is a wrong command line."""
    with pytest.raises(UsageError, match=words):
        login(home, serial_number=serial_number)


def test_bad_serial_number_of_the_profile(home: Home, sts: FakeSTS) -> None:
    """A bad mfa_serial is a wrong configuration."""
    home.write('[profile work]\nmfa_serial = short\n', LONG_TERM)
    with pytest.raises(InvalidSerialNumberError):
        login(home)


@pytest.mark.parametrize('token_code', ['', '12345', '1234567', 'abcdef'])
def test_malformed_token_code(
    home: Home, sts: FakeSTS, token_code: str
) -> None:
    """A --token-code that is none never reaches AWS."""
    home.write(WORK, LONG_TERM)
    with pytest.raises(InvalidTokenCodeError):
        login(home, token_code=token_code)
    assert sts.requests == []


def test_token_code_on_standard_input(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--token-code -`` reads one line."""
    home.write(WORK, LONG_TERM)
    monkeypatch.setattr(sys, 'stdin', io.StringIO('654 321\n'))
    login(home, token_code='-')
    assert sts.requests[0].parameters['TokenCode'] == '654321'


class TerminalInput(io.StringIO):
    """A standard input that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_token_code_on_a_terminal_as_standard_input(
    home: Home,
    sts: FakeSTS,
    terminal: FakeTerminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a terminal ``--token-code -`` asks, so that nothing shows."""
    home.write(WORK, LONG_TERM)
    stdin = TerminalInput('111111\n')
    monkeypatch.setattr(sys, 'stdin', stdin)
    terminal.answers = ['654321']
    login(home, token_code='-')
    assert sts.requests[0].parameters['TokenCode'] == '654321'
    assert stdin.read() == '111111\n'


def test_token_code_on_closed_standard_input(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--token-code - <&-`` gives no code."""
    home.write(WORK, LONG_TERM)
    monkeypatch.setattr(sys, 'stdin', None)
    with pytest.raises(NoTokenCodeError):
        login(home, token_code='-')


def test_token_code_of_the_terminal(
    home: Home, sts: FakeSTS, terminal: FakeTerminal
) -> None:
    """Without --token-code the code is asked for."""
    home.write(WORK, LONG_TERM)
    terminal.answers = ['654321']
    login(home, token_code=None)
    assert sts.requests[0].parameters['TokenCode'] == '654321'


def test_nobody_to_ask(home: Home, sts: FakeSTS) -> None:
    """Without a code and a terminal the option is named."""
    home.write(WORK, LONG_TERM)
    with pytest.raises(NoTerminalError, match='--token-code'):
        login(home, token_code=None)
    assert sts.requests == []


@pytest.mark.parametrize(
    ('config', 'credentials', 'kind'),
    [
        ('', '', UnknownProfileError),
        (f'{WORK}sso_session = x\n', LONG_TERM, NotMFAProfileError),
        (
            WORK,
            f'{LONG_TERM}aws_session_token = t\n',
            NotLongTermCredentialsError,
        ),
    ],
)
def test_profile_that_cannot_log_in(
    home: Home,
    sts: FakeSTS,
    config: str,
    credentials: str,
    kind: type[Exception],
) -> None:
    """A login says why a profile cannot have a session."""
    home.write(config, credentials)
    with pytest.raises(kind):
        login(home)
    assert sts.requests == []


def test_default_profile(
    home: Home, sts: FakeSTS, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --profile it is the default one."""
    home.write(f'[default]\nmfa_serial = {SERIAL}\n', f'[default]\n{KEYS}')
    login(home, profile=None)
    assert capsys.readouterr().out.startswith('Profile default has an MFA')


@pytest.mark.parametrize(
    ('seconds', 'words'),
    [
        (-5, '0 seconds'),
        (0, '0 seconds'),
        (1, '1 second'),
        (59, '59 seconds'),
        (60, '1 minute'),
        (89, '1 minute'),
        (3599, '1 hour'),
        (3600, '1 hour'),
        (5400, '1 hour 30 minutes'),
        (43080, '11 hours 58 minutes'),
        (43199.4, '12 hours'),
        (129600, '36 hours'),
    ],
)
def test_length_of_time_in_words(seconds: float, words: str) -> None:
    """A length of time reads as people say it."""
    assert format_duration(seconds) == words


def test_a_role_s_section_does_not_get_the_user(home: Home) -> None:
    """--write-credentials would put the user under the name of a role."""
    role = (
        '[profile app]\nrole_arn = arn:aws:iam::1:role/app\n'
        'source_profile = work\n'
    )
    home.write(WORK + role, LONG_TERM)
    with pytest.raises(UsageError, match='Profile app is a role'):
        login(home, 'app', write_credentials=True)
    assert '[app]' not in home.credentials.read_text()


@pytest.mark.parametrize(
    ('config', 'credentials'),
    [
        (f'{WORK}{KEYS}', ''),
        (f'{WORK}credential_process = vault\n', ''),
        (f'{WORK}{KEYS}', '[work]\nregion = x\n'),
    ],
)
@pytest.mark.parametrize('by_habit', [False, True])
def test_a_session_would_hide_the_long_term_key(
    home: Home, sts: FakeSTS, config: str, credentials: str, by_habit: bool
) -> None:
    """A key in the config file is looked for after the credentials file."""
    if by_habit:
        config += 'mfa_write_credentials = true\n'
    home.write(config, credentials)
    with pytest.raises(
        HiddenLongTermCredentialsError, match=r'would hide them\. Move them'
    ):
        login(home, write_credentials=not by_habit)
    assert sts.requests == []
    assert home.credentials.read_text() == credentials


@pytest.mark.parametrize(
    ('config', 'credentials', 'source'),
    [
        (WORK, LONG_TERM, 'work-long-term'),
        (WORK, f'[work]\n{KEYS}', 'work'),
        (f'{WORK}{KEYS}', '', 'work'),
        (
            '[profile work]\n',
            f'{LONG_TERM}aws_mfa_device = {SERIAL}\n',
            'work-long-term',
        ),
    ],
)
def test_a_section_of_its_own_for_the_session(
    home: Home, sts: FakeSTS, config: str, credentials: str, source: str
) -> None:
    """A suffix is all it takes, whatever the layout."""
    home.write(config, credentials)
    login(home, short_term_suffix='mfa', write_credentials=True)
    profiles = home.session().full_config['profiles']
    assert profiles['work-mfa']['aws_access_key_id'] == 'ASIASESSIONEXAMPLE1'
    assert profiles['work-mfa']['mfa_serial'] == SERIAL
    assert profiles['work-mfa']['source_profile'] == source
    assert (request := sts.requests[0]).access_key_id == ACCESS_KEY_ID
    assert request.parameters['SerialNumber'] == SERIAL


@pytest.mark.parametrize('value', ['yes', '1', 'ture'])
def test_a_habit_that_is_no_answer(
    home: Home, sts: FakeSTS, value: str
) -> None:
    """Silence would leave other programs without a session."""
    home.write(f'{WORK}mfa_write_credentials = {value}\n', LONG_TERM)
    with pytest.raises(InvalidProfileValueError, match='must be true or fal'):
        login(home)
    assert sts.requests == []


def test_a_habit_that_a_role_cannot_have(
    home: Home, sts: FakeSTS, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, and how the role's session is written."""
    role = 'role_arn = arn:aws:iam::1:role/app\nsource_profile = work\n'
    home.write(
        f'{WORK}[profile app]\n{role}mfa_write_credentials = True\n', LONG_TERM
    )
    login(home, 'app')
    assert 'add: --role-arn arn:aws:iam::1:role/app' in capsys.readouterr().err
    assert '[app]' not in home.credentials.read_text()


def test_an_empty_serial_number_is_none(home: Home, sts: FakeSTS) -> None:
    """The one that was given is saved in its place."""
    home.write('[profile work]\nmfa_serial =\nregion = x\n', LONG_TERM)
    login(home, serial_number=SERIAL)
    assert home.config.read_text() == (
        f'[profile work]\nmfa_serial = {SERIAL}\nregion = x\n'
    )


def test_saved_even_if_nobody_listens(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe that is closed keeps native commands from nothing."""
    home.write('[profile work]\n', LONG_TERM)

    def fail(*_: Any) -> None:
        raise BrokenPipeError()

    monkeypatch.setattr('awscli_mfa_plugin.commands.login.say', fail)
    with pytest.raises(BrokenPipeError):
        login(home, serial_number=SERIAL)
    assert SERIAL in home.config.read_text()


def test_written_beside_the_line_for_sdks(
    home: Home, sts: FakeSTS, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is written goes before the line, and does not renew itself."""
    line = 'credential_process = awscli-mfa credentials --profile work\n'
    home.write(WORK + line, LONG_TERM)
    login(home, write_credentials=True)
    assert 'Note: SDKs now take what was written' in capsys.readouterr().err


def test_the_device_of_a_key_of_its_own(home: Home, sts: FakeSTS) -> None:
    """Another long-term profile may be another user's, with his device."""
    device = 'arn:aws:iam::123456789012:mfa/another'
    home.write(WORK, f'[work-theirs]\n{KEYS}aws_mfa_device = {device}\n')
    login(home, long_term_suffix='theirs', short_term_suffix='x')
    (request,) = sts.requests
    assert request.parameters['SerialNumber'] == device


def test_the_session_is_told_of_even_if_it_cannot_be_saved(
    home: Home, sts: FakeSTS, capsys: pytest.CaptureFixture[str]
) -> None:
    """The code is spent, and the session is there."""
    home.write('[profile work]\n', LONG_TERM)
    home.config.unlink()
    home.config.mkdir()
    with pytest.raises(ConfigWriteError):
        login(home, serial_number=SERIAL)
    assert 'has an MFA session until' in capsys.readouterr().out


def test_copies_that_killed_processes_left(home: Home, sts: FakeSTS) -> None:
    """A login removes old copies of both files, which may hold keys."""
    home.write(WORK, LONG_TERM)
    copies = [
        file.with_name(f'{file.name}.x1y2.awscli-mfa.tmp')
        for file in (home.config, home.credentials)
    ]
    for copy in copies:
        copy.touch()
        os.utime(copy, (0, 0))
    login(home)
    assert not any(copy.exists() for copy in copies)


def test_a_profile_that_is_only_there_with_its_suffix(
    home: Home, sts: FakeSTS
) -> None:
    """Its long-term profile signs the call, for ``work`` does not exist."""
    home.write(f'[profile work-x]\nmfa_serial = {SERIAL}\n', LONG_TERM)
    assert login(home, short_term_suffix='x')[0] == 0
    (request,) = sts.requests
    assert request.access_key_id == ACCESS_KEY_ID
