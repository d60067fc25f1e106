# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.sts."""

from __future__ import annotations

import logging
import pickle
import re
import socket
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.utils import parse_timestamp

from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.exceptions import MFAError
from awscli_mfa_plugin.exceptions.answers import (
    AnswerLostError,
    CannotValidateTokenCodeError,
    ClockSkewError,
    ExpiredOnArrivalError,
    LongTermKeyRefusedError,
    OtherSTSRefusalError,
    SilentRefusalError,
    STSFailedError,
    STSRefusedError,
    STSThrottledError,
    TokenCodeRefusedError,
    UnreadableAnswerError,
)
from awscli_mfa_plugin.profiles.settings import MFAProfile
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials
from tests.unit.conftest import (
    Answer,
    FakeSTS,
    Home,
    given,
    long_term_credentials,
    make_mfa_session,
    make_profile,
    now,
    refused,
)
from tests.unit.names import (
    ACCESS_KEY_ID,
    SECRET_KEY,
    SERIAL,
    TOKEN_CODE,
    WRONG_CODE,
)

# What never may show, in whatever is raised or logged.
SECRETS = (TOKEN_CODE, SECRET_KEY, 'session-secret', 'session-token')


def call(
    home: Home,
    profile: MFAProfile | None = None,
    session: Any = None,
    **connection: Any,
) -> TemporaryCredentials:
    """Ask STS for a session."""
    return STSConnection(
        session or home.session(), **connection
    ).get_session_token(
        profile or make_profile(), long_term_credentials(), TOKEN_CODE
    )


def test_request(home: Home, sts: FakeSTS) -> None:
    """One request goes out, signed with the long-term key."""
    call(home, make_profile(duration_seconds=1800))
    (request,) = sts.requests
    assert request.access_key_id == ACCESS_KEY_ID
    assert request.parameters == {
        'Action': 'GetSessionToken',
        'Version': '2011-06-15',
        'SerialNumber': SERIAL,
        'TokenCode': TOKEN_CODE,
        'DurationSeconds': '1800',
    }


def test_answer(home: Home, sts: FakeSTS) -> None:
    """The credentials that STS gave come back."""
    assert call(home) == sts.sessions[0].credentials


def test_answer_with_timestamps_as_in_the_cli(
    home: Home, sts: FakeSTS
) -> None:
    """Timestamps that are left as strings are understood as well."""
    session = home.session()
    session.get_component('response_parser_factory').set_parser_defaults(
        timestamp_parser=lambda value: value
    )
    assert call(home, session=session) == sts.sessions[0].credentials


@pytest.mark.skipif(not hasattr(time, 'tzset'), reason='POSIX')
@pytest.mark.parametrize('zone', ['UTC+9', 'UTC-9', 'UTC+25'])
def test_a_time_zone_that_is_called_utc(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """The end of a session is not taken for a time there."""
    # v1 hands on the text, v2 writes it anew, botocore alone reads it.
    parsers: list[Any] = [
        str,
        parse_timestamp,
        lambda text: parse_timestamp(text).isoformat(),
    ]
    mfa_session = make_mfa_session(1)
    sts.answers = [given(mfa_session)] * 3
    monkeypatch.setenv('TZ', zone)
    time.tzset()
    try:
        for parser in parsers:
            session = home.session()
            session.get_component(
                'response_parser_factory'
            ).set_parser_defaults(timestamp_parser=parser)
            found = call(home, session=session)
            assert found == mfa_session.credentials
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    'text', ['2099-11-25T09:00:00.123456789Z', '2099-11-25T09:00:00+0000']
)
def test_times_of_compatible_services(
    home: Home, sts: FakeSTS, text: str
) -> None:
    """Ceph's gateway sends nanoseconds, others a zone without a colon."""
    answer = given(make_mfa_session(1))
    body = re.sub('<Expiration>[^<]+', f'<Expiration>{text}', answer.body)
    sts.answers = [replace(answer, body=body)] * 2
    session = home.session()
    session.get_component('response_parser_factory').set_parser_defaults(
        timestamp_parser=lambda value: value
    )
    for each in (session, home.session()):
        found = call(home, session=each)
        assert f'{found.expiration:%Y-%m-%d %H:%M:%S}' == (
            '2099-11-25 09:00:00'
        )


def test_endpoint_of_the_connection_goes_first(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint that was given is called in the place of every other."""
    monkeypatch.setenv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:1')
    call(home, endpoint_url=sts.url)
    assert len(sts.requests) == 1


def test_no_sign_request_does_not_hold(home: Home, sts: FakeSTS) -> None:
    """A session that signs nothing still signs this call."""
    from botocore import UNSIGNED

    session = home.session()
    session.set_default_client_config(Config(signature_version=UNSIGNED))
    call(home, session=session)
    assert sts.requests[0].access_key_id == ACCESS_KEY_ID


def test_an_answer_that_does_not_come(home: Home) -> None:
    """A command waits for as long as the profile says."""
    profile = make_profile(timeout_seconds=0.05)
    with socket.create_server(('127.0.0.1', 0)) as silent:
        url = f'http://127.0.0.1:{silent.getsockname()[1]}'
        with pytest.raises(AnswerLostError, match=r'within 0\.05 seconds'):
            call(home, profile, endpoint_url=url)


@pytest.mark.parametrize(
    ('config', 'seconds'),
    [
        (None, 10),
        (Config(connect_timeout=3), 3),
        (Config(connect_timeout=60), 10),
    ],
)
def test_how_long_a_connection_may_take(
    home: Home,
    sts: FakeSTS,
    monkeypatch: pytest.MonkeyPatch,
    config: Config | None,
    seconds: int,
) -> None:
    """Somebody may want it shorter (``--cli-connect-timeout``)."""
    session = home.session()
    if config is not None:
        session.set_default_client_config(config)
    made = arguments_of_client(session, monkeypatch)
    call(home, session=session)
    assert made['config'].connect_timeout == seconds


def test_a_certificate_bundle(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the command (``--ca-bundle``) is STS's too."""
    session = home.session()
    made = arguments_of_client(session, monkeypatch)
    call(home, session=session, verify='bundle.pem')
    assert made['verify'] == 'bundle.pem'


def arguments_of_client(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Return what the next client of a session is yet to be made with."""
    made: dict[str, Any] = {}
    create_client = session.create_client

    def create(*arguments: Any, **keywords: Any) -> Any:
        made.update(keywords)
        return create_client(*arguments, **keywords)

    monkeypatch.setattr(session, 'create_client', create)
    return made


def region_of(
    home: Home,
    environ: dict[str, str] | None = None,
    profile: MFAProfile | None = None,
    connection: str | None = None,
    instance: str | None = None,
) -> str:
    """Find the region in a session that must not look for one itself."""
    session = home.session()
    session.get_component('config_store').set_config_provider(
        'region', InstanceMetadata()
    )
    if instance is not None:
        session.set_config_variable('region', instance)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (environ or {}).items():
            patch.setenv(name, value)
        return STSConnection(session, connection).region_for(
            profile or make_profile()
        )


class InstanceMetadata:
    """The instance metadata, which v2 asks for a region."""

    def provide(self) -> str:
        raise AssertionError('the instance metadata was asked')


BOTH = {'AWS_REGION': 'eu-west-3', 'AWS_DEFAULT_REGION': 'eu-west-2'}
PROFILE = make_profile(region='eu-west-1')


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        (
            {
                'connection': 'eu-central-1',
                'instance': 'eu-north-1',
                'environ': BOTH,
                'profile': PROFILE,
            },
            'eu-central-1',
        ),
        (
            {'instance': 'eu-north-1', 'environ': BOTH, 'profile': PROFILE},
            'eu-north-1',
        ),
        ({'environ': BOTH, 'profile': PROFILE}, 'eu-west-3'),
        (
            {
                'environ': {**BOTH, 'AWS_REGION': ''},
                'profile': PROFILE,
            },
            'eu-west-2',
        ),
        ({'profile': PROFILE}, 'eu-west-1'),
        ({}, 'us-east-1'),
    ],
)
def test_region(home: Home, arguments: dict[str, Any], expected: str) -> None:
    """The region is the one said last, and never of the metadata."""
    assert region_of(home, **arguments) == expected


@pytest.mark.parametrize(
    ('serial_number', 'expected'),
    [
        (SERIAL, 'us-east-1'),
        ('GAHT12345678', 'us-east-1'),
        ('arn:aws-cn:iam::123456789012:mfa/n', 'cn-northwest-1'),
        ('arn:aws-us-gov:iam::123456789012:mfa/n', 'us-gov-west-1'),
        ('arn:aws-iso:iam::123456789012:mfa/n', 'us-iso-east-1'),
        ('arn:aws-unknown:iam::123456789012:mfa/n', 'us-east-1'),
    ],
)
def test_region_of_the_partition(
    home: Home, serial_number: str, expected: str
) -> None:
    """Without any region the device's partition has one."""
    profile = make_profile(serial_number=serial_number)
    assert region_of(home, profile=profile) == expected


def test_request_is_signed_for_the_region(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is made in the region that was found, with no look-up."""
    session = home.session()
    session.get_component('config_store').set_config_provider(
        'region', InstanceMetadata()
    )
    call(home, make_profile(region='eu-west-1'), session)
    monkeypatch.setenv('AWS_REGION', 'eu-west-3')
    call(home, make_profile(region='eu-west-1'), session)
    assert [request.region for request in sts.requests] == [
        'eu-west-1',
        'eu-west-3',
    ]


CANNOT_VALIDATE = (
    'MultiFactorAuthentication failed, unable to validate MFA code.  '
    'Please verify your MFA serial number is valid and associated with '
    'this user.'
)
BAD_SIGNATURE = 'The request signature we calculated does not match'
FAR = timedelta(minutes=17, seconds=5)


@pytest.mark.parametrize(
    ('answer', 'kind', 'words'),
    [
        (
            refused(WRONG_CODE),
            TokenCodeRefusedError,
            ('one time pass code. The code was wrong', 'wait for the next'),
        ),
        (
            refused(CANNOT_VALIDATE),
            CannotValidateTokenCodeError,
            (CANNOT_VALIDATE, SERIAL, 'iam list-mfa-devices', 'two minutes'),
        ),
        (
            refused('The security token is invalid.', 'InvalidClientTokenId'),
            LongTermKeyRefusedError,
            ('The security token', 'aws configure --profile work-long-term'),
        ),
        (
            refused(BAD_SIGNATURE, 'SignatureDoesNotMatch', ahead=timedelta()),
            LongTermKeyRefusedError,
            (f'{BAD_SIGNATURE}. The access key', 'work-long-term'),
        ),
        (
            refused(BAD_SIGNATURE, 'SignatureDoesNotMatch'),
            LongTermKeyRefusedError,
            (BAD_SIGNATURE,),
        ),
        (
            refused(BAD_SIGNATURE, 'SignatureDoesNotMatch', ahead=FAR),
            ClockSkewError,
            (BAD_SIGNATURE, 'clock is 17 minutes slow', 'Set it right'),
        ),
        (
            refused(BAD_SIGNATURE, 'SignatureDoesNotMatch', ahead=-FAR),
            ClockSkewError,
            ('clock is 17 minutes fast',),
        ),
        (
            # AWS refuses from five minutes on.
            refused(BAD_SIGNATURE, 'SignatureDoesNotMatch', ahead=FAR / 3.4),
            ClockSkewError,
            ('clock is 5 minutes slow',),
        ),
        (
            refused(BAD_SIGNATURE, 'SignatureDoesNotMatch', ahead=FAR / 4),
            LongTermKeyRefusedError,
            (BAD_SIGNATURE,),
        ),
        (
            refused('Late', 'RequestExpired', 400, ahead=FAR),
            ClockSkewError,
            ('Late. ', '17 minutes slow'),
        ),
        (
            refused('x', 'InvalidSignatureException', ahead=FAR),
            ClockSkewError,
            ('17 minutes slow',),
        ),
        (
            refused('x', 'RequestTimeTooSkewed', ahead=FAR),
            ClockSkewError,
            ('17 minutes slow',),
        ),
        (
            refused('Signature expired: 1 is before 2', BAD_SIGNATURE[:3]),
            OtherSTSRefusalError,
            ('Signature expired',),
        ),
        (
            refused('Signature expired: 1 is before 2', 'RequestExpired'),
            ClockSkewError,
            ('clock is wrong',),
        ),
        (
            refused('Signature not yet current: 1', 'SignatureDoesNotMatch'),
            ClockSkewError,
            ('clock is wrong',),
        ),
        (
            refused('Cannot call GetSessionToken with session credentials'),
            OtherSTSRefusalError,
            ('with session credentials.',),
        ),
        (
            refused('Denied', ahead=FAR),
            OtherSTSRefusalError,
            ('Denied.',),
        ),
        (
            refused('Rate exceeded', 'Throttling', 400),
            STSThrottledError,
            ('Rate exceeded. Wait a moment and try again.',),
        ),
        (
            refused('Rate exceeded', 'ThrottlingException', 400),
            STSThrottledError,
            ('Rate exceeded.',),
        ),
        (
            refused('Oops', 'InternalFailure', 500),
            STSFailedError,
            ('Oops. Nothing was changed',),
        ),
        (
            refused('Busy', 'ServiceUnavailable', 503),
            STSFailedError,
            ('Busy.',),
        ),
        (Answer(502, '<html>Bad gateway'), STSFailedError, ('next code',)),
        (Answer(500, ''), STSFailedError, ('next code',)),
    ],
)
def test_refusal(
    home: Home,
    sts: FakeSTS,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
    kind: type[STSRefusedError],
    words: tuple[str, ...],
) -> None:
    """A refusal has AWS's words and what to do, and no secret."""
    sts.answers = [answer]
    with caplog.at_level(logging.DEBUG), pytest.raises(kind) as caught:
        call(home)
    error = caught.value
    assert type(error) is kind
    assert len(sts.requests) == 1
    for expected in words:
        assert expected in str(error)
    assert isinstance(error, ClientError)
    assert isinstance(error, MFAError)
    assert (
        error.response['ResponseMetadata']['HTTPStatusCode'] == answer.status
    )
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), str(again)) == (kind, str(error))
    shown = f'{error} {error!r} {error.response} {vars(error)} {caplog.text}'
    for secret in SECRETS:
        assert secret not in shown


@pytest.mark.parametrize('mode', ['legacy', 'standard', 'adaptive'])
@pytest.mark.parametrize(
    'answer',
    [
        refused('Oops', 'InternalFailure', 500),
        refused('Busy', 'ServiceUnavailable', 503),
        refused('Rate exceeded', 'Throttling', 400),
        refused('Late', 'RequestExpired', 400, ahead=FAR),
    ],
)
def test_code_is_sent_once(
    home: Home,
    sts: FakeSTS,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    answer: Answer,
) -> None:
    """Nothing is retried, whatever the retry settings are."""
    monkeypatch.setenv('AWS_RETRY_MODE', mode)
    monkeypatch.setenv('AWS_MAX_ATTEMPTS', '5')
    sts.answers = [answer]
    with pytest.raises(STSRefusedError):
        call(home)
    assert len(sts.requests) == 1


def test_code_is_sent_once_even_when_hung_up_on(
    home: Home, sts: FakeSTS
) -> None:
    """A connection that breaks may have used up the code."""
    sts.answers = [Answer(0, '')]
    with pytest.raises(BotoCoreError) as caught:
        call(home)
    assert len(sts.requests) == 1
    assert TOKEN_CODE not in f'{caught.value} {caught.value!r}'


@pytest.mark.parametrize('kept', [-1, -100])
def test_answer_that_cannot_be_parsed(
    home: Home, sts: FakeSTS, kept: int
) -> None:
    """A spoilt answer is an error of ours without what the answer held."""
    answer = given(make_mfa_session())
    sts.answers = [Answer(200, answer.body[:kept])]
    with pytest.raises(BotoCoreError) as caught:
        call(home)
    assert 'session-secret' not in f'{caught.value} {caught.value!r}'


@pytest.mark.parametrize('left', [timedelta(0), timedelta(hours=-2)])
def test_session_that_is_over(
    home: Home, sts: FakeSTS, left: timedelta
) -> None:
    """A session that this computer's clock ends is not handed on."""
    expiration = now() + left
    sts.answers = [given(make_mfa_session(expiration=expiration))]
    with pytest.raises(ExpiredOnArrivalError) as caught:
        call(home)
    assert f'{expiration:%Y-%m-%d %H:%M UTC}' in str(caught.value)
    assert 'session-secret' not in f'{caught.value!r} {vars(caught.value)}'


@pytest.mark.parametrize(
    ('minutes', 'words'), [(4, '4 minutes slow'), (-4, '4 minutes fast')]
)
def test_a_clock_that_is_wrong(
    home: Home,
    sts: FakeSTS,
    capsys: pytest.CaptureFixture[str],
    minutes: int,
    words: str,
) -> None:
    """A session's end is told by this clock, and the error is named."""
    ahead = timedelta(minutes=minutes)
    left = timedelta(minutes=2)
    expiration = now() + ahead + left
    answer = given(make_mfa_session(expiration=expiration))
    sts.answers = [replace(answer, ahead=ahead)]
    assert call(home).seconds_left() == pytest.approx(120, abs=5)
    assert capsys.readouterr().err == (
        f"\nNote: this computer's clock is {words}. Set it right: AWS refuses "
        'a call from five minutes on.\n'
    )


def test_nothing_of_the_call_is_logged(
    home: Home, sts: FakeSTS, caplog: pytest.LogCaptureFixture
) -> None:
    """``--debug`` says that and where, and neither code nor keys."""
    with caplog.at_level(logging.DEBUG):
        call(home)
    assert f'Calling GetSessionToken in us-east-1 for {SERIAL}' in caplog.text
    assert 'botocore.endpoint' not in {
        record.name for record in caplog.records
    }
    for secret in SECRETS:
        assert secret not in caplog.text


def test_long_term_key_goes_before_the_sessions(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of the environment do not sign this call."""
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 's')
    monkeypatch.setenv('AWS_SESSION_TOKEN', 't')
    call(home)
    assert sts.requests[0].access_key_id == ACCESS_KEY_ID


@pytest.mark.parametrize('status', [403, 500])
def test_a_refusal_that_is_written_twice(
    home: Home, sts: FakeSTS, status: int
) -> None:
    """Elements where a text belongs are no reason for a traceback."""
    body = refused('no').body
    message, code = '<Message>no</Message>', '<Code>AccessDenied</Code>'
    sts.answers = [
        Answer(status, body.replace(message, message * 2)),
        Answer(status, body.replace(code, code * 2)),
    ]
    with pytest.raises(STSRefusedError, match='AccessDenied'):
        call(home)
    with pytest.raises(UnreadableAnswerError):
        call(home)


@pytest.mark.parametrize('status', [200, 302, 403, 407])
@pytest.mark.parametrize(
    'body',
    [
        '<html><body>denied by proxy</body></html>',
        '<GetSessionTokenResponse><GetSessionTokenResult/>'
        '</GetSessionTokenResponse>',
        '<page><Error>no connection</Error></page>',
    ],
)
def test_a_page_of_somebody_in_between(
    home: Home, sts: FakeSTS, status: int, body: str
) -> None:
    """Any page may be XML by chance, and is no answer of AWS."""
    sts.answers = [Answer(status, body)]
    with pytest.raises(UnreadableAnswerError):
        call(home)


@pytest.mark.parametrize('message', ['<Message/>', '<Message></Message>', ''])
@pytest.mark.parametrize('kind', ['Error', 'ErrorResponse'])
def test_a_refusal_without_a_word(
    home: Home, sts: FakeSTS, kind: str, message: str
) -> None:
    """Code and status tell a refusal, as Ceph's gateway sends them."""
    body = f'<Error><Code>AccessDenied</Code>{message}</Error>'
    if kind != 'Error':
        body = f'<{kind}>{body}</{kind}>'
    sts.answers = [Answer(403, body)]
    with pytest.raises(SilentRefusalError, match='AccessDenied') as caught:
        call(home)
    assert 'does not say why' in str(caught.value)


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('Expiration', 'soon'),
        ('Expiration', ''),
        ('Expiration', '4099999999000'),
        ('Expiration', 'inf'),
        ('Expiration', f'2026-11-28T04:18{"9" * 30}Z'),
        ('SecretAccessKey', ''),
    ],
)
@pytest.mark.parametrize('hands_on', [True, False])
def test_an_answer_that_lacks_something(
    home: Home, sts: FakeSTS, hands_on: bool, name: str, value: str
) -> None:
    """The message does not quote it, whoever reads its times."""
    answer = given(make_mfa_session())
    body = re.sub(
        f'<{name}>.*</{name}>', f'<{name}>{value}</{name}>', answer.body
    )
    sts.answers = [Answer(200, body)]
    session = home.session()
    if hands_on:
        # The AWS CLI v1 does so.
        session.get_component('response_parser_factory').set_parser_defaults(
            timestamp_parser=lambda value: value
        )
    with pytest.raises(UnreadableAnswerError) as caught:
        call(home, session=session)
    assert 'session-' not in str(caught.value)
