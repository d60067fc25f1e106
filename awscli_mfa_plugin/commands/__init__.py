# SPDX-License-Identifier: Apache-2.0
"""``aws mfa ...``, one module for each command.

This room alone imports ``awscli``, and it may import every other room.
"""
