# SPDX-License-Identifier: Apache-2.0
"""Where sessions are kept on disk, under which names, and for how long.

Nothing but the standard library: ``awscli-mfa`` reads sessions in an
environment that need not have botocore. In the folder stand

- ``SESSION.json``, an MFA session; ``SESSION`` is its key;
- ``SESSION.ROLE.json``, a role session made from it;
- ``SESSION.lock``, held while the session is made;
- ``profiles/PROFILE.json``, which of these files serves a profile;
- ``cli.json``, how the AWS CLI that has the plugin is started.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from hashlib import sha256

DIRECTORY_VARIABLE = 'AWS_MFA_CACHE_DIRECTORY'
_DEFAULT_DIRECTORY = os.path.join('~', '.aws', 'cli', 'mfa-cache')

# A session is used until this many seconds before it expires, so that a
# request signed with it still arrives in time.
MIN_REMAINING_SECONDS = 60

# The names of files that are ours: nothing else is ever removed.
SESSION_FILE = re.compile(r'(?P<session>[0-9a-f]{64})\.json')
ROLE_FILE = re.compile(r'(?P<session>[0-9a-f]{64})\.[0-9a-f]{64}\.json')
TEMPORARY_FILE = re.compile(
    r'(?P<session>[0-9a-f]{64})\.(?:[0-9a-f]{64}\.)?json\w+\.tmp'
)


def cache_directory(environ: Mapping[str, str] = os.environ) -> str:
    """Return the folder: ``AWS_MFA_CACHE_DIRECTORY``, else the default."""
    directory = environ.get(DIRECTORY_VARIABLE) or _DEFAULT_DIRECTORY
    # Without a separator at its end, which dirname() would stop at.
    return os.path.abspath(os.path.expanduser(directory))


def expand(path: str) -> str:
    """Return a path as botocore reads it from a variable or a file."""
    return os.path.expanduser(os.path.expandvars(path))


def session_file(session_key: str) -> str:
    """Return the name of an MFA session's file."""
    return f'{session_key}.json'


def session_path(directory: str, session_key: str) -> str:
    """Return the file of an MFA session."""
    return os.path.join(directory, session_file(session_key))


def role_path(directory: str, session_key: str, role: str) -> str:
    """Return the file of a role session.

    :param role: What tells it from others of the same MFA session.
    """
    name = sha256(role.encode()).hexdigest()
    return os.path.join(directory, f'{session_key}.{name}.json')


def profile_path(directory: str, profile_name: str) -> str:
    """Return the file that says what serves a profile."""
    name = sha256(profile_name.encode('utf-8', 'surrogateescape')).hexdigest()
    return os.path.join(directory, 'profiles', f'{name}.json')


def format_time(time: datetime) -> str:
    """Return a time as STS writes it: ``2026-11-24T06:00:00Z``."""
    return time.astimezone(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


def parse_time(value: str | datetime) -> datetime:
    """Return the time STS gave, in UTC.

    The AWS CLI has botocore hand on timestamps as the strings they are;
    elsewhere they come as ``datetime``.

    :raises ValueError: It is not an ISO 8601 time with a time zone.
    """
    if not isinstance(value, (str, datetime)):
        raise ValueError('not a time')
    if isinstance(value, str):
        # Before Python 3.11, fromisoformat() does not know "Z".
        value = datetime.fromisoformat(value.replace('Z', '+00:00'))
    if value.tzinfo is None:
        raise ValueError('a time without a time zone')
    try:
        return value.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError('a time out of reach') from None
