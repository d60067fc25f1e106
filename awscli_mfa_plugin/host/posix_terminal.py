# SPDX-License-Identifier: Apache-2.0
"""The part of :mod:`~awscli_mfa_plugin.host.terminal` for POSIX systems.

It stands apart so that mypy checks the rest of the package for Windows,
where this is never imported.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Iterator
from typing import Any, Callable

from awscli_mfa_plugin.exceptions.token_codes import (
    BackgroundJobError,
    NobodyAnsweredError,
    NoTerminalError,
    TerminalInUseError,
)
from awscli_mfa_plugin.host.terminal import (
    ANSWER_SECONDS,
    KILL_LINE,
    POSIX_TERMINAL,
    Opened,
)

assert sys.platform != 'win32'

# How often it is looked for a key: nobody notices, as nothing is echoed.
_LOOK_SECONDS = 0.05


def check_available() -> None:
    """Check that there is somebody to ask.

    :raises NoTerminalError: There is nobody.
    """
    try:
        handle = os.open(POSIX_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise NoTerminalError() from None
    try:
        if not _is_in_foreground(handle):
            raise BackgroundJobError()
    finally:
        os.close(handle)


def _is_in_foreground(handle: int) -> bool:
    """Tell whether this process may touch its terminal.

    A background job that does is stopped, and would hold up whoever waits
    for it.
    """
    try:
        return os.tcgetpgrp(handle) == os.getpgrp()
    except OSError:
        return False


def put_right() -> None:
    """Have the terminal echo, and take lines and Ctrl-C, again."""
    with contextlib.suppress(OSError, termios.error):
        handle = os.open(POSIX_TERMINAL, os.O_RDWR | os.O_NOCTTY)
        try:
            if _is_in_foreground(handle):
                mode = termios.tcgetattr(handle)
                mode[3] |= termios.ECHO | termios.ICANON | termios.ISIG
                termios.tcsetattr(handle, termios.TCSANOW, mode)
        finally:
            os.close(handle)


def check_mode(handle: int) -> None:
    """Check that no program has the terminal in a mode of its own.

    :raises TerminalInUseError: One has, and would get a part of the keys.
    """
    normal = termios.ECHO | termios.ICANON
    # The fourth of the seven fields is the local modes.
    if termios.tcgetattr(handle)[3] & normal != normal:
        raise TerminalInUseError()


def wait_for_line(handle: int) -> None:
    """Wait until a line has been typed, or the terminal is gone.

    :raises NobodyAnsweredError: None was.
    """
    # poll() and not select(), which knows no file number over 1023.
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    if not poll.poll(ANSWER_SECONDS * 1000):
        raise NobodyAnsweredError()


@contextlib.contextmanager
def left_as_it_is() -> Iterator[None]:
    """Put the terminal's mode back after a program that may change it."""
    handle = os.open(POSIX_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    try:
        before = termios.tcgetattr(handle)
        try:
            yield
        finally:
            if _is_in_foreground(handle):
                termios.tcsetattr(handle, termios.TCSANOW, before)
    finally:
        os.close(handle)


@contextlib.contextmanager
def opened(prompt: str) -> Iterator[Opened]:
    """Open the terminal, echoing nothing and giving every key at once.

    :param prompt: What is shown again when the process goes on after
        Ctrl-Z.
    :raises TerminalInUseError: Another program has it in a mode of its own.
    """
    handle = os.open(POSIX_TERMINAL, os.O_RDWR | os.O_NOCTTY)
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
        self._handle = handle
        self._prompt = prompt
        check_mode(handle)
        self._before = termios.tcgetattr(handle)
        self._mode = termios.tcgetattr(handle)
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

    def write(self, text: str) -> None:
        # When the terminal is gone, reading says so.
        with contextlib.suppress(OSError):
            os.write(self._handle, text.encode())

    def read_character(self) -> str:
        while True:
            try:
                byte = self._read()
            except _AskAnew:
                # The person has to type everything anew.
                self._asks_anew = False
                self._decoder.reset()
                return KILL_LINE
            character = self._decoder.decode(byte, final=not byte)
            if character or not byte:
                return character

    def _read(self) -> bytes:
        # The read must not block for long: another thread may be given a
        # signal, and its handler runs in the main thread, once that is
        # awake. In the background reading stops the process, as it should.
        self._is_reading = True
        try:
            os.set_blocking(self._handle, False)
            deadline = time.monotonic() + ANSWER_SECONDS
            while time.monotonic() < deadline:
                if self._asks_anew:
                    raise _AskAnew
                with contextlib.suppress(BlockingIOError):
                    return os.read(self._handle, 1)
                time.sleep(_LOOK_SECONDS)
            raise NobodyAnsweredError()
        except OSError:
            # The terminal is gone (EIO), and so is the person.
            return b''
        finally:
            self._is_reading = False
            os.set_blocking(self._handle, True)

    def _set(self, mode: Any) -> None:
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
