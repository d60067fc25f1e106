# SPDX-License-Identifier: Apache-2.0
"""Sentences at a terminal: broken between words, at its width.

A terminal by itself breaks a line in the middle of a word. What goes into
a pipe or a file stays as it is: a program reads it line by line.
"""

from __future__ import annotations

import os
import sys
from typing import Any

# A command to paste is kept in one piece: a line break in it would run the
# half of it. It follows a colon and ends with the sentence.
_COMMAND = (
    r'(?<=: )(?:aws|awscli-mfa|kill|stty|unset) .+?'
    r'(?=$|\.$|\. |, | \(| and: )'
)
# Begins a color: the line is part of a picture.
_ESCAPE = '\033'
# Stands for a space in a command; no message has it.
_KEPT_SPACE = '\0'


def wrapped(text: str, stream: Any) -> str:
    """Return a text as it is to be shown on a stream.

    :param stream: A text stream or a file descriptor. If it is a terminal,
        lines are broken at its width; indented and colored ones are a
        layout of their own and stay.
    """
    columns = columns_of(stream)
    if not columns:
        return text
    return '\n'.join(_wrapped_line(line, columns) for line in text.split('\n'))


def say_on_stderr(text: str) -> None:
    """Write a text and a line end to standard error, if there is one."""
    # A program without a console has none.
    if sys.stderr is not None:
        sys.stderr.write(wrapped(f'{text}\n', sys.stderr))
        sys.stderr.flush()


def is_terminal(stream: Any) -> bool:
    """Tell whether a stream is a terminal; a closed one is ``None``."""
    return stream is not None and bool(stream.isatty())


def columns_of(stream: Any) -> int:
    """Return a terminal's width; 0 for what is none, or does not tell."""
    try:
        handle = stream if isinstance(stream, int) else stream.fileno()
        return os.get_terminal_size(handle).columns
    except (OSError, ValueError, AttributeError):
        return 0


def _wrapped_line(line: str, columns: int) -> str:
    words = line.rstrip()
    if len(words) <= columns or line[:1].isspace() or _ESCAPE in line:
        return line
    # Imported here: most commands have nothing to say.
    import re
    import textwrap

    kept = re.sub(
        _COMMAND,
        lambda command: command[0].replace(' ', _KEPT_SPACE),
        words,
    )
    broken = textwrap.fill(
        kept, columns, break_long_words=False, break_on_hyphens=False
    )
    # The space at the end of a question stays.
    return broken.replace(_KEPT_SPACE, ' ') + line[len(words) :]
