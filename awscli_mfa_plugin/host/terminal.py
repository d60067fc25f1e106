# SPDX-License-Identifier: Apache-2.0
"""The only module that talks to a person's terminal.

Its rules:

- Questions and what belongs to them go to the terminal itself, never to
  standard output or standard error, which a script may be reading.
- An answer that is a secret is never visible; :meth:`Terminal.ask` is for
  the others. None is ever read from standard input.
- Where nobody can be asked nothing waits: :class:`NoTerminalError` at
  once.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, Callable

from awscli_mfa_plugin.exceptions.token_codes import (
    NoTerminalError,
    NoTokenCodeError,
    PromptInterruptedError,
    RunByAgentError,
)
from awscli_mfa_plugin.host.agents import may_ask_here
from awscli_mfa_plugin.host.wrapping import columns_of, wrapped

# The names of "the terminal of this process", whatever standard input and
# output are: https://www.man7.org/linux/man-pages/man4/tty.4.html and
# https://learn.microsoft.com/windows/console/console-handles
POSIX_TERMINAL = '/dev/tty'
_WINDOWS_INPUT = 'CONIN$'
_WINDOWS_OUTPUT = 'CONOUT$'

# The characters that keys give.
_ENTER = ('\r', '\n')
_INTERRUPT = ('\x03',)
_END = ('\x04', '\x1a', '')
_BACKSPACE = ('\x7f', '\b')
KILL_LINE = '\x15'

# How long a key is waited for. Others may be waiting for the answer.
ANSWER_SECONDS = 300

# The width of a terminal that does not tell its own.
_USUAL_COLUMNS = 80


class Terminal:
    """The terminal of this process, if it has one."""

    def is_available(self) -> bool:
        """Tell whether there is somebody to ask."""
        try:
            self.check_available()
        except NoTerminalError:
            return False
        return True

    def check_available(self) -> None:
        """Check that there is somebody to ask.

        :raises NoTerminalError: There is nobody, for the reason that the
            class says.
        """
        if not may_ask_here():
            raise RunByAgentError()
        if sys.platform == 'win32':
            if not _can_open(_WINDOWS_INPUT):
                raise NoTerminalError()
        else:
            from awscli_mfa_plugin.host import posix_terminal

            posix_terminal.check_available()

    def key(self) -> str:
        """Return what tells this terminal from others.

        A session of processes has one terminal, and a terminal one such
        session. Its number may be another's in a container.
        """
        if sys.platform == 'win32':
            return ''
        return f'{os.uname().nodename} {os.getsid(0)}'

    def name(self) -> str:
        """Return the terminal's name, ``pts/3``, if it is known."""
        if sys.platform != 'win32':
            for handle in range(3):
                with contextlib.suppress(OSError):
                    return os.ttyname(handle).removeprefix('/dev/')
        return ''

    def put_right(self) -> None:
        """Have it echo again after somebody was killed while asking."""
        if sys.platform != 'win32':
            from awscli_mfa_plugin.host import posix_terminal

            posix_terminal.put_right()

    def ask_hidden(self, prompt: str) -> str:
        """Show ``prompt`` and return the line typed, which stays unseen.

        :raises NoTerminalError: There is nobody to ask.
        :raises NoTokenCodeError: The terminal was closed (Ctrl-D).
        """
        # Not getpass: it falls back to standard input, visibly, and in a
        # thread of a transfer nobody would hear Ctrl-C.
        self.check_available()
        with _opened(prompt) as (read_character, write):
            write(prompt)
            try:
                return _read_line(read_character)
            finally:
                write('\n')

    def ask(self, prompt: str) -> str:
        """Show ``prompt`` and return the line typed, which is no secret.

        :raises NoTerminalError: There is nobody to ask.
        :raises NobodyAnsweredError: Nothing was typed for too long.
        :raises NoTokenCodeError: The terminal was closed (Ctrl-D).
        """
        self.check_available()
        names = (POSIX_TERMINAL, POSIX_TERMINAL)
        if sys.platform == 'win32':
            names = (_WINDOWS_INPUT, _WINDOWS_OUTPUT)
        try:
            with (
                open(names[0], encoding='utf-8') as keyboard,
                open(names[1], 'w', encoding='utf-8') as screen,
            ):
                if sys.platform != 'win32':
                    from awscli_mfa_plugin.host import posix_terminal

                    posix_terminal.check_mode(keyboard.fileno())
                screen.write(wrapped(prompt, screen))
                screen.flush()
                if sys.platform != 'win32':
                    posix_terminal.wait_for_line(keyboard.fileno())
                line = keyboard.readline()
        except OSError:
            raise NoTerminalError() from None
        if not line:
            raise NoTokenCodeError()
        return line.strip()

    def tell(self, text: str) -> None:
        """Show text on the terminal; without one, do nothing."""
        self._write(text + '\n', is_wrapped=True)

    @contextlib.contextmanager
    def telling(self, text: str) -> Iterator[None]:
        """Show a line for as long as something is waited for."""
        self.show_line(text)
        try:
            yield
        finally:
            self.clear_line()

    def show_line(self, text: str) -> None:
        """Show a line that :meth:`clear_line` takes away again.

        It stays where it is wider than the terminal, since what has come
        below it meanwhile would go away too, and where a background job
        shows it, since somebody may be typing on the line.
        """
        if not may_ask_here():
            return
        if self.is_available() and len(text) < self._columns():
            self._write(text)
        else:
            self.tell(text)

    def clear_line(self) -> None:
        """Take away what stands on the line that is written on."""
        if self.is_available():
            # To the start of the line, and nothing on it: ECMA-48.
            self._write('\r\033[K')

    @contextlib.contextmanager
    def for_program(self, text: str) -> Iterator[tuple[Any, Any]]:
        """Give standard input and error for a program that may ask there.

        Where nobody can be asked it reads nothing, and what it writes goes
        to our standard error. The terminal is left as it was, even if the
        program is killed.

        :param text: A line that is shown meanwhile, below what the program
            writes.
        """
        if not self.is_available():
            yield subprocess.DEVNULL, None
            return
        names = (POSIX_TERMINAL, POSIX_TERMINAL)
        if sys.platform == 'win32':
            names = (_WINDOWS_INPUT, _WINDOWS_OUTPUT)
        elif self.name():
            # A daemon of the program's, such as gpg's, opens it by name.
            names = (f'/dev/{self.name()}',) * 2
        with (
            open(names[0], 'rb', buffering=0) as keyboard,
            open(names[1], 'wb', buffering=0) as screen,
            self._left_as_it_is(),
        ):
            # Down, and up again (ECMA-48): the program's own line, which
            # stays, goes above.
            self._write(f'\n{text}\033[A\r')
            try:
                yield keyboard, screen
            finally:
                # From here to the end of the screen.
                self._write('\r\033[J')

    def _left_as_it_is(self) -> contextlib.AbstractContextManager[None]:
        if sys.platform == 'win32':
            return contextlib.nullcontext()
        from awscli_mfa_plugin.host import posix_terminal

        return posix_terminal.left_as_it_is()

    def _columns(self) -> int:
        try:
            with open(_screen(), 'w') as tty:
                return columns_of(tty) or _USUAL_COLUMNS
        except OSError:
            return _USUAL_COLUMNS

    def _write(self, text: str, is_wrapped: bool = False) -> None:
        try:
            with open(
                _screen(), 'w', encoding='utf-8', errors='replace'
            ) as tty:
                tty.write(wrapped(text, tty) if is_wrapped else text)
        except OSError:
            pass


def _screen() -> str:
    """Return the name under which the terminal is written to."""
    return _WINDOWS_OUTPUT if sys.platform == 'win32' else POSIX_TERMINAL


def _can_open(name: str) -> bool:
    try:
        os.close(os.open(name, os.O_RDWR))
    except OSError:
        return False
    return True


# How to read one character and how to write text.
Opened = tuple[Callable[[], str], Callable[[str], object]]


def _opened(prompt: str) -> contextlib.AbstractContextManager[Opened]:
    if sys.platform == 'win32':
        return _windows_console()
    from awscli_mfa_plugin.host import posix_terminal

    return posix_terminal.opened(prompt)


def _read_line(read_character: Callable[[], str]) -> str:
    """Return what is typed up to the Enter key.

    :raises NoTokenCodeError: Ctrl-D, or the end of the terminal.
    :raises KeyboardInterrupt: Ctrl-C.
    """
    typed = ''
    while True:
        character = read_character()
        if character in _ENTER:
            return typed
        if character in _INTERRUPT:
            _interrupt()
        elif character in _END:
            raise NoTokenCodeError()
        elif character in _BACKSPACE:
            typed = typed[:-1]
        elif character == KILL_LINE:
            typed = ''
        else:
            typed += character


def _interrupt() -> None:
    """Do what Ctrl-C does, from whichever thread is asking."""
    if threading.current_thread() is not threading.main_thread():
        # The main thread ends the command; this one lets it.
        _thread.interrupt_main()
        raise PromptInterruptedError()
    raise KeyboardInterrupt


@contextlib.contextmanager
def _windows_console() -> Iterator[Opened]:
    """Use the console, whatever standard input and output are."""
    import msvcrt

    # On another system mypy knows the module and none of its functions.
    console: Any = msvcrt

    def write(text: str) -> None:
        for character in text.replace('\n', '\r\n'):
            console.putwch(character)

    yield console.getwch, write
