# SPDX-License-Identifier: Apache-2.0
"""The lines of a config or credentials file, by configparser's rules.

For who changes a line and for who asks whether one has changed: both keep
to the bytes. Nothing but the standard library, as for ``cache_layout``.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

_SECTION = re.compile(rb'\s*\[(?P<header>[^]]+)\]')
_SETTING = re.compile(rb'\s*(?P<name>[^\s:=][^:=]*?)\s*[:=]\s*(?P<value>.*)')
_COMMENTS = (b'#', b';')


@dataclass(frozen=True)
class Line:
    """A line of a file.

    :ivar section: The section it is in, or which it begins: what stands
        between the brackets.
    :ivar name: The setting it begins or goes on with, in lower case;
        ``None`` for a header, a comment or a blank line.
    :ivar value: What the setting has on its first line, where this is it.
    """

    text: bytes
    section: bytes | None
    name: str | None = None
    value: str | None = None
    is_header: bool = False

    @property
    def is_setting(self) -> bool:
        """Whether a setting begins here."""
        return self.value is not None

    @property
    def indent(self) -> bytes:
        """The blanks that it begins with."""
        return self.text[: len(self.text) - len(self.text.lstrip())]

    @property
    def ending(self) -> bytes:
        """What ends it: nothing for a last line that just stops."""
        return self.text[len(self.text.rstrip(b'\r\n')) :]


def read_lines(original: bytes) -> list[Line]:
    """Return a file's lines.

    A section or a setting may be indented; a line that is indented more
    than the setting before it goes on with its value.
    """
    lines: list[Line] = []
    section: bytes | None = None
    name: str | None = None
    depth = 0
    for text in original.splitlines(keepends=True):
        content = text.strip()
        if not content or content.startswith(_COMMENTS):
            lines.append(Line(text, section))
            continue
        indent = len(text) - len(text.lstrip())
        if name is not None and indent > depth:
            lines.append(Line(text, section, name))
            continue
        depth = indent
        header = _SECTION.match(text)
        setting = None if header else _SETTING.match(text.rstrip())
        if header:
            section = header['header']
        name = value = None
        if setting:
            name = setting['name'].decode('utf-8', 'replace').lower()
            value = setting['value'].decode('utf-8', 'replace')
        lines.append(
            Line(text, section, name, value, is_header=header is not None)
        )
    return lines


def profile_of_header(header: str) -> str | None:
    """Return the profile that botocore reads a config section as.

    It knows many a spelling: ``[profile "x"]``, ``[profile default]``.
    """
    if header == 'default':
        return header
    if not header.startswith('profile'):
        return None
    try:
        words = shlex.split(header)
    except ValueError:
        return None
    return words[1] if len(words) == 2 else None
