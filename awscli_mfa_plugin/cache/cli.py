# SPDX-License-Identifier: Apache-2.0
"""The AWS CLI that has the plugin, for programs that need to start it.

The first ``aws`` on ``PATH`` may be another one, and the ``PATH`` of an
editor or of cron may have none. So the CLI that has the plugin notes how
it was started.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

from awscli_mfa_plugin.cache.files import (
    VERSION,
    read_entry,
    read_json,
    write_json,
)
from awscli_mfa_plugin.cache.layout import cache_directory
from awscli_mfa_plugin.host.programs import find_program, own_command

_FILE = 'cli.json'


def note_cli() -> None:
    """Note how this process, which is ``aws``, can be started again.

    Nothing is raised: without a note ``aws`` is looked for on ``PATH``.
    """
    path = os.path.join(cache_directory(), _FILE)
    note = {'Version': VERSION, 'Command': own_command()}
    if read_json(path) != note:
        with contextlib.suppress(OSError):
            write_json(path, note)


def find_cli() -> list[str] | None:
    """Return how to start the CLI that has the plugin, or ``None``."""
    path = os.path.join(cache_directory(), _FILE)
    command = read_entry(path, _command_of)
    if command is not None:
        return command
    aws = find_program('aws')
    return None if aws is None else [aws]


def _command_of(note: dict[str, Any]) -> list[str]:
    """Return the command of a note.

    :raises ValueError: It names nothing that can be started.
    """
    command = note.get('Command')
    if type(command) is not list or not command:
        raise ValueError('no command')
    if not all(isinstance(word, str) and _is_there(word) for word in command):
        raise ValueError('a command that is not there')
    return command


def _is_there(word: str) -> bool:
    """Tell whether a program or script is there; options always are."""
    return word.startswith('-') or (
        os.path.isabs(word) and os.path.isfile(word)
    )
