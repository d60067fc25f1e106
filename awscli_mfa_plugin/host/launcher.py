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
        '# SDKs and shell prompts run this. "aws mfa" made it.\n'
        f'exec {quote(interpreter)} -IS -c {quote(program)} "$@"\n'
    )
