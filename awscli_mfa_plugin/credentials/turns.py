# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is to ask for a code, and how long others wait."""

from __future__ import annotations

import contextlib
import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from awscli_mfa_plugin.cache.layout import (
    cache_directory,
    terminal_lock_path,
    terminal_told_path,
)
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.cache.told import is_first_time
from awscli_mfa_plugin.cache.turns import Turn, holder_of, turn
from awscli_mfa_plugin.credentials.waiting_line import WaitingLine
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions.token_codes import StoppedProcessError
from awscli_mfa_plugin.host.processes import Process
from awscli_mfa_plugin.host.terminal import ANSWER_SECONDS, Terminal
from awscli_mfa_plugin.host.wrapping import is_terminal

# How long somebody with a code waits for the call of another process.
_CALL_SECONDS = 10

# How long a process that was stopped while it asks is waited for.
_STOPPED_SECONDS = 60

# Jobs that one command line starts have all failed after so long.
_JOBS_SECONDS = 60


def turn_with_code(
    lock_path: str, is_made: Callable[[], bool]
) -> AbstractContextManager[bool]:
    """Wait for the call of another process, and not for its prompt.

    :param is_made: Tells whether the session is there already.
    """
    deadline = time.monotonic() + _CALL_SECONDS

    def keeps_waiting() -> bool:
        return (
            time.monotonic() < deadline
            and holder_of(lock_path) is None
            and not is_made()
        )

    return locked(lock_path, 0, keeps_waiting)


@contextlib.contextmanager
def turn_to_ask(
    terminal: Terminal, lock_path: str, is_over: Callable[[], bool]
) -> Iterator[Turn]:
    """Wait for whoever asks, until it is over.

    :raises StoppedProcessError: Who asks does not go on.
    """
    with (
        _Patience(terminal) as patience,
        turn(
            lock_path,
            lambda holder: not is_over() and patience.lasts(holder),
        ) as mine,
    ):
        # Others who wait may tell of this process now.
        patience.close()
        yield mine


@contextlib.contextmanager
def turn_at_terminal(terminal: Terminal) -> Iterator[None]:
    """Wait until nobody else asks at the same terminal.

    :raises StoppedProcessError: Who asks does not go on.
    """
    key = terminal.key()
    if not key:
        yield
        return
    path = terminal_lock_path(cache_directory(), key)
    with turn_to_ask(terminal, path, lambda: False) as mine:
        if mine.was_left:
            terminal.put_right()
        yield


def job_tells_why(profile_name: str) -> bool:
    """Tell whether this background job is to say why it cannot ask.

    Of several at one terminal one says it, and the others fail with fewer
    words. Each says it where its words do not go to the terminal.
    """
    if not is_terminal(sys.stderr):
        return True
    return _is_first_job(
        terminal_told_path(
            cache_directory(), f'{Terminal().key()} jobs {profile_name}'
        )
    )


# All threads of a job raise what its first one did.
@functools.cache
def _is_first_job(path: str) -> bool:
    try:
        return is_first_time(path, _JOBS_SECONDS)
    except OSError:
        return True


def ask_in_turn(terminal: Terminal, prompt: str) -> str:
    """Ask for what is no secret, once nobody else asks there.

    The keys of one answer would be shared out between two questions.

    :raises StoppedProcessError: Who asks there does not go on.
    :raises NoTokenCodeError: The terminal was closed (Ctrl-D).
    """
    with turn_at_terminal(terminal):
        return terminal.ask(prompt)


def agrees(
    terminal: Terminal, question: str, *, by_default: bool = False
) -> bool:
    """Ask in turn for a yes or a no.

    :param by_default: What Enter alone means; other words are a no.
    """
    choice = 'Y/n' if by_default else 'y/N'
    answer = ask_in_turn(terminal, f'{question} [{choice}] ')
    return answer.lower() in ('y', 'yes') if answer else by_default


class _Patience(WaitingLine):
    """The patience with another process that asks for a code.

    A person at another terminal is told at once who asks. At the same
    terminal the prompt itself tells, and another word would stand in it.
    """

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal, 'told')
        self._stuck_since: float | None = None

    def lasts(self, holder: Process | None) -> bool:
        """Wait on; a prompt that nobody answers gives up by itself.

        :param holder: ``None`` for a process that has left no word. It only
            sends a code, which takes less than a minute; stopped meanwhile
            it could not be told from one that goes on.
        :raises StoppedProcessError: It has been stopped for too long.
        """
        if holder is not None and not holder.is_stopped():
            self._stuck_since = None
            if holder.terminal != self.terminal.key():
                self.show(
                    f'Waiting up to {format_duration(ANSWER_SECONDS)}: '
                    f'{holder.command} asks for a code {holder.place()}.'
                )
            return True
        now = time.monotonic()
        if self._stuck_since is None:
            self._stuck_since = now
        is_over = now - self._stuck_since > _STOPPED_SECONDS
        if holder is None:
            return not is_over
        error = StoppedProcessError(
            process=holder, process_id=holder.process_id
        )
        self.show(str(error))
        if is_over:
            raise error
        return True
