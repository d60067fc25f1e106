# SPDX-License-Identifier: Apache-2.0
"""A line that says what is waited for."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from awscli_mfa_plugin.cache.layout import cache_directory, terminal_lock_path
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.cache.turns import holder_of
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.host.wrapping import say_on_stderr


class WaitingLine(contextlib.ExitStack):
    """A line on the terminal, once for all commands that wait there.

    Whichever of them goes on first takes it away, so that what that one
    prints has a line of its own.

    :ivar terminal: The terminal of this command.
    """

    def __init__(self, terminal: Terminal, what: str) -> None:
        """Show nothing yet.

        :param what: What is waited for, to tell it from others.
        """
        super().__init__()
        self.terminal = terminal
        self._what = what
        self._is_told = False

    def show(self, text: str) -> None:
        """Show the line, if nothing has been told yet."""
        if not self._is_told:
            self._tell(text, self.terminal.show_line)
            self.callback(self._clear)

    def say(self, text: str) -> None:
        """Say it on standard error instead, where it stays."""
        if not self._is_told:
            self._tell(text, say_on_stderr)

    def _tell(self, text: str, tell: Callable[[str], object]) -> None:
        self._is_told = True
        is_first = True

        def leave_it() -> bool:
            nonlocal is_first
            is_first = False
            return False

        # The first that waits holds this lock, and the others say nothing.
        # Each of them says it where nothing can be locked.
        self.enter_context(locked(self._path(self._what), 0, leave_it))
        if is_first:
            tell(text)

    def _clear(self) -> None:
        # Another command may ask on that line by now, and its question stays.
        asks = holder_of(self._path())
        if asks is None or asks.process_id == os.getpid():
            self.terminal.clear_line()

    def _path(self, what: str = '') -> str:
        key = f'{self.terminal.key()} {what}'.rstrip()
        return terminal_lock_path(cache_directory(), key)
