# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.totp."""

from __future__ import annotations

import base64

import pyotp
import pytest

from awscli_mfa_plugin.credentials.totp import Seed, step_at

BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567' * 2


# RFC 6238, appendix B, of whose eight digits AWS's codes are the last six.
@pytest.mark.parametrize(
    ('timestamp', 'code'),
    [
        (59, '94287082'),
        (1111111109, '07081804'),
        (1111111111, '14050471'),
        (1234567890, '89005924'),
        (2000000000, '69279037'),
        (20000000000, '65353130'),
    ],
)
def test_vectors(timestamp: int, code: str) -> None:
    """The standard's own codes."""
    seed = Seed(base64.b32encode(b'12345678901234567890').decode())
    assert seed.code(step_at(timestamp)) == code[-6:]


@pytest.mark.parametrize('length', [24, 26, 32, 52, 64])
def test_another_program(length: int) -> None:
    """The codes are those of pyotp, whatever the seed's length."""
    base32 = BASE32[:length]
    seed, other = Seed(base32), pyotp.TOTP(base32)
    for timestamp in range(1790000000, 1790003000, 30):
        assert seed.code(step_at(timestamp)) == other.at(timestamp)


def test_step_of_a_code() -> None:
    """A code is found near the present, on either side, and not beyond."""
    seed = Seed(BASE32)
    for offset in (0, -10, 10):
        found = seed.find_step(seed.code(1000 + offset), 1000, 10)
        assert found == 1000 + offset
    assert seed.find_step(seed.code(1011), 1000, 10) is None


def test_a_seed_with_padding() -> None:
    """Apps want it without, and the codes are the same."""
    padded = Seed('MFRGG===')
    assert padded.uri('anna', '1')[1] == 'MFRGG'
    assert padded.code(1) == Seed('MFRGG').code(1)


def test_seed_is_not_shown() -> None:
    """Nothing that prints an object prints the seed."""
    seed = Seed(BASE32)
    assert BASE32 not in f'{seed} {seed!r}'
    assert seed.uri('anna+x/y@example.com', '123456789012') == (
        'otpauth://totp/AWS:anna%2Bx%2Fy@example.com@123456789012?secret=',
        BASE32,
        '&issuer=AWS',
    )
