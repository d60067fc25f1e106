# SPDX-License-Identifier: Apache-2.0
"""``python3 FOLDER/awscli_mfa_plugin``: ``awscli-mfa`` with no install.

In a folder made for v2 with ``pip install --target`` no ``python3`` finds
the package by its name.
"""

import os
import sys

if not __package__:
    # In the place of the package's own folder, whose modules are not meant
    # to be found at the top.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from awscli_mfa_plugin.standalone import main

sys.exit(main())
