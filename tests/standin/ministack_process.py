# SPDX-License-Identifier: Apache-2.0
"""MiniStack in a process that ends when its standard input does.

The operating system closes the other end of that pipe however its owner
dies, so no MiniStack is ever left behind, nor its temporary folder.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import tempfile
import threading


def _end_with_standard_input() -> None:
    while os.read(0, 1):
        pass
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    os._exit(0)


def main() -> None:
    threading.Thread(target=_end_with_standard_input, daemon=True).start()
    sys.argv = ['ministack']
    runpy.run_module('ministack', run_name='__main__')


if __name__ == '__main__':
    main()
