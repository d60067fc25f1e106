# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.cli."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache.cli import find_cli, note_cli
from tests.unit.conftest import Home

# An `aws` in Python, which notes itself or shows how it was started.
AWS = """
import json, sys
from awscli_mfa_plugin.cache.cli import note_cli
if sys.argv[1] == 'note':
    note_cli()
else:
    print(json.dumps([sys.flags.no_user_site, sys.argv[1:]]))
"""


def run(*command: str) -> str:
    """Run a program and return what it says."""
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@pytest.fixture(autouse=True)
def _no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no ``aws`` on PATH."""
    monkeypatch.setenv('PATH', '')


@pytest.fixture
def noted(home: Home) -> Path:
    """Give the script of a CLI that has noted itself."""
    script = home.path / 'aws.py'
    script.write_text(AWS)
    run(sys.executable, '-s', str(script), 'note')
    return script


def test_is_started_as_it_was(noted: Path) -> None:
    """By the same Python with the same options."""
    command = find_cli()
    assert command is not None
    # Python 3.9 does not tell.
    is_told = hasattr(sys, 'orig_argv')
    assert json.loads(run(*command, 'mfa', '-x')) == [is_told, ['mfa', '-x']]


def test_a_module_is_started_as_a_script(home: Home) -> None:
    """``python -m awscli`` has a file that does the same."""
    package = home.path / 'cli'
    package.mkdir()
    (package / '__main__.py').write_text(AWS)
    subprocess.run(
        [sys.executable, '-m', 'cli', 'note'], check=True, cwd=home.path
    )
    command = find_cli()
    assert command is not None
    assert json.loads(run(*command, 'mfa')) == [0, ['mfa']]


def test_one_that_is_gone(
    noted: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the one on PATH is as good as any."""
    aws = home.path / 'bin' / 'aws'
    aws.parent.mkdir()
    aws.write_text('#!/bin/sh\n')
    aws.chmod(0o755)
    monkeypatch.setenv('PATH', str(aws.parent))
    command = find_cli()
    assert command is not None
    assert command[-1] == str(noted)
    noted.unlink()
    assert find_cli() == [str(aws)]
    aws.unlink()
    assert find_cli() is None


def test_noted_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login by the same CLI writes nothing."""
    script = home.path / 'aws.py'
    script.write_text(AWS)
    monkeypatch.setattr(sys, 'argv', [str(script)])
    note = home.cache / 'cli.json'
    files = []
    for option in ('-s', '-s', '-I'):
        command = [sys.executable, option, str(script)]
        # Python 3.9 has none.
        monkeypatch.setattr(sys, 'orig_argv', command, raising=False)
        note_cli()
        assert find_cli() == command
        files.append(note.stat().st_ino)
    assert files[0] == files[1] != files[2]


def test_a_note_that_cannot_be_written(home: Home) -> None:
    """A login goes on without: it is not worth an error."""
    home.cache.parent.mkdir(parents=True)
    home.cache.write_text('a file')
    note_cli()
    assert find_cli() is None
    assert home.cache.read_text() == 'a file'


@pytest.mark.parametrize(
    'text',
    [
        '',
        '[]',
        '{"Version": 1}',
        '{"Version": 1, "Command": "sh"}',
        '{"Version": 1, "Command": []}',
        '{"Version": 1, "Command": [1]}',
        '{"Version": 1, "Command": ["sh"]}',
        '{"Version": 1, "Command": "/bin/sh"}',
        '{"Version": 1, "Command": {"/bin/sh": 1}}',
        '{"Version": 1, "Command": ["/bin/sh", 1]}',
        '{"Version": 2, "Command": ["/bin/sh"]}',
        '{"Version": true, "Command": ["/bin/sh"]}',
    ],
)
def test_a_note_that_is_none(noted: Path, home: Home, text: str) -> None:
    """What the note says is started, so it must name a file whole."""
    note = home.cache / 'cli.json'
    note.write_text(text)
    assert find_cli() is None
    note.write_text('{"Version": 1, "Command": ["/bin/sh"]}')
    assert find_cli() == ['/bin/sh']


def test_a_note_of_somebody_else(
    noted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that several share, nobody says what others start."""
    # Being another user takes root, which not every test run is.
    other = os.getuid() + 1
    monkeypatch.setattr('os.geteuid', lambda: other)
    assert find_cli() is None
