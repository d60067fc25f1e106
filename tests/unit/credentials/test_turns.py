# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.turns."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache import lock
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.cache.turns import Turn
from awscli_mfa_plugin.credentials import turns
from awscli_mfa_plugin.credentials.token_code import (
    GivenTokenCode,
    PromptedTokenCode,
    TokenCodeSource,
)
from awscli_mfa_plugin.credentials.turns import agrees, job_tells_why
from awscli_mfa_plugin.exceptions.token_codes import StoppedProcessError
from tests.unit.conftest import CLEARED, FakeTerminal, Home, Screen

# Asks for the code of a session until it is killed.
HOLD = """
import sys
from awscli_mfa_plugin.cache.turns import turn
path = sys.argv.pop()
with turn(path, lambda holder: False) as mine:
    print('held' if mine.is_held else 'without', flush=True)
    sys.stdin.read()
"""


needs_proc = pytest.mark.skipif(
    not os.path.exists('/proc/self/stat'),
    reason='the system does not tell who was stopped',
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that nothing takes long."""
    monkeypatch.setattr(lock, '_LOOK_SECONDS', 0.01)


@pytest.fixture
def holder(
    monkeypatch: pytest.MonkeyPatch, home: Home
) -> Iterator[subprocess.Popen[str]]:
    """Have another process hold a session's lock and ask for its code."""
    process = subprocess.Popen(
        [sys.executable, '-c', HOLD, str(home.path / 'session.lock')],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        # At another terminal than the tests' own.
        start_new_session=True,
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == 'held\n'
        yield process
        process.kill()


def test_who_asks_elsewhere_is_told_at_once(
    home: Home, holder: subprocess.Popen[str]
) -> None:
    """A person need not guess what is waited for, and is told it once."""
    terminal = FakeTerminal()
    source = PromptedTokenCode(terminal)
    looks = iter([False, False, True])
    path = str(home.path / 'session.lock')
    with source.turn_for_session(path, lambda: next(looks)):
        assert terminal.told == [
            f'Waiting up to 5 minutes: -c asks for a code (process '
            f'{holder.pid}).',
            CLEARED,
        ]
    assert list(looks) == []


def test_a_question_that_came_on_the_line_stays(
    home: Home, holder: subprocess.Popen[str]
) -> None:
    """It is not taken away with the line that was there before."""
    terminal = FakeTerminal()
    source = PromptedTokenCode(terminal)
    looks = iter([False, True])
    path = home.path / 'session.lock'
    with source.turn_at_terminal():
        (word,) = home.cache.glob('terminal-*.holder')
        shutil.copy(path.with_suffix('.holder'), word)
        with source.turn_for_session(str(path), lambda: next(looks)):
            assert len(terminal.told) == 1


def stop(process: subprocess.Popen[str]) -> None:
    """Do as Ctrl-Z does."""
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)


class Same(FakeTerminal):
    """The terminal of another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__()
        self._key = f'{os.uname().nodename} {os.getsid(process.pid)}'

    def key(self) -> str:
        return self._key


def test_the_prompt_at_the_same_terminal_is_left_alone(
    home: Home, holder: subprocess.Popen[str]
) -> None:
    """A line of another command would stand in the middle of it."""
    terminal = Same(holder)
    looks = iter([False, False, True])
    path = str(home.path / 'session.lock')
    source = PromptedTokenCode(terminal)
    with source.turn_for_session(path, lambda: next(looks)):
        assert terminal.told == []


@needs_proc
def test_a_stopped_process_is_named_at_once(
    home: Home, holder: subprocess.Popen[str]
) -> None:
    """A person has a minute to go on with it."""
    terminal = Same(holder)
    looks: list[int] = []

    def is_made() -> bool:
        looks.append(1)
        if len(looks) == 3:
            stop(holder)
        return len(looks) == 6

    path = str(home.path / 'session.lock')
    source = PromptedTokenCode(terminal)
    with source.turn_for_session(path, is_made):
        assert terminal.told == [
            f'-c (process {holder.pid}) is asking for the MFA code and is '
            'stopped. Go on with it (fg), or end it with: kill -KILL '
            f'{holder.pid}',
            CLEARED,
        ]


@needs_proc
def test_a_stopped_process_is_not_waited_for_for_ever(
    home: Home,
    holder: subprocess.Popen[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is named in the error after a minute."""
    monkeypatch.setattr(turns, '_STOPPED_SECONDS', 0)
    stop(holder)
    terminal = FakeTerminal()
    path = str(home.path / 'session.lock')
    source = PromptedTokenCode(terminal)
    with (
        pytest.raises(StoppedProcessError, match=str(holder.pid)) as caught,
        source.turn_for_session(path, lambda: False),
    ):
        pytest.fail('has its turn')
    assert terminal.told == [str(caught.value), CLEARED]


def test_a_given_code_does_not_wait_for_a_prompt(
    home: Home, holder: subprocess.Popen[str]
) -> None:
    """A command with a code needs nobody to answer a question."""
    path = str(home.path / 'session.lock')
    source = GivenTokenCode('123456')
    with source.turn_for_session(path, lambda: pytest.fail('waits')) as held:
        assert held is False


@pytest.mark.parametrize(
    'source', [GivenTokenCode('123456'), PromptedTokenCode(FakeTerminal())]
)
def test_a_call_is_waited_for(home: Home, source: TokenCodeSource) -> None:
    """Two logins with one code at once send it once."""
    path = str(home.path / 'session.lock')
    looks: list[int] = []

    def is_made() -> bool:
        looks.append(1)
        return len(looks) == 3

    with locked(path), source.turn_for_session(path, is_made):
        assert len(looks) == 3


def test_who_leaves_no_word_is_not_waited_for_for_ever(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login with a code that was stopped during its call never ends."""
    monkeypatch.setattr(turns, '_STOPPED_SECONDS', 0)
    path = str(home.path / 'session.lock')
    source = PromptedTokenCode(FakeTerminal())
    looks = iter([False] * 9)
    with (
        locked(path),
        source.turn_for_session(path, lambda: next(looks)) as mine,
    ):
        assert mine == Turn(is_held=False)


def test_a_turn_at_the_terminal_puts_right_what_a_killed_one_left(
    home: Home,
) -> None:
    """A process that was killed while it asked leaves the echo off."""
    righted: list[int] = []

    class Left(FakeTerminal):
        def put_right(self) -> None:
            righted.append(1)

    source = PromptedTokenCode(Left())
    with source.turn_at_terminal():
        assert righted == []
        (lock,) = home.cache.glob('terminal-*.holder')
        word = lock.read_text()
    lock.write_text(word)
    with source.turn_at_terminal():
        assert righted == [1]


@pytest.mark.parametrize(
    ('answer', 'by_default', 'is_yes'),
    [
        ('y', False, True),
        ('YES', False, True),
        ('n', False, False),
        ('', False, False),
        ('', True, True),
        ('n', True, False),
        ('what', True, False),
    ],
)
def test_what_is_a_yes(
    home: Home, answer: str, by_default: bool, is_yes: bool
) -> None:
    """The question says what Enter means."""
    terminal = FakeTerminal(answer)
    assert agrees(terminal, 'Try?', by_default=by_default) is is_yes
    assert terminal.prompts == [f'Try? [{"Y/n" if by_default else "y/N"}] ']


def tells_why(stderr: io.StringIO, profile: str = 'work') -> bool:
    """Return the answer of another background job."""
    turns._is_first_job.cache_clear()
    with contextlib.redirect_stderr(stderr):
        answer = job_tells_why(profile)
        # Another thread of that job gets the same one.
        assert job_tells_why(profile) == answer
    return answer


def test_one_job_says_why_it_cannot_ask(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each does where others do not see it, or where no note is left."""
    assert [tells_why(Screen()) for _ in range(3)] == [True, False, False]
    assert tells_why(Screen(), 'other')
    assert tells_why(io.StringIO())
    for note in home.cache.glob('terminal-*.told'):
        os.utime(note, (0, 0))
    assert tells_why(Screen())
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', '/' + 'x' * 300)
    assert [tells_why(Screen()) for _ in range(2)] == [True, True]
