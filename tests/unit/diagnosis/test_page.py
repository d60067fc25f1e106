# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.diagnosis.page."""

from __future__ import annotations

import pytest

from awscli_mfa_plugin.diagnosis.checks import OK, PROBLEM, WARNING, Check
from awscli_mfa_plugin.diagnosis.page import (
    all_checks,
    as_response,
    exit_code,
    format_page,
)
from tests.unit.conftest import Home

CHECKS = [
    Check(OK, 'files', 'A file can be read.'),
    Check(WARNING, 'files', 'word ' * 20 + 'end.', 'chmod 600 ~/x; then: x y'),
    Check(PROBLEM, 'aws', 'It ends.', 'awscli-mfa enable'),
]


def test_format_page() -> None:
    """A page has a heading for each subject and fits a terminal."""
    lines = format_page(CHECKS).splitlines()
    assert lines[1:] == [
        '',
        'files:',
        'ok       A file can be read.',
        'warning  ' + 'word ' * 13 + 'word',
        '         word word word word word word end.',
        '         -> chmod 600 ~/x',
        '            then: x y',
        '',
        'aws:',
        'problem  It ends.',
        '         -> awscli-mfa enable',
        '',
        '1 problem found.',
    ]
    assert format_page(CHECKS[:2]).endswith('No problem was found.\n')


def test_as_response() -> None:
    """The document leaves an empty remedy out."""
    checks = as_response(CHECKS)['Checks']
    assert isinstance(checks, list)
    first, _, last = checks
    assert first == {
        'Status': 'ok',
        'Subject': 'files',
        'Message': 'A file can be read.',
    }
    assert last['Remedy'] == 'awscli-mfa enable'


def test_exit_code() -> None:
    """A warning is no failure."""
    assert (exit_code(CHECKS), exit_code(CHECKS[:2])) == (1, 0)


def test_all_checks(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files come first, for what they are explains the rest."""
    monkeypatch.setenv('PATH', str(home.path))
    own = Check(OK, 'profile', str(home.path / 'x'))
    subjects = [check.subject for check in all_checks([own])]
    assert subjects[0] == 'files'
    assert subjects.index('aws') < subjects.index('terminal')
    assert all_checks([own])[-1].message == '~/x'
