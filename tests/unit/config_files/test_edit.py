# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.config_files.edit."""

from __future__ import annotations

import errno
import os
import signal
import stat
import time
from collections.abc import Callable
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.cache.layout import cache_directory, lock_path
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.config_files.edit import (
    Changes,
    Sections,
    edit_file,
    edit_files,
    edit_text,
    read_sections,
    remove_if_empty,
    remove_stale_copies,
)
from awscli_mfa_plugin.exceptions.files import ConfigWriteError
from tests.unit.conftest import Home, answering


def mode(path: Path) -> int:
    """Return a file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


def files(folder: Path) -> set[str]:
    """Return the names in a folder, without the cache."""
    return set(os.listdir(folder)) - {'cli'}


def set_a(sections: Sections) -> Changes:
    """Set one setting."""
    return {'p': {'a': '1'}}


@pytest.mark.parametrize(
    'value', ['a\nb', 'a\rb', 'x\n[q]', 'a\n', '\n a = b', ' a', 'a\n  b']
)
def test_value_that_is_no_line(home: Home, value: str) -> None:
    """A value cannot add lines to the file, nor lose a part."""
    home.credentials.write_bytes(b'[q]\n')
    with pytest.raises(ConfigWriteError):
        edit_file(str(home.credentials), lambda sections: {'p': {'a': value}})
    assert home.credentials.read_bytes() == b'[q]\n'
    assert files(home.credentials.parent) == {'credentials'}


@pytest.mark.parametrize('section', ['a\nb', 'x]\n[y', 'a\r', '', 'DEFAULT'])
def test_section_that_is_no_header(home: Home, section: str) -> None:
    """A section cannot add lines to the file, nor be one of no profile."""
    home.credentials.write_bytes(b'[q]\n')
    with pytest.raises(ConfigWriteError):
        edit_file(
            str(home.credentials), lambda sections: {section: {'a': '1'}}
        )
    assert home.credentials.read_bytes() == b'[q]\n'


def test_change_that_botocore_would_misread(home: Home) -> None:
    """A setting would take the indented header after it into its value."""
    before = b'[p]\n  [q]\nb = 2\n'
    home.config.write_bytes(before)
    with pytest.raises(ConfigWriteError) as caught:
        edit_file(str(home.config), set_a)
    assert str(caught.value) == (
        f'The file {home.config} could not be changed: its layout can only '
        'be edited by hand'
    )
    assert home.config.read_bytes() == before
    assert files(home.config.parent) == {'config'}


def test_file_that_cannot_be_read_to_its_end(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Python before 3.13 makes of it is no traceback."""
    before = b'[p]\na = 2\n'
    home.config.write_bytes(before)
    monkeypatch.setattr(
        RawConfigParser, 'get', lambda *args, **kwargs: ['a line']
    )
    with pytest.raises(ConfigWriteError, match='not be read to its end'):
        edit_file(str(home.config), set_a)
    assert home.config.read_bytes() == before


@pytest.mark.parametrize(
    'damaged',
    ['{}[r]\n', '{}b = 3\n', '{}[p]\n', '[p]\na = 2\n', '[q]\nb = 2\n'],
)
def test_bug_of_the_editor(
    home: Home, monkeypatch: pytest.MonkeyPatch, damaged: str
) -> None:
    """Whatever else the edit would change is found out by the parser."""
    before = '[q]\nb = 2\n[p]\na = 1\n'
    home.config.write_text(before)
    monkeypatch.setattr(
        'awscli_mfa_plugin.config_files.edit.set_in_section',
        lambda text, section, settings: damaged.format(
            text.replace('a = 1', 'a = 2')
        ),
    )
    with pytest.raises(ConfigWriteError, match='by hand'):
        edit_file(str(home.config), lambda sections: {'p': {'a': '2'}})
    assert home.config.read_text() == before


@pytest.mark.parametrize(
    'header',
    ['[pr[of]ile a]', '[a\\b]]', '[a b]]', '[[x]]', '[x] trailing', '[ ä ]'],
)
def test_odd_header(home: Home, header: str) -> None:
    """A section has the name that botocore gives it, on every Python."""
    home.config.write_text(f'{header}\nk = 1\n[z]\n', 'utf-8')
    edit_file(
        str(home.config), lambda sections: {next(iter(sections)): {'l': '2'}}
    )
    assert home.config.read_text('utf-8') == (f'{header}\nk = 1\nl = 2\n[z]\n')


@pytest.mark.parametrize(
    'content', [b'\xff', b'[a]\n[a]\n', b'\xef\xbb\xbf[a]\nk = secret\n']
)
def test_file_that_botocore_cannot_read(home: Home, content: bytes) -> None:
    """It is refused in one sentence that quotes nothing of the file."""
    home.config.write_bytes(content)
    with pytest.raises(ConfigWriteError) as caught:
        edit_file(str(home.config), set_a)
    assert str(caught.value) == (
        f'The file {home.config} could not be changed: its layout can only '
        'be edited by hand'
    )
    assert home.config.read_bytes() == content


@pytest.mark.parametrize('content', [None, b'[p]\nA : 1'])
def test_nothing_to_change(home: Home, content: bytes | None) -> None:
    """No file is made or written, and no lock is taken."""
    if content is not None:
        home.config.write_bytes(content)
    edit_file(
        str(home.config),
        lambda sections: {'p': dict.fromkeys('ab') if not sections else {}},
    )
    if content is None:
        assert os.listdir(home.config.parent) == []
    else:
        inode = home.config.stat().st_ino
        edit_file(str(home.config), set_a)
        # A write would put another file into its place.
        assert home.config.stat().st_ino == inode
        assert os.listdir(home.config.parent) == ['config']


@pytest.mark.parametrize('permissions', [0o600, 0o640, 0o644])
def test_mode_is_kept(home: Home, permissions: int) -> None:
    """A file keeps its permissions."""
    home.credentials.touch()
    home.credentials.chmod(permissions)
    edit_file(str(home.credentials), set_a)
    assert home.credentials.read_bytes() == b'[p]\na = 1\n'
    assert mode(home.credentials) == permissions


def test_owner_is_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """``sudo aws`` leaves the file with its owner."""
    home.credentials.touch()
    owner = home.credentials.stat()
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(
        'os.chown', lambda path, user, group: given.append((user, group))
    )
    edit_file(str(home.credentials), set_a)
    assert given == [(owner.st_uid, owner.st_gid)]


def test_missing_file_is_private(home: Home) -> None:
    """A new file is its owner's, in a folder that is made."""
    path = home.path / 'new' / 'credentials'
    before = os.umask(0)
    try:
        edit_file(str(path), set_a)
    finally:
        os.umask(before)
    assert mode(path) == 0o600


def test_symbolic_link_stays(home: Home) -> None:
    """The file that the link leads to is changed."""
    target = home.path / 'dotfiles' / 'aws'
    target.parent.mkdir()
    target.write_bytes(b'[q]')
    home.credentials.symlink_to(os.path.join('..', 'dotfiles', 'aws'))
    edit_file('~/.aws/credentials', set_a)
    assert home.credentials.is_symlink()
    assert target.read_bytes() == b'[q]\n[p]\na = 1\n'
    assert os.listdir(target.parent) == ['aws']


def test_hard_link(home: Home) -> None:
    """Renaming would separate the two names, so the person is told."""
    other = home.path / 'dotfile'
    other.write_bytes(b'[q]\n')
    os.link(other, home.config)
    with pytest.raises(ConfigWriteError, match='by a symbolic link'):
        edit_file(str(home.config), set_a)
    assert other.samefile(home.config)
    assert other.read_bytes() == b'[q]\n'


@pytest.mark.parametrize('kind', ['folder', 'FIFO', 'device'])
def test_no_regular_file(
    home: Home, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A FIFO is not waited for, and /dev/null is not replaced."""
    path = home.config
    if kind == 'folder':
        path.mkdir()
    elif kind == 'FIFO':
        os.mkfifo(path)
    else:
        path = Path(os.devnull)

        def replace(*paths: object) -> None:
            raise AssertionError(paths)

        monkeypatch.setattr('os.replace', replace)
    with pytest.raises(ConfigWriteError, match='not a regular file'):
        edit_file(str(path), set_a)
    assert not path.is_file()


def test_nothing_is_lost_to_an_error(home: Home) -> None:
    """An error of the plan leaves the file as it was."""
    home.credentials.write_bytes(b'[q]\nb = 2\n')

    def fail(sections: Sections) -> Changes:
        assert sections == {'q': {'b': '2'}}
        raise KeyError('bug')

    with pytest.raises(KeyError, match='bug'):
        edit_file(str(home.credentials), fail)
    assert home.credentials.read_bytes() == b'[q]\nb = 2\n'
    assert files(home.credentials.parent) == {'credentials'}


@pytest.mark.parametrize('is_link', [False, True])
@pytest.mark.parametrize(
    ('edit', 'text', 'wanted'),
    [
        (lambda path: edit_file(path, set_a), b'[p]\na=2\n', b'[p]\na = 1\n'),
        (lambda path: edit_file(path, lambda _: {'q': None}), b'[q]\n', b''),
        (lambda path: edit_text(path, lambda text: text * 2), b'#', b'##'),
        (remove_if_empty, b'# mine\n', b'# mine\n'),
    ],
)
def test_system_that_cannot_tell(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    edit: Callable[[str], None],
    text: bytes,
    wanted: bytes,
    is_link: bool,
) -> None:
    """A file that cannot be looked at is never taken for one that is not."""
    if is_link:
        home.config.symlink_to(home.config.with_name('dotfile'))
    file = home.config.resolve()
    places = {str(home.config), str(file)}
    calls = fails_at = 0

    def failing(function: Callable[..., Any]) -> Callable[..., Any]:
        def look(path: Any, **keywords: Any) -> Any:
            nonlocal calls
            calls += path in places
            if path in places and calls == fails_at:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return function(path, **keywords)

        return look

    while calls >= fails_at:
        fails_at += 1
        calls = 0
        file.write_bytes(text)
        with monkeypatch.context() as patch:
            patch.setattr('os.stat', failing(os.stat))
            patch.setattr('os.lstat', failing(os.lstat))
            try:
                edit(str(home.config))
                expected = wanted
            except ConfigWriteError:
                expected = text
        assert file.read_bytes() == expected
        assert home.config.is_symlink() == is_link
    assert fails_at > 1


@pytest.mark.parametrize('is_new', [False, True])
def test_several_files_or_none(home: Home, is_new: bool) -> None:
    """What fails for the second file is undone in the first."""
    before = b'# mine\r\n[p]\r\nb = 2'
    if not is_new:
        home.config.write_bytes(before)
        home.config.chmod(0o640)
    home.credentials.write_bytes(b'[q]\nb = 2\n')
    changes: Changes = {'p': {'a': '1'}, 'q': {'b': None}}
    with pytest.raises(ConfigWriteError, match='just changed it'):
        edit_files(
            [
                (str(home.config), read_sections(str(home.config)), changes),
                (str(home.credentials), {}, changes),
            ]
        )
    assert home.credentials.read_bytes() == b'[q]\nb = 2\n'
    if is_new:
        assert not home.config.exists()
    else:
        assert home.config.read_bytes() == before
        assert mode(home.config) == 0o640
    assert files(home.config.parent) <= {'config', 'credentials'}


def test_section_that_goes(home: Home) -> None:
    """Its lines go, or its header changes if a new one has the same."""
    home.config.write_bytes(b'[q]\n# x\nb=2\n[p]\n# y\nb=3\n')
    edit_file(
        str(home.config),
        lambda _: {'q': None, 'p': None, 'n': {'b': '3'}},
    )
    assert home.config.read_bytes() == b'# x\n[n]\n# y\nb=3\n'


# Forks for each line of its input, edits the file there, is killed at the
# system call of that number, and prints how that ended.
CRASH = """
import os, signal, sys
import botocore.configloader
from awscli_mfa_plugin.config_files.edit import edit_file

path = sys.argv[1]

def dies_some_time(event, arguments):
    global countdown
    if event in ('open', 'os.rename', 'os.chmod', 'os.chown', 'os.remove'):
        countdown -= 1
        if countdown < 0:
            os.kill(os.getpid(), signal.SIGKILL)

changes = {'p': {'a': '1' * 100000}}
hooked = False
replace, fsync = os.replace, os.fsync

def replace_and_die(*arguments):
    replace(*arguments)
    dies_some_time('open', ())

def sync_and_die(handle):
    dies_some_time('open', ())
    fsync(handle)
    dies_some_time('open', ())

def plan(sections):
    global hooked
    if not hooked:
        sys.addaudithook(dies_some_time)
        hooked = True
    return changes

os.replace, os.fsync = replace_and_die, sync_and_die
for line in sys.stdin:
    countdown = int(line)
    child = os.fork()
    if not child:
        edit_file(path, plan)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_killed_at_any_moment(home: Home) -> None:
    """kill -9 leaves the old file or the new one, and no lock."""
    old = b'# mine\n[p]\na = 0\n'
    new = b'# mine\n[p]\na = ' + b'1' * 100000 + b'\n'
    seen: list[bytes] = []
    with answering(CRASH, str(home.credentials)) as answer:
        while True:
            home.credentials.write_bytes(old)
            home.credentials.chmod(0o640)
            code = int(answer(len(seen)))
            content = home.credentials.read_bytes()
            assert content in (old, new)
            assert mode(home.credentials) == 0o640
            if code == 0:
                break
            assert code == -signal.SIGKILL
            seen.append(content)
    # It was killed before the change, and after it.
    assert seen[0] == old
    assert seen[-1] == new == content
    assert seen == sorted(seen)
    # The next edit need not wait for a lock. The copies that were left have
    # the mode of the file or a stricter one, and are swept a day later.
    edit_file(str(home.credentials), set_a)
    copies = list(home.credentials.parent.glob('credentials.*'))
    assert {mode(path) for path in copies} == {0o600, 0o640}
    for path in copies:
        os.utime(path, (0, 0))
    remove_stale_copies(str(home.credentials))
    assert files(home.credentials.parent) == {'credentials'}


def test_changes_of_other_programs_are_kept(home: Home) -> None:
    """Editors and "aws configure" know nothing of the lock."""
    home.credentials.write_bytes(b'[a]\n')
    seen: list[Sections] = []

    def plan(sections: Sections) -> Changes:
        seen.append(sections)
        if len(seen) < 4:
            home.credentials.write_bytes(b'[a]\n[%d]\n' % len(seen))
        return set_a(sections)

    edit_file(str(home.credentials), plan)
    assert home.credentials.read_bytes() == b'[a]\n[3]\n[p]\na = 1\n'
    assert seen[-1] == {'a': {}, '3': {}}
    assert files(home.credentials.parent) == {'credentials'}


def test_a_file_that_never_rests(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other program's text is what stays."""
    home.credentials.write_bytes(b'[q]\n')

    def write_comment(path: str, copy: str) -> None:
        with open(path, 'ab') as file:
            file.write(b'#')

    monkeypatch.setattr('shutil.copymode', write_comment)
    with pytest.raises(ConfigWriteError, match='other programs'):
        edit_file(str(home.credentials), set_a)
    assert home.credentials.read_bytes() == b'[q]\n#####'
    assert files(home.credentials.parent) == {'credentials'}


def test_a_file_that_may_not_be_written(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renaming another one over it would get around that."""
    home.credentials.write_bytes(b'[q]')
    home.credentials.chmod(0o400)
    # root, who may run this, may write to every file.
    monkeypatch.setattr('os.access', lambda path, mode: False)
    with pytest.raises(ConfigWriteError, match='Permission denied'):
        edit_file(str(home.credentials), set_a)
    assert home.credentials.read_bytes() == b'[q]'


def test_lock_that_another_process_holds(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edit does not wait for ever for a process that hangs."""
    monkeypatch.setattr(
        'awscli_mfa_plugin.config_files.edit._PATIENCE_SECONDS', 0
    )
    with locked(lock_path(cache_directory(), 'config-files')) as is_held:
        assert is_held
        with pytest.raises(ConfigWriteError, match='another process'):
            edit_file(str(home.config), set_a)
    assert not home.config.exists()
    edit_file(str(home.config), set_a)


def test_a_variable_in_the_path(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore reads the file there, so that is where it is changed."""
    monkeypatch.setenv('ELSEWHERE', str(home.path))
    edit_file(os.path.join('$ELSEWHERE', 'mine'), set_a)
    assert (home.path / 'mine').read_bytes() == b'[p]\na = 1\n'


def test_stale_copies(home: Home) -> None:
    """Copies of this file that are older than a day go, and nothing else."""
    names = [
        'config',
        'config.bak',
        'config.x1_y.awscli-mfa.tmp',
        'config.new.awscli-mfa.tmp',
        'config.a.b.awscli-mfa.tmp',
        'credentials.x1_y.awscli-mfa.tmp',
        'my-config.x1_y.awscli-mfa.tmp',
    ]
    for name in names:
        path = home.config.with_name(name)
        path.touch()
        if name != 'config.new.awscli-mfa.tmp':
            os.utime(path, (0, time.time() - 86401))
    remove_stale_copies(str(home.config))
    assert files(home.config.parent) == {*names} - {names[2]}
    remove_stale_copies(str(home.path / 'missing' / 'config'))
