# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.mfa_process."""

from __future__ import annotations

import contextlib
import shlex
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.cache.used_codes import note_used
from awscli_mfa_plugin.credentials import mfa_process
from awscli_mfa_plugin.credentials.mfa_process import (
    ProcessTokenCode,
    code_source_of,
)
from awscli_mfa_plugin.credentials.token_code import PromptedTokenCode
from awscli_mfa_plugin.exceptions.token_codes import MFAProcessError
from tests.unit.conftest import FakeTerminal, Home, make_profile
from tests.unit.names import HARDWARE, SERIAL

PROMPT = f'Enter MFA code for {SERIAL}: '


def python(program: str) -> str:
    """Return a command that runs a program."""
    return shlex.join([sys.executable, '-c', program])


def make_source(
    command: str, *answers: str, **changes: Any
) -> tuple[ProcessTokenCode, FakeTerminal]:
    """Return a source of codes, and the terminal it falls back to."""
    terminal = FakeTerminal(*answers)
    profile = make_profile(mfa_process=command, **changes)
    source = code_source_of(profile, terminal)
    assert isinstance(source, ProcessTokenCode)
    return source, terminal


@pytest.mark.parametrize(
    ('changes', 'kind'),
    [
        ({}, PromptedTokenCode),
        ({'mfa_process': 'code'}, ProcessTokenCode),
        (
            {'mfa_process': 'code', 'configured_serial_number': SERIAL},
            ProcessTokenCode,
        ),
        (
            {'mfa_process': 'code', 'configured_serial_number': HARDWARE},
            PromptedTokenCode,
        ),
    ],
)
def test_a_program_knows_the_device_of_the_files(
    home: Home, changes: dict[str, str], kind: type[object]
) -> None:
    """A person is asked for the code of another, or without one."""
    source = code_source_of(make_profile(**changes), FakeTerminal())
    assert isinstance(source, kind)


def test_others_are_waited_for_as_by_a_person(home: Home) -> None:
    """The program need not run for a session that another one makes."""
    source, terminal = make_source('printf 271828')
    source.tell('why')
    assert terminal.told == ['why']
    looks = iter([False, True])
    path = str(home.path / 'session.lock')
    with (
        locked(path),
        source.turn_for_session(path, lambda: next(looks)),
    ):
        assert list(looks) == []


def test_what_the_program_has(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may ask on the terminal, and runs outside a frozen CLI."""
    keyboard, screen = home.path / 'keyboard', home.path / 'screen'
    keyboard.write_text('271828')

    class Open(FakeTerminal):
        @contextlib.contextmanager
        def for_program(self, text: str) -> Iterator[tuple[Any, Any]]:
            self.told.append(text)
            with keyboard.open('rb') as stdin, screen.open('wb') as stderr:
                yield stdin, stderr

    monkeypatch.setattr(sys, 'frozen', True, raising=False)
    monkeypatch.setenv('_PYI_TEST', 'still set')
    terminal = Open()
    command = 'sh -c "echo Touch it. $_PYI_TEST >&2; cat"'
    profile = make_profile(mfa_process=command)
    assert code_source_of(profile, terminal).token_code(SERIAL) == '271828'
    assert terminal.told == ['Waiting for mfa_process (90 seconds at most)']
    assert screen.read_text() == 'Touch it.\n'


@pytest.mark.parametrize('output', ['271828', ' 271 828\n', '271-828\r\n'])
def test_the_output_is_read_as_a_typed_code_is(
    home: Home, output: str
) -> None:
    """It counts as somebody to ask where nobody is."""
    source, _ = make_source(python(f'print({output!r}, end="")'))
    source.check_available()
    with source.turn_at_terminal():
        assert source.token_code(SERIAL) == '271828'


FAILURES = {
    python('pass'): ': it printed no code of six digits. To',
    python('print(27182)'): 'it printed no code of six digits',
    python('print(271828); print(314159)'): 'it printed no code of six',
    python('import os; os.write(1, b"\\xff")'): 'it printed no code of six',
    python('print(271828); exit(7)'): 'it ended with 7',
    '/nowhere/ykman': 'it does not start (No such file or directory)',
    "pass 'otp": 'it cannot be read (No closing quotation)',
    "''": 'it does not start',
    'printf 27\0': 'it does not start (embedded null byte)',
}


@pytest.mark.parametrize('command', FAILURES)
def test_a_failure_is_told_before_a_person_is_asked(
    home: Home, command: str
) -> None:
    """Without a terminal it is the error, and it names what to run."""
    source, terminal = make_source(command, '314159')
    assert source.token_code(SERIAL) == '314159'
    (told,) = terminal.told
    assert FAILURES[command] in told
    assert '271828' not in told
    source, _ = make_source(command)
    with pytest.raises(MFAProcessError) as caught:
        source.token_code(SERIAL)
    assert str(caught.value) == told
    assert told.endswith('aws mfa login --no-mfa-process --profile work')


@pytest.mark.parametrize(
    'command',
    [
        'pass otp aws | tr -d " "',
        'oathtool --totp -b $SEED',
        'oathtool --totp --base32=$(pass seed)',
        'oathtool --totp -b `pass seed`',
        '~/bin/code',
        'true; pass otp aws',
        'true && pass otp aws',
        'cat <code',
    ],
)
def test_a_value_for_a_shell_is_shown_as_one(home: Home, command: str) -> None:
    """The message is the line to write, and that line is run."""
    source, _ = make_source(command)
    with pytest.raises(MFAProcessError) as caught:
        source.token_code(SERIAL)
    assert (
        ': it is run without a shell and looks as if it wants one. Write: '
        f'mfa_process = sh -c {shlex.quote(command)}. To'
    ) in str(caught.value)


@pytest.mark.parametrize(
    'command',
    [
        'sh -c "echo 271828 | cat"',
        "sh -c 'X=271828; echo $X'",
        'printf 271828',
        'printf %s "271 828"',
    ],
)
def test_a_shell_that_is_named_is_used(home: Home, command: str) -> None:
    """Quoting is a shell's, and nothing else is."""
    source, _ = make_source(command)
    assert source.token_code(SERIAL) == '271828'


def test_it_has_its_time(home: Home) -> None:
    """A program that waits for nobody is ended, with what it started."""
    command = python(
        'import subprocess, sys\n'
        'child = [sys.executable, "-c", "import time; time.sleep(120)"]\n'
        'subprocess.run(child, timeout=120)'
    )
    source, _ = make_source(command, mfa_process_timeout=1)
    started = time.monotonic()
    with pytest.raises(
        MFAProcessError, match=r'longer than 1 seconds \(mfa_process_timeout\)'
    ):
        source.token_code(SERIAL)
    assert time.monotonic() - started < 60


def test_a_used_code_is_not_given_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one is waited for, and that is said."""
    waited: list[float] = []
    home.path.joinpath('code').write_text('271828')
    source, terminal = make_source(f'cat {home.path}/code', '314159')

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        home.path.joinpath('code').write_text('161803')

    # Not of the module itself: subprocess sleeps too.
    clock = SimpleNamespace(time=lambda: 1_000, sleep=sleep)
    monkeypatch.setattr(mfa_process, 'time', clock)
    note_used(SERIAL, '271828')
    assert source.token_code(SERIAL) == '161803'
    # The next half minute begins at 1020.
    assert waited == [21]
    assert terminal.told == [
        'The code has been used already. Waiting for the next one: 21 seconds.'
    ]


def test_codes_in_a_row(home: Home) -> None:
    """Each is from a run of its own; a person is asked for both."""
    home.path.joinpath('codes').write_text('271828\n161803\n')
    source, terminal = make_source(
        python(
            'import pathlib\n'
            f'path = pathlib.Path({str(home.path)!r}, "codes")\n'
            'code, *rest = path.read_text().split()\n'
            'path.write_text(" ".join(rest))\n'
            'print(code)'
        ),
        '314159',
        '141421',
    )
    assert source.consecutive_codes(SERIAL) == ('271828', '161803')
    # The program is not run again after a refusal.
    assert source.consecutive_codes(SERIAL) == ('314159', '141421')
    assert terminal.prompts == [PROMPT, 'Enter the code that follows it: ']


def test_a_program_with_one_code_only(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not waited for without end, and its code not sent twice."""
    clock = SimpleNamespace(time=time.time, sleep=lambda _: None)
    monkeypatch.setattr(mfa_process, 'time', clock)
    note_used(SERIAL, '271828')
    source, _ = make_source('printf 271828')
    with pytest.raises(
        MFAProcessError, match=r': its code has been used already\. '
    ):
        source.token_code(SERIAL)
    source, _ = make_source('printf 161803')
    with pytest.raises(MFAProcessError, match='been used already'):
        source.consecutive_codes(SERIAL)


def test_after_a_refusal_a_person_is_asked(home: Home) -> None:
    """A program that is wrong would be wrong again; AWS counts."""
    source, terminal = make_source('printf 271828', '314159')
    with source.turn_at_terminal():
        assert source.token_code(SERIAL) == '271828'
        assert source.ask_again_after('Wrong.')
        assert source.token_code(SERIAL) == '314159'
    assert (terminal.told, terminal.prompts) == (['Wrong.'], [PROMPT])
    terminal.answers = []
    # The next session has another try.
    with source.turn_at_terminal():
        assert source.token_code(SERIAL) == '271828'
        assert not source.ask_again_after('Wrong.')
