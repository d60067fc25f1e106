# SPDX-License-Identifier: Apache-2.0
"""What every test gets: a clean environment; end-to-end tests, AWS CLIs."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from awscli_mfa_plugin.host.agents import known_agents
from tests.hosts import VARIABLE, NoHostError, hosts, install_plugin
from tests.sdks import NoSDKError, found_sdks, missing_sdks

_TESTS = Path(__file__).resolve().parent

_HOME = pytest.StashKey[str]()

# The developer's own, which would steer botocore, the plugin or the AWS CLI.
# MFA_DEVICE, MFA_STS_DURATION and MFA_ASSUME_ROLE are aws-mfa's.
_PREFIXES = ('AWS_', 'MFA_')


# These import modules that only POSIX systems have.
collect_ignore = (
    ['e2e', 'comparison', 'installers', 'unit/cache/test_lock.py', 'unit/host']
    if sys.platform == 'win32'
    else []
)


def pytest_configure(config: pytest.Config) -> None:
    """Let no test read or write what is the developer's own."""
    config.addinivalue_line(
        'markers', 'ministack: needs MiniStack, which needs Python 3.10'
    )
    config.addinivalue_line(
        'markers', 'one_host: runs on the newest AWS CLI alone'
    )
    for name in list(os.environ):
        if name.startswith(_PREFIXES):
            del os.environ[name]
    # A developer's agent may run the tests, and is no part of them.
    for name, _ in known_agents():
        os.environ.pop(name, None)
    home = tempfile.mkdtemp(prefix='awscli-mfa-plugin-')
    os.environ.update(HOME=home, USERPROFILE=home)
    config.stash[_HOME] = home


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the tests' home folder."""
    if _HOME in config.stash:
        shutil.rmtree(config.stash[_HOME], ignore_errors=True)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which AWS CLIs and SDKs the end-to-end tests run on."""
    chosen = [Path(arg.partition('::')[0]).resolve() for arg in config.args]
    end_to_end = _TESTS / 'e2e'
    if not any(
        path in (end_to_end, *end_to_end.parents) or end_to_end in path.parents
        for path in chosen
    ):
        return []
    try:
        found = hosts()
    except NoHostError as error:
        raise pytest.UsageError(str(error)) from error
    lines = [f'AWS CLI: {host.name} ({host.aws})' for host in found]
    if not any(host.is_v2 for host in found):
        lines.append(f'AWS CLI: NO v2 FOUND, NOT TESTED; set {VARIABLE}')
    if all(host.is_v2 for host in found):
        lines.append('AWS CLI: NO v1 FOUND, NOT TESTED; use tox -e e2e')
    try:
        names = ', '.join(sdk.name for sdk in found_sdks())
    except NoSDKError as error:
        raise pytest.UsageError(str(error)) from error
    lines.append(f'SDKs: {names}')
    if missing_sdks():
        lines.append(f'SDKs: {missing_sdks()} NOT FOUND, NOT TESTED')
    return lines


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that wants a `host` on every AWS CLI."""
    if 'host' not in metafunc.fixturenames:
        return
    try:
        found = hosts()
    except NoHostError as error:
        raise pytest.UsageError(str(error)) from error
    if not found:
        raise pytest.UsageError(
            f'no AWS CLI found: run tox -e e2e, or set {VARIABLE}'
        )
    if metafunc.definition.get_closest_marker('one_host'):
        found = (max(found, key=lambda host: host.version),)
    ids = [host.name for host in found]
    metafunc.parametrize('host', found, ids=ids, scope='session')


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs MiniStack where it cannot be installed."""
    if sys.version_info >= (3, 10):
        return
    skip = pytest.mark.skip(reason='MiniStack needs Python 3.10')
    for item in items:
        if item.get_closest_marker('ministack'):
            item.add_marker(skip)


@pytest.fixture(scope='session')
def plugin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the plugin in it, to give to an AWS CLI v2."""
    from filelock import FileLock

    shared = tmp_path_factory.getbasetemp()
    if os.environ.get('PYTEST_XDIST_WORKER'):
        # Each worker has its own folder; one above is for all of them.
        shared = shared.parent
    folder = shared / 'plugin'
    with FileLock(f'{folder}.lock'):
        if not folder.exists():
            new = shared / 'plugin.new'
            install_plugin(_TESTS.parent, new)
            new.rename(folder)
    return folder
