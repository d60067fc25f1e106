# SPDX-License-Identifier: Apache-2.0
"""The files of a release: the same bytes every time, and they install."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from release import build, changelog

ROOT = Path(__file__).resolve().parents[2]
VERSION = changelog.package_version(ROOT)


def run(*command: str | Path, **variables: str) -> str:
    """Run a command and return what it prints."""
    return subprocess.run(
        command,
        check=True,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


@pytest.fixture(scope='session')
def built() -> Path:
    """Build a release, and leave it where the release workflow takes it."""
    run(sys.executable, ROOT / 'release' / 'build.py')
    return ROOT / 'dist'


@pytest.fixture(scope='session')
def wheel(built: Path) -> Path:
    """Give the wheel of the release."""
    return built / f'awscli_mfa_plugin-{VERSION}-py3-none-any.whl'


@pytest.fixture(scope='session')
def sdist(built: Path) -> Path:
    """Give the source distribution of the release."""
    return built / f'awscli_mfa_plugin-{VERSION}.tar.gz'


def test_same_bytes(built: Path, tmp_path: Path) -> None:
    """Another clone, umask, time zone and hash seed change nothing."""
    clone = tmp_path / 'elsewhere'
    run('git', 'clone', '--quiet', '--no-local', ROOT, clone)
    # Changes that are not committed are built too.
    for name in run('git', '-C', ROOT, 'ls-files', '-z').split('\0')[:-1]:
        target = clone / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    run('git', '-C', clone, 'add', '--all')
    leftover = clone / 'awscli_mfa_plugin' / 'leftover.pyc'
    leftover.write_bytes(b'')
    again = tmp_path / 'again'
    before = os.umask(0o077)
    try:
        run(
            *(sys.executable, clone / 'release' / 'build.py', again),
            PYTHONHASHSEED='7',
            TZ='Asia/Tokyo',
            LC_ALL='C',
        )
    finally:
        os.umask(before)
    names = sorted(path.name for path in built.iterdir())
    assert names == sorted(path.name for path in again.iterdir())
    for name in names:
        assert (again / name).read_bytes() == (built / name).read_bytes(), name


def test_names(built: Path, wheel: Path, sdist: Path) -> None:
    """A release has these files and no other."""
    assert {path.name for path in built.iterdir()} == {
        wheel.name,
        sdist.name,
        'NOTES.md',
        'SHA256SUMS',
        'awscli-mfa-plugin.cdx.json',
        'awscli-mfa-plugin.rb',
        'awscli-mfa.pyz',
    }
    sums = (built / 'SHA256SUMS').read_text('utf-8').splitlines()
    assert {line.partition('  ')[2] for line in sums} == {
        path.name
        for path in built.iterdir()
        if path.name not in ('NOTES.md', 'SHA256SUMS')
    }


def test_well_formed(wheel: Path, sdist: Path) -> None:
    """PyPI takes both, and the wheel holds what a wheel should."""
    run(sys.executable, '-m', 'twine', 'check', '--strict', wheel, sdist)
    run(sys.executable, '-m', 'check_wheel_contents', wheel)
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if 'METADATA' in name]
        page = archive.read(name).decode()
    # The page on PyPI has no other file beside it.
    links = re.findall(r'(?:\]\(|src="|srcset=")([^)"]+)', page)
    assert len(links) > 20
    assert [link for link in links if not link.startswith(('https', '#'))] == []


@pytest.mark.parametrize('kind', ['wheel', 'sdist', 'one file'])
def test_runs(
    kind: str, wheel: Path, sdist: Path, built: Path, tmp_path: Path
) -> None:
    """Installed by pip, or as one file, it starts and knows its version."""
    if kind == 'one file':
        program = [sys.executable, '-I', str(built / build.ONE_FILE)]
    else:
        file = wheel if kind == 'wheel' else sdist
        environment = tmp_path / 'environment'
        run(sys.executable, '-m', 'venv', '--without-pip', environment)
        scripts = environment / 'bin'
        pip = [sys.executable, '-m', 'pip', '--disable-pip-version-check']
        run(*pip, '--python', scripts / 'python', 'install', '-q', file)
        program = [str(scripts / 'awscli-mfa')]
    assert run(*program, '--version').strip() == VERSION


def test_sdist_has_the_tests(sdist: Path, tmp_path: Path) -> None:
    """A packager can read, test and document what was released."""
    # Python's own function lacks the filter on Debian 12, and warns without.
    run('tar', '-xzf', str(sdist), '-C', str(tmp_path))
    root = tmp_path / sdist.name.removesuffix('.tar.gz')
    wanted = ['LICENSE', 'CHANGELOG.md', 'tox.ini', 'tests/unit/conftest.py']
    assert [name for name in wanted if not (root / name).exists()] == []


def test_bill_of_materials(built: Path) -> None:
    """It names what is in it, and no path of the builder's."""
    text = (built / 'awscli-mfa-plugin.cdx.json').read_text('utf-8')
    bill = json.loads(text)
    assert bill['metadata']['component']['version'] == VERSION
    names = sorted(part['name'] for part in bill['components'])
    assert names == ['filelock', 'segno']
    assert 'file:' not in text
    assert str(built.parent) not in text


def test_one_file_names_no_path(built: Path) -> None:
    """The one file tells nothing of the machine that it was built on."""
    with zipfile.ZipFile(built / build.ONE_FILE) as archive:
        names = archive.namelist()
    tops = {name.partition('/')[0] for name in names}
    assert {top for top in tops if not top.endswith('.dist-info')} == {
        '__main__.py',
        'awscli_mfa_plugin',
        'filelock',
        'segno',
    }
    assert [name for name in names if name.endswith('RECORD')] == []


def test_formula(built: Path) -> None:
    """The Homebrew formula names the one file and its checksum."""
    text = (built / 'awscli-mfa-plugin.rb').read_text('utf-8')
    sums = (built / 'SHA256SUMS').read_text('utf-8').split()
    assert f'version "{VERSION}"' in text
    assert sums[sums.index(build.ONE_FILE) - 1] in text
    assert '@' not in text.replace('python@3', '').replace('"$@"', '')
