# SPDX-License-Identifier: Apache-2.0
"""Files of mode 0600, written whole or not at all."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache.files import make_directory, read_json, write_json

SECRET = 'made-up-secret-EXAMPLE'


def mode(path: Path) -> int:
    """Return a file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def loose_umask() -> Iterator[None]:
    """Let new files be for everybody unless their maker says otherwise."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def test_a_new_folder_is_private(tmp_path: Path, loose_umask: None) -> None:
    """It is 0700 whatever the umask, and so are parents that it needs."""
    folder = tmp_path / '.aws' / 'cli' / 'cache'
    make_directory(str(folder))
    assert mode(folder) == 0o700
    assert mode(folder.parent) == 0o700
    assert mode(folder.parent.parent) == 0o700


def test_a_folder_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    """Its owner has chosen its mode."""
    tmp_path.chmod(0o755)
    make_directory(str(tmp_path))
    make_directory(str(tmp_path / 'cache'))
    assert mode(tmp_path) == 0o755


def test_a_folder_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name without any path is one in the working folder."""
    monkeypatch.chdir(tmp_path)
    make_directory('cache')
    assert (tmp_path / 'cache').is_dir()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Below a file there are no folders."""
    (tmp_path / 'file').touch()
    with pytest.raises(OSError, match='file'):
        make_directory(str(tmp_path / 'file' / 'cache'))


def test_what_was_written_is_read(tmp_path: Path, loose_umask: None) -> None:
    """The file is 0600 whatever the umask, and nothing else is left."""
    path = tmp_path / 'folder' / 'entry.json'
    write_json(str(path), {'Name': 'Zoë', 'Numbers': [1, 2]})
    assert read_json(str(path)) == {'Name': 'Zoë', 'Numbers': [1, 2]}
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """A new file takes the old one's place, with a mode of its own."""
    path = tmp_path / 'entry.json'
    path.write_text('old')
    path.chmod(0o644)
    write_json(str(path), 'new')
    assert read_json(str(path)) == 'new'
    assert mode(path) == 0o600


def test_what_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    """A value that is no JSON leaves the old file, and no half new one."""
    path = tmp_path / 'entry.json'
    write_json(str(path), 'old')
    with pytest.raises(TypeError):
        write_json(str(path), ['fits', object()])
    assert read_json(str(path)) == 'old'
    assert list(tmp_path.iterdir()) == [path]


def test_a_rename_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Where a folder has the file's name, nothing half new is left."""
    path = tmp_path / 'entry.json'
    (path / 'inside').mkdir(parents=True)
    with pytest.raises(OSError, match=r'entry\.json'):
        write_json(str(path), 'new')
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """Nobody can have a secret written to a file of theirs."""
    theirs = tmp_path / 'theirs'
    theirs.write_text('before')
    path = tmp_path / 'entry.json'
    path.symlink_to(theirs)
    write_json(str(path), SECRET)
    assert theirs.read_text() == 'before'
    assert not path.is_symlink()


@pytest.mark.parametrize(
    'content',
    [
        b'',
        b'{"Version": 1, "Credentials": {"SecretAccess',
        f'{SECRET}'.encode(),
        b'\xff\xfe\x00',
        b'[' * 100_000,
    ],
    ids=['empty', 'cut off', 'no JSON', 'no UTF-8', 'endless nesting'],
)
def test_a_file_that_is_no_json_is_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    """It is logged by its name, and what it holds is not."""
    path = tmp_path / 'entry.json'
    path.write_bytes(content)
    with caplog.at_level(logging.DEBUG):
        assert read_json(str(path)) is None
    assert str(path) in caplog.text
    assert SECRET not in caplog.text


def test_a_missing_file_is_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """That is the ordinary case, and nothing to log."""
    with caplog.at_level(logging.DEBUG):
        assert read_json(str(tmp_path / 'entry.json')) is None
    assert caplog.text == ''


def test_a_folder_in_the_place_of_a_file_is_none(tmp_path: Path) -> None:
    """What cannot be opened is none as well."""
    assert read_json(str(tmp_path)) is None
