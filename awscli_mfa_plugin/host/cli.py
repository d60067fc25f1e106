# SPDX-License-Identifier: Apache-2.0
"""The AWS CLI that has the plugin, for programs that need to start it.

The first ``aws`` on ``PATH`` may be another one, and the ``PATH`` of an
editor or of cron may have none. So whoever is that CLI notes how it was
started. Nothing but the standard library, as for ``cache_layout``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Mapping
from typing import Any

from awscli_mfa_plugin.cache.files import read_json, write_json
from awscli_mfa_plugin.cache.layout import cache_directory

_VERSION = 1
_FILE = 'cli.json'


def note_cli(environ: Mapping[str, str] = os.environ) -> None:
    """Note how this process, which is ``aws``, can be started again.

    Without a note it is looked for on ``PATH``, so nothing is raised.
    """
    path = os.path.join(cache_directory(environ), _FILE)
    note = {'Version': _VERSION, 'Command': _own_command()}
    if read_json(path) != note:
        with contextlib.suppress(OSError):
            write_json(path, note)


def find_cli(environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """Return how to start the CLI that has the plugin, or ``None``."""
    path = os.path.join(cache_directory(environ), _FILE)
    note: Any = read_json(path) if _is_own(path) else None
    try:
        command = list(note['Command'])
        is_whole = bool(command) and all(map(_is_there, command))
        if note['Version'] == _VERSION and is_whole:
            return command
    except (AttributeError, LookupError, TypeError):
        # Not a note, or not one of words.
        pass
    aws = find_program('aws', environ)
    return None if aws is None else [aws]


def find_program(
    name: str, environ: Mapping[str, str] = os.environ
) -> str | None:
    """Return a program's absolute path by the ``PATH``, or ``None``.

    Where the current folder counts, by an entry like ``bin`` or ``.`` or
    because Windows looks there first, it does not here: what SDKs start
    must not depend on whose folder they run in.
    """
    folders = environ.get('PATH', os.defpath).split(os.pathsep)
    path = os.pathsep.join(filter(os.path.isabs, folders))
    found = shutil.which(name, path=path) if path else None
    return found if found and os.path.isabs(found) else None


def _own_command() -> list[str]:
    """Return the interpreter, its options and the script, without ours.

    The frozen v2 is one program. Python 3.9 does not tell its options,
    which no CLI of that age is started with.
    """
    if getattr(sys, 'frozen', False):
        return [sys.executable]
    options: list[str] = []
    original = getattr(sys, 'orig_argv', None)
    if original:
        options = original[1 : len(original) - len(sys.argv)]
    # What "python -m" runs is a script like another.
    options = [option for option in options if option != '-m']
    return [sys.executable, *options, os.path.abspath(sys.argv[0])]


def _is_there(word: str) -> bool:
    """Tell whether a program or script is there; options always are."""
    return word.startswith('-') or (
        os.path.isabs(word) and os.path.isfile(word)
    )


def _is_own(path: str) -> bool:
    """Tell whether this user wrote a file; on Windows the folder tells."""
    if not hasattr(os, 'geteuid'):
        return True
    try:
        return os.stat(path).st_uid == os.geteuid()
    except OSError:
        return False
