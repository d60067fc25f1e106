# SPDX-License-Identifier: Apache-2.0
"""Errors of ours in threads that Python did not start."""

from __future__ import annotations

import subprocess
import sys

# An object whose finalizer raises is the nearest thing to such a thread:
# its error, too, reaches nobody but the hook.
PROGRAM = """
import threading
from awscli_mfa_plugin import exceptions, native_threads

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
try:
    thread.start()
    thread.join()
except KeyboardInterrupt:
    print('interrupted')
else:
    print('not interrupted')
thread.join()
"""


def run(error: str) -> tuple[str, str]:
    """Run the program with an error; return its output and its errors."""
    completed = subprocess.run(
        [sys.executable, '-c', PROGRAM.replace('{error}', error)],
        check=True,
        capture_output=True,
        text=True,
    )
    return completed.stdout.strip(), completed.stderr.strip()


def test_an_error_of_ours_ends_the_command_with_one_sentence() -> None:
    """However many threads fail, it is said once and without a traceback."""
    stdout, stderr = run(
        "exceptions.NoMFASessionError(profile='work', lasting='')"
    )
    assert stdout == 'interrupted'
    assert stderr == (
        'Profile work has no valid MFA session. Start one with: aws mfa '
        'login --profile work'
    )


def test_a_person_s_own_end_is_not_commented() -> None:
    """Ctrl-C at the prompt has ended the command already."""
    assert run('exceptions.NoTokenCodeError()') == ('not interrupted', '')


def test_what_is_not_ours_is_python_s() -> None:
    """Other errors are shown as ever, and end nothing."""
    stdout, stderr = run("ValueError('not ours')")
    assert stdout == 'not interrupted'
    assert stderr.count('ValueError: not ours') == 3
