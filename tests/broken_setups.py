# SPDX-License-Identifier: Apache-2.0
"""A hundred ways to get the set-up wrong, and CLIs to get it wrong for.

Each is a config file, and what lies beside it, as people leave them: a
wrong folder, a line cut off, somebody else's plugin that fails.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

GOOD = 'awscli_mfa_plugin'
PROFILE = '[default]\nregion = eu-central-1\n'

# What an AWS CLI makes of its config file, without the rest of it: v1 is
# told by its version, and where v2 has a plugin path v1 sees a module.
_FAKE_CLI = """\
import configparser, os, sys
version, package = {version!r}, {package!r}
awscli = sys.modules['awscli'] = type(sys)('awscli')
awscli.__version__ = version
sys.path += package
plugins = {{}}
for variable, default in (
    ('AWS_CONFIG_FILE', '~/.aws/config'),
    ('AWS_SHARED_CREDENTIALS_FILE', '~/.aws/credentials'),
):
    path = os.path.expanduser(os.environ.get(variable) or default)
    parser = configparser.RawConfigParser(default_section=None)
    if os.path.isfile(path):
        parser.read(path)
    if 'CONFIG' in variable and parser.has_section('plugins'):
        plugins = dict(parser['plugins'])
if version.startswith('2'):
    path = plugins.pop('cli_legacy_plugin_path', None)
    if path is None:
        plugins = {{}}
    else:
        sys.path += path.split(os.pathsep)
modules = []
for name in plugins.values():
    if '.' not in name:
        modules.append(__import__(name))
    else:
        modules.append(__import__(name, fromlist=[name.rsplit('.', 1)[1]]))
for module in modules:
    module.awscli_initialize(object())
if sys.argv[1] == 'mfa' and 'awscli_mfa_plugin' not in sys.modules:
    sys.exit(2)
print('aws-cli/' + version + ' Python')
"""


def put_fake_cli(
    folder: Path, version: str, package: Path | None = None
) -> Path:
    """Put an ``aws`` into a folder that loads plugins, and no more.

    :param package: Where it has the plugin installed, if it has.
    """
    folder.mkdir(parents=True)
    program = folder / 'program.py'
    program.write_text(
        _FAKE_CLI.format(
            version=version, package=[str(package)] if package else []
        )
    )
    script = folder / 'aws'
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {program} "$@"\n')
    script.chmod(0o755)
    return script


@dataclass(frozen=True)
class Setup:
    """A home folder that somebody got wrong.

    :ivar name: What is wrong with it.
    :ivar config: The config file's bytes.
    :ivar prepare: Makes what else lies in the home folder.
    :ivar ours: Only what is ours in it keeps an ``aws`` from working.
    """

    name: str
    config: bytes
    prepare: Callable[[Path, Path], None] = lambda home, plugin: None
    ours: bool = False

    def make(self, home: Path, plugin: Path) -> Path:
        """Make the home folder; return the config file.

        :param plugin: A folder with the package in it.
        """
        config = home / '.aws' / 'config'
        config.parent.mkdir(parents=True)
        config.write_bytes(self.config.replace(b'HOME', os.fsencode(home)))
        self.prepare(home, plugin)
        return config


def _no_folder(home: Path, plugin: Path) -> None:
    """There is nothing where the path leads."""


def _empty_folder(home: Path, plugin: Path) -> None:
    (home / 'plugins').mkdir()


def _a_file(home: Path, plugin: Path) -> None:
    (home / 'plugins').write_text('')


def _old_copy(home: Path, plugin: Path) -> None:
    shutil.copytree(plugin, home / 'plugins')


def _damaged_copy(home: Path, plugin: Path) -> None:
    """Pip was stopped in the middle."""
    shutil.copytree(plugin, home / 'plugins')
    init = home / 'plugins' / GOOD / '__init__.py'
    init.write_bytes(init.read_bytes()[:700])


def _empty_copy(home: Path, plugin: Path) -> None:
    (home / 'plugins' / GOOD).mkdir(parents=True)
    (home / 'plugins' / GOOD / '__init__.py').write_text('')


def _damaged_fixed_copy(home: Path, plugin: Path) -> None:
    fixed = home / '.aws' / 'cli' / 'mfa-plugin'
    fixed.mkdir(parents=True)
    shutil.copytree(plugin, fixed / 'copy-x')
    (fixed / 'current').symlink_to('copy-x')
    (fixed / 'copy-x' / GOOD / '__init__.py').write_text('raise OSError')


def _dangling_fixed_copy(home: Path, plugin: Path) -> None:
    fixed = home / '.aws' / 'cli' / 'mfa-plugin'
    fixed.mkdir(parents=True)
    (fixed / 'current').symlink_to('copy-gone')


def _others_plugin(text: str) -> Callable[[Path, Path], None]:
    def prepare(home: Path, plugin: Path) -> None:
        (home / 'plugins').mkdir()
        (home / 'plugins' / 'others.py').write_text(text)

    return prepare


def setups() -> Iterator[Setup]:
    """Return every set-up, each under a name of its own."""
    yield from _wrong_folders_and_names()
    yield from _others_plugins()
    yield from _cut_off()
    yield from _wrong_files()


def _wrong_folders_and_names() -> Iterator[Setup]:
    folders = {
        'removed folder': ('HOME/plugins', _no_folder),
        'empty folder': ('HOME/plugins', _empty_folder),
        'file for a folder': ('HOME/plugins', _a_file),
        'literal tilde': ('~/.aws/plugins', _no_folder),
        'variable': ('$HOME/plugins', _no_folder),
        'relative folder': ('plugins/here', _no_folder),
        'folder of the package': ('HOME/plugins/' + GOOD, _old_copy),
        'old copy': ('HOME/plugins', _old_copy),
        'damaged copy': ('HOME/plugins', _damaged_copy),
        'empty copy': ('HOME/plugins', _empty_copy),
        'damaged fixed copy': (
            'HOME/.aws/cli/mfa-plugin/current',
            _damaged_fixed_copy,
        ),
        'dangling fixed copy': (
            'HOME/.aws/cli/mfa-plugin/current',
            _dangling_fixed_copy,
        ),
    }
    names = {
        'right name': GOOD,
        'hyphens': 'awscli-mfa-plugin',
        'quotes': f'"{GOOD}"',
        'typing error': 'awscli_mfa_plugn',
        'no value': '',
    }
    combined = ('right name', 'hyphens', 'typing error')
    for (folder, (path, prepare)), name in itertools.product(
        folders.items(), combined
    ):
        value = names[name]
        lines = [f'cli_legacy_plugin_path = {path}', f'mfa = {value}']
        # The order matters to v1 alone, and only where the rest is right.
        orders = (lines, lines[::-1]) if value == GOOD else (lines,)
        for order in orders:
            first = 'path' if order == lines else 'plugin'
            yield Setup(
                f'{folder}, {name}, {first} first',
                '\n'.join(['[plugins]', *order, PROFILE]).encode(),
                prepare,
                ours=name in ('right name', 'hyphens', 'quotes'),
            )
    for name, value in names.items():
        yield Setup(
            f'{name} without a path',
            f'{PROFILE}[plugins]\nmfa = {value}'.encode(),
            ours=name in ('right name', 'hyphens', 'quotes'),
        )


def _others_plugins() -> Iterator[Setup]:
    plugins = {
        'works': 'def awscli_initialize(hooks): pass',
        'fails on import': 'raise RuntimeError',
        'fails at the start': 'def awscli_initialize(hooks): 1 / 0',
        'is none': '',
        'ends': 'import sys; sys.exit(3)',
    }
    for (name, text), path, ours in itertools.product(
        plugins.items(),
        ('', 'cli_legacy_plugin_path = HOME/plugins\n'),
        ('', f'mfa = {GOOD}\n'),
    ):
        yield Setup(
            f'other plugin {name}'
            f'{", with a path" if path else ""}{", and ours" if ours else ""}',
            f'[plugins]\n{ours}other = others\n{path}{PROFILE}'.encode(),
            _others_plugin(text),
        )


def _cut_off() -> Iterator[Setup]:
    whole = (
        f'{PROFILE}[plugins]\nmfa = {GOOD}\n'
        'cli_legacy_plugin_path = HOME/.aws/cli/mfa-plugin/current\n'
    )
    for length in range(2, len(whole), 9):
        yield Setup(f'cut off after {length}', whole[:length].encode())


def _wrong_files() -> Iterator[Setup]:
    files = {
        'empty': b'',
        'zeros': bytes(64),
        'latin-1': '[default]\nname = \xfc\n'.encode('latin-1'),
        'utf-16': PROFILE.encode('utf-16'),
        'byte order mark': '\ufeff'.encode() + PROFILE.encode(),
        'no section': b'region = eu-central-1\n',
        'section twice': b'[plugins]\n[plugins]\n',
        'plugin twice': f'[plugins]\nmfa={GOOD}\nmfa={GOOD}\n'.encode(),
        'open bracket': f'[plugins\nmfa={GOOD}\n'.encode(),
        'nested': f'[plugins]\nmfa =\n  a = {GOOD}\n'.encode(),
        'continued path': (
            f'[plugins]\nmfa = {GOOD}\ncli_legacy_plugin_path = /x\n  :/y\n'
        ).encode(),
        'tabs': f'\t[plugins]\n\tmfa\t=\t{GOOD}\n'.encode(),
        'windows': b'[default]\r\nregion = x\r\n',
        'json': b'{"plugins": {"mfa": "awscli_mfa_plugin"}}',
    }
    for name, content in files.items():
        yield Setup(f'file {name}', content)

    def folder(home: Path, plugin: Path) -> None:
        (home / '.aws' / 'config').unlink()
        (home / '.aws' / 'config').mkdir()

    def link(home: Path, plugin: Path) -> None:
        (home / '.aws' / 'config').unlink()
        (home / '.aws' / 'config').symlink_to('nowhere')

    def missing(home: Path, plugin: Path) -> None:
        shutil.rmtree(home / '.aws')

    def credentials(home: Path, plugin: Path) -> None:
        (home / '.aws' / 'credentials').write_text('aws_access_key_id = x')

    def blocked(home: Path, plugin: Path) -> None:
        (home / '.aws' / 'cli').write_text('')

    for prepare in (folder, link, missing, credentials, blocked):
        yield Setup(f'{prepare.__name__} set-up', b'', prepare)
