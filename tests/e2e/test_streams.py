# SPDX-License-Identifier: Apache-2.0
"""Standard output and standard error that are closed, full or not read."""

from __future__ import annotations

import os

import pytest

from tests.e2e.person import Person, Result

FULL = 'Standard output cannot be written: No space left on device.'
CLOSED = 'Standard output cannot be written: it is closed.'


def in_shell(person: Person, script: str) -> Result:
    """Run a shell script in which ``"$0"`` is ``aws``."""
    return person.run(
        program=['sh', '-c', script, person.host.aws],
        AWS_PROFILE=person.profile,
        CODE=person.user.device.code(),
    )


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='Linux')
def test_a_login_writes_before_it_prints(person: Person) -> None:
    """What it was asked to do is done, and one sentence says what failed."""
    person.write_config(
        f'[profile {person.profile}]\nsource_profile = base\n'
        f'mfa_serial = {person.user.device.serial_number}\n'
    )
    person.write_credentials({'base': person.user})
    login = '"$0" mfa login --write-credentials --token-code $CODE'
    failed = in_shell(person, f'{login} >/dev/full')
    assert failed.code == person.exit_codes.other
    assert failed.stderr.strip().endswith(FULL)
    assert len(failed.stderr.strip().splitlines()) == 1
    written = person.credentials_file.read_text()
    (session,) = person.sessions()
    assert session['Credentials']['AccessKeyId'] in written


def test_nobody_reads(person: Person) -> None:
    """A closed pipe is quiet and no success; a closed stream is told."""
    login = '"$0" mfa login --token-code $CODE'
    gone = in_shell(person, f'{{ {login}; echo "code $?" >&2; }} | true')
    assert gone.stderr == 'code 255\n'
    assert len(person.sessions()) == 1
    for command in ('status', 'logout --all'):
        closed = in_shell(person, f'"$0" mfa {command} >&-')
        assert closed.code == person.exit_codes.other
        assert closed.stderr.strip().endswith(CLOSED)
    assert person.sessions() == []


@pytest.mark.parametrize('closed', ['1', '2'])
def test_exec_with_a_closed_stream(person: Person, closed: str) -> None:
    """The program runs; the stream that it has not is its own affair."""
    person.login()
    other = {'1': 'stderr', '2': 'stdout'}[closed]
    result = in_shell(
        person,
        f'"$0" mfa exec -- sh -c "echo ran >/dev/{other}" {closed}>&-',
    )
    assert result.code == 0
    assert getattr(result, other) == 'ran\n'
