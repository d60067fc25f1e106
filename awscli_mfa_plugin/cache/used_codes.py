# SPDX-License-Identifier: Apache-2.0
"""Which code of a device was sent last: AWS takes each one once.

A file for each device has a digest of the code. It says nothing to
others that is worth anything: the code has been used.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from typing import Any

from awscli_mfa_plugin.cache.files import VERSION, read_entry, write_json
from awscli_mfa_plugin.cache.layout import (
    cache_directory,
    code_digest,
    used_code_lock_path,
    used_code_path,
)
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.temporary_credentials import text_in

logger = logging.getLogger(__name__)

# AWS takes codes of two steps of 30 seconds around now. After that time six
# digits may come again by chance.
_MAX_AGE_SECONDS = 180

# The holder of the lock needs milliseconds.
_PATIENCE_SECONDS = 5


def claim(serial_number: str, token_code: str) -> bool:
    """Remember that a code is about to be sent, and tell whether it may be.

    Of several processes that have the same code one may send it: AWS locks
    a device that too many used codes were sent for.
    """
    path = used_code_lock_path(cache_directory(), serial_number)
    with locked(path, _PATIENCE_SECONDS):
        if was_used(serial_number, token_code):
            return False
        note_used(serial_number, token_code)
        return True


def release(serial_number: str, token_code: str) -> None:
    """Forget a code that AWS has not looked at: it can be sent again."""
    if was_used(serial_number, token_code):
        with contextlib.suppress(OSError):
            os.unlink(used_code_path(cache_directory(), serial_number))


def note_used(serial_number: str, token_code: str) -> None:
    """Remember that a code was sent; without a cache, do nothing."""
    entry = {
        'Version': VERSION,
        'CodeDigest': code_digest(serial_number, token_code),
        'SentAt': time.time(),
    }
    try:
        write_json(used_code_path(cache_directory(), serial_number), entry)
    except OSError as error:
        logger.debug('A used code is not remembered: %s', error)


def was_used(serial_number: str, token_code: str) -> bool:
    """Tell whether a code is the one that was sent last."""
    path = used_code_path(cache_directory(), serial_number)
    found = read_entry(path, _from_json)
    return found == code_digest(serial_number, token_code)


def _from_json(entry: dict[str, Any]) -> str:
    """Return the digest of a code that is still one of these minutes.

    :raises ValueError: There is none.
    """
    sent_at = entry.get('SentAt')
    if not isinstance(sent_at, float) or not (
        0 <= time.time() - sent_at < _MAX_AGE_SECONDS
    ):
        raise ValueError('not of these minutes')
    return text_in(entry, 'CodeDigest')
