# SPDX-License-Identifier: Apache-2.0
"""botocore's root of errors, for a Python that has no botocore."""

from __future__ import annotations

from typing import Any


class BotoCoreError(Exception):
    """As in botocore: the fields of ``fmt`` are the keywords."""

    fmt = ''

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(self.fmt.format(**kwargs))
