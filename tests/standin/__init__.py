# SPDX-License-Identifier: Apache-2.0
"""A stand-in AWS: S3, STS and IAM on loopback, with MFA that is checked.

A reverse proxy stands in front of MiniStack. MiniStack checks signatures,
issues and expires keys, and keeps buckets and users. What it lacks is MFA:
token codes (RFC 6238), devices that lock, sessions that know whether they
were made with a code, roles that demand one. The proxy adds that in AWS's
own words, records every request, and can be slow, broken, or wrong about
the time on demand.

Tests use the client side, exported here::

    with StandIn.start() as aws:
        user = aws.create_user('s3-cli-user')
        ...
        assert aws.requests(operation='GetSessionToken')

``python -m tests.standin`` runs one in the foreground.

The server's modules, each importing only those before it: ``messages``,
``sigv4``, ``operations``, ``records``, ``devices``, ``faults``, ``world``,
``backend`` (MiniStack), ``policy``, ``sts``, ``iam``, ``gate`` (all of it
but the sockets), ``proxy``, ``control``.
"""

from __future__ import annotations

from .client import Device, Hold, Role, StandIn, StandInError, User
from .records import Request

__all__ = [
    'Device',
    'Hold',
    'Request',
    'Role',
    'StandIn',
    'StandInError',
    'User',
]
