# SPDX-License-Identifier: Apache-2.0
"""Python programs: ``register()`` gives a session what ``aws`` has."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.person import PROMPT, Person, Result, Terminal
from tests.hosts import hosts
from tests.standin import Role, StandIn, User

SESSION = """
import boto3
import awscli_mfa_plugin

session = boto3.Session(profile_name=PROFILE)
awscli_mfa_plugin.register(session)
"""

CALL = 'print(session.client("sts").get_caller_identity()["Arn"])\n'


@pytest.fixture
def person(
    tmp_path: Path,
    aws: StandIn,
    new_user: Callable[[], User],
    plugin_folder: Path,
) -> Person:
    """Give somebody with one AWS CLI: which one matters little here."""
    return Person(
        tmp_path / 'home', hosts()[0], aws, new_user(), plugin_folder
    )


@pytest.fixture
def role(person: Person) -> Role:
    """Give a role that wants MFA, behind the profile ``app``."""
    role = person.aws.create_role(f'{person.user.name}-app')
    person.write_profiles(
        {
            person.profile: {'mfa_serial': person.user.device.serial_number},
            'app': {'role_arn': role.arn, 'source_profile': person.profile},
        }
    )
    return role


def program(profile: str, text: str) -> tuple[str, str]:
    """Return the arguments of a Python that runs a program."""
    return '-c', f'PROFILE = {profile!r}\n{text}'


def run(person: Person, profile: str, text: str) -> Result:
    """Run a Python program without any terminal."""
    return person.run(*program(profile, text), program=[sys.executable])


def at_terminal(person: Person, profile: str, text: str) -> Terminal:
    """Run a Python program at a terminal."""
    return person.at_terminal(
        *program(profile, text), program=[sys.executable]
    )


def signers(person: Person) -> list[tuple[str, str | None]]:
    """Return each operation that reached AWS, and who signed it."""
    return [
        (call.operation, call.role_name or call.key_kind)
        for call in person.aws.requests()
    ]


def test_a_client_a_resource_and_a_paginator(person: Person) -> None:
    """All are signed with the session that ``aws mfa login`` made."""
    bucket = f'{person.user.name}-bucket'
    person.aws.create_bucket(bucket, region='eu-central-1')
    for name in ('one', 'three', 'two'):
        person.aws.put_object(bucket, name)
    person.login()
    result = run(
        person,
        person.profile,
        SESSION
        + f"""
client = session.client('s3')
print(client.head_bucket(Bucket={bucket!r})['BucketRegion'])
bucket = session.resource('s3').Bucket({bucket!r})
print(*[found.key for found in bucket.objects.all()])
pages = client.get_paginator('list_objects_v2').paginate(
    Bucket={bucket!r}, PaginationConfig={{'PageSize': 1}}
)
print(*[found['Key'] for page in pages for found in page['Contents']])
""",
    )
    assert result.code == 0, result
    assert result.stdout.splitlines()[1:] == ['one three two'] * 2
    assert signers(person) == [
        ('GetSessionToken', 'long-term'),
        ('HeadBucket', 'mfa-session'),
        ('ListObjects', 'mfa-session'),
        *[('ListObjectsV2', 'mfa-session')] * 3,
    ]


def test_threads_share_one_prompt(person: Person) -> None:
    """Eight threads that need a session at once ask once."""
    terminal = at_terminal(
        person,
        person.profile,
        SESSION
        + """
import threading

client = session.client('sts')
ready = threading.Barrier(8)

def call():
    ready.wait()
    client.get_caller_identity()

threads = [threading.Thread(target=call) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
""",
    )
    terminal.answer(person.user.device.code())
    shown = terminal.finish()
    assert shown.code == 0, shown
    assert PROMPT not in shown.stdout
    assert signers(person) == [
        ('GetSessionToken', 'long-term'),
        *[('GetCallerIdentity', 'mfa-session')] * 8,
    ]


def test_a_session_made_in_python_serves_the_cli(
    person: Person, role: Role
) -> None:
    """A program's prompt for a role is the last one, for ``aws`` too."""
    terminal = at_terminal(person, 'app', SESSION + CALL)
    terminal.answer(person.user.device.code())
    shown = terminal.finish()
    assert shown.code == 0, shown
    assert f'assumed-role/{role.name}/' in shown.stdout
    person.ok('sts', 'get-caller-identity', '--profile', 'app')
    again = run(person, 'app', SESSION + CALL)
    assert again.code == 0, again
    assert signers(person) == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        *[('GetCallerIdentity', role.name)] * 3,
    ]
    (assumed,) = person.aws.requests(operation='AssumeRole')
    assert (assumed.serial_number, assumed.token_code) == (None, None)


def test_a_botocore_session_is_registered_once(person: Person) -> None:
    """Registering again, by way of boto3 too, adds no provider."""
    person.login()
    result = run(
        person,
        person.profile,
        """
import boto3
import botocore.session
import awscli_mfa_plugin

session = botocore.session.Session(profile=PROFILE)

def providers():
    chain = session.get_component('credential_provider')
    return [provider.METHOD for provider in chain.providers]

before = providers()
awscli_mfa_plugin.register(session)
once = providers()
awscli_mfa_plugin.register(session)
awscli_mfa_plugin.register(boto3.Session(botocore_session=session))
print(providers() == once, len(once) - len(before))
print(session.get_credentials().method)
""",
    )
    assert result.code == 0, result
    assert result.stdout.splitlines() == ['True 2', 'mfa-session']


def test_without_a_terminal_an_exception(person: Person) -> None:
    """It is one of botocore's, and says what to do."""
    result = run(
        person,
        person.profile,
        SESSION
        + """
import botocore.exceptions

try:
    session.client('sts').get_caller_identity()
except botocore.exceptions.BotoCoreError as error:
    print(error)
""",
    )
    assert result.code == 0, result
    assert result.stdout == (
        f'Profile {person.profile} has no valid MFA session. Start one '
        f'with: aws mfa login --profile {person.profile}\n'
    )
    assert signers(person) == []


def test_an_unknown_profile(person: Person) -> None:
    """It raises what botocore raises for it."""
    result = run(
        person,
        'nobody',
        """
import botocore.exceptions
import botocore.session
import awscli_mfa_plugin

try:
    awscli_mfa_plugin.register(botocore.session.Session(profile=PROFILE))
except botocore.exceptions.ProfileNotFound as error:
    print(error)
""",
    )
    assert result.stdout == (
        'The config profile (nobody) could not be found\n'
    ), result


def test_no_profile_at_all(person: Person) -> None:
    """A session without any profile or config file has no credentials."""
    person.config_file.unlink()
    person.credentials_file.unlink()
    result = run(
        person,
        'default',
        """
import boto3
import awscli_mfa_plugin

session = boto3.Session()
awscli_mfa_plugin.register(session)
print(session.get_credentials())
""",
    )
    assert result.stdout == 'None\n', result
