# SPDX-License-Identifier: Apache-2.0
"""What can go wrong: one tree, one fact and one remedy a message.

Everything raised here is an :class:`MFAError` and so a
``BotoCoreError``: the AWS CLI and any program on botocore already know
how to show it. No message ever holds a secret or a token code.

Every command of a profile with MFA loads this module, so it has no more
than the roots and what the reading of a profile raises. The other errors
are in modules beside it, by what goes wrong. What a command with a session
loads imports them where it raises them.
"""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

try:
    from botocore.exceptions import BotoCoreError
except ImportError:
    # "awscli-mfa enable" runs where there is no botocore.
    from awscli_mfa_plugin.no_botocore import BotoCoreError


def with_arguments(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a message's fields, and profile names as a shell wants them.

    ``{profile_argument}`` is ``{profile}``, quoted when it needs that.
    """
    arguments = {
        f'{name}_argument': as_argument(fields[name])
        for name in ('profile', 'long_term_profile')
        if name in fields
    }
    return {**fields, **arguments}


def as_argument(text: str) -> str:
    """Return a text as a command line of this system wants it."""
    if os.name == 'nt':
        return f'"{text}"' if ' ' in text else text
    return shlex.quote(text)


class MFAError(BotoCoreError):
    """The root of everything this package raises.

    :ivar fmt: The message; the fields are the constructor's keywords.
    """

    fmt = 'An unspecified MFA error occurred.'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**with_arguments(kwargs))
        self.kwargs = kwargs


class MFAConfigurationError(MFAError):
    """The configuration, or the session it leads to, gives no credentials.

    The AWS CLI v2 has one exit code for both, as it has for credentials of
    its own.
    """

    fmt = '{msg}'


class NotMFAProfileError(MFAConfigurationError):
    """The profile has nothing to do with MFA sessions, and why."""

    fmt = 'Profile {profile} does not use an MFA session: {reason}'


class NoSerialNumberError(NotMFAProfileError):
    """No MFA device is named for the profile anywhere."""


class UnknownProfileError(MFAConfigurationError):
    """Neither the profile nor its long-term profile exists."""

    fmt = (
        'The profile {profile} could not be found, and neither could '
        '{profile}-long-term. Create one with: '
        'aws configure --profile {profile_argument}'
    )


class InvalidProfileValueError(MFAConfigurationError):
    """A setting of a profile is not one of the values it can have."""

    fmt = (
        'The value "{value}" of {name} in profile {profile} is not valid: '
        'it must be {expected}.'
    )


class InvalidSerialNumberError(MFAConfigurationError):
    """The MFA serial number cannot be one that STS takes."""

    fmt = 'The MFA serial number {serial_number} cannot be used: {reason}'


class NoLongTermCredentialsError(MFAConfigurationError):
    """There is no access key to ask for a session with."""

    fmt = (
        'Profile {long_term_profile} has no access key to sign in with. '
        'Store one with: aws configure --profile {long_term_profile_argument}'
    )


class UnreadableFileError(NoLongTermCredentialsError):
    """The file that an access key would stand in cannot be read."""

    fmt = (
        'The file {path} cannot be read, so profile {long_term_profile} has '
        'no access key to sign in with. Make it readable: chmod 600 {path}'
    )


class UsageError(MFAError):
    """The command line is at fault."""

    fmt = '{msg}'


# The classes by which the programs around us decide what an error means,
# for which errors of ours: the module, the class, our class. An S3 transfer
# ends on the first; after any other error it goes on, and every remaining
# file fails by itself and says so. The AWS CLI v2 exits with 253 on the
# second and writes it as --cli-error-format says: its errorhandler.py. v1
# has no such class. If a name changed, the error would be one like any
# other: tests/e2e/test_error_format.py, tests/e2e/test_long_runs.py.
_HOST_KINDS = (
    ('s3transfer.exceptions', 'FatalError', MFAError),
    (
        'awscli.customizations.exceptions',
        'ConfigurationError',
        MFAConfigurationError,
    ),
)


def for_host(error: MFAError) -> MFAError:
    """Return an error as the program that runs this knows it.

    Where no such program is loaded it is the error itself.
    """
    kinds = tuple(
        host_kind
        for module, name, ours in _HOST_KINDS
        # Not imported: who has not loaded it knows no such error.
        if isinstance(error, ours)
        and (host_kind := getattr(sys.modules.get(module), name, None))
        and not isinstance(error, host_kind)
    )
    if not kinds:
        return error
    kind = type(error)
    both: Any = type(f'Host{kind.__name__}', (kind, *kinds), {})
    known: MFAError = both.__new__(both)
    known.__dict__.update(error.__dict__)
    known.args = error.args
    return known
