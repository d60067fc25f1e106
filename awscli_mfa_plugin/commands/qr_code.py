# SPDX-License-Identifier: Apache-2.0
"""The QR code of a new MFA device, for a terminal or in a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from awscli_mfa_plugin.exceptions import MFAConfigurationError, UsageError

FILE_KINDS = ('png', 'svg')

# The quiet zone around the code, in modules. The standard wants four; two
# are enough for cameras, and fit a terminal of 24 lines.
_TERMINAL_BORDER = 2
_FILE_SCALE = 8

# Black on white whatever the terminal's theme is: these two of the 256
# colours are not among those that themes change.
_BLACK_ON_WHITE = '\x1b[38;5;16;48;5;231m'
_RESET = '\x1b[0m'

# By whether the upper and the lower of two modules are dark.
_HALF_BLOCKS = {(0, 0): ' ', (1, 0): '▀', (0, 1): '▄', (1, 1): '█'}


def check_segno() -> None:
    """Check that QR codes can be made.

    :raises MFAConfigurationError: The package for it is missing.
    """
    try:
        import segno  # noqa: F401
    except ImportError:
        raise MFAConfigurationError(
            msg=(
                'A QR code needs the Python package segno, which is not '
                'installed beside awscli-mfa-plugin. Install the plugin '
                'again, or add --show-secret to type the secret instead.'
            )
        ) from None


def check_qr_file(path: str) -> None:
    """Check that a QR code could be written to a file that is new.

    :raises UsageError: The file is there already, or of no known kind.
    """
    if _kind_of_file(path) not in FILE_KINDS:
        raise UsageError(
            msg=f'--qr-file must end in .png or .svg, not as {path} does.'
        )
    if os.path.lexists(path):
        raise UsageError(
            msg=f'{path} exists and is not written over. Name a new file.'
        )


def for_terminal(parts: Sequence[str]) -> str:
    """Return a QR code as lines of half blocks, black on white.

    :param parts: The text in it; each part is encoded by itself.
    """
    border = _TERMINAL_BORDER
    matrix = [list(row) for row in _make(parts).matrix]
    width = len(matrix) + 2 * border
    side = [0] * border
    rows = [
        *([0] * width for _ in range(border)),
        *([*side, *row, *side] for row in matrix),
        # Two rows make a line: their number has to be even.
        *([0] * width for _ in range(border + width % 2)),
    ]
    lines = [
        ''.join(
            _HALF_BLOCKS[bool(above), bool(below)]
            for above, below in zip(rows[number], rows[number + 1])
        )
        for number in range(0, len(rows), 2)
    ]
    return '\n'.join(f'{_BLACK_ON_WHITE}{line}{_RESET}' for line in lines)


def write_file(path: str, parts: Sequence[str]) -> None:
    """Write a QR code to a new file that only its owner can read.

    :raises UsageError: It cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, 'wb') as file:
            _make(parts).save(
                file,
                kind=_kind_of_file(path),
                scale=_FILE_SCALE,
                # An SVG has no background otherwise, and could not be
                # scanned from a dark window.
                light='white',
            )
    except OSError as error:
        raise UsageError(
            msg=f'{path} cannot be written: {error.strerror}'
        ) from None


def _kind_of_file(path: str) -> str:
    return os.path.splitext(path)[1][1:].lower()


def _make(parts: Sequence[str]) -> Any:
    import segno

    content: Any = list(parts)
    return segno.make(content, error='l', micro=False)
