# SPDX-License-Identifier: Apache-2.0
"""``aws mfa doctor`` and ``awscli-mfa doctor``, on real AWS CLIs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.e2e.person import REGION, Person, Result


@pytest.fixture
def patient(person: Person, tmp_path: Path) -> Person:
    """Give somebody with one ``aws`` on ``PATH``."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    script = folder / 'aws'
    if person.host.is_v2:
        script.write_text(f'#!/bin/sh\nexec {person.host.aws} "$@"\n')
        script.chmod(0o755)
    else:
        # Its first line tells which Python has the package.
        script.symlink_to(person.host.aws)
    person.credentials_file.chmod(0o600)
    person.variables['PATH'] = os.pathsep.join([str(folder), os.defpath])
    return person


def examine(person: Person, **variables: str) -> tuple[int, list[str]]:
    """Return the exit code, and what is no ``ok``."""
    result = person.run(
        *('mfa', 'doctor', '--profile', person.profile, '--output', 'json'),
        **variables,
    )
    assert result.stderr == ''
    return result.code, [
        f'{check["Status"]} {check["Message"]} -> {check.get("Remedy", "")}'
        for check in result.json()['Checks']
        if check['Status'] != 'ok'
    ]


def check_nothing_secret(person: Person, result: Result) -> None:
    """Check that a page can be pasted into an issue."""
    page = result.stdout + result.stderr
    assert person.user.secret_access_key not in page
    assert person.user.access_key_id not in page
    assert person.user.device.serial_number.split(':')[4] not in page
    for session in person.sessions():
        assert session['Credentials']['SessionToken'] not in page
    # A path is not broken, however long it is; it has a line of its own then.
    # A remedy is one line, to be copied.
    lines = [
        line
        for line in page.splitlines()
        if len(line.split()) > 1 and not line.lstrip().startswith('->')
    ]
    assert max(map(len, lines)) < 80, page


def test_everything_is_right(patient: Person) -> None:
    """With a session and SDKs set up, every line is ``ok``."""
    patient.write_profiles(
        {
            patient.profile: {
                'mfa_serial': patient.user.device.serial_number,
                'credential_process': f'{sys.executable} -m awscli-mfa',
            }
        }
    )
    patient.write_credentials({f'{patient.profile}-long-term': patient.user})
    patient.login()
    result = patient.at_terminal(
        'mfa', 'doctor', '--profile', patient.profile
    ).finish()
    page = result.stdout.replace('\r\n', '\n')
    assert result.code == 0, page
    assert 'No problem was found.' in page
    assert 'warning' not in page
    for said in (
        'loads version',
        'uses the access key of',
        'There is an MFA session until',
        'SDKs get the session',
        f'(region {REGION})',
        'IAM knows the MFA device (virtual)',
        'clock agrees',
        'can ask for a code',
    ):
        assert said in ' '.join(page.split()), page
    check_nothing_secret(patient, Result(0, page, ''))


def test_what_is_wrong_is_named(patient: Person) -> None:
    """Each finding comes with the command that mends it."""
    patient.credentials_file.chmod(0o644)
    code, found = examine(patient)
    assert code == 0
    assert [line.partition(' -> ')[2] for line in found] == [
        'chmod 600 ~/.aws/credentials',
        'Log in in a terminal, or give the code: aws mfa login --token-code '
        'CODE',
        f'aws mfa login --profile {patient.profile}',
        f'aws mfa configure-sdk --profile {patient.profile}',
    ]
    patient.credentials_file.chmod(0o600)
    patient.write_profiles(
        {
            patient.profile: {
                'mfa_serial': f'{patient.user.device.serial_number}-lost',
                'mfa_process': 'no-such-program --code',
            }
        }
    )
    patient.aws.clock_offset(-1000)
    code, found = examine(patient, CLAUDECODE='1', AWS_VAULT='work')
    said = '\n'.join(found)
    assert code == 1
    assert 'A coding agent runs this (CLAUDECODE is set)' in said
    assert 'aws-vault started this shell, for its profile work' in said
    assert 'no-such-program, which cannot be run' in said
    assert "computer's clock is 17 minutes fast" in said


def test_a_device_that_is_gone(patient: Person) -> None:
    """The devices that there are stand beside, with what to run."""
    serial = patient.user.device.serial_number
    patient.write_profiles({patient.profile: {'mfa_serial': f'{serial}-lost'}})
    code, found = examine(patient)
    assert code == 1
    account = serial.split(':')[4]
    shown = serial.replace(account, f'********{account[-4:]}')
    (line,) = [line for line in found if 'IAM does not know' in line]
    assert f'The user has: {shown}.' in line
    assert line.endswith(
        f'aws mfa list-devices --profile {patient.profile}; then: aws '
        f'configure set mfa_serial ARN --profile {patient.profile}'
    )


@pytest.mark.parametrize('config', ['[plugins', '[plugins]\nmfa = x\n'])
def test_aws_is_down(
    patient: Person, plugin_folder: Path, config: str
) -> None:
    """The program shows the page when every ``aws`` command ends."""
    if config.endswith('\n') and patient.host.is_v2:
        config += f'cli_legacy_plugin_path = {plugin_folder}\n'
    patient.write_config(config, plugin=False)
    assert patient.run('--version').code != 0
    result = patient.run(
        'doctor',
        program=[
            sys.executable,
            '-IS',
            str(plugin_folder / 'awscli_mfa_plugin'),
        ],
    )
    assert result.code == 1
    assert 'problem' in result.stdout
    assert 'ends at every command' in ' '.join(result.stdout.split())
    assert 'Traceback' not in result.stderr
