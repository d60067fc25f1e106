# SPDX-License-Identifier: Apache-2.0
"""Tests of the pictures of terminals."""

from __future__ import annotations

from xml.etree import ElementTree

from release.svg import THEMES, draw

SHOWN = 'Enter code: \r\n\x1b[33mends <soon>  now\x1b[0m\r\n\x1b[1mdone\x1b[0m'
SVG = '{http://www.w3.org/2000/svg}'


def test_text_stays_text_with_its_colours() -> None:
    """Each run of words stands at its column, in the colour of the theme."""
    theme = THEMES['dark']
    picture = ElementTree.fromstring(draw('A & B', [SHOWN], theme))
    assert picture.findtext(f'{SVG}title') == 'A & B'
    texts = picture.findall(f'{SVG}text')
    assert [
        (text.text, text.get('fill'), text.get('font-weight'))
        for text in texts
    ] == [
        ('Enter', None, None),
        ('code:', None, None),
        ('ends', theme.colors['brown'], None),
        ('<soon>', theme.colors['brown'], None),
        ('now', theme.colors['brown'], None),
        ('done', None, 'bold'),
    ]
    left = [float(text.get('x', 0)) for text in texts]
    assert left[0] == left[2] == left[5] < left[1] < left[4]
    lines = [text.get('y') for text in texts]
    assert lines[0] == lines[1] != lines[2] == lines[4] != lines[5]


def test_screens_stand_one_below_the_other() -> None:
    """A second terminal gets a frame of its own below the first one."""
    picture = ElementTree.fromstring(
        draw('Two', ['first', 'second'], THEMES['light'])
    )
    first, second = picture.findall(f'{SVG}rect')
    bottom = float(first.get('y', 0)) + float(first.get('height', 0))
    assert bottom < float(second.get('y', 0)) < float(picture.get('height', 0))
