# SPDX-License-Identifier: Apache-2.0
"""How a profile is written to the CLI's config file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from awscli.customizations.configure import profile_to_section
from awscli.customizations.configure.writer import ConfigFileWriter

from awscli_mfa_plugin.config_files.edit import (
    edit_file,
    end_of_line,
    headers_of,
    set_in_section,
)
from awscli_mfa_plugin.config_files.lines import profile_of_header


def write_profile(
    session: Any, profile_name: str, values: Mapping[str, str]
) -> str:
    """Set values of a profile in the config file; return its path.

    The CLI's own writer does the editing, on a copy of the file: by
    itself it truncates and writes in place, and turns every line ending
    into the platform's. What it did not mean to change is taken from the
    file as it was, byte for byte.

    :raises ConfigWriteError: The file is as it was.
    """

    def change(original: bytes, copy: str) -> bytes:
        section = _section_in(original, profile_name)
        if section != section_of(profile_name):
            # The CLI's writer would add a second one, which hides it.
            return set_in_section(original, section, values)
        ConfigFileWriter().update_config(
            {'__section__': section, **values}, copy
        )
        with open(copy, 'rb') as file:
            return _splice(original, file.read())

    path = str(session.get_config_variable('config_file'))
    edit_file(path, change)
    return path


def section_of(profile_name: str) -> str:
    """Return the section of a profile in the config file.

    v1's ``profile_to_section`` knows nothing of ``default``, which its
    caller has to keep from it.
    """
    if profile_name == 'default':
        return profile_name
    return str(profile_to_section(profile_name))


def _section_in(original: bytes, profile_name: str) -> str:
    """Return the section that a file has for a profile, or is to have.

    Of several sections botocore reads the last one alone.
    """
    spellings = [
        header
        for header in headers_of(original)
        if profile_of_header(header) == profile_name
    ]
    if spellings:
        return spellings[-1]
    section = section_of(profile_name)
    if profile_of_header(section) != profile_name:
        # The CLI's writer quotes a blank and nothing else.
        section = f'profile {shlex.quote(profile_name)}'
    return section


def _splice(original: bytes, rewritten: bytes) -> bytes:
    """Return ``original`` with the lines that ``rewritten`` has anew."""
    old = original.splitlines(keepends=True)
    new = rewritten.splitlines()
    newline = end_of_line(original)
    spliced: list[bytes] = []
    for kind, first, last, first_new, last_new in SequenceMatcher(
        a=[line.rstrip(b'\r\n') for line in old], b=new, autojunk=False
    ).get_opcodes():
        if kind == 'equal':
            spliced += old[first:last]
            continue
        if spliced and not spliced[-1].endswith((b'\n', b'\r')):
            spliced[-1] += newline
        spliced += [line + newline for line in new[first_new:last_new]]
    return b''.join(spliced)
