# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.launcher."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import awscli_mfa_plugin
from awscli_mfa_plugin.host.launcher import launcher


@pytest.mark.parametrize('name', ['plain', 'it\'s \\ a \u00e4 "folder" $HOME'])
def test_starts_awscli_mfa(tmp_path: Path, name: str) -> None:
    """It finds interpreter and package, whatever their folders' names."""
    folder = tmp_path / name
    folder.mkdir()
    package = Path(awscli_mfa_plugin.__file__).parent
    (folder / 'awscli_mfa_plugin').symlink_to(package)
    interpreter = folder / 'python3'
    interpreter.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    interpreter.chmod(0o755)
    script = tmp_path / 'awscli-mfa'
    script.write_text(launcher(str(interpreter), str(folder)))
    script.chmod(0o755)
    completed = subprocess.run(
        [script, '--version'], check=True, capture_output=True, text=True
    )
    assert completed.stdout == f'{awscli_mfa_plugin.__version__}\n'
