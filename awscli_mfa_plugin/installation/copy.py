# SPDX-License-Identifier: Apache-2.0
"""The copy of the package that AWS CLIs v2 load, and its launcher.

It stands where no upgrade of Python, of an installer or of the CLI takes
it away, and nothing in its path changes:

- ``current`` leads to the copy that is in use, and is v2's plugin folder;
- ``copy-*`` are copies of this package with what it imports: the one in
  use, and the one before it, for commands that still run from it;
- ``awscli-mfa`` starts the program, whatever installed the package.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from typing import Any

from awscli_mfa_plugin import __version__
from awscli_mfa_plugin.cache.files import make_directory
from awscli_mfa_plugin.host.bytecode import compile_folder
from awscli_mfa_plugin.host.child_environment import child_environment
from awscli_mfa_plugin.host.launcher import launcher as launcher_script
from awscli_mfa_plugin.host.programs import find_program

_REQUIRED = ('awscli_mfa_plugin', 'filelock')
# Only "aws mfa enroll" imports it, for the QR code.
_OPTIONAL = 'segno'
_PREFIX = 'copy-'
_VERSION = re.compile(r"^__version__ = '(.+)'", re.MULTILINE)


def copy_directory() -> str:
    """Return the folder of the copies, with ``~`` for a person to read."""
    return os.path.join('~', '.aws', 'cli', 'mfa-plugin')


def plugin_folder() -> str:
    """Return the folder that v2 is told to look for the plugin in."""
    return os.path.join(_directory(), 'current')


def launcher() -> str:
    """Return the path of the launcher, which may not be there."""
    return os.path.join(_directory(), 'awscli-mfa')


def is_copy_current() -> bool:
    """Tell whether the copy in use is this very package, and whole."""
    folder = plugin_folder()
    return all(
        _files_of_folder(os.path.join(folder, package)) == _files_of(package)
        for package in _packages()
    )


def make_copy() -> str:
    """Copy this package and what it imports; return the name of the copy.

    :raises OSError: The copy cannot be made.
    :raises ImportError: There is no filelock.
    """
    contents = {package: _files_of(package) for package in _packages()}
    make_directory(_directory())
    folder = tempfile.mkdtemp(prefix=_PREFIX, dir=_directory())
    try:
        for package, files in contents.items():
            for name, content in files.items():
                _write(os.path.join(folder, package, name), content)
        # Each start would compile our modules anew if they had no bytecode.
        # Only a login imports the others, and of filelock 4 no more than a
        # quarter.
        compile_folder(os.path.join(folder, _REQUIRED[0]))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return os.path.basename(folder)


def folder_of(name: str) -> str:
    """Return the folder of a copy that may not be in use."""
    return os.path.join(_directory(), name)


def copy_in_use() -> str | None:
    """Return the name of the copy that ``current`` leads to, if any."""
    try:
        return os.path.basename(os.readlink(plugin_folder()))
    except OSError:
        return None


def use_copy(name: str | None) -> None:
    """Let ``current`` lead to a copy, or be no more, in one step.

    :raises OSError: It leads where it did.
    """
    current = plugin_folder()
    if name is None:
        _remove_link(current)
    elif sys.platform == 'win32':
        # Links need a right that few have; a junction cannot be replaced.
        import _winapi

        _remove_link(current)
        _winapi.CreateJunction(folder_of(name), current)
    else:
        new = f'{current}.new'
        _remove_link(new)
        os.symlink(name, new)
        os.replace(new, current)


def write_launcher() -> bool:
    """Write the launcher; return whether it was another one before.

    It prefers the Python at hand, and does with any where that has gone.

    :raises OSError: It cannot be written.
    """
    if os.name == 'nt':
        return False
    text = launcher_script(
        sys.executable or 'python3', plugin_folder()
    ).encode('utf-8', 'surrogateescape')
    path = launcher()
    with contextlib.suppress(OSError), open(path, 'rb') as file:
        if file.read() == text and os.access(path, os.X_OK):
            return False
    new = f'{path}.new'
    _write(new, text)
    os.chmod(new, 0o700)
    os.replace(new, path)
    return True


def remove_copies_but(*names: str | None) -> None:
    """Remove all copies that are not named, as far as that is possible."""
    with contextlib.suppress(OSError):
        for name in os.listdir(_directory()):
            if name.startswith(_PREFIX) and name not in names:
                shutil.rmtree(folder_of(name), ignore_errors=True)


def remove_all() -> bool:
    """Remove the copies and the launcher; return whether any was there.

    :raises OSError: They cannot be removed.
    """
    if not os.path.isdir(_directory()):
        return False
    _remove_link(plugin_folder())
    shutil.rmtree(_directory())
    return True


def note_if_older() -> str | None:
    """Return a sentence where ``aws`` loads an older copy than there is.

    The program may have been upgraded since "awscli-mfa enable". Whichever
    of the two runs here asks the other one.
    """
    copied = version_in(plugin_folder())
    if copied is None:
        return None
    newest = max(_program_version(), __version__, key=_numbers)
    if _numbers(copied) >= _numbers(newest):
        return None
    return (
        f'aws loads version {copied} of the plugin, and {newest} is '
        'installed. Let aws load that: awscli-mfa enable'
    )


def version_in(folder: str) -> str | None:
    """Return the version of the package in a plugin folder, if it is there."""
    path = os.path.join(folder, 'awscli_mfa_plugin', '__init__.py')
    with (
        contextlib.suppress(OSError, ValueError),
        open(path, encoding='utf-8') as file,
    ):
        match = _VERSION.search(file.read())
        return match[1] if match else None
    return None


def _program_version() -> str:
    """Return the version of the ``awscli-mfa`` on ``PATH``, or ``0``."""
    program = find_program('awscli-mfa')
    if program is None:
        return '0'
    try:
        completed = subprocess.run(
            [program, '--version'],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=child_environment(),
        )
    except OSError:
        return '0'
    return completed.stdout.strip() if completed.returncode == 0 else '0'


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r'\d+', version)]


def _packages() -> tuple[str, ...]:
    is_there = importlib.util.find_spec(_OPTIONAL) is not None
    return (*_REQUIRED, _OPTIONAL) if is_there else _REQUIRED


def _directory() -> str:
    return os.path.expanduser(copy_directory())


def _files_of(package: str) -> dict[str, bytes]:
    """Return the files of an installed package, by their relative paths.

    The package may be in a zip file.
    """
    files: dict[str, bytes] = {}

    def add(folder: Any, prefix: str) -> None:
        for entry in folder.iterdir():
            if entry.name == '__pycache__':
                continue
            if entry.is_dir():
                add(entry, f'{prefix}{entry.name}/')
            else:
                files[prefix + entry.name] = entry.read_bytes()

    add(resources.files(package), '')
    return files


def _files_of_folder(folder: str) -> dict[str, bytes]:
    """Return the files of a copied package; none where it is damaged."""
    files: dict[str, bytes] = {}
    try:
        for place, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name != '__pycache__']
            for name in names:
                path = os.path.join(place, name)
                relative = os.path.relpath(path, folder)
                with open(path, 'rb') as file:
                    files[relative.replace(os.sep, '/')] = file.read()
    except OSError:
        return {}
    return files


def _write(path: str, content: bytes) -> None:
    """Write a file that nobody else can change, down to the disk."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, 'O_BINARY', 0)
    with os.fdopen(os.open(path, flags, 0o644), 'wb') as file:
        file.write(content)
        file.flush()
        # A command that loads a file cut short by a power loss would end.
        os.fsync(file.fileno())


def _remove_link(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        if sys.platform == 'win32':
            # A junction is removed as a folder is; what it leads to stays.
            os.rmdir(path)
        else:
            os.unlink(path)
