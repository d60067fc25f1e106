# SPDX-License-Identifier: Apache-2.0
"""The script that starts ``awscli-mfa`` from a copy of the package."""

from __future__ import annotations

from shlex import quote


def launcher(interpreter: str, folder: str) -> str:
    """Return a script that a POSIX shell or an SDK can run.

    The shell that starts the interpreter copes with a path of any length
    and with blanks, which a first line of ``#!`` does not. ``-I`` ignores
    PYTHON variables and the current folder, ``-S`` leaves ``site`` out,
    which is a quarter of Python's start. The script that pip makes also
    imports ``re``, which costs more than half of Python's start.

    :param interpreter: The absolute path of a Python 3.9 or newer.
    :param folder: The folder that has ``awscli_mfa_plugin`` in it.
    """
    program = (
        f'import sys; sys.path.insert(0, {folder!a}); '
        'from awscli_mfa_plugin.standalone import main; sys.exit(main())'
    )
    return (
        '#!/bin/sh\n'
        '# Made by "awscli-mfa enable", removed by "awscli-mfa disable".\n'
        f'python={quote(interpreter)}\n'
        # An upgrade may have taken that one away; any other will do.
        '[ -x "$python" ] || python=python3\n'
        f'exec "$python" -IS -c {quote(program)} "$@"\n'
    )
