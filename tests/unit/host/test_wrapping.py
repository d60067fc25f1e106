# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.wrapping, on a pseudo-terminal."""

from __future__ import annotations

import io
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.platform == 'win32':
    pytest.skip('Windows has no pseudo-terminal', allow_module_level=True)

import fcntl
import termios

from awscli_mfa_plugin.host.wrapping import say_on_stderr, wrapped

ARN = 'arn:aws:iam::123456789012:role/a-role-with-a-name-that-is-quite-long'


@pytest.fixture
def handle() -> Iterator[int]:
    """Give a terminal that is 40 columns wide."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('4H', 24, 40, 0, 0))
    yield theirs
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        (
            'Waiting for five minutes at most for a well-known session.\n',
            'Waiting for five minutes at most for a\nwell-known session.\n',
        ),
        # A question keeps the space behind it, a text its empty lines.
        (
            '\nNo answer was given. Is this what is wanted? [Y/n] ',
            '\nNo answer was given. Is this what is\nwanted? [Y/n] ',
        ),
        # A command to paste is one line, as wide as it may be.
        (
            'It has ended. Renew it with: aws mfa login --profile work',
            'It has ended. Renew it with:\naws mfa login --profile work',
        ),
        (
            'Run: aws mfa login --force --profile a-long-name. It works.',
            'Run:\naws mfa login --force --profile a-long-name.\nIt works.',
        ),
        (
            f'Log in: aws mfa login --role-arn {ARN} (without it, the user)',
            f'Log in:\naws mfa login --role-arn {ARN}\n(without it, the user)',
        ),
        (f'The session of {ARN} ends.', f'The session of\n{ARN}\nends.'),
        # Layout is left alone.
        (f'  credential_process = {ARN}', f'  credential_process = {ARN}'),
        ('\033[7m' + 'x ' * 30, '\033[7m' + 'x ' * 30),
        ('It fits.\nThis too.', 'It fits.\nThis too.'),
    ],
)
def test_lines_are_broken_between_words(
    handle: int, text: str, shown: str
) -> None:
    """No word, name or command is broken, whatever its length."""
    assert wrapped(text, handle) == shown


def test_a_pipe_gets_one_line(tmp_path: Path) -> None:
    """What is no terminal, or has no width, breaks nothing."""
    text = 'word ' * 100
    with open(tmp_path / 'file', 'w') as file:
        assert wrapped(text, file) == text
    assert wrapped(text, io.StringIO()) == text
    ours, theirs = os.openpty()
    try:
        # A terminal that does not know its size says that it has none.
        assert wrapped(text, theirs) == text
    finally:
        os.close(ours)
        os.close(theirs)


def test_saying_on_standard_error(
    capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program without a console says nothing."""
    say_on_stderr('one')
    assert capsys.readouterr() == ('', 'one\n')
    monkeypatch.setattr('sys.stderr', None)
    say_on_stderr('nobody hears it')
