# SPDX-License-Identifier: Apache-2.0
"""The main job: one command, one code, and ``aws`` works."""

from __future__ import annotations

import stat

from tests.e2e.person import Person


def test_one_code_for_ten_commands(person: Person) -> None:
    """One GetSessionToken serves a login and ten native commands."""
    refused = person.run('s3', 'ls', '--profile', person.profile)
    assert refused.code == person.exit_codes.configuration, refused
    assert (
        f'Profile {person.profile} has no valid MFA session. Start one with: '
        f'aws mfa login --profile {person.profile}'
    ) in refused.stderr
    assert person.aws.requests() == []

    terminal = person.at_terminal('mfa', 'login', '--profile', person.profile)
    code = person.user.device.code()
    terminal.answer(code)
    shown = terminal.finish()
    assert shown.code == 0
    assert code not in shown.stdout
    assert f'Profile {person.profile} has an MFA session until' in shown.stdout
    assert '(12 hours)' in shown.stdout

    for _ in range(10):
        person.ok('s3', 'ls', '--profile', person.profile)
    calls = person.aws.requests()
    assert [call.operation for call in calls] == [
        'GetSessionToken',
        *['ListBuckets'] * 10,
    ]
    assert {call.key_kind for call in calls[1:]} == {'mfa-session'}


def test_files_are_for_their_owner_alone(person: Person) -> None:
    """The cache's folders are 0700 and the files in them 0600."""
    person.login()
    assert stat.S_IMODE(person.cache.stat().st_mode) == 0o700
    for path in person.cache.rglob('*'):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
