# SPDX-License-Identifier: Apache-2.0
"""Credentials that stand in a profile itself, where SDKs use them first.

SDKs use the keys of the credentials file before a ``credential_process``,
and some those of the config file too. So a long-term key moves to the
profile's ``-long-term`` section, where aws-mfa keeps it, and temporary
credentials go.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from awscli_mfa_plugin.cache.layout import expand
from awscli_mfa_plugin.config_files.config import section_in
from awscli_mfa_plugin.config_files.credentials import (
    SETTINGS,
    TOKENS,
    credentials_path,
)
from awscli_mfa_plugin.config_files.edit import (
    Changes,
    Sections,
    edit_files,
    read_sections,
)
from awscli_mfa_plugin.exceptions import MFAConfigurationError
from awscli_mfa_plugin.exceptions.profiles import NotLongTermCredentialsError
from awscli_mfa_plugin.profiles.settings import LONG_TERM_SUFFIX, Profiles

_ID = 'aws_access_key_id'
_SECRET = 'aws_secret_access_key'
_KEY = (_ID, _SECRET)
# Tells botocore the account of a key.
_ACCOUNT = 'aws_account_id'
_SECRETS = (_SECRET, *TOKENS)


@dataclass(frozen=True)
class FileChange:
    """What is to be different in a file.

    :ivar sections: The ones that it had when it was looked at.
    """

    path: str
    # Both hold secrets, which no traceback is to show.
    sections: Sections = field(repr=False)
    changes: Changes = field(repr=False)

    @property
    def gains_key(self) -> bool:
        """Whether a secret key comes into the file from another one."""
        present = [part.get(_SECRET) for part in self.sections.values()]
        coming = [
            changes.get(_SECRET)
            for changes in self.changes.values()
            if changes is not None
        ]
        return any(key is not None and key not in present for key in coming)

    def as_text(self) -> str:
        """Return the changed lines, secrets masked; none: no text."""
        lines = ''.join(f'{line}\n' for line in self._lines())
        return lines and f'{self.path}\n{lines}'

    def _lines(self) -> Iterator[str]:
        for section, changes in self.changes.items():
            present = self.sections.get(section, {})
            settings = dict.fromkeys(present) if changes is None else changes
            differing = [
                name
                for name, value in settings.items()
                if present.get(name) != value
            ]
            if not differing:
                continue
            mark = '-' if changes is None else ' '
            yield f'{mark if section in self.sections else "+"} [{section}]'
            for name in differing:
                if name in present:
                    yield f'- {name} = {_masked(name, present[name])}'
                if settings[name] is not None:
                    yield f'+ {name} = {_masked(name, settings[name])}'


@dataclass(frozen=True)
class Move:
    """How a profile's own credentials get out of the SDKs' way.

    :ivar title: What it is, as in "To ...".
    :ivar files: The changes, in an order in which the long-term key is in
        a file at each moment, and the profile works after each change.
    :ivar back: A line on how to undo it, or nothing.
    """

    title: str
    files: tuple[FileChange, ...]
    back: str

    def as_text(self) -> str:
        """Return the changed lines of the files, without secrets."""
        return ''.join(file.as_text() for file in self.files)

    def make(self) -> None:
        """Change the files.

        :raises ConfigWriteError: They are as they were.
        """
        for file in self.files:
            if file.gains_key:
                _keep_private(file.path)
        edit_files(
            [(file.path, file.sections, file.changes) for file in self.files]
        )


def plan_move(
    session: Any,
    profile_name: str,
    long_term_profile: str,
    profiles: Profiles,
    settings: Mapping[str, str],
) -> Move | None:
    """Return how to move a profile's own credentials, if it has any.

    :param session: A ``botocore.session.Session``.
    :param long_term_profile: The profile that has its access key.
    :param settings: What the profile is to have in the config file.
    :raises MFAConfigurationError: A long-term key would be lost.
    :raises ConfigWriteError: A file cannot be read.
    """
    if long_term_profile == profile_name:
        long_term_profile += LONG_TERM_SUFFIX
    path = credentials_path(session)
    credentials = read_sections(path)
    in_credentials = credentials.get(profile_name, {})
    config_path = str(session.get_config_variable('config_file'))
    if os.path.realpath(expand(config_path)) == os.path.realpath(expand(path)):
        raise MFAConfigurationError(
            msg=(
                f'{path} is the config and the credentials file at once. '
                f'Move the access key of profile {profile_name} to a section '
                f'of its own by hand: [{profile_name}{LONG_TERM_SUFFIX}]'
            )
        )
    config = read_sections(config_path)
    section = section_in(config, profile_name)
    in_config = config.get(section, {})
    found = {*in_credentials, *in_config}
    if not found.intersection((*_KEY, *TOKENS)):
        return None

    keys = [
        _key_of(profile_name, own)
        for own in (in_credentials, in_config)
        if any(name in own for name in _KEY) and not any(map(own.get, TOKENS))
    ]
    present = profiles.get(long_term_profile, {})
    is_taken = any(name in present for name in (*_KEY, 'credential_process'))
    if is_taken:
        place = f'profile {long_term_profile}'
        _check_same(profile_name, keys, place, present)
    elif keys:
        _check_same(profile_name, keys, 'the config file', keys[0])
    else:
        raise NotLongTermCredentialsError(
            profile=profile_name, long_term_profile=profile_name
        )

    credentials_changes: dict[str, Any] = {}
    if in_credentials:
        is_all = _removal(in_credentials).keys() == in_credentials.keys()
        credentials_changes[profile_name] = (
            None if is_all else _removal(in_credentials)
        )
    back = ''
    if not is_taken:
        credentials_changes[long_term_profile] = keys[0]
        title = (
            f'move the access key of profile {profile_name} to '
            f'[{long_term_profile}] of {path}'
        )
        back = (
            f'To go back: move the two lines of the key from '
            f'[{long_term_profile}] to [{profile_name}] in {path}, and remove '
            f'{" and ".join(settings)} from profile {profile_name}.\n'
        )
    elif keys:
        title = (
            f'remove the access key from profile {profile_name}, which '
            f'profile {long_term_profile} has too'
        )
    else:
        title = f'remove the temporary credentials from profile {profile_name}'
    files = (
        FileChange(
            config_path,
            config,
            {section: {**_removal(in_config), **settings}},
        ),
        FileChange(path, credentials, credentials_changes),
    )
    if _removal(in_config):
        # The key has to be in the credentials file first.
        files = files[::-1]
    return Move(title, files, back)


def _key_of(profile_name: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the two lines of a key that a file has for a profile.

    :raises MFAConfigurationError: There is only one of them.
    """
    key = {name: settings.get(name) for name in _KEY}
    if not all(isinstance(value, str) and value for value in key.values()):
        raise MFAConfigurationError(
            msg=(
                f'Profile {profile_name} holds one line of an access key '
                'without the other one. Complete or remove it, then run this '
                'again.'
            )
        )
    if isinstance(settings.get(_ACCOUNT), str):
        key[_ACCOUNT] = settings[_ACCOUNT]
    return {name: str(value) for name, value in key.items()}


def _check_same(
    profile_name: str,
    keys: Sequence[Mapping[str, str]],
    place: str,
    other: Mapping[str, Any],
) -> None:
    """Check that no key is another one than the one that is kept.

    :raises MFAConfigurationError: It would be lost.
    """
    if any(key[name] != other.get(name) for key in keys for name in _KEY):
        raise MFAConfigurationError(
            msg=(
                f'Profile {profile_name} holds an access key itself, and '
                f'{place} has another one for it. Remove the key that you do '
                'not use, then run this again.'
            )
        )


def _removal(settings: Mapping[str, Any]) -> dict[str, None]:
    names = [name for name in SETTINGS if name in settings]
    if _SECRET in names and not any(map(settings.get, TOKENS)):
        names += [_ACCOUNT] if _ACCOUNT in settings else []
    return dict.fromkeys(names)


def _keep_private(path: str) -> None:
    """Take a file from others before a secret comes into it."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(os.stat(path).st_mode)
        if mode & 0o077:
            os.chmod(path, mode & ~0o077)


def _masked(name: str, value: Any) -> str:
    if name in _SECRETS:
        return '****'
    if name == _ID:
        return f'****{str(value)[-4:]}'
    return str(value)
