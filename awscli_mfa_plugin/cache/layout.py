# SPDX-License-Identifier: Apache-2.0
"""Where sessions are kept on disk, and under which names.

In the folder stand

- ``SESSION.json``, an MFA session; ``SESSION`` is its key;
- ``SESSION.ROLE.json``, a role session made from it or with a code of its
  own;
- ``SESSION.lock``, held while the session is made;
- ``terminal-TERMINAL.lock``, held while a person is asked at a terminal;
- ``code-DEVICE.used``, a digest of the device's code that was sent last,
  and ``code-DEVICE.lock``, held while that is looked at;
- beside a lock ``....holder``, who holds it while it asks a person;
- ``terminal-TERMINAL.told``, when background jobs there said why they fail;
- ``profile-PROFILE.told``, when a person was told what SDKs do with it;
- ``SESSION.END.told``, when a person was told that the session ends; ``END``
  is when, in seconds since 1970;
- ``profiles/PROFILE``, the note of which file serves a profile;
- ``cli.json``, how the AWS CLI that has the plugin is started.

``awscli-mfa`` imports this module at each shell prompt. The functions for
names therefore import ``hashlib`` themselves.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

DIRECTORY_VARIABLE = 'AWS_MFA_CACHE_DIRECTORY'
_DEFAULT_DIRECTORY = os.path.join('~', '.aws', 'cli', 'mfa-cache')


def cache_directory() -> str:
    """Return the folder: ``AWS_MFA_CACHE_DIRECTORY``, else the default."""
    directory = os.environ.get(DIRECTORY_VARIABLE) or _DEFAULT_DIRECTORY
    # abspath() drops a separator at the end, which dirname() would stop at.
    return os.path.abspath(os.path.expanduser(directory))


def expand(path: str) -> str:
    """Return a path as botocore reads it from a variable or a file."""
    return os.path.expanduser(os.path.expandvars(path))


def session_key(access_key_id: str) -> str:
    """Return the name that a session has in the cache.

    Two profiles on one access key share it, whichever of the user's MFA
    devices gave the code; a rotated access key has another.
    """
    return _digest(access_key_id)


def session_file(session_key: str) -> str:
    """Return the name of an MFA session's file."""
    return f'{session_key}.json'


def session_path(directory: str, session_key: str) -> str:
    """Return the file of an MFA session."""
    return os.path.join(directory, session_file(session_key))


def lock_path(directory: str, session_key: str) -> str:
    """Return the file that is locked while a session is made."""
    return os.path.join(directory, f'{session_key}.lock')


def terminal_lock_path(directory: str, terminal: str) -> str:
    """Return the file that is locked while somebody asks at a terminal.

    :param terminal: What tells it from others.
    """
    return os.path.join(directory, f'terminal-{_digest(terminal)}.lock')


def terminal_told_path(directory: str, terminal: str) -> str:
    """Return the file that says that something was told at a terminal.

    :param terminal: What tells it, and what was told, from others.
    """
    return os.path.join(directory, f'terminal-{_digest(terminal)}.told')


def holder_path(lock_path: str) -> str:
    """Return the file that says who holds a lock."""
    return os.path.splitext(lock_path)[0] + '.holder'


def end_told_path(
    directory: str, file_name: str, expiration: 'datetime'
) -> str:
    """Return the file that says that a session's end was told of.

    :param file_name: That of the session. Another one in its place has
        another expiration.
    """
    stem = os.path.splitext(file_name)[0]
    end = int(expiration.timestamp())
    return os.path.join(directory, f'{stem}.{end}.told')


def profile_told_path(directory: str, profile_name: str) -> str:
    """Return the file that says that SDKs were told of for a profile."""
    return os.path.join(directory, f'profile-{_digest(profile_name)}.told')


def used_code_path(directory: str, serial_number: str) -> str:
    """Return the file that knows the last code of a device."""
    return os.path.join(directory, f'code-{_digest(serial_number)}.used')


def used_code_lock_path(directory: str, serial_number: str) -> str:
    """Return the file that is locked while that one is looked at."""
    return os.path.join(directory, f'code-{_digest(serial_number)}.lock')


def code_digest(serial_number: str, token_code: str) -> str:
    """Return what a code of a device is known by once it was sent."""
    return _digest(f'{serial_number} {token_code}')


def notes_directory(directory: str) -> str:
    """Return the folder of the notes."""
    return os.path.join(directory, 'profiles')


def role_path(directory: str, session_key: str, role: str) -> str:
    """Return the file of a role session.

    :param role: What tells it from others of the same MFA session.
    """
    return os.path.join(directory, f'{session_key}.{_digest(role)}.json')


def _digest(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()
