# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.notes."""

from __future__ import annotations

import errno
import os
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache.layout import role_path, session_file
from awscli_mfa_plugin.cache.notes import (
    find_credentials,
    forget_profile,
    note_session,
    seconds_left,
)
from awscli_mfa_plugin.cache.roles import RoleSession, write_role
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.temporary_credentials import parse_time
from tests.unit.conftest import Home, make_credentials, make_mfa_session, now

KEY = 'a' * 64
FILE = session_file(KEY)
MFA_SESSION = make_mfa_session()
EXPECTED = MFA_SESSION.credentials.as_json()


@pytest.fixture
def noted(home: Home) -> Home:
    """Give a home with a session that is noted for a profile."""
    home.write('[profile work]\n', '[work-long-term]\n')
    MFASessionCache().put(KEY, MFA_SESSION)
    note_session('work', FILE, 60)
    return home


def note_of(home: Home) -> Path:
    """Return the file of the only profile's note."""
    (path,) = (home.cache / 'profiles').iterdir()
    return path


def test_finds_the_session(noted: Home) -> None:
    """The credentials are those of the file, under STS's names."""
    assert find_credentials('work') == EXPECTED
    assert find_credentials('other') is None


def test_the_note_holds_no_secret(noted: Home) -> None:
    """It names a file of the cache, and is for its owner alone."""
    text = note_of(noted).read_text()
    for secret in (*EXPECTED.values(), MFA_SESSION.serial_number):
        assert secret not in text
    assert stat.S_IMODE(note_of(noted).stat().st_mode) == 0o600
    assert stat.S_IMODE(note_of(noted).parent.stat().st_mode) == 0o700


def test_finds_a_role(home: Home) -> None:
    """A role session is found, whatever else its file holds."""
    path = role_path(str(home.cache), KEY, 'login:admin')
    role = RoleSession(
        make_credentials(access_key_id='ASIAROLE', account_id='123456789012'),
        'admin',
        'arn:aws:iam::123456789012:role/admin',
        by_login=True,
        parameters={'Policy': '{\n  "Credentials": {\n', 'Tags': [{'a': 'b'}]},
    )
    write_role(path, role)
    note_session('admin', os.path.basename(path), 60)
    found = find_credentials('admin')
    assert found is not None and found['AccessKeyId'] == 'ASIAROLE'


@pytest.mark.parametrize(
    'name', ['../../x', 'a/b', 'ä', 'a\nb', "it's", 'x]', '\udcff', 'p' * 100]
)
def test_a_profile_may_have_any_name(home: Home, name: str) -> None:
    """Its note stays in the folder and serves no other profile."""
    MFASessionCache().put(KEY, MFA_SESSION)
    note_session(name, FILE, 60)
    assert note_of(home).is_file()
    assert find_credentials(name) == EXPECTED
    assert find_credentials(name.upper() + '.') is None


@pytest.mark.parametrize('name', ['p' * 101, ''])
def test_a_name_that_is_too_long_has_no_note(home: Home, name: str) -> None:
    """Then ``awscli-mfa`` starts ``aws``."""
    MFASessionCache().put(KEY, MFA_SESSION)
    note_session(name, FILE, 60)
    forget_profile(name)
    assert find_credentials(name) is None


def test_without_a_cache(home: Home) -> None:
    """Nothing is made and nothing is raised."""
    forget_profile('work')
    assert find_credentials('work') is None
    assert not home.cache.exists()


def test_a_file_that_cannot_be_closed(
    noted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a file system gives no session, and no traceback."""
    close = os.close

    def close_and_fail(handle: int) -> None:
        close(handle)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr('os.close', close_and_fail)
    found = find_credentials('work')
    monkeypatch.undo()
    assert found is None


def test_a_cache_that_cannot_be_written(home: Home) -> None:
    """A note is not worth an error."""
    home.cache.parent.mkdir(parents=True)
    home.cache.write_text('a file')
    note_session('work', FILE, 60)
    assert find_credentials('work') is None


@pytest.mark.parametrize('name', ['config', 'credentials'])
def test_a_change_of_either_file_ends_it(noted: Home, name: str) -> None:
    """Nothing is signed with it then, but a shell prompt shows it."""
    path: Path = getattr(noted, name)
    for change in (lambda: path.write_text('[default]\n'), path.unlink):
        change()
        assert find_credentials('work') is None
        assert find_credentials('work', even_if_changed=True) == EXPECTED
        note_session('work', FILE, 60)
        assert find_credentials('work') == EXPECTED


@pytest.mark.parametrize(
    'variable', ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']
)
def test_other_files_in_the_environment(
    noted: Home, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A profile of that name in another file is another profile."""
    monkeypatch.setenv(variable, str(noted.path / 'other'))
    assert find_credentials('work', even_if_changed=True) is None


def test_the_files_where_the_cli_has_them(
    noted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a word in the environment they are the same ones."""
    monkeypatch.delenv('AWS_CONFIG_FILE')
    monkeypatch.delenv('AWS_SHARED_CREDENTIALS_FILE')
    assert find_credentials('work') == EXPECTED


def test_a_note_under_another_name(noted: Home) -> None:
    """It serves no profile but its own."""
    note = note_of(noted)
    note.rename(note.with_name(b'other'.hex()))
    assert find_credentials('other', even_if_changed=True) is None


def test_noted_once(noted: Home) -> None:
    """Every command says what serves its profile; it is written once."""
    before = note_of(noted).stat().st_ino
    note_session('work', FILE, 60)
    assert note_of(noted).stat().st_ino == before
    note_session('work', FILE, 600)
    assert note_of(noted).stat().st_ino != before


def test_a_coding_agent_that_has_a_role_of_its_own(
    noted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only ``aws`` can tell its session; a shell prompt shows ours."""
    note_session('work', FILE, 60, has_agent_role=True)
    assert find_credentials('work') == EXPECTED
    monkeypatch.setenv('CLAUDECODE', '1')
    assert find_credentials('work') is None
    assert find_credentials('work', even_if_changed=True) == EXPECTED
    note_session('work', FILE, 60)
    assert find_credentials('work') == EXPECTED


def test_forgotten(noted: Home) -> None:
    """After that there is none, and forgetting it again is no error."""
    forget_profile('work')
    forget_profile('work')
    assert find_credentials('work', even_if_changed=True) is None


@pytest.mark.parametrize(
    ('left', 'min_remaining', 'found'),
    [(70, 60, True), (50, 60, False), (3500, 3600, False), (-1, 60, False)],
)
def test_how_long_a_session_has_to_last(
    home: Home, left: int, min_remaining: int, found: bool
) -> None:
    """One that is too short is left to ``aws``, which may renew it."""
    mfa_session = make_mfa_session(expiration=now() + timedelta(seconds=left))
    MFASessionCache().put(KEY, mfa_session)
    note_session('work', FILE, min_remaining)
    assert (find_credentials('work') is not None) is found


@pytest.mark.parametrize(
    ('line', 'text'),
    [
        (0, '3'),
        (1, "'other'"),
        (2, "'/etc/passwd'"),
        (4, '../../../etc/passwd'),
        (4, '..'),
        (4, ''),
        (4, f'{"b" * 64}.json'),
        (5, 'long'),
        (5, '-1'),
        (5, ''),
        (5, '9' * 5000),
        (5, '\u0663'),
        (6, 'agents'),
        (9, 'more'),
        (9, '\n'),
    ],
)
def test_a_note_that_is_none(noted: Home, line: int, text: str) -> None:
    """Whatever is in the file, ``aws`` is asked."""
    lines = note_of(noted).read_text().split('\n')
    lines[line : line + 1] = [text]
    note_of(noted).write_text('\n'.join(lines), encoding='utf-8')
    assert find_credentials('work', even_if_changed=True) is None


@pytest.mark.parametrize(
    ('old', 'new'),
    [
        ('"Version": 1', '"Version": 2'),
        ('mfa-session', 'assume-role'),
        ('"SecretAccessKey": "', '"SecretAccessKey": "a\\u0041'),
        ('"SessionToken": "', '"SessionToken": "\u00e4'),
        ('"SessionToken": "', '"SessionToken": "a" "'),
        ('"SessionToken": "', '"Token": "'),
        ('"SessionToken"', '"SessionToken": null, "x"'),
        ('    "Access', '"Access'),
        (MFA_SESSION.credentials.session_token, ''),
        (f'"{MFA_SESSION.credentials.session_token}"', '17'),
        ('Z"', '+00:00"'),
        ('Z"', '.5Z"'),
        ('-', '/'),
        ('\n}', ''),
        ('{', '['),
        ('\n', '\r'),
    ],
)
def test_a_session_of_another_shape(noted: Home, old: str, new: str) -> None:
    """A file that we did not write is left to ``aws`` to judge."""
    path = noted.cache / FILE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new), encoding='utf-8')
    assert find_credentials('work') is None


@pytest.mark.parametrize('text', ['', '[]', '{}', '\0', 'x' * 200_000])
def test_files_that_are_noise(noted: Home, text: str) -> None:
    """Neither a broken session nor a broken note is an error."""
    note = note_of(noted).read_text()
    (noted.cache / FILE).write_text(text)
    assert find_credentials('work') is None
    MFASessionCache().put(KEY, MFA_SESSION)
    assert find_credentials('work') == EXPECTED
    note_of(noted).write_text(text)
    assert find_credentials('work') is None
    note_session('work', FILE, 60)
    assert note_of(noted).read_text() == note


@pytest.mark.skipif(os.name == 'nt', reason='POSIX files')
@pytest.mark.parametrize('kind', ['session', 'note'])
def test_files_that_are_not_the_user_s_own(noted: Home, kind: str) -> None:
    """A file others had a hand in is not read, and a FIFO cannot hang."""
    path = noted.cache / FILE if kind == 'session' else note_of(noted)
    path.chmod(0o640)
    assert find_credentials('work') is None
    path.chmod(0o600)
    path.parent.chmod(0o720)
    assert find_credentials('work') is None
    # Where others can only look they can change nothing.
    path.parent.chmod(0o755)
    assert find_credentials('work') == EXPECTED
    content = path.read_bytes()
    moved = path.with_name('moved')
    path.rename(moved)
    path.symlink_to(moved)
    assert find_credentials('work') is None
    path.unlink()
    os.mkfifo(path, 0o600)
    assert find_credentials('work') is None
    end = os.open(path, os.O_RDWR)
    os.write(end, content)
    assert find_credentials('work') is None
    os.close(end)
    path.unlink()
    path.mkdir(0o700)
    assert find_credentials('work') is None


@pytest.mark.skipif(os.name == 'nt', reason='POSIX files')
@pytest.mark.parametrize(
    ('user', 'file', 'believed'),
    [
        (7, 7, True),
        (8, 7, False),
        # Root reads what the folder's owner wrote: a home in a container.
        (0, 0, True),
        (0, 1, True),
        (0, 7, False),
        # On Windows the folder's permissions decide.
        (None, 7, True),
    ],
)
def test_files_of_somebody_else(
    noted: Home,
    monkeypatch: pytest.MonkeyPatch,
    user: int | None,
    file: int,
    believed: bool,
) -> None:
    """Nothing is signed with what another user put there."""
    os_stat, os_fstat = os.stat, os.fstat

    def owned_by(status: os.stat_result, uid: int) -> os.stat_result:
        values = list(status)
        values[4] = uid
        return os.stat_result(values)

    def stat_of(path: str) -> os.stat_result:
        status = os_stat(path)
        # The state of the config files is part of the note.
        is_folder = stat.S_ISDIR(status.st_mode)
        return owned_by(status, 1) if is_folder else status

    with monkeypatch.context() as changes:
        if user is None:
            changes.delattr('os.geteuid')
        else:
            changes.setattr('os.geteuid', lambda: user)
        changes.setattr('os.stat', stat_of)
        changes.setattr('os.fstat', lambda fd: owned_by(os_fstat(fd), file))
        found = find_credentials('work')
    assert found == (EXPECTED if believed else None)


@pytest.mark.parametrize(
    'text',
    [
        '1970-01-01T00:00:00Z',
        '2000-02-29T23:59:59Z',
        '2000-03-01T00:00:00Z',
        '2024-03-01T00:00:00Z',
        '2026-12-31T12:34:56Z',
        '2100-03-01T00:00:00Z',
    ],
)
def test_seconds_left(text: str) -> None:
    """The calendar is the one that ``datetime`` has."""
    left = parse_time(text) - datetime.now(timezone.utc)
    assert seconds_left(text) == pytest.approx(left.total_seconds(), abs=5)


@pytest.mark.parametrize('text', ['', 'soon', '2026-11-24', '2026-11-24T06'])
def test_seconds_left_of_no_time(text: str) -> None:
    """A text that is no time has passed."""
    assert seconds_left(text) < 0
