# SPDX-License-Identifier: Apache-2.0
"""What cannot be read, written or removed, and what must not be."""

from __future__ import annotations

from awscli_mfa_plugin.exceptions import MFAConfigurationError, MFAError


class CacheWriteError(MFAError):
    """The session was made but could not be kept."""

    fmt = (
        'The MFA session could not be saved in {directory} ({reason}). '
        'Make that folder writable, or name another one in '
        'AWS_MFA_CACHE_DIRECTORY.'
    )


class RoleRemoveError(MFAError):
    """A profile could not be taken out of the role it was logged in to."""

    fmt = (
        'The MFA session was saved, but profile {profile} still uses the '
        'role of its last login, because that could not be removed from '
        '{directory} ({reason}). Make that folder writable and log in again: '
        'aws mfa login --profile {profile_argument}'
    )


class CacheRemoveError(MFAError):
    """A session could not be taken out of the cache."""

    fmt = (
        '{what} could not be removed from {directory} ({reason}). Make that '
        'folder writable and log out again.'
    )


class CutOffFileError(MFAConfigurationError):
    """Reading a config file failed midway."""

    fmt = (
        'The config or the credentials file could not be read to its end. '
        'Run the command again.'
    )


class ConfigWriteError(MFAConfigurationError):
    """A config or credentials file could not be changed."""

    fmt = 'The file {path} could not be changed: {reason}'


class SectionRemoveError(MFAConfigurationError):
    """A session could not be removed from the credentials file."""

    fmt = (
        'The MFA session could not be removed from {path} ({reason}). '
        'Delete it from {sections} by hand.'
    )


class LongTermSectionError(MFAConfigurationError):
    """A session was to be written where long-term keys are."""

    fmt = (
        'The section [{section}] of {path} holds long-term keys and is not '
        'written over. Rename it to [{section}-long-term], or pass '
        '--short-term-suffix to write another section.'
    )


class HiddenLongTermCredentialsError(MFAConfigurationError):
    """A written session would be found before the long-term credentials."""

    fmt = (
        'Profile {profile} has its long-term credentials itself, and a '
        'session in the section [{profile}] of {path} would hide them. Move '
        'them to profile {profile}-long-term, or pass --short-term-suffix to '
        'write another section.'
    )
