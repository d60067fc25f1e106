# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.profiles.settings."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from awscli_mfa_plugin.exceptions import (
    InvalidProfileValueError,
    InvalidSerialNumberError,
    NoLongTermCredentialsError,
    NotMFAProfileError,
    UnknownProfileError,
    UnreadableFileError,
)
from awscli_mfa_plugin.profiles.settings import (
    MFAProfile,
    find_long_term_profile,
    is_valid_duration,
    read_mfa_profile,
)
from tests.unit.conftest import Home
from tests.unit.names import OTHER_SERIAL, SERIAL

KEYS = {'aws_access_key_id': 'AKIA', 'aws_secret_access_key': 's'}


def read(profiles: dict[str, dict[str, Any]], **arguments: Any) -> MFAProfile:
    """Read the profile ``work``."""
    return read_mfa_profile('work', profiles, **arguments)


def test_defaults_of_a_plain_profile() -> None:
    """A profile with keys and a serial number is all that is needed."""
    profile = read({'work': {**KEYS, 'mfa_serial': SERIAL}})
    assert profile.name == 'work'
    assert profile.long_term_profile == 'work'
    assert profile.serial_number == SERIAL
    assert profile.duration_seconds == 43200
    assert profile.may_prompt is True
    assert profile.region is None


def test_reads_what_botocore_merges(home: Home) -> None:
    """Keys of the credentials file and settings of the config are one."""
    home.write(
        f'[profile work]\nmfa_serial = {SERIAL}\nregion = eu-west-1\n',
        '[work]\naws_access_key_id = A\naws_secret_access_key = s\n',
    )
    profile = read(home.session().full_config['profiles'])
    assert profile.serial_number == SERIAL
    assert profile.region == 'eu-west-1'


@pytest.mark.parametrize(
    ('profiles', 'expected'),
    [
        (
            {
                'work': {**KEYS, 'source_profile': 'base'},
                'work-long-term': KEYS,
                'base': KEYS,
            },
            'base',
        ),
        (
            {'work': KEYS, 'work-long-term': KEYS, 'base': KEYS},
            'work-long-term',
        ),
        ({'work': KEYS, 'base': KEYS}, 'work'),
        ({'work': KEYS, 'work-long-term': {'region': 'x'}}, 'work'),
        ({'work-long-term': KEYS}, 'work-long-term'),
        ({'work': {'source_profile': 'work'}, 'work-long-term': KEYS}, 'work'),
        (
            {'work': KEYS, 'work-long-term': {'credential_process': 'p'}},
            'work-long-term',
        ),
        # The key of the source has been moved, for SDKs.
        (
            {
                'work': {'source_profile': 'base'},
                'base': {'credential_process': 'awscli-mfa credentials'},
                'base-long-term': KEYS,
            },
            'base-long-term',
        ),
        (
            {
                'work': {'source_profile': 'base'},
                'base': {'credential_process': 'vault get'},
                'base-long-term': KEYS,
            },
            'base',
        ),
    ],
)
def test_long_term_profile(
    profiles: dict[str, dict[str, Any]], expected: str
) -> None:
    """source_profile goes before P-long-term, and that before P."""
    assert find_long_term_profile('work', profiles) == expected


def test_source_profile_that_does_not_exist() -> None:
    """A source_profile of no profile is named, with its value."""
    with pytest.raises(
        InvalidProfileValueError, match='"gone" of source_profile'
    ):
        read({'work': {'source_profile': 'gone', 'mfa_serial': SERIAL}})


def test_serial_number_given_goes_first() -> None:
    """--serial-number goes before what the files say."""
    profile = read(
        {'work': {**KEYS, 'mfa_serial': OTHER_SERIAL}}, serial_number=SERIAL
    )
    assert profile.serial_number == SERIAL


def test_serial_number_of_the_profile_goes_second() -> None:
    """The profile's own mfa_serial goes before its long-term profile's."""
    profile = read(
        {
            'work': {'mfa_serial': SERIAL},
            'work-long-term': {**KEYS, 'mfa_serial': OTHER_SERIAL},
        }
    )
    assert profile.serial_number == SERIAL


@pytest.mark.parametrize('work', [{}, {'mfa_serial': ''}])
def test_serial_number_of_the_long_term_profile(work: dict[str, str]) -> None:
    """The long-term profile's mfa_serial does for a profile without."""
    profile = read(
        {'work': work, 'work-long-term': {**KEYS, 'mfa_serial': SERIAL}}
    )
    assert profile.serial_number == SERIAL


def test_serial_number_is_nobody_elses() -> None:
    """The profile's own mfa_serial is not asked of one it does not use."""
    with pytest.raises(NotMFAProfileError):
        read(
            {
                'work': {'source_profile': 'base'},
                'base': KEYS,
                'work-long-term': {**KEYS, 'mfa_serial': SERIAL},
            }
        )


@pytest.mark.parametrize(
    ('setting', 'words'),
    [
        ('role_arn', 'a role'),
        ('web_identity_token_file', 'web identity'),
        ('sso_session', 'IAM Identity Center'),
        ('sso_start_url', 'IAM Identity Center'),
        ('sso_account_id', 'IAM Identity Center'),
        ('login_session', 'aws login'),
    ],
)
def test_profile_of_another_kind(setting: str, words: str) -> None:
    """A profile of another kind is left alone, and the reason is said."""
    with pytest.raises(NotMFAProfileError) as caught:
        read({'work': {**KEYS, 'mfa_serial': SERIAL, setting: 'x'}})
    assert words in str(caught.value)
    assert setting in str(caught.value)


def test_profile_without_serial_number() -> None:
    """A profile without a device is left alone; how to add one is said."""
    with pytest.raises(
        NotMFAProfileError,
        match='aws configure set mfa_serial ARN --profile work',
    ):
        read({'work': KEYS})


def test_unknown_profile() -> None:
    """A profile that is in no file is unknown, under either name."""
    with pytest.raises(UnknownProfileError) as caught:
        read({'other': KEYS})
    assert 'work' in str(caught.value)
    assert 'work-long-term' in str(caught.value)


def test_profile_without_keys() -> None:
    """A profile with a device and no key says where a key belongs."""
    with pytest.raises(
        NoLongTermCredentialsError, match='aws configure --profile work'
    ):
        read({'work': {'mfa_serial': SERIAL}})


def test_source_profile_without_keys() -> None:
    """A source that was named is not passed over for the profile's key."""
    with pytest.raises(InvalidProfileValueError, match='"base" of source'):
        read(
            {
                'work': {**KEYS, 'source_profile': 'base'},
                'base': {'mfa_serial': SERIAL},
            }
        )


def test_serial_number_of_a_file_is_checked() -> None:
    """mfa_serial is checked like --serial-number."""
    with pytest.raises(InvalidSerialNumberError, match='IAM user'):
        read(
            {
                'work': {
                    **KEYS,
                    'mfa_serial': 'arn:aws:iam::123456789012:user/name',
                }
            }
        )


@pytest.mark.parametrize('seconds', [900, 43200, 129600])
def test_duration_within_the_limits(seconds: int) -> None:
    """A serial number that STS takes is taken from the profile."""
    assert is_valid_duration(seconds)
    profile = read(
        {
            'work': {
                **KEYS,
                'mfa_serial': SERIAL,
                'duration_seconds': str(seconds),
            }
        }
    )
    assert profile.duration_seconds == seconds


@pytest.mark.parametrize('seconds', [-900, 0, 899, 129601])
def test_duration_beyond_the_limits(seconds: int) -> None:
    """A length that STS would refuse is no duration."""
    assert not is_valid_duration(seconds)


@pytest.mark.parametrize(
    'value', ['899', '129601', '0', '-900', '12h', '3600.5', '', 'forever']
)
def test_duration_that_is_nonsense(value: str) -> None:
    """A bad duration_seconds is named with its limits."""
    with pytest.raises(InvalidProfileValueError) as caught:
        read(
            {'work': {**KEYS, 'mfa_serial': SERIAL, 'duration_seconds': value}}
        )
    assert f'"{value}" of duration_seconds' in str(caught.value)
    assert 'from 900 to 129600' in str(caught.value)


def test_duration_given_goes_first() -> None:
    """--duration-seconds goes before the profile's, even a bad one."""
    profile = read(
        {'work': {**KEYS, 'mfa_serial': SERIAL, 'duration_seconds': 'bad'}},
        duration_seconds=1800,
    )
    assert profile.duration_seconds == 1800


@pytest.mark.parametrize('name', ['duration_seconds', 'region'])
def test_a_setting_that_is_a_section(name: str) -> None:
    """Nested settings where a number or a text belongs are a bad value."""
    with pytest.raises(InvalidProfileValueError, match=name):
        read({'work': {**KEYS, 'mfa_serial': SERIAL, name: {'a': 'b'}}})


@pytest.mark.parametrize(
    ('setting', 'variable', 'expected'),
    [
        (None, None, True),
        ('auto', None, True),
        (None, 'auto', True),
        ('', '', True),
        ('never', None, False),
        (None, 'never', False),
        ('never', 'auto', False),
        ('auto', 'never', False),
    ],
)
def test_prompt(
    monkeypatch: pytest.MonkeyPatch,
    setting: str | None,
    variable: str | None,
    expected: bool,
) -> None:
    """One ``never`` is enough, wherever it stands."""
    work = {**KEYS, 'mfa_serial': SERIAL}
    if setting is not None:
        work['mfa_prompt'] = setting
    if variable is not None:
        monkeypatch.setenv('AWS_MFA_PROMPT', variable)
    assert read({'work': work}).may_prompt is expected


@pytest.mark.parametrize(
    ('work', 'variable', 'name'),
    [
        ({'mfa_prompt': 'no'}, '', 'mfa_prompt'),
        ({'mfa_prompt': 'NEVER'}, '', 'mfa_prompt'),
        ({}, 'false', 'AWS_MFA_PROMPT'),
    ],
)
def test_prompt_with_another_value(
    monkeypatch: pytest.MonkeyPatch,
    work: dict[str, str],
    variable: str,
    name: str,
) -> None:
    """A misspelt ``never`` is an error and not a prompt in a pipeline."""
    monkeypatch.setenv('AWS_MFA_PROMPT', variable)
    with pytest.raises(InvalidProfileValueError) as caught:
        read({'work': {**KEYS, 'mfa_serial': SERIAL, **work}})
    assert name in str(caught.value)
    assert 'auto or never' in str(caught.value)


@pytest.mark.parametrize(
    ('work', 'long_term', 'expected'),
    [
        ('eu-west-1', 'us-west-2', 'eu-west-1'),
        (None, 'us-west-2', 'us-west-2'),
        (None, None, None),
    ],
)
def test_region(
    work: str | None, long_term: str | None, expected: str | None
) -> None:
    """The profile's region goes before its long-term profile's."""
    profiles: dict[str, dict[str, Any]] = {
        'work': {'mfa_serial': SERIAL},
        'work-long-term': dict(KEYS),
    }
    if work is not None:
        profiles['work']['region'] = work
    if long_term is not None:
        profiles['work-long-term']['region'] = long_term
    assert read(profiles).region == expected


@pytest.mark.parametrize(
    ('long_term', 'expected'),
    [
        (KEYS, 'AKIA'),
        # Which key it gives, only the program knows.
        ({'credential_process': 'p'}, None),
        ({**KEYS, 'aws_access_key_id': {'a': 'b'}}, None),
    ],
)
def test_access_key_id_in_the_files(
    long_term: dict[str, Any], expected: str | None
) -> None:
    """It is the long-term profile's, and not the profile's own."""
    own = {'mfa_serial': SERIAL, 'aws_access_key_id': 'ASIAOTHER'}
    profile = read({'work': own, 'work-long-term': long_term})
    assert profile.access_key_id == expected


@pytest.mark.parametrize(
    'name',
    ['mfa_wait', 'mfa_process_timeout', 'mfa_timeout', 'mfa_warn_before'],
)
@pytest.mark.parametrize('value', ['', '0.5', '-1', 'soon'])
def test_seconds_that_are_none(name: str, value: str) -> None:
    """A time that nobody could wait is an error, and not no time."""
    profiles = {
        'work': {
            **KEYS,
            'mfa_serial': SERIAL,
            'mfa_process': 'code',
            name: value,
        }
    }
    with pytest.raises(InvalidProfileValueError, match=name):
        read(profiles)


def test_seconds_that_no_system_waits() -> None:
    """Threads and processes are waited for, for weeks at the most."""
    work = {
        **KEYS,
        'mfa_serial': SERIAL,
        'mfa_process': 'code',
        'mfa_process_timeout': '9' * 11,
        'mfa_timeout': '9' * 11,
    }
    profile = read({'work': work})
    assert threading.Lock().acquire(timeout=profile.timeout_seconds)
    subprocess.run(
        [sys.executable, '-c', ''],
        check=True,
        capture_output=True,
        timeout=profile.mfa_process_timeout,
    )


def test_waiting_and_the_program_of_codes() -> None:
    """The program may stand in the source, the waiting is the profile's."""
    work = {'mfa_serial': SERIAL, 'mfa_wait': '60', 'source_profile': 'keys'}
    keys = {**KEYS, 'mfa_process': 'code', 'mfa_process_timeout': '5'}
    profile = read({'work': work, 'keys': keys})
    assert profile.wait_seconds == 60
    assert (profile.mfa_process, profile.mfa_process_timeout) == ('code', 5)
    profile = read({'work': {**work, 'mfa_process': 'own'}, 'keys': keys})
    assert (profile.mfa_process, profile.mfa_process_timeout) == ('own', 90)
    assert read({'work': {**KEYS, 'mfa_serial': SERIAL}}).wait_seconds == 0


@pytest.mark.parametrize(
    ('settings', 'seconds'),
    [
        ({}, 1800),
        ({'mfa_warn_before': '60'}, 60),
        ({'mfa_warn_before': '0'}, 0),
    ],
)
def test_warning_before_the_end(
    settings: dict[str, str], seconds: int
) -> None:
    """It is half an hour, and none is a number too."""
    profile = read({'work': {**KEYS, 'mfa_serial': SERIAL, **settings}})
    assert profile.warn_before == seconds


def test_credentials_file_that_cannot_be_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore takes it for an empty one, and the error is about the file."""
    home.write(f'[profile work]\nmfa_serial = {SERIAL}\n')
    profiles = home.session().full_config['profiles']
    # No file is closed to root.
    monkeypatch.setattr('os.access', lambda path, _: path == home.config)
    with pytest.raises(UnreadableFileError, match=f'chmod 600 {home.path}'):
        read_mfa_profile('work', profiles)
