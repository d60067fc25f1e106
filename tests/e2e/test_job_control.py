# SPDX-License-Identifier: Apache-2.0
"""A prompt that is stopped by Ctrl-Z, in a shell that has jobs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.e2e.person import PROMPT, Person, Terminal

_FOUR_JOBS = (
    'for number in 1 2 3 4; do "$AWS_PROGRAM" sts get-caller-identity '
)

_SHELL = '$ '

pytestmark = pytest.mark.skipif(
    shutil.which('bash') is None, reason='bash is the shell with jobs'
)


@pytest.fixture
def shell(person: Person) -> Iterator[Terminal]:
    """Give a bash at a terminal."""
    program = ['bash', '--norc', '--noprofile', '--noediting', '-i']
    shell = person.at_terminal(
        program=program,
        PS1=_SHELL,
        AWS_PROFILE=person.profile,
        AWS_PROGRAM=person.host.aws,
        # Nothing of a test is left in the person's home.
        HISTFILE=os.devnull,
    )
    shell.delaybeforesend = None
    shell.expect_exact(_SHELL)
    yield shell
    shell.close(force=True)


@pytest.mark.parametrize(
    'behind', [False, True], ids=['foreground', 'background first']
)
def test_a_code_is_unseen_after_a_stop(
    person: Person, shell: Terminal, behind: bool
) -> None:
    """The prompt comes again, and what is typed there shows nowhere."""
    shell.sendline('"$AWS_PROGRAM" mfa login; echo "code $?"')
    shell.expect_exact(PROMPT)
    shell.send('31415')
    shell.sendcontrol('z')
    shell.expect_exact('Stopped')
    shell.expect_exact(_SHELL)
    if behind:
        # It goes on, and is stopped again when it reads.
        shell.sendline('bg; wait -n; echo "waited"')
        shell.expect_exact('waited\r\n')
        shell.expect_exact(_SHELL)
    shell.sendline('fg; echo "ended with $?"')
    code = person.user.device.code()
    shell.answer(code)
    shell.expect_exact('has an MFA session until')
    shell.expect_exact('ended with 0\r\n')
    shell.sendline('exit')
    shell.finish()
    assert code not in shell.shown
    assert '31415' not in shell.shown
    assert len(person.sessions()) == 1


def test_the_shell_echoes_after_a_quit(
    person: Person, shell: Terminal
) -> None:
    r"""Ctrl-\ ends the prompt, and leaves the terminal's echo on."""
    shell.sendline(
        'ulimit -c 0; (trap : INT; "$AWS_PROGRAM" mfa login); '
        'stty -a | grep -ow -- "-*echo"; echo "looked"'
    )
    shell.expect_exact(PROMPT)
    shell.sendcontrol('\\')
    shell.expect_exact('looked\r\n')
    assert str(shell.before).split()[-1] == 'echo'
    shell.sendline('exit')
    shell.finish()
    assert person.aws.requests() == []


def test_jobs_say_once_why_they_fail(person: Person, shell: Terminal) -> None:
    """The shell would stop a job that asked; the remedy is to wait."""
    shell.sendline(_FOUR_JOBS + '& done; wait; echo "all failed"')
    shell.expect_exact('all failed\r\n')
    shell.sendline('exit')
    shell.finish()
    assert shell.shown.count('s3-cli-user has no valid MFA session') == 4
    assert shell.shown.count('a background job may not ask for a code') == 1
    assert 'waits for that with: aws mfa login --wait --p' in shell.shown
    assert PROMPT not in shell.shown
    assert person.aws.requests() == []


def test_jobs_wait_for_a_login_in_the_foreground(
    person: Person, shell: Terminal
) -> None:
    """With ``mfa_wait`` they go on, and one says for all what is missing."""
    person.ok(
        *('configure', 'set', 'mfa_wait', '60'),
        *('--profile', person.profile),
    )
    shell.sendline(_FOUR_JOBS + '>/dev/null && echo "done $number" & done')
    shell.expect(
        r'Waiting up to 1 minute for: aws mfa login --profile s3-cli-user '
        r'\(in\s+the\s+foreground\)\r\n'
    )
    shell.sendline('"$AWS_PROGRAM" mfa login; wait; echo "all over"')
    shell.answer(person.user.device.code())
    shell.expect_exact('all over\r\n')
    shell.sendline('exit')
    shell.finish()
    assert shell.shown.count('Waiting up to') == 1
    assert all(f'done {number}\r\n' in shell.shown for number in range(1, 5))
    assert 'no valid MFA session' not in shell.shown
