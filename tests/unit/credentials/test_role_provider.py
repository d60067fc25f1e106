# SPDX-License-Identifier: Apache-2.0
"""The credential provider for roles, with an STS on loopback."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from awscli_mfa_plugin.cache.inventory import list_entries, remove_entry
from awscli_mfa_plugin.cache.layout import session_key
from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.notes import (
    find_credentials,
    forget_profile,
    note_session,
)
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.credentials.role_provider import MFARoleProvider
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.exceptions import InvalidSerialNumberError
from awscli_mfa_plugin.exceptions.answers import (
    AgentRoleDeniedError,
    CannotValidateTokenCodeError,
    RoleDeniedError,
    TokenCodeRefusedError,
    UnreadableAnswerError,
)
from awscli_mfa_plugin.exceptions.profiles import (
    AgentRoleError,
    ChangedFileError,
    LoginRoleEndedError,
)
from awscli_mfa_plugin.exceptions.token_codes import (
    NoMFASessionError,
    NoTokenCodeForRoleError,
)
from awscli_mfa_plugin.needs import Needs
from tests.unit.conftest import (
    Answer,
    FakeSTS,
    Home,
    PrecannedSource,
    make_credentials,
    make_mfa_session,
    now,
    refused,
    role_given,
)
from tests.unit.names import (
    ACCESS_KEY_ID,
    BRIDGE,
    KEY,
    KEYS,
    ROLE,
    SERIAL,
    TOKEN_CODE,
    WRONG_CODE,
)

DENIED = (
    f'User: s3-cli-user is not authorized to perform: sts:AssumeRole on '
    f'resource: {ROLE}'
)

WORK = f"""
[profile work]
region = eu-central-1
mfa_serial = {SERIAL}
"""
APP = f"""
[profile app]
region = eu-central-1
role_arn = {ROLE}
source_profile = work
"""
CREDENTIALS = f'[work]\n{KEYS}'


def login(access_key_id: str = ACCESS_KEY_ID, **changes: Any) -> Any:
    """Put an MFA session into the cache, as ``aws mfa login`` does."""
    mfa_session = make_mfa_session(**changes)
    MFASessionCache().put(session_key(access_key_id), mfa_session)
    return mfa_session


def make_provider(
    home: Home,
    *codes: str,
    profile: str = 'app',
    needs: Needs | None = None,
    source: PrecannedSource | None = None,
) -> MFARoleProvider:
    """Return a provider of a session that reads the home's files."""
    session = home.session(profile=profile)
    return MFARoleProvider(
        profile,
        STSConnection(session),
        needs or Needs(),
        session.create_client,
        source=source or PrecannedSource(*codes, available=bool(codes)),
    )


def credential_process(home: Home, **more: str) -> str:
    """Return the setting of a program that prints the user's keys."""
    keys = {
        'Version': 1,
        'AccessKeyId': ACCESS_KEY_ID,
        'SecretAccessKey': 'long-term-secret-EXAMPLE',
        **more,
    }
    program = home.path / 'keys.json'
    program.write_text(json.dumps(keys))
    return f'credential_process = cat {program}\n'


def test_from_the_session(home: Home, sts: FakeSTS) -> None:
    """AssumeRole is signed with the session and holds no code."""
    home.write(WORK + APP + f'mfa_serial = {SERIAL}\n', CREDENTIALS)
    mfa_session = login()
    credentials = make_provider(home).load()
    assert sts.requests == [], 'nothing is signed yet'
    sts.answers = [role_given()]
    assert credentials.access_key == 'ASIAROLEEXAMPLE0'
    (request,) = sts.requests
    assert request.access_key_id == mfa_session.credentials.access_key_id
    assert request.parameters['RoleArn'] == ROLE
    assert 'SerialNumber' not in request.parameters
    assert 'TokenCode' not in request.parameters


def test_one_code_makes_the_session(home: Home, sts: FakeSTS) -> None:
    """Without a session one is made, and serves the next role too."""
    other = APP.replace('profile app', 'profile other')
    home.write(WORK + APP + other, CREDENTIALS)
    sts.answers = [sts.next_answer(), role_given(1)]
    (mfa_session,) = sts.sessions
    first = make_provider(home, TOKEN_CODE).load()
    assert first.secret_key == 'role-secret-1'
    second = make_provider(home, profile='other').load()
    assert second.secret_key == 'role-secret-1', 'the same role'
    assert [request.access_key_id for request in sts.requests] == [
        ACCESS_KEY_ID,
        mfa_session.credentials.access_key_id,
    ]
    assert sts.requests[0].parameters['TokenCode'] == TOKEN_CODE


def test_nobody_to_ask(home: Home, sts: FakeSTS) -> None:
    """The error names the profile of the role."""
    home.write(WORK + APP, CREDENTIALS)
    with pytest.raises(NoMFASessionError, match='login --profile app'):
        make_provider(home).load().get_frozen_credentials()
    assert sts.requests == []


def test_a_chain_is_cached_hop_by_hop(home: Home, sts: FakeSTS) -> None:
    """A role that a chain leads through is assumed once for both."""
    bridge = APP.replace('app', 'bridge')
    home.write(WORK + bridge + APP.replace('work', 'bridge'), CREDENTIALS)
    mfa_session = login()
    sts.answers = [role_given(1), role_given(2)]
    assert make_provider(home).load().secret_key == 'role-secret-2'
    found = make_provider(home, profile='bridge').load()
    assert found.secret_key == 'role-secret-1'
    assert [
        (request.access_key_id, request.parameters['RoleArn'])
        for request in sts.requests
    ] == [
        (mfa_session.credentials.access_key_id, BRIDGE),
        ('ASIAROLEEXAMPLE1', ROLE),
    ]


def test_another_access_key_is_another_identity(
    home: Home, sts: FakeSTS
) -> None:
    """After a rotation no role session of the old key is used."""
    home.write(WORK + APP, CREDENTIALS)
    login()
    sts.answers = [role_given(1), role_given(2)]
    assert make_provider(home).load().secret_key == 'role-secret-1'
    rotated = 'AKIAROTATEDEXAMPLE01'
    home.write(WORK + APP, CREDENTIALS.replace(ACCESS_KEY_ID, rotated))
    login(rotated)
    assert make_provider(home).load().secret_key == 'role-secret-2'


def test_a_role_session_about_to_end_is_renewed(
    home: Home, sts: FakeSTS
) -> None:
    """More than once, which botocore does not do for roles with MFA."""
    home.write(WORK + APP, CREDENTIALS)
    login()
    sts.answers = [
        role_given(number, now() + timedelta(minutes=5)) for number in range(3)
    ]
    credentials = make_provider(home).load()
    assert [
        credentials.get_frozen_credentials().secret_key for _ in range(3)
    ] == ['role-secret-0', 'role-secret-1', 'role-secret-2']


def test_a_role_session_outlives_the_mfa_session(
    home: Home, sts: FakeSTS
) -> None:
    """With a role session in the cache no MFA session is looked for."""
    home.write(WORK + APP, CREDENTIALS)
    login()
    sts.answers = [role_given()]
    assert make_provider(home).load().secret_key == 'role-secret-0'
    login(expiration=now() - timedelta(hours=1))
    assert make_provider(home).load().secret_key == 'role-secret-0'
    assert len(sts.requests) == 1


@pytest.mark.parametrize('has_device', [False, True])
def test_denied_to_a_session(
    home: Home, sts: FakeSTS, has_device: bool
) -> None:
    """The error adds the session's age and the two ways out."""
    device = f'mfa_serial = {SERIAL}\n' if has_device else ''
    home.write(WORK + APP + device, CREDENTIALS)
    login(
        authenticated_at=datetime.now(timezone.utc)
        - timedelta(hours=2, minutes=5)
    )
    sts.answers = [refused(DENIED)]
    with pytest.raises(RoleDeniedError) as raised:
        make_provider(home).load().get_frozen_credentials()
    to_set = f' and: aws configure set mfa_serial {SERIAL} --profile app'
    assert str(raised.value) == (
        f'An error occurred (AccessDenied) when calling the AssumeRole '
        f'operation: {DENIED}. The MFA session it was asked for with is 2 '
        'hours 5 minutes old. If the role wants a more recent one: aws mfa '
        'login --profile app --force. If it wants a code of its own: aws '
        'configure set mfa_role_sessions direct --profile app'
        + ('' if has_device else to_set)
    )


def test_refused_for_another_reason(home: Home, sts: FakeSTS) -> None:
    """What is not a denial stays as AWS said it."""
    home.write(WORK + APP, CREDENTIALS)
    login()
    sts.answers = [refused('Bad ARN', 'ValidationError', 400)]
    with pytest.raises(ClientError) as raised:
        make_provider(home).load().get_frozen_credentials()
    assert type(raised.value) is not RoleDeniedError
    assert str(raised.value) == (
        'An error occurred (ValidationError) when calling the AssumeRole '
        'operation: Bad ARN'
    )


def test_directly_with_a_code(
    home: Home, sts: FakeSTS, caplog: pytest.LogCaptureFixture
) -> None:
    """A long role session is asked for by the long-term key, and why."""
    home.write(WORK + APP + 'duration_seconds = 7200\n', CREDENTIALS)
    login()
    sts.answers = [refused(WRONG_CODE), role_given()]
    source = PrecannedSource('111111', '222222')
    with caplog.at_level(logging.DEBUG, 'awscli_mfa_plugin'):
        credentials = make_provider(home, source=source).load()
    assert credentials.secret_key == 'role-secret-0'
    assert [
        (
            request.access_key_id,
            request.parameters['SerialNumber'],
            request.parameters['TokenCode'],
            request.parameters['DurationSeconds'],
        )
        for request in sts.requests
    ] == [
        (ACCESS_KEY_ID, SERIAL, '111111', '7200'),
        (ACCESS_KEY_ID, SERIAL, '222222', '7200'),
    ]
    assert len(source.refusals) == 1
    assert (
        'Role app is assumed directly: duration_seconds = 7200 in profile '
        'app, and AWS allows 3600 from a session'
    ) in caplog.messages
    assert source.told == [
        'Profile app needs an MFA code of its own (duration_seconds = 7200 '
        'in profile app, and AWS allows 3600 from a session).'
    ]
    (entry,) = list_entries(MFASessionCache())
    (role,) = entry.roles
    assert (role.profile_name, role.has_own_code) == ('app', True)
    # Who only looks gets it too, and without it is asked for nothing.
    needs = Needs()
    needs.prompt = False
    again = make_provider(home, needs=needs).load()
    assert again.secret_key == 'role-secret-0'
    assert len(sts.requests) == 2
    remove_entry(MFASessionCache(), entry)
    assert make_provider(home, '333333', needs=needs).load() is None
    assert len(sts.requests) == 2


@pytest.mark.parametrize(
    ('setting', 'codes'),
    [
        ('', []),
        ('duration_seconds = 7200\n', [TOKEN_CODE]),
        ('duration_seconds = 7200\n', []),
    ],
)
def test_a_clock_that_is_wrong(
    home: Home, sts: FakeSTS, setting: str, codes: list[str]
) -> None:
    """The end of a role session is told by this computer's clock."""
    home.write(WORK + APP + setting, CREDENTIALS)
    login()
    ahead = timedelta(minutes=4)
    answer = role_given(expiration=now() + ahead + timedelta(hours=1))
    sts.answers = [replace(answer, ahead=ahead)]
    make_provider(home, *codes).load().get_frozen_credentials()
    (entry,) = list_entries(MFASessionCache())
    (role,) = entry.roles
    assert role.credentials.seconds_left() == pytest.approx(3600, abs=5)


def test_directly_asked_three_times_at_most(home: Home, sts: FakeSTS) -> None:
    """After that the command gives up: AWS locks a device after ten."""
    home.write(WORK + APP + 'duration_seconds = 7200\n', CREDENTIALS)
    sts.answers = [refused(WRONG_CODE)] * 3
    provider = make_provider(home, '111111', '222222', '333333', '444444')
    with pytest.raises(TokenCodeRefusedError):
        provider.load().get_frozen_credentials()
    assert len(sts.requests) == 3


def test_directly_a_device_that_aws_does_not_know(
    home: Home, sts: FakeSTS
) -> None:
    """The error is in words, and nobody is asked again."""
    home.write(WORK + APP + 'duration_seconds = 7200\n', CREDENTIALS)
    sts.answers = [
        refused(
            'MultiFactorAuthentication failed, unable to validate MFA code.'
        )
    ]
    provider = make_provider(home, '111111', '222222')
    with pytest.raises(CannotValidateTokenCodeError, match='mfa/s3-cli-user'):
        provider.load().get_frozen_credentials()
    assert len(sts.requests) == 1


@pytest.mark.parametrize('status', [500, 503])
def test_directly_no_code_is_sent_twice(
    home: Home, sts: FakeSTS, status: int
) -> None:
    """A call that failed is not repeated: the code may count as used."""
    home.write(WORK + APP + 'duration_seconds = 7200\n', CREDENTIALS)
    sts.answers = [refused('Sorry', 'InternalFailure', status)]
    with pytest.raises(ClientError, match='with the next code'):
        make_provider(home, '111111').load().get_frozen_credentials()
    assert len(sts.requests) == 1


@pytest.mark.parametrize('setting', ['', 'mfa_prompt = never\n'])
def test_directly_and_nobody_to_ask(
    home: Home, sts: FakeSTS, setting: str
) -> None:
    """The error says that a code is needed, and why."""
    home.write(WORK + APP + f'duration_seconds = 7200\n{setting}', CREDENTIALS)
    provider = make_provider(home, *(['111111'] if setting else []))
    sts.answers = [refused('Denied')]
    with pytest.raises(
        NoTokenCodeForRoleError, match=r'app needs .*\(duration_seconds = 72'
    ):
        provider.load().get_frozen_credentials()
    (request,) = sts.requests
    assert 'TokenCode' not in request.parameters


def test_directly_and_the_role_needs_no_code(home: Home, sts: FakeSTS) -> None:
    """A job without a terminal has the role, as without the plugin."""
    home.write(WORK + APP + 'duration_seconds = 7200\n', CREDENTIALS)
    sts.answers = [role_given(1), role_given(2)]
    for _ in range(2):
        credentials = make_provider(home).load()
        assert credentials.secret_key == 'role-secret-1'
    (request,) = sts.requests
    assert request.access_key_id == ACCESS_KEY_ID
    assert request.parameters['DurationSeconds'] == '7200'
    assert not {'SerialNumber', 'TokenCode'} & set(request.parameters)
    # A person is asked all the same, and what the code gave goes first.
    assert make_provider(home, TOKEN_CODE).load().secret_key == 'role-secret-2'
    assert make_provider(home).load().secret_key == 'role-secret-2'
    assert len(sts.requests) == 2


def test_directly_with_a_device_of_its_own_and_nobody_to_ask(
    home: Home, sts: FakeSTS
) -> None:
    """A role whose profile names a device is not asked for without."""
    home.write(
        WORK + APP + f'duration_seconds = 7200\nmfa_serial = {SERIAL}\n',
        CREDENTIALS,
    )
    with pytest.raises(NoTokenCodeForRoleError):
        make_provider(home).load().get_frozen_credentials()
    assert sts.requests == []


def test_directly_at_the_end_of_a_chain(home: Home, sts: FakeSTS) -> None:
    """Only the last hop gets a code; the others follow from it."""
    bridge = APP.replace('app', 'bridge')
    home.write(
        WORK
        + bridge
        + 'duration_seconds = 7200\n'
        + APP.replace('work', 'bridge'),
        CREDENTIALS,
    )
    sts.answers = [role_given(1), role_given(2)]
    credentials = make_provider(home, TOKEN_CODE).load()
    assert credentials.secret_key == 'role-secret-2'
    assert [
        (request.access_key_id, request.parameters.get('TokenCode'))
        for request in sts.requests
    ] == [(ACCESS_KEY_ID, TOKEN_CODE), ('ASIAROLEEXAMPLE1', None)]
    # The end of the user's session ends neither.
    (entry,) = list_entries(MFASessionCache())
    assert [role.has_own_code for role in entry.roles] == [True, True]


def test_the_old_behaviour_knows_the_role_s_own_device(
    home: Home, sts: FakeSTS
) -> None:
    """``direct`` with an ``mfa_serial`` in the role asks for its code."""
    home.write(
        WORK + APP + f'mfa_serial = {SERIAL}\nmfa_role_sessions = direct\n',
        CREDENTIALS,
    )
    sts.answers = [role_given()]
    credentials = make_provider(home, TOKEN_CODE).load()
    assert credentials.secret_key == 'role-secret-0'
    (request,) = sts.requests
    assert request.access_key_id == ACCESS_KEY_ID
    assert request.parameters['TokenCode'] == TOKEN_CODE


def test_the_old_behaviour_without_a_device_is_botocore_s(
    home: Home, sts: FakeSTS
) -> None:
    """``direct`` without an ``mfa_serial`` in the role leaves it alone."""
    home.write(WORK + APP + 'mfa_role_sessions = direct\n', CREDENTIALS)
    assert make_provider(home, TOKEN_CODE).load() is None


@pytest.mark.parametrize(
    ('config', 'credentials'),
    [
        ('', ''),
        (WORK, CREDENTIALS),
        (WORK.replace('mfa_serial', 'other') + APP, CREDENTIALS),
        (WORK + APP, ''),
        (APP + f'mfa_serial = {SERIAL}\n', ''),
        (WORK + APP, CREDENTIALS + 'aws_session_token = token\n'),
        (
            WORK + APP + 'web_identity_token_file = token.jwt\n',
            CREDENTIALS,
        ),
        (
            '[profile app]\ncredential_source = Environment\n'
            f'role_arn = {ROLE}\nmfa_serial = {SERIAL}\n',
            CREDENTIALS,
        ),
    ],
    ids=[
        'no profile',
        'no role',
        'no device',
        'no key',
        'no source',
        'temporary credentials',
        'web identity',
        'credential source',
    ],
)
def test_what_is_left_to_the_next_provider(
    home: Home, sts: FakeSTS, config: str, credentials: str
) -> None:
    """The provider has nothing to say about other kinds of profiles."""
    profile = 'app' if '[profile app]' in config else 'work'
    home.write(config, credentials)
    assert make_provider(home, TOKEN_CODE, profile=profile).load() is None
    assert sts.requests == []


def test_a_credential_process_as_source(home: Home, sts: FakeSTS) -> None:
    """Keys that a program prints are long-term ones if no token is there."""
    home.write(WORK + credential_process(home) + APP)
    mfa_session = login()
    sts.answers = [role_given()]
    assert make_provider(home).load().secret_key == 'role-secret-0'
    assert (
        sts.requests[0].access_key_id == mfa_session.credentials.access_key_id
    )

    credential_process(home, SessionToken='token')
    assert make_provider(home).load() is None


@pytest.mark.parametrize(
    ('first', 'then'), [('', CREDENTIALS), (CREDENTIALS, '')]
)
def test_a_file_that_is_written_meanwhile(
    home: Home, sts: FakeSTS, first: str, then: str
) -> None:
    """botocore is not left to assume the role with the long-term key."""
    home.write(WORK + APP, first)
    session = home.session(profile='app')
    assert session.full_config
    home.write(WORK + APP, then)
    provider = MFARoleProvider(
        'app', STSConnection(session), Needs(), session.create_client
    )
    with pytest.raises(ChangedFileError):
        provider.load()


def test_a_wrong_setting_is_an_error(home: Home, sts: FakeSTS) -> None:
    """A role that takes part is not left to botocore in silence."""
    wrong = SERIAL.replace(':mfa/', ':u2f/user/')
    home.write(WORK.replace(SERIAL, wrong) + APP, CREDENTIALS)
    with pytest.raises(InvalidSerialNumberError, match='FIDO'):
        make_provider(home).load()


@pytest.mark.parametrize('setting', ['', 'duration_seconds = 7200\n'])
def test_no_secret_is_logged(
    home: Home,
    sts: FakeSTS,
    caplog: pytest.LogCaptureFixture,
    setting: str,
) -> None:
    """Neither the code nor the role session is in the debug log."""
    home.write(WORK + APP + setting, CREDENTIALS)
    mfa_session = login()
    sts.answers = [role_given()]
    with caplog.at_level(logging.DEBUG):
        credentials = make_provider(home, TOKEN_CODE).load()
        assert credentials.secret_key == 'role-secret-0'
    assert 'Retrieved credentials will expire' in caplog.text
    for secret in (
        TOKEN_CODE,
        mfa_session.credentials.session_token,
        'long-term-secret-EXAMPLE',
        'role-secret-0',
        'role-token-0',
    ):
        assert secret not in caplog.text


def test_directly_chains_of_two_users_are_kept_apart(
    home: Home, sts: FakeSTS
) -> None:
    """One role behind two users' chains is two role sessions."""
    home.write(
        ''.join(
            f'[profile work{user}]\nregion = eu-central-1\n'
            f'mfa_serial = {SERIAL}{user}\n'
            f'[profile bridge{user}]\nrole_arn = {BRIDGE}{user}\n'
            f'source_profile = work{user}\nduration_seconds = 7200\n'
            f'[profile app{user}]\nregion = eu-central-1\n'
            f'role_arn = {ROLE}\n'
            f'source_profile = bridge{user}\n'
            for user in '12'
        ),
        ''.join(
            f'[work{user}]\n{KEYS}'.replace(ACCESS_KEY_ID, f'AKIAUSER{user}')
            for user in '12'
        ),
    )
    keys = []
    for number, user in enumerate('12'):
        sts.answers = [role_given(2 * number), role_given(2 * number + 1)]
        credentials = make_provider(
            home, TOKEN_CODE, profile=f'app{user}'
        ).load()
        keys.append(credentials.access_key)
    assert keys == ['ASIAROLEEXAMPLE1', 'ASIAROLEEXAMPLE3']
    assert len(sts.requests) == 4


def test_long_term_credentials_of_aws_mfa_s_layout(home: Home) -> None:
    """An ``assume_role`` does not stand before the long-term key."""
    home.write(
        '[profile work]\nregion = eu-central-1\n',
        f'[work-long-term]\n{KEYS}aws_mfa_device = {SERIAL}\n'
        f'assume_role = {ROLE}\n',
    )
    needs = Needs()
    provider = make_provider(home, profile='work', needs=needs)
    assert provider.load().method == 'assume-role'
    needs.long_term = True
    assert provider.load() is None


@pytest.mark.parametrize('duration', [3600, 7200])
def test_an_answer_cut_off_shows_no_key(
    home: Home, sts: FakeSTS, duration: int
) -> None:
    """A parser's message quotes the answer; ours does not."""
    home.write(WORK + APP + f'duration_seconds = {duration}\n', CREDENTIALS)
    login()
    sts.answers = [Answer(200, role_given().body[:-120])]
    credentials = make_provider(home, TOKEN_CODE).load()
    with pytest.raises(UnreadableAnswerError) as caught:
        credentials.get_frozen_credentials()
    assert 'role-secret' not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize('in_role', [False, True])
def test_little_left_is_seen_through_a_cached_role(
    home: Home, sts: FakeSTS, in_role: bool
) -> None:
    """``mfa_min_remaining`` is about the session, however new the role."""
    wanted = 'mfa_min_remaining = 3600\n'
    config = WORK + APP + wanted if in_role else WORK + wanted + APP
    home.write(config, CREDENTIALS)
    login()
    sts.answers = [role_given()]
    assert make_provider(home).load().access_key == 'ASIAROLEEXAMPLE0'
    login(expiration=now() + timedelta(minutes=30))
    with pytest.raises(NoMFASessionError, match='lasts 3600 seconds'):
        make_provider(home).load()
    # "aws configure list" shows what there is.
    needs = Needs()
    needs.prompt = False
    assert make_provider(home, needs=needs).load() is None


def test_looking_asks_for_no_code_of_a_role(home: Home, sts: FakeSTS) -> None:
    """A session does not help a role that wants a code of its own."""
    home.write(WORK + APP + 'duration_seconds = 7200\n', CREDENTIALS)
    login()
    needs = Needs()
    needs.prompt = False
    assert make_provider(home, TOKEN_CODE, needs=needs).load() is None


def test_what_is_served_is_noted(home: Home, sts: FakeSTS) -> None:
    """awscli-mfa finds the role, made or cached, and none on the way."""
    bridge = f'[profile bridge]\nrole_arn = {BRIDGE}\nsource_profile = work\n'
    app = APP.replace('source_profile = work', 'source_profile = bridge')
    home.write(WORK + bridge + app, CREDENTIALS)
    login()
    sts.answers = [role_given(0), role_given(1)]
    for _ in range(2):
        assert make_provider(home).load().access_key == 'ASIAROLEEXAMPLE1'
        noted = find_credentials('app')
        assert noted is not None
        assert noted['AccessKeyId'] == 'ASIAROLEEXAMPLE1'
        forget_profile('app')
    assert find_credentials('bridge') is None
    assert find_credentials('work') is None


def remember_login(role_arn: str, **left: float) -> LoginRole:
    """Log the profile in to a role, as ``aws mfa login --role-arn`` does."""
    login_role = LoginRole(KEY, 'app')
    login_role.remember(
        {'RoleArn': role_arn},
        make_credentials(
            access_key_id='ASIALOGIN', expiration=now() + timedelta(**left)
        ),
    )
    return login_role


def test_a_login_to_another_role_stays_noted(home: Home, sts: FakeSTS) -> None:
    """A command that began before the login does not change the note."""
    home.write(WORK + APP, CREDENTIALS)
    login()
    sts.answers = [role_given()]
    credentials = make_provider(home).load()
    note_session('app', remember_login(BRIDGE, hours=1).file_name, 60)
    assert credentials.access_key == 'ASIAROLEEXAMPLE0'
    noted = find_credentials('app')
    assert noted is not None and noted['AccessKeyId'] == 'ASIALOGIN'


def test_a_login_to_another_role(home: Home, sts: FakeSTS) -> None:
    """The role signs until it ends, and the profile's does not after it."""
    home.write(WORK + APP, CREDENTIALS)
    login()
    remember_login(BRIDGE, hours=1)
    assert make_provider(home).load().access_key == 'ASIALOGIN'
    noted = find_credentials('app')
    assert noted is not None and noted['AccessKeyId'] == 'ASIALOGIN'
    remember_login(BRIDGE, hours=-1)
    with pytest.raises(LoginRoleEndedError, match='profile app '):
        make_provider(home).load().get_frozen_credentials()


def test_a_login_to_its_own_role_that_has_ended(
    home: Home, sts: FakeSTS
) -> None:
    """The profile goes on with the role, and that is noted."""
    home.write(WORK + APP, CREDENTIALS)
    login()
    remember_login(ROLE, hours=-1)
    sts.answers = [role_given()]
    assert make_provider(home).load().access_key == 'ASIAROLEEXAMPLE0'
    noted = find_credentials('app')
    assert noted is not None and noted['AccessKeyId'] == 'ASIAROLEEXAMPLE0'


@pytest.mark.parametrize('code', ['', TOKEN_CODE])
@pytest.mark.parametrize(
    'answer',
    [
        Answer(200, '<html><body>Log in to the network</body></html>'),
        Answer(403, '<html><body>Log in to the network</body></html>'),
    ],
)
def test_a_page_of_somebody_in_between(
    home: Home, sts: FakeSTS, answer: Answer, code: str
) -> None:
    """Any page may be XML by chance, and is no answer of AWS."""
    long_one = 'duration_seconds = 7200\n' if code else ''
    home.write(WORK + APP + long_one, CREDENTIALS)
    login()
    sts.answers = [answer]
    with pytest.raises(UnreadableAnswerError):
        make_provider(
            home, *filter(None, [code])
        ).load().get_frozen_credentials()


def test_only_the_profile_s_own_role_is_noted(
    home: Home, sts: FakeSTS
) -> None:
    """A role on the way is not noted, even where the last one is denied."""
    bridge = f'[profile bridge]\nrole_arn = {BRIDGE}\nsource_profile = work\n'
    app = APP.replace('source_profile = work', 'source_profile = bridge')
    home.write(WORK + bridge + app, CREDENTIALS)
    login()
    sts.answers = [role_given(0), refused(DENIED)]
    with pytest.raises(ClientError):
        make_provider(home).load().get_frozen_credentials()
    assert len(sts.requests) == 2
    assert find_credentials('app') is None


def test_a_role_with_a_code_of_its_own_is_not_noted(
    home: Home, sts: FakeSTS
) -> None:
    """A role behind it does not depend on the MFA session."""
    bridge = (
        f'[profile bridge]\nrole_arn = {BRIDGE}\nsource_profile = work\n'
        'duration_seconds = 7200\nregion = eu-central-1\n'
    )
    app = APP.replace('source_profile = work', 'source_profile = bridge')
    home.write(WORK + bridge + app, CREDENTIALS)
    login()
    sts.answers = [role_given(0), role_given(1)]
    credentials = make_provider(home, TOKEN_CODE).load()
    assert credentials.access_key == 'ASIAROLEEXAMPLE1'
    assert find_credentials('app') is None


def test_a_session_of_aws_mfa_does_not_hide_the_profile_s_own_role(
    home: Home, sts: FakeSTS
) -> None:
    """aws-mfa never assumed a role that the profile itself names."""
    end = now() + timedelta(hours=1)
    home.write(
        WORK + APP,
        f'{CREDENTIALS}[app]\naws_access_key_id = ASIAAWSMFA\n'
        'aws_secret_access_key = theirs\naws_session_token = theirs\n'
        f'expiration = {end:%Y-%m-%d %H:%M:%S}\n',
    )
    sts.answers = [sts.next_answer(), role_given(1)]
    credentials = make_provider(home, TOKEN_CODE).load()
    assert credentials.access_key == 'ASIAROLEEXAMPLE1'


READ_ONLY = APP.replace('app', 'readonly')
AGENT_ROLE = 'mfa_agent_role = readonly\n'


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be run by a coding agent that may even ask."""
    monkeypatch.setenv('CLAUDECODE', '1')
    monkeypatch.setenv('AWS_MFA_PROMPT', 'auto')


def test_an_agent_has_a_role_of_its_own(
    home: Home, sts: FakeSTS, agent: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its profile's commands are signed with that, and a person's not."""
    home.write(WORK + AGENT_ROLE + READ_ONLY, CREDENTIALS)
    login()
    sts.answers = [role_given()]
    for needs in (Needs(), Needs()):
        found = make_provider(home, profile='work', needs=needs).load()
        assert found.access_key == 'ASIAROLEEXAMPLE0'
        # Nor has it the long-term key for what takes no session.
        needs.long_term, needs.session = True, False
        found = make_provider(home, profile='work', needs=needs).load()
        assert found.access_key == 'ASIAROLEEXAMPLE0'
    assert len(sts.requests) == 1
    assert find_credentials('work') is None
    assert find_credentials('readonly') is None
    monkeypatch.delenv('CLAUDECODE')
    assert make_provider(home, profile='work').load() is None


def test_an_agent_is_no_role_that_somebody_logged_in_to(
    home: Home, sts: FakeSTS, agent: None
) -> None:
    """It has the role of the profile and not of a login, nor another's."""
    home.write(WORK + APP + AGENT_ROLE + READ_ONLY, CREDENTIALS)
    remember_login(BRIDGE, hours=1)
    provider = make_provider(home, profile='app')
    with pytest.raises(NoMFASessionError, match='login --profile app'):
        provider.load().get_frozen_credentials()
    login()
    sts.answers = [role_given()]
    assert provider.load().access_key == 'ASIAROLEEXAMPLE0'


def test_an_agent_whose_role_is_denied(
    home: Home, sts: FakeSTS, agent: None
) -> None:
    """The error names the setting, and nothing else is tried."""
    home.write(WORK + AGENT_ROLE + READ_ONLY, CREDENTIALS)
    login()
    sts.answers = [refused(DENIED)]
    with pytest.raises(AgentRoleDeniedError) as raised:
        make_provider(home, profile='work').load().get_frozen_credentials()
    assert str(raised.value).endswith(
        f'{DENIED}. A coding agent runs this command, and because of '
        'mfa_agent_role the commands of profile work are signed with that '
        'role only. Name a role that the MFA session (1 hour old) may '
        'assume: aws configure set mfa_agent_role ROLE_PROFILE --profile work'
    )


@pytest.mark.parametrize('by_process', [False, True])
def test_an_agent_where_keys_are_temporary(
    home: Home, agent: None, by_process: bool
) -> None:
    """Another tool's session would be the larger one."""
    keys = f'{CREDENTIALS}aws_session_token = of-another-tool\n'
    process = ''
    if by_process:
        keys, process = '', credential_process(home, SessionToken='token')
    home.write(WORK + AGENT_ROLE + process + READ_ONLY, keys)
    with pytest.raises(
        AgentRoleError,
        match=r'readonly of profile work .*: .*work has temporary credentials',
    ):
        make_provider(home, profile='work').load()


def test_an_agent_that_has_a_code(
    home: Home, sts: FakeSTS, agent: None
) -> None:
    """Where it may ask, one code makes the session, as for a person."""
    home.write(WORK + AGENT_ROLE + READ_ONLY, CREDENTIALS)
    sts.answers = [sts.next_answer(), role_given()]
    found = make_provider(home, TOKEN_CODE, profile='work').load()
    assert found.access_key == 'ASIAROLEEXAMPLE0'
    assert sts.requests[0].parameters['TokenCode'] == TOKEN_CODE


def test_an_agent_that_only_looks(
    home: Home, sts: FakeSTS, agent: None
) -> None:
    """The user's own session is not found by it either."""
    needs = Needs()
    needs.prompt = False
    for setting, error in (
        (AGENT_ROLE, 'session, and a coding .* of your own .*--profile work'),
        ('mfa_agent_role = gone\n', 'gone'),
    ):
        home.write(WORK + setting + READ_ONLY, CREDENTIALS)
        provider = make_provider(home, profile='work', needs=needs)
        with pytest.raises((AgentRoleError, NoMFASessionError), match=error):
            provider.load()
    assert sts.requests == []
