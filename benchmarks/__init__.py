# SPDX-License-Identifier: Apache-2.0
"""How fast the plugin is: ratios of two commands, measured in one run.

- ``measure`` runs two commands in turn and compares them.
- ``scene`` has the people, programs and files that commands run with.
- ``cases`` is the table of commands that are compared, with the goals.
- ``plots`` draws the results.

``tox -e benchmark`` runs all of it. Nothing here is a test: a figure that
misses its goal is printed as it is.
"""
