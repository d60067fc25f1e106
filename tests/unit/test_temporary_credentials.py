# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.temporary_credentials."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.credentials import RefreshableCredentials

from awscli_mfa_plugin.temporary_credentials import (
    MIN_REMAINING_SECONDS,
    TemporaryCredentials,
    format_time,
    local_time,
    parse_time,
    text_in,
)
from tests.unit.conftest import make_credentials, now

TIME = datetime(2026, 11, 24, 6, 0, tzinfo=timezone.utc)


def document(**changes: Any) -> dict[str, Any]:
    """Return what STS answers, with changes."""
    return {
        'AccessKeyId': 'ASIASESSIONEXAMPLE0',
        'SecretAccessKey': 'session-secret-0',
        'SessionToken': 'session-token-0',
        'Expiration': '2026-11-24T06:00:00Z',
        **changes,
    }


@pytest.mark.parametrize(
    'expiration', ['2026-11-24T06:00:00Z', '2026-11-24T07:00:00+01:00', TIME]
)
def test_what_sts_answers(expiration: str | datetime) -> None:
    """The time is text in the AWS CLI, and a ``datetime`` elsewhere."""
    credentials = TemporaryCredentials.from_json(
        document(Expiration=expiration)
    )
    assert credentials == make_credentials(expiration=TIME)
    assert credentials.as_json() == document()
    assert TemporaryCredentials.from_json(document()) == credentials


def test_names_that_are_not_known() -> None:
    """A field that STS may add one day is left out."""
    credentials = TemporaryCredentials.from_json(document(Scope='x'))
    assert credentials.as_json() == document()


def test_account() -> None:
    """It is kept where it is known, and stands nowhere otherwise."""
    known = document(AccountId='123456789012')
    credentials = TemporaryCredentials.from_json(known)
    assert credentials.account_id == '123456789012'
    assert credentials.as_json() == known
    for unknown in ('', None):
        credentials = TemporaryCredentials.from_json(
            document(AccountId=unknown)
        )
        assert credentials.account_id is None
        assert credentials.as_json() == document()


@pytest.mark.parametrize('value', [None, [], 'text', 7, True, {}])
def test_what_is_no_document(value: Any) -> None:
    """It is a ValueError, whatever a file holds in its place."""
    with pytest.raises(ValueError, match=r'^n'):
        TemporaryCredentials.from_json(value)


@pytest.mark.parametrize('value', ['', None, 7, 1.5, True, ['x'], {'x': 'y'}])
@pytest.mark.parametrize(
    'name', ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration']
)
def test_what_is_not_all_of_it(name: str, value: Any) -> None:
    """Credentials are whole or none, and no secret is in the error."""
    for incomplete in (
        document(**{name: value}),
        {key: text for key, text in document().items() if key != name},
    ):
        with pytest.raises(ValueError, match=r'^no') as caught:
            TemporaryCredentials.from_json(incomplete)
        assert 'session-' not in str(caught.value)


@pytest.mark.parametrize('value', [123456789012, True, ['x'], {'x': 'y'}])
def test_an_account_that_is_no_text(value: Any) -> None:
    """It is as wrong as any of the others."""
    with pytest.raises(ValueError, match='AccountId'):
        TemporaryCredentials.from_json(document(AccountId=value))


def test_as_botocore_wants_them() -> None:
    """A botocore that refreshes itself signs with them."""
    credentials = make_credentials(account_id='123456789012')
    refreshed = RefreshableCredentials.create_from_metadata(
        credentials.as_refreshed(),
        refresh_using=lambda: pytest.fail('refreshes'),
        method='test',
    )
    frozen = refreshed.get_frozen_credentials()
    assert frozen.access_key == credentials.access_key_id
    assert frozen.secret_key == credentials.secret_access_key
    assert frozen.token == credentials.session_token


@pytest.mark.parametrize(
    ('left', 'usable'),
    [
        (3600, True),
        (MIN_REMAINING_SECONDS + 30, True),
        (MIN_REMAINING_SECONDS, False),
        (MIN_REMAINING_SECONDS - 1, False),
        (0, False),
        (-3600, False),
    ],
)
def test_usable_until_a_minute_before_the_end(left: int, usable: bool) -> None:
    """A request signed at the last moment still arrives in time."""
    credentials = make_credentials(expiration=now() + timedelta(seconds=left))
    assert credentials.is_usable() is usable
    assert left - 20 < credentials.seconds_left() <= left


def test_usable_for_as_long_as_somebody_wants() -> None:
    """A profile may want more than a minute, and an export nothing."""
    credentials = make_credentials(expiration=now() + timedelta(seconds=600))
    assert credentials.is_usable(500)
    assert not credentials.is_usable(600)
    ending = make_credentials(expiration=now() + timedelta(seconds=30))
    assert ending.is_usable(0)


def test_secrets_do_not_show() -> None:
    """A session in a log does not show its secrets."""
    shown = repr(make_credentials())
    assert 'ASIASESSIONEXAMPLE0' in shown
    assert 'session-secret' not in shown
    assert 'session-token' not in shown


def test_text_in_a_document() -> None:
    """The error names what is missing, and never quotes what is there."""
    assert text_in({'Name': 'x'}, 'Name') == 'x'
    for value in ('', None, 7, ['a secret'], b'a secret'):
        with pytest.raises(ValueError, match=r'^no Name$'):
            text_in({'Name': value}, 'Name')


@pytest.mark.parametrize(
    'value',
    [
        '2026-11-24T06:00:00Z',
        '2026-11-24T06:00:00+00:00',
        '2026-11-24T06:00:00.000Z',
        '2026-11-24T01:00:00-05:00',
        TIME,
        TIME.astimezone(timezone(timedelta(hours=9))),
    ],
)
def test_times_that_sts_gives(value: str | datetime) -> None:
    """Every form is the same time, and written as STS does."""
    parsed = parse_time(value)
    assert parsed == TIME
    assert parsed.utcoffset() == timedelta(0)
    assert format_time(parsed) == '2026-11-24T06:00:00Z'


@pytest.mark.parametrize(
    'value',
    [
        '',
        'soon',
        'the-secret',
        '2026-13-24T06:00:00Z',
        '2026-11-24T06:00:00',
        TIME.replace(tzinfo=None),
        TIME.date(),
        None,
        1763899200,
        '0001-01-01T00:00:00+23:59',
        '9999-12-31T23:59:59-23:59',
    ],
)
def test_what_is_no_time(value: object) -> None:
    """It is a ValueError that does not quote what a file holds there."""
    with pytest.raises(ValueError, match=r'^(not )?a time') as caught:
        parse_time(value)
    assert 'the-secret' not in str(caught.value)


@pytest.mark.parametrize(
    ('zone', 'shown'), [('UTC+25', '06:00'), ('UTC-9', '15:00')]
)
def test_a_time_zone_that_python_does_not_know(
    monkeypatch: pytest.MonkeyPatch, zone: str, shown: str
) -> None:
    """The time is shown in UTC then."""
    monkeypatch.setenv('TZ', zone)
    time.tzset()
    try:
        assert f'{local_time(TIME):%H:%M}' == shown
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_time_without_a_morrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown in UTC too: east of there the year would be 10000."""
    monkeypatch.setenv('TZ', 'UTC-9')
    time.tzset()
    try:
        last = datetime.max.replace(tzinfo=timezone.utc)
        assert local_time(last) == last
    finally:
        monkeypatch.undo()
        time.tzset()
