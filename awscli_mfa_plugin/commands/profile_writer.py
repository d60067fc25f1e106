# SPDX-License-Identifier: Apache-2.0
"""How a profile is written to the CLI's config file."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from typing import Any

from awscli.customizations.configure import profile_to_section
from awscli.customizations.configure.writer import ConfigFileWriter

from awscli_mfa_plugin.cache import MFASessionCache
from awscli_mfa_plugin.exceptions import ConfigWriteError

_LOCK_NAME = 'config-file'


def write_profile(
    session: Any, profile_name: str, values: Mapping[str, str]
) -> str:
    """Set values of a profile in the config file; return its path.

    The CLI's own writer does the editing, on a copy beside the file: by
    itself it truncates and writes in place, and turns every line ending
    into the platform's. What it did not mean to change is taken from the
    file as it was, byte for byte, and the copy is renamed into place.

    :raises ConfigWriteError: The file is as it was.
    """
    shown = session.get_config_variable('config_file')
    # A link stays a link: the file it names is what changes.
    path = os.path.realpath(os.path.expanduser(shown))
    with MFASessionCache().locked(_LOCK_NAME):
        try:
            _edit(path, profile_to_section(profile_name), values)
        except (OSError, ValueError) as error:
            reason = getattr(error, 'strerror', None) or error
            raise ConfigWriteError(path=shown, reason=reason) from None
    return str(shown)


def _edit(path: str, section: str, values: Mapping[str, str]) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle, copy = tempfile.mkstemp(
        prefix='config.', dir=os.path.dirname(path)
    )
    os.close(handle)
    try:
        original = b''
        if os.path.exists(path):
            with open(path, 'rb') as file:
                original = file.read()
            with open(copy, 'wb') as file:
                file.write(original)
        ConfigFileWriter().update_config(
            {'__section__': section, **values}, copy
        )
        with open(copy, 'rb') as file:
            rewritten = file.read()
        with open(copy, 'wb') as file:
            file.write(_splice(original, rewritten))
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


def _splice(original: bytes, rewritten: bytes) -> bytes:
    """Return ``original`` with the lines that ``rewritten`` has anew."""
    old = original.splitlines(keepends=True)
    new = rewritten.splitlines()
    bare = [line.rstrip(b'\r\n') for line in old]
    shared = min(len(bare), len(new))
    head = 0
    while head < shared and bare[head] == new[head]:
        head += 1
    tail = 0
    while tail < shared - head and bare[-1 - tail] == new[-1 - tail]:
        tail += 1
    end_of_line = b'\r\n' if b'\r\n' in original else b'\n'
    kept = b''.join(old[:head])
    added = new[head : len(new) - tail]
    if added and kept and not kept.endswith((b'\n', b'\r')):
        kept += end_of_line
    return (
        kept
        + b''.join(line + end_of_line for line in added)
        + b''.join(old[len(old) - tail :])
    )
