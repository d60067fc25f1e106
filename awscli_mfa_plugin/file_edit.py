# SPDX-License-Identifier: Apache-2.0
"""Changing a person's configuration files, and no more of them than asked.

A change is made to the file's bytes and renamed into place under a lock:
a crash at any moment leaves the old file or the new one.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping

from awscli_mfa_plugin.cache import MFASessionCache
from awscli_mfa_plugin.exceptions import ConfigWriteError

_LOCK_NAME = 'config-files'

_SECTION = re.compile(rb'\s*\[(?P<header>[^]]+)\]')
_SETTING = re.compile(rb'(?P<name>[^\s#;:=][^:=]*?)\s*[:=]')


def edit_file(path: str, change: Callable[[bytes, str], bytes]) -> None:
    """Change a file, keeping its mode and owner; make it if need be.

    :param change: Given the file's bytes and the path of a copy of it
        that it may write to, returns the new bytes.
    :raises ConfigWriteError: The file is as it was.
    """
    # A link stays a link: the file it names is what changes.
    target = os.path.realpath(os.path.expanduser(path))
    with MFASessionCache().locked(_LOCK_NAME):
        try:
            _replace(target, change)
        except (OSError, ValueError) as error:
            reason = getattr(error, 'strerror', None) or error
            raise ConfigWriteError(path=path, reason=reason) from None


def _replace(path: str, change: Callable[[bytes, str], bytes]) -> None:
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    # Made with mode 0600, which a new file keeps.
    handle, copy = tempfile.mkstemp(
        prefix=os.path.basename(path) + '.', dir=directory
    )
    try:
        original = b''
        if os.path.exists(path):
            with open(path, 'rb') as file:
                original = file.read()
        with os.fdopen(handle, 'wb') as file:
            file.write(original)
        changed = change(original, copy)
        with open(copy, 'wb') as file:
            file.write(changed)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(path):
            shutil.copymode(path, copy)
            _copy_owner(path, copy)
        os.replace(copy, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(copy)
        raise


def _copy_owner(path: str, copy: str) -> None:
    """Let ``sudo aws`` leave a person's file theirs."""
    if hasattr(os, 'chown'):
        status = os.stat(path)
        with contextlib.suppress(OSError):
            os.chown(copy, status.st_uid, status.st_gid)


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
    """
    newline = end_of_line(original)
    lines = original.splitlines(keepends=True)
    start = _find(lines, section)
    if start is None:
        if lines and not lines[-1].endswith((b'\n', b'\r')):
            lines[-1] += newline
        lines.append(f'[{section}]'.encode() + newline)
        start = len(lines) - 1
    wanted = dict(values)
    last = start
    index = start + 1
    while index < len(lines) and not _SECTION.match(lines[index]):
        setting = _SETTING.match(lines[index])
        name = setting['name'].decode() if setting else None
        if name in wanted:
            value = wanted.pop(name)
            if value is None:
                del lines[index]
                continue
            lines[index] = f'{name} = {value}'.encode() + newline
        if setting:
            last = index
        index += 1
    if not lines[last].endswith((b'\n', b'\r')):
        lines[last] += newline
    lines[last + 1 : last + 1] = [
        f'{name} = {value}'.encode() + newline
        for name, value in wanted.items()
        if value is not None
    ]
    return b''.join(lines)


def _find(lines: list[bytes], section: str) -> int | None:
    for index, line in enumerate(lines):
        match = _SECTION.match(line)
        if match and match['header'].strip() == section.encode():
            return index
    return None
