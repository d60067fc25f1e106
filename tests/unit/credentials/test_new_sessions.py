# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.new_sessions."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest

from awscli_mfa_plugin.cache.layout import session_file
from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.new_sessions import (
    RoleRequest,
    StartedSession,
    needs_no_code,
    start_role_session,
    start_user_session,
)
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.exceptions.answers import (
    STSRefusedError,
    TokenCodeRefusedError,
)
from awscli_mfa_plugin.exceptions.files import RoleRemoveError
from awscli_mfa_plugin.exceptions.token_codes import NoTerminalError
from tests.unit.conftest import (
    FakeSTS,
    Home,
    PrecannedSource,
    long_term_credentials,
    make_credentials,
    make_mfa_session,
    make_profile,
    now,
    refused,
    role_given,
)
from tests.unit.names import (
    ACCESS_KEY_ID,
    KEY,
    OTHER_ROLE,
    ROLE,
    SERIAL,
    WRONG_CODE,
)


def logrole_given() -> LoginRole:
    """Return where the role of the profile is remembered."""
    return LoginRole(KEY, 'work')


def make_fetcher(home: Home, source: PrecannedSource) -> MFASessionFetcher:
    """Return a fetcher of the profile's session."""
    return MFASessionFetcher(
        STSConnection(home.session()),
        make_profile(),
        long_term_credentials(),
        source,
    )


def log_in_as_user(
    home: Home, *codes: str, force: bool = False
) -> StartedSession:
    """Log in without a role."""
    source = PrecannedSource(*codes)
    return start_user_session(
        make_fetcher(home, source), logrole_given(), force=force
    )


def log_in_to(
    home: Home,
    role_arn: str,
    source: PrecannedSource,
    *,
    force: bool = False,
    seconds: int = 3600,
    external_id: str | None = None,
    session_name: str = 'anna',
    chosen: tuple[str, ...] = (),
) -> StartedSession:
    """Log in to a role."""
    return start_role_session(
        make_fetcher(home, source),
        logrole_given(),
        RoleRequest(
            role_arn=role_arn,
            role_session_name=session_name,
            duration_seconds=seconds,
            external_id=external_id,
            chosen=chosen,
        ),
        force=force,
    )


def test_user(home: Home, sts: FakeSTS) -> None:
    """A login as the user has the session for its result."""
    result = log_in_as_user(home, '123456')
    [session] = sts.sessions
    assert result == StartedSession(
        credentials=session.credentials,
        is_new=True,
        file_name=session_file(KEY),
    )
    assert not log_in_as_user(home).is_new
    assert log_in_as_user(home, '222222', force=True).is_new


def test_role_with_a_code(home: Home, sts: FakeSTS) -> None:
    """Without a session, a role is assumed from the long-term key."""
    sts.answers = [role_given(1)]
    source = PrecannedSource('123456')
    result = log_in_to(
        home, ROLE, source, seconds=7200, external_id='their-id'
    )
    [request] = sts.requests
    wanted = {
        'Action': 'AssumeRole',
        'RoleArn': ROLE,
        'RoleSessionName': 'anna',
        'DurationSeconds': '7200',
        'ExternalId': 'their-id',
        'SerialNumber': SERIAL,
        'TokenCode': '123456',
    }
    assert wanted.items() <= request.parameters.items()
    assert request.access_key_id == ACCESS_KEY_ID
    assert result.credentials.access_key_id == 'ASIAROLEEXAMPLE1'
    assert result.role_arn == ROLE
    assert result.is_new
    kept = logrole_given().load()
    assert kept is not None
    assert kept.role_arn == ROLE
    assert kept.credentials.expiration == result.credentials.expiration
    assert result.file_name == logrole_given().file_name
    # The code bought the role and no MFA session.
    assert MFASessionCache().get(KEY) is None


def test_role_from_the_session(home: Home, sts: FakeSTS) -> None:
    """A valid MFA session gives a role without a code."""
    MFASessionCache().put(KEY, make_mfa_session())
    sts.answers = [role_given(1)]
    log_in_to(home, ROLE, PrecannedSource(available=False))
    [request] = sts.requests
    assert request.access_key_id == 'ASIASESSIONEXAMPLE0'
    assert request.session_token == 'session-token-0'
    assert 'TokenCode' not in request.parameters
    assert 'ExternalId' not in request.parameters


@pytest.mark.parametrize(('force', 'seconds'), [(True, 3600), (False, 3601)])
def test_role_that_the_session_does_not_give(
    home: Home, sts: FakeSTS, force: bool, seconds: int
) -> None:
    """A forced login and a longer role want a code despite a session."""
    MFASessionCache().put(KEY, make_mfa_session())
    sts.answers = [role_given(1)]
    source = PrecannedSource('123456')
    log_in_to(home, ROLE, source, force=force, seconds=seconds)
    [request] = sts.requests
    assert request.access_key_id == ACCESS_KEY_ID
    assert request.parameters['TokenCode'] == '123456'


def test_role_that_wants_a_recent_code(home: Home, sts: FakeSTS) -> None:
    """A role that is denied to the session is asked for with a code."""
    MFASessionCache().put(KEY, make_mfa_session())
    sts.answers = [refused('not authorized'), role_given(1)]
    result = log_in_to(home, ROLE, PrecannedSource('123456'))
    assert result.credentials.access_key_id == 'ASIAROLEEXAMPLE1'
    assert [request.access_key_id for request in sts.requests] == [
        'ASIASESSIONEXAMPLE0',
        ACCESS_KEY_ID,
    ]
    assert sts.requests[1].parameters['TokenCode'] == '123456'


@pytest.mark.parametrize(
    ('code', 'available'), [('AccessDenied', False), ('Throttling', True)]
)
def test_role_that_the_session_is_refused(
    home: Home, sts: FakeSTS, code: str, available: bool
) -> None:
    """For another reason, or where nobody is, the refusal stands."""
    MFASessionCache().put(KEY, make_mfa_session())
    sts.answers = [refused('not today', code)]
    source = PrecannedSource('123456', available=available)
    with pytest.raises(STSRefusedError, match='not today'):
        log_in_to(home, ROLE, source)
    assert source.asked == []


def test_role_that_is_still_valid(home: Home, sts: FakeSTS) -> None:
    """The same role again calls nobody; another, or --force, does."""
    sts.answers = [role_given(1), role_given(2), role_given(3)]
    source = PrecannedSource('111111', '222222', '333333')
    first = log_in_to(home, ROLE, source)
    again = log_in_to(home, ROLE, source)
    assert again.credentials.access_key_id == 'ASIAROLEEXAMPLE1'
    assert again.credentials.expiration == first.credentials.expiration
    assert (again.is_new, again.role_arn) == (False, ROLE)
    assert len(sts.requests) == 1
    other = log_in_to(home, OTHER_ROLE, source)
    assert other.credentials.access_key_id == 'ASIAROLEEXAMPLE2'
    forced = log_in_to(home, OTHER_ROLE, source, force=True)
    assert forced.credentials.access_key_id == 'ASIAROLEEXAMPLE3'
    assert source.codes == []


@pytest.mark.parametrize(
    ('name', 'changed'),
    [
        ('RoleSessionName', {'session_name': 'bob'}),
        ('DurationSeconds', {'seconds': 900}),
        ('ExternalId', {'external_id': 'another-id'}),
    ],
)
def test_role_that_is_asked_for_otherwise(
    home: Home, sts: FakeSTS, name: str, changed: dict[str, Any]
) -> None:
    """What somebody chose is had; what only differs by itself is kept."""
    sts.answers = [role_given(1), role_given(2)]
    source = PrecannedSource('111111', '222222')
    log_in_to(home, ROLE, source)
    assert not log_in_to(home, ROLE, source, **changed).is_new
    assert log_in_to(home, ROLE, source, **changed, chosen=(name,)).is_new
    again = log_in_to(home, ROLE, source, **changed, chosen=(name,))
    assert not again.is_new
    assert sts.requests[-1].parameters[name] in map(str, changed.values())


def test_role_that_has_ended(home: Home, sts: FakeSTS) -> None:
    """A role in its last minute is assumed anew."""
    sts.answers = [role_given(1, now() + timedelta(seconds=50)), role_given(2)]
    source = PrecannedSource('111111', '222222')
    log_in_to(home, ROLE, source)
    result = log_in_to(home, ROLE, source)
    assert result.credentials.access_key_id == 'ASIAROLEEXAMPLE2'


def test_role_to_no_role(home: Home, sts: FakeSTS) -> None:
    """A login as the user ends the role, one that fails does not."""
    sts.answers = [role_given(1), refused(WRONG_CODE)]
    log_in_to(home, ROLE, PrecannedSource('111111'))
    with pytest.raises(TokenCodeRefusedError):
        start_user_session(
            make_fetcher(home, PrecannedSource('222222', patient=False)),
            logrole_given(),
            force=False,
        )
    assert logrole_given().load() is not None
    log_in_as_user(home, '333333')
    assert logrole_given().load() is None


def test_role_that_cannot_be_forgotten(home: Home, sts: FakeSTS) -> None:
    """Nobody is told to be the user who goes on being the role."""
    MFASessionCache().put(KEY, make_mfa_session())
    # A folder in its place cannot be unlinked, not even by root.
    os.mkdir(logrole_given().path)
    with pytest.raises(RoleRemoveError):
        log_in_as_user(home)


def test_refusals_of_a_role(home: Home, sts: FakeSTS) -> None:
    """After a wrong code there is another question, else the reason."""
    sts.answers = [refused(WRONG_CODE), refused('not authorized')]
    source = PrecannedSource('111111', '222222')
    with pytest.raises(STSRefusedError, match='not authorized'):
        log_in_to(home, ROLE, source)
    assert len(source.refusals) == 1
    assert logrole_given().load() is None


def test_nobody_to_ask(home: Home, sts: FakeSTS) -> None:
    """A role that needs a code fails at once where there is none."""
    with pytest.raises(NoTerminalError):
        log_in_to(home, ROLE, PrecannedSource(available=False))
    assert sts.requests == []


def test_when_a_login_needs_no_code(home: Home) -> None:
    """An MFA session is enough, but for a role that lasts longer."""
    fetcher = make_fetcher(home, PrecannedSource())
    short, long = RoleRequest(ROLE, 'me'), RoleRequest(ROLE, 'me', 7200)
    requests = (None, short, long)

    def answers() -> list[bool]:
        return [
            needs_no_code(fetcher, logrole_given(), request)
            for request in requests
        ]

    assert answers() == [False, False, False]
    logrole_given().remember(long.parameters(), make_credentials())
    assert answers() == [False, True, True]
    logrole_given().forget()
    MFASessionCache().put(KEY, make_mfa_session())
    assert answers() == [True, True, False]
