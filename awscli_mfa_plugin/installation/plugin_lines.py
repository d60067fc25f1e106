# SPDX-License-Identifier: Apache-2.0
"""The lines under ``[plugins]`` that have the AWS CLIs load the plugin.

The order matters to v1, which imports every value in turn, the path of
v2's plugin folder too: the package comes first, and passes over that path.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from awscli_mfa_plugin.config_files.lines import read_lines, set_in_section

_SECTION = 'plugins'
PACKAGE = 'awscli_mfa_plugin'
PATH_SETTING = 'cli_legacy_plugin_path'
_NAME = 'mfa'


def add_plugin(text: str, folder: str | None) -> str:
    """Return a config file's text with the plugin in it.

    :param folder: The plugin's folder for v2, or ``None`` where there is
        no v2. Other folders and plugins stay.
    """
    settings = plugin_settings(text)
    ours = [name for name, value in settings.items() if names_package(value)]
    name = ours[0] if ours else _NAME
    if name not in ours and name in settings:
        # Somebody else's plugin has the name.
        name = PACKAGE
    wanted: dict[str, str | None] = dict.fromkeys(ours)
    wanted[name] = PACKAGE
    if folder is not None:
        # First, because another folder may have an older copy.
        folders = [folder, *_other_folders(settings, folder)]
        wanted[PATH_SETTING] = os.pathsep.join(folders)
    names = list(settings)
    if PATH_SETTING in names and (
        name not in names or names.index(PATH_SETTING) < names.index(name)
    ):
        text = set_in_section(text, _SECTION, {name: None})
        text = _insert_before_path(text, f'{name} = {PACKAGE}')
        del wanted[name]
    return _set(text, settings, wanted)


def remove_plugin(text: str, folder: str) -> str:
    """Return a config file's text with the plugin out of it.

    The plugin path goes too where no other plugin is left to be found.
    """
    settings = plugin_settings(text)
    ours = [name for name, value in settings.items() if names_package(value)]
    others = _other_folders(settings, folder)
    if ours and set(settings) <= {PATH_SETTING, *ours}:
        others = []
    changed = _set(
        _without_package(text, ours),
        settings,
        {PATH_SETTING: os.pathsep.join(others) or None},
    )
    return text if changed == text else _remove_empty_section(changed)


def _set(
    text: str, settings: Mapping[str, str], wanted: Mapping[str, str | None]
) -> str:
    """Return a text with those settings changed that differ."""
    differing = {
        name: value
        for name, value in wanted.items()
        if settings.get(name) != value
    }
    return set_in_section(text, _SECTION, differing) if differing else text


def plugin_settings(text: str) -> Mapping[str, str]:
    """Return the settings under ``[plugins]``, in their order."""
    return {
        line.name: line.value.strip()
        for line in read_lines(text)
        if line.section == _SECTION
        and line.name is not None
        and line.value is not None
    }


def names_package(value: str) -> bool:
    """Tell whether a value names the package, also if it is misspelled.

    The name that is installed has hyphens and is no module's name.
    """
    return value.strip('\'"').replace('-', '_').lower() == PACKAGE


def _other_folders(settings: Mapping[str, str], folder: str) -> list[str]:
    """Return the folders that other plugins are looked for in."""
    entries = settings.get(PATH_SETTING, '').split(os.pathsep)
    return [entry for entry in entries if entry and entry != folder]


def _insert_before_path(text: str, setting: str) -> str:
    lines: list[str] = []
    is_inserted = False
    for line in read_lines(text):
        is_path = line.section == _SECTION and line.name == PATH_SETTING
        if is_path and not is_inserted:
            is_inserted = True
            lines.append(f'{line.indent}{setting}{line.ending or os.linesep}')
        lines.append(line.text)
    return ''.join(lines)


def _without_package(text: str, names: list[str]) -> str:
    """Return a text without these settings, which name the package.

    A section that somebody has put under one of them, with an indent, is a
    part of its value by now, and ends every ``aws`` command. It stays.
    """
    lines: list[str] = []
    is_value = False
    for line in read_lines(text):
        if line.section == _SECTION and line.name in names:
            is_value = line.value is not None or (
                is_value and not line.text.lstrip().startswith('[')
            )
            if is_value:
                continue
        lines.append(line.text)
    return ''.join(lines)


def _remove_empty_section(text: str) -> str:
    """Return a text without the section, if no line is left in it."""
    lines = list(read_lines(text))
    if any(
        line.section == _SECTION and line.text.strip() and not line.is_header
        for line in lines
    ):
        return text
    without = ''.join(
        line.text
        for line in lines
        if not (line.section == _SECTION and line.is_header)
    )
    # The header may be all that keeps an indented section behind it from
    # being part of the value before it.
    return without if other_lines(without) == other_lines(text) else text


def other_lines(text: str) -> list[tuple[str | None, str | None]]:
    """Return to which section and setting each other line belongs."""
    return [
        (line.section, line.name)
        for line in read_lines(text)
        if line.section != _SECTION and (line.name or line.is_header)
    ]
