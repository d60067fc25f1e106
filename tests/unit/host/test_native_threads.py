# SPDX-License-Identifier: Apache-2.0
"""Errors of ours in threads that Python did not start."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

# An object whose finalizer raises is the nearest thing to such a thread:
# its error, too, reaches nobody but the hook.
PROGRAM = """
import sys
import threading
from awscli_mfa_plugin.exceptions import token_codes
from awscli_mfa_plugin.host import native_threads

native_threads.end_command_on_errors()
native_threads.end_command_on_errors()

class Raises:
    def __init__(self, error):
        self.error = error

    def __del__(self):
        raise self.error

def fail():
    for _ in range(3):
        Raises({error})

thread = threading.Thread(target=fail)
print('before')
try:
    thread.start()
    thread.join()
except KeyboardInterrupt:
    thread.join()
    print('out: interrupted')
    print('err: interrupted', file=sys.stderr)
    sys.exit(INTERRUPTED)
"""

INTERRUPTED = 7

# A sentence of ours, and a session's error that has it.
NO_SESSION = "token_codes.NoMFASessionError(profile='work', lasting='')"
SENTENCE = (
    'Profile work has no valid MFA session. Start one with: aws mfa login '
    '--profile work'
)


class Ended(NamedTuple):
    """How the program ended."""

    code: int
    stdout: str
    stderr: str


def run(error: str, *, before: str = '') -> Ended:
    """Run the program with an error, and lines of code before it."""
    program = before + PROGRAM.replace('{error}', error).replace(
        'INTERRUPTED', str(INTERRUPTED)
    )
    completed = subprocess.run(
        [sys.executable, '-c', program],
        check=False,
        capture_output=True,
        text=True,
    )
    return Ended(
        completed.returncode,
        completed.stdout.strip(),
        completed.stderr.strip(),
    )


def test_an_error_of_ours_ends_the_command_with_one_sentence() -> None:
    """However many threads fail, nothing is said but that, and once."""
    assert run(NO_SESSION) == Ended(INTERRUPTED, 'before', SENTENCE)


def test_a_closed_terminal_is_such_an_error() -> None:
    """Ctrl-D at the prompt ends the command, not the file at hand."""
    assert run('token_codes.NoTokenCodeError()') == Ended(
        INTERRUPTED, 'before', 'No token code was given.'
    )


def test_a_person_s_own_end_is_not_commented() -> None:
    """Ctrl-C at the prompt has ended the command already."""
    assert run('token_codes.PromptInterruptedError()') == Ended(
        0, 'before', ''
    )


def test_debugging_shows_what_else_is_said() -> None:
    """What the CLI does after the error is of interest then."""
    ended = run(
        NO_SESSION,
        before='import logging\n'
        "logging.getLogger('awscli_mfa_plugin').setLevel('DEBUG')\n",
    )
    assert ended == Ended(
        INTERRUPTED,
        'before\nout: interrupted',
        f'{SENTENCE}\nerr: interrupted',
    )


def test_without_streams() -> None:
    """A command that was started without output ends all the same."""
    ended = run(
        NO_SESSION,
        before='import sys\nsys.stdout.close()\n'
        'print = lambda *args, **kwargs: None\n',
    )
    assert ended == Ended(INTERRUPTED, '', SENTENCE)


def test_what_is_not_ours_is_python_s() -> None:
    """Other errors are shown as ever, and end nothing."""
    ended = run("ValueError('not ours')")
    assert (ended.code, ended.stdout) == (0, 'before')
    assert ended.stderr.count('ValueError: not ours') == 3
