# SPDX-License-Identifier: Apache-2.0
"""What is on disk: sessions, role sessions, notes, and the lock.

``layout`` knows where everything is, ``files`` how a file is read and
written. Each other module is one kind of file; ``inventory`` lists and
removes them. This room imports ``host`` and the modules of the bottom
(``exceptions``, ``duration``, ``needs``, ``temporary_credentials``).
"""
