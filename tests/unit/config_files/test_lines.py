# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.config_files.lines."""

from __future__ import annotations

import pytest

from awscli_mfa_plugin.config_files.lines import (
    remove_section,
    rename_section,
    set_in_section,
)


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        # A section that is not there comes last.
        ('', '[p]\na = 1\n'),
        ('[q]\na = 2\n', '[q]\na = 2\n[p]\na = 1\n'),
        ('[q]\na = 2', '[q]\na = 2\n[p]\na = 1\n'),
        ('[q]\r\na = 2', '[q]\r\na = 2\r\n[p]\r\na = 1\r\n'),
        ('# [p]\n', '# [p]\n[p]\na = 1\n'),
        # One that botocore takes for another.
        ('[ p ]\nx = 2\n', '[ p ]\nx = 2\n[p]\na = 1\n'),
        # A new setting comes after the last one of its section.
        ('[p]', '[p]\na = 1\n'),
        ('[p]\n', '[p]\na = 1\n'),
        ('[p] # mine\n\n[q]\n', '[p] # mine\na = 1\n\n[q]\n'),
        ('[p]\nx = 2', '[p]\nx = 2\na = 1\n'),
        ('[p]\r\nx=2\r\n\r\n[q]\r\n', '[p]\r\nx=2\r\na = 1\r\n\r\n[q]\r\n'),
        (
            '[p]\nx=2\n# b\n\n; c\n[q]\n',
            '[p]\nx=2\na = 1\n# b\n\n; c\n[q]\n',
        ),
        # One that is there is replaced where it is.
        ('[p]\na = 2\nx = 3\n', '[p]\na = 1\nx = 3\n'),
        ('[p]\na = 2\nx = 3', '[p]\na = 1\nx = 3'),
        ('[p]\na:2', '[p]\na = 1\n'),
        ('[p]\n#a = 2\na=2\n;a = 3\n', '[p]\n#a = 2\na = 1\n;a = 3\n'),
        ('[q]\na = 2\n[p]\na = 3\n', '[q]\na = 2\n[p]\na = 1\n'),
        # In any spelling: botocore does not tell them apart.
        ('[p]\nA = 2\n', '[p]\na = 1\n'),
        # A line keeps its own ending.
        ('[p]\na = 2\nx = 3\r\n', '[p]\na = 1\nx = 3\r\n'),
        # Values of several lines.
        ('[p]\na = 2\n  3\n\n  4\nx = 5\n', '[p]\na = 1\n\nx = 5\n'),
        (
            '[p]\ns3 =\n  a = b\n  c = d\n\n[q]\n',
            '[p]\ns3 =\n  a = b\n  c = d\na = 1\n\n[q]\n',
        ),
        # Everything indented.
        (
            '  [p]\n    x = 2\n    a = 2\n  [q]\n    a = 2\n',
            '  [p]\n    x = 2\n    a = 1\n  [q]\n    a = 2\n',
        ),
        (
            '  [p]\n\t\tx = 2\n [q]\n',
            '  [p]\n\t\tx = 2\n\t\ta = 1\n [q]\n',
        ),
        ('  [p]\n  [q]\n', '  [p]\n  a = 1\n  [q]\n'),
        # A value that looks like a section.
        ('[q]\nx =\n  [p]\n', '[q]\nx =\n  [p]\n[p]\na = 1\n'),
        # Only \n, \r and \r\n end a line.
        ('[p]\rx = 2\r[q]\r', '[p]\rx = 2\ra = 1\n[q]\r'),
        (
            '[p]\nx = 2\x85[q]\u2028\0a = 3',
            '[p]\nx = 2\x85[q]\u2028\0a = 3\na = 1\n',
        ),
        # A header ends where the parser sees its end.
        ('[p] [q\n', '[p] [q\na = 1\n'),
    ],
)
def test_only_the_line_changes(before: str, after: str) -> None:
    """Every other byte of the file stays as it was."""
    assert set_in_section(before, 'p', {'a': '1'}) == after
    assert set_in_section(after, 'p', {'a': '1'}) == after


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        ('[p]\na = 2\nx = 3\n', '[p]\nx = 3\n'),
        ('[p]\nA=2\n  3\nx = 3\n', '[p]\nx = 3\n'),
        ('[p]\nx = 3\n[q]\na = 2\n', '[p]\nx = 3\n[q]\na = 2\n'),
        ('[p]\na = 2', '[p]\n'),
    ],
)
def test_setting_is_taken_out(before: str, after: str) -> None:
    """``None`` takes a setting out, with all its lines."""
    assert set_in_section(before, 'p', {'a': None}) == after


@pytest.mark.parametrize(
    ('before', 'renamed', 'removed'),
    [
        ('[p]\na = 1\n', '[n]\na = 1\n', ''),
        (
            '# [p]\r\n[p] # mine\r\n; a\r\na=1\r\n 2\r\n\r\n[q]',
            '# [p]\r\n[n] # mine\r\n; a\r\na=1\r\n 2\r\n\r\n[q]',
            '# [p]\r\n; a\r\n\r\n[q]',
        ),
        (
            '[q]\nx =\n  [p]\n[p]\n[ p ]\n',
            '[q]\nx =\n  [p]\n[n]\n[ p ]\n',
            '[q]\nx =\n  [p]\n[ p ]\n',
        ),
    ],
)
def test_whole_section(before: str, renamed: str, removed: str) -> None:
    """Its header changes, or its lines go; everything else stays."""
    assert rename_section(before, 'p', 'n') == renamed
    assert remove_section(before, 'p') == removed
