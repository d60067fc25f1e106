# SPDX-License-Identifier: Apache-2.0
"""Token codes that a program of the person's gives: ``mfa_process``."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from botocore.compat import compat_shell_split

from awscli_mfa_plugin.cache.used_codes import note_used, was_used
from awscli_mfa_plugin.credentials.token_code import (
    PromptedTokenCode,
    normalize_token_code,
)
from awscli_mfa_plugin.exceptions import as_argument
from awscli_mfa_plugin.exceptions.token_codes import (
    InvalidTokenCodeError,
    MFAProcessError,
)
from awscli_mfa_plugin.host.child_environment import child_environment
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.profiles.settings import MFAProfile

_T = TypeVar('_T')

# A TOTP device shows a code for so long: RFC 6238.
_STEP_SECONDS = 30

# Only a shell gives these a meaning, in words that are not quoted for one: a
# pipe, a variable, a home folder and the like.
_FOR_A_SHELL = re.compile(r'^~|\$[\w({]|^[|&;<>]|[|&;<>]$|`')


def code_source_of(
    profile: MFAProfile, terminal: Terminal | None = None
) -> PromptedTokenCode | ProcessTokenCode:
    """Return where a profile's codes come from.

    The program gives the codes of the device that the profile names.
    """
    prompt = PromptedTokenCode(terminal)
    configured = profile.configured_serial_number
    if profile.mfa_process is None or (
        configured not in (None, profile.serial_number)
    ):
        return prompt
    return ProcessTokenCode(profile, profile.mfa_process, prompt)


class ProcessTokenCode:
    """A program that prints a code; if it fails, a person at the terminal.

    The program is run once for each session: one that gave a wrong code
    would give another, and AWS locks a device after about ten.

    :param command: The profile's ``mfa_process``.
    :param prompt: Where a code comes from when the program gave none.
    """

    def __init__(
        self, profile: MFAProfile, command: str, prompt: PromptedTokenCode
    ) -> None:
        self._profile = profile
        self._command = command
        self._prompt = prompt
        self._terminal = prompt.terminal
        self._is_spent = False

    def check_available(self) -> None:
        pass

    def tell(self, text: str) -> None:
        self._prompt.tell(text)

    def turn_for_session(
        self, lock_path: str, is_made: Callable[[], bool]
    ) -> AbstractContextManager[object]:
        return self._prompt.turn_for_session(lock_path, is_made)

    def turn_at_terminal(self) -> AbstractContextManager[object]:
        self._is_spent = False
        # A program may ask there as well.
        if self._terminal.is_available():
            return self._prompt.turn_at_terminal()
        return contextlib.nullcontext()

    def token_code(self, serial_number: str) -> str:
        """Return a code that has not been sent yet.

        :raises MFAProcessError: The program gave none, and there is no
            terminal to ask on.
        """
        return self._first_of(
            lambda: self._unused_code(serial_number),
            lambda: self._prompt.token_code(serial_number),
        )

    def consecutive_codes(self, serial_number: str) -> tuple[str, str]:
        """Return two codes in a row; the second is waited for.

        :raises MFAProcessError: As ``token_code``.
        """

        def run() -> tuple[str, str]:
            code = self._unused_code(serial_number)
            note_used(serial_number, code)
            return code, self._unused_code(serial_number)

        return self._first_of(
            run, lambda: self._prompt.consecutive_codes(serial_number)
        )

    def _first_of(self, run: Callable[[], _T], ask: Callable[[], _T]) -> _T:
        if not self._is_spent:
            self._is_spent = True
            try:
                return run()
            except MFAProcessError as error:
                if not self._terminal.is_available():
                    raise
                self._terminal.tell(str(error))
        return ask()

    def ask_again_after(self, refusal: str) -> bool:
        if not self._terminal.is_available():
            return False
        return self._prompt.ask_again_after(refusal)

    def _unused_code(self, serial_number: str) -> str:
        code = self._run()
        if was_used(serial_number, code):
            self._wait_for_next()
            code = self._run()
        if was_used(serial_number, code):
            raise self._error('its code has been used already')
        return code

    def _wait_for_next(self) -> None:
        # A moment more: the program's clock may be another one.
        left = _STEP_SECONDS - time.time() % _STEP_SECONDS + 1
        with self._terminal.telling(
            'The code has been used already. Waiting for the next one: '
            f'{left:.0f} seconds.'
        ):
            time.sleep(left)

    def _run(self) -> str:
        """Run the program and return its code.

        :raises MFAProcessError: It gave none.
        """
        try:
            words = compat_shell_split(self._command)
        except ValueError as error:
            raise self._error(f'it cannot be read ({error})') from None
        # Behind -c stands a text for a shell.
        if '-c' not in words and any(map(_FOR_A_SHELL.search, words)):
            raise self._error(
                'it is run without a shell and looks as if it wants one. '
                f'Write: mfa_process = sh -c {as_argument(self._command)}'
            )
        try:
            output = self._output_of(words)
            return normalize_token_code(output.decode())
        except (InvalidTokenCodeError, UnicodeDecodeError):
            # The output may be a secret, so no message quotes it.
            raise self._error('it printed no code of six digits') from None

    def _output_of(self, words: list[str]) -> bytes:
        seconds = self._profile.mfa_process_timeout
        with self._terminal.for_program(
            f'Waiting for mfa_process ({seconds} seconds at most)'
        ) as (stdin, stderr):
            try:
                process = subprocess.Popen(
                    words,
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    env=child_environment(),
                )
            except (OSError, ValueError, IndexError) as error:
                reason = getattr(error, 'strerror', None) or error
                raise self._error(f'it does not start ({reason})') from None
            try:
                output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                raise self._error(
                    f'it took longer than {seconds} seconds '
                    '(mfa_process_timeout)'
                ) from None
            finally:
                # Not waited for with its output, which a child of its own
                # may keep open.
                process.kill()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()
        if process.returncode:
            raise self._error(f'it ended with {process.returncode}')
        return output

    def _error(self, reason: str) -> MFAProcessError:
        return MFAProcessError(profile=self._profile.name, reason=reason)
