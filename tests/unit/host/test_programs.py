# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from awscli_mfa_plugin.host.programs import find_program, own_command

SCRIPT = """
import json
from awscli_mfa_plugin.host.programs import own_command
print(json.dumps(own_command()))
"""
ROOT = Path(__file__).parents[3]
OPTIONS = ['-s', '-W', 'error', '-X', 'utf8']


def put(folder: Path, name: str = 'aws') -> Path:
    """Put a program into a folder."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text('#!/bin/sh\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize('entry', ['bin', '.', ''])
def test_a_program_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    """An SDK runs in whatever folder; what is there is not started."""
    put(tmp_path / 'bin')
    monkeypatch.chdir(tmp_path / 'bin' if entry in ('.', '') else tmp_path)
    monkeypatch.setenv('PATH', entry)
    assert find_program('aws') is None
    mine = put(tmp_path / 'mine')
    monkeypatch.setenv('PATH', os.pathsep.join([entry, str(mine.parent)]))
    assert find_program('aws') == str(mine)


def test_the_first_one_that_can_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PATH says the order, and a file that is no program does not count."""
    programs = [put(tmp_path / name) for name in ('a', 'b', 'c')]
    programs[0].chmod(0o644)
    folders = [str(path.parent) for path in programs]
    monkeypatch.setenv('PATH', os.pathsep.join(folders))
    assert find_program('aws') == str(programs[1])
    assert find_program('awscli-mfa') is None


def run(*arguments: str, cwd: Path) -> list[str]:
    """Run a Python that says how it was started."""
    output = subprocess.check_output(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, 'PYTHONPATH': str(ROOT)},
    )
    command: list[str] = json.loads(output)
    return command


@pytest.mark.parametrize('options', [[], OPTIONS])
def test_own_command(tmp_path: Path, options: list[str]) -> None:
    """It has the options and no argument, and works in every folder."""
    script = tmp_path / 'aws'
    script.write_text(SCRIPT)
    command = run(*options, 'aws', 'mfa', '-x', cwd=tmp_path)
    # Python 3.9 does not tell.
    told = options if hasattr(sys, 'orig_argv') else []
    assert command == [sys.executable, *told, str(script)]


def test_own_command_of_a_module(tmp_path: Path) -> None:
    """``python -m`` leaves no trace but the file."""
    (tmp_path / 'module.py').write_text(SCRIPT)
    command = run('-m', 'module', 'mfa', cwd=tmp_path)
    assert command == [sys.executable, str(tmp_path / 'module.py')]


def test_own_command_of_a_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frozen v2 is one program and no script."""
    monkeypatch.setattr(sys, 'frozen', True, raising=False)
    monkeypatch.setattr(sys, 'executable', '/usr/local/aws-cli/aws')
    assert own_command() == ['/usr/local/aws-cli/aws']
