# SPDX-License-Identifier: Apache-2.0
"""Texts and documents that are nearly right, and some that are not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

# What a program may write, or a person paste, where it does not belong.
TOKENS = [
    b'"', b"'", b'\\', b'{', b'}', b'[', b']', b':', b',', b'=', b'#', b';',
    b'<', b'>', b'&', b'</', b'/>', b'<!--', b'<![CDATA[', b'&#0;', b'&amp;',
    b' ', b'\t', b'\r', b'\n', b'\r\n', b'\0', b'\x7f', b'\x80', b'\xff',
    b'\xef\xbb\xbf', b'\xc2\x85', b'\xe2\x80\xa8', b'\xed\xa0\x80',
    b'null', b'true', b'false', b'NaN', b'Infinity', b'-1', b'0', b'1e999',
    b'9' * 30, b'9' * 5000, b'\\u0000', b'\\ud800', b'[' * 5000,
    b'0001-01-01T00:00:00Z', b'9999-12-31T23:59:59Z',
    b'9999-12-31T23:59:59-23:59', b'2026-02-30T00:00:00Z', b'x' * 70000,
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 900, 1.5, -0.0, 1e308, 10**30,
    float('nan'), float('inf'), '', ' ', 'x', '0', '-1', '900', '129601',
    '1e3', '\u0663\u0663', '\0', '\ud800', 'a\nb', 'a\x85b', '"', '\\',
    'x' * 5000, [], ['x'], {}, {'x': 'y'}, [[[[]]]], 'mfa-session',
    '0001-01-01T00:00:00Z', '0001-01-01T00:00:00+23:59',
    '9999-12-31T23:59:59-23:59', '2026-02-30T00:00:00Z', '2026-11-25',
    '2026-11-25T09:00:00', '2026-11-25T09:00:00.123456789Z', '20261125T0900Z',
    '2026-11-25T09:00:00+0000', '99999-01-01T00:00:00Z', 'ZZZ', '1763985600',
]  # fmt: skip


def mutated_text(random: Random, text: bytes, others: list[bytes]) -> bytes:
    """Return a text with one to four changes."""
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(text))
        end = min(len(text), start + random.choice([0, 1, 1, 2, 5, 20, 200]))
        kind = random.randrange(8)
        if kind == 0:
            text = text[:start]
        elif kind == 1:
            text = text[:start] + text[end:]
        elif kind == 2:
            text = text[:end] + text[start:]
        elif kind == 3:
            text = text[:start] + random.randbytes(end - start) + text[end:]
        elif kind == 4:
            other = random.choice(others)
            text = text[:start] + other[random.randint(0, len(other)) :]
        elif kind == 5:
            lines = text.split(b'\n')
            random.shuffle(lines)
            text = b'\n'.join(lines)
        else:
            text = text[:start] + random.choice(TOKENS) + text[end:]
    return text


def mutated_document(random: Random, document: Any) -> Any:
    """Return a document with one to three changes."""
    document = copy.deepcopy(document)
    for _ in range(random.randint(1, 3)):
        holder, places = document, list(_places(document))
        if not places or random.random() < 0.01:
            return random.choice(VALUES)
        holder, place = random.choice(places)
        if random.random() < 0.2:
            del holder[place]
        elif random.random() < 0.1 and isinstance(holder, dict):
            holder[f'{place}x'] = holder.pop(place)
        else:
            holder[place] = random.choice(VALUES)
    return document


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a document where a value stands."""
    if isinstance(value, dict):
        here = list(value.items())
    elif isinstance(value, list):
        here = list(enumerate(value))
    else:
        return []
    found = [(value, place) for place, _ in here]
    for _, below in here:
        found += _places(below)
    return found


def texts_of(document: Any) -> Callable[[Random], bytes]:
    """Return a maker of JSON texts that are nearly a document's."""
    right = json.dumps(document, indent=2).encode()

    def make(random: Random) -> bytes:
        if random.random() < 0.5:
            return mutated_text(random, right, [right])
        changed = mutated_document(random, document)
        return json.dumps(changed, indent=random.choice([2, None])).encode()

    return make
