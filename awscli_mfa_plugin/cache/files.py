# SPDX-License-Identifier: Apache-2.0
"""Files that only their owner can read, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from typing import Any

logger = logging.getLogger(__name__)


def make_directory(path: str) -> None:
    """Make a folder of mode 0700; one that exists stays as it is.

    So are those above it that are missing: whoever can write to one of
    them can put another folder in the place of this one.

    :raises OSError: It cannot be made.
    """
    parent = os.path.dirname(path)
    if parent and not os.path.exists(parent):
        make_directory(parent)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)


def read_json(path: str) -> Any:
    """Return what a file holds, or ``None`` for one that is no JSON.

    Whoever reads these files can make them anew, so a file that is
    missing, cut off or unreadable is none, and never an error.
    """
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        # The type alone: a parser's message may quote the file.
        logger.debug('%s is unreadable (%s)', path, type(error).__name__)
        return None


def write_json(path: str, value: Any) -> None:
    """Write a file of mode 0600 and rename it into place.

    :raises OSError: It cannot be written; what was there stays.
    """
    directory, name = os.path.split(path)
    make_directory(directory)
    # mkstemp makes it 0600; in the same folder, so that the rename is one
    # step of one file system.
    handle, temporary = tempfile.mkstemp(
        prefix=name, suffix='.tmp', dir=directory
    )
    try:
        with os.fdopen(handle, 'w', encoding='utf-8') as file:
            json.dump(value, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
