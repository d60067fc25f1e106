# SPDX-License-Identifier: Apache-2.0
"""Each system call on a file of ours or of the person's fails once."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.person import REGION, Person, Result
from tests.hosts import hosts
from tests.nightly import forked
from tests.nightly.conftest import Search
from tests.nightly.secrets import found_in
from tests.nightly.test_kills import somebody

__all__ = ['somebody']

ERRORS = ('EIO', 'EACCES', 'ENOSPC', 'EROFS', 'EINTR')

# Those on files, of every kind that takes a path or a file's number.
_CALLS = '%file,%desc'

# "123 openat(AT_FDCWD</>, ..." with the paths of files by their numbers.
_LINE = re.compile(r'(\d+) +(\w+)\((.*)')

# Flags and calls of what changes a file.
_WRITES = re.compile(
    r'O_CREAT|^(?:write|pwrite64|fsync|fdatasync|ftruncate|mkdir|rename'
    r'|renameat2?|f?chmod|fchmodat)$'
)


@dataclass(frozen=True)
class Situation:
    """A command, and what it finds.

    :ivar has_session: Whether the person has logged in.
    :ivar prints_session: Whether standard output is meant to have it.
    :ivar outlives_a_full_disk: Whether it does its work without a cache.
    :ivar adds_to: The person's own files that it writes to.
    :ivar has_own_key: Whether the profile has its long-term key itself,
        which another provider could sign with.
    :ivar is_enabled: Whether the config file names the plugin.
    :ivar takes_away: The lines that may go from the person's files.
    """

    arguments: tuple[str, ...]
    program: str = 'awscli-mfa'
    has_session: bool = True
    prints_session: bool = False
    outlives_a_full_disk: bool = False
    adds_to: tuple[str, ...] = ()
    has_own_key: bool = False
    is_enabled: bool = True
    takes_away: tuple[str, ...] = ()


SITUATIONS = {
    'login': Situation(('login', '--force', '--token-code', 'CODE')),
    'first login': Situation(
        ('login', '--token-code', 'CODE'), has_session=False
    ),
    'login that writes': Situation(
        ('login', '--force', '--write-credentials'), adds_to=('credentials',)
    ),
    'listing': Situation(('s3', 'ls'), 'aws', outlives_a_full_disk=True),
    'first listing': Situation(
        ('s3', 'ls'), 'aws', has_session=False, outlives_a_full_disk=True
    ),
    'status': Situation(('status',), outlives_a_full_disk=True),
    'logout': Situation(('logout',)),
    'credentials': Situation(
        ('credentials',), prints_session=True, outlives_a_full_disk=True
    ),
    'listing with an own key': Situation(
        ('s3', 'ls'), 'aws', outlives_a_full_disk=True, has_own_key=True
    ),
    'listing of a role': Situation(
        ('s3', 'ls', '--profile', 'app'), 'aws', outlives_a_full_disk=True
    ),
    'listing of a role with an own key': Situation(
        ('s3', 'ls', '--profile', 'app'),
        'aws',
        outlives_a_full_disk=True,
        has_own_key=True,
    ),
    'login to a role': Situation(
        ('login', '--profile', 'app', '--force', '--token-code', 'CODE')
    ),
    'configure-sdk': Situation(
        ('mfa', 'configure-sdk'), 'aws', adds_to=('config',)
    ),
    'moving a key': Situation(
        ('mfa', 'configure-sdk', '--apply'),
        'aws',
        adds_to=('config', 'credentials'),
        has_own_key=True,
        takes_away=('[s3-cli-user]',),
    ),
    'exec': Situation(
        ('mfa', 'exec', '--', 'true'), 'aws', outlives_a_full_disk=True
    ),
    'export': Situation(
        ('mfa', 'export-credentials'),
        'aws',
        prints_session=True,
        outlives_a_full_disk=True,
    ),
    'enable': Situation(
        ('enable', '--aws', 'AWS'),
        has_session=False,
        adds_to=('config',),
        is_enabled=False,
    ),
    'disable': Situation(
        ('disable',),
        has_session=False,
        adds_to=('config',),
        takes_away=('[plugins]', 'mfa = awscli_mfa_plugin'),
    ),
}


def traced(
    person: Person, situation: Situation, log: Path, *options: str
) -> tuple[Result, list[str]]:
    """Run a command under strace; return the result and its secrets."""
    code = person.user.device.code()
    code_file(person).write_text(code)
    meant = {'CODE': code, 'AWS': hosts()[0].aws}
    words = [meant.get(word, word) for word in situation.arguments]
    command = forked.Forked(
        person, *words, program=situation.program, is_traced=True
    )
    command.wait_until('State:\tT (stopped)')
    with subprocess.Popen(
        [
            *(
                'strace',
                '-f',
                # Programs that are started are not ours, or have a turn of
                # their own.
                '--detach-on=execve',
                '-qq',
                '-y',
                '-s',
                '0',
                '-o',
                str(log),
                *options,
            ),
            *('-p', str(command.process.pid)),
        ]
    ) as strace:
        command.wait_until(f'TracerPid:\t{strace.pid}')
        command.go_on()
        result = command.result()
    return result, [code, person.user.secret_access_key]


def code_file(person: Person) -> Path:
    """Return where ``mfa_process`` has its code from, outside of the home."""
    return person.home.with_name('code')


def calls_on_files(log: Path, home: Path) -> list[tuple[str, int, bool]]:
    """Return the calls on files of the home: name, number, if it writes."""
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for line in log.read_text(errors='replace').splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        process, name, rest = match.groups()
        counts[process, name] += 1
        if f'{home}/' in rest:
            writes = bool(_WRITES.search(name) or _WRITES.search(rest))
            found.append((name, counts[process, name], writes))
    return list(dict.fromkeys(found))


def restore(kept: Path, home: Path) -> None:
    """Put all files as they were; one that is the same stays the same."""
    for path in sorted(home.rglob('*'), reverse=True):
        if not (kept / path.relative_to(home)).exists():
            is_folder = path.is_dir() and not path.is_symlink()
            path.rmdir() if is_folder else path.unlink()
    for path in sorted(kept.rglob('*')):
        there = home / path.relative_to(kept)
        if path.is_dir():
            there.mkdir(exist_ok=True)
        elif not there.exists() or path.read_bytes() != there.read_bytes():
            there.write_bytes(path.read_bytes())
        shutil.copystat(path, there)


def secrets_of(person: Person) -> list[str]:
    """Return the secrets of every session in the cache."""
    secrets = []
    for session in person.sessions():
        given = session['Credentials']
        secrets += [given['SecretAccessKey'], given['SessionToken']]
    return secrets


@pytest.fixture
def strace() -> None:
    """Insist on strace, which makes system calls fail."""
    assert shutil.which('strace'), (
        'strace is not on PATH. Install it: apt-get install strace'
    )


def set_up(person: Person, situation: Situation) -> None:
    """Make ready what a command finds."""
    person.variables['AWS_PROFILE'] = person.profile
    # A Python for each code would be most of what a case costs.
    person.config_file.write_text(
        person.config_file.read_text().replace(
            shlex.join(person.user.device.code_command()),
            shlex.join(['cat', str(code_file(person))]),
        )
    )
    code_file(person).write_text(person.user.device.code())
    role = person.aws.create_role(f'{person.user.name}-app').arn
    with person.config_file.open('a') as file:
        file.write(
            f'\n[profile app]\nregion = {REGION}\nrole_arn = {role}\n'
            f'source_profile = {person.profile}\n'
        )
    if not situation.is_enabled:
        text = person.config_file.read_text()
        person.write_config(text[text.index('# mine') :], plugin=False)
    if situation.has_own_key:
        person.write_credentials({person.profile: person.user})
    if situation.has_session:
        for arguments in (['mfa', 'login'], ['s3', 'ls']):
            result = forked.Forked(person, *arguments).result()
            assert result.code == 0, result


@pytest.mark.parametrize('name', SITUATIONS)
def test_faults(
    strace: None,
    search: Search,
    somebody: Person,
    tmp_path: Path,
    name: str,
) -> None:
    """No traceback, no hang, no damaged or stray file, and no secret."""
    situation = SITUATIONS[name]
    set_up(somebody, situation)
    kept = tmp_path / 'kept'
    shutil.copytree(somebody.home, kept)
    restore(kept, somebody.home)
    log = tmp_path / 'log'
    healthy, _ = traced(somebody, situation, log, '-e', f'trace={_CALLS}')
    assert healthy.code == 0, healthy
    calls = calls_on_files(log, somebody.home)
    search.counts['calls'] = len(calls)
    search.random.shuffle(calls)
    # Each call once, with one error or another, before any of them twice.
    cases = [
        (call, ERRORS[(number + turn) % len(ERRORS)])
        for turn in range(len(ERRORS))
        for number, call in enumerate(calls)
    ]
    for number in search.cases(len(cases)):
        (call, count, writes), error = cases[number]
        case = f'{call}:error={error}:when={count}'
        restore(kept, somebody.home)
        before = secrets_of(somebody)
        somebody.aws.clear_requests()
        result, secrets = traced(
            somebody, situation, log, '-e', f'trace={call}', '-e',
            f'inject={case}',
        )  # fmt: skip
        injected = re.findall('.*INJECTED.*', log.read_text())
        ours = [f'{somebody.home}/' in line for line in injected]
        if not any(ours):
            # A thread was quicker than the other time.
            search.counts['missed'] += 1
            continue
        if situation.program == 'aws' and 'configloader.py' in result.stderr:
            # v1's own end on Python before 3.13, with a plugin or without.
            search.counts['ended in botocore'] += 1
            continue
        search.counts['failed' if result.code else 'done'] += 1
        try:
            check(somebody, situation, kept, result, call)
            after = secrets + before + secrets_of(somebody)
            # botocore takes a config file that it cannot read for an empty
            # one, which names no plugin.
            if '/.aws/config' not in injected[0]:
                signed_with = {
                    call.key_kind
                    for call in somebody.aws.requests()
                    if call.operation != 'GetSessionToken'
                }
                assert 'long-term' not in signed_with
            output = result.stderr
            if not situation.prints_session:
                output += result.stdout
            assert not found_in(output, after)
            if (
                situation.outlives_a_full_disk
                and writes
                and error in ('ENOSPC', 'EROFS')
                # A program of the person's may have had as many calls.
                and all(ours)
            ):
                assert result.code == 0
        except AssertionError as wrong:
            raise AssertionError(f'{case}: {result}, {injected}') from wrong


def check(
    person: Person,
    situation: Situation,
    kept: Path,
    result: Result,
    call: str,
) -> None:
    """Check what a command said and left behind."""
    assert 0 <= result.code <= 255
    assert 'Traceback' not in result.stderr
    assert 'Exception ignored' not in result.stderr
    assert result.code == 0 or result.stderr.strip()
    for path in (person.config_file, person.credentials_file):
        was = (kept / path.relative_to(person.home)).read_text()
        if path.name not in situation.adds_to:
            assert path.read_text() == was
        rest = iter(path.read_text().splitlines())
        assert all(
            line in situation.takes_away or line in rest
            for line in was.splitlines()
        ), path
    if situation.arguments[0] in ('enable', 'disable'):
        tried = forked.Forked(person, '--version').result()
        assert tried.code == 0, tried
    for path in person.home.rglob('*'):
        # What could not be removed stays.
        assert path.suffix != '.tmp' or call in ('unlink', 'unlinkat'), path
        if path.suffix == '.json':
            json.loads(path.read_text())
        if path.parent == person.cache and path.is_file():
            assert path.stat().st_mode & 0o77 == 0, path
