# SPDX-License-Identifier: Apache-2.0
"""``awscli-mfa``: quick when a session is there, else ``aws`` asks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.outside import (
    install_awscli_mfa,
    put_on_path,
    write_sdk_profiles,
)
from tests.e2e.person import REGION, Person, Result

# Runs a folder as `python3 FOLDER` does, and says what it imported and
# which files of the person's it opened.
_WATCHED = """
import json, os, runpy, sys
opened = []
def watch(event, arguments):
    if event == 'open' and str(arguments[0]).startswith(os.environ['HOME']):
        opened.append(str(arguments[0]))
sys.addaudithook(watch)
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name='__main__')
except SystemExit as ended:
    code = ended.code
imported = [name for name in sys.modules if name.partition('.')[0] in (
    'botocore', 'awscli', 'boto3', 'argcomplete', 'filelock')]
print(json.dumps([code, opened, imported]), file=sys.stderr)
"""


@pytest.fixture
def folder(person: Person, plugin_folder: Path, tmp_path: Path) -> Path:
    """Give the person a PATH with ``aws`` and ``awscli-mfa`` alone."""
    folder = tmp_path / 'bin'
    put_on_path(person, folder)
    install_awscli_mfa(folder, plugin_folder)
    write_sdk_profiles(person, None)
    return folder


@pytest.fixture
def quick(person: Person, folder: Path) -> Callable[..., Result]:
    """Return a function that runs ``awscli-mfa`` without any terminal."""

    def run(*arguments: str, **variables: str) -> Result:
        program = [str(folder / 'awscli-mfa')]
        return person.run(*arguments, program=program, **variables)

    return run


def give_role(person: Person) -> None:
    """Give the person a role behind the profile, as profile ``app``."""
    role = person.aws.create_role(f'{person.user.name}-app')
    person.write_profiles(
        {
            person.profile: {'mfa_serial': person.user.device.serial_number},
            'app': {'role_arn': role.arn, 'source_profile': person.profile},
        }
    )


def test_reads_two_files_and_imports_no_botocore(
    person: Person, quick: Callable[..., Result], plugin_folder: Path
) -> None:
    """With a session nothing else is opened, and no ``aws`` is needed."""
    person.login()
    (kept,) = person.sessions()
    watched = [
        sys.executable,
        '-IS',
        '-c',
        _WATCHED,
        str(plugin_folder / 'awscli_mfa_plugin'),
    ]
    profile = ('--profile', person.profile)
    nowhere = str(person.home)
    found = person.ok('credentials', *profile, program=watched, PATH=nowhere)
    assert found.json() == {'Version': 1, **kept['Credentials']}
    code, opened, imported = json.loads(found.stderr)
    assert (code, imported) == (0, [])
    # Which session it is, then the session.
    assert [Path(path).parent.name for path in opened] == [
        'profiles',
        'mfa-cache',
    ]

    short = quick('status', '--short', AWS_PROFILE=person.profile)
    assert short.code == 0
    assert short.stdout in (
        f'{person.profile} 11h59m\n',
        f'{person.profile} 12h00m\n',
    )
    long = quick('status', *profile)
    assert long.stdout.endswith('m left\n')
    for arguments, shown in (
        (('--short',), ''),
        ((), 'default: no session\n'),
    ):
        none = quick('status', *arguments)
        assert (none.code, none.stdout, none.stderr) == (1, shown, '')


def test_hands_over_and_prompts_at_the_terminal(
    person: Person, folder: Path
) -> None:
    """The prompt is on the terminal though all else is pipes."""
    terminal = person.at_terminal(
        'credentials',
        '--profile',
        person.profile,
        program=[
            'sh',
            '-c',
            'echo 000000 | "$0" "$@" 2>err | { read -r line; echo "$line"; '
            'while read -r line; do echo "$line"; done; }',
            str(folder / 'awscli-mfa'),
        ],
    )
    terminal.answer(person.user.device.code())
    shown = terminal.finish().stdout
    (kept,) = person.sessions()
    assert json.loads(shown[shown.index('{') :]) == {
        'Version': 1,
        **kept['Credentials'],
    }
    assert (person.home / 'err').read_text() == ''


def test_without_a_terminal(
    person: Person, quick: Callable[..., Result], folder: Path
) -> None:
    """It fails at once with one sentence, which SDKs show."""
    arguments = ('credentials', '--profile', person.profile)
    expected = (
        f'Profile {person.profile} has no valid MFA session. Start one with: '
        f'aws mfa login --profile {person.profile}'
    )
    refused = quick(*arguments)
    assert refused.code == person.exit_codes.configuration
    assert refused.stdout == ''
    assert refused.stderr.strip().endswith(expected)
    # With a terminal, too, when nobody may be asked.
    terminal = person.at_terminal(
        *arguments,
        program=[str(folder / 'awscli-mfa')],
        AWS_MFA_PROMPT='never',
    )
    shown = terminal.finish()
    assert shown.code == person.exit_codes.configuration
    assert expected in ' '.join(shown.stdout.split())

    (folder / 'aws').unlink()
    alone = quick(*arguments)
    assert alone.code == 1
    assert alone.stderr == (
        'There is no "aws" on PATH to get a session with. Install the AWS '
        'CLI, or start a session where it is: aws mfa login --profile '
        f'{person.profile}\n'
    )
    assert person.aws.requests() == []


def test_a_session_is_looked_for_anew_when_files_change(
    person: Person, quick: Callable[..., Result]
) -> None:
    """After a change, a rotated key and a logout, ``aws`` is asked."""
    profile = ('--profile', person.profile)
    person.login()
    assert quick('status', *profile).code == 0
    with person.config_file.open('a') as file:
        file.write('# a comment\n')
    person.ok('configure', 'set', 'region', REGION, '--profile', 'another')
    assert quick('status', *profile).code == 0
    # Without `aws` nobody can tell whether it is still the profile's.
    (person.cache / 'cli.json').unlink()
    alone = quick('credentials', *profile, PATH='/nowhere')
    assert alone.stderr.startswith('There is no "aws" on PATH ')
    # It is: `aws` finds it and takes note.
    (kept,) = person.sessions()
    found = quick('credentials', *profile)
    assert found.json() == {'Version': 1, **kept['Credentials']}
    assert quick('credentials', *profile, PATH='/nowhere').code == 0

    person.user.rotate_access_key()
    person.write_credentials({f'{person.profile}-long-term': person.user})
    refused = quick('credentials', *profile)
    assert 'has no valid MFA session' in refused.stderr
    person.login()
    assert quick('status', *profile).code == 0
    person.ok('mfa', 'logout', *profile)
    assert quick('status', *profile).code == 1
    assert [call.operation for call in person.aws.requests()] == [
        'GetSessionToken',
        'GetSessionToken',
    ]


def test_its_own_line_without_a_key_is_no_loop(
    person: Person, folder: Path
) -> None:
    """A profile whose key would come from its own session is told so."""
    script = folder / 'awscli-mfa'
    person.write_config(
        f'[profile {person.profile}]\n'
        f'region = {REGION}\n'
        f'mfa_serial = {person.user.device.serial_number}\n'
        f'credential_process = {script} credentials --profile '
        f'{person.profile}\n'
    )
    person.write_credentials({})
    refused = person.run('s3', 'ls', '--profile', person.profile)
    assert refused.code == 255
    assert (
        f'Put the key into profile {person.profile}-long-term.'
    ) in refused.stderr
    assert person.aws.requests() == []
    assert person.sessions() == []


def test_what_is_noted_is_what_commands_use(
    person: Person, quick: Callable[..., Result]
) -> None:
    """A login to a role's profile notes no user; a prompt notes the user."""
    give_role(person)
    terminal = person.at_terminal('s3', 'ls', '--profile', person.profile)
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    assert quick('status', '--short', '--profile', person.profile).code == 0
    person.ok('mfa', 'login', '--profile', 'app')
    assert quick('status', '--short', '--profile', 'app').code == 1
    given = quick('credentials', '--profile', 'app').json()
    (call,) = person.aws.requests(operation='AssumeRole')
    assert call.status == 200
    assert given['AccessKeyId'] != call.access_key_id
    assert quick('status', '--short', '--profile', 'app').code == 0


def test_keys_of_the_environment_are_nobody_s_session(
    person: Person, quick: Callable[..., Result]
) -> None:
    """In the shell of a role, no other profile is noted to be that role."""
    give_role(person)
    person.login()
    for shell, profile in (('app', person.profile), (person.profile, 'app')):
        keys = quick('credentials', '--profile', shell).json()
        expected = quick('credentials', '--profile', profile).json()
        exported = person.ok(
            'mfa',
            'export-credentials',
            AWS_PROFILE=profile,
            AWS_ACCESS_KEY_ID=keys['AccessKeyId'],
            AWS_SECRET_ACCESS_KEY=keys['SecretAccessKey'],
            AWS_SESSION_TOKEN=keys['SessionToken'],
        ).json()
        assert exported['AccessKeyId'] == keys['AccessKeyId']
        assert quick('credentials', '--profile', profile).json() == expected


def test_a_role_that_commands_use_is_noted(
    person: Person, quick: Callable[..., Result]
) -> None:
    """A shell prompt shows how long it lasts, and SDKs need no ``aws``."""
    give_role(person)
    person.login()
    person.ok('s3', 'ls', '--profile', 'app')
    (listed,) = person.aws.requests(service='s3')
    given = quick('credentials', '--profile', 'app', PATH='/nowhere').json()
    assert given['AccessKeyId'] == listed.access_key_id


def test_hands_over_to_the_cli_that_has_the_plugin(
    person: Person, quick: Callable[..., Result], folder: Path
) -> None:
    """Another ``aws`` comes first on PATH, or there is none."""
    profile = ('--profile', person.profile)
    person.login()
    person.ok('mfa', 'logout', *profile)
    (folder / 'aws').unlink()
    for _ in range(2):
        refused = quick('credentials', *profile)
        assert 'has no valid MFA session. Start one with' in refused.stderr
        (folder / 'aws').write_text('#!/bin/sh\necho another\n')
        (folder / 'aws').chmod(0o755)
