# SPDX-License-Identifier: Apache-2.0
"""How credentials are had: from the cache, else from STS with a code.

A provider decides whether it applies, a fetcher knows how to get a
session, the credentials object of ``refreshing`` knows when. This room
imports ``cache``, ``profiles`` and ``host``.
"""
