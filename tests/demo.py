#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Show the plugin at work against a stand-in for AWS on this machine.

python3 tests/demo.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import bootstrap


def story() -> int:
    """Tell the story and return an exit code."""
    raise NotImplementedError


def main() -> int:
    """Install what the demonstration needs, then tell its story."""
    bootstrap.run_inside(
        'demo',
        # This project as it is in the checkout, with an AWS CLI v1.
        ['--editable', '.[awscli]', 'ministack', 'pyotp'],
        # MiniStack's and the newest AWS CLI v1's oldest Python.
        minimum=(3, 10),
    )
    return story()


if __name__ == '__main__':
    sys.exit(main())
