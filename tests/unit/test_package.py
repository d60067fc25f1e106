# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin itself."""

from __future__ import annotations

import ast
import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import awscli_mfa_plugin
from tests.unit.conftest import Home
from tests.unit.names import SERIAL

ROOT = Path(__file__).parents[2]
IMPORT = """
import json, sys
before = set(sys.modules)
import awscli_mfa_plugin
print(json.dumps(sorted(set(sys.modules) - before)))
"""
# Without site packages there is no botocore, awscli or filelock.
INITIALIZE = """
import sys
sys.path.insert(0, sys.argv[1])
import awscli_mfa_plugin
awscli_mfa_plugin.awscli_initialize(object())
assert 'botocore' not in sys.modules
"""


def run(program: str, *arguments: str) -> str:
    """Run a Python program and return what it prints."""
    return subprocess.run(
        [sys.executable, *arguments[:1], '-c', program, str(ROOT)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_import_costs_nothing() -> None:
    """Every ``aws`` command imports the package, and nothing with it."""
    imported = set(json.loads(run(IMPORT))) - {'__future__'}
    assert imported == {'awscli_mfa_plugin'}


def test_without_any_library() -> None:
    """An installation where everything is missing raises nothing."""
    assert run(INITIALIZE, '-IS') == ''


# What a command of a profile without MFA loads, with botocore's own parts.
COMMAND = """
import argparse, json, sys
import botocore.session
from botocore.hooks import HierarchicalEmitter
import awscli_mfa_plugin
emitter = HierarchicalEmitter()
awscli_mfa_plugin.awscli_initialize(emitter)
session = botocore.session.Session(profile='plain')
emitter.emit('building-command-table.main', command_table={}, session=session)
emitter.emit(
    'session-initialized',
    session=session,
    parsed_args=argparse.Namespace(command='s3', region=None, verify_ssl=None),
)
emitter.emit('operation-args-parsed.s3.ls', parsed_args=1, parsed_globals=1)
assert session.get_credentials().access_key == 'AKIAPLAINEXAMPLE'
print(json.dumps(sorted(m for m in sys.modules if 'mfa_plugin' in m)))
"""


def test_a_command_without_mfa_loads_four_modules(home: Home) -> None:
    """Everything else is loaded where an MFA device is named."""
    home.write(
        f'[profile work]\nmfa_serial = {SERIAL}\n[profile plain]\n',
        '[plain]\naws_access_key_id = AKIAPLAINEXAMPLE\n'
        'aws_secret_access_key = plain-EXAMPLE\n',
    )
    assert json.loads(run(COMMAND)) == [
        'awscli_mfa_plugin',
        'awscli_mfa_plugin.chain',
        'awscli_mfa_plugin.hooks',
        'awscli_mfa_plugin.needs',
    ]


class BrokenEmitter:
    """An emitter that takes no handler."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError('no handler, please')


@pytest.mark.parametrize(
    'event_hooks',
    [BrokenEmitter(), None, object()],
    ids=['broken', 'none', 'no'],
)
def test_initialize_does_not_raise(
    event_hooks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """An error at the start is shown at ``--debug`` alone."""
    with caplog.at_level(logging.DEBUG):
        awscli_mfa_plugin.awscli_initialize(event_hooks)
    (record,) = caplog.records
    assert record.levelno == logging.DEBUG
    assert 'The MFA plugin is not available' in record.getMessage()


class RecordingEmitter:
    """An emitter that notes which events are registered."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.last: list[str] = []

    def register(self, event_name: str, handler: Any) -> None:
        self.events.append(event_name)

    def register_last(self, event_name: str, handler: Any) -> None:
        self.last.append(event_name)


def test_initialize_registers_the_handlers() -> None:
    """The CLI's start-up registers the command and the provider."""
    emitter = RecordingEmitter()
    awscli_mfa_plugin.awscli_initialize(emitter)
    assert 'building-command-table.main' in emitter.events
    assert 'session-initialized' in emitter.last


def test_every_module_is_in_the_docstring() -> None:
    """The newcomer's first page names each module, in import order."""
    folder = Path(awscli_mfa_plugin.__file__).parent
    modules = {path.stem for path in folder.glob('[!_]*.py')}
    modules |= {path.parent.name for path in folder.glob('*/__init__.py')}
    page = awscli_mfa_plugin.__doc__ or ''
    assert [
        name for name in sorted(modules) if f'``{name}``' not in page
    ] == []


# The standard library of the frozen v2 lacks these, seen in a 2.36.7.
_NOT_IN_THE_BUNDLE = frozenset(
    [
        'cmd',
        'code',
        'pdb',
        'bdb',
        'curses',
        'pty',
        'zoneinfo',
        'dbm',
        'shelve',
        'graphlib',
        'doctest',
        'timeit',
        'trace',
        'profile',
        'cProfile',
        'pstats',
        'filecmp',
        'imaplib',
        'mailbox',
        'smtpd',
        'telnetlib',
        'sched',
        'symtable',
        'tkinter',
        'venv',
        'wave',
        'wsgiref',
        'zipapp',
        'compileall',
    ]
)


def test_nothing_is_imported_that_the_frozen_cli_lacks() -> None:
    """Such an import would end the command that needs it."""
    package = Path(awscli_mfa_plugin.__file__).parent
    for path in package.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or '']
            roots = {name.partition('.')[0] for name in names}
            assert not roots & _NOT_IN_THE_BUNDLE, path


# These test files are about more than one module.
_OF_MANY = {
    'config_files/test_agreement.py',
    'test_documentation.py',
    'test_exceptions.py',
    'test_package.py',
    'test_pieces.py',
    'test_standin.py',
}


def test_every_test_file_has_its_module() -> None:
    """A test stands where its module stands."""
    package = Path(awscli_mfa_plugin.__file__).parent
    unit = Path(__file__).parent
    for path in sorted(unit.rglob('test_*.py')):
        name = path.relative_to(unit)
        if name.as_posix() in _OF_MANY:
            continue
        module = name.parent / name.name[len('test_') :]
        assert (package / module).is_file(), name


# A command that runs while "awscli-mfa enable" lets the link lead elsewhere.
UPGRADE = """
import os, sys
sys.path.insert(0, 'current')
import awscli_mfa_plugin
awscli_mfa_plugin.awscli_initialize(None)
os.unlink('current')
os.symlink('new', 'current')
import awscli_mfa_plugin.duration as module
print(os.path.relpath(module.__file__))
"""


@pytest.mark.skipif(os.name == 'nt', reason='Windows has junctions')
def test_a_running_command_stays_with_its_copy(tmp_path: Path) -> None:
    """What it loads after an upgrade is of the version it began with."""
    for name in ('old', 'new'):
        shutil.copytree(
            ROOT / 'awscli_mfa_plugin', tmp_path / name / 'awscli_mfa_plugin'
        )
    (tmp_path / 'current').symlink_to('old')
    loaded = subprocess.run(
        [sys.executable, '-IS', '-c', UPGRADE],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert loaded == 'old/awscli_mfa_plugin/duration.py\n'
