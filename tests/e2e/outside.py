# SPDX-License-Identifier: Apache-2.0
"""Programs outside the AWS CLI that share a person's session."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.person import REGION, Person
from tests.standin import Role


def put_on_path(
    person: Person, folder: Path, programs: Mapping[str, str] | None = None
) -> None:
    """Let the person's PATH be one folder, with a shell and ``aws``.

    :param programs: Further ones, their paths by their names there.
    """
    folder.mkdir(exist_ok=True)
    shell = shutil.which('sh')
    assert shell is not None
    found = {'aws': person.host.aws, 'sh': shell, **(programs or {})}
    for name, path in found.items():
        (folder / name).symlink_to(path)
    person.variables['PATH'] = str(folder)


def install_awscli_mfa(folder: Path, plugin_folder: Path) -> None:
    """Put an ``awscli-mfa`` into a folder.

    Its Python has no package at all, so neither botocore nor awscli: it is
    the one that the tests' environment was made from.
    """
    python = getattr(sys, '_base_executable', sys.executable)
    script = folder / 'awscli-mfa'
    script.write_text(
        '#!/bin/sh\n'
        f"exec '{python}' -IS '{plugin_folder}/awscli_mfa_plugin'"
        ' "$@"\n'
    )
    script.chmod(0o755)


def write_sdk_profiles(
    person: Person, command: str | None, role: Role | None = None
) -> None:
    """Give the person a profile that SDKs can use, and a role behind it.

    :param command: The ``credential_process``, for the profile's name
        behind it.
    """
    profile = person.profile
    process = f'credential_process = {command} {profile}\n' if command else ''
    person.write_config(
        f'[profile {profile}]\n'
        f'region = {REGION}\n'
        f'mfa_serial = {person.user.device.serial_number}\n'
        + process
        + (
            '[profile admin]\n'
            f'region = {REGION}\n'
            f'role_arn = {role.arn}\n'
            f'source_profile = {profile}\n'
            if role is not None
            else ''
        )
    )
    person.write_credentials({f'{profile}-long-term': person.user})
