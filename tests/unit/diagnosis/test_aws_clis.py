# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.diagnosis.aws_clis.

tests/e2e/test_broken_setups.py has a hundred set-ups more.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

import awscli_mfa_plugin
from awscli_mfa_plugin.diagnosis.aws_clis import check_clis
from awscli_mfa_plugin.diagnosis.checks import OK, PROBLEM, WARNING
from tests.broken_setups import put_fake_cli
from tests.unit.conftest import Home


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """Give a folder with the package in it."""
    folder = tmp_path / 'plugin'
    source = Path(awscli_mfa_plugin.__file__).parent
    shutil.copytree(source, folder / 'awscli_mfa_plugin')
    return folder


def use(monkeypatch: pytest.MonkeyPatch, *clis: Path) -> None:
    """Put CLIs on ``PATH``."""
    folders = [str(cli.parent) for cli in clis]
    monkeypatch.setenv('PATH', os.pathsep.join([*folders, '/usr/bin', '/bin']))


def found(status: str, are_files_read: bool = True) -> list[str]:
    """Return what is found and what mends it."""
    return [
        f'{check.message} -> {check.remedy}'
        for check in check_clis(are_files_read)
        if check.status == status
    ]


def test_a_v2_that_loads_the_plugin(
    home: Home, tmp_path: Path, plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which version it loads, and from where, is said."""
    aws = put_fake_cli(tmp_path / 'v2', '2.38.1')
    use(monkeypatch, aws)
    home.write(
        f'[plugins]\ncli_legacy_plugin_path = /no:{plugin}\n'
        'mfa = awscli_mfa_plugin\n'
    )
    assert found(OK) == [
        f'{aws} (2.38.1) loads version {awscli_mfa_plugin.__version__} from '
        f'{plugin}. -> '
    ]
    assert found(PROBLEM) == []


def test_no_cli(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shim of a version manager is no CLI, and is named."""
    home.write()
    shim = tmp_path / 'aws'
    shim.write_text('#!/bin/sh\necho "aws: not installed" >&2\nexit 127\n')
    shim.chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path))
    assert found(WARNING)[0].startswith('There is no AWS CLI on PATH.')
    assert found(WARNING)[-1].startswith(
        f'{shim} is no AWS CLI: aws: not installed'
    )


def test_files_that_cannot_be_read(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words of the CLI are left out: they quote the file."""
    aws = put_fake_cli(tmp_path / 'v2', '2.38.1')
    use(monkeypatch, aws)
    home.write('secret\n')
    assert found(PROBLEM, are_files_read=False) == [
        f'{aws} (2.38.1) ends at every command. -> Mend what stands above.'
    ]


def test_a_program_with_a_v1_inside(
    home: Home, tmp_path: Path, plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies of our lines, unless our package is beside it."""
    use(monkeypatch, put_fake_cli(tmp_path / 'v2', '2.38.1'))
    home.write(
        f'[plugins]\nmfa = awscli_mfa_plugin\n'
        f'cli_legacy_plugin_path = {plugin}\n'
    )
    tool = home.path / '.local' / 'share' / 'uv' / 'tools' / 'mcp-server'
    site = tool / 'lib' / 'python3.12' / 'site-packages'
    (site / 'awscli').mkdir(parents=True)
    (site / 'awscli' / '__init__.py').write_text("__version__ = '1.42.0'\n")
    assert found(WARNING)[0].startswith('mcp-server contains an AWS CLI v1')
    (site / 'awscli_mfa_plugin').mkdir()
    assert found(WARNING) == []


@pytest.mark.skipif(sys.platform == 'win32', reason='a shell script')
def test_an_older_copy(
    home: Home, tmp_path: Path, plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade of the program the copy is older."""
    fixed = home.path / '.aws' / 'cli' / 'mfa-plugin'
    fixed.mkdir(parents=True)
    init = plugin / 'awscli_mfa_plugin' / '__init__.py'
    init.write_text(
        init.read_text().replace(awscli_mfa_plugin.__version__, '0.0.1')
    )
    (fixed / 'current').symlink_to(plugin)
    use(monkeypatch, put_fake_cli(tmp_path / 'v2', '2.38.1'))
    home.write(
        f'[plugins]\nmfa = awscli_mfa_plugin\n'
        f'cli_legacy_plugin_path = {fixed}/current\n'
    )
    (note,) = found(WARNING)
    assert note.startswith('aws loads version 0.0.1 of the plugin')
    assert note.endswith('-> awscli-mfa enable')
