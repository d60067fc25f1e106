# SPDX-License-Identifier: Apache-2.0
"""What ``awscli-mfa enable`` leaves behind, with stand-ins for the CLIs."""

from __future__ import annotations

import signal
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from awscli_mfa_plugin.installation import copy
from awscli_mfa_plugin.installation import enable as installation

WORKS = 'echo aws-cli/2.38.1 Python/3'
# It runs until a plugin is named in the config file.
BREAKS = (
    'if [ "$AWS_CONFIG_FILE" != /dev/null ] && '
    'grep -q awscli_mfa_plugin "${AWS_CONFIG_FILE:-$HOME/.aws/config}"; then\n'
    "  echo 'it is the plugin' >&2; exit 1\n"
    'fi\n'
    '[ "$1" = --version ] && echo aws-cli/2.38.1 Python/3'
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a config file in a home folder."""
    monkeypatch.setenv('HOME', str(tmp_path))
    path = tmp_path / '.aws' / 'config'
    path.parent.mkdir()
    path.write_text('# Mine.\n[default]\nregion = eu-central-1\n')
    return path


def enable(folder: Path, text: str, *, dry_run: bool = False) -> int:
    """Enable the plugin for an ``aws`` of a shell script."""
    aws = folder / 'aws'
    aws.write_text(f'#!/bin/sh\n{text}\n')
    aws.chmod(0o755)
    return installation.enable(Namespace(aws=[str(aws)], dry_run=dry_run))


def test_enable_and_disable(config: Path, tmp_path: Path) -> None:
    """The file gets the lines, and is the same again without them."""
    original = config.read_bytes()
    assert enable(tmp_path, WORKS, dry_run=True) == 0
    assert config.read_bytes() == original
    assert enable(tmp_path, WORKS) == 0
    assert config.read_text().endswith(
        '[plugins]\nmfa = awscli_mfa_plugin\n'
        f'cli_legacy_plugin_path = {tmp_path}/.aws/cli/mfa-plugin/current\n'
    )
    assert installation.disable(None) == 0
    assert config.read_bytes() == original
    assert not (tmp_path / '.aws/cli/mfa-plugin').exists()


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='Linux')
def test_output_that_cannot_be_written(config: Path, tmp_path: Path) -> None:
    """That is one sentence, and all has been done by then."""
    original = config.read_bytes()
    aws = tmp_path / 'aws'
    aws.write_text(f'#!/bin/sh\n{WORKS}\n')
    aws.chmod(0o755)
    for arguments, is_enabled in (
        (['enable', '--aws', str(aws)], True),
        (['disable'], False),
        (['completion', 'bash'], False),
    ):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            failed = subprocess.run(
                [sys.executable, '-m', 'awscli_mfa_plugin', *arguments],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        assert (failed.returncode, failed.stderr) == (
            1,
            'Standard output cannot be written: No space left on device.\n',
        )
        assert (config.read_bytes() != original) is is_enabled
        assert (tmp_path / '.aws/cli/mfa-plugin').exists() is is_enabled


def test_cli_that_would_break(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All is as it was, and the CLI's own words are the reason."""
    original = config.read_bytes()
    assert enable(tmp_path, BREAKS) == 1
    assert 'it is the plugin' in capsys.readouterr().err
    assert config.read_bytes() == original
    assert not (tmp_path / '.aws/cli/mfa-plugin').exists()


@pytest.mark.parametrize('dry_run', [False, True])
def test_section_that_the_lines_would_swallow(
    config: Path,
    tmp_path: Path,
    dry_run: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A profile of the person's would be a part of our last value."""
    config.write_text('[plugins]\n  [profile b]\n  region = eu-west-1\n')
    original = config.read_bytes()
    assert enable(tmp_path, WORKS, dry_run=dry_run) == 1
    assert capsys.readouterr().err == (
        'The file ~/.aws/config could not be changed: its layout can only '
        'be edited by hand\n'
    )
    assert config.read_bytes() == original
    assert not (tmp_path / '.aws/cli/mfa-plugin').exists()


def test_file_that_was_not_there(config: Path, tmp_path: Path) -> None:
    """No empty config file stays behind, refused or removed."""
    config.unlink()
    assert enable(tmp_path, BREAKS) == 1
    assert not config.exists()
    assert enable(tmp_path, WORKS) == 0
    assert config.stat().st_mode & 0o077 == 0
    assert installation.disable(None) == 0
    assert not config.exists()


def test_link_to_a_file_that_is_empty(config: Path, tmp_path: Path) -> None:
    """A symbolic link leads to where it led."""
    target = tmp_path / 'dotfiles'
    target.write_text('')
    config.unlink()
    config.symlink_to(target)
    assert enable(tmp_path, WORKS) == 0
    assert installation.disable(None) == 0
    assert config.is_symlink()
    assert target.read_text() == ''


@pytest.mark.parametrize('name', ['TERM', 'KILL'])
@pytest.mark.parametrize('is_upgrade', [False, True], ids=['new', 'upgrade'])
def test_ended_while_a_cli_is_tried(
    config: Path, tmp_path: Path, name: str, is_upgrade: bool
) -> None:
    """The CLIs load what they loaded, whatever ends the program."""
    if is_upgrade:
        assert enable(tmp_path, WORKS) == 0
        older = Path(copy.plugin_folder()) / 'filelock' / '__init__.py'
        older.write_text('# An older one.\n')
    original, used = config.read_bytes(), copy.copy_in_use()
    aws = tmp_path / 'aws'
    # The second time, with the new lines, it ends who tries it.
    aws.write_text(
        '#!/bin/sh\n'
        'case "$AWS_CONFIG_FILE" in *awscli-mfa*)\n'
        f'kill -{name} $PPID ;; esac\n{WORKS}\n'
    )
    aws.chmod(0o755)
    completed = subprocess.run(
        [*(sys.executable, '-m', 'awscli_mfa_plugin'), 'enable', '--aws', aws],
        check=False,
        capture_output=True,
    )
    number = getattr(signal, f'SIG{name}')
    assert completed.returncode in (-number, 128 + number)
    assert config.read_bytes() == original
    assert copy.copy_in_use() == used
    if name != 'KILL':
        assert [path.name for path in tmp_path.glob('.aws/config*')] == [
            'config'
        ]
        copies = list(tmp_path.glob('.aws/cli/mfa-plugin/copy-*'))
        assert len(copies) == int(is_upgrade)


def test_no_cli(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an ``aws`` there is nothing to enable."""
    original = config.read_bytes()
    arguments = Namespace(aws=[str(tmp_path / 'gone')], dry_run=False)
    assert installation.enable(arguments) == 1
    assert capsys.readouterr().err
    assert config.read_bytes() == original


def test_copy_that_is_still_named(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A ``credential_process`` by the launcher keeps what it runs."""
    assert enable(tmp_path, WORKS) == 0
    launcher = tmp_path / '.aws/cli/mfa-plugin/awscli-mfa'
    with config.open('a') as file:
        file.write(f'[profile x]\ncredential_process = {launcher}\n')
    assert installation.disable(None) == 0
    assert 'still names it' in capsys.readouterr().out
    assert launcher.exists()
