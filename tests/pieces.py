# SPDX-License-Identifier: Apache-2.0
"""A package in pieces: one of its modules is missing, empty or cut off."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1] / 'awscli_mfa_plugin'

# Every module by its path in the package. Without the first there is no
# package that could say anything.
MODULES = [
    path.relative_to(_PACKAGE).as_posix()
    for path in sorted(_PACKAGE.rglob('*.py'))
][1:]


def _empty(path: Path) -> None:
    path.write_bytes(b'')


def _cut_off(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


WAYS: dict[str, Callable[[Path], None]] = {
    'removed': os.unlink,
    'emptied': _empty,
    'cut off': _cut_off,
}


@contextlib.contextmanager
def broken(package: Path, module: str, way: str) -> Iterator[None]:
    """Break a module of a copy of the package for a while."""
    path = package / module
    content, status = path.read_bytes(), path.stat()
    WAYS[way](path)
    try:
        yield
    finally:
        path.write_bytes(content)
        # Its bytecode is good again.
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
