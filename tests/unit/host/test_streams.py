# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.streams."""

from __future__ import annotations

import io
import sys

import pytest

from awscli_mfa_plugin.exceptions.commands import OutputError
from awscli_mfa_plugin.host.streams import print_text


def test_a_character_that_the_stream_has_not() -> None:
    """It becomes a question mark."""
    content = io.BytesIO()
    stream = io.TextIOWrapper(content, encoding='ascii')
    print_text('Zoë\n', stream)
    assert content.getvalue() == b'Zo?\n'


def test_streams_that_are_closed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where standard error is closed, nothing of it goes elsewhere."""
    monkeypatch.setattr(sys, 'stderr', None)
    print_text('a warning', sys.stderr)
    assert capsys.readouterr().out == ''
    monkeypatch.setattr(sys, 'stdout', None)
    with pytest.raises(OutputError, match='it is closed'):
        print_text('a result')
