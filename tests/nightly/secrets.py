# SPDX-License-Identifier: Apache-2.0
"""Secrets, wherever they may show."""

from __future__ import annotations

import re
from collections.abc import Iterable


def found_in(text: str, secrets: Iterable[str]) -> list[str]:
    """Return which secrets a text holds; a code, as a word by itself."""
    return [
        secret
        for secret in secrets
        if re.search(rf'(?<![0-9A-Za-z]){re.escape(secret)}', text)
    ]
