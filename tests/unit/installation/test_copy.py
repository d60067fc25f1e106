# SPDX-License-Identifier: Apache-2.0
"""The copy of the package that AWS CLIs v2 load."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from awscli_mfa_plugin import __version__
from awscli_mfa_plugin.installation import copy


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty home folder."""
    monkeypatch.setenv('HOME', str(tmp_path))
    return tmp_path


def folder_of_copies(home: Path) -> Path:
    """Return where the copies are."""
    return home / '.aws' / 'cli' / 'mfa-plugin'


def test_copy_is_whole_and_in_use(home: Path) -> None:
    """It has the packages with their help pages, and no one else writes."""
    assert not copy.is_copy_current()
    name = copy.make_copy()
    assert copy.copy_in_use() is None
    copy.use_copy(name)
    assert copy.copy_in_use() == name
    assert copy.is_copy_current()
    current = Path(copy.plugin_folder())
    assert (current / 'awscli_mfa_plugin/examples/mfa').is_dir()
    assert {path.name for path in current.iterdir()} >= {
        'awscli_mfa_plugin',
        'filelock',
    }
    assert folder_of_copies(home).stat().st_mode & 0o077 == 0


def test_only_our_modules_are_compiled() -> None:
    """Most modules of the others are never imported."""
    folder = Path(copy.folder_of(copy.make_copy()))
    compiled = {
        path.relative_to(folder).parts[0] for path in folder.rglob('*.pyc')
    }
    assert compiled == {'awscli_mfa_plugin'}


def test_damaged_copy_is_not_current() -> None:
    """A file that is cut short or missing is noticed."""
    copy.use_copy(copy.make_copy())
    file = Path(copy.plugin_folder()) / 'filelock' / '__init__.py'
    file.write_bytes(file.read_bytes()[:50])
    assert not copy.is_copy_current()
    file.unlink()
    assert not copy.is_copy_current()


def test_segno_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy is whole without it where it is not installed."""
    monkeypatch.setattr(copy, '_OPTIONAL', 'no_such_package')
    copy.use_copy(copy.make_copy())
    assert copy.is_copy_current()
    assert not (Path(copy.plugin_folder()) / 'segno').exists()


def test_no_filelock(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nothing is half copied."""
    monkeypatch.setattr(
        copy, '_REQUIRED', ('awscli_mfa_plugin', 'no_such_package')
    )
    with pytest.raises(ImportError):
        copy.make_copy()
    assert not folder_of_copies(home).exists()


def test_failed_copy_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full leaves the copy in use, and no other."""
    copy.use_copy(copy.make_copy())
    before = sorted(os.listdir(folder_of_copies(home)))

    def write(path: str, content: bytes) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(copy, '_write', write)
    with pytest.raises(OSError, match='No space'):
        copy.make_copy()
    assert sorted(os.listdir(folder_of_copies(home))) == before


def test_launcher_starts_the_copy() -> None:
    """It runs from any folder, and is written again only if it differs."""
    copy.use_copy(copy.make_copy())
    copy.write_launcher()
    assert not copy.write_launcher()
    completed = subprocess.run(
        [copy.launcher(), '--version'],
        check=True,
        capture_output=True,
        text=True,
    )
    assert completed.stdout.strip() == __version__


def test_remove(home: Path) -> None:
    """Old copies go and the one in use stays, until all goes."""
    first, second = copy.make_copy(), copy.make_copy()
    copy.use_copy(second)
    copy.remove_copies_but(second)
    assert sorted(os.listdir(folder_of_copies(home))) == [second, 'current']
    assert first != second
    assert copy.remove_all()
    assert not folder_of_copies(home).exists()
    assert not copy.remove_all()


def test_note_if_older(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a copy that is older than the program is spoken of."""
    monkeypatch.setenv('PATH', str(home))
    assert copy.note_if_older() is None
    copy.use_copy(copy.make_copy())
    assert copy.note_if_older() is None
    program = home / 'awscli-mfa'
    program.write_text('#!/bin/sh\necho 999.10.0\n')
    program.chmod(0o755)
    note = copy.note_if_older()
    assert note is not None
    assert '999.10.0 is installed' in note
    assert note.endswith('awscli-mfa enable')
