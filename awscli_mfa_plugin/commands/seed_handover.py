# SPDX-License-Identifier: Apache-2.0
"""How the seed of a new MFA device gets to what makes codes from it."""

from __future__ import annotations

import shutil
import subprocess

from botocore.compat import compat_shell_split

from awscli_mfa_plugin.commands import qr_code
from awscli_mfa_plugin.credentials.iam import IAMUser
from awscli_mfa_plugin.credentials.totp import Seed
from awscli_mfa_plugin.credentials.turns import agrees
from awscli_mfa_plugin.exceptions import UsageError
from awscli_mfa_plugin.exceptions.commands import SeedProcessError
from awscli_mfa_plugin.host.child_environment import child_environment
from awscli_mfa_plugin.host.terminal import Terminal


class SeedHandover:
    """How the seed gets to what is to make codes from it.

    :param qr_file: The path of a new file for the QR code.
    :param command: A program that gets the seed.
    :raises UsageError: It cannot be done as it was asked for.
    :raises MFAConfigurationError: No QR code can be made.
    """

    def __init__(
        self,
        terminal: Terminal,
        qr_file: str | None = None,
        shows_secret: bool = False,
        command: str | None = None,
    ) -> None:
        self._qr_file = qr_file
        self._shows_secret = shows_secret
        self._command: list[str] = []
        self._terminal = terminal
        if command is not None:
            self._command = _split(command)
        if self._qr_file is not None:
            qr_code.check_qr_file(self._qr_file)
        self._shows_qr_code = not (
            self._qr_file or self._shows_secret or self._command
        )
        if self._qr_file is not None or self._shows_qr_code:
            qr_code.check_segno()

    def give(self, seed: Seed, user: IAMUser) -> None:
        """Show the seed, write it or give it to a program, as asked for.

        :raises MFAError: That failed, and the person gave up.
        """
        uri = seed.uri(user.name, user.account)
        if self._qr_file is not None:
            qr_code.write_file(self._qr_file, uri)
            self._terminal.tell(
                f'The QR code is in {self._qr_file}. Scan it with an '
                'authenticator app, then delete the file.'
            )
        if self._shows_secret:
            base32 = seed.base32
            blocks = [base32[at : at + 4] for at in range(0, len(base32), 4)]
            self._terminal.tell(f'Secret: {" ".join(blocks)}')
        if self._shows_qr_code:
            self._terminal.tell(qr_code.for_terminal(uri))
            self._terminal.tell('Scan this with an authenticator app.')
        if self._command:
            self._run(seed)

    def _run(self, seed: Seed) -> None:
        while True:
            try:
                completed = subprocess.run(
                    self._command,
                    check=False,
                    input=f'{seed.base32}\n'.encode(),
                    env=child_environment(),
                )
                reason = f'it ended with exit code {completed.returncode}'
                if completed.returncode == 0:
                    return
            except OSError as error:
                reason = str(error.strerror)
            failure = SeedProcessError(program=self._command[0], reason=reason)
            question = f'{failure} Run it again?'
            if not agrees(self._terminal, question, by_default=True):
                raise failure


def _split(command: str) -> list[str]:
    """Return the words of a command as the CLI splits credential_process.

    :raises UsageError: There is no such program.
    """
    try:
        words: list[str] = compat_shell_split(command)
    except ValueError as error:
        raise UsageError(
            msg=f'--seed-process cannot be read as a command: {error}.'
        ) from None
    path = child_environment().get('PATH')
    if not words or shutil.which(words[0], path=path) is None:
        raise UsageError(
            msg=(
                'The program of --seed-process was not found: '
                f'{words[0] if words else "none is named"}'
            )
        )
    return words
