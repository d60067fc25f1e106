# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.exceptions."""

from __future__ import annotations

import copy
import pickle
import string
import sys
import types

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from awscli_mfa_plugin.exceptions import (
    InvalidProfileValueError,
    MFAConfigurationError,
    MFAError,
    UnknownProfileError,
    UsageError,
    for_host,
)
from awscli_mfa_plugin.exceptions.answers import (
    CannotValidateTokenCodeError,
    STSRefusedError,
    TokenCodeRefusedError,
)
from awscli_mfa_plugin.exceptions.files import CacheWriteError
from awscli_mfa_plugin.exceptions.token_codes import (
    MFAProcessError,
    NoMFASessionError,
)
from tests.unit.errors import CLASSES

# Values that no message may be about.
SECRET_FIELDS = ('token_code', 'code', 'secret', 'password', 'session_token')


def fields_of(text: str) -> list[str]:
    """Return the names of the fields in a format string."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


def refusal(message: str = 'No.', **metadata: object) -> ClientError:
    """Return a refusal as a client raises it."""
    return ClientError(
        {
            'Error': {'Code': 'AccessDenied', 'Message': message},
            'ResponseMetadata': {'HTTPStatusCode': 403, **metadata},
        },
        'GetSessionToken',
    )


@pytest.mark.parametrize('kind', CLASSES)
def test_is_known_to_every_program_on_botocore(kind: type) -> None:
    """Every error of ours is caught as a ``BotoCoreError``."""
    assert issubclass(kind, MFAError)
    assert issubclass(kind, BotoCoreError)


@pytest.mark.parametrize('kind', CLASSES)
def test_no_message_has_room_for_a_secret(kind: type[MFAError]) -> None:
    """No message has a field that a code or a key could come in by."""
    text = kind.fmt + getattr(kind, 'remedy', '')
    assert not set(fields_of(text)) & set(SECRET_FIELDS)


@pytest.mark.parametrize(
    'kind', [kind for kind in CLASSES if not issubclass(kind, STSRefusedError)]
)
def test_survives_pickling(kind: type[MFAError]) -> None:
    """An error crosses to another process with its message."""
    given = {
        name: f'some-{name}'
        for name in fields_of(kind.fmt)
        # Made from the profile's name.
        if not name.endswith('_argument')
    }
    error = kind(**given)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is kind
    assert str(again) == str(error)
    assert all(value in str(error) for value in given.values())


@pytest.mark.parametrize(
    'kind', [kind for kind in CLASSES if issubclass(kind, STSRefusedError)]
)
def test_refusal_survives_pickling(kind: type[STSRefusedError]) -> None:
    """A refusal crosses to another process with all that was known."""
    fields = {name: f'<{name}>' for name in fields_of(kind.remedy)}
    error = kind(refusal('Said so.', RequestId='r-1'), **fields)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is kind
    assert str(again) == str(error)
    assert again.response == error.response
    assert again.operation_name == 'GetSessionToken'


def test_refusal_survives_copying() -> None:
    """A copy of a refusal says the same, once."""
    error = TokenCodeRefusedError(refusal())
    assert str(copy.copy(error)) == str(error)


def test_refusal_is_a_client_error() -> None:
    """The CLI exits on a refusal as on any of a service."""
    error = TokenCodeRefusedError(refusal())
    assert isinstance(error, ClientError)
    assert isinstance(error, MFAError)
    assert error.response['Error']['Code'] == 'AccessDenied'
    assert error.response['ResponseMetadata']['HTTPStatusCode'] == 403


@pytest.mark.parametrize(
    ('said', 'shown'),
    [
        ('Refused', 'operation: Refused. The code was wrong'),
        ('Refused.', 'operation: Refused. The code was wrong'),
        ('Refused. ', 'operation: Refused. The code was wrong'),
        ('', 'operation: The code was wrong'),
    ],
)
def test_remedy_is_a_sentence_of_its_own(said: str, shown: str) -> None:
    """AWS's words come first and the remedy after one full stop."""
    assert shown in str(TokenCodeRefusedError(refusal(said)))


def test_refusal_leaves_the_original_alone() -> None:
    """Explaining a refusal does not rewrite what the client raised."""
    original = refusal('Refused')
    TokenCodeRefusedError(original)
    assert original.response['Error']['Message'] == 'Refused'


def test_braces_in_aws_words_are_harmless() -> None:
    """A message of AWS is shown as text and never used as a format."""
    error = CannotValidateTokenCodeError(
        refusal('Policy {serial_number} {0} {'), serial_number='{x}'
    )
    assert 'Policy {serial_number} {0} {.' in str(error)
    assert 'Either {x} is not' in str(error)


def test_unknown_profile_names_the_command_to_create_it() -> None:
    """An unknown profile is answered with how to make it."""
    assert 'aws configure --profile new' in str(
        UnknownProfileError(profile='new')
    )


def test_no_session_names_the_command_to_get_one() -> None:
    """A missing session is answered with the login command."""
    assert str(NoMFASessionError(profile='work', lasting='')).endswith(
        'aws mfa login --profile work'
    )


def test_cache_error_names_the_folder_and_the_variable() -> None:
    """A cache that cannot be written is answered with both ways out."""
    text = str(CacheWriteError(directory='/x', reason='Read-only'))
    assert '/x (Read-only)' in text
    assert 'AWS_MFA_CACHE_DIRECTORY' in text


def test_invalid_value_says_which_and_what_would_do() -> None:
    """A bad setting is named with its value, place and alternatives."""
    assert str(
        InvalidProfileValueError(
            profile='p', name='mfa_prompt', value='x', expected='auto or never'
        )
    ) == (
        'The value "x" of mfa_prompt in profile p is not valid: '
        'it must be auto or never.'
    )


def test_kinds_of_fault_are_apart() -> None:
    """No error is at once the command line's and the configuration's."""
    assert not [
        kind
        for kind in CLASSES
        if issubclass(kind, UsageError)
        and issubclass(kind, MFAConfigurationError)
    ]


def test_a_command_to_run_is_quoted_for_the_shell() -> None:
    """What a message says to run runs for a name with a space too."""
    error = NoMFASessionError(profile='my user', lasting='')
    assert str(error) == (
        'Profile my user has no valid MFA session. Start one with: '
        "aws mfa login --profile 'my user'"
    )


def test_an_error_is_what_the_host_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A transfer ends on it, and v2 exits with 253, if they are loaded."""
    hosts = {
        's3transfer.exceptions': type('FatalError', (Exception,), {}),
        'awscli.customizations.exceptions': type(
            'ConfigurationError', (Exception,), {}
        ),
    }
    for name in hosts:
        monkeypatch.delitem(sys.modules, name, raising=False)
    error = NoMFASessionError(profile='work', lasting='')
    other = MFAProcessError(profile='work', reason='x')
    assert for_host(error) is error
    for name, kind in hosts.items():
        module = types.ModuleType(name)
        setattr(module, kind.__name__, kind)
        monkeypatch.setitem(sys.modules, name, module)
        known = for_host(error)
        assert isinstance(known, kind)
        assert isinstance(known, NoMFASessionError)
        assert str(known) == str(error)
        assert for_host(known) is known
    assert all(isinstance(known, kind) for kind in hosts.values())
    fatal, configuration = (
        isinstance(for_host(other), kind) for kind in hosts.values()
    )
    assert fatal and not configuration
    # A module of that name may have lost the class.
    monkeypatch.setitem(
        sys.modules, 's3transfer.exceptions', types.ModuleType('x')
    )
    assert for_host(other) is other
