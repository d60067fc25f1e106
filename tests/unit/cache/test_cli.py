# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.cli."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache.cli import find_cli
from awscli_mfa_plugin.host.programs import find_program
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


def put(folder: Path, name: str = 'aws') -> Path:
    """Put a program into a folder."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text('#!/bin/sh\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def noted(home: Home) -> Path:
    """Give the script of a CLI that has noted itself."""
    script = home.path / 'aws.py'
    script.write_text(AWS)
    run(sys.executable, '-s', str(script), 'note')
    return script


def test_is_started_as_it_was(noted: Path) -> None:
    """By the same Python with the same options."""
    command = find_cli({**os.environ, 'PATH': ''})
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
    command = find_cli({**os.environ, 'PATH': ''})
    assert command is not None
    assert json.loads(run(*command, 'mfa')) == [0, ['mfa']]


def test_one_that_is_gone(noted: Path, home: Home) -> None:
    """Then the one on PATH is as good as any."""
    aws = put(home.path / 'bin')
    environ = {**os.environ, 'PATH': str(aws.parent)}
    assert find_cli(environ) != [str(aws)]
    noted.unlink()
    assert find_cli(environ) == [str(aws)]
    aws.unlink()
    assert find_cli(environ) is None


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
        '{"Version": 2, "Command": ["/bin/sh"]}',
    ],
)
def test_a_note_that_is_none(noted: Path, home: Home, text: str) -> None:
    """What the note says is started, so it must name a file whole."""
    (home.cache / 'cli.json').write_text(text)
    assert find_cli({**os.environ, 'PATH': ''}) is None


def test_a_note_of_somebody_else(
    noted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that several share, nobody says what others start."""
    # Being another user takes root, which not every test run is.
    monkeypatch.setattr('os.geteuid', lambda: os.getuid() + 1)
    assert find_cli({**os.environ, 'PATH': ''}) is None


@pytest.mark.parametrize('entry', ['bin', '.', ''])
def test_a_program_of_the_current_folder(
    home: Home, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    """An SDK runs in whatever folder; what is there is not started."""
    put(home.path / 'bin')
    monkeypatch.chdir(home.path / 'bin' if entry in ('.', '') else home.path)
    assert find_program('aws', {'PATH': entry}) is None
    mine = put(home.path / 'mine')
    path = os.pathsep.join([entry, str(mine.parent)])
    assert find_program('aws', {'PATH': path}) == str(mine)
