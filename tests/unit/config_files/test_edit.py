# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.config_files.edit."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.configloader import raw_config_parse

from awscli_mfa_plugin.config_files.edit import edit_file, set_in_section
from awscli_mfa_plugin.exceptions import ConfigWriteError
from tests.unit.conftest import Home

ROOT = Path(__file__).parents[2]


def mode(path: Path) -> int:
    """Return a file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


def files(folder: Path) -> set[str]:
    """Return what is in a folder, but for the cache's own."""
    return set(os.listdir(folder)) - {'cli'}


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        # A section that is not there comes last.
        (b'', b'[p]\na = 1\n'),
        (b'[q]\na = 2\n', b'[q]\na = 2\n[p]\na = 1\n'),
        (b'[q]\na = 2', b'[q]\na = 2\n[p]\na = 1\n'),
        (b'[q]\r\na = 2', b'[q]\r\na = 2\r\n[p]\r\na = 1\r\n'),
        (b'# [p]\n', b'# [p]\n[p]\na = 1\n'),
        # One that botocore takes for another.
        (b'[ p ]\nx = 2\n', b'[ p ]\nx = 2\n[p]\na = 1\n'),
        # A new setting comes after the last one of its section.
        (b'[p]', b'[p]\na = 1\n'),
        (b'[p]\n', b'[p]\na = 1\n'),
        (b'[p] # mine\n\n[q]\n', b'[p] # mine\na = 1\n\n[q]\n'),
        (b'[p]\nx = 2', b'[p]\nx = 2\na = 1\n'),
        (b'[p]\r\nx=2\r\n\r\n[q]\r\n', b'[p]\r\nx=2\r\na = 1\r\n\r\n[q]\r\n'),
        (
            b'[p]\nx=2\n# b\n\n; c\n[q]\n',
            b'[p]\nx=2\na = 1\n# b\n\n; c\n[q]\n',
        ),
        # One that is there is replaced where it is.
        (b'[p]\na = 2\nx = 3\n', b'[p]\na = 1\nx = 3\n'),
        (b'[p]\na:2', b'[p]\na = 1\n'),
        (b'[p]\n#a = 2\na=2\n;a = 3\n', b'[p]\n#a = 2\na = 1\n;a = 3\n'),
        (b'[q]\na = 2\n[p]\na = 3\n', b'[q]\na = 2\n[p]\na = 1\n'),
        # In any spelling: botocore does not tell them apart.
        (b'[p]\nA = 2\n', b'[p]\na = 1\n'),
        # A line keeps its own ending.
        (b'[p]\na = 2\nx = 3\r\n', b'[p]\na = 1\nx = 3\r\n'),
        # Values of several lines.
        (b'[p]\na = 2\n  3\n\n  4\nx = 5\n', b'[p]\na = 1\n\nx = 5\n'),
        (
            b'[p]\ns3 =\n  a = b\n  c = d\n\n[q]\n',
            b'[p]\ns3 =\n  a = b\n  c = d\na = 1\n\n[q]\n',
        ),
        # Everything indented.
        (
            b'  [p]\n    x = 2\n    a = 2\n  [q]\n    a = 2\n',
            b'  [p]\n    x = 2\n    a = 1\n  [q]\n    a = 2\n',
        ),
        (
            b'  [p]\n\t\tx = 2\n [q]\n',
            b'  [p]\n\t\tx = 2\n\t\ta = 1\n [q]\n',
        ),
        (b'  [p]\n  [q]\n', b'  [p]\n  a = 1\n  [q]\n'),
        # A value that looks like a section.
        (b'[q]\nx =\n  [p]\n', b'[q]\nx =\n  [p]\n[p]\na = 1\n'),
        # No text at all.
        (b'[p]\nx = \xff\xfe\n', b'[p]\nx = \xff\xfe\na = 1\n'),
    ],
)
def test_only_the_line_changes(before: bytes, after: bytes) -> None:
    """Every other byte of the file stays as it was."""
    assert set_in_section(before, 'p', {'a': '1'}) == after
    assert set_in_section(after, 'p', {'a': '1'}) == after


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        (b'[p]\na = 2\nx = 3\n', b'[p]\nx = 3\n'),
        (b'[p]\nA=2\n  3\nx = 3\n', b'[p]\nx = 3\n'),
        (b'[p]\nx = 3\n[q]\na = 2\n', b'[p]\nx = 3\n[q]\na = 2\n'),
        (b'[p]\na = 2', b'[p]\n'),
    ],
)
def test_setting_is_taken_out(before: bytes, after: bytes) -> None:
    """``None`` takes a setting out, with all its lines."""
    assert set_in_section(before, 'p', {'a': None}) == after


@pytest.mark.parametrize(
    'text',
    [
        '[p]\ns3 =\n  a = b\nA = 2\n\n  3\nx = 4\n  [q]\n  a = 5\n',
        '  [q]\n\n  # c\n  a : 5\n  [p]\n  x = 4\n\n    5\n[r]\n',
        '[p] ; c\n;x\n\ta = 2\n\t\t3\n\tx\t=\t4\n[q]\na = 5\n',
    ],
)
def test_botocore_reads_what_was_written(tmp_path: Path, text: str) -> None:
    """What is set is what botocore reads, and the rest is as before."""
    path = tmp_path / 'file'
    path.write_text(text)
    expected = raw_config_parse(str(path), parse_subsections=False)
    expected['p'] |= {'a': '1', 'b': '2'}
    changed = set_in_section(text.encode(), 'p', {'a': '1', 'b': '2'})
    path.write_bytes(changed)
    found = raw_config_parse(str(path), parse_subsections=False)

    def plain(sections: dict[str, dict[str, str]]) -> object:
        return {
            section: {name: value.split() for name, value in values.items()}
            for section, values in sections.items()
        }

    assert plain(found) == plain(expected)


@pytest.mark.parametrize('value', ['a\nb', 'a\rb', 'x\n[q]', 'a\n'])
def test_value_that_is_no_line(home: Home, value: str) -> None:
    """Neither a value nor a section can smuggle lines into the file."""
    home.credentials.write_bytes(b'[q]\n')
    for section, setting in (('p', value), (value, 'x')):

        def change(
            original: bytes,
            copy: str,
            section: str = section,
            setting: str = setting,
        ) -> bytes:
            return set_in_section(original, section, {'a': setting})

        with pytest.raises(ConfigWriteError):
            edit_file(str(home.credentials), change)
    assert home.credentials.read_bytes() == b'[q]\n'
    assert files(home.credentials.parent) == {'credentials'}


def replace_all(original: bytes, copy: str) -> bytes:
    """Change everything."""
    return b'new'


@pytest.mark.parametrize('permissions', [0o600, 0o640, 0o644])
def test_mode_is_kept(home: Home, permissions: int) -> None:
    """A file keeps its permissions."""
    home.credentials.touch()
    home.credentials.chmod(permissions)
    edit_file(str(home.credentials), replace_all)
    assert home.credentials.read_bytes() == b'new'
    assert mode(home.credentials) == permissions


def test_missing_file_is_private(home: Home) -> None:
    """A new file is its owner's, in a folder that is made."""
    path = home.path / 'new' / 'credentials'
    before = os.umask(0)
    try:
        edit_file(str(path), replace_all)
    finally:
        os.umask(before)
    assert mode(path) == 0o600


def test_link_stays_a_link(home: Home) -> None:
    """A file kept elsewhere by a link is changed there."""
    target = home.path / 'vault'
    target.write_bytes(b'old')
    home.credentials.symlink_to(target)
    edit_file('~/.aws/credentials', replace_all)
    assert home.credentials.is_symlink()
    assert target.read_bytes() == b'new'


def test_nothing_is_lost_to_an_error(home: Home) -> None:
    """What the change itself raises leaves the file as it was."""
    home.credentials.write_bytes(b'old')

    def fail(original: bytes, copy: str) -> bytes:
        assert Path(copy).read_bytes() == original == b'old'
        raise KeyError('bug')

    with pytest.raises(KeyError, match='bug'):
        edit_file(str(home.credentials), fail)
    assert home.credentials.read_bytes() == b'old'
    assert files(home.credentials.parent) == {'credentials'}


# Edits the file, and is killed at the system call of that number.
CRASH = """
import os, signal, sys
from awscli_mfa_plugin.config_files.edit import edit_file, set_in_section

countdown = int(sys.argv[1])
path = sys.argv[2]

def dies_some_time(event, arguments):
    global countdown
    if event in ('open', 'os.rename', 'os.chmod', 'os.chown', 'os.remove'):
        countdown -= 1
        if countdown < 0:
            os.kill(os.getpid(), signal.SIGKILL)

values = {'a': '1' * 100000}
replace, fsync = os.replace, os.fsync

def replace_and_die(*arguments):
    replace(*arguments)
    dies_some_time('open', ())

def sync_and_die(handle):
    dies_some_time('open', ())
    fsync(handle)
    dies_some_time('open', ())

def change(original, copy):
    sys.addaudithook(dies_some_time)
    return set_in_section(original, 'p', values)

os.replace, os.fsync = replace_and_die, sync_and_die
edit_file(path, change)
"""


def test_killed_at_any_moment(home: Home) -> None:
    """kill -9 leaves the old file or the new one, and no lock."""
    old = b'# mine\n[p]\na = 0\n'
    new = b'# mine\n[p]\na = ' + b'1' * 100000 + b'\n'
    seen: list[bytes] = []
    while True:
        home.credentials.write_bytes(old)
        home.credentials.chmod(0o640)
        process = subprocess.run(
            [
                sys.executable,
                '-c',
                CRASH,
                str(len(seen)),
                str(home.credentials),
            ],
            check=False,
            cwd=ROOT,
            timeout=60,
        )
        content = home.credentials.read_bytes()
        assert content in (old, new)
        assert mode(home.credentials) == 0o640
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        seen.append(content)
    # It was killed before the change, and after it.
    assert seen[0] == old
    assert seen[-1] == new == content
    assert seen == sorted(seen)
    # The next edit is not kept waiting, and what was left is private.
    edit_file(str(home.credentials), replace_all)
    assert {
        mode(path)
        for path in home.credentials.parent.glob('credentials.*')
        if path.stat().st_size > len(old)
    } <= {0o600, 0o640}


def test_what_others_write_meanwhile_is_kept(home: Home) -> None:
    """Editors and "aws configure" know nothing of the lock."""
    home.credentials.write_bytes(b'[a]\n')
    changes = [b'[a]\n[b]\n', b'[a]\n[bb]\n']

    def change(original: bytes, copy: str) -> bytes:
        if changes:
            home.credentials.write_bytes(changes.pop(0))
        return original + b'[ours]\n'

    edit_file(str(home.credentials), change)
    assert home.credentials.read_bytes() == b'[a]\n[bb]\n[ours]\n'
    assert files(home.credentials.parent) == {'credentials'}


def test_a_file_that_never_rests(home: Home) -> None:
    """Then theirs is what stays."""

    def change(original: bytes, copy: str) -> bytes:
        home.credentials.write_bytes(original + b'#')
        return b'ours'

    with pytest.raises(ConfigWriteError, match='other programs'):
        edit_file(str(home.credentials), change)
    assert set(home.credentials.read_bytes()) == set(b'#')
    assert files(home.credentials.parent) == {'credentials'}


def test_a_file_that_may_not_be_written(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renaming another one over it would get around that."""
    home.credentials.write_bytes(b'old')
    home.credentials.chmod(0o400)
    # root, who may run this, may write to every file.
    monkeypatch.setattr('os.access', lambda path, mode: False)
    with pytest.raises(ConfigWriteError, match='Permission denied'):
        edit_file(str(home.credentials), replace_all)
    assert home.credentials.read_bytes() == b'old'


def test_a_variable_in_the_path(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore reads the file there, so that is where it is changed."""
    monkeypatch.setenv('ELSEWHERE', str(home.path))
    edit_file(os.path.join('$ELSEWHERE', 'mine'), replace_all)
    assert (home.path / 'mine').read_bytes() == b'new'
