# SPDX-License-Identifier: Apache-2.0
"""A thousand processes are killed, each at a random moment."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.configloader import raw_config_parse

from awscli_mfa_plugin.cache.inventory import ROLE_FILE, SESSION_FILE
from tests.e2e.person import REGION, Person
from tests.nightly import forked
from tests.nightly.conftest import Search
from tests.standin import StandIn, User

# In so many tests, which may run at the same time.
TESTS = 4
KILLS = 1000

COMMANDS = {
    'listing': ['s3', 'ls'],
    'login': ['mfa', 'login', '--force', '--token-code', 'CODE'],
    'login that writes': ['mfa', 'login', '--force', '--write-credentials'],
    'configure-sdk': ['mfa', 'configure-sdk'],
    'logout': ['mfa', 'logout'],
}

# What a killed process may leave behind: the next login sweeps it.
LEFT_OVER = re.compile(r'.*\.tmp|.*\.lock|.*\.holder')


@pytest.fixture
def somebody(
    tmp_path: Path, aws: StandIn, new_user: Callable[[], User]
) -> Person:
    """Give somebody whose codes come from a program."""
    person = Person(
        tmp_path / 'home', forked.HOST, aws, new_user(), tmp_path / 'unused'
    )
    start_again(person)
    return person


def start_again(person: Person) -> None:
    """Put the person's files as they were, and forget every session."""
    shutil.rmtree(person.home / '.aws')
    person.config_file.parent.mkdir()
    device = person.user.device
    person.write_config(
        f'# mine\n[profile {person.profile}]\nregion = {REGION}\n'
        f'mfa_serial = {device.serial_number}\n'
        f'mfa_process = {shlex.join(device.code_command())}\n'
        '\n[profile other] ; with a remark\noutput = text\n'
    )
    person.write_credentials(
        {f'{person.profile}-long-term': person.user, 'other': person.user}
    )


def check_files(person: Person, lines: list[str]) -> int:
    """Check all files; return how many were left over."""
    for path in (person.config_file, person.credentials_file):
        raw_config_parse(str(path))
    written = (
        person.config_file.read_text() + person.credentials_file.read_text()
    ).splitlines()
    # In their order: each is looked for behind the one before.
    rest = iter(written)
    assert all(line in rest for line in lines), written
    left_over = 0
    for path in person.home.rglob('*'):
        left_over += path.suffix == '.tmp'
        if (
            not path.is_file()
            or path.parent == person.config_file.parent
            or LEFT_OVER.fullmatch(path.name)
        ):
            continue
        if SESSION_FILE.fullmatch(path.name) or ROLE_FILE.fullmatch(path.name):
            assert json.loads(path.read_text())['Credentials']
        elif path.parent.name == 'profiles':
            assert len(path.read_text().splitlines()) == 8, path
        elif path.parent == person.cache:
            json.loads(path.read_text())
    return left_over


@pytest.mark.parametrize('number', range(TESTS))
def test_kills(search: Search, somebody: Person, number: int) -> None:
    """Every file can be read, nothing is lost, the next command works."""
    somebody.variables['AWS_PROFILE'] = somebody.profile
    lines = (
        somebody.config_file.read_text()
        + somebody.credentials_file.read_text()
    ).splitlines()
    lasts: dict[str, float] = {}
    for name in sorted(COMMANDS):
        started = time.monotonic()
        result = start(somebody, name).result()
        assert result.code == 0, (name, result)
        lasts[name] = time.monotonic() - started
    for _ in search.cases(KILLS // TESTS):
        if search.random.random() < 0.5:
            start_again(somebody)
        name = search.random.choice(sorted(COMMANDS))
        command = start(somebody, name)
        moment = search.random.uniform(0, lasts[name])
        search.counts[
            name if command.kill_after(moment) else f'{name} was over'
        ] += 1
        search.counts['files left over'] += check_files(somebody, lines)
        after = start(
            somebody, search.random.choice(['listing', 'login'])
        ).result()
        assert after.code == 0, (name, moment, after)
        check_files(somebody, lines)


def start(person: Person, name: str) -> forked.Forked:
    """Start one of the commands."""
    return forked.Forked(
        person,
        *(
            person.user.device.code() if word == 'CODE' else word
            for word in COMMANDS[name]
        ),
    )
