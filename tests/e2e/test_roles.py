# SPDX-License-Identifier: Apache-2.0
"""Roles: one MFA session serves every role behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.e2e.person import PROMPT, Person, Result
from tests.standin import Request, Role, User

WHO_AM_I = ('sts', 'get-caller-identity')


@pytest.fixture
def new_role(person: Person) -> Callable[..., Role]:
    """Give a function that makes IAM roles."""

    def create(name: str, **conditions: Any) -> Role:
        return person.aws.create_role(
            f'{person.user.name}-{name}', **conditions
        )

    return create


def mfa(person: Person) -> dict[str, str]:
    """Return the settings of the profile that has the MFA device."""
    return {'mfa_serial': person.user.device.serial_number}


def behind(role: Role, source: str, **settings: object) -> dict[str, object]:
    """Return the settings of a role profile."""
    return {'role_arn': role.arn, 'source_profile': source, **settings}


def who_am_i(person: Person, profile: str, *options: str) -> Result:
    """Run a command under a profile, without any terminal."""
    return person.run(*WHO_AM_I, '--profile', profile, *options)


def answered(person: Person, profile: str, *options: str) -> Result:
    """Run a command under a profile and answer its one prompt."""
    terminal = person.at_terminal(*WHO_AM_I, '--profile', profile, *options)
    terminal.answer(person.user.device.code())
    shown = terminal.finish()
    assert shown.code == 0, shown
    assert PROMPT not in shown.stdout
    return shown


def calls(person: Person) -> list[tuple[str, str | None]]:
    """Return what reached AWS: each operation and who signed it."""
    return [
        (call.operation, call.role_name or call.key_kind)
        for call in person.aws.requests()
    ]


def assumed(person: Person) -> list[Request]:
    """Return the calls of AssumeRole."""
    return person.aws.requests(operation='AssumeRole')


def change_session(person: Person, **changes: str) -> None:
    """Change the one MFA session in the cache, as time would."""
    (path,) = person.session_files()
    entry = json.loads(path.read_text())
    for name, value in changes.items():
        where = entry if name in entry else entry['Credentials']
        where[name] = value
    path.write_text(json.dumps(entry))


def ago(**time: float) -> str:
    """Return a time in the past, as sessions have it."""
    then = datetime.now(timezone.utc) - timedelta(**time)
    return f'{then:%Y-%m-%dT%H:%M:%SZ}'


def test_one_code_for_five_roles_and_their_source(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """One prompt, one GetSessionToken, five AssumeRole without codes."""
    names = [f'app-{number}' for number in range(1, 6)]
    roles = {name: new_role(name) for name in names}
    person.write_profiles(
        {
            person.profile: mfa(person),
            **{
                name: behind(role, person.profile, **mfa(person))
                for name, role in roles.items()
            },
        }
    )
    answered(person, names[0])
    for name in (*names[1:], person.profile):
        assert who_am_i(person, name).code == 0
    assert [call.operation for call in person.aws.requests()] == [
        'GetSessionToken',
        *['AssumeRole', 'GetCallerIdentity'] * 5,
        'GetCallerIdentity',
    ]
    assert [call.key_kind for call in assumed(person)] == ['mfa-session'] * 5
    assert {
        (call.serial_number, call.token_code) for call in assumed(person)
    } == {(None, None)}
    signed = person.aws.requests(operation='GetCallerIdentity')
    assert [call.role_name for call in signed] == [
        *(role.name for role in roles.values()),
        None,
    ]
    assert signed[-1].key_kind == 'mfa-session'

    person.aws.clear_requests()
    for name in names:
        assert who_am_i(person, name).code == 0
    assert calls(person) == [
        ('GetCallerIdentity', role.name) for role in roles.values()
    ]


def test_the_role_alone_names_the_device(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """A session is made for the role; its source stays without MFA."""
    role = new_role('app')
    person.write_profiles(
        {
            person.profile: {},
            'app': behind(role, person.profile, **mfa(person)),
        }
    )
    answered(person, 'app')
    assert who_am_i(person, person.profile).code == 0
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('GetCallerIdentity', role.name),
        ('GetCallerIdentity', 'long-term'),
    ]


def test_a_chain_of_roles(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """Each role of a chain is assumed from the one before, once."""
    first = new_role('first')
    second, third = (
        new_role(name, require_mfa=False) for name in ('second', 'third')
    )
    person.write_profiles(
        {
            person.profile: mfa(person),
            'a': behind(third, 'b'),
            'b': behind(second, 'c'),
            'c': behind(first, person.profile),
        }
    )
    answered(person, 'a')
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('AssumeRole', first.name),
        ('AssumeRole', second.name),
        ('GetCallerIdentity', third.name),
    ]
    person.aws.clear_requests()
    assert who_am_i(person, 'b').code == 0
    assert calls(person) == [('GetCallerIdentity', second.name)]


def test_a_role_is_its_own_source(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """The keys of a role's profile get the session that it is assumed with."""
    role = new_role('app')
    person.write_profiles(
        {person.profile: behind(role, person.profile, **mfa(person))}
    )
    answered(person, person.profile)
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('GetCallerIdentity', role.name),
    ]


def test_the_source_has_its_key_in_a_long_term_profile(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """A source ``P`` stands on the key of ``P-long-term``."""
    role = new_role('app')
    person.write_profiles({'work': mfa(person), 'app': behind(role, 'work')})
    person.write_credentials({'work-long-term': person.user})
    answered(person, 'app')
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('GetCallerIdentity', role.name),
    ]


def test_a_longer_role_session_is_assumed_with_a_code(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """Over an hour needs a code of its own, asked again after a wrong one."""
    role = new_role('app')
    settings = behind(role, person.profile, duration_seconds=7200)
    person.write_profiles({person.profile: mfa(person), 'app': settings})
    refused = who_am_i(person, 'app')
    assert refused.code == person.exit_codes.configuration
    assert refused.stderr.strip().endswith(
        'Profile app needs an MFA code of its own (duration_seconds = 7200 '
        'in profile app, and AWS allows 3600 from a session), and may not or '
        'cannot ask for it here. Run the command in a terminal of your own.'
    )
    # Without a code it was tried: the role might have needed none.
    assert calls(person) == [('AssumeRole', 'long-term')]
    person.aws.clear_requests()

    terminal = person.at_terminal(*WHO_AM_I, '--profile', 'app', '--debug')
    wrong, right = person.user.device.wrong_code(), person.user.device.code()
    terminal.answer(wrong)
    until_prompt = str(terminal.before)
    terminal.answer(right)
    until_second = str(terminal.before)
    shown = terminal.finish()
    assert shown.code == 0
    assert 'The code was wrong or already used' in until_second
    why = (
        'Profile app needs an MFA code of its own (duration_seconds = 7200 '
        'in profile app, and AWS allows 3600 from a session).'
    )
    assert why in ' '.join(until_prompt.split())
    assert why not in ' '.join(until_second.split())
    assert right not in shown.stdout
    assert calls(person) == [
        ('AssumeRole', 'long-term'),
        ('AssumeRole', 'long-term'),
        ('GetCallerIdentity', role.name),
    ]
    assert [
        (call.serial_number, call.token_code, call.error_code)
        for call in assumed(person)
    ] == [
        (person.user.device.serial_number, wrong, 'AccessDenied'),
        (person.user.device.serial_number, right, None),
    ]
    assert assumed(person)[1].parameters['DurationSeconds'] == '7200'

    assert who_am_i(person, 'app').code == 0
    assert len(assumed(person)) == 2
    assert (
        'Role app is assumed directly: duration_seconds = 7200 in profile '
        'app, and AWS allows 3600 from a session'
    ) in until_prompt

    # It is the role's alone, whatever else there is for the access key.
    person.login()
    (session,) = person.ok('mfa', 'status', '--profile', 'app').json()[
        'Sessions'
    ]
    assert 'Expiration' not in session
    assert session['Profiles'] == ['app']
    assert [found['RoleArn'] for found in session['Roles']] == [role.arn]
    (source,) = person.ok('mfa', 'status', '--profile', person.profile).json()[
        'Sessions'
    ]
    assert source['Roles'] == []
    looked = person.ok('configure', 'list', '--profile', 'app')
    assert 'assume-role' in looked.stdout
    ended = person.ok('mfa', 'logout', '--profile', 'app')
    assert ended.stdout == 'Ended 1 role session (used by app).\n'
    without = who_am_i(person, 'app')
    assert without.code == person.exit_codes.configuration
    assert who_am_i(person, person.profile).code == 0


def test_a_longer_role_session_that_needs_no_code(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """A job that ran without a terminal before runs with the plugin too."""
    role = new_role('app', require_mfa=False)
    settings = behind(role, person.profile, duration_seconds=7200)
    person.write_profiles({person.profile: mfa(person), 'app': settings})
    for _ in range(2):
        assert who_am_i(person, 'app').code == 0
    assert calls(person) == [
        ('AssumeRole', 'long-term'),
        *[('GetCallerIdentity', role.name)] * 2,
    ]


@pytest.mark.parametrize('where', ['role', 'source'])
def test_the_old_behaviour_can_be_asked_for(
    person: Person, new_role: Callable[..., Role], where: str
) -> None:
    """``mfa_role_sessions = direct`` has the role assumed with a code."""
    role = new_role('app')
    direct = {'mfa_role_sessions': 'direct'}
    person.write_profiles(
        {
            person.profile: {
                **mfa(person),
                **(direct if where == 'source' else {}),
            },
            'app': behind(
                role,
                person.profile,
                **mfa(person),
                **(direct if where == 'role' else {}),
            ),
        }
    )
    answered(person, 'app')
    assert calls(person) == [
        ('AssumeRole', 'long-term'),
        ('GetCallerIdentity', role.name),
    ]
    assert assumed(person)[0].token_code is not None


def test_never_mixed_up_with_the_cli_s_own_role_sessions(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """A role session made without MFA is not taken, and left as it is."""
    role = new_role('app', require_mfa=False)
    profiles: dict[str, Mapping[str, object]] = {
        person.profile: mfa(person),
        'app': behind(role, person.profile),
    }
    person.write_profiles(profiles, plugin=False)
    assert who_am_i(person, 'app').code == 0
    (own,) = (person.home / '.aws' / 'cli' / 'cache').glob('*.json')
    before = own.read_bytes()

    person.write_profiles(profiles)
    person.login()
    assert who_am_i(person, 'app').code == 0
    assert [call.key_kind for call in assumed(person)] == [
        'long-term',
        'mfa-session',
    ]
    assert own.read_bytes() == before
    assert list(own.parent.glob('*.json')) == [own]


def test_never_mixed_up_between_two_users(
    person: Person,
    new_user: Callable[[], User],
    new_role: Callable[..., Role],
) -> None:
    """One role assumed by two users is two role sessions."""
    role = new_role('app')
    colleague = new_user()
    person.write_profiles(
        {
            person.profile: mfa(person),
            'colleague': {'mfa_serial': colleague.device.serial_number},
            'mine': behind(role, person.profile),
            'theirs': behind(role, 'colleague'),
        }
    )
    person.write_credentials(
        {person.profile: person.user, 'colleague': colleague}
    )
    answered(person, 'mine')
    terminal = person.at_terminal(*WHO_AM_I, '--profile', 'theirs')
    terminal.answer(colleague.device.code())
    assert terminal.finish().code == 0
    assert [call.user_name for call in assumed(person)] == [
        person.user.name,
        colleague.name,
    ]


def test_never_mixed_up_between_two_ways_to_a_role(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """One role assumed by way of another is a role session of its own."""
    bridge = new_role('bridge')
    role = new_role('app', require_mfa=False)
    person.write_profiles(
        {
            person.profile: mfa(person),
            'bridge': behind(bridge, person.profile),
            'straight': behind(role, person.profile),
            'round': behind(role, 'bridge'),
        }
    )
    answered(person, 'straight')
    assert who_am_i(person, 'round').code == 0
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('GetCallerIdentity', role.name),
        ('AssumeRole', 'mfa-session'),
        ('AssumeRole', bridge.name),
        ('GetCallerIdentity', role.name),
    ]


def test_login_by_the_name_of_a_role(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """``aws mfa login --profile ROLE`` makes the session the role uses."""
    role = new_role('app')
    person.write_profiles(
        {person.profile: mfa(person), 'app': behind(role, person.profile)}
    )
    before = person.config_file.read_text()
    result = person.ok(
        'mfa',
        'login',
        '--profile',
        'app',
        '--token-code',
        person.user.device.code(),
    )
    assert result.stdout.startswith('Profile app has an MFA session until ')
    for profile in ('app', person.profile):
        assert who_am_i(person, profile).code == 0
    assert calls(person) == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('GetCallerIdentity', role.name),
        ('GetCallerIdentity', 'mfa-session'),
    ]
    assert person.config_file.read_text() == before


def test_a_role_wants_a_more_recent_code(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """A denial says how old the session is and what helps, and it helps."""
    role = new_role('app', max_mfa_age=100)
    serial_number = person.user.device.serial_number
    person.write_profiles(
        {person.profile: mfa(person), 'app': behind(role, person.profile)}
    )
    person.login()
    change_session(person, AuthenticatedAt=ago(hours=2, seconds=20))
    person.aws.clock_offset(150)
    denied = who_am_i(person, 'app')
    assert denied.code == (254 if person.host.is_v2 else 255)
    assert denied.stderr.strip().endswith(
        f'An error occurred (AccessDenied) when calling the AssumeRole '
        f'operation: User: {person.user.arn} is not authorized to perform: '
        f'sts:AssumeRole on resource: {role.arn}. The MFA session it was '
        'asked for with is 2 hours old. If the role wants a more recent '
        'one: aws mfa login --profile app --force. If it wants a code of '
        'its own: aws configure set mfa_role_sessions direct --profile app '
        f'and: aws configure set mfa_serial {serial_number} --profile app'
    )
    assert len(denied.stderr.strip().splitlines()) == 1

    person.login('--force')
    assert who_am_i(person, 'app').code == 0
    assert [call.error_code for call in assumed(person)] == [
        'AccessDenied',
        None,
    ]
    settings = {'mfa_role_sessions': 'direct', 'mfa_serial': serial_number}
    for name, value in settings.items():
        person.ok('configure', 'set', name, value, '--profile', 'app')
    answered(person, 'app')
    last = assumed(person)[-1]
    assert (last.key_kind, last.error_code) == ('long-term', None)


def test_what_botocore_sends_for_a_role_is_sent(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """External id, session name, duration and region are as configured."""
    role = new_role('app', external_id='shop-42')
    person.write_profiles(
        {
            person.profile: mfa(person),
            'app': behind(
                role,
                person.profile,
                external_id='shop-42',
                role_session_name='nightly',
                duration_seconds=1800,
                region='eu-west-3',
            ),
        }
    )
    answered(person, 'app')
    (call,) = assumed(person)
    assert call.region == 'eu-west-3'
    assert call.parameters == {
        'Action': 'AssumeRole',
        'Version': '2011-06-15',
        'RoleArn': role.arn,
        'RoleSessionName': 'nightly',
        'ExternalId': 'shop-42',
        'DurationSeconds': '1800',
    }


def test_a_role_session_outlives_the_mfa_session(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """While a role's session is valid nothing is asked, at a terminal too."""
    role = new_role('app')
    person.write_profiles(
        {person.profile: mfa(person), 'app': behind(role, person.profile)}
    )
    answered(person, 'app')
    change_session(person, Expiration=ago(hours=1))
    person.aws.clear_requests()
    shown = person.at_terminal(*WHO_AM_I, '--profile', 'app').finish()
    assert shown.code == 0, shown
    assert PROMPT not in shown.stdout
    assert calls(person) == [('GetCallerIdentity', role.name)]


def test_a_role_session_ends_while_a_command_runs(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """It is renewed from the MFA session, without a prompt."""
    role = new_role('app')
    bucket = f'{person.user.name}-ends'
    person.aws.create_bucket(bucket, region='eu-central-1')
    person.write_profiles(
        {person.profile: mfa(person), 'app': behind(role, person.profile)}
    )
    person.login()
    person.aws.session_seconds(300, kind='role')
    for name in ('one', 'two', 'three'):
        (person.home / 'folder').mkdir(exist_ok=True)
        (person.home / 'folder' / name).write_text(name)
    person.ok('s3', 'sync', 'folder', f's3://{bucket}', '--profile', 'app')
    assert len(assumed(person)) > 1
    assert {call.key_kind for call in assumed(person)} == {'mfa-session'}
    puts = person.aws.requests(operation='PutObject')
    assert [call.role_name for call in puts] == [role.name] * 3


def test_without_a_terminal_one_sentence(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """A role without a session fails at once, and says what to do."""
    person.write_profiles(
        {
            person.profile: mfa(person),
            'app': behind(new_role('app'), person.profile),
        }
    )
    refused = who_am_i(person, 'app')
    assert refused.code == person.exit_codes.configuration
    assert refused.stdout == ''
    prefix = ''
    if person.host.version >= (2, 34):
        prefix = 'aws: [ERROR]: An error occurred (Configuration): '
    assert refused.stderr.strip() == (
        f'{prefix}Profile app has no valid MFA session. Start one with: '
        'aws mfa login --profile app'
    )
    assert calls(person) == []


def test_debug_output_holds_no_secret(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """Nothing that AssumeRole is asked with or answers is logged."""
    role = new_role('app')
    person.write_profiles(
        {person.profile: mfa(person), 'app': behind(role, person.profile)}
    )
    person.login()
    shown = who_am_i(person, 'app', '--debug')
    assert shown.code == 0
    assert len(assumed(person)) == 1
    (mfa_session,) = person.sessions()
    (role_session,) = (
        json.loads(path.read_text())
        for path in person.cache.glob('*.json')
        if path.name.count('.') == 2
    )
    assert 'GetCallerIdentity' in shown.stderr
    for secret in (
        person.user.secret_access_key,
        mfa_session['Credentials']['SecretAccessKey'],
        mfa_session['Credentials']['SessionToken'],
        role_session['Credentials']['SecretAccessKey'],
    ):
        assert secret not in shown.stderr


def test_a_value_that_is_none(
    person: Person, new_role: Callable[..., Role]
) -> None:
    """A misspelt ``mfa_role_sessions`` is told, and nothing is called."""
    person.write_profiles(
        {
            person.profile: mfa(person),
            'app': behind(
                new_role('app'), person.profile, mfa_role_sessions='straight'
            ),
        }
    )
    refused = who_am_i(person, 'app')
    assert refused.code == person.exit_codes.configuration
    assert (
        'The value "straight" of mfa_role_sessions in profile app is not '
        'valid: it must be session or direct.'
    ) in refused.stderr
    assert calls(person) == []
