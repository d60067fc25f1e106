# SPDX-License-Identifier: Apache-2.0
"""What a person is told once: an empty file stands for each."""

from __future__ import annotations

import contextlib
import os
import time

from awscli_mfa_plugin.cache.files import make_directory


def is_first_time(path: str, again_after: float | None = None) -> bool:
    """Tell whether something is yet to be told, and note that it now is.

    Of several processes that ask at the same time one is the first.

    :param path: The file that stands for it.
    :param again_after: How many seconds the note holds; by default as long
        as the file is there.
    :raises OSError: No note can be left.
    """
    make_directory(os.path.dirname(path))
    if again_after is not None:
        with contextlib.suppress(FileNotFoundError):
            # A file of tomorrow is as good as an old one.
            if abs(time.time() - os.lstat(path).st_mtime) > again_after:
                os.unlink(path)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True
