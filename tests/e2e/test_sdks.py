# SPDX-License-Identifier: Apache-2.0
"""One login serves the AWS CLI and every SDK, roles included."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.outside import (
    install_awscli_mfa,
    put_on_path,
    write_sdk_profiles,
)
from tests.e2e.person import REGION, Person
from tests.sdks import found_sdks

# The CLI is only there to log in.
pytestmark = pytest.mark.one_host


@pytest.mark.parametrize('is_key_in_config', [False, True])
def test_one_code_for_all_of_them(
    person: Person,
    plugin_folder: Path,
    tmp_path: Path,
    is_key_in_config: bool,
) -> None:
    """Each lists a bucket and assumes a role, with no code of its own."""
    put_on_path(person, tmp_path / 'bin')
    install_awscli_mfa(tmp_path / 'bin', plugin_folder)
    role = person.aws.create_role(f'admin-{person.user.name}')
    write_sdk_profiles(person, None, role)
    if is_key_in_config:
        # Some SDKs would use it there before the session, so it is moved.
        _, key = person.credentials_file.read_text().split('\n', 1)
        header = f'[profile {person.profile}]\n'
        config = person.config_file.read_text()
        person.config_file.write_text(config.replace(header, header + key))
        person.credentials_file.unlink()
    bucket = f'pictures-of-{person.user.name}'
    person.aws.create_bucket(bucket, region=REGION)
    person.aws.put_object(bucket, 'sea.jpeg')
    person.login()
    person.ok('mfa', 'configure-sdk', '--profile', person.profile, '--apply')

    for profile in (person.profile, 'admin'):
        listed = person.ok('s3', 'ls', bucket, '--profile', profile)
        assert listed.stdout.endswith(' sea.jpeg\n')
    calls = person.aws.requests()
    assert [(call.operation, call.key_kind) for call in calls] == [
        ('GetSessionToken', 'long-term'),
        ('ListObjectsV2', 'mfa-session'),
        ('AssumeRole', 'mfa-session'),
        ('ListObjectsV2', 'role'),
    ]
    for sdk in found_sdks():
        person.aws.clear_requests()
        for profile in (person.profile, 'admin'):
            listed = person.ok(
                program=sdk.command(profile, bucket, person.aws.url),
                **sdk.variables,
            )
            assert listed.stdout == 'sea.jpeg\n', sdk.name
        calls = person.aws.requests()
        listings = [
            call for call in calls if call.operation.startswith('ListObjects')
        ]
        assert [call.key_kind for call in listings] == [
            'mfa-session',
            'role',
        ], sdk.name
        (assumed,) = (call for call in calls if call not in listings)
        assert assumed.operation == 'AssumeRole', sdk.name
        assert assumed.key_kind == 'mfa-session', sdk.name


def test_boto3_shows_the_one_sentence(
    person: Person, plugin_folder: Path, tmp_path: Path
) -> None:
    """Without a session and a terminal it tells what to run."""
    put_on_path(person, tmp_path / 'bin')
    install_awscli_mfa(tmp_path / 'bin', plugin_folder)
    write_sdk_profiles(
        person, f'{tmp_path}/bin/awscli-mfa credentials --profile'
    )
    (boto3,) = (sdk for sdk in found_sdks() if sdk.name == 'boto3')
    refused = person.run(
        program=boto3.command(person.profile, 'any', person.aws.url)
    )
    assert refused.code == 1
    assert (
        f'Start one with: aws mfa login --profile {person.profile}'
    ) in refused.stderr
    assert person.aws.requests() == []
