# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator

import pytest

from awscli_mfa_plugin.exceptions.token_codes import (
    NoTerminalError,
    NoTokenCodeError,
)
from awscli_mfa_plugin.host import terminal
from awscli_mfa_plugin.host.terminal import Terminal

# A new session of processes has no terminal; the first one that its leader
# opens becomes it.
ASK = """
import os, resource, sys
# Ctrl-\\ leaves no core file behind.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for name in sys.argv[1:]:
    os.open(name, os.O_RDWR)
from awscli_mfa_plugin.host.terminal import Terminal
import signal
# A background job of a script ignores SIGQUIT, and so do its children.
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, getattr(signal, os.environ.get('AT_END', 'SIG_DFL')))
from awscli_mfa_plugin.host import posix_terminal
posix_terminal.ANSWER_SECONDS = float(os.environ.get('ANSWER_SECONDS', 300))
terminal = Terminal()
print('available:', terminal.is_available())
try:
    print('answer:', terminal.ask_hidden('Code? '))
except BaseException as error:
    print('error:', type(error).__name__)
terminal.tell('Told.')
"""


def start(*terminals: str) -> subprocess.Popen[bytes]:
    """Start a process that asks, with standard input and output piped."""
    return subprocess.Popen(
        [sys.executable, '-c', ASK, *terminals],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, 'PYTHONIOENCODING': 'utf-8'},
        cwd=os.path.dirname(os.path.dirname(terminal.__file__)),
    )


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    """Make a terminal: the end of its person, and its name."""
    person, process = os.openpty()
    yield person, os.ttyname(process)
    os.close(process)
    os.close(person)


def read_until(person: int, expected: bytes) -> bytes:
    """Read what the terminal shows until something is there."""
    shown = b''
    while expected not in shown:
        shown += os.read(person, 1024)
    return shown


@pytest.mark.parametrize(
    ('typed', 'result'),
    [
        (b'271828\n', 'answer: 271828'),
        (b'271828\r', 'answer: 271828'),
        (b'999\x7f\x7f\x7f271828\n', 'answer: 271828'),
        (b'999\x15271828\n', 'answer: 271828'),
        ('\uff12'.encode() + b'71828\n', 'answer: \uff1271828'),
        (b'\n', 'answer: '),
        (b'\x04', 'error: NoTokenCodeError'),
        (b'2718\x03', 'error: KeyboardInterrupt'),
    ],
)
def test_asks_unseen_on_the_terminal(
    pty: tuple[int, str], typed: bytes, result: str
) -> None:
    """Question and news go to the terminal, and the answer never shows."""
    person, name = pty
    process = start(name)
    shown = read_until(person, b'Code? ')
    os.write(person, typed)
    output, errors = process.communicate(b'999999\n', timeout=30)
    shown += read_until(person, b'Told.')
    assert output.decode() == f'available: True\n{result}\n'
    assert errors == b''
    assert shown.split() == [b'Code?', b'Told.']


@pytest.mark.parametrize('typed', [b'271828\n', b'\x04', b'\x03'])
def test_terminal_is_left_as_it_was(
    pty: tuple[int, str], typed: bytes
) -> None:
    """After the question the terminal echoes again, however it ended."""
    person, name = pty
    before = termios.tcgetattr(person)
    process = start(name)
    read_until(person, b'Code? ')
    while_asking = termios.tcgetattr(person)
    os.write(person, typed)
    process.communicate(timeout=30)
    assert termios.tcgetattr(person) == before != while_asking


def test_no_terminal_does_not_wait() -> None:
    """Without a terminal nothing is asked, read or shown elsewhere."""
    process = start()
    assert process.stdin is not None
    # Left open: a process that read from it would hang.
    output, errors = process.stdout, process.stderr
    assert output is not None
    assert errors is not None
    with process.stdin, output, errors:
        assert process.wait(timeout=30) == 0
        assert output.read().decode() == (
            'available: False\nerror: NoTerminalError\n'
        )
        assert errors.read() == b''


class Unopenable(Terminal):
    """A terminal that is not there."""

    def check_available(self) -> None:
        raise NoTerminalError()


def test_error_names_the_option() -> None:
    """Without a terminal the message says how else to give a code."""
    with pytest.raises(NoTerminalError, match='--token-code'):
        Unopenable().ask_hidden('Code? ')


class FakeConsole:
    """The part of ``msvcrt`` that reads and writes characters."""

    def __init__(self, typed: str) -> None:
        self._typed = list(typed)
        self.shown = ''

    def getwch(self) -> str:
        return self._typed.pop(0)

    def putwch(self, character: str) -> None:
        self.shown += character


@pytest.mark.parametrize(
    ('typed', 'answer'),
    [
        ('271828\r', '271828'),
        ('271828\n', '271828'),
        ('27\b\b\b271828\r', '271828'),
        ('\r', ''),
    ],
)
def test_windows_console_shows_the_prompt_alone(
    monkeypatch: pytest.MonkeyPatch, typed: str, answer: str
) -> None:
    """On Windows too the answer is read unseen, with backspace."""
    console = FakeConsole(typed)
    monkeypatch.setitem(sys.modules, 'msvcrt', console)
    with terminal._windows_console() as (read_character, write):
        write('Code?\n')
        assert terminal._read_line(read_character) == answer
    assert console.shown == 'Code?\r\n'


@pytest.mark.parametrize(
    ('typed', 'error'),
    [
        ('27\x03', KeyboardInterrupt),
        ('\x1a', NoTokenCodeError),
        ('\x04', NoTokenCodeError),
    ],
)
def test_windows_console_can_be_left(
    monkeypatch: pytest.MonkeyPatch, typed: str, error: type[BaseException]
) -> None:
    """Ctrl-C interrupts; Ctrl-Z and Ctrl-D end the input."""
    monkeypatch.setitem(sys.modules, 'msvcrt', FakeConsole(typed))
    with terminal._windows_console() as opened, pytest.raises(error):
        terminal._read_line(opened[0])


@pytest.mark.parametrize(
    'number', [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
)
def test_a_killed_prompt_leaves_the_terminal_as_it_was(
    pty: tuple[int, str], number: signal.Signals
) -> None:
    """A program that gives up on a prompt gets its terminal back."""
    person, name = pty
    before = termios.tcgetattr(person)
    process = start(name)
    read_until(person, b'Code? ')
    during = termios.tcgetattr(person)
    assert not during[3] & termios.ECHO
    assert during[3] & termios.ISIG, 'Ctrl-C is heard'
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == -number
    assert termios.tcgetattr(person) == before


def test_after_a_stop_it_asks_unseen_from_the_beginning(
    pty: tuple[int, str],
) -> None:
    """A shell has set the mode meanwhile, and the person sees no prompt."""
    person, name = pty
    before = termios.tcgetattr(person)
    process = start(name)
    shown = read_until(person, b'Code? ')
    during = termios.tcgetattr(person)
    os.write(person, b'99')
    # What a shell does when it has a job back in the foreground.
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)
    termios.tcsetattr(person, termios.TCSANOW, before)
    process.send_signal(signal.SIGCONT)
    shown += read_until(person, b'Code? ')
    assert termios.tcgetattr(person) == during
    os.write(person, b'271828\n')
    output, _ = process.communicate(timeout=30)
    shown += read_until(person, b'Told.')
    assert output.decode() == 'available: True\nanswer: 271828\n'
    assert shown.split() == [b'Code?', b'Code?', b'Told.']
    assert termios.tcgetattr(person) == before


HANDLE = """
import signal
from awscli_mfa_plugin.host.posix_terminal import _at_continuation
said = []
def mine(number, frame):
    said.append('mine')
signal.signal(signal.SIGCONT, mine)
with _at_continuation(lambda: said.append('ours')):
    signal.raise_signal(signal.SIGCONT)
signal.raise_signal(signal.SIGCONT)
print(*said)
"""


def test_another_handler_of_the_signal_is_called_too() -> None:
    """A program's own is there during the prompt and after it."""
    completed = subprocess.run(
        [sys.executable, '-c', HANDLE],
        check=True,
        capture_output=True,
        text=True,
        cwd=os.path.dirname(os.path.dirname(terminal.__file__)),
    )
    assert completed.stdout.split() == ['mine', 'ours', 'mine']


IN_BACKGROUND = """
import os, sys
os.open(sys.argv[1], os.O_RDWR)
from awscli_mfa_plugin.host.terminal import Terminal
print(Terminal().is_available(), flush=True)
if os.fork() == 0:
    os.setpgid(0, 0)
    try:
        Terminal().check_available()
    except Exception as error:
        print(type(error).__name__, flush=True)
    os._exit(0)
os.wait()
"""


def test_a_background_job_has_nobody_to_ask(pty: tuple[int, str]) -> None:
    """Touching the terminal would stop it, whatever lock it holds."""
    completed = subprocess.run(
        [sys.executable, '-c', IN_BACKGROUND, pty[1]],
        check=True,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    assert completed.stdout.split() == ['True', 'BackgroundJobError']


def test_a_question_that_nobody_answers_is_taken_back(
    pty: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may be waiting for the answer, and ask then themselves."""
    monkeypatch.setenv('ANSWER_SECONDS', '0.3')
    person, name = pty
    before = termios.tcgetattr(person)
    process = start(name)
    read_until(person, b'Code? ')
    output, _ = process.communicate(timeout=30)
    read_until(person, b'Told.')
    assert 'error: NobodyAnsweredError' in output.decode()
    assert termios.tcgetattr(person) == before


ASK_SEEN = """
import os, sys
os.open(sys.argv[1], os.O_RDWR)
from awscli_mfa_plugin.exceptions.token_codes import NoTerminalError
from awscli_mfa_plugin.exceptions.token_codes import NobodyAnsweredError
from awscli_mfa_plugin.host import posix_terminal
from awscli_mfa_plugin.host.terminal import Terminal
posix_terminal.ANSWER_SECONDS = float(sys.argv[2])
try:
    print(Terminal().ask('Really? '))
except NobodyAnsweredError:
    print('nobody answered')
except NoTerminalError as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize(
    ('typed', 'seconds', 'result'),
    [(b'yes\n', '60', 'yes\n'), (b'ye', '0.3', 'nobody answered\n')],
)
def test_a_question_that_is_no_secret_is_taken_back_too(
    pty: tuple[int, str], typed: bytes, seconds: str, result: str
) -> None:
    """It is answered with the Enter key, and in time."""
    person, name = pty
    with subprocess.Popen(
        [sys.executable, '-c', ASK_SEEN, name, seconds],
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        read_until(person, b'Really? ')
        os.write(person, typed)
        output, _ = process.communicate(timeout=30)
    assert output.decode() == result


WAIT = """
import fcntl, os, signal, struct, sys, termios
tty = os.open(sys.argv[1], os.O_RDWR)
fcntl.ioctl(tty, termios.TIOCSWINSZ, struct.pack('4H', 24, 16, 0, 0))
from awscli_mfa_plugin.host.terminal import Terminal
if len(sys.argv) > 3 and os.fork():
    # The terminal is with this process, and that one in the background.
    os.wait()
    sys.exit()
if len(sys.argv) > 3:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
with Terminal().telling(sys.argv[2]):
    pass
Terminal().tell('.')
"""


@pytest.mark.parametrize(
    ('text', 'more', 'shown'),
    [
        ('Waiting for you', [], b'Waiting for you\r\x1b[K.\r\n'),
        # What came below would go away too.
        ('Waiting for them', [], b'Waiting for them\r\n\r\x1b[K.\r\n'),
        # Somebody may be typing there.
        ('Waiting', ['in the background'], b'Waiting\r\n.\r\n'),
    ],
)
def test_a_line_that_says_what_is_waited_for_goes_away(
    pty: tuple[int, str], text: str, more: list[str], shown: bytes
) -> None:
    """It stays where that could take something else away."""
    person, name = pty
    subprocess.run(
        [sys.executable, '-c', WAIT, name, text, *more],
        check=True,
        start_new_session=True,
        timeout=30,
    )
    assert read_until(person, b'.\r\n') == shown


@pytest.mark.parametrize('mode', [termios.ECHO, termios.ICANON])
def test_a_terminal_in_another_mode_is_not_asked_at(
    pty: tuple[int, str], mode: int
) -> None:
    """Another program would get a part of the keys."""
    person, name = pty
    modes = termios.tcgetattr(person)
    modes[3] &= ~mode
    termios.tcsetattr(person, termios.TCSANOW, modes)
    before = termios.tcgetattr(person)
    seen = subprocess.run(
        [sys.executable, '-c', ASK_SEEN, name, '0.3'],
        check=True,
        capture_output=True,
        start_new_session=True,
        timeout=30,
    )
    assert seen.stdout == b'TerminalInUseError\n'
    output, _ = start(name).communicate(timeout=30)
    assert 'error: TerminalInUseError' in output.decode()
    # Neither question was shown.
    assert read_until(person, b'Told.').strip() == b'Told.'
    assert termios.tcgetattr(person) == before


def test_a_terminal_that_goes_away_is_no_error_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under nohup the process goes on when its terminal is closed."""
    monkeypatch.setenv('AT_END', 'SIG_IGN')
    person, screen = os.openpty()
    with start(os.ttyname(screen)) as process:
        read_until(person, b'Code? ')
        os.close(screen)
        os.close(person)
        output, _ = process.communicate(timeout=30)
    assert 'error: NoTokenCodeError' in output.decode()


PUT_RIGHT = """
import os, sys
os.open(sys.argv[1], os.O_RDWR)
from awscli_mfa_plugin.host.terminal import Terminal
Terminal().put_right()
print(Terminal().key() == f'{os.uname().nodename} {os.getpid()}')
print(repr(Terminal().name()))
"""


def test_a_terminal_is_put_right(pty: tuple[int, str]) -> None:
    """A process that was killed while it asked leaves the echo off."""
    person, name = pty
    before = termios.tcgetattr(person)
    modes = termios.tcgetattr(person)
    modes[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
    termios.tcsetattr(person, termios.TCSANOW, modes)
    completed = subprocess.run(
        [sys.executable, '-c', PUT_RIGHT, name],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    # Of the streams none is the terminal, so it has no name.
    assert completed.stdout.split() == ['True', "''"]
    assert termios.tcgetattr(person) == before
