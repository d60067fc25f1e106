# SPDX-License-Identifier: Apache-2.0
"""The files of the AWS CLI and of this plugin: modes, and do they parse."""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from awscli_mfa_plugin.cache.layout import cache_directory, expand
from awscli_mfa_plugin.config_files.lines import read_lines
from awscli_mfa_plugin.diagnosis.checks import OK, PROBLEM, WARNING, Check
from awscli_mfa_plugin.exceptions import as_argument
from awscli_mfa_plugin.installation.copy import copy_directory

_SUBJECT = 'files'

# The settings whose values are secret.
_SECRET_SETTINGS = (
    'aws_secret_access_key',
    'aws_session_token',
    'aws_security_token',
)
_SECRET_VARIABLES = tuple(name.upper() for name in _SECRET_SETTINGS)

_OTHERS_CAN_READ = 0o077
_OTHERS_CAN_WRITE = 0o022


class PersonsFile(NamedTuple):
    """A config or credentials file.

    :ivar variable: The environment variable that names another one.
    """

    kind: str
    variable: str
    default: str

    @property
    def path(self) -> str:
        """Where it is."""
        return expand(os.environ.get(self.variable) or self.default)

    def text(self) -> str:
        """Return what it holds, as far as that can be read."""
        try:
            with open(
                self.path, encoding='utf-8', errors='replace', newline=''
            ) as file:
                return file.read()
        except (OSError, ValueError):
            return ''


CONFIG = PersonsFile(
    'config', 'AWS_CONFIG_FILE', os.path.join('~', '.aws', 'config')
)
CREDENTIALS = PersonsFile(
    'credentials',
    'AWS_SHARED_CREDENTIALS_FILE',
    os.path.join('~', '.aws', 'credentials'),
)


def check_files() -> Iterator[Check]:
    """Check the files that ``aws`` and the plugin read and write."""
    for file in (CONFIG, CREDENTIALS):
        yield from _check_persons_file(file)
    yield from _check_folder(cache_directory(), 'sessions are kept')
    yield from _check_folder(
        os.path.expanduser(copy_directory()), 'the copy of the plugin is'
    )


def find_secrets() -> set[str]:
    """Return the secrets of the files and of the environment."""
    found = {os.environ.get(name, '') for name in _SECRET_VARIABLES}
    for file in (CONFIG, CREDENTIALS):
        for line in read_lines(file.text()):
            if line.name in _SECRET_SETTINGS:
                value = line.text if line.value is None else line.value
                found.add(value.strip())
    # A few characters would turn up everywhere.
    return {secret for secret in found if len(secret) >= 8}


def _check_persons_file(file: PersonsFile) -> Iterator[Check]:
    path = file.path
    quoted = as_argument(path)
    try:
        status = os.stat(path)
    except OSError:
        yield _check_absent(file)
        return
    if path == os.devnull:
        yield Check(
            OK, _SUBJECT, f'{file.variable} is {path}: there is no file.'
        )
        return
    if not stat.S_ISREG(status.st_mode):
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'{path} is not a file.',
            f'Move it away: mv {quoted} {quoted}.old'
            if stat.S_ISDIR(status.st_mode)
            else f'Name another one in {file.variable}.',
        )
        return
    reason = _why_unreadable(path)
    if reason is not None:
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'The {file.kind} file {path} cannot be read: {reason}. Every '
            'aws command ends with an error.',
            f'Correct it, or try without it: {file.variable}=/dev/null aws …'
            if os.access(path, os.R_OK)
            else f'chmod 600 {quoted}',
        )
        return
    if _holds_key(file) and _is_for(status, _OTHERS_CAN_READ):
        yield Check(
            WARNING,
            _SUBJECT,
            f'{path} holds a secret key, and others may read it (mode '
            f'{stat.S_IMODE(status.st_mode):o}).',
            f'chmod 600 {quoted}',
        )
        return
    yield Check(OK, _SUBJECT, f'The {file.kind} file {path} can be read.')


def _check_absent(file: PersonsFile) -> Check:
    path = file.path
    if os.path.islink(path):
        return Check(
            PROBLEM,
            _SUBJECT,
            f'{path} is a link to {os.readlink(path)}, which is not there.',
            f'Remove the link: rm {as_argument(path)}',
        )
    if os.environ.get(file.variable):
        return Check(
            PROBLEM,
            _SUBJECT,
            f'{file.variable} names {path}, which is not there.',
            f'unset {file.variable}',
        )
    if file is CREDENTIALS:
        return Check(OK, _SUBJECT, f'There is no {path}; it is not needed.')
    return Check(
        WARNING,
        _SUBJECT,
        f'There is no {path}, so aws does not load the plugin, and no '
        'profile has MFA settings there.',
        'awscli-mfa enable; then: aws mfa login --setup',
    )


def _why_unreadable(path: str) -> str | None:
    """Say why the AWS CLI cannot read a file, if so.

    It reads it with this parser and with the encoding of the system.
    """
    parser = configparser.RawConfigParser()
    try:
        with open(path) as file:
            parser.read_file(file)
    except OSError as error:
        return error.strerror or str(error)
    except UnicodeDecodeError as error:
        return f'it is not {error.encoding}'
    except configparser.Error as error:
        return _explain(error)
    for section in parser.sections():
        for name, value in parser.items(section):
            # botocore takes the lines below such a setting for settings.
            if value.startswith('\n') and not all(
                '=' in line for line in value.splitlines() if line.strip()
            ):
                return f'a line below {name} in [{section}] is no setting'
    return None


def _explain(error: configparser.Error) -> str:
    """Say what is wrong; the parser's own words would quote the line."""
    if isinstance(error, configparser.MissingSectionHeaderError):
        if error.line.startswith('\ufeff'):
            return 'it begins with a byte order mark, as Windows writes it'
        return f'line {error.lineno} stands before the first [section]'
    if isinstance(error, configparser.DuplicateSectionError):
        return f'line {error.lineno} begins [{error.section}] a second time'
    if isinstance(error, configparser.DuplicateOptionError):
        return f'line {error.lineno} sets {error.option} a second time'
    if isinstance(error, configparser.ParsingError):
        numbers = ', '.join(str(number) for number, _ in error.errors)
        return f'line {numbers} is neither a [section] nor a setting'
    return type(error).__name__


def _holds_key(file: PersonsFile) -> bool:
    return any(
        line.name == 'aws_secret_access_key'
        for line in read_lines(file.text())
    )


def _check_folder(folder: str, use: str) -> Iterator[Check]:
    """Check a folder of the plugin's; one that is not there can be made."""
    quoted = as_argument(folder)
    place = folder
    while not os.path.lexists(place) and os.path.dirname(place) != place:
        place = os.path.dirname(place)
    if not os.path.isdir(place):
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'{place} is not a folder, but {use} in {folder}.',
            f'Move it away: mv {as_argument(place)} {as_argument(place)}.old',
        )
        return
    if not os.access(place, os.W_OK | os.X_OK):
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'{place} cannot be written to, but {use} in {folder}.',
            f'chmod 700 {as_argument(place)}',
        )
        return
    if place != folder:
        return
    status = os.stat(folder)
    if _is_for(status, _OTHERS_CAN_WRITE):
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'Others may write to {folder}, where {use}.',
            f'chmod 700 {quoted}',
        )
    else:
        yield Check(OK, _SUBJECT, f'Only you can write to {folder}.')


def _is_for(status: os.stat_result, others: int) -> bool:
    """Tell whether others have a right; on Windows the mode tells nothing."""
    return hasattr(os, 'geteuid') and bool(status.st_mode & others)
