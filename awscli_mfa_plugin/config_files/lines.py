# SPDX-License-Identifier: Apache-2.0
"""The lines of a config or credentials file, and how settings change in them.

botocore reads these files with ``configparser``. Lines and their parts are
found with that module's own expressions, which differ between versions of
Python: a header ends at the first ``]`` before 3.10 and at the last one since.
Nothing but the standard library is imported here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from configparser import RawConfigParser
from dataclasses import dataclass

_COMMENTS = ('#', ';')


@dataclass(frozen=True)
class Line:
    """A line of a file, with the characters that end it.

    :ivar section: The section that it belongs to or begins: the text between
        the brackets.
    :ivar name: The setting that it begins or continues, in lower case;
        ``None`` for a header, a comment or a blank line.
    :ivar value: The setting's value in this line; ``None`` where no setting
        begins.
    """

    text: str
    section: str | None
    name: str | None = None
    value: str | None = None
    is_header: bool = False

    @property
    def indent(self) -> str:
        """The blanks at its beginning."""
        return self.text[: len(self.text) - len(self.text.lstrip())]

    @property
    def ending(self) -> str:
        """The characters that end it; empty in a last line without them."""
        return self.text[len(self.text.rstrip('\r\n')) :]


def read_lines(text: str) -> Iterator[Line]:
    """Return a file's lines.

    A line that is indented more than the setting before it continues the
    value of that setting, whatever it looks like.
    """
    section: str | None = None
    name: str | None = None
    depth = 0
    # Only \n, \r and \r\n end a line, as in the file that configparser opens.
    for line in io.StringIO(text, newline=''):
        content = line.strip()
        if not content or content.startswith(_COMMENTS):
            yield Line(line, section)
            continue
        indent = len(line) - len(line.lstrip())
        if name is not None and indent > depth:
            yield Line(line, section, name)
            continue
        depth = indent
        header = RawConfigParser.SECTCRE.match(content)
        if header:
            section, name = header['header'], None
            yield Line(line, section, is_header=True)
            continue
        setting = RawConfigParser.OPTCRE.match(content)
        name = setting['option'].rstrip().lower() if setting else None
        value = setting['value'] if setting else None
        yield Line(line, section, name, value)


def set_in_section(
    text: str, section: str, settings: Mapping[str, str | None]
) -> str:
    """Return a file's text with settings of one section changed.

    Lines of other settings, comments and blank lines stay as they are. A
    missing section is added at the end of the file. Whether botocore
    understands the result is for the caller to check.

    :param section: The text between the brackets of the header.
    :param settings: Values by name in lower case; ``None`` removes a setting.
    """
    newline = '\r\n' if '\r\n' in text else '\n'
    wanted = dict(settings)
    lines: list[str] = []
    # New settings go after the last line of the section, but before the
    # comments and blank lines that follow it.
    end: int | None = None
    indent = ''
    for line in read_lines(text):
        if line.section != section or not (line.is_header or line.name):
            lines.append(line.text)
            continue
        if line.name is None or line.name not in settings:
            lines.append(line.text)
        else:
            # A continued value has its new line in the place of the first.
            value = wanted.pop(line.name, None)
            if value is None:
                continue
            ending = line.ending or newline
            lines.append(f'{line.indent}{line.name} = {value}{ending}')
        end = len(lines)
        if line.is_header or line.value is not None:
            indent = line.indent
    added = [
        f'{indent}{name} = {value}{newline}'
        for name, value in wanted.items()
        if value is not None
    ]
    if end is None:
        end = len(lines)
        added.insert(0, f'[{section}]{newline}')
    if end and added and not lines[end - 1].endswith(('\n', '\r')):
        lines[end - 1] += newline
    lines[end:end] = added
    return ''.join(lines)


def remove_section(text: str, section: str) -> str:
    """Return a file's text without one section; its comments stay."""
    return ''.join(
        line.text
        for line in read_lines(text)
        if line.section != section or not (line.is_header or line.name)
    )


def rename_section(text: str, section: str, new_name: str) -> str:
    """Return a file's text in which one section has another name."""
    return ''.join(
        line.text.replace(f'[{section}]', f'[{new_name}]', 1)
        if line.is_header and line.section == section
        else line.text
        for line in read_lines(text)
    )
