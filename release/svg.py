# SPDX-License-Identifier: Apache-2.0
"""Draw what a terminal shows as SVG, for light and for dark pages.

The text stays text, in the reader's own monospace font. The same screens
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

import pyte

COLUMNS = 80

# More lines than any command shows, so that none scrolls away.
_LINES = 200

_CELL_WIDTH = 8.4
_CELL_HEIGHT = 19
_FONT_SIZE = 14
_MARGIN = 16
_GAP = 12
_FONTS = (
    "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', "
    'monospace'
)


class Theme(NamedTuple):
    """The colours of a picture; ``colors`` by pyte's names for them."""

    text: str
    background: str
    border: str
    colors: dict[str, str]


THEMES = {
    'light': Theme(
        '#1f2328',
        '#f6f8fa',
        '#d0d7de',
        {
            'red': '#cf222e',
            'green': '#1a7f37',
            'brown': '#9a6700',
            'blue': '#0969da',
            'magenta': '#8250df',
            'cyan': '#1b7c83',
        },
    ),
    'dark': Theme(
        '#e6edf3',
        '#0d1117',
        '#30363d',
        {
            'red': '#ff7b72',
            'green': '#3fb950',
            'brown': '#d29922',
            'blue': '#58a6ff',
            'magenta': '#bc8cff',
            'cyan': '#39c5cf',
        },
    ),
}


def draw(title: str, screens: Sequence[str], theme: Theme) -> str:
    """Return a picture of screens, one below the other.

    :param title: What is read aloud to somebody who does not see it.
    :param screens: All that each terminal was sent.
    """
    rows = [_rows(screen) for screen in screens]
    width = 2 * _MARGIN + COLUMNS * _CELL_WIDTH
    heights = [2 * _MARGIN + len(lines) * _CELL_HEIGHT for lines in rows]
    height = sum(heights) + _GAP * (len(heights) - 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {width:g} {height}" width="{width:g}" '
        f'height="{height}" font-family="{_FONTS}" '
        f'font-size="{_FONT_SIZE}" fill="{theme.text}">',
        f'<title>{escape(title)}</title>',
    ]
    top = 0
    for lines, screen_height in zip(rows, heights):
        parts.append(
            f'<rect x="0.5" y="{top + 0.5}" width="{width - 1:g}" '
            f'height="{screen_height - 1}" rx="6" '
            f'fill="{theme.background}" stroke="{theme.border}"/>'
        )
        for number, line in enumerate(lines, start=1):
            baseline = top + _MARGIN + number * _CELL_HEIGHT - 5
            parts += _texts(line, baseline, theme)
        top += screen_height + _GAP
    parts.append('</svg>')
    return '\n'.join(parts) + '\n'


def _rows(shown: str) -> list[list[pyte.screens.Char]]:
    """Return the cells of a screen, down to the last line with text."""
    screen = pyte.Screen(COLUMNS, _LINES)
    pyte.Stream(screen).feed(shown)
    used = [
        number for number, line in enumerate(screen.display) if line.strip()
    ]
    return [
        [screen.buffer[number][column] for column in range(COLUMNS)]
        for number in range(max(used, default=-1) + 1)
    ]


def _texts(
    line: Sequence[pyte.screens.Char], baseline: int, theme: Theme
) -> Iterator[str]:
    """Return the words of a line, each where its column is.

    A word of its own place and length is where it belongs in every font.
    """
    cells = enumerate(line)
    for (is_blank, color, bold), run in groupby(
        cells,
        lambda cell: (cell[1].data == ' ', cell[1].fg, cell[1].bold),
    ):
        if is_blank:
            continue
        run_cells = list(run)
        text = ''.join(char.data for _, char in run_cells)
        left = _MARGIN + run_cells[0][0] * _CELL_WIDTH
        fill = theme.colors.get(color)
        yield (
            f'<text x="{left:g}" y="{baseline}" '
            f'textLength="{len(text) * _CELL_WIDTH:g}"'
            + (f' fill="{fill}"' if fill else '')
            + (' font-weight="bold"' if bold else '')
            + f'>{escape(text)}</text>'
        )
