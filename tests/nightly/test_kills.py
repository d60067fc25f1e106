# SPDX-License-Identifier: Apache-2.0
"""A thousand processes are killed, each at a random moment."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.configloader import raw_config_parse

from awscli_mfa_plugin.cache.inventory import ROLE_FILE, SESSION_FILE
from tests.e2e.person import REGION, Person, Result
from tests.nightly import forked
from tests.nightly.conftest import Search
from tests.standin import StandIn, User

# In so many tests, which may run at the same time.
TESTS = 4
KILLS = 1000
# And so many of processes that take longer.
KILLS_OF_PROCESSES = 60

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
            assert len(path.read_text().splitlines()) == 9, path
        elif path.parent == person.cache:
            json.loads(path.read_text())
    return left_over


class Process:
    """A command in a process of its own, not forked from a warm one."""

    def __init__(self, person: Person, *arguments: str) -> None:
        self._process = person.start(*arguments)

    def kill_after(self, seconds: float) -> bool:
        """Kill it after some time; tell whether it was still running."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._process.kill()
        self._process.communicate()
        return self._process.returncode == -signal.SIGKILL

    def result(self) -> Result:
        """Wait for its end."""
        stdout, stderr = self._process.communicate(timeout=60)
        return Result(self._process.returncode, stdout, stderr)


def kill(
    search: Search,
    person: Person,
    kind: type[forked.Forked | Process],
    number: int,
    earliest: float = 0,
) -> None:
    """Kill commands, and look at what each of them left behind.

    :param earliest: The part of a command that is let alone, up to 1.
    """

    def start(name: str) -> forked.Forked | Process:
        words = [
            person.user.device.code() if word == 'CODE' else word
            for word in COMMANDS[name]
        ]
        return kind(person, *words)

    person.variables['AWS_PROFILE'] = person.profile
    lines = (
        person.config_file.read_text() + person.credentials_file.read_text()
    ).splitlines()
    lasts: dict[str, float] = {}
    for name in sorted(COMMANDS):
        started = time.monotonic()
        result = start(name).result()
        assert result.code == 0, (name, result)
        lasts[name] = time.monotonic() - started
    for _ in search.cases(number):
        if search.random.random() < 0.5:
            start_again(person)
        name = search.random.choice(sorted(COMMANDS))
        command = start(name)
        moment = search.random.uniform(earliest, 1) * lasts[name]
        search.counts[
            name if command.kill_after(moment) else f'{name} was over'
        ] += 1
        search.counts['files left over'] += check_files(person, lines)
        after = start(search.random.choice(['listing', 'login'])).result()
        assert after.code == 0, (name, moment, after)
        check_files(person, lines)


@pytest.mark.parametrize('number', range(TESTS))
def test_kills(search: Search, somebody: Person, number: int) -> None:
    """Every file can be read, nothing is lost, the next command works."""
    kill(search, somebody, forked.Forked, KILLS // TESTS)


@pytest.mark.one_host
def test_kills_of_processes(search: Search, person: Person) -> None:
    """Nor is anything lost with the newest AWS CLI, which is not forked."""
    start_again(person)
    # Python's start is of no interest, and a third of it all.
    kill(search, person, Process, KILLS_OF_PROCESSES, earliest=0.3)
