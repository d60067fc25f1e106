# SPDX-License-Identifier: Apache-2.0
"""What a token code is, and where one comes from.

A *token code source* is any object with the two methods of
:class:`TokenCodeSource`. A person at a terminal can be asked again after
a refusal; a code that came with the command cannot.
"""

from __future__ import annotations

import unicodedata
from typing import Protocol, TextIO

from awscli_mfa_plugin.exceptions import (
    InvalidTokenCodeError,
    NoTokenCodeError,
)
from awscli_mfa_plugin.host.terminal import Terminal

# The length that GetSessionToken and AssumeRole demand of TokenCode:
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
DIGITS = 6

# What Windows PowerShell puts before text that it pipes.
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


class TokenCodeSource(Protocol):
    """Where token codes come from."""

    # How long a login waits for another process that is at it.
    patience_seconds: float

    def check_available(self) -> None:
        """Check that a code can be had without waiting for nobody.

        :raises NoTerminalError: There is nobody to ask.
        """

    def waits_for_another(self) -> bool:
        """Tell whether to wait on, after that, for another's prompt."""

    def token_code(self, serial_number: str) -> str:
        """Return a code of the device, six digits.

        :raises UsageError: What was given is not a code.
        :raises NoTerminalError: There is nobody to ask.
        """

    def ask_again_after(self, refusal: str) -> bool:
        """Tell of a refusal; return whether another code can be had."""


class _FreshCode:
    """A code that is there, and goes stale while anybody waits."""

    # Enough for another process's call, too short for its prompt.
    patience_seconds: float = 10

    def check_available(self) -> None:
        pass

    def waits_for_another(self) -> bool:
        return False

    def ask_again_after(self, refusal: str) -> bool:
        return False


class GivenTokenCode(_FreshCode):
    """The one code that the command line holds."""

    def __init__(self, text: str) -> None:
        # Checked before anything else is done with it.
        self._code = normalize_token_code(text)

    def token_code(self, serial_number: str) -> str:
        return self._code


class StandardInputTokenCode(_FreshCode):
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

    patience_seconds: float = 1

    def __init__(self, terminal: Terminal | None = None) -> None:
        self._terminal = terminal or Terminal()

    def waits_for_another(self) -> bool:
        self._terminal.tell(
            'Another command is asking for a code of this MFA device. Answer '
            'it there, or end it with Ctrl-C; this one is waiting for it.'
        )
        return True

    def check_available(self) -> None:
        self._terminal.check_available()

    def token_code(self, serial_number: str) -> str:
        prompt = self.PROMPT.format(serial_number=serial_number)
        while True:
            typed = self._terminal.ask_hidden(prompt)
            try:
                return normalize_token_code(typed)
            except InvalidTokenCodeError as error:
                self._terminal.tell(str(error))

    def ask_again_after(self, refusal: str) -> bool:
        self._terminal.tell(refusal)
        return True
