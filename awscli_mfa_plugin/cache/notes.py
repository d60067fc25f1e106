# SPDX-License-Identifier: Apache-2.0
"""Which session in the cache serves a profile, noted for quick readers.

To know that from the config and credentials files takes botocore and all
the rules of profiles. Whoever has gone that way leaves a note for the
profile's name; it holds for as long as nothing about the profile changes
in either file.

Nothing but the standard library, as for ``cache_layout``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from awscli_mfa_plugin.cache.files import read_json, write_json
from awscli_mfa_plugin.cache.layout import (
    ROLE_FILE,
    SESSION_FILE,
    cache_directory,
    expand,
    profile_path,
)
from awscli_mfa_plugin.temporary_credentials import (
    MIN_REMAINING_SECONDS,
    parse_time,
)

_VERSION = 2
_FILES = {
    'AWS_CONFIG_FILE': os.path.join('~', '.aws', 'config'),
    'AWS_SHARED_CREDENTIALS_FILE': os.path.join('~', '.aws', 'credentials'),
}


def note_session(
    profile_name: str,
    session_file: str,
    min_remaining: int = MIN_REMAINING_SECONDS,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Note which file of the cache serves a profile, if that is not noted.

    Without a note quick readers take the long way, so nothing is raised.

    :param session_file: The name of what a provider has just served for
        that very profile. That the access key is the same proves nothing:
        it may have come from the environment.
    :param min_remaining: How long the profile wants a session to last, in
        seconds; for a role the default, whatever its profile says.
    """
    path = profile_path(cache_directory(), profile_name)
    note = {
        'Version': _VERSION,
        'ProfileName': profile_name,
        'Session': session_file,
        'MinRemaining': min_remaining,
        'Files': _state_of_files(environ),
    }
    noted = read_json(path)
    if isinstance(noted, dict) and noted.items() >= note.items():
        return
    note['Sections'] = _digest_of_sections(profile_name, environ)
    with contextlib.suppress(OSError):
        write_json(path, note)


def forget_profile(
    profile_name: str, environ: Mapping[str, str] = os.environ
) -> None:
    """Have the next reader look for the profile's session anew."""
    path = profile_path(cache_directory(), profile_name)
    with contextlib.suppress(OSError):
        os.unlink(path)


def find_credentials(
    profile_name: str, environ: Mapping[str, str] = os.environ
) -> dict[str, str] | None:
    """Return the credentials noted for a profile, if they are usable.

    :returns: ``AccessKeyId``, ``SecretAccessKey``, ``SessionToken`` and
        ``Expiration``, or ``None``: then the long way has to be taken.
    """
    directory = cache_directory()
    path = profile_path(directory, profile_name)
    note = read_json(path)
    try:
        name = note['Session']
        if note['Version'] != _VERSION or not (
            SESSION_FILE.fullmatch(name) or ROLE_FILE.fullmatch(name)
        ):
            return None
        if not _holds(note, path, profile_name, environ):
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


def _holds(
    note: dict[str, Any],
    path: str,
    profile_name: str,
    environ: Mapping[str, str],
) -> bool:
    """Tell whether the files still say of the profile what they said."""
    files = _state_of_files(environ)
    if note['Files'] == files:
        return True
    if note['Sections'] != _digest_of_sections(profile_name, environ):
        return False
    # Another profile has changed. The next reader need not find out.
    with contextlib.suppress(OSError):
        write_json(path, {**note, 'Files': files})
    return True


def _state_of_files(environ: Mapping[str, str]) -> list[list[Any]]:
    """Return what is the same as long as neither file is written to."""
    state: list[list[Any]] = []
    for path in _paths(environ):
        try:
            status = os.stat(path)
        except OSError:
            state.append([path, None, None, None])
            continue
        state.append([path, status.st_mtime_ns, status.st_size, status.st_ino])
    return state


def _digest_of_sections(profile_name: str, environ: Mapping[str, str]) -> str:
    """Return a digest of all settings that may matter to a profile.

    They are its own, those of its long-term profile, and the same of every
    profile that it names as its source.
    """
    # Where nothing has changed, this need not be loaded.
    from awscli_mfa_plugin.config_files.lines import (
        profile_of_header,
        read_lines,
    )

    sections: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    for number, path in enumerate(_paths(environ)):
        text = _read(path).decode('utf-8', 'surrogateescape')
        for line in read_lines(text):
            if line.section is None or not (line.is_header or line.name):
                # A comment or a blank line.
                continue
            # Only the config file writes "profile" before a name.
            header = line.section
            name = header if number else profile_of_header(header)
            if name is None:
                continue
            content = f'{number} {line.text.rstrip()}'
            sections.setdefault(name, []).append(content)
            if line.name == 'source_profile' and line.value:
                sources.setdefault(name, []).append(line.value)
    wanted = [profile_name]
    for name in wanted:
        # The list grows as it is gone through.
        for other in (f'{name}-long-term', *sources.get(name, [])):
            if other in sections and other not in wanted:
                wanted.append(other)
    digest = sha256()
    for name in wanted:
        digest.update(repr((name, sections.get(name))).encode())
    return digest.hexdigest()


def _paths(environ: Mapping[str, str]) -> list[str]:
    return [
        expand(environ.get(variable) or default)
        for variable, default in _FILES.items()
    ]


def _read(path: str) -> bytes:
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError:
        return b''
