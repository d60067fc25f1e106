# SPDX-License-Identifier: Apache-2.0
"""``aws mfa login``: what it asks for, what it says, how it ends."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import botocore.session
import pytest
from botocore.exceptions import ClientError

from tests.e2e.person import PROMPT, Person, Result

WRONG_CODE = 'The code was wrong or already used: a code works once'
MALFORMED = 'A token code has exactly six digits'
# Runs `aws` at the terminal while a script reads both its outputs.
REDIRECTED = '"$0" "$@" >out 2>err'


def login(person: Person, *arguments: str, **variables: str) -> Result:
    """Try to log in, without any terminal."""
    return person.run(
        'mfa', 'login', '--profile', person.profile, *arguments, **variables
    )


def plain(page: str) -> str:
    """Return a help page as one line: no bold, hyphenation or layout."""
    page = re.sub('.\x08', '', page)
    return ' '.join(re.sub(r'-\n\s+', '', page).split())


def burn_codes(person: Person, count: int) -> None:
    """Let somebody try wrong codes of the person's device elsewhere."""
    client = botocore.session.Session().create_client(
        'sts',
        region_name='us-east-1',
        endpoint_url=person.aws.url,
        aws_access_key_id=person.user.access_key_id,
        aws_secret_access_key=person.user.secret_access_key,
    )
    for _ in range(count):
        with pytest.raises(ClientError, match='AccessDenied'):
            client.get_session_token(
                SerialNumber=person.user.device.serial_number,
                TokenCode=person.user.device.wrong_code(),
            )


def test_asks_on_the_terminal_until_a_code_is_accepted(
    person: Person,
) -> None:
    """Prompts go to the terminal, the result to stdout, a code nowhere."""
    device = person.user.device
    wrong, right = device.wrong_code(), device.code()
    terminal = person.in_shell(
        REDIRECTED,
        'mfa',
        'login',
        '--profile',
        person.profile,
        # Five and a half hours ahead of UTC, called TST.
        TZ='TST-5:30',
    )
    typed = ['12345', 'abcdef', wrong, f'{right[:3]} {right[3:]}']
    for answer in typed:
        terminal.answer(answer, f'Enter MFA code for {device.serial_number}: ')
    assert terminal.finish().code == 0

    assert terminal.shown.count('Enter MFA code for ') == 4
    assert terminal.shown.count(MALFORMED) == 2
    assert terminal.shown.count(WRONG_CODE) == 1
    echoed = terminal.shown.replace(device.serial_number, '')
    assert not [each for each in typed if each in echoed]
    calls = person.aws.requests()
    assert [(call.token_code, call.status) for call in calls] == [
        (wrong, 403),
        (right, 200),
    ]
    assert calls[1].operation == 'GetSessionToken'
    assert calls[1].serial_number == device.serial_number
    assert calls[1].parameters['DurationSeconds'] == '43200'
    assert calls[1].access_key_id == person.user.access_key_id

    assert (person.home / 'err').read_text() == ''
    [session] = person.sessions()
    until = datetime.fromisoformat(
        session['Credentials']['Expiration'].replace('Z', '+00:00')
    ).astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert (person.home / 'out').read_text() == (
        f'Profile {person.profile} has an MFA session until '
        f'{until:%Y-%m-%d %H:%M:%S} TST (12 hours).\n'
    )


def test_gives_up_after_three_refusals(person: Person) -> None:
    """The third wrong or reused code ends the command, without a session."""
    device = person.user.device
    terminal = person.at_terminal('mfa', 'login', '--profile', person.profile)
    wrong = device.wrong_code()
    # The second time it is not even sent: AWS counts what it refuses.
    for code in (wrong, wrong, device.used_code()):
        terminal.answer(code)
    shown = terminal.finish()
    assert shown.code == person.exit_codes.service
    assert terminal.shown.count(PROMPT) == 3
    assert terminal.shown.count(WRONG_CODE) == 3
    assert 'wait for the next one.' in shown.stdout
    assert [call.status for call in person.aws.requests()] == [403] * 2
    assert person.sessions() == []


def test_locked_out_device(person: Person) -> None:
    """A locked device is not asked for again: the right code is refused."""
    burn_codes(person, 10)
    person.aws.clear_requests()
    terminal = person.at_terminal('mfa', 'login', '--profile', person.profile)
    terminal.answer(person.user.device.code())
    shown = terminal.finish()
    assert shown.code == person.exit_codes.service
    assert 'wait two minutes' in shown.stdout.replace('\r\n', ' ')
    assert len(person.aws.requests()) == 1


def test_unknown_device_and_unknown_key(person: Person) -> None:
    """A refusal says what is known and which command helps."""
    unknown = 'arn:aws:iam::000000000000:mfa/nobody'
    result = login(
        person, '--serial-number', unknown, '--token-code', '123456'
    )
    assert result.code == person.exit_codes.service
    assert (
        f'Either {unknown} is not an MFA device of this IAM user (see: aws '
        'iam list-mfa-devices), or too many wrong codes were tried'
    ) in result.stderr

    person.user.rotate_access_key()
    result = login(person, '--token-code', person.user.device.code())
    assert result.code == person.exit_codes.service
    assert f'aws configure --profile {person.profile}' in result.stderr
    assert [call.status for call in person.aws.requests()] == [403] * 2
    assert person.sessions() == []


@pytest.mark.parametrize(
    ('kind', 'words'),
    [
        ('user/anna', 'it is the ARN of an IAM user'),
        ('u2f/user/anna/key', 'it is a FIDO security key or passkey'),
    ],
)
def test_serial_number_that_sts_cannot_use(
    person: Person, kind: str, words: str
) -> None:
    """A user's ARN or a security key is refused before any call."""
    serial_number = f'arn:aws:iam::000000000000:{kind}'
    code = ('--token-code', '123456')
    given = login(person, '--serial-number', serial_number, *code)
    assert given.code == person.exit_codes.usage
    person.write_config(
        f'[profile {person.profile}]\nmfa_serial = {serial_number}\n'
    )
    configured = login(person, *code)
    assert configured.code == person.exit_codes.configuration
    for result in (given, configured):
        assert f'{serial_number} cannot be used: {words}' in result.stderr
    assert person.aws.requests() == []


def test_wrong_command_lines(person: Person) -> None:
    """A wrong command line is a usage error, and nobody is called."""
    for arguments, words in {
        ('--token-code', '12345a'): MALFORMED,
        ('--duration-seconds', '899'): 'from 900 to 129600',
        ('--serial-number', 'short'): 'it is neither an ARN like',
        (): 'Pass the code with --token-code',
    }.items():
        result = login(person, *arguments)
        assert result.code == person.exit_codes.usage, (arguments, result)
        assert words in result.stderr
        assert result.stdout == ''
        assert 'Traceback' not in result.stderr
    assert person.aws.requests() == []


def test_valid_session_is_kept(person: Person) -> None:
    """A second login asks for nothing; --force makes a new session."""
    code = person.user.device.code()
    first = login(person, '--token-code', f'{code[:3]}-{code[3:]}')
    assert first.code == 0
    assert [call.token_code for call in person.aws.requests()] == [code]
    [session] = person.sessions()

    terminal = person.at_terminal('mfa', 'login', '--profile', person.profile)
    kept = terminal.finish()
    assert kept.code == 0
    assert (
        f'Profile {person.profile} already has an MFA session until '
        in kept.stdout
    )
    assert '--force' in kept.stdout
    assert len(person.aws.requests()) == 1

    # A code that was taken is not sent again, and nobody is asked.
    again = ('mfa', 'login', '--profile', person.profile, '--force')
    terminal = person.at_terminal(*again, '--token-code', code)
    refused = terminal.finish()
    assert refused.code == person.exit_codes.usage
    assert 'wait for the next one.' in refused.stdout.replace('\r\n', ' ')
    # AWS would count it, and lock the device after ten.
    assert len(person.aws.requests()) == 1
    assert person.sessions() == [session]

    person.login('--force')
    [new] = person.sessions()
    assert new['Credentials'] != session['Credentials']


def test_code_on_standard_input(person: Person) -> None:
    """``--token-code -`` takes a line, never one that a terminal shows."""
    arguments = ('mfa', 'login', '--profile', person.profile)
    nothing = person.run(*arguments, '--token-code', '-', input='')
    assert nothing.code == person.exit_codes.usage
    assert 'No token code was given.' in nothing.stderr
    assert person.aws.requests() == []

    code = person.user.device.code()
    wide = code.translate({48 + n: 0xFF10 + n for n in range(10)})
    assert wide != code
    person.ok(*arguments, '--token-code', '-', input=f'{wide}\nmore\n')
    [call] = person.aws.requests()
    assert call.token_code == code

    # Typed at a terminal it would show, so there it is asked for.
    terminal = person.at_terminal(*arguments, '--force', '--token-code', '-')
    typed = person.user.device.code()
    terminal.answer(typed)
    assert terminal.finish().code == 0
    assert typed not in terminal.shown


def test_length_of_the_session(person: Person) -> None:
    """The option goes before the profile's duration_seconds."""
    serial = person.user.device.serial_number
    profile = f'[profile {person.profile}]\nmfa_serial = {serial}\n'
    person.write_config(f'{profile}duration_seconds = 3600\n')
    assert '(1 hour).' in person.login().stdout
    given = person.login('--force', '--duration-seconds', '129600')
    assert '(36 hours).' in given.stdout
    seconds = [
        call.parameters['DurationSeconds'] for call in person.aws.requests()
    ]
    assert seconds == ['3600', '129600']

    person.write_config(f'{profile}duration_seconds = 899\n')
    result = login(person, '--token-code', '123456')
    assert result.code == person.exit_codes.configuration
    assert (
        f'The value "899" of duration_seconds in profile {person.profile}'
        in result.stderr
    )
    assert len(person.aws.requests()) == 2


@pytest.mark.parametrize(
    ('key', 'message'), [('c', ''), ('d', 'No token code was given.')]
)
def test_leaving_the_prompt(person: Person, key: str, message: str) -> None:
    """Ctrl-C and Ctrl-D end the command and leave the terminal as it was."""
    terminal = person.in_shell(
        # Ctrl-C is for the shell too, which has more to do.
        'trap : INT; "$0" "$@"; echo "code $?"; stty -a',
        'mfa',
        'login',
        '--profile',
        person.profile,
    )
    terminal.expect_exact('Enter MFA code for ')
    terminal.sendcontrol(key)
    shown = terminal.finish().stdout
    code = 130 if key == 'c' else person.exit_codes.usage
    assert f'code {code}\r\n' in shown
    assert message in shown
    assert 'Traceback' not in shown
    assert {'echo', 'icanon', 'isig'} <= set(shown.split())
    assert person.aws.requests() == []
    assert person.sessions() == []


def test_bare_command_and_help(person: Person) -> None:
    """A bare ``aws mfa`` says what is missing; both help pages render."""
    bare = person.run('mfa')
    assert bare.code == person.exit_codes.usage
    assert 'aws mfa needs one of:\n\n  login ' in bare.stderr
    assert 'aws mfa SUBCOMMAND help' in bare.stderr
    assert max(map(len, bare.stderr.splitlines())) <= 80
    assert bare.stdout == ''

    group = plain(person.ok('mfa', 'help').stdout)
    assert 'MFA sessions for IAM users: one token code' in group
    assert 'login' in group.partition('Sessions are kept')[2]
    page = plain(person.ok('mfa', 'login', 'help').stdout)
    assert 'Starts an MFA session for a profile.' in page
    for option in (
        '--serial-number',
        '--token-code',
        '--duration-seconds',
        '--force',
    ):
        assert f'{option} (' in page, option
    assert 'aws mfa login --profile s3-cli-user' in page
    assert 'mfa_prompt' in page
    assert '<code>' not in page and '``' not in page


def test_unknown_profile(person: Person) -> None:
    """A profile in no file is named, with the one that would do as well."""
    result = person.run(
        'mfa', 'login', '--profile', 'nobody', '--token-code', '123456'
    )
    assert result.code == person.exit_codes.configuration
    assert (
        'The profile nobody could not be found, and neither could '
        'nobody-long-term.'
    ) in result.stderr
    assert person.aws.requests() == []


@pytest.mark.parametrize('error', ['InternalFailure', 'Throttling'])
def test_sts_cannot_answer(person: Person, error: str) -> None:
    """A code is sent once: it may be used up although AWS failed."""
    person.aws.fail(operation='GetSessionToken', code=error)
    result = login(person, '--token-code', person.user.device.code())
    assert result.code == person.exit_codes.service
    assert error in result.stderr
    remedy = {
        'InternalFailure': 'Try again with the next code',
        'Throttling': 'Wait a moment and try again',
    }
    assert remedy[error] in result.stderr
    assert len(person.aws.requests()) == 1
    assert person.sessions() == []


def test_a_compatible_service(person: Person) -> None:
    """Ceph's gateway sends nanoseconds, and refusals without a word."""
    role = person.aws.create_role(f'ceph-{person.user.name}')
    person.write_profiles(
        {
            person.profile: {'mfa_serial': person.user.device.serial_number},
            'role': {
                'role_arn': role.arn,
                'source_profile': person.profile,
            },
        }
    )
    person.aws.as_ceph()
    refused = login(person, '--token-code', person.user.device.wrong_code())
    assert refused.code == person.exit_codes.service
    assert '(AccessDenied)' in refused.stderr
    assert 'try again with the next one' in refused.stderr
    assert 'Traceback' not in refused.stderr

    person.login()
    person.ok('sts', 'get-caller-identity', '--profile', 'role')
    assert len(person.cached_files()) == 2


def test_sts_cannot_be_reached(person: Person) -> None:
    """A dropped or refused connection is one attempt and one sentence."""
    person.aws.drop(operation='GetSessionToken')
    dropped = login(person, '--token-code', person.user.device.code())
    assert dropped.code == person.exit_codes.other
    assert 'Connection was closed' in dropped.stderr
    assert len(person.aws.requests()) == 1

    refused = login(
        person,
        '--token-code',
        person.user.device.code(),
        # No one listens on the port for tcpmux.
        AWS_ENDPOINT_URL='http://127.0.0.1:1',
    )
    assert refused.code == person.exit_codes.other
    assert 'Could not connect to the endpoint URL' in refused.stderr
    for result in (dropped, refused):
        assert len(result.stderr.strip().splitlines()) == 1
    assert person.sessions() == []


def test_wrong_clock(person: Person) -> None:
    """A clock that is off is what the message is about."""
    person.aws.clock_offset(3600)
    result = login(person, '--token-code', '123456')
    assert result.code == person.exit_codes.service
    assert "This computer's clock is 60 minutes slow." in result.stderr
    assert len(person.aws.requests()) == 1


def test_clock_a_little_wrong(person: Person) -> None:
    """A session is used as long as AWS takes it, by whatever clock."""
    native = ('sts', 'get-caller-identity', '--profile', person.profile)
    # It is four minutes slow: the session seems to last for five.
    person.aws.clock_offset(240)
    person.aws.session_seconds(59)
    slow = person.login()
    assert "this computer's clock is 4 minutes slow" in slow.stderr
    assert 'has no valid MFA session' in person.run(*native).stderr
    # It is four minutes fast: the session seems to be over.
    person.aws.clock_offset(-240)
    person.aws.session_seconds(200)
    fast = person.login()
    assert "this computer's clock is 4 minutes fast" in fast.stderr
    person.ok(*native)


@pytest.mark.parametrize('zone', ['UTC+9', 'UTC+25'])
def test_time_zones_that_are_called_utc(person: Person, zone: str) -> None:
    """Neither a code nor a session is lost to one, nor an hour of it."""
    person.variables.update(AWS_PROFILE=person.profile, TZ=zone)
    person.login()
    (session,) = person.sessions()
    left = datetime.fromisoformat(
        session['Credentials']['Expiration'].replace('Z', '+00:00')
    ) - datetime.now(timezone.utc)
    assert 11 < left.total_seconds() / 3600 < 13
    person.ok('sts', 'get-caller-identity')
    assert person.aws.requests()[-1].key_kind == 'mfa-session'


def test_keys_in_the_environment_are_told_of(person: Person) -> None:
    """They sign what comes next, unless it names its profile."""
    keys = {
        'AWS_ACCESS_KEY_ID': person.user.access_key_id,
        'AWS_SECRET_ACCESS_KEY': person.user.secret_access_key,
    }
    code = ('--token-code', person.user.device.code())
    quiet = login(person, *code, **keys)
    assert (quiet.code, quiet.stderr) == (0, '')
    person.variables.update(keys, AWS_PROFILE=person.profile)
    told = person.ok('mfa', 'login')
    assert told.stderr == (
        'Note: AWS_ACCESS_KEY_ID in the environment goes before this session '
        'in commands without --profile. To use the session: unset '
        'AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN\n'
    )
    person.aws.clear_requests()
    person.ok('sts', 'get-caller-identity')
    person.ok('sts', 'get-caller-identity', '--profile', person.profile)
    assert [call.key_kind for call in person.aws.requests()] == [
        'long-term',
        'mfa-session',
    ]


def test_a_first_login_says_what_sdks_do(person: Person) -> None:
    """It is said once, at a terminal, in lines that fit there."""
    person.variables['AWS_PROFILE'] = person.profile
    assert person.login().stderr == ''
    terminal = person.at_terminal('mfa', 'login')
    assert terminal.finish().stdout.endswith(
        'To start a new one now, add --force.\r\n'
        'Note: SDKs such as boto3 sign with the access key of profile '
        's3-cli-user,\r\nwithout MFA. To give them the session:\r\n'
        'aws mfa configure-sdk --profile s3-cli-user\r\n'
    )
    assert all(len(line) <= 80 for line in terminal.shown.splitlines())
    assert 'SDKs' not in person.at_terminal('mfa', 'login').finish().stdout
