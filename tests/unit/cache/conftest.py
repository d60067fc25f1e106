# SPDX-License-Identifier: Apache-2.0
"""What tests of the cache share: a folder, roles, and files of ours."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.cache.roles import RoleSession
from tests.unit.conftest import make_credentials
from tests.unit.names import ROLE

# What a file may hold where a text belongs.
NO_TEXTS: tuple[Any, ...] = ('', 7, None, ['x'], {}, True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name the cache's folder, which is not there yet."""
    folder = tmp_path / 'mfa-cache'
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', str(folder))
    return folder


def make_role(name: str = 'app', **changes: Any) -> RoleSession:
    """Return a role session that has eleven hours left, with changes.

    :param changes: Of the role session or of its credentials.
    """
    settings: dict[str, Any] = {
        setting: changes.pop(setting)
        for setting in ('role_arn', 'by_login', 'parameters', 'has_own_code')
        if setting in changes
    }
    values = {'access_key_id': 'ASIAROLEEXAMPLE', **changes}
    return RoleSession(
        make_credentials(**values), name, **{'role_arn': ROLE, **settings}
    )


def put_private(path: Path, content: str | bytes) -> None:
    """Put a file where only its owner can read it, folder and all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if isinstance(content, str):
        content = content.encode()
    path.write_bytes(content)
    path.chmod(0o600)


def mode(path: Path) -> int:
    """Return a file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    """Set the process's umask for a while."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)
