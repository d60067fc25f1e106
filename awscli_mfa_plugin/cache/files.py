# SPDX-License-Identifier: Apache-2.0
"""Files that only their owner can read, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
from collections.abc import Callable
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

_T = TypeVar('_T')

# The version of every file of this cache that holds credentials.
VERSION = 1

# Far more than any session takes. A file of that length is not ours.
_MAX_BYTES = 64 * 1024

_NOT_ORDINARY = 'it is not an ordinary file'

_warned: set[str] = set()


def make_directory(path: str) -> None:
    """Make a folder of mode 0700; one that exists stays as it is.

    Missing folders above it are made in the same way: somebody who can
    write to one of them can put another folder in the place of this one.

    :raises OSError: It cannot be made.
    """
    with contextlib.suppress(FileNotFoundError):
        # A path that is too long ends here, before its first folders exist.
        os.stat(path)
    parent = os.path.dirname(path)
    if parent and not os.path.exists(parent):
        make_directory(parent)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
        # The umask may have taken away the owner's own rights.
        os.chmod(path, 0o700)


def read_entry(path: str, parse: Callable[[dict[str, Any]], _T]) -> _T | None:
    """Return what ``parse`` makes of a file, or ``None``.

    A file that is not believed counts as absent: the next login replaces
    it.

    :param parse: Raises ``ValueError`` for a document that is not whole.
    """
    entry = read_json(path)
    if entry is None:
        return None
    try:
        # A bool is an int too, so the type itself is compared.
        if type(entry) is not dict or type(entry.get('Version')) is not int:
            raise ValueError('not a document with a version')
        if entry['Version'] != VERSION:
            raise ValueError('another version')
        return parse(entry)
    except ValueError as error:
        logger.debug('%s is ignored: %s', path, error)
        return None


def read_json(path: str) -> Any:
    """Return what a file holds, or ``None`` for one that is not ours.

    A file that is missing, cut off or unreadable is none, and never an
    error: whoever reads these files can make them anew. A link, a pipe or
    a device is never opened for long, and a file that others may have
    written or read is not trusted.
    """
    try:
        with open(path, 'rb', opener=_open_at_once) as file:
            status = os.fstat(file.fileno())
            reason = _distrust(status, os.path.dirname(path))
            if reason is not None:
                _warn(path, reason)
                return None
            content = file.read(_MAX_BYTES)
        return json.loads(content.decode())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        if not _is_ordinary(path):
            # A link, a folder or a socket does not open.
            _warn(path, _NOT_ORDINARY)
            return None
        # The type alone: a parser's message may quote the file.
        logger.debug('%s is unreadable (%s)', path, type(error).__name__)
        return None


def _open_at_once(path: str, flags: int) -> int:
    """Open a file, but follow no link and wait at no pipe."""
    for name in ('O_NOFOLLOW', 'O_NONBLOCK'):
        flags |= getattr(os, name, 0)
    return os.open(path, flags)


def _is_ordinary(path: str) -> bool:
    """Tell whether a path is a file and no link; yes if it is not known."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return True


def _distrust(status: os.stat_result, directory: str) -> str | None:
    """Say why a file of this status is not believed, if so."""
    if not stat.S_ISREG(status.st_mode):
        return _NOT_ORDINARY
    if status.st_size >= _MAX_BYTES:
        return 'it is too long'
    if not hasattr(os, 'geteuid'):
        # On Windows the folder's own permissions decide.
        return None
    folder = os.stat(directory)
    if folder.st_mode & 0o022:
        return f'others can write to its folder (chmod 700 {directory})'
    if status.st_mode & 0o077:
        return 'others can read it'
    # Root in a container reads the files of whom the folder belongs to.
    owners = {os.geteuid(), folder.st_uid if os.geteuid() == 0 else None}
    if status.st_uid not in owners:
        return 'it belongs to somebody else'
    return None


def _warn(path: str, reason: str) -> None:
    """Say once for each folder that its files are not believed."""
    logger.debug('%s is ignored, because %s', path, reason)
    directory = os.path.dirname(path)
    if directory not in _warned:
        _warned.add(directory)
        # Imported here: a file is seldom in such a state.
        from awscli_mfa_plugin.host.wrapping import say_on_stderr

        say_on_stderr(
            f'\nThe file {path} is ignored, because {reason}. Remove it, or '
            'name another folder in AWS_MFA_CACHE_DIRECTORY.'
        )


def write_json(path: str, value: Any) -> None:
    """Write a document as JSON, as ``write_text`` writes a text.

    ``notes`` reads these lines one by one: their shape is part of it.

    :raises OSError: It cannot be written; what was there stays.
    """
    write_text(path, json.dumps(value, indent=2))


def write_text(path: str, text: str) -> None:
    """Write a file of mode 0600 and rename it into place.

    :raises OSError: It cannot be written; what was there stays.
    """
    # Imported here: a command that has a session writes nothing.
    import tempfile

    directory, name = os.path.split(path)
    make_directory(directory)
    # mkstemp makes it private; in the same folder, so that the rename is one
    # step of one file system.
    handle, temporary = tempfile.mkstemp(
        prefix=name, suffix='.tmp', dir=directory
    )
    try:
        # The umask may have taken away the rights of the owner.
        os.chmod(temporary, 0o600)
        # It is written as bytes: on Windows a text would get other ends of
        # lines.
        with os.fdopen(handle, 'wb') as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
