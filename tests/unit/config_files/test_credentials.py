# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.config_files.credentials."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime, timezone

import pytest

from awscli_mfa_plugin.config_files.credentials import (
    check_section,
    remove_sessions,
    write_section,
)
from awscli_mfa_plugin.exceptions.files import (
    ConfigWriteError,
    LongTermSectionError,
    SectionRemoveError,
)
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials
from tests.unit.conftest import Home
from tests.unit.names import ACCESS_KEY_ID, KEYS, ROLE, SECRET_KEY

CREDENTIALS = TemporaryCredentials(
    'ASIAEXAMPLE',
    'session-secret',
    'session-token',
    datetime(2026, 11, 24, 6, 5, 4, tzinfo=timezone.utc),
)

SESSION = """\
aws_access_key_id = ASIAEXAMPLE
aws_secret_access_key = session-secret
aws_session_token = session-token
aws_security_token = session-token
expiration = 2026-11-24 06:05:04
"""


def test_session(home: Home) -> None:
    """A session is written under aws-mfa's names, in UTC."""
    home.write('', f'[p-long-term]\n{KEYS}')
    path = write_section(home.session(), 'p', CREDENTIALS)
    assert path == str(home.credentials)
    assert home.credentials.read_text() == (
        f'[p-long-term]\n{KEYS}[p]\nassumed_role = False\n{SESSION}'
    )


def test_role_and_back(home: Home) -> None:
    """A role's session says so, and the next one of the user does not."""
    home.write('', '[p]\n# mine\nregion = x\n')
    write_section(home.session(), 'p', CREDENTIALS, ROLE)
    assert home.credentials.read_text() == (
        '[p]\n# mine\nregion = x\nassumed_role = True\n'
        f'assumed_role_arn = {ROLE}\n{SESSION}'
    )
    write_section(home.session(), 'p', CREDENTIALS)
    assert home.credentials.read_text() == (
        f'[p]\n# mine\nregion = x\nassumed_role = False\n{SESSION}'
    )


def test_profile_with_a_bracket(home: Home) -> None:
    """Its section is not written twice, which botocore could not read."""
    name = 'a]b'
    if sys.version_info < (3, 10):
        # There a header ends at the first bracket.
        with pytest.raises(ConfigWriteError):
            write_section(home.session(), name, CREDENTIALS)
        assert not home.credentials.exists()
        return
    write_section(home.session(), name, CREDENTIALS)
    write_section(home.session(), name, CREDENTIALS, ROLE)
    assert home.credentials.read_text().count('[a]b]') == 1
    assert home.session(profile=name).get_credentials().token


def test_missing_file(home: Home) -> None:
    """A file that is missing is made."""
    check_section(home.session(), 'p')
    write_section(home.session(), 'p', CREDENTIALS)
    assert home.credentials.read_text().startswith('[p]\nassumed_role')


LONG_TERM = [
    KEYS,
    KEYS.upper().replace(SECRET_KEY.upper(), SECRET_KEY),
    f'{KEYS}aws_session_token =\n',
    f'  aws_secret_access_key: {SECRET_KEY}\n',
]


@pytest.mark.parametrize('keys', LONG_TERM)
def test_long_term_keys(home: Home, keys: str) -> None:
    """A secret key without a token is never written over."""
    home.write('', f'[p]\n{keys}[q]\naws_session_token = t\n')
    before = home.credentials.read_bytes()
    for write in (
        lambda: check_section(home.session(), 'p'),
        lambda: write_section(home.session(), 'p', CREDENTIALS),
    ):
        with pytest.raises(LongTermSectionError) as caught:
            write()
        message = str(caught.value)
        assert f'[p] of {home.credentials}' in message
        assert '--short-term-suffix' in message
        assert SECRET_KEY not in message
        assert ACCESS_KEY_ID not in message
    assert home.credentials.read_bytes() == before


@pytest.mark.parametrize(
    'content',
    [
        '',
        'region = x\n',
        f'{KEYS}aws_session_token = t\n',
        f'{KEYS}aws_security_token = t\n',
    ],
)
def test_section_that_may_be_written_over(home: Home, content: str) -> None:
    """A section with another session, or with nothing, may be used."""
    home.write('', f'[q]\n{KEYS}[p]\n{content}')
    check_section(home.session(), 'p')
    write_section(home.session(), 'p', CREDENTIALS)
    assert home.credentials.read_text().startswith(f'[q]\n{KEYS}[p]\n')
    found = home.session(profile='p').get_credentials()
    assert found.access_key == 'ASIAEXAMPLE'
    assert found.token == 'session-token'


@pytest.mark.parametrize('role_arn', [None, ROLE])
def test_what_was_written_is_removed(home: Home, role_arn: str | None) -> None:
    """All of it, and every other byte stays; another one's session too."""
    other = SESSION.replace('ASIAEXAMPLE', 'ASIAOTHER')
    before = (
        f'[q]\r\nregion=y\n{other}[p-long-term]\n{KEYS}'
        '[p] # häßlich\n# mine\n  region : x\n  assumed = 1\n\n'
        f'[long]\n{KEYS}; the end'
    )
    home.credentials.write_bytes(before.encode())
    write_section(home.session(), 'p', CREDENTIALS, role_arn)
    assert home.credentials.read_bytes() != before.encode()
    ids = {'ASIAEXAMPLE', 'ASIAUNKNOWN'}
    assert remove_sessions(home.session(), ids) == ['p']
    assert home.credentials.read_bytes() == before.encode()
    assert remove_sessions(home.session(), ids) == []


def test_every_section_with_a_session(home: Home) -> None:
    """A header stays: the profile may be in no other file."""
    home.write('', f'[p]\n{SESSION}[ö]\n{SESSION}\n[q] x\n{SESSION}[r]\n')
    found = remove_sessions(home.session(), ['ASIAEXAMPLE'])
    assert found == ['p', 'ö', 'q']
    assert home.credentials.read_text('utf-8') == '[p]\n[ö]\n\n[q] x\n[r]\n'


def test_session_that_another_hand_has_touched(home: Home) -> None:
    """Names in another case and values of several lines go too."""
    session = SESSION.upper().replace(' = ', '=').replace('0\n', '0\n  UTC\n')
    home.write('', f'[p]\nRegion = x\n{session}# mine\n[q]\n')
    assert remove_sessions(home.session(), ['ASIAEXAMPLE']) == ['p']
    assert home.credentials.read_text() == '[p]\nRegion = x\n# mine\n[q]\n'


@pytest.mark.parametrize(
    'content',
    [
        f'[p]\n{KEYS}[q]\n{SESSION}',
        '# aws_access_key_id = ASIAOTHER\n[p]\nx =\n  a = ASIAOTHER\n',
        '[p]\naws_access_key_id =\n  a = ASIAOTHER\n',
    ],
)
def test_no_section_with_a_session(home: Home, content: str) -> None:
    """The file is not even written anew."""
    home.write('', content)
    before = home.credentials.stat().st_ino
    assert remove_sessions(home.session(), {'ASIAOTHER'}) == []
    assert home.credentials.read_text() == content
    # A write would put another file in its place.
    assert home.credentials.stat().st_ino == before


def test_nothing_to_remove_from(home: Home) -> None:
    """A file that is not there is not made."""
    assert remove_sessions(home.session(), {'ASIAEXAMPLE'}) == []
    assert not home.credentials.exists()


@pytest.mark.parametrize(
    ('content', 'sections'),
    [
        (f'[p]\n{SESSION}', '[p]'),
        (f'[p]\n{SESSION}[q]\n{SESSION}', '[p], [q]'),
    ],
)
def test_file_that_cannot_be_written(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    sections: str,
) -> None:
    """It says where the session still is, and what to do."""
    home.write('', content)

    def refuse(*_: object) -> None:
        raise PermissionError(13, 'Permission denied')

    monkeypatch.setattr('os.replace', refuse)
    with pytest.raises(SectionRemoveError) as caught:
        remove_sessions(home.session(), {'ASIAEXAMPLE'})
    assert str(caught.value) == (
        'The MFA session could not be removed from '
        f'{home.credentials} (Permission denied). Delete it from {sections} '
        'by hand.'
    )
    assert home.credentials.read_text() == content


def test_no_session_in_a_file_that_cannot_be_read(home: Home) -> None:
    """Without a session nothing is said to be left in the file."""
    home.credentials.symlink_to(home.credentials)
    assert remove_sessions(home.session(), set()) == []


def test_session_in_a_file_that_cannot_be_read(home: Home) -> None:
    """The error says so without a name of a section."""
    home.credentials.write_bytes(b'aws_access_key_id = ASIAEXAMPLE\n')
    with pytest.raises(SectionRemoveError) as caught:
        remove_sessions(home.session(), {'ASIAEXAMPLE'})
    assert str(caught.value) == (
        f'The MFA session could not be removed from {home.credentials} '
        '(its layout can only be edited by hand). Delete it from there by '
        'hand.'
    )


def test_another_session_written_meanwhile(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is judged as it is when it is changed."""
    home.write('', f'[p]\n{SESSION}[q]\n{SESSION}')
    after = f'[p]\n{SESSION.replace("ASIAEXAMPLE", "ASIAOTHER")}[q]\n'
    copymode = shutil.copymode

    def log_in(path: str, copy: str) -> None:
        home.write('', f'{after}{SESSION}')
        copymode(path, copy)

    monkeypatch.setattr('shutil.copymode', log_in)
    assert remove_sessions(home.session(), {'ASIAEXAMPLE'}) == ['q']
    assert home.credentials.read_text() == after
