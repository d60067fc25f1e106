# SPDX-License-Identifier: Apache-2.0
"""Changing a person's configuration files, and no more of them than asked.

A change is made to the file's bytes and renamed into place under a lock:
a crash at any moment leaves the old file or the new one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace

from awscli_mfa_plugin.cache.layout import cache_directory, expand, lock_path
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.config_files.lines import Line, read_lines
from awscli_mfa_plugin.exceptions import ConfigWriteError

_LOCK_NAME = 'config-files'

# How often a change is made anew because the file has changed meanwhile.
_ATTEMPTS = 5


def edit_file(path: str, change: Callable[[bytes, str], bytes]) -> None:
    """Change a file, keeping its mode and owner; make it if need be.

    :param change: Given the file's bytes and the path of a copy of it
        that it may write to, returns the new bytes.
    :raises ConfigWriteError: The file is as it was.
    """
    # A link stays a link: the file it names is what changes.
    target = os.path.realpath(expand(path))
    with locked(lock_path(cache_directory(), _LOCK_NAME)):
        try:
            _replace(target, change)
        except (OSError, ValueError) as error:
            reason = getattr(error, 'strerror', None) or error
            raise ConfigWriteError(path=path, reason=reason) from None


def _replace(path: str, change: Callable[[bytes, str], bytes]) -> None:
    """Change a file that others may write to without asking for a lock.

    :raises OSError: They did so all the time.
    """
    for _ in range(_ATTEMPTS):
        if _replace_unless_changed(path, change):
            return
    raise OSError('other programs are changing it')


def _replace_unless_changed(
    path: str, change: Callable[[bytes, str], bytes]
) -> bool:
    if os.path.exists(path) and not os.access(path, os.W_OK):
        # Renaming would get around what somebody has forbidden.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    # Made with mode 0600, which a new file keeps.
    handle, copy = tempfile.mkstemp(
        prefix=os.path.basename(path) + '.', dir=directory
    )
    try:
        state = _state_of(path)
        with os.fdopen(handle, 'wb') as file:
            original = _read(path)
            file.write(original)
        changed = change(original, copy)
        with open(copy, 'wb') as file:
            file.write(changed)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(path):
            shutil.copymode(path, copy)
            _copy_owner(path, copy)
        if _state_of(path) != state:
            # "aws configure" or an editor wrote to it: theirs first.
            os.unlink(copy)
            return False
        os.replace(copy, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(copy)
        raise
    return True


def _state_of(path: str) -> tuple[int, int, int] | None:
    """Return what differs once a file has been written to."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: str) -> bytes:
    try:
        with open(path, 'rb') as file:
            return file.read()
    except FileNotFoundError:
        return b''


def _copy_owner(path: str, copy: str) -> None:
    """Let ``sudo aws`` leave a person's file theirs."""
    if hasattr(os, 'chown'):
        status = os.stat(path)
        with contextlib.suppress(OSError):
            os.chown(copy, status.st_uid, status.st_gid)


def headers_of(original: bytes) -> list[str]:
    """Return what stands between the brackets, section after section."""
    return [
        line.section.decode('utf-8', 'replace')
        for line in read_lines(original)
        if line.is_header and line.section is not None
    ]


def end_of_line(original: bytes) -> bytes:
    """Return what the lines of a file end in."""
    return b'\r\n' if b'\r\n' in original else b'\n'


def set_in_section(
    original: bytes, section: str, values: Mapping[str, str | None]
) -> bytes:
    """Return a file's bytes with values of one section set.

    Lines of other settings, comments and blank lines stay as they are. A
    section that is not there is put at the end.

    :param section: Its name as it stands between the brackets.
    :param values: By name; those that are ``None`` are taken out.
    :raises ValueError: A value is more than one line.
    """
    for text in (section, *values.values()):
        if text is not None and ('\n' in text or '\r' in text):
            raise ValueError('a value is more than one line')
    newline = end_of_line(original)
    header = section.encode()
    wanted = dict(values)
    lines: list[Line] = []
    for line in read_lines(original):
        if (
            line.section != header
            or line.name is None
            or line.name not in values
        ):
            lines.append(line)
            continue
        # What a value goes on with on its next lines goes with it.
        new = wanted.pop(line.name, None) if line.is_setting else None
        if new is not None:
            anew = line.indent + f'{line.name} = {new}'.encode()
            lines.append(replace(line, text=anew + (line.ending or newline)))
    place, indent = _end_of_section(lines, header)
    before = [line.text for line in lines[:place]]
    after = [line.text for line in lines[place:]]
    added = [
        indent + f'{name} = {value}'.encode() + newline
        for name, value in wanted.items()
        if value is not None
    ]
    if not any(line.section == header for line in lines):
        added.insert(0, f'[{section}]'.encode() + newline)
    if before and added and not before[-1].endswith((b'\n', b'\r')):
        before[-1] += newline
    return b''.join([*before, *added, *after])


def _end_of_section(lines: list[Line], section: bytes) -> tuple[int, bytes]:
    """Return where further settings of a section go, and how far in."""
    place = len(lines)
    indent = b''
    for number, line in enumerate(lines, 1):
        if line.section == section and (line.is_header or line.name):
            place = number
            if line.is_header or line.is_setting:
                indent = line.indent
    return place, indent
