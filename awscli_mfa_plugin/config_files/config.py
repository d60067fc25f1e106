# SPDX-License-Identifier: Apache-2.0
"""How settings of a profile are written to the CLI's config file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from awscli_mfa_plugin.config_files.edit import Sections, edit_file


def write_profile(
    session: Any, profile_name: str, settings: Mapping[str, str]
) -> str:
    """Set values of a profile in the config file; return its path.

    :raises ConfigWriteError: The file is as it was.
    """
    path = str(session.get_config_variable('config_file'))
    edit_file(
        path,
        lambda sections: {section_in(sections, profile_name): settings},
    )
    return path


def section_of(profile_name: str) -> str:
    """Return the section that a new profile has in the config file."""
    if profile_name == 'default':
        return profile_name
    section = f'profile {profile_name}'
    if _is_section_of(section, profile_name):
        return section
    return f'profile {shlex.quote(profile_name)}'


def section_in(sections: Sections, profile_name: str) -> str:
    """Return the section that a profile has, or is to have.

    A section can be spelled in several ways, such as ``[profile "x"]``. Of
    several spellings botocore reads the last one alone.
    """
    spellings = [
        section
        for section in sections
        if _is_section_of(section, profile_name)
    ]
    return spellings[-1] if spellings else section_of(profile_name)


def _is_section_of(section: str, profile_name: str) -> bool:
    from botocore.configloader import build_profile_map

    return profile_name in build_profile_map({section: {}})['profiles']
