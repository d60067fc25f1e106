# SPDX-License-Identifier: Apache-2.0
"""The only module that talks to a person's terminal.

Its rules:

- Questions and what belongs to them go to the terminal itself, never to
  standard output or standard error, which a script may be reading.
- An answer is never visible, and is never read from standard input.
- Without a terminal nothing waits: :class:`NoTerminalError` at once.
"""

from __future__ import annotations

import os

from awscli_mfa_plugin.exceptions import NoTerminalError, NoTokenCodeError

# The names of "the terminal of this process", whatever standard input and
# output are: https://www.man7.org/linux/man-pages/man4/tty.4.html and
# https://learn.microsoft.com/windows/console/console-handles
_POSIX_TERMINAL = '/dev/tty'
_WINDOWS_INPUT = 'CONIN$'
_WINDOWS_OUTPUT = 'CONOUT$'


class Terminal:
    """The terminal of this process, if it has one."""

    def is_available(self) -> bool:
        """Tell whether there is somebody to ask."""
        name = _WINDOWS_INPUT if os.name == 'nt' else _POSIX_TERMINAL
        flags = os.O_RDWR | getattr(os, 'O_NOCTTY', 0)
        try:
            os.close(os.open(name, flags))
        except OSError:
            return False
        return True

    def ask_hidden(self, prompt: str) -> str:
        """Show ``prompt`` and return the line typed, which stays unseen.

        :raises NoTerminalError: There is no terminal.
        :raises NoTokenCodeError: The terminal was closed (Ctrl-D).
        """
        # getpass would fall back to standard input, visibly.
        if not self.is_available():
            raise NoTerminalError()
        import getpass

        try:
            if os.name == 'nt':
                return _ask_hidden_on_windows(prompt)
            return getpass.getpass(prompt)
        except EOFError:
            self.tell('')
            raise NoTokenCodeError() from None

    def tell(self, text: str) -> None:
        """Show a line on the terminal; without one, do nothing."""
        name = _WINDOWS_OUTPUT if os.name == 'nt' else _POSIX_TERMINAL
        try:
            with open(name, 'w', encoding='utf-8', errors='replace') as tty:
                tty.write(text + '\n')
        except OSError:
            pass


def _ask_hidden_on_windows(prompt: str) -> str:
    """Read a line from the console, whatever standard input is.

    ``getpass.getpass`` reads from the console only while ``sys.stdin`` is
    the interpreter's own, and a frozen CLI may have replaced it;
    ``getpass.win_getpass`` with the same check is what it would call. The
    few lines below do the same with ``msvcrt`` and no fallback.
    """
    import msvcrt

    getwch = msvcrt.getwch  # type: ignore[attr-defined]
    putwch = msvcrt.putwch  # type: ignore[attr-defined]
    for character in prompt:
        putwch(character)
    typed = ''
    while True:
        character = getwch()
        if character in '\r\n':
            break
        if character == '\003':
            raise KeyboardInterrupt
        if character in '\004\032':
            raise EOFError
        typed = typed[:-1] if character == '\b' else typed + character
    putwch('\r')
    putwch('\n')
    return typed
