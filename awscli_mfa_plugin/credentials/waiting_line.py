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
        self._is_shown = False

    def show(
        self, text: str, show: Callable[[str], object] | None = None
    ) -> None:
        """Show the line, if nothing has been shown yet.

        :param show: How; by default as a line that goes away.
        """
        if self._is_shown:
            return
        self._is_shown = True
        # The first that waits holds this lock, and the others say nothing.
        if self.enter_context(locked(self._path(self._what), 0)):
            (show or self.terminal.show_line)(text)
        self.callback(self._clear)

    def _clear(self) -> None:
        # What another command asks would be taken away in its place.
        asks = holder_of(self._path())
        if asks is None or asks.process_id == os.getpid():
            self.terminal.clear_line()

    def _path(self, what: str = '') -> str:
        key = f'{self.terminal.key()} {what}'.rstrip()
        return terminal_lock_path(cache_directory(), key)
