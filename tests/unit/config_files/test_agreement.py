# SPDX-License-Identifier: Apache-2.0
"""The editor and botocore's parser agree, whatever a file holds.

A few hundred cases run here, the same ones each time. The number in
``AWSCLI_MFA_TEST_EXAMPLES`` asks for as many others: see ``tox -e nightly``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from configparser import DEFAULTSECT, Error, RawConfigParser
from pathlib import Path
from typing import Any, Optional

import pytest
from botocore.configloader import load_config
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from awscli_mfa_plugin.config_files.config import write_profile
from awscli_mfa_plugin.config_files.credentials import (
    remove_sessions,
    write_section,
)
from awscli_mfa_plugin.config_files.edit import edit_file
from awscli_mfa_plugin.exceptions.files import (
    ConfigWriteError,
    LongTermSectionError,
)
from tests.unit.config_files.test_credentials import CREDENTIALS
from tests.unit.conftest import Home

EXAMPLES = os.environ.get('AWSCLI_MFA_TEST_EXAMPLES')

search = settings(
    max_examples=int(EXAMPLES or 200),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    # Every case writes the file of its test anew.
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)

CORPUS = {
    path.name: path.read_bytes()
    for path in sorted(Path(__file__).with_name('corpus').iterdir())
}

Change = Mapping[str, Optional[str]]


@pytest.fixture(autouse=True)
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disk: no machine crashes here."""
    monkeypatch.setattr('os.fsync', lambda handle: None)


@pytest.fixture
def session(home: Home) -> Any:
    """Return one session for all cases: no more than paths are asked."""
    return home.session()


# Some functions split lines at these or strip them, and others do not.
ODD = ['\x85', '\u2028', '\0', '\x0b', '\x1c', '\u3000', '\xa0', '\ufeff']
ENDINGS = st.sampled_from(['\n'] * 20 + ['\r\n', '\r', '\n\n', *ODD])
INDENTS = st.sampled_from([''] * 20 + ['  ', '    ', '\t', ' \t', *ODD])
SEPARATORS = st.sampled_from(['=', ' = ', ':', ' : ', '= \t'])
# Sections, by a header of theirs. One is no section on any Python, and two
# have another name on Python 3.9.
HEADERS = {
    '[a]': 'a',
    '[b] trailing': 'b',
    '[[x]]': '[x]',
    '[a b]]': 'a b]',
    '[a\\b]]': 'a\\b]',
    '[pr[of]ile a]': 'pr[of]ile a',
    '[profile a]b]': 'profile a]b',
    '[profile "a"]': 'profile "a"',
    '[ a ]': ' a ',
    '[default]': 'default',
    '[DEFAULT]': 'DEFAULT',
    '[ä]': 'ä',
    '[q': 'q',
}
SECTIONS = [*HEADERS.values(), 'x', '[x', 'new', 'n\new', '']
NAMES = ['k', 'l', 'mfa_serial', 'a b', 's3', '[k', '#k', 'ä', 'k]']
VALUES = ['', 'v', '[b]', '[b', 'v = w', '#', 'v ; w', 'ä', '"', '\\']
# Lines after a setting: comments, blank lines, and more of its value.
REMARKS = ['# c\n', ' ; c\n', '\n', '  v\n', '  [b]\n', '\t x = y\n', '\x85\n']
CASES = st.sampled_from([str.lower, str.upper])
SETTINGS = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(
        INDENTS,
        CASES,
        SEPARATORS,
        st.sampled_from([*VALUES, *ODD]),
        ENDINGS,
        st.sampled_from([''] * 10 + REMARKS),
    ),
    max_size=4,
)
# No section and no setting twice, so that the parser reads most of them.
READABLE = st.dictionaries(
    st.sampled_from(sorted(HEADERS)),
    st.tuples(INDENTS, ENDINGS, SETTINGS),
    max_size=4,
).map(
    lambda sections: ''.join(
        f'{indent}{header}{ending}'
        + ''.join(
            f'{begin}{case(name)}{separator}{value}{end}{remark}'
            for name, (
                begin,
                case,
                separator,
                value,
                end,
                remark,
            ) in settings.items()
        )
        for header, (indent, ending, settings) in sections.items()
    )
)
LINES = st.tuples(
    INDENTS,
    st.one_of(
        st.sampled_from([*HEADERS, *REMARKS, 'region', '= v', *ODD]),
        st.tuples(
            st.sampled_from(NAMES), SEPARATORS, st.sampled_from(VALUES)
        ).map(''.join),
    ),
    ENDINGS,
).map(''.join)
FILES = st.one_of(
    READABLE,
    READABLE,
    READABLE,
    st.lists(LINES, max_size=12).map(''.join),
    # A line somewhere in a file of the corpus.
    st.builds(
        lambda lines, place, line: '\n'.join(
            [*lines[:place], line, *lines[place:]]
        ),
        st.sampled_from(
            [content.decode().split('\n') for content in CORPUS.values()]
        ),
        st.integers(0, 40),
        LINES,
    ),
)
CHANGES = st.dictionaries(
    st.sampled_from(['k', 'l', 's3', 'mfa_serial'] * 3 + NAMES),
    st.one_of(
        st.sampled_from(VALUES),
        st.sampled_from(VALUES),
        st.sampled_from([*ODD, ' v', 'a\nb', 'a\n[b]', '\n a = b', 'a\r']),
        st.none(),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str, Change]:
    """Return a file's text, a section, mostly of the file, and changes."""
    text = draw(FILES)
    present = [name for header, name in HEADERS.items() if header in text]
    section = draw(st.sampled_from([*present * 5, *SECTIONS]))
    return text, section, draw(CHANGES)


def parse(path: Path) -> dict[str, dict[str, str]] | None:
    """Return what ``configparser`` reads, each value as it is written."""
    parser = RawConfigParser()
    try:
        parser.read(path)
    except (Error, UnicodeDecodeError):
        return None
    sections = {name: dict(parser.items(name)) for name in parser.sections()}
    return {DEFAULTSECT: dict(parser.defaults()), **sections}


def remarks(path: Path) -> list[str]:
    """Return a file's comments and blank lines, without their endings."""
    with open(path, newline='') as file:
        lines = list(file)
    return [
        line.rstrip('\r\n')
        for line in lines
        if not line.strip() or line.strip().startswith(('#', ';'))
    ]


@search
@given(edits())
@example(('[a]\nk = 1\n  [b]\n', 'a', {'l': '2'}))
@example(('[a]\n  [b]\n', 'a', {'l': '2'}))
@example(('[pr[of]ile a]\nk = 1\n', 'pr[of]ile a', {'l': '2'}))
@example(('[a\\b]]\nk = 1\n', 'a\\b]', {'l': '2'}))
@example(('[a b]]\nk = 1\n', 'a b]', {'l': '2'}))
@example(('[[x]]\nk = 1\n', '[x]', {'l': '2'}))
@example(('[x] trailing\nk = 1\n', 'x', {'l': '2'}))
@example(('[a]\rk = 1\r[b]\rk = 2\r', 'a', {'k': '3'}))
@example(('[a]\nk = 1\x85l = 2\n', 'a', {'k': '3'}))
@example(('[a]\nk = 1\u2028[b]\n', 'a', {'l': '2'}))
@example(('[a]\nk = 1\0[b]\n', 'a', {'l': '2'}))
@example(('[a]\nK = 1\n', 'a', {'k': None}))
@example(('[a]\nk = 1\nK = 2\n', 'a', {'k': None}))
@example(('[a]\nk = 1\n  2\n # c\n  3\nl = 4\n', 'a', {'k': None}))
@example(('[DEFAULT]\nk = 1\n', 'a', {'l': '2'}))
@example(('[DEFAULT]\nk = 1\n[a]\nk = 2\n', 'a', {'k': None}))
@example(('\ufeff[a]\nk = 1\n', 'a', {'k': '2'}))
def test_any_file(home: Home, case: tuple[str, str, Change]) -> None:
    """Nothing but the change is read anew, or the file stays as it was."""
    text, section, change = case
    path = home.config
    path.write_bytes(text.encode())
    before = parse(path)
    before_remarks = remarks(path)

    def edit() -> None:
        edit_file(str(path), lambda sections: {section: change})

    try:
        edit()
    except ConfigWriteError:
        event('not readable' if before is None else 'refused')
        assert path.read_bytes() == text.encode()
        return
    event('edited' if path.read_bytes() != text.encode() else 'so already')
    assert before is not None
    after = parse(path)
    for name, value in change.items():
        if value is not None:
            before.setdefault(section, dict(before[DEFAULTSECT]))[name] = value
        elif section in before and section != DEFAULTSECT:
            # botocore has no section [DEFAULT], thus no setting there.
            before[section].pop(name, None)
    assert after == before
    assert remarks(path) == before_remarks
    edited = path.read_bytes()
    edit()
    assert path.read_bytes() == edited


PROFILES = st.one_of(
    st.sampled_from(
        ['default', 'user1', 'a', 'two words', '本番', 'umlaut ä']
    ),
    # No header ends before its last bracket on Python 3.9.
    st.text(
        st.characters(categories=['L', 'N', 'P', 'S'], exclude_characters=']'),
        min_size=1,
    ),
)
# What a serial number, a region or a command may look like.
PLAIN = st.text(
    st.characters(categories=['L', 'N', 'P', 'S', 'Zs']), max_size=30
).map(str.strip)


@search
@given(
    file=st.sampled_from(sorted(CORPUS)),
    name=PROFILES,
    changes=st.dictionaries(
        st.sampled_from(['region', 'mfa_serial', 'credential_process']),
        PLAIN,
        min_size=1,
    ),
)
def test_profile_in_a_file_that_people_have(
    home: Home, session: Any, file: str, name: str, changes: dict[str, str]
) -> None:
    """No ordinary file is refused, and every other line stays."""
    home.config.write_bytes(CORPUS[file])
    sections = parse(home.config)
    assert sections is not None
    expected = load_config(str(home.config))
    write_profile(session, name, changes)
    expected['profiles'].setdefault(name, sections[DEFAULTSECT]).update(
        changes
    )
    assert load_config(str(home.config)) == expected
    old = CORPUS[file].splitlines()
    new = home.config.read_bytes().splitlines()
    assert len(new) <= len(old) + len(changes) + 1
    replaced = [line for line in old if line not in new]
    assert len(replaced) <= len(changes)


@search
@given(file=st.sampled_from(sorted(CORPUS)), name=PROFILES)
def test_session_in_a_file_that_people_have(
    home: Home, session: Any, file: str, name: str
) -> None:
    """A session that is written and removed again leaves no other trace."""
    home.credentials.write_bytes(CORPUS[file])
    try:
        write_section(session, name, CREDENTIALS)
    except LongTermSectionError:
        assert home.credentials.read_bytes() == CORPUS[file]
        return
    assert remove_sessions(session, {'ASIAEXAMPLE'}) == [name]
    assert 'ASIAEXAMPLE' not in home.credentials.read_text()
    lines = home.credentials.read_bytes().splitlines()
    missing = set(CORPUS[file].splitlines()) - set(lines)
    assert not missing
