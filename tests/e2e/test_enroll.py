# SPDX-License-Identifier: Apache-2.0
"""``aws mfa enroll`` and its kin, under AWS's policies for forced MFA."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from tests.e2e.person import PROMPT, Person, Terminal
from tests.hosts import Host
from tests.standin import StandIn, User

ENROLL = ('mfa', 'enroll', '--profile')
# A line of the QR code: black on white.
_LINE = re.compile('\x1b\\[38;5;16;48;5;231m([ ▀▄█]+)\x1b\\[0m')


@pytest.fixture
def newcomer(
    tmp_path: Path,
    host: Host,
    aws: StandIn,
    new_user: Callable[[], User],
    plugin_folder: Path,
) -> Person:
    """Give somebody with an access key, a policy and no MFA device."""
    name = f'new.{new_user().name}@example.com'
    user = aws.create_user(name)
    person = Person(tmp_path / 'home', host, aws, user, plugin_folder)
    aws.control.call('forget_devices', name=name)
    user.devices.clear()
    user.iam_policy('any-device')
    person.write_profiles({person.profile: {}})
    aws.clear_requests()
    return person


def need(*programs: str) -> None:
    """Skip a test where a program is missing; in CI that is an error."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing and os.environ.get('CI'):
        raise FileNotFoundError(f'{missing}: install them as .ci/run does')
    if missing:
        pytest.skip(f'{", ".join(missing)} not found')


def decode(picture: Path) -> str:
    """Return what an independent program reads in a QR code."""
    completed = subprocess.run(
        ['zbarimg', '--quiet', '--raw', picture],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return completed.stdout.rstrip('\n')


def photograph(terminal: Terminal, folder: Path) -> Path:
    """Return a picture of the QR code that a terminal shows."""
    lines = _LINE.findall(terminal.shown)
    assert len(lines) < 24
    scale = 4
    rows = []
    for line in lines:
        for dark in ('▀█', '▄█'):
            row = ' '.join(
                '0' if block in dark else '255'
                for block in line
                for _ in range(scale)
            )
            rows += [row] * scale
    picture = folder / 'photograph.pgm'
    picture.write_text(
        f'P2 {len(lines[0]) * scale} {len(rows)} 255\n'
        + '\n'.join(rows)
        + '\n'
    )
    return picture


def seed_in(uri: str, person: Person) -> str:
    """Return the seed in the URI of a QR code, and check the rest."""
    parts = urlsplit(uri)
    assert parts[:2] == ('otpauth', 'totp')
    assert unquote(parts.path) == f'/AWS:{person.user.name}@000000000000'
    query = parse_qs(parts.query)
    assert query['issuer'] == ['AWS']
    return query['secret'][0]


def serial_number(person: Person, suffix: str = '') -> str:
    """Return the ARN of a device that is named like the user."""
    return f'arn:aws:iam::000000000000:mfa/{person.user.name}{suffix}'


def test_from_nothing_to_a_session(newcomer: Person, tmp_path: Path) -> None:
    """One code is typed; the device is enabled, saved and logged in with."""
    need('zbarimg')
    person = newcomer
    started = int(time.time())
    terminal = person.at_terminal(*ENROLL, person.profile)
    terminal.expect_exact(f'Enter MFA code for {serial_number(person)}: ')
    uri = decode(photograph(terminal, tmp_path))
    seed = seed_in(uri, person)
    totp = pyotp.TOTP(seed)
    terminal.sendline('12 34')
    terminal.expect_exact('six digits')
    terminal.answer(totp.at(started + 3600), PROMPT)
    terminal.expect_words('That is not a code of the new device.')
    code = totp.now()
    terminal.answer(code, PROMPT)
    shown = terminal.finish()
    assert shown.code == 0, shown
    [device] = person.user.enabled_devices()
    assert (device.serial_number, device.seed) == (serial_number(person), seed)
    config = person.config_file.read_text()
    assert f'mfa_serial = {device.serial_number}\n' in config
    assert 'has an MFA session until' in shown.stdout
    calls = person.aws.requests()
    assert [call.operation for call in calls] == [
        'GetCallerIdentity',
        'CreateVirtualMFADevice',
        'EnableMFADevice',
        'GetSessionToken',
    ]
    used = [
        calls[2].parameters['AuthenticationCode1'],
        calls[2].parameters['AuthenticationCode2'],
        calls[3].token_code,
    ]
    assert len(set(used)) == 3
    # Nothing typed shows, and the seed is on no disk and in no text.
    assert code not in terminal.shown
    assert seed not in terminal.shown
    for path in person.home.rglob('*'):
        assert not path.is_file() or seed.encode() not in path.read_bytes()
    person.aws.clear_requests()
    person.ok('s3', 'ls', '--profile', person.profile)
    [call] = person.aws.requests()
    assert call.key_kind == 'mfa-session'


def test_setup_without_a_device(newcomer: Person) -> None:
    """From nothing but an access key, --setup leads to a session."""
    person, user = newcomer, newcomer.user
    need('zbarimg')
    terminal = person.at_terminal('mfa', 'login', '--setup')
    for prompt, answer in (
        ('Profile name [default]: ', 'new'),
        ('AWS Access Key ID: ', user.access_key_id),
        ('Secret Access Key: ', user.secret_access_key),
        ('Default region name: ', ''),
        ('Default output format [json]: ', ''),
        ('no MFA device yet.\r\nEnroll an authenticator app now? [Y/n] ', ''),
    ):
        terminal.answer(answer, prompt)
    terminal.expect_exact(PROMPT)
    seed = seed_in(decode(photograph(terminal, person.home)), person)
    terminal.sendline(pyotp.TOTP(seed).now())
    assert terminal.finish().code == 0
    person.aws.clear_requests()
    person.ok('s3', 'ls', '--profile', 'new')
    [call] = person.aws.requests()
    assert (call.user_name, call.key_kind) == (user.name, 'mfa-session')


@pytest.mark.one_host
@pytest.mark.parametrize('kind', ['png', 'svg'])
def test_qr_file(newcomer: Person, kind: str, tmp_path: Path) -> None:
    """The code is in a new file of the person's alone, not on the screen."""
    need('zbarimg', 'rsvg-convert')
    person = newcomer
    path = person.home / f'code.{kind}'
    path.write_text('mine')
    command = (*ENROLL, person.profile, '--qr-file', str(path), '--debug')
    terminal = person.at_terminal(*command)
    assert terminal.finish().code == person.exit_codes.usage
    assert 'exists and is not written over' in terminal.shown
    assert path.read_text() == 'mine'
    assert person.aws.requests() == []
    path.unlink()
    terminal = person.at_terminal(*command)
    terminal.expect_exact(PROMPT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    picture = path
    if kind == 'svg':
        picture = tmp_path / 'code.png'
        subprocess.run(['rsvg-convert', '-o', picture, path], check=True)
    seed = seed_in(decode(picture), person)
    terminal.sendline(pyotp.TOTP(seed).now())
    assert terminal.finish().code == 0
    assert not _LINE.search(terminal.shown)
    # --debug was on all the time.
    assert seed not in terminal.shown
    assert 'Base32StringSeed' not in terminal.shown


def show_secret(terminal: Terminal) -> pyotp.TOTP:
    """Read the secret that is shown; return what makes codes from it."""
    terminal.expect('Secret: ([A-Z2-7 \r\n]+)\r\n')
    match = terminal.match
    assert isinstance(match, re.Match)
    return pyotp.TOTP(''.join(match[1].split()))


def enroll(person: Person, *arguments: str) -> Terminal:
    """Start to enroll, with the secret as text."""
    return person.at_terminal(
        *ENROLL, person.profile, '--show-secret', *arguments
    )


def words(terminal: Terminal) -> str:
    """Return what was shown as one line."""
    return ' '.join(terminal.shown.split())


DELETE = 'aws iam delete-virtual-mfa-device --serial-number'


def test_interrupted_under_each_policy(newcomer: Person) -> None:
    """What cannot be deleted is named, and so is what follows from it."""
    person = newcomer
    left = serial_number(person)
    terminal = enroll(person)
    terminal.expect_exact(PROMPT)
    terminal.sendintr()
    assert terminal.finish().code != 0
    assert f'The MFA device {left} stands' in words(terminal)
    assert f'an administrator can: {DELETE} {left}' in words(terminal)
    # One policy allows another name, the other does not.
    person.user.iam_policy('named-device')
    terminal = enroll(person)
    assert terminal.finish().code == person.exit_codes.configuration
    assert f'An administrator has to run: {DELETE} {left}' in words(terminal)
    person.user.iam_policy('any-device')
    terminal = enroll(person)
    totp = show_secret(terminal)
    terminal.answer(totp.now(), PROMPT)
    assert terminal.finish().code == 0
    assert f'Note: {left} exists and is not enabled.' in words(terminal)
    [device] = person.user.enabled_devices()
    assert device.serial_number == f'{left}-2'


def test_second_device_of_a_user_with_a_session(person: Person) -> None:
    """It is created with the session, deleted when it is not wanted."""
    person.login()
    old = person.user.device.serial_number
    new = f'{old}-backup'
    named = ('--device-name', new.rpartition('/')[2])
    person.aws.clear_requests()
    terminal = enroll(person, *named)
    terminal.expect_exact(PROMPT)
    terminal.sendeof()
    assert terminal.finish().code == person.exit_codes.usage
    assert f'Deleted {new} again.' in terminal.said
    assert {call.key_kind for call in person.aws.requests()} == {'mfa-session'}
    terminal = enroll(person, *named)
    totp = show_secret(terminal)
    terminal.answer(totp.now(), PROMPT)
    terminal.answer('n', f'uses {old}. Use the new device in its place? ')
    assert terminal.finish().code == 0
    assert f'--serial-number {new}' in words(terminal)
    assert old in person.config_file.read_text()
    listed = person.ok('mfa', 'list-devices', '--profile', person.profile)
    assert [
        device['SerialNumber'] for device in listed.json()['MFADevices']
    ] == [old, new]


def test_refusals_while_the_seed_is_there(newcomer: Person) -> None:
    """AWS may be asked again; an answer that was lost is found out about."""
    person = newcomer
    person.aws.fail(
        operation='EnableMFADevice',
        code='EntityTemporarilyUnmodifiable',
        status=409,
        times=1,
    )
    terminal = enroll(person)
    totp = show_secret(terminal)
    terminal.answer(totp.now(), PROMPT)
    terminal.expect_words('Try again? [Y/n] ')
    assert 'Wait a few minutes' in words(terminal)
    person.aws.drop(operation='EnableMFADevice', times=1, handled=True)
    terminal.sendline('')
    assert terminal.finish().code == 0
    assert len(person.user.enabled_devices()) == 1
    assert len(person.sessions()) == 1


@pytest.mark.one_host
def test_killed_at_each_step(newcomer: Person) -> None:
    """A later run finds or names what the ones before have left."""
    person = newcomer

    def kill_at(operation: str) -> None:
        with person.aws.hold(operation=operation, times=1) as held:
            terminal = enroll(person)
            if operation != 'CreateVirtualMFADevice':
                terminal.answer(show_secret(terminal).now(), PROMPT)
            held.wait()
            terminal.kill(signal.SIGKILL)
            terminal.wait()

    kill_at('CreateVirtualMFADevice')
    terminal = enroll(person)
    terminal.expect_exact(PROMPT)
    left = f'Note: {serial_number(person)} exists and is not enabled.'
    assert left in words(terminal)
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    # Both names are taken now.
    kill_at('EnableMFADevice')
    login = ('mfa', 'login', '--profile', person.profile)
    terminal = person.at_terminal(*login)
    terminal.expect_exact(f'{PROMPT}{serial_number(person, "-3")}')
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    kill_at('GetSessionToken')
    assert person.sessions() == []
    terminal = person.at_terminal(*login)
    used, device = person.user.enabled_devices()
    assert used.serial_number == serial_number(person, '-3')
    terminal.answer(device.code(), f'{PROMPT}{serial_number(person, "-4")}')
    assert terminal.finish().code == 0


# It behaves as "ykman oath accounts add" does: it asks on standard error,
# and may be unplugged.
_YKMAN = """
import pathlib, sys
folder = pathlib.Path(sys.argv[1])
sys.stderr.write('Enter a secret key (base32): ')
sys.stderr.flush()
if not (folder / 'plugged').exists():
    (folder / 'plugged').touch()
    sys.exit('ERROR: Failed connecting to a YubiKey')
(folder / sys.argv[2]).write_text(sys.stdin.readline().strip())
"""


def test_seed_process(newcomer: Person, tmp_path: Path) -> None:
    """A program gets the seed; nothing shows it, and it can fail once."""
    person = newcomer
    (tmp_path / 'ykman.py').write_text(_YKMAN)
    command = f'{sys.executable} {tmp_path}/ykman.py {tmp_path} "my seed"'
    terminal = person.at_terminal(
        *ENROLL, person.profile, '--seed-process', command
    )
    terminal.expect_exact('Enter a secret key (base32): ')
    terminal.expect_exact('Failed connecting to a YubiKey')
    terminal.answer('', 'it ended with exit code 1. Run it again? [Y/n] ')
    terminal.expect_exact(PROMPT)
    seed = (tmp_path / 'my seed').read_text()
    terminal.sendline(pyotp.TOTP(seed).now())
    assert terminal.finish().code == 0
    assert seed not in terminal.shown
    assert not _LINE.search(terminal.shown)
    result = person.at_terminal(
        *ENROLL, person.profile, '--seed-process', 'no-such-program x'
    ).finish()
    assert result.code == person.exit_codes.usage


@pytest.fixture
def store() -> Iterator[dict[str, str]]:
    """Give a password store with a key of its own."""
    need('pass', 'gpg', 'oathtool')
    # Its agent's socket has to have a short name.
    folder = Path(tempfile.mkdtemp(prefix='pass-'))
    variables = {
        'GNUPGHOME': str(folder / 'gnupg'),
        'PASSWORD_STORE_DIR': str(folder / 'store'),
    }
    (folder / 'gnupg').mkdir(mode=0o700)
    environment = {
        'PATH': os.environ['PATH'],
        'HOME': str(folder),
        **variables,
    }

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, env=environment, capture_output=True
        )

    key = 'anna@example.com'
    unprotected = ('--batch', '--passphrase', '')
    try:
        run('gpg', *unprotected, '--quick-generate-key', key)
        run('pass', 'init', key)
        yield variables
    finally:
        run('gpgconf', '--kill', 'all')
        shutil.rmtree(folder)


@pytest.mark.one_host
def test_pass_otp(newcomer: Person, store: dict[str, str]) -> None:
    """The password store keeps the seed, and gives the codes."""
    person = newcomer
    person.variables.update(store)
    terminal = person.at_terminal(
        *ENROLL,
        person.profile,
        '--seed-process',
        'pass otp insert --secret --issuer AWS aws',
    )
    terminal.expect_exact(PROMPT)
    code = person.ok('otp', 'aws', program=['pass']).stdout.strip()
    terminal.sendline(code)
    assert terminal.finish().code == 0
    [device] = person.user.enabled_devices()
    assert device.seed not in terminal.shown
    uri = person.ok('otp', 'uri', 'aws', program=['pass']).stdout
    assert f'secret={device.seed}' in uri


def test_resync(person: Person) -> None:
    """A device whose codes are refused is mended with two of them."""
    device = person.user.device
    person.user.iam_policy('any-device')
    login = ('mfa', 'login', '--profile', person.profile)
    terminal = person.at_terminal(*login)
    totp = pyotp.TOTP(device.seed)
    late = int(time.time()) - 3000
    for step in range(3):
        terminal.answer(totp.at(late + 30 * step), PROMPT)
    assert terminal.finish().code == person.exit_codes.service
    assert f'aws mfa resync --profile {person.profile}' in words(terminal)
    terminal = person.at_terminal('mfa', 'resync', '--profile', person.profile)
    # They do not follow each other.
    terminal.answer(totp.at(late), PROMPT)
    terminal.answer(totp.at(late), 'Enter the code that follows it: ')
    terminal.expect_words('one right after the other')
    terminal.answer(totp.at(late + 90), PROMPT)
    terminal.answer(totp.at(late + 120), 'Enter the code that follows it: ')
    assert terminal.finish().code == 0
    terminal = person.at_terminal(*login)
    terminal.answer(totp.at(late + 150), PROMPT)
    assert terminal.finish().code == 0


# A device that is 50 minutes late; each run gives the next code.
_LATE = """
import pathlib, sys, time
import pyotp
folder = pathlib.Path(sys.argv[1])
codes = folder / 'codes'
if not codes.exists():
    totp = pyotp.TOTP((folder / 'seed').read_text())
    start = int(time.time()) - 3000
    codes.write_text('\\n'.join(totp.at(start + 30 * n) for n in range(3)))
code, *rest = codes.read_text().split()
codes.write_text('\\n'.join(rest))
print(code)
"""


@pytest.mark.one_host
def test_mfa_process_gives_the_codes(person: Person, tmp_path: Path) -> None:
    """Two mend the device without a terminal, and one takes it away."""
    device = person.user.device
    person.user.iam_policy('any-device')
    (tmp_path / 'late.py').write_text(_LATE)
    (tmp_path / 'seed').write_text(device.seed)
    command = f'{sys.executable} {tmp_path}/late.py {tmp_path}'
    person.write_profiles({person.profile: {'mfa_process': command}})
    person.ok('mfa', 'resync', '--profile', person.profile)
    terminal = person.at_terminal(
        'mfa', 'remove-device', '--profile', person.profile
    )
    terminal.answer('y', f'Remove {device.serial_number}? [y/N] ')
    assert terminal.finish().code == 0
    assert PROMPT not in terminal.shown
    assert person.user.enabled_devices() == []


@pytest.mark.parametrize('policy', ['named-device', 'any-device'])
def test_remove_device(person: Person, policy: str) -> None:
    """It is asked for, done with MFA, and says what is left."""
    person.user.iam_policy(policy)
    device = person.user.device
    command = ('mfa', 'remove-device', '--profile', person.profile)
    assert person.run(*command).code == person.exit_codes.usage
    question = f'Remove {device.serial_number}? [y/N] '
    terminal = person.at_terminal(*command)
    terminal.answer('', question)
    assert terminal.finish().code == person.exit_codes.usage
    assert person.aws.requests() == []
    terminal = person.at_terminal(*command)
    terminal.answer('y', question)
    terminal.answer(device.code(), PROMPT)
    assert terminal.finish().code == 0
    shown = words(terminal)
    assert f'without an MFA device: {person.profile}' in shown
    is_left = policy == 'any-device'
    assert (f'{DELETE} {device.serial_number}' in shown) is is_left
    assert person.user.enabled_devices() == []
    calls = {call.operation: call for call in person.aws.requests()}
    assert calls['DeactivateMFADevice'].key_kind == 'mfa-session'
