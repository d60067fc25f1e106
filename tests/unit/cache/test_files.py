# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.files."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.cache.files import (
    make_directory,
    read_entry,
    read_json,
    write_json,
)
from tests.unit.cache.conftest import mode, put_private, umask

ROOT = Path(__file__).parents[3]
SECRET = 'made-up-secret-EXAMPLE'


@pytest.mark.parametrize('mask', [0o000, 0o077, 0o777])
def test_a_new_folder_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mask: int
) -> None:
    """It is 0700 whatever the umask, and so are parents that it needs."""
    folder = tmp_path / '.aws' / 'cli' / 'cache'
    chmod = os.chmod

    def look_first(path: str, bits: int) -> None:
        # Others never get in, not even before the mode is mended.
        assert mode(Path(path)) & 0o077 == 0
        chmod(path, bits)

    monkeypatch.setattr('os.chmod', look_first)
    with umask(mask):
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


@pytest.mark.parametrize('mask', [0o000, 0o077, 0o777])
def test_what_was_written_is_read(tmp_path: Path, mask: int) -> None:
    """The file is 0600 whatever the umask, and nothing else is left."""
    path = tmp_path / 'folder' / 'entry.json'
    with umask(mask):
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
    """A folder in the file's place leaves nothing half written."""
    path = tmp_path / 'entry.json'
    (path / 'inside').mkdir(parents=True)
    with pytest.raises(OSError, match=r'entry\.json'):
        write_json(str(path), 'new')
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_that_is_removed_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A logout may do so; what is raised is why there is no file."""

    def lose(source: str, _: str) -> None:
        os.unlink(source)
        raise OSError('it is gone')

    monkeypatch.setattr('os.replace', lose)
    with pytest.raises(OSError, match='it is gone'):
        write_json(str(tmp_path / 'entry.json'), 'new')


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
        b'[' * 60_000,
        b'"' + b'x' * 64 * 1024 + b'"',
    ],
    ids=[
        'empty',
        'cut off',
        'no JSON',
        'no UTF-8',
        'endless nesting',
        'too long',
    ],
)
def test_a_file_that_is_no_json_is_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    """It is logged by its name, and what it holds is not."""
    path = tmp_path / 'entry.json'
    put_private(path, content)
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


def test_the_longest_file(tmp_path: Path) -> None:
    """All of a file is read, up to what no session reaches."""
    path = tmp_path / 'entry.json'
    text = 'x' * (64 * 1024 - 3)
    put_private(path, f'"{text}"')
    assert read_json(str(path)) == text


NOT_ORDINARY = 'because it is not an ordinary file. '


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    """Give a file that is believed, in a folder of its own."""
    path = tmp_path / 'cache' / 'entry.json'
    write_json(str(path), SECRET)
    assert read_json(str(path)) == SECRET
    return path


def test_a_folder_in_the_place_of_a_file(
    entry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is none as well, and none stays open."""
    entry.unlink()
    entry.mkdir(0o700)
    # Where a number is free again, the next file has it.
    with open(os.devnull) as file:
        before = file.fileno()
    assert read_json(str(entry)) is None
    with open(os.devnull) as file:
        assert file.fileno() == before
    assert NOT_ORDINARY in capsys.readouterr().err


@pytest.mark.parametrize('is_dangling', [False, True])
def test_a_link_is_not_followed(
    entry: Path, is_dangling: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is a path reads no file of another folder."""
    link = entry.with_name('link.json')
    link.symlink_to(entry)
    if is_dangling:
        entry.unlink()
    assert read_json(str(link)) is None
    assert NOT_ORDINARY in capsys.readouterr().err


def test_much_noise(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that no program of ours wrote is told of, and is not read."""
    with entry.open('r+b') as file:
        file.truncate(100 * 1000 * 1000)
    assert read_json(str(entry)) is None
    assert 'because it is too long. ' in capsys.readouterr().err


READ = """
import sys
from awscli_mfa_plugin.cache.files import read_json
sys.exit(read_json(sys.argv[1]))
"""


@pytest.mark.parametrize('is_written_to', [False, True])
def test_a_pipe_is_not_waited_for(entry: Path, is_written_to: bool) -> None:
    """Nobody can have a command hang, or tell it something that way."""
    entry.unlink()
    os.mkfifo(entry, 0o600)
    with contextlib.ExitStack() as stack:
        if is_written_to:
            end = os.open(entry, os.O_RDWR)
            stack.callback(os.close, end)
            os.write(end, b'"told"')
        # One that hangs is ended, and the test fails.
        completed = subprocess.run(
            [sys.executable, '-c', READ, entry],
            check=True,
            stderr=subprocess.PIPE,
            text=True,
            timeout=15,
            cwd=ROOT,
        )
    assert NOT_ORDINARY in completed.stderr


@pytest.mark.parametrize('bits', [0o040, 0o020, 0o010, 0o004, 0o002, 0o644])
def test_a_file_that_others_can_read(
    entry: Path, bits: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other users may have written a file that they can read or write."""
    entry.chmod(0o600 | bits)
    assert read_json(str(entry)) is None
    assert 'because others can read it. ' in capsys.readouterr().err
    entry.chmod(0o600)
    assert read_json(str(entry)) == SECRET


@pytest.mark.parametrize('bits', [0o020, 0o002, 0o022])
def test_a_folder_that_others_can_write_to(
    entry: Path, bits: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """They can put a file of theirs in the place of any."""
    entry.parent.chmod(0o700 | bits)
    assert read_json(str(entry)) is None
    said = capsys.readouterr().err
    assert (
        f'because others can write to its folder (chmod 700 {entry.parent}). '
    ) in said
    # Where they can only look they can change nothing.
    entry.parent.chmod(0o755)
    assert read_json(str(entry)) == SECRET


def test_a_file_of_somebody_else(
    entry: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file that another user put there signs nothing."""
    other = entry.stat().st_uid + 1
    monkeypatch.setattr('os.geteuid', lambda: other)
    assert read_json(str(entry)) is None
    assert 'because it belongs to somebody else. ' in capsys.readouterr().err


@pytest.mark.parametrize(('file', 'believed'), [(1, True), (2, False)])
def test_root_reads_what_the_folder_s_owner_wrote(
    entry: Path, monkeypatch: pytest.MonkeyPatch, file: int, believed: bool
) -> None:
    """A home that is mounted into a container is not root's."""
    stat, fstat = os.stat, os.fstat

    def owned_by(status: os.stat_result, uid: int) -> os.stat_result:
        values = list(status)
        values[4] = uid
        return os.stat_result(values)

    monkeypatch.setattr('os.geteuid', lambda: 0)
    monkeypatch.setattr('os.stat', lambda path: owned_by(stat(path), 1))
    monkeypatch.setattr('os.fstat', lambda fd: owned_by(fstat(fd), file))
    found = read_json(str(entry))
    monkeypatch.undo()
    assert found == (SECRET if believed else None)


def test_one_warning(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It names the file, the reason and the remedy; once for a folder."""
    second = entry.with_name('second.json')
    write_json(str(second), SECRET)
    for path in (entry, second):
        path.chmod(0o644)
    assert [read_json(str(path)) for path in (entry, second)] == [None, None]
    assert read_json(str(entry)) is None
    output, errors = capsys.readouterr()
    assert output == ''
    assert errors == (
        f'\nThe file {entry} is ignored, because others can read it. Remove '
        'it, or name another folder in AWS_MFA_CACHE_DIRECTORY.\n'
    )


def test_no_warning(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is cut off or missing is replaced without a word."""
    put_private(entry, '{"Version": 1, "Cred')
    assert read_json(str(entry)) is None
    entry.unlink()
    assert read_json(str(entry)) is None
    assert capsys.readouterr() == ('', '')


def test_an_entry_is_what_is_made_of_it(entry: Path) -> None:
    """The caller's function makes a value of the document."""
    document = {'Version': 1, 'Name': 'x'}
    write_json(str(entry), document)
    assert read_entry(str(entry), lambda found: found['Name']) == 'x'
    assert read_entry(str(entry.with_name('gone')), lambda _: 'x') is None


@pytest.mark.parametrize(
    'document',
    [
        [],
        ['Version'],
        'Version',
        7,
        True,
        {},
        {'Version': None},
        {'Version': 2},
        {'Version': 0},
        {'Version': '1'},
        {'Version': 1.0},
        {'Version': True},
        {'Version': [1]},
    ],
    ids=str,
)
def test_an_entry_of_another_version(entry: Path, document: Any) -> None:
    """It is not even looked into."""
    put_private(entry, json.dumps(document))
    assert read_entry(str(entry), lambda _: pytest.fail('looks')) is None


def test_an_entry_that_is_not_whole(
    entry: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is none, and why is logged."""

    def refuse(_: dict[str, Any]) -> None:
        raise ValueError('no Name')

    write_json(str(entry), {'Version': 1, 'Secret': SECRET})
    with caplog.at_level(logging.DEBUG):
        assert read_entry(str(entry), refuse) is None
    assert f'{entry} is ignored: no Name' in caplog.text
    assert SECRET not in caplog.text


def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    """It is an ordinary error, and no part of it is made."""
    with pytest.raises(OSError, match='too long'):
        make_directory(str(tmp_path / ('x/' * 2500)))
    assert list(tmp_path.iterdir()) == []
