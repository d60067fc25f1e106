# SPDX-License-Identifier: Apache-2.0
"""A session that ends while a command runs.

A session that lasts 59 seconds or less is used up for the plugin as soon
as its first request is signed, so nothing here waits for one to end.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.person import PROMPT, REGION, Person, Terminal

SMALL_FILES = 200
PART = 5 * 1024 * 1024


@pytest.fixture
def bucket(person: Person) -> str:
    """Give a bucket, and a profile that transfers in small parts."""
    name = f'{person.user.name}-bucket'
    # What the CLI takes by itself: newer ones the C library, though only
    # for one command at a time on a whole machine. Before 2.38 it speaks
    # TLS to an HTTP endpoint that the environment names.
    client = 'crt' if person.host.version >= (2, 38) else 'classic'
    person.aws.create_bucket(name, region=REGION)
    person.write_profiles(
        {
            person.profile: {
                'mfa_serial': person.user.device.serial_number,
                's3': f'\n  preferred_transfer_client = {client}'
                '\n  multipart_threshold = 5MB'
                '\n  multipart_chunksize = 5MB',
            }
        }
    )
    return name


def make_files(person: Person, *, small: int, large: int = 0) -> None:
    """Make a folder of files to transfer, the large ones in the middle."""
    folder = person.home / 'folder'
    folder.mkdir()
    for number in range(small):
        (folder / f'{number:03}').write_text(str(number))
    for number in range(large):
        name = f'{small // 2:03}-large-{number}'
        (folder / name).write_bytes(bytes(3 * PART))


def sync(person: Person, bucket: str) -> tuple[str, ...]:
    """Return the arguments of the transfer."""
    url = f's3://{bucket}'
    return ('s3', 'sync', 'folder', url, '--profile', person.profile)


def completed(person: Person) -> list[str]:
    """Return the objects that were written, by name."""
    return sorted(
        Path(call.target.partition('?')[0]).name
        for call in person.aws.requests(service='s3')
        if call.operation in ('PutObject', 'CompleteMultipartUpload')
        and call.status == 200
    )


def local(person: Person) -> list[str]:
    """Return the files to transfer, by name."""
    return sorted(path.name for path in (person.home / 'folder').iterdir())


def start_with_a_session_about_to_end(
    person: Person, terminal: Terminal
) -> None:
    """Answer the first prompt for a session that is soon used up."""
    person.aws.session_seconds(59)
    terminal.answer(person.user.device.code())


def test_one_prompt_and_every_file_arrives(
    person: Person, bucket: str
) -> None:
    """Threads that all need a session wait for one prompt and go on."""
    make_files(person, small=SMALL_FILES, large=2)
    # Usable for a second or two: it ends while the first ten requests,
    # one of each thread, are under way.
    person.aws.session_seconds(61)
    person.aws.slow(operation='PutObject', seconds=2.5, times=10)
    terminal = person.at_terminal(*sync(person, bucket))
    terminal.answer(person.user.device.code())
    terminal.expect_exact(PROMPT)
    person.aws.session_seconds(None)
    terminal.sendline(person.user.device.code())
    shown = terminal.finish()
    assert shown.code == 0, shown
    assert PROMPT not in shown.stdout
    assert completed(person) == local(person)
    made = person.aws.requests(operation='GetSessionToken')
    assert [call.status for call in made] == [200, 200]
    parts = person.aws.requests(operation='UploadPart')
    assert len(parts) == 6
    assert {call.key_kind for call in person.aws.requests(service='s3')} == {
        'mfa-session'
    }


def test_another_terminal_logged_in_meanwhile(
    person: Person, bucket: str
) -> None:
    """The session that another command made is used, without a prompt."""
    make_files(person, small=30, large=1)
    with person.aws.hold(operation='ListObjectsV2') as hold:
        terminal = person.at_terminal(*sync(person, bucket))
        start_with_a_session_about_to_end(person, terminal)
        hold.wait()
        person.aws.session_seconds(None)
        person.login()
    shown = terminal.finish()
    assert shown.code == 0, shown
    assert PROMPT not in shown.stdout
    assert completed(person) == local(person)
    (session,) = person.sessions()
    assert {
        call.access_key_id
        for call in person.aws.requests(service='s3')
        if call.operation != 'ListObjectsV2'
    } == {session['Credentials']['AccessKeyId']}


def test_without_a_terminal_one_message(person: Person, bucket: str) -> None:
    """A run whose terminal was closed says once that the session ended."""
    make_files(person, small=30, large=1)
    # As nohup does it.
    in_background = 'trap "" HUP; "$@" >out 2>&1; echo "code: $?" >>out'
    with person.aws.hold(operation='ListObjectsV2') as hold:
        terminal = person.at_terminal(
            'sh',
            person.host.aws,
            *sync(person, bucket),
            program=['sh', '-c', in_background],
        )
        start_with_a_session_about_to_end(person, terminal)
        hold.wait()
        os.close(terminal.child_fd)
    assert terminal.pid is not None
    os.waitpid(terminal.pid, 0)
    terminal.closed = terminal.terminated = True
    shown = (person.home / 'out').read_text()
    told = (
        f'Profile {person.profile} has no valid MFA session. Start one '
        f'with: aws mfa login --profile {person.profile}'
    )
    assert shown.count(told) == 1, shown
    assert 'Traceback' not in shown
    assert 'failed' not in shown
    assert shown.splitlines()[-1] == 'code: 1', shown
    assert completed(person) == []


def test_control_c_at_the_prompt_ends_the_run(
    person: Person, bucket: str
) -> None:
    """The command ends at once and the terminal echoes again."""
    make_files(person, small=30)
    terminal = person.at_terminal(
        'sh',
        person.host.aws,
        *sync(person, bucket),
        program=['sh', '-c', '"$@"; echo "code: $?"; stty -a'],
    )
    start_with_a_session_about_to_end(person, terminal)
    terminal.expect_exact(PROMPT)
    terminal.sendcontrol('c')
    shown = terminal.finish().stdout
    assert PROMPT not in shown
    assert 'Traceback' not in shown
    assert 'code: 0' not in shown
    settings = shown.rpartition('speed')[2].replace(';', '').split()
    for setting in ('echo', 'icanon', 'isig'):
        assert setting in settings, shown
    assert completed(person) == []
    assert len(person.aws.requests(operation='GetSessionToken')) == 1


def test_control_d_at_the_prompt_ends_the_run(
    person: Person, bucket: str
) -> None:
    """A person who gives no code is asked and told once, not for each file."""
    make_files(person, small=30)
    terminal = person.at_terminal(*sync(person, bucket))
    start_with_a_session_about_to_end(person, terminal)
    terminal.expect_exact(PROMPT)
    terminal.sendcontrol('d')
    shown = terminal.finish()
    assert shown.code == 1, shown
    assert PROMPT not in shown.stdout
    assert shown.stdout.count('No token code was given.') == 1, shown
    assert 'failed' not in shown.stdout
    assert completed(person) == []
    assert len(person.aws.requests(operation='GetSessionToken')) == 1


def test_what_must_be_left_when_a_command_starts(
    person: Person, bucket: str
) -> None:
    """A minute by default, and what ``mfa_min_remaining`` says."""
    person.aws.session_seconds(600)
    person.login()
    person.ok('s3', 'ls', '--profile', person.profile)
    person.write_profiles(
        {
            person.profile: {
                'mfa_serial': person.user.device.serial_number,
                'mfa_min_remaining': 900,
            }
        }
    )
    refused = person.run('s3', 'ls', '--profile', person.profile)
    assert refused.code == person.exit_codes.configuration
    assert refused.stderr.strip().endswith(
        f'Profile {person.profile} has no valid MFA session that lasts 900 '
        f'seconds. Start one with: aws mfa login --profile {person.profile}'
    )
    person.aws.session_seconds(None)
    person.login()
    person.ok('s3', 'ls', '--profile', person.profile)


def test_a_minute_must_be_left(person: Person) -> None:
    """A session with less than a minute left is none for a new command."""
    person.aws.session_seconds(59)
    person.login()
    refused = person.run('s3', 'ls', '--profile', person.profile)
    assert refused.code == person.exit_codes.configuration
    assert 'has no valid MFA session. Start one with' in refused.stderr
