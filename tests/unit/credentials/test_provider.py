# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.provider, in real chains."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.notes import find_credentials, note_session
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.chain import insert_providers
from awscli_mfa_plugin.credentials.refreshing import METHOD
from awscli_mfa_plugin.exceptions import (
    InvalidProfileValueError,
    InvalidSerialNumberError,
)
from awscli_mfa_plugin.exceptions.profiles import (
    ChangedFileError,
    LoginRoleEndedError,
    NotLongTermCredentialsError,
)
from awscli_mfa_plugin.exceptions.token_codes import NoMFASessionError
from awscli_mfa_plugin.needs import Needs
from tests.unit.conftest import (
    FakeSTS,
    FakeTerminal,
    Home,
    given,
    make_credentials,
    make_mfa_session,
    now,
)
from tests.unit.names import (
    ACCESS_KEY_ID,
    KEY,
    KEYS,
    LONG_TERM,
    ROLE,
    SERIAL,
    WORK,
    WORK_KEYS,
)


def insert(session: Any) -> Needs:
    """Put the providers into a session's chain; return its needs."""
    needs = Needs()
    insert_providers(session, needs)
    return needs


def load(session: Any) -> Any:
    """Return the credentials of a session that has the plugin."""
    insert_providers(session)
    return session.get_credentials()


def keys_of(credentials: Any) -> tuple[str, str, str | None]:
    """Return what signs."""
    frozen = credentials.get_frozen_credentials()
    return frozen.access_key, frozen.secret_key, frozen.token


def test_profile_that_takes_part(
    home: Home, sts: FakeSTS, terminal: FakeTerminal
) -> None:
    """A plain profile with a device is signed for with an MFA session."""
    home.write(WORK, WORK_KEYS)
    terminal.answers = ['123456']
    credentials = load(home.session(profile='work'))
    assert credentials.method == METHOD
    assert keys_of(credentials) == (
        'ASIASESSIONEXAMPLE1',
        'session-secret-1',
        'session-token-1',
    )
    (request,) = sts.requests
    assert request.access_key_id == ACCESS_KEY_ID
    # awscli-mfa finds it from now on.
    noted = find_credentials('work')
    assert noted is not None
    assert noted['AccessKeyId'] == 'ASIASESSIONEXAMPLE1'


def test_profile_that_was_logged_in_to_a_role(
    home: Home, sts: FakeSTS, terminal: FakeTerminal
) -> None:
    """The role signs until it ends, and nothing signs in its place."""
    home.write(WORK, WORK_KEYS)
    terminal.answers = ['123456']
    login_role = LoginRole(KEY, 'work')
    assumed = make_credentials(access_key_id='ASIAROLE')
    login_role.remember({'RoleArn': ROLE}, assumed)
    credentials = load(home.session(profile='work'))
    assert credentials.method == METHOD
    assert keys_of(credentials)[0] == 'ASIAROLE'
    noted = find_credentials('work')
    assert noted is not None and noted['AccessKeyId'] == 'ASIAROLE'
    gone = make_credentials(expiration=now() - timedelta(hours=1))
    login_role.remember({'RoleArn': ROLE}, gone)
    credentials = load(home.session(profile='work'))
    with pytest.raises(
        LoginRoleEndedError, match=f'login --profile work --role-arn {ROLE} '
    ):
        keys_of(credentials)
    assert (sts.requests, terminal.prompts) == ([], [])


def test_nothing_is_asked_until_something_is_signed(
    home: Home, sts: FakeSTS, terminal: FakeTerminal
) -> None:
    """Loading and making clients cost no code; the first request does."""
    home.write(WORK, WORK_KEYS)
    terminal.answers = ['123456']
    session = home.session(profile='work')
    credentials = load(session)
    session.create_client('s3', region_name='us-east-1')
    assert (sts.requests, terminal.prompts) == ([], [])
    keys_of(credentials)
    keys_of(credentials)
    assert (len(sts.requests), len(terminal.prompts)) == (1, 1)


@pytest.mark.parametrize(
    ('config', 'device'),
    [
        (f'[default]\nmfa_serial = {SERIAL}\n', ''),
        # aws-mfa has not written the default profile yet.
        ('', f'aws_mfa_device = {SERIAL}\n'),
    ],
)
def test_default_profile(
    home: Home, sts: FakeSTS, terminal: FakeTerminal, config: str, device: str
) -> None:
    """Without a profile it is the default one."""
    home.write(config, f'[default-long-term]\n{KEYS}{device}')
    terminal.answers = ['123456']
    credentials = load(home.session())
    assert keys_of(credentials)[0] == 'ASIASESSIONEXAMPLE1'


@pytest.mark.parametrize(
    ('config', 'credentials'),
    [
        ('[profile work]\nregion = eu-west-1\n', WORK_KEYS),
        ('', WORK_KEYS),
        (f'[profile work]\n{KEYS}', ''),
        (WORK, ''),
        # botocore does not look at a source without a role.
        ('[profile work]\nsource_profile = gone\n', WORK_KEYS),
    ],
)
def test_profile_that_does_not_take_part(
    home: Home, sts: FakeSTS, config: str, credentials: str
) -> None:
    """Other profiles get what they get without the plugin."""
    home.write(config, credentials)
    without = home.session(profile='work').get_credentials()
    found = load(home.session(profile='work'))
    assert (found is None) == (without is None)
    if without is not None:
        assert found.method == without.method
        assert keys_of(found) == keys_of(without)
    assert sts.requests == []


def test_keys_of_the_environment_win(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys that somebody exported on purpose are used."""
    home.write(WORK, WORK_KEYS)
    monkeypatch.setenv('AWS_PROFILE', 'work')
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 's')
    credentials = load(home.session())
    assert keys_of(credentials) == ('AKIAENVIRONMENT', 's', None)
    assert sts.requests == []


def test_profile_named_goes_before_the_environment(
    home: Home,
    sts: FakeSTS,
    terminal: FakeTerminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``--profile`` switches the environment off, as without the plugin."""
    home.write(WORK, WORK_KEYS)
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 's')
    terminal.answers = ['123456']
    credentials = load(home.session(profile='work'))
    assert keys_of(credentials)[0] == 'ASIASESSIONEXAMPLE1'


def test_temporary_credentials_of_the_profile(
    home: Home, sts: FakeSTS
) -> None:
    """Temporary credentials of another tool are left alone."""
    home.write(WORK, f'{WORK_KEYS}aws_session_token = theirs\n')
    without = home.session(profile='work').get_credentials()
    assert keys_of(load(home.session(profile='work'))) == keys_of(without)
    assert keys_of(without)[2] == 'theirs'
    assert sts.requests == []


def test_temporary_credentials_of_the_source_profile(
    home: Home, sts: FakeSTS
) -> None:
    """Temporary credentials cannot buy a session for another profile."""
    home.write(
        f'{WORK}source_profile = base\n',
        f'[base]\n{KEYS}aws_session_token = theirs\n',
    )
    with pytest.raises(NotLongTermCredentialsError) as caught:
        load(home.session(profile='work'))
    assert 'profile base' in str(caught.value)
    assert 'work-long-term' in str(caught.value)
    assert 'theirs' not in str(caught.value)


def test_empty_session_token(
    home: Home, sts: FakeSTS, terminal: FakeTerminal
) -> None:
    """``aws_session_token =`` is no token: botocore sends none for it."""
    home.write(WORK, f'{WORK_KEYS}aws_session_token =\n')
    terminal.answers = ['123456']
    credentials = load(home.session(profile='work'))
    assert keys_of(credentials)[0] == 'ASIASESSIONEXAMPLE1'


@pytest.mark.parametrize(
    ('line', 'kind'),
    [
        ('duration_seconds = 1', InvalidProfileValueError),
        ('mfa_prompt = maybe', InvalidProfileValueError),
        ('source_profile = gone', InvalidProfileValueError),
        (
            'source_profile = base\n[profile base]',
            InvalidProfileValueError,
        ),
        ('mfa_min_remaining = 43200', InvalidProfileValueError),
        (
            'mfa_serial = arn:aws:iam::123456789012:user/x',
            InvalidSerialNumberError,
        ),
    ],
)
def test_settings_that_are_wrong(
    home: Home, sts: FakeSTS, line: str, kind: type[Exception]
) -> None:
    """A wrong setting is an error and not a command without MFA."""
    config = WORK if 'mfa_serial' not in line else '[profile work]\n'
    home.write(f'{config}{line}\n', WORK_KEYS)
    with pytest.raises(kind):
        load(home.session(profile='work'))
    quiet = home.session(profile='work')
    insert(quiet).prompt = False
    assert keys_of(quiet.get_credentials())[0] == ACCESS_KEY_ID


@pytest.mark.parametrize(('first', 'then'), [('', WORK_KEYS), (WORK_KEYS, '')])
def test_a_file_that_is_written_meanwhile(
    home: Home, sts: FakeSTS, first: str, then: str
) -> None:
    """The key that one reading saw, and not the other, signs nothing."""
    home.write(WORK, first)
    session = home.session(profile='work')
    assert session.full_config
    home.write(WORK, then)
    with pytest.raises(ChangedFileError, match='Run the command again'):
        load(session)


@pytest.mark.parametrize('role', ['', f'assume_role = {ROLE}\n'])
def test_long_term_credentials_on_request(
    home: Home, sts: FakeSTS, role: str
) -> None:
    """Commands that AWS gives to long-term keys only get these.

    A role of aws-mfa does not make another profile of it for them.
    """
    home.write(WORK, LONG_TERM + role)
    MFASessionCache().put(KEY, make_mfa_session())
    session = home.session(profile='work')
    insert(session).long_term = True
    assert keys_of(session.get_credentials())[0] == ACCESS_KEY_ID
    assert sts.requests == []


def test_looking_without_a_session(
    home: Home, sts: FakeSTS, terminal: FakeTerminal
) -> None:
    """A command that only looks sees the long-term key, without a code."""
    home.write(WORK, WORK_KEYS)
    terminal.answers = ['123456']
    session = home.session(profile='work')
    insert(session).prompt = False
    credentials = session.get_credentials()
    assert credentials.method == 'shared-credentials-file'
    assert (sts.requests, terminal.prompts) == ([], [])


def test_looking_with_a_session(home: Home, sts: FakeSTS) -> None:
    """A command that only looks sees the session that there is."""
    home.write(WORK, WORK_KEYS)
    MFASessionCache().put(KEY, make_mfa_session())
    session = home.session(profile='work')
    insert(session).prompt = False
    assert keys_of(session.get_credentials())[0] == 'ASIASESSIONEXAMPLE0'
    assert sts.requests == []


def test_nobody_to_ask(home: Home, sts: FakeSTS) -> None:
    """Without a session and a terminal the command fails with a remedy."""
    home.write(WORK, WORK_KEYS)
    credentials = load(home.session(profile='work'))
    with pytest.raises(
        NoMFASessionError, match='aws mfa login --profile work'
    ):
        keys_of(credentials)
    assert sts.requests == []


@pytest.mark.parametrize('seconds', [900, 590, 120, 65])
def test_short_session_is_not_renewed_early(
    home: Home, sts: FakeSTS, terminal: FakeTerminal, seconds: int
) -> None:
    """A session is used to its end, not to botocore's 15 minutes before."""
    home.write(WORK, WORK_KEYS)
    terminal.answers = ['123456', '654321']
    expiration = now() + timedelta(seconds=seconds)
    sts.answers = [given(make_mfa_session(5, expiration=expiration))]
    credentials = load(home.session(profile='work'))
    for _ in range(3):
        assert keys_of(credentials)[0] == 'ASIASESSIONEXAMPLE5'
    assert (len(sts.requests), len(terminal.prompts)) == (1, 1)


def test_session_that_ends_is_renewed(
    home: Home, sts: FakeSTS, terminal: FakeTerminal
) -> None:
    """In its last minute a session is replaced, for another code."""
    home.write(WORK, WORK_KEYS)
    terminal.answers = ['123456', '654321']
    expiration = now() + timedelta(seconds=50)
    sts.answers = [given(make_mfa_session(5, expiration=expiration))]
    credentials = load(home.session(profile='work'))
    assert keys_of(credentials)[0] == 'ASIASESSIONEXAMPLE5'
    assert keys_of(credentials)[0] == 'ASIASESSIONEXAMPLE1'
    assert [request.parameters['TokenCode'] for request in sts.requests] == [
        '123456',
        '654321',
    ]


def test_renewal_looks_into_the_cache_first(
    home: Home, sts: FakeSTS, terminal: FakeTerminal
) -> None:
    """A person who logged in elsewhere meanwhile is not asked again."""
    home.write(WORK, WORK_KEYS)
    terminal.answers = ['123456', '654321']
    expiration = now() + timedelta(seconds=50)
    sts.answers = [given(make_mfa_session(5, expiration=expiration))]
    credentials = load(home.session(profile='work'))
    assert keys_of(credentials)[0] == 'ASIASESSIONEXAMPLE5'
    MFASessionCache().put(KEY, make_mfa_session(8))
    assert keys_of(credentials)[0] == 'ASIASESSIONEXAMPLE8'
    assert (len(sts.requests), len(terminal.prompts)) == (1, 1)


def test_two_sessions_need_one_code(
    home: Home, sts: FakeSTS, terminal: FakeTerminal
) -> None:
    """The next command finds the session of this one."""
    home.write(WORK, WORK_KEYS)
    terminal.answers = ['123456', '654321']
    first = keys_of(load(home.session(profile='work')))
    second = keys_of(load(home.session(profile='work')))
    assert first == second
    assert len(sts.requests) == 1


@pytest.mark.parametrize(
    'config',
    [
        '[profile work]\nmfa_serial = arn:aws:iam::123456789012:user/x\n',
        f'{WORK}duration_seconds = 5\n',
        f'{WORK}mfa_prompt = perhaps\n',
    ],
)
@pytest.mark.parametrize('request_name', ['give', 'do'])
def test_settings_are_put_right_with_the_long_term_key(
    home: Home, sts: FakeSTS, config: str, request_name: str
) -> None:
    """A command that needs no session does not mind wrong settings."""
    home.write(config, f'[work-long-term]\n{KEYS}')
    session = home.session(profile='work')
    needs = insert(session)
    if request_name == 'give':
        needs.long_term = True
    else:
        needs.session = False
    assert keys_of(session.get_credentials())[0] == ACCESS_KEY_ID


@pytest.mark.parametrize('keys', [WORK_KEYS, LONG_TERM])
def test_a_command_that_can_do_without_a_session(
    home: Home, sts: FakeSTS, keys: str
) -> None:
    """It is signed with one that is there, and asks for none."""
    home.write(WORK, keys)
    found = []
    for _ in range(2):
        session = home.session(profile='work')
        insert(session).session = False
        found.append(keys_of(session.get_credentials())[0])
        MFASessionCache().put(KEY, make_mfa_session())
    assert found == [
        ACCESS_KEY_ID,
        make_mfa_session().credentials.access_key_id,
    ]


def of_aws_mfa(seconds: int) -> str:
    """Return the section that aws-mfa wrote, and how long it lasts."""
    end = now() + timedelta(seconds=seconds)
    return (
        '[work]\naws_access_key_id = ASIAAWSMFA\n'
        'aws_secret_access_key = theirs\naws_session_token = theirs\n'
        f'expiration = {end:%Y-%m-%d %H:%M:%S}\n'
    )


LAYOUT_OF_AWS_MFA = f'[work-long-term]\n{KEYS}aws_mfa_device = {SERIAL}\n'


@pytest.mark.parametrize('role', ['', 'assume_role = arn:aws:iam::1:role/a\n'])
def test_a_session_of_aws_mfa_is_used_up(
    home: Home, terminal: FakeTerminal, role: str
) -> None:
    """A session of aws-mfa is used until it ends."""
    home.write('', of_aws_mfa(600) + LAYOUT_OF_AWS_MFA + role)
    credentials = load(home.session(profile='work'))
    assert keys_of(credentials)[0] == 'ASIAAWSMFA'
    home.write('', of_aws_mfa(50) + LAYOUT_OF_AWS_MFA + role)
    with pytest.raises(NoMFASessionError):
        keys_of(load(home.session(profile='work')))


@pytest.mark.parametrize(
    ('config', 'expiration'),
    [
        # Who has given the profile a device wants our sessions.
        (WORK, None),
        ('', 'expiration = soon'),
    ],
)
def test_not_a_session_of_aws_mfa(
    home: Home, config: str, expiration: str | None
) -> None:
    """Neither what has no end, nor what the plugin is to replace."""
    section = of_aws_mfa(600)
    if expiration is not None:
        section = section.rpartition('expiration')[0] + f'{expiration}\n'
    home.write(config, section + LAYOUT_OF_AWS_MFA)
    with pytest.raises(NoMFASessionError):
        keys_of(load(home.session(profile='work')))


@pytest.mark.parametrize(
    'line', ['aws_session_token = theirs', 'mfa_role_sessions = direct']
)
def test_a_role_of_aws_mfa_that_is_left_alone(home: Home, line: str) -> None:
    """The user's own session does not sign in the place of the role."""
    role = f'{LAYOUT_OF_AWS_MFA}assume_role = {ROLE}\n{line}\n'
    home.write('[profile work]\n', role)
    MFASessionCache().put(KEY, make_mfa_session())
    assert load(home.session(profile='work')) is None


def test_a_session_of_ours_goes_before_one_of_aws_mfa(home: Home) -> None:
    """The last login was ours."""
    home.write('', of_aws_mfa(600) + LAYOUT_OF_AWS_MFA)
    MFASessionCache().put(KEY, make_mfa_session())
    credentials = load(home.session(profile='work'))
    assert (
        keys_of(credentials)[0] == make_mfa_session().credentials.access_key_id
    )


def test_the_account_is_that_of_the_key(home: Home) -> None:
    """Some endpoints have it in their names."""
    home.write(WORK, f'{WORK_KEYS}aws_account_id = 123456789012\n')
    MFASessionCache().put(KEY, make_mfa_session())
    credentials = load(home.session(profile='work'))
    frozen = credentials.get_frozen_credentials()
    assert frozen.account_id == '123456789012'


def test_a_login_to_a_role_meanwhile_stays_noted(
    home: Home,
    sts: FakeSTS,
    terminal: FakeTerminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A command that began before the login does not change the note."""
    home.write(WORK, WORK_KEYS)
    store = LoginRole(KEY, 'work')
    assumed = make_credentials(access_key_id='ASIAROLE')
    credentials = load(home.session(profile='work'))

    def log_in(prompt: str) -> str:
        store.remember({'RoleArn': 'arn:aws:iam::1:role/a'}, assumed)
        note_session('work', store.file_name, 60)
        return '123456'

    terminal.answers = ['123456']
    monkeypatch.setattr(terminal, 'ask_hidden', log_in)
    assert keys_of(credentials)[0] == 'ASIASESSIONEXAMPLE1'
    noted = find_credentials('work')
    assert noted is not None and noted['AccessKeyId'] == 'ASIAROLE'
