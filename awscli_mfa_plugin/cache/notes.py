# SPDX-License-Identifier: Apache-2.0
"""Which session in the cache serves a profile, noted for ``awscli-mfa``.

To know that from the config and credentials files takes botocore and all
the rules of profiles. An ``aws`` command has gone that way anyhow, so it
leaves a note of nine lines under the profile's name::

    4
    'work'
    '/home/me/.aws/config'
    '/home/me/.aws/credentials'
    SESSION.json
    60
    all
    1763985600000000000 412 1835021
    1763985600000000000 231 1835022

They are the version of this format, the profile, the two files, the file
of the cache that serves the profile, how many seconds its session must
last, whether it serves all or nobody but people, for coding agents have a
role of their own, and the state of the two files: when they were written,
how long they are, and their inode numbers.

Reading a note, and the session behind it, imports only what Python's own
start has imported: ``json``, ``re`` and ``hashlib`` alone would double what
a shell prompt costs. So this module reads the lines as ``files`` writes
them. A file of any other shape counts as absent.
"""

import os
import stat
import time

from awscli_mfa_plugin.cache.layout import (
    cache_directory,
    expand,
    notes_directory,
)

_VERSION = '4'
_KEYS = ('AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration')

# Whom a session serves: all, or nobody that a coding agent runs.
_ALL = 'all'
_PEOPLE = 'people'

# Far more than any session takes. A larger file is not ours, and cut off it
# has no end.
_MAX_BYTES = 64 * 1024

# Names of 64 hexadecimal digits, or two of them, and ".json".
_CHARACTERS = '0123456789abcdef.json'


def note_session(
    profile_name: str,
    session_file: str,
    min_remaining: int,
    has_agent_role: bool = False,
) -> None:
    """Note which file of the cache serves a profile, if that is not noted.

    Without a note ``awscli-mfa`` starts ``aws``, so nothing is raised.

    :param session_file: The name of what a provider has just served for
        that very profile. That the access key is the same proves nothing:
        it may have come from the environment.
    :param min_remaining: How long the profile wants a session to last, in
        seconds; for a role the default, whatever its profile says.
    :param has_agent_role: Whether coding agents are given another role.
    """
    path = _note_path(profile_name)
    files = _config_files()
    lines = [
        *_head(profile_name, files),
        session_file,
        str(min_remaining),
        _PEOPLE if has_agent_role else _ALL,
        *map(_state, files),
        '',
    ]
    text = '\n'.join(lines)
    if path is None or _read(path) == text:
        return
    # Imported here: reading does not need it.
    from awscli_mfa_plugin.cache.files import write_text

    try:
        write_text(path, text)
    except OSError:
        return


def forget_profile(profile_name: str) -> None:
    """Have ``awscli-mfa`` ask ``aws`` for the profile's next session."""
    path = _note_path(profile_name)
    try:
        if path is not None:
            os.unlink(path)
    except OSError:
        return


def find_credentials(
    profile_name: str, even_if_changed: bool = False
) -> 'dict[str, str] | None':
    """Return the credentials noted for a profile, if they are usable.

    :param even_if_changed: Believe the note although the config or the
        credentials file has been written to since, and whoever asks. That
        may have changed the profile: then nothing may be signed with what
        is found.
    :returns: ``AccessKeyId``, ``SecretAccessKey``, ``SessionToken`` and
        ``Expiration``, or ``None``: then only ``aws`` can tell.
    """
    path = _note_path(profile_name)
    note = path and _read(path)
    lines = note.split('\n') if note else []
    files = _config_files()
    head = _head(profile_name, files)
    if lines[:4] != head or lines[9:] != ['']:
        return None
    name, min_remaining, whom = lines[4:7]
    if (
        name.strip(_CHARACTERS)
        or not _is_number(min_remaining)
        or whom not in (_ALL, _PEOPLE)
    ):
        return None
    if not even_if_changed and (
        lines[7:9] != [_state(file) for file in files]
        or (whom == _PEOPLE and _is_run_by_agent())
    ):
        return None
    text = _read(os.path.join(cache_directory(), name))
    found = _credentials_in(text)
    if text is None or found is None or _was_set_back(text):
        return None
    if seconds_left(found['Expiration']) <= int(min_remaining):
        return None
    return found


def seconds_left(expiration: str) -> float:
    """Return how long it is until ``2026-11-24T06:00:00Z``.

    A text of another form has passed long ago.
    """
    numbers = [
        expiration[start:end]
        for start, end in (
            (0, 4),
            (5, 7),
            (8, 10),
            (11, 13),
            (14, 16),
            (17, 19),
        )
    ]
    if not all(map(_is_number, numbers)) or expiration != (
        '{}-{}-{}T{}:{}:{}Z'.format(*numbers)
    ):
        return float('-inf')
    year, month, day, hour, minute, second = map(int, numbers)
    # The year begins in March here, so that a leap day is its last.
    year -= month < 3
    days = (
        365 * year
        + year // 4
        - year // 100
        + year // 400
        + (153 * ((month + 9) % 12) + 2) // 5
        + day
        - 719469
    )
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    return seconds - time.time()


def _is_run_by_agent() -> bool:
    # Imported here: few notes need it, and it imports other modules.
    from awscli_mfa_plugin.host.agents import is_run_by_agent

    return is_run_by_agent()


def _note_path(profile_name: str) -> 'str | None':
    """Return the file of a profile's note.

    Its name has no upper case, which some file systems cannot tell apart.
    A profile whose name is too long for a file has no note.
    """
    name = profile_name.encode('utf-8', 'surrogateescape').hex()
    if len(name) > 200:
        return None
    return os.path.join(notes_directory(cache_directory()), name)


def _head(profile_name: str, files: 'list[str]') -> 'list[str]':
    # ascii() makes one line of every name.
    return [_VERSION, ascii(profile_name), *map(ascii, files)]


def _config_files() -> 'list[str]':
    return [
        expand(os.environ.get(variable) or os.path.join('~', '.aws', default))
        for variable, default in (
            ('AWS_CONFIG_FILE', 'config'),
            ('AWS_SHARED_CREDENTIALS_FILE', 'credentials'),
        )
    ]


def _state(path: str) -> str:
    """Return what is the same as long as a file is not written to."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return 'absent'
    return f'{status.st_mtime_ns} {status.st_size} {status.st_ino}'


def _credentials_in(text: 'str | None') -> 'dict[str, str] | None':
    """Return the credentials of a session or role file.

    A line with this indent is one of the document itself: within a text
    JSON writes a line break as two characters.
    """
    start = '{\n  "Version": 1,\n  "ProviderType": "mfa-'
    if not text or not text.startswith(start) or not text.endswith('\n}'):
        return None
    parts = text.split('\n  "Credentials": {\n')
    if len(parts) != 2:
        return None
    found = {}
    # The last line is a brace, which belongs to no key.
    for key, line in zip(_KEYS, parts[1].split('\n')):
        before = f'    "{key}": "'
        value, quote, after = line[len(before) :].partition('"')
        if (
            not line.startswith(before)
            or quote + after not in ('"', '",')
            or not value.isprintable()
            or '\\' in value
            or not value
        ):
            return None
        found[key] = value
    return found


def _was_set_back(text: str) -> bool:
    """Tell whether the clock was set back since a file was written.

    ``aws`` knows what that means for the session.
    """
    from awscli_mfa_plugin.cache.clock import seconds_set_back

    stamp = text.partition('\n  "Clock": "')[2].partition('"')[0]
    return bool(seconds_set_back(stamp))


def _is_number(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) < 10


def _read(path: str) -> 'str | None':
    """Return the text of a file of ours, or ``None``.

    A link, a pipe or a device is not read, nor is a file that somebody
    else may have written or read. ``files`` warns of them, when ``aws``
    meets the same file.
    """
    flags = os.O_RDONLY
    for name in ('O_NOFOLLOW', 'O_NONBLOCK', 'O_BINARY'):
        flags |= getattr(os, name, 0)
    try:
        handle = os.open(path, flags)
        try:
            if not _is_own(os.fstat(handle), os.stat(os.path.dirname(path))):
                return None
            content = os.read(handle, _MAX_BYTES)
        finally:
            # This may fail too, on a file system elsewhere.
            os.close(handle)
        return content.decode('ascii')
    except (OSError, ValueError):
        return None


def _is_own(status: os.stat_result, folder: os.stat_result) -> bool:
    """Tell whether a file of this status is the user's own."""
    if not stat.S_ISREG(status.st_mode):
        return False
    if not hasattr(os, 'geteuid'):
        # On Windows the folder's own permissions decide.
        return True
    if folder.st_mode & 0o022 or status.st_mode & 0o077:
        return False
    # Root in a container reads the files of whom the folder belongs to.
    user = os.geteuid()
    return status.st_uid == user or (
        user == 0 and status.st_uid == folder.st_uid
    )
