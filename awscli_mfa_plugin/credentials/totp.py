# SPDX-License-Identifier: Apache-2.0
"""The codes of a virtual MFA device, computed from its seed (RFC 6238)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote

# AWS and every authenticator app use SHA-1, six digits and 30 seconds.
STEP_SECONDS = 30
_DIGITS = 6

# An authenticator app shows this before the name of the user.
_ISSUER = 'AWS'


def step_at(timestamp: float) -> int:
    """Return the number of the 30 seconds that a time is in.

    :param timestamp: Seconds since the epoch.
    """
    return int(timestamp) // STEP_SECONDS


class Seed:
    """The secret of a virtual MFA device. It is never shown by accident.

    :ivar base32: The seed as people type it.
    """

    def __init__(self, base32: str) -> None:
        self.base32 = base32.rstrip('=')
        padding = '=' * (-len(self.base32) % 8)
        self._key = base64.b32decode(self.base32 + padding)

    def __repr__(self) -> str:
        return 'Seed(******)'

    def code(self, step: int) -> str:
        """Return the code of a step."""
        digest = hmac.new(
            self._key, step.to_bytes(8, 'big'), hashlib.sha1
        ).digest()
        offset = digest[-1] & 0xF
        number = int.from_bytes(digest[offset : offset + 4], 'big')
        number = (number & 0x7FFFFFFF) % 10**_DIGITS
        return f'{number:0{_DIGITS}}'

    def find_step(self, code: str, near: int, distance: int) -> int | None:
        """Return the step of a code, the nearest to ``near``, or ``None``.

        :param distance: How many steps before and after are looked at.
        """
        for offset in range(distance + 1):
            for step in (near - offset, near + offset):
                if hmac.compare_digest(self.code(step), code):
                    return step
        return None

    def uri(self, user_name: str, account: str) -> tuple[str, str, str]:
        """Return the ``otpauth`` URI that an app scans, in three parts.

        The second part is the seed. By itself it takes less room in a QR
        code, where it needs no lower-case letters.
        https://github.com/google/google-authenticator/wiki/Key-Uri-Format

        :param account: The number of the AWS account.
        """
        label = f'{_ISSUER}:{quote(user_name, safe="@")}@{account}'
        return (
            f'otpauth://totp/{label}?secret=',
            self.base32,
            f'&issuer={_ISSUER}',
        )
