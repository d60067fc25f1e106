# SPDX-License-Identifier: Apache-2.0
"""The only module that talks to a person's terminal.

Its rules:

- Questions and what belongs to them go to the terminal itself, never to
  standard output or standard error, which a script may be reading.
- An answer that is a secret is never visible; :meth:`Terminal.ask` is for
  the others. None is ever read from standard input.
- Without a terminal nothing waits: :class:`NoTerminalError` at once.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any, Callable

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

# How often it is looked for a key: nobody notices, as nothing is echoed.
_LOOK_SECONDS = 0.05

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
            return _is_in_foreground(handle)
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
        opened = (
            _windows_console() if os.name == 'nt' else _posix_terminal(prompt)
        )
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


def _is_in_foreground(handle: int) -> bool:
    """Tell whether this process may touch its terminal.

    A background job that does is stopped, and would hold up whoever waits
    for it.
    """
    try:
        return os.tcgetpgrp(handle) == os.getpgrp()
    except OSError:
        return False


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
def _posix_terminal(prompt: str) -> Iterator[_Opened]:
    """Open the terminal, echoing nothing and giving every key at once.

    :param prompt: What is shown again when the process goes on after
        Ctrl-Z.
    """
    handle = os.open(_POSIX_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    try:
        hidden = _Hidden(handle, prompt)
        with (
            _at_termination(hidden.restore),
            _at_continuation(hidden.hide_again),
        ):
            try:
                hidden.hide()
                yield hidden.read_character, hidden.write
            finally:
                hidden.restore()
    finally:
        os.close(handle)


class _AskAnew(Exception):
    """The process was stopped while a key was waited for."""


class _Hidden:
    """A terminal's mode in which nothing typed shows, and the keys."""

    def __init__(self, handle: int, prompt: str) -> None:
        import codecs
        import termios

        self._handle = handle
        self._prompt = prompt
        self._before = termios.tcgetattr(handle)
        self._mode = termios.tcgetattr(handle)
        # Of the seven fields the fourth is the local modes.
        self._mode[3] &= ~(termios.ECHO | termios.ICANON)
        if threading.current_thread() is not threading.main_thread():
            # Ctrl-C is read like any key then: its signal would reach
            # only the main thread, which may be waiting for this one.
            self._mode[3] &= ~termios.ISIG
        # A full-width digit is three bytes.
        self._decoder = codecs.getincrementaldecoder('utf-8')(errors='replace')
        self._is_reading = False
        self._asks_anew = False

    def hide(self) -> None:
        self._set(self._mode)

    def hide_again(self) -> None:
        """Ask from the beginning, after the process was stopped."""
        import termios

        with contextlib.suppress(OSError, termios.error):
            # In the background the shell has it.
            if _is_in_foreground(self._handle):
                self._set(self._mode)
                self.write(self._prompt)
                self._asks_anew = True
                if self._is_reading:
                    self._is_reading = False
                    raise _AskAnew

    def restore(self) -> None:
        if _is_in_foreground(self._handle):
            self._set(self._before)

    def write(self, text: str) -> object:
        return os.write(self._handle, text.encode())

    def read_character(self) -> str:
        while True:
            try:
                byte = self._read()
            except _AskAnew:
                # Of what was typed before nothing counts.
                self._asks_anew = False
                self._decoder.reset()
                return _KILL_LINE[0]
            character = self._decoder.decode(byte, final=not byte)
            if character or not byte:
                return character

    def _read(self) -> bytes:
        # Never blocked for long: another thread may be given a signal, and
        # its handler runs in the main thread, once that is awake. In the
        # background reading stops the process, as it should.
        self._is_reading = True
        try:
            os.set_blocking(self._handle, False)
            while True:
                if self._asks_anew:
                    raise _AskAnew
                with contextlib.suppress(BlockingIOError):
                    return os.read(self._handle, 1)
                time.sleep(_LOOK_SECONDS)
        except OSError:
            # The terminal is gone (EIO), and so is the person.
            return b''
        finally:
            self._is_reading = False
            os.set_blocking(self._handle, True)

    def _set(self, mode: Any) -> None:
        import termios

        termios.tcsetattr(self._handle, termios.TCSAFLUSH, mode)


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
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, end)
                handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def _at_continuation(do: Callable[[], object]) -> Iterator[None]:
    """Do something when the process goes on after it was stopped.

    A shell that has a job back in the foreground sets the terminal's mode,
    and what is typed would show. Who handles the signal besides is called
    too. In another thread than the main one Ctrl-Z is a key like any.
    """
    before = signal.getsignal(signal.SIGCONT)

    def go_on(number: int, frame: Any) -> None:
        if callable(before):
            before(number, frame)
        do()

    # None is a handler that is not Python's, and could not be put back.
    is_ours = (
        threading.current_thread() is threading.main_thread()
        and before is not None
    )
    if is_ours:
        signal.signal(signal.SIGCONT, go_on)
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGCONT, before)


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
