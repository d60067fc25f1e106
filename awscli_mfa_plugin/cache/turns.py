# SPDX-License-Identifier: Apache-2.0
"""Turns at asking a person: a lock, and word of who holds it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from awscli_mfa_plugin.cache.files import VERSION, read_entry
from awscli_mfa_plugin.cache.layout import holder_path
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.host.processes import Process, this_process
from awscli_mfa_plugin.temporary_credentials import text_in

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """What came of waiting for a turn.

    :ivar is_held: Whether the lock is held; without one the work is done
        all the same.
    :ivar was_left: Whether the one before was killed during its turn.
    """

    is_held: bool
    was_left: bool = False


@contextlib.contextmanager
def turn(
    path: str, keeps_waiting: Callable[[Process | None], bool]
) -> Iterator[Turn]:
    """Hold the lock of a lock file, and leave word of who holds it.

    :param keeps_waiting: Called over and over while another process holds
        the lock, with what that one has left word of; returns whether to
        wait on.
    """
    with locked(path, 0, lambda: keeps_waiting(holder_of(path))) as is_held:
        if not is_held:
            yield Turn(is_held=False)
            return
        word = holder_path(path)
        was_left = os.path.lexists(word)
        _leave_word(word)
        try:
            yield Turn(is_held=True, was_left=was_left)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(word)


def holder_of(path: str) -> Process | None:
    """Return who holds the lock of a lock file, if it has left word."""
    return read_entry(holder_path(path), _from_json)


def _leave_word(path: str) -> None:
    """Write who this is. Who reads half of it reads nothing."""
    process = this_process()
    entry = {
        'Version': VERSION,
        'Command': process.command,
        'ProcessId': process.process_id,
        'Terminal': process.terminal,
        'TerminalName': process.terminal_name,
    }
    try:
        # Made anew: nobody's link is followed.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600), 'w') as file:
            json.dump(entry, file)
    except OSError as error:
        logger.debug('No word in %s: %s', path, error)


def _from_json(entry: dict[str, Any]) -> Process:
    """Return who has left word.

    :raises ValueError: It is no such word.
    """
    process_id = entry.get('ProcessId')
    terminal_name = entry.get('TerminalName')
    if type(process_id) is not int or type(terminal_name) is not str:
        raise ValueError('not a process')
    command = text_in(entry, 'Command')
    if not (command + terminal_name).isprintable():
        raise ValueError('not a command')
    return Process(
        command, process_id, text_in(entry, 'Terminal'), terminal_name
    )
