# SPDX-License-Identifier: Apache-2.0
"""Several commands at once: one of them asks, the others use its session."""

from __future__ import annotations

import signal

import pexpect

from tests.e2e.person import PROMPT, Person, Terminal

NATIVE = ('sts', 'get-caller-identity')


def check_silence(person: Person, terminal: Terminal) -> None:
    """Check that a terminal shows no further prompt.

    One more command, which has nobody to ask, goes the whole way up to
    the lock meanwhile; those started before it have had the time to ask.
    """
    assert 'has no valid MFA session' in person.run(*NATIVE).stderr
    assert terminal.expect_exact([PROMPT, pexpect.TIMEOUT], timeout=0) == 1


def test_commands_started_at_once_ask_once(person: Person) -> None:
    """Five commands start without a session: one asks, and all succeed."""
    person.variables['AWS_PROFILE'] = person.profile
    terminal = person.in_shell(
        """
        for number in 1 2 3 4; do
            "$0" "$@" >"out$number" 2>&1 && echo "done $number" &
        done
        "$0" mfa login >login 2>&1 && echo "done 5" &
        wait
        """,
        *NATIVE,
    )
    terminal.expect_exact(PROMPT)
    check_silence(person, terminal)
    terminal.sendline(person.user.device.code())
    assert terminal.finish().code == 0
    assert terminal.shown.count(PROMPT) == 1
    for number in (1, 2, 3, 4, 5):
        assert terminal.shown.count(f'done {number}') == 1
    assert 'has an MFA session until' in (person.home / 'login').read_text()
    calls = person.aws.requests()
    assert [(call.operation, call.key_kind) for call in calls] == [
        ('GetSessionToken', 'long-term'),
        *[('GetCallerIdentity', 'mfa-session')] * 4,
    ]
    assert len(person.sessions()) == 1


def test_lock_dies_with_its_holder(person: Person) -> None:
    """When the command that asks is killed, the next one asks."""
    person.variables['AWS_PROFILE'] = person.profile
    first = person.at_terminal(*NATIVE)
    first.expect_exact(PROMPT)
    second = person.at_terminal(*NATIVE)
    check_silence(person, second)
    first.kill(signal.SIGKILL)
    second.answer(person.user.device.code())
    assert second.finish().code == 0
    first.close()
    assert first.signalstatus == signal.SIGKILL
    assert [call.operation for call in person.aws.requests()] == [
        'GetSessionToken',
        'GetCallerIdentity',
    ]
