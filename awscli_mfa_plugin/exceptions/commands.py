# SPDX-License-Identifier: Apache-2.0
"""What only the commands of ``aws mfa`` run into."""

from __future__ import annotations

from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    MFAError,
    UsageError,
)


class SeedProcessError(UsageError):
    """The program that was to keep a seed has not done so."""

    fmt = 'The program of --seed-process, {program}, failed: {reason}.'


class NoCredentialsToExportError(MFAConfigurationError):
    """The profile has no credentials of any kind."""

    fmt = (
        'Profile {profile} has no credentials. Configure it with: '
        'aws configure --profile {profile_argument}'
    )


class NestedExecError(UsageError):
    """``aws mfa exec`` was started by ``aws mfa exec``."""

    fmt = (
        'This already runs inside "aws mfa exec" for profile {profile}. '
        'Leave that first, or unset {variable}.'
    )


class OutputError(MFAError):
    """Standard output takes nothing."""

    fmt = 'Standard output cannot be written: {reason}.'


class ReaderGoneError(OutputError):
    """Who was to read standard output has gone, and needs no word of it."""

    fmt = 'Standard output cannot be written: nobody reads it.'


class ControlCharacterError(MFAError):
    """Credentials do not fit on the lines of an output format."""

    fmt = (
        'The value of {name} has a line break or another control character '
        'in it, which {output_format} has no way to write. Use another '
        'format, such as process.'
    )
