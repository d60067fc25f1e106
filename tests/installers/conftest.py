# SPDX-License-Identifier: Apache-2.0
"""Releases to install, and a table of seconds at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from release.build import ONE_FILE, write_one_file
from release.changelog import package_version
from tests.e2e.conftest import aws, new_user, running_aws
from tests.e2e.person import Person
from tests.hosts import hosts
from tests.installers.computer import Computer
from tests.standin import StandIn, User

# The fixtures that the end-to-end tests have.
__all__ = ['aws', 'new_user', 'running_aws']

ROOT = Path(__file__).resolve().parents[2]

# The folder of the wheels that tox has fetched.
VARIABLE = 'AWSCLI_MFA_TEST_WHEELS'

NEWER_VERSION = '99.0.0'

_SECONDS = 'seconds'


@dataclass(frozen=True)
class Release:
    """The files of a release."""

    version: str
    wheel: Path
    one_file: Path


@pytest.fixture(scope='session')
def wheels() -> Path:
    """Return the folder of what the package and the AWS CLI v1 need."""
    if VARIABLE not in os.environ:
        raise pytest.UsageError('run tox -e installers')
    return Path(os.environ[VARIABLE])


@pytest.fixture(scope='session')
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers share."""
    base = tmp_path_factory.getbasetemp()
    # Each worker has its own folder; one above is for all of them.
    return base.parent if os.environ.get('PYTEST_XDIST_WORKER') else base


@pytest.fixture(scope='session')
def releases(shared: Path, wheels: Path) -> tuple[Release, Release]:
    """Build the checkout, and the same with a higher version."""
    with FileLock(shared / 'releases.lock'):
        return (
            _build(shared / 'release', wheels, package_version(ROOT)),
            _build(shared / 'newer', wheels, NEWER_VERSION),
        )


def _build(folder: Path, wheels: Path, version: str) -> Release:
    wheel = folder / f'awscli_mfa_plugin-{version}-py3-none-any.whl'
    release = Release(version, wheel, folder / ONE_FILE)
    if release.one_file.exists():
        return release
    tree = folder / 'tree'
    for name in ('pyproject.toml', 'README.md', 'LICENSE'):
        tree.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree)
    package = tree / 'awscli_mfa_plugin'
    shutil.copytree(
        ROOT / 'awscli_mfa_plugin',
        package,
        ignore=shutil.ignore_patterns('__pycache__'),
    )
    init = package / '__init__.py'
    init.write_text(
        init.read_text('utf-8').replace(
            f"__version__ = '{package_version(ROOT)}'",
            f"__version__ = '{version}'",
        ),
        'utf-8',
    )
    # Without a second environment to build in, which pip would make.
    program = f'import flit_core.buildapi as b; b.build_wheel({str(folder)!r})'
    subprocess.run([sys.executable, '-c', program], check=True, cwd=tree)
    site = folder / 'site'
    subprocess.run(
        [
            *(sys.executable, '-m', 'pip', 'install', '--quiet'),
            *('--no-index', '--find-links', wheels, '--no-compile'),
            *('--target', site, wheel),
        ],
        check=True,
    )
    os.environ['SOURCE_DATE_EPOCH'] = '1700000000'
    write_one_file(release.one_file, site)
    return release


@pytest.fixture
def computer(
    tmp_path: Path,
    aws: StandIn,
    new_user: Callable[[], User],
    shared: Path,
    wheels: Path,
    record_property: Callable[[str, object], None],
    request: pytest.FixtureRequest,
) -> Iterator[Computer]:
    """Give a computer on which nothing of ours has been installed."""
    newest = hosts()[-1]

    def new_person(home: Path) -> Person:
        person = Person(home, newest, aws, new_user(), tmp_path)
        text = person.config_file.read_text().partition('[profile ')
        person.write_config(text[1] + text[2], plugin=False)
        return person

    computer = Computer(new_person, tmp_path, wheels, shared / 'uv-cache')
    yield computer
    record_property(_SECONDS, (request.node.name, computer.seconds))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> None:
    """Print how many seconds each step of each way has taken."""
    rows = {
        value[0]: value[1]
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, 'when', None) == 'teardown'
        for name, value in report.user_properties
        if name == _SECONDS
    }
    if rows:
        terminalreporter.section('seconds')
    for name, steps in rows.items():
        words = [f'{step} {seconds:.1f}' for step, seconds in steps.items()]
        terminalreporter.write_line(f'{name}: {", ".join(words)}')
