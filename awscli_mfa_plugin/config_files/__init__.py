# SPDX-License-Identifier: Apache-2.0
"""What is written into a person's own files.

``lines`` reads a file's lines by botocore's rules and ``edit`` changes
only those that must change; ``config`` and ``credentials`` know the two
files. This room imports ``cache`` and ``profiles``.
"""
