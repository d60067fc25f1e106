# SPDX-License-Identifier: Apache-2.0
"""The only module that talks to a person's terminal.

Its rules:

- Questions and what belongs to them go to the terminal itself, never to
  standard output or standard error, which a script may be reading.
- An answer is never visible, and is never read from standard input.
- Without a terminal nothing waits: :class:`NoTerminalError` at once.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from typing import Callable

from awscli_mfa_plugin.exceptions import (
    NoTerminalError,
    NoTokenCodeError,
    PromptInterruptedError,
)

# The names of "the terminal of this process", whatever standard input and
# output are: https://www.man7.org/linux/man-pages/man4/tty.4.html and
# https://learn.microsoft.com/windows/console/console-handles
_POSIX_TERMINAL = '/dev/tty'
_WINDOWS_INPUT = 'CONIN$'
_WINDOWS_OUTPUT = 'CONOUT$'

# What keys give.
_ENTER = ('\r', '\n')
_INTERRUPT = ('\x03',)
_END = ('\x04', '\x1a', '')
_BACKSPACE = ('\x7f', '\b')
_KILL_LINE = ('\x15',)


class Terminal:
    """The terminal of this process, if it has one."""

    def is_available(self) -> bool:
        """Tell whether there is somebody to ask."""
        if os.name == 'nt':
            return _can_open(_WINDOWS_INPUT)
        try:
            handle = os.open(_POSIX_TERMINAL, os.O_RDWR | os.O_NOCTTY)
        except OSError:
            return False
        try:
            # A background job that touches the terminal is stopped, and
            # would hold up whoever waits for it.
            return os.tcgetpgrp(handle) == os.getpgrp()
        except OSError:
            return False
        finally:
            os.close(handle)

    def ask_hidden(self, prompt: str) -> str:
        """Show ``prompt`` and return the line typed, which stays unseen.

        :raises NoTerminalError: There is no terminal.
        :raises NoTokenCodeError: The terminal was closed (Ctrl-D).
        """
        # Not getpass: it falls back to standard input, visibly, and in a
        # thread of a transfer nobody would hear Ctrl-C.
        if not self.is_available():
            raise NoTerminalError()
        opened = _windows_console() if os.name == 'nt' else _posix_terminal()
        with opened as (read_character, write):
            write(prompt)
            try:
                return _read_line(read_character)
            finally:
                write('\n')

    def ask(self, prompt: str) -> str:
        """Show ``prompt`` and return the line typed, which is no secret.

        :raises NoTerminalError: There is no terminal.
        :raises NoTokenCodeError: The terminal was closed (Ctrl-D).
        """
        names = (_POSIX_TERMINAL, _POSIX_TERMINAL)
        if os.name == 'nt':
            names = (_WINDOWS_INPUT, _WINDOWS_OUTPUT)
        try:
            with (
                open(names[0], encoding='utf-8') as keyboard,
                open(names[1], 'w', encoding='utf-8') as screen,
            ):
                screen.write(prompt)
                screen.flush()
                line = keyboard.readline()
        except OSError:
            raise NoTerminalError() from None
        if not line:
            raise NoTokenCodeError()
        return line.strip()

    def tell(self, text: str) -> None:
        """Show a line on the terminal; without one, do nothing."""
        name = _WINDOWS_OUTPUT if os.name == 'nt' else _POSIX_TERMINAL
        try:
            with open(name, 'w', encoding='utf-8', errors='replace') as tty:
                tty.write(text + '\n')
        except OSError:
            pass


def _can_open(name: str) -> bool:
    try:
        os.close(os.open(name, os.O_RDWR))
    except OSError:
        return False
    return True


# How to read one character and how to write text.
_Opened = tuple[Callable[[], str], Callable[[str], object]]


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
        elif character in _KILL_LINE:
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
def _posix_terminal() -> Iterator[_Opened]:
    """Open the terminal, echoing nothing and giving every key at once."""
    import codecs
    import termios

    handle = os.open(_POSIX_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    try:
        before = termios.tcgetattr(handle)
        after = termios.tcgetattr(handle)
        # Of the seven fields the fourth is the local modes.
        after[3] &= ~(termios.ECHO | termios.ICANON)
        if threading.current_thread() is not threading.main_thread():
            # Ctrl-C is read like any key then: its signal would reach
            # only the main thread, which may be waiting for this one.
            after[3] &= ~termios.ISIG
        # A full-width digit is three bytes.
        decoder = codecs.getincrementaldecoder('utf-8')(errors='replace')

        def read_character() -> str:
            while True:
                try:
                    byte = os.read(handle, 1)
                except OSError:
                    # The terminal is gone (EIO), and so is the person.
                    return ''
                character = decoder.decode(byte, final=not byte)
                if character or not byte:
                    return character

        def restore() -> None:
            termios.tcsetattr(handle, termios.TCSAFLUSH, before)

        with _at_termination(restore):
            try:
                termios.tcsetattr(handle, termios.TCSAFLUSH, after)
                yield (
                    read_character,
                    lambda text: os.write(handle, text.encode()),
                )
            finally:
                restore()
    finally:
        os.close(handle)


@contextlib.contextmanager
def _at_termination(do: Callable[[], object]) -> Iterator[None]:
    """Do something before a signal ends the process.

    Whoever gives up on a prompt, an SDK for one, shall find its terminal
    as it was. Signals can be handled by the main thread alone, and one
    that somebody else handles is theirs.
    """
    handled = []

    def end(number: int, _: object) -> None:
        do()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, end)
                handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def _windows_console() -> Iterator[_Opened]:
    """Use the console, whatever standard input and output are."""
    import msvcrt

    getwch = msvcrt.getwch  # type: ignore[attr-defined]
    putwch = msvcrt.putwch  # type: ignore[attr-defined]

    def write(text: str) -> None:
        for character in text.replace('\n', '\r\n'):
            putwch(character)

    yield getwch, write
