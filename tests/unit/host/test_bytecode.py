# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.bytecode."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from awscli_mfa_plugin.host.bytecode import compile_for_bundle


@pytest.mark.parametrize('is_frozen', [True, False])
def test_only_a_bundle_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_frozen: bool
) -> None:
    """Every other Python writes its bytecode by itself."""
    monkeypatch.setattr(sys, 'frozen', is_frozen, raising=False)
    (tmp_path / '__init__.py').write_text('')
    (tmp_path / 'hooks.py').write_text('x = 1\n')
    for _ in range(2):
        compile_for_bundle(str(tmp_path))
    compiled = {path.name.split('.')[0] for path in tmp_path.rglob('*.pyc')}
    assert compiled == ({'__init__', 'hooks'} if is_frozen else set())


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on without, and says nothing."""
    monkeypatch.setattr(sys, 'frozen', True, raising=False)
    (tmp_path / '__init__.py').write_text('x = 1\n')
    (tmp_path / '__pycache__').write_text('in the way')
    compile_for_bundle(str(tmp_path))
    assert (tmp_path / '__pycache__').read_text() == 'in the way'
