# SPDX-License-Identifier: Apache-2.0
"""Give a script of this checkout the packages it needs, from nothing.

A script calls :func:`run_inside` first of all and goes on inside a virtual
environment of its own, in the checkout's ``.venv``. Nothing is installed
anywhere else. Only the standard library is imported here: there may be
nothing else yet.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent

_ENVIRONMENTS = ROOT / '.venv'

# The newest Python that may be found by its name, and the oldest we run on.
_NEWEST = (3, 14)
_OLDEST = (3, 9)


class BootstrapError(Exception):
    """This machine lacks something that cannot be installed from here."""


def run_inside(
    name: str,
    requirements: Sequence[str],
    minimum: tuple[int, int] = _OLDEST,
) -> None:
    """Return inside the environment `name`, made where it is missing.

    Called outside of it, the running script starts over inside, with the
    same arguments, and this function does not return. `requirements` are
    pip's, relative to the checkout. `minimum` is the oldest Python that they
    install on.
    """
    folder = _ENVIRONMENTS / name
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    try:
        python = _make(folder, requirements, find_python(minimum))
    except BootstrapError as error:
        sys.exit(f'{Path(sys.argv[0]).name}: {error}')
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    command = [str(python), *sys.argv]
    if os.name == 'posix':
        sys.stdout.flush()
        os.execv(command[0], command)
    sys.exit(subprocess.run(command, check=False).returncode)


def find_python(minimum: tuple[int, int]) -> str:
    """Find a Python of version `minimum` or newer, best the running one."""
    if sys.version_info >= minimum:
        return sys.executable
    for minor in range(_NEWEST[1], minimum[1] - 1, -1):
        found = shutil.which(f'python{_NEWEST[0]}.{minor}')
        # A version manager's stand-in may be there without its Python.
        if found and _has(found, 'venv'):
            return found
    wanted = '.'.join(map(str, minimum))
    raise BootstrapError(
        f'needs Python {wanted} or newer, and neither the running '
        f'{sys.version.split()[0]} nor any on PATH is. Install one and start '
        'this script with it.'
    )


def _make(folder: Path, requirements: Sequence[str], base: str) -> Path:
    scripts = folder / ('Scripts' if os.name == 'nt' else 'bin')
    python = scripts / ('python.exe' if os.name == 'nt' else 'python')
    stamp = folder / 'bootstrap.stamp'
    wanted = _stamp(folder, requirements, base)
    # The Python it was made with may be gone since: then the link dangles.
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    pip = _make_environment(base, folder, python)
    _run(
        *pip,
        'install',
        '--quiet',
        '--disable-pip-version-check',
        *requirements,
    )
    # Last, so that what was cut short is made anew.
    stamp.write_text(wanted)
    return python


def _stamp(folder: Path, requirements: Sequence[str], base: str) -> str:
    """Write down what an environment depends on, to notice a change."""
    # The folder, as its scripts hold their own path; pyproject.toml, as the
    # project itself may be among the requirements.
    lines = [str(folder), base, *requirements]
    files = [
        'pyproject.toml',
        *(name for name in requirements if '.txt' in name),
    ]
    lines += [(ROOT / name).read_text('utf-8') for name in files]
    return '\n'.join(lines)


def _make_environment(base: str, folder: Path, python: Path) -> list[str]:
    """Make an empty environment and return the command of a pip for it."""
    if _has(base, 'ensurepip'):
        _run(base, '-m', 'venv', str(folder))
        return [str(python), '-m', 'pip']
    # Debian keeps `ensurepip` in a package of its own, python3-venv. Its pip
    # can install into another environment.
    if not (_has(base, 'venv') and _has(base, 'pip')):
        raise BootstrapError(
            f'{base} can make no virtual environment. On Debian and Ubuntu '
            'this remedies it: apt-get install python3-venv'
        )
    _run(base, '-m', 'venv', '--without-pip', str(folder))
    return [base, '-m', 'pip', '--python', str(python)]


def _has(python: str, module: str) -> bool:
    if python == sys.executable:
        return importlib.util.find_spec(module) is not None
    command = [python, '-c', f'import {module}']
    process = subprocess.run(command, check=False, capture_output=True)
    return process.returncode == 0


def _run(*command: str) -> None:
    print('+', shlex.join(command), file=sys.stderr, flush=True)
    # From the checkout, where the requirement `.` is this project.
    subprocess.run(command, check=True, cwd=ROOT)
