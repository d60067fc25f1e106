# SPDX-License-Identifier: Apache-2.0
"""Whose process this is: the host's logs, threads, terminal, programs.

This room imports only the modules of the bottom.
"""
