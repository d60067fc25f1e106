# SPDX-License-Identifier: Apache-2.0
"""``mfa_process``: a program gives the code, and a person need not."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.person import PROMPT, REGION, Person

NATIVE = ('sts', 'get-caller-identity')

# Behaves like "ykman oath accounts code --single aws": it asks for a touch
# on standard error, waits for it, and prints the code. Standard input is
# where the touch comes from.
YKMAN = """
import os, subprocess, sys
sys.stderr.write('Touch your YubiKey...\\n')
sys.stderr.flush()
assert os.isatty(0) and os.isatty(2)
sys.stdin.readline()
subprocess.run(sys.argv[1:], check=True, timeout=60)
"""


def write_process(person: Person, command: str, **settings: object) -> None:
    """Give the person's profile an ``mfa_process``."""
    person.write_profiles(
        {
            person.profile: {
                'mfa_serial': person.user.device.serial_number,
                'mfa_process': command,
                **settings,
            },
            'sdk': {
                'credential_process': (
                    f'{person.host.aws} mfa export-credentials '
                    f'--profile {person.profile}'
                )
            },
        }
    )
    person.variables['AWS_PROFILE'] = person.profile


def calls(person: Person) -> list[str]:
    """Return the operations that AWS saw."""
    return [request.operation for request in person.aws.requests()]


def test_a_command_without_a_terminal_has_its_code(person: Person) -> None:
    """A job needs nobody; ``--no-mfa-process`` and ``never`` still count."""
    write_process(person, shlex.join(person.user.device.code_command()))
    refused = person.run('mfa', 'login', '--no-mfa-process')
    assert refused.code == person.exit_codes.usage
    assert '--token-code' in refused.stderr
    never = person.run(*NATIVE, AWS_MFA_PROMPT='never')
    assert 'has no valid MFA session. Start one with' in never.stderr
    assert calls(person) == []
    result = person.ok(*NATIVE)
    assert result.stderr == ''
    assert calls(person) == ['GetSessionToken', 'GetCallerIdentity']
    person.ok('mfa', 'login', '--force')
    # The code that is given goes before the program.
    person.login('--force')
    assert calls(person)[2:] == ['GetSessionToken'] * 2


@pytest.mark.parametrize('profile', ['s3-cli-user', 'sdk'])
def test_a_touch_is_asked_for_on_the_terminal(
    person: Person, profile: str
) -> None:
    """It is seen in a pipe and behind a credential_process too."""
    script = person.home / 'ykman'
    script.write_text(YKMAN)
    write_process(
        person,
        shlex.join(
            [sys.executable, str(script), *person.user.device.code_command()]
        ),
    )
    terminal = person.in_shell(
        '"$0" "$@" </dev/null >out 2>err; echo "code $?"',
        *NATIVE,
        '--profile',
        profile,
    )
    # A line below says how long that is waited for, and goes away.
    terminal.expect_exact(
        '\r\nWaiting for mfa_process (90 seconds at most)\033[A\r'
        'Touch your YubiKey...'
    )
    terminal.delaybeforesend = None
    terminal.sendline('')
    terminal.expect_exact('\r\033[J')
    terminal.expect_exact('code 0')
    terminal.finish()
    assert PROMPT not in terminal.shown
    assert (person.home / 'err').read_text() == ''
    assert calls(person) == ['GetSessionToken', 'GetCallerIdentity']


def test_a_failure_is_told_and_a_person_asked(person: Person) -> None:
    """The message is what to write in the config file."""
    command = 'echo 27182 | cat'
    write_process(person, command)
    refused = person.run(*NATIVE)
    assert refused.code == 255
    line = f"mfa_process = sh -c '{command}'"
    assert line in refused.stderr
    write_process(person, line.removeprefix('mfa_process = '))
    terminal = person.at_terminal(*NATIVE)
    terminal.expect_words('it printed no code of six digits')
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    assert calls(person) == ['GetSessionToken', 'GetCallerIdentity']


def test_a_role_has_the_program_of_its_source(person: Person) -> None:
    """A role that is assumed with a code has it from there."""
    role = person.aws.create_role(f'{person.user.name}-role')
    command = shlex.join(person.user.device.code_command())
    write_process(person, command)
    with person.config_file.open('a') as config:
        config.write(
            f'\n[profile app]\nregion = {REGION}\nrole_arn = {role.arn}\n'
            f'source_profile = {person.profile}\nduration_seconds = 7200\n'
        )
    person.ok(*NATIVE, '--profile', 'app')
    assert calls(person) == ['AssumeRole', 'GetCallerIdentity']


needs_oathtool = pytest.mark.skipif(
    shutil.which('oathtool') is None and not os.environ.get('CI'),
    reason='oathtool is not there',
)
needs_pass = pytest.mark.skipif(
    shutil.which('pass') is None and not os.environ.get('CI'),
    reason='pass is not there',
)


@needs_oathtool
@pytest.mark.one_host
def test_oathtool(person: Person) -> None:
    """Its code is taken, and the next one waited for, at most 31 seconds."""
    (person.home / '.aws-seed').write_text(person.user.device.seed)
    write_process(person, "sh -c 'oathtool --totp --base32 - <~/.aws-seed'")
    person.ok(*NATIVE)
    terminal = person.at_terminal('mfa', 'login', '--force')
    while terminal.expect(
        [
            r'The code has been used already\. Waiting for the next one: '
            r'\d+ seconds\.',
            'has an MFA session until',
        ]
    ):
        # A step ended just between the two.
        terminal.finish()
        terminal = person.at_terminal('mfa', 'login', '--force')
    # The line goes away.
    terminal.expect_exact('\r\033[K')
    terminal.expect_exact('has an MFA session until')
    assert terminal.finish().code == 0
    assert {request.status for request in person.aws.requests()} == {200}


@pytest.fixture
def gpg_home() -> Iterator[Path]:
    """Give a folder for gpg whose name is short enough for its socket."""
    with tempfile.TemporaryDirectory(
        prefix='gpg', ignore_cleanup_errors=True
    ) as name:
        yield Path(name)
        subprocess.run(
            ['gpgconf', '--homedir', name, '--kill', 'all'],
            check=True,
            timeout=60,
        )


@needs_pass
@pytest.mark.one_host
def test_pass_otp(person: Person, gpg_home: Path) -> None:
    """A real store, with a real gpg whose key has no passphrase."""
    environment = {'GNUPGHOME': str(gpg_home)}
    name = 'anna@example.com'
    uri = (
        f'otpauth://totp/aws:anna?secret={person.user.device.seed}&issuer=aws'
    )
    steps = [
        ['gpg', '--batch', '--passphrase', '', '--quick-gen-key', name],
        ['pass', 'init', name],
        ['pass', 'otp', 'insert', 'aws'],
    ]
    for step in steps:
        person.ok(program=step, input=f'{uri}\n{uri}\n', **environment)
    write_process(person, 'pass otp aws')
    person.ok(*NATIVE, **environment)
    assert re.fullmatch(
        r'\d{6}\n',
        person.ok(program=['pass', 'otp', 'aws'], **environment).stdout,
    )
    assert calls(person) == ['GetSessionToken', 'GetCallerIdentity']
