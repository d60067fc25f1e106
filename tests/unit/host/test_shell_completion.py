# SPDX-License-Identifier: Apache-2.0
"""What shells are told: tests/e2e/test_shell_completion.py asks them."""

from __future__ import annotations

import pytest

from awscli_mfa_plugin.commands import mfa
from awscli_mfa_plugin.host.shell_completion import AWS_MFA, SHELLS
from awscli_mfa_plugin.standalone import main


def test_commands_and_options() -> None:
    """The list here is that of the commands' own tables."""
    assert {
        name: tuple(
            argument['name'] for argument in mfa._load_class(name).ARG_TABLE
        )
        for name in mfa._SUBCOMMANDS
    } == AWS_MFA


@pytest.mark.parametrize('shell', SHELLS)
def test_program_itself(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own subcommands are there, with the options of this Python."""
    assert main(['completion', shell]) == 0
    printed = capsys.readouterr().out
    assert shell in printed.splitlines()[0]
    for word in ('enable', 'dry-run', 'credentials', 'token-code'):
        assert word in printed
