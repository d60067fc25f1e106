# SPDX-License-Identifier: Apache-2.0
"""Which session in the cache serves a profile, noted for quick readers.

To know that from the config and credentials files takes botocore and all
the rules of profiles. Whoever has gone that way leaves a note for the
profile's name; it holds for as long as neither file changes.

Nothing but the standard library, as for ``cache_layout``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from awscli_mfa_plugin.cache_layout import (
    MIN_REMAINING_SECONDS,
    ROLE_FILE,
    SESSION_FILE,
    cache_directory,
    parse_time,
    profile_path,
)
from awscli_mfa_plugin.private_files import read_json, write_json

_VERSION = 1
_FILES = {
    'AWS_CONFIG_FILE': os.path.join('~', '.aws', 'config'),
    'AWS_SHARED_CREDENTIALS_FILE': os.path.join('~', '.aws', 'credentials'),
}


def keep_note(
    profile_name: str,
    session_key: str,
    access_key_id: str,
    min_remaining: int = MIN_REMAINING_SECONDS,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Note which session serves a profile, if that is not noted yet."""
    noted = find_credentials(profile_name, environ)
    if noted is None or noted['AccessKeyId'] != access_key_id:
        note_session(
            profile_name, session_key, access_key_id, min_remaining, environ
        )


def note_session(
    profile_name: str,
    session_key: str,
    access_key_id: str,
    min_remaining: int = MIN_REMAINING_SECONDS,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Note which session serves a profile; by its access key id.

    Without a note quick readers take the long way, so nothing is raised.

    :param session_key: The profile's own MFA session: neither that one nor
        a role session made from it is another profile's, whatever the
        environment gave the command.
    :param min_remaining: How long the profile wants a session to last, in
        seconds.
    """
    directory = cache_directory(environ)
    name = _file_of(directory, session_key, access_key_id)
    if name is None:
        return
    note = {
        'Version': _VERSION,
        'ProfileName': profile_name,
        'Session': name,
        'MinRemaining': min_remaining,
        'Files': _state_of_files(environ),
    }
    with contextlib.suppress(OSError):
        write_json(profile_path(directory, profile_name), note)


def forget_profile(
    profile_name: str, environ: Mapping[str, str] = os.environ
) -> None:
    """Have the next reader look for the profile's session anew."""
    path = profile_path(cache_directory(environ), profile_name)
    with contextlib.suppress(OSError):
        os.unlink(path)


def find_credentials(
    profile_name: str, environ: Mapping[str, str] = os.environ
) -> dict[str, str] | None:
    """Return the credentials noted for a profile, if they are usable.

    :returns: ``AccessKeyId``, ``SecretAccessKey``, ``SessionToken`` and
        ``Expiration``, or ``None``: then the long way has to be taken.
    """
    directory = cache_directory(environ)
    note = read_json(profile_path(directory, profile_name))
    try:
        name = note['Session']
        if note['Version'] != _VERSION or not (
            SESSION_FILE.fullmatch(name) or ROLE_FILE.fullmatch(name)
        ):
            return None
        if note['Files'] != _state_of_files(environ):
            return None
        given = read_json(os.path.join(directory, name))['Credentials']
        left = parse_time(given['Expiration']) - datetime.now(timezone.utc)
        if left <= timedelta(seconds=note['MinRemaining']):
            return None
        return {
            key: given[key]
            for key in (
                'AccessKeyId',
                'SecretAccessKey',
                'SessionToken',
                'Expiration',
            )
        }
    except (LookupError, TypeError, ValueError):
        return None


def _state_of_files(environ: Mapping[str, str]) -> list[list[Any]]:
    """Return what tells whether the two files are as they were."""
    state: list[list[Any]] = []
    for variable, default in _FILES.items():
        path = os.path.expanduser(environ.get(variable) or default)
        try:
            status = os.stat(path)
        except OSError:
            state.append([path, None, None, None])
            continue
        state.append([path, status.st_mtime_ns, status.st_size, status.st_ino])
    return state


def _file_of(
    directory: str, session_key: str, access_key_id: str
) -> str | None:
    try:
        names = os.listdir(directory)
    except OSError:
        return None
    for name in names:
        match = SESSION_FILE.fullmatch(name) or ROLE_FILE.fullmatch(name)
        if match and match['session'] == session_key:
            entry = read_json(os.path.join(directory, name))
            with contextlib.suppress(LookupError, TypeError):
                if entry['Credentials']['AccessKeyId'] == access_key_id:
                    return name
    return None
