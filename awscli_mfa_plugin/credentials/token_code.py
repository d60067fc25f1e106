# SPDX-License-Identifier: Apache-2.0
"""What a token code is, and where one comes from.

A *token code source* is any object with the methods of
:class:`TokenCodeSource`. A person at a terminal can be asked again after
a refusal; a code that came with the command cannot.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TextIO

from awscli_mfa_plugin.exceptions.token_codes import (
    InvalidTokenCodeError,
    NoTerminalError,
    NoTokenCodeError,
)
from awscli_mfa_plugin.host.terminal import Terminal

# The length that GetSessionToken and AssumeRole demand of TokenCode:
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
DIGITS = 6

# Windows PowerShell puts this before text that it pipes.
_BYTE_ORDER_MARK = '\ufeff'


def normalize_token_code(text: str) -> str:
    """Return the six ASCII digits of a code as people have it.

    Authenticators show ``123 456``, notes have ``123-456``, and Japanese
    and other input methods give full-width digits.

    :raises InvalidTokenCodeError: It is not six digits.
    """
    digits = []
    for character in text:
        value = unicodedata.decimal(character, None)
        if value is not None:
            digits.append(str(value))
        elif not (
            character.isspace()
            or character == _BYTE_ORDER_MARK
            or unicodedata.category(character) == 'Pd'
        ):
            raise InvalidTokenCodeError()
    if len(digits) != DIGITS:
        raise InvalidTokenCodeError()
    return ''.join(digits)


def ask_token_code(terminal: Terminal, prompt: str) -> str:
    """Ask a person for a code until what is typed is one.

    :raises NoTerminalError: There is no terminal.
    :raises NoTokenCodeError: The terminal was closed (Ctrl-D).
    """
    while True:
        try:
            return normalize_token_code(terminal.ask_hidden(prompt))
        except InvalidTokenCodeError as error:
            terminal.tell(str(error))


class TokenCodeSource(Protocol):
    """Where token codes come from."""

    def check_available(self) -> None:
        """Check that a code can be had without waiting for nobody.

        :raises NoTerminalError: There is nobody to ask.
        """

    def turn_for_session(
        self, lock_path: str, is_made: Callable[[], bool]
    ) -> AbstractContextManager[object]:
        """Wait until nobody else makes a session, or as long as it helps.

        :param lock_path: The session's lock file.
        :param is_made: Tells whether the session is there already.
        :raises StoppedProcessError: Who makes it does not go on.
        """

    def turn_at_terminal(self) -> AbstractContextManager[object]:
        """Wait until nobody else asks for a code at the same terminal.

        :raises StoppedProcessError: Who asks there does not go on.
        """

    def tell(self, text: str) -> None:
        """Show a line to the person who is asked."""

    def token_code(self, serial_number: str) -> str:
        """Return a code of the device, six digits.

        :raises UsageError: What was given is not a code.
        :raises NoTerminalError: There is nobody to ask.
        """

    def ask_again_after(self, refusal: str) -> bool:
        """Tell of a refusal; return whether another code can be had."""


class FreshCode:
    """A code that is there, and goes stale while anybody waits."""

    def check_available(self) -> None:
        pass

    def turn_for_session(
        self, lock_path: str, is_made: Callable[[], bool]
    ) -> AbstractContextManager[object]:
        # Imported here: a command that has a session waits for no turn.
        from awscli_mfa_plugin.credentials.turns import turn_with_code

        return turn_with_code(lock_path, is_made)

    def turn_at_terminal(self) -> AbstractContextManager[object]:
        return contextlib.nullcontext()

    def tell(self, text: str) -> None:
        pass

    def ask_again_after(self, refusal: str) -> bool:
        return False


class NoTokenCode(FreshCode):
    """Nobody, who is asked for nothing."""

    def check_available(self) -> None:
        raise NoTerminalError()

    def token_code(self, serial_number: str) -> str:
        raise NoTerminalError()


class GivenTokenCode(FreshCode):
    """The one code that the command line holds."""

    def __init__(self, text: str) -> None:
        # Checked before anything else is done with it.
        self._code = normalize_token_code(text)

    def token_code(self, serial_number: str) -> str:
        return self._code


class StandardInputTokenCode(FreshCode):
    """A code on the first line of standard input."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def token_code(self, serial_number: str) -> str:
        line = self._stream.readline()
        if not line:
            raise NoTokenCodeError()
        return normalize_token_code(line)


class PromptedTokenCode:
    """A person at the terminal, who is asked, and asked again."""

    # The words the AWS CLI asks with for roles (botocore's
    # AssumeRoleCredentialFetcher), so that scripts of expect(1) go on.
    PROMPT = 'Enter MFA code for {serial_number}: '

    def __init__(self, terminal: Terminal | None = None) -> None:
        self.terminal = terminal or Terminal()

    def check_available(self) -> None:
        self.terminal.check_available()

    def turn_for_session(
        self, lock_path: str, is_made: Callable[[], bool]
    ) -> AbstractContextManager[object]:
        from awscli_mfa_plugin.credentials.turns import turn_to_ask

        return turn_to_ask(self.terminal, lock_path, is_made)

    def turn_at_terminal(self) -> AbstractContextManager[object]:
        from awscli_mfa_plugin.credentials.turns import turn_at_terminal

        return turn_at_terminal(self.terminal)

    def tell(self, text: str) -> None:
        self.terminal.tell(text)

    def token_code(self, serial_number: str) -> str:
        return ask_token_code(
            self.terminal, self.PROMPT.format(serial_number=serial_number)
        )

    def consecutive_codes(self, serial_number: str) -> tuple[str, str]:
        """Return two codes of the device in a row."""
        return (
            self.token_code(serial_number),
            ask_token_code(self.terminal, 'Enter the code that follows it: '),
        )

    def ask_again_after(self, refusal: str) -> bool:
        self.terminal.tell(refusal)
        return True
