# SPDX-License-Identifier: Apache-2.0
"""The recipes of docs/ do what they say, word for word."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.outside import install_awscli_mfa, put_on_path
from tests.e2e.person import REGION, Person

pytestmark = pytest.mark.one_host

DOCS = Path(__file__).resolve().parents[2] / 'docs'
ASKS_TO_LOG_IN = (
    'Profile s3-cli-user has no valid MFA session. Start one with: '
    'aws mfa login --profile s3-cli-user'
)


def block(page: str, language: str, word: str) -> str:
    """Return the only block of a page in a language with a word in it."""
    blocks = re.findall(
        rf'^```{language}\n(.*?)^```$',
        (DOCS / page).read_text('utf-8'),
        re.MULTILINE | re.DOTALL,
    )
    [found] = [text for text in blocks if word in text]
    return str(found)


def cell(page: str, shell: str) -> str:
    """Return the command of a shell in a page's table."""
    text = (DOCS / page).read_text('utf-8')
    [command] = re.findall(rf'^\| {shell} \| `(.*)` \|$', text, re.MULTILINE)
    return str(command).replace(r'\|', '|')


def as_of(person: Person, text: str) -> str:
    """Return a text with the ARN of the person's own device."""
    return re.sub(
        r'arn:aws:iam::\d+:mfa/[\w-]+', person.user.device.serial_number, text
    )


@pytest.fixture
def bash(person: Person, plugin_folder: Path, tmp_path: Path) -> list[str]:
    """Give the person ``aws``, ``awscli-mfa`` and a bash."""
    found = shutil.which('bash')
    assert found
    folder = tmp_path / 'bin'
    put_on_path(person, folder)
    install_awscli_mfa(folder, plugin_folder)
    return [found, '--norc', '-ec']


def test_bash_prompt(person: Person, bash: list[str]) -> None:
    """The session stands before the prompt that was there."""
    person.login()
    script = f"PS1='me@here $ '\n{block('shells.md', 'bash', 'PS1')}"
    script += 'printf %s "${PS1@P}"'
    shown = person.ok(script, program=bash).stdout
    assert re.fullmatch(r's3-cli-user (12h00m|11h59m) me@here \$ ', shown)


def test_variables_in_a_shell(person: Person, bash: list[str]) -> None:
    """What eval sets signs the commands of no profile at all."""
    person.login()
    script = cell('shells.md', 'sh, bash, zsh')
    script += '\naws sts get-caller-identity --region us-east-1'
    result = person.ok(script, program=bash)
    assert result.json()['Arn'] == person.user.arn
    assert person.aws.requests()[-1].key_kind == 'mfa-session'


def test_job_that_looks_first(person: Person, bash: list[str]) -> None:
    """A job ends quietly without a session, and runs with one."""
    script = block('jobs.md', 'sh', 'status') + 'echo runs'
    assert person.ok(script, program=bash).stdout == ''
    person.login()
    assert person.ok(script, program=bash).stdout == 'runs\n'


def test_job_without_a_session(person: Person, bash: list[str]) -> None:
    """The command fails with the sentence and the exit code that are shown."""
    shown = block('jobs.md', 'console', 'AWS_MFA_PROMPT')
    [command] = re.findall(r'^\$ (AWS_MFA.*)$', shown, re.MULTILINE)
    terminal = person.at_terminal(command, program=bash)
    result = terminal.finish()
    assert ASKS_TO_LOG_IN in shown
    assert ASKS_TO_LOG_IN in ' '.join(result.stdout.split())
    # The page shows that of v2, which is the one that CI takes here.
    is_shown = person.host.is_v2
    code = int(shown.split()[-1]) if is_shown else person.exit_codes.other
    assert result.code == code


def test_code_on_standard_input(person: Person, bash: list[str]) -> None:
    """A code from a program logs in."""
    shown = block('jobs.md', 'console', 'get-code')
    [command] = re.findall(r'^\$ get-code (.*)$', shown, re.MULTILINE)
    script = f'echo {person.user.device.code()} {command}'
    person.ok(script, program=bash)
    assert len(person.sessions()) == 1


def test_claude_code(person: Person, bash: list[str]) -> None:
    """Its two commands wait for a login and print what it reads."""
    settings = json.loads(block('agents.md', 'json', 'awsAuthRefresh'))
    person.login()
    person.ok(settings['awsAuthRefresh'], program=bash)
    exported = person.ok(settings['awsCredentialExport'], program=bash).json()
    (kept,) = person.sessions()
    assert exported == {'Credentials': kept['Credentials']}


def test_agent_role(person: Person) -> None:
    """The profiles of the page on agents give an agent the role."""
    role = person.aws.create_role('readonly')
    text = block('agents.md', 'ini', 'mfa_agent_role')
    text = re.sub(r'arn:aws:iam::\d+:role/readonly', role.arn, text)
    text = re.sub(
        r'arn:aws:iam::\d+:mfa/\S+', person.user.device.serial_number, text
    )
    person.write_config(text)
    person.login()
    who = ('sts', 'get-caller-identity', '--profile', person.profile)
    for variables in ({}, {'CLAUDECODE': '1'}):
        person.ok(*who, **variables)
    signed = person.aws.requests(operation='GetCallerIdentity')
    assert [call.role_name for call in signed] == [None, role.name]


def test_job_that_waits(person: Person, bash: list[str]) -> None:
    """The job goes on when there is a session."""
    person.login()
    script = block('jobs.md', 'sh', '--wait 600') + 'wait $!'
    person.ok(script, program=bash)
    assert person.aws.requests()[-1].key_kind == 'mfa-session'


@pytest.mark.parametrize(
    ('page', 'word'),
    [
        ('ja/index.md', 'aws mfa login --profile'),
        ('../README.ja.md', 'set mfa_serial'),
    ],
)
def test_first_session(
    person: Person, bash: list[str], page: str, word: str
) -> None:
    """One code is asked for, and the session is there."""
    script = as_of(person, block(page, 'sh', word))
    terminal = person.at_terminal(script, program=bash)
    terminal.answer(person.user.device.code())
    result = terminal.finish()
    assert result.code == 0
    assert f'Profile {person.profile} has an MFA session' in result.stdout


@pytest.mark.parametrize('word', ['aws mfa doctor', 'awscli-mfa doctor'])
def test_doctor(person: Person, bash: list[str], word: str) -> None:
    """The page is about the profile that is named, and finds no problem."""
    person.login()
    page = person.ok(block('troubleshooting.md', 'sh', word), program=bash)
    assert f'Profile {person.profile} (named by' in page.stdout
    assert page.stdout.endswith('No problem was found.\n')


@pytest.mark.parametrize('page', ['../README.md', 'troubleshooting.md'])
def test_when_aws_breaks(person: Person, bash: list[str], page: str) -> None:
    """The lines work where aws does not, and aws does afterwards."""
    folder = person.home / '.aws' / 'cli' / 'mfa-plugin' / 'current'
    person.write_config(
        f'[plugins]\ncli_legacy_plugin_path = {folder}\n'
        'mfa = awscli_mfa_plugin\n',
        plugin=False,
    )
    assert person.run('--version').code != 0
    lines = block(page, 'sh', 'AWS_CONFIG_FILE')
    if page == '../README.md':
        assert lines == block('../README.ja.md', 'sh', 'AWS_CONFIG_FILE')
    for line in lines.splitlines():
        result = person.run(line, program=bash)
        assert result.code == ('doctor' in line), (line, result)
        assert ('No module named' in result.stdout) == ('doctor' in line)
    person.ok('--version')


def test_devices_of_a_user(person: Person, bash: list[str]) -> None:
    """The device and its kind stand on a line."""
    text = block('devices.md', 'console', 'list-devices')
    [command] = re.findall(r'^\$ (.*)$', text, re.MULTILINE)
    assert person.ok(command, program=bash).stdout == (
        f'{person.user.device.serial_number}\tvirtual\n'
    )


def test_one_program(person: Person, bash: list[str]) -> None:
    """The program behind the two dashes has the session."""
    person.login()
    script = block('shells.md', 'sh', 'exec').replace(
        'COMMAND', "sh -c 'echo $AWS_SESSION_TOKEN'"
    )
    [session] = person.sessions()
    assert person.ok(script, program=bash).stdout == (
        session['Credentials']['SessionToken'] + '\n'
    )


def test_boto3_without_the_line(person: Person) -> None:
    """The program lists buckets with the session."""
    person.login()
    program = block('sdks.md', 'python', 'boto3').replace(
        "session.resource('s3').buckets.all()",
        "list(session.resource('s3').buckets.all())",
    )
    person.ok('-c', program, program=[sys.executable])
    assert person.aws.requests()[-1].key_kind == 'mfa-session'


@pytest.mark.parametrize('page', ['roles.md', '../README.md'])
def test_roles(person: Person, bash: list[str], page: str) -> None:
    """The profiles with roles work as they stand."""
    text = as_of(person, block(page, 'ini', '[profile admin]'))
    names = re.findall(r'role_arn = .*/(.*)', text)
    roles = {
        name: person.aws.create_role(f'{name}-{person.user.name}')
        for name in names
    }
    for name, role in roles.items():
        text = re.sub(rf'arn:aws:iam::\d+:role/{name}', role.arn, text)
    person.write_config(text)
    person.login()
    for name, role in roles.items():
        identity = person.ok(
            'sts', 'get-caller-identity', '--profile', name
        ).json()
        assert f':assumed-role/{role.name}/' in identity['Arn']
    if page == 'roles.md':
        person.ok(block(page, 'sh', '--profile admin'), program=bash)


@pytest.fixture
def desktop() -> Iterator[str]:
    """Start a display that nobody sees, and give its name."""
    reader, writer = os.pipe()
    with subprocess.Popen(
        ['Xvfb', '-displayfd', str(writer), '-nolisten', 'tcp'],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writer)
        try:
            with open(reader) as pipe:
                yield f':{pipe.readline().strip()}'
        finally:
            server.terminate()


@pytest.mark.skipif(
    shutil.which('xdotool') is None
    and (sys.platform == 'darwin' or not os.environ.get('CI')),
    reason='Xvfb, xdotool, zenity and pinentry-gtk2 are not there',
)
@pytest.mark.parametrize(
    ('program', 'window'),
    [('zenity', 'MFA code for AWS'), ('pinentry-gtk-2', 'pinentry')],
)
def test_a_code_from_a_window(
    person: Person, desktop: str, program: str, window: str
) -> None:
    """A command without a terminal goes on with what is typed there."""
    device = person.user.device
    person.write_config(
        f'{block("devices.md", "ini", program)}'
        f'mfa_serial = {device.serial_number}\nregion = {REGION}\n'
    )
    command = person.start(
        's3',
        'ls',
        '--profile',
        person.profile,
        DISPLAY=desktop,
        # Their drivers and desktop are not there either.
        GSK_RENDERER='cairo',
        NO_AT_BRIDGE='1',
    )
    find = ('search', '--sync', '--onlyvisible', '--name', window)
    try:
        # Typed, not sent to a window, which may be gone before the last.
        for words in (
            (*find, 'windowfocus', '--sync'),
            ('key', *device.code(), 'Return'),
        ):
            subprocess.run(
                ['xdotool', *words],
                env={'PATH': os.environ['PATH'], 'DISPLAY': desktop},
                check=True,
                timeout=60,
            )
        _, errors = command.communicate(timeout=60)
    finally:
        command.kill()
    assert command.returncode == 0, errors
    assert [request.operation for request in person.aws.requests()] == [
        'GetSessionToken',
        'ListBuckets',
    ]
