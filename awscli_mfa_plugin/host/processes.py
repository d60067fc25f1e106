# SPDX-License-Identifier: Apache-2.0
"""What one process may know of another that asks for a code."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass

from awscli_mfa_plugin.host.terminal import Terminal

# The words of a command before its first option. No value of an option,
# and no more than name a command: the rest may be somebody's secret.
_WORD = re.compile(r'[a-z][a-z0-9-]*')
_MAX_WORDS = 2


@dataclass(frozen=True)
class Process:
    """A process that asks for a code, as others are told of it.

    :ivar command: Such as ``aws s3 ls``.
    :ivar terminal: The key of the terminal that it asks on.
    :ivar terminal_name: Such as ``pts/3``, if it has one.
    """

    command: str
    process_id: int
    terminal: str
    terminal_name: str = ''

    def __str__(self) -> str:
        place = f', terminal {self.terminal_name}' * bool(self.terminal_name)
        return f'{self.command} (process {self.process_id}{place})'

    def place(self) -> str:
        """Return where it asks, in short: ``at pts/3``."""
        if self.terminal_name:
            return f'at {self.terminal_name}'
        return f'(process {self.process_id})'

    def is_stopped(self) -> bool:
        """Tell whether it was stopped (Ctrl-Z), where the system tells."""
        try:
            with open(f'/proc/{self.process_id}/stat', 'rb') as file:
                # The state stands behind the name, which may have any
                # character in it: proc_pid_stat(5).
                return file.read().rpartition(b') ')[2][:1] in (b'T', b't')
        except OSError:
            return False


def this_process() -> Process:
    """Return what others may know of this process."""
    terminal = Terminal()
    return Process(
        command=_command_words(sys.argv),
        process_id=os.getpid(),
        terminal=terminal.key(),
        terminal_name=terminal.name(),
    )


def _command_words(arguments: list[str]) -> str:
    words = [os.path.basename(arguments[0]) if arguments else '']
    if not re.fullmatch(r'[\w.-]+', words[0]):
        words = ['another program']
    if words[0] in ('aws', 'awscli-mfa'):
        for word in arguments[1 : 1 + _MAX_WORDS]:
            if not _WORD.fullmatch(word):
                break
            words.append(word)
    return ' '.join(words)
