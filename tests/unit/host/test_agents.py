# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.agents."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import useragent

from awscli_mfa_plugin.exceptions.token_codes import RunByAgentError
from awscli_mfa_plugin.host import agents
from awscli_mfa_plugin.host.agents import (
    is_run_by_agent,
    known_agents,
    may_ask_here,
)
from awscli_mfa_plugin.host.terminal import Terminal

# botocore's name for its table, which older ones do not have.
TABLE = '_USERAGENT_AGENTIC_CALLER_ENV_VAR_MAPPINGS'

AGENTS = {
    'CLAUDECODE': '1',
    'GEMINI_CLI': '1',
    'CODEX_THREAD_ID': '019a-thread',
    'KIRO_SESSION_ID': 'session',
    'OPENCODE': '1',
    'ANTIGRAVITY_AGENT': '1',
    'AMP_CURRENT_THREAD_ID': 'T-1',
    'PI_CODING_AGENT': 'true',
    'COPILOT_CLI': '1',
    'CURSOR_AGENT': '1',
}


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no agent, whoever runs the tests."""
    for name in (*AGENTS, 'AWS_MFA_PROMPT'):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=['a host that knows agents', 'an older host'])
def table(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have botocore's own table of agents, or none."""
    if request.param == 'an older host':
        monkeypatch.delattr(useragent, TABLE, raising=False)


@pytest.mark.parametrize('name', AGENTS)
def test_agents_are_known_by_their_variables(
    monkeypatch: pytest.MonkeyPatch, table: None, name: str
) -> None:
    """Nobody is asked under an agent, on old hosts and new."""
    assert not is_run_by_agent()
    monkeypatch.setenv(name, AGENTS[name])
    assert is_run_by_agent()
    with pytest.raises(RunByAgentError, match='aws mfa login'):
        Terminal().check_available()
    monkeypatch.setenv(name, '')
    assert not is_run_by_agent()


def test_another_value_is_no_agent(
    monkeypatch: pytest.MonkeyPatch, table: None
) -> None:
    """A variable of a person's own that only has the name is none."""
    monkeypatch.setenv('CLAUDECODE', '0')
    assert not is_run_by_agent()


@pytest.mark.parametrize(
    ('value', 'may_ask'), [('auto', True), ('never', False), ('', False)]
)
def test_a_person_may_overrule_it(
    monkeypatch: pytest.MonkeyPatch, value: str, may_ask: bool
) -> None:
    """``AWS_MFA_PROMPT=auto`` has an agent ask, and be an agent still."""
    monkeypatch.setenv('AWS_MFA_PROMPT', value)
    assert may_ask_here()
    monkeypatch.setenv('CLAUDECODE', '1')
    assert may_ask_here() is may_ask
    assert is_run_by_agent()


def test_the_table_of_the_host_is_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An agent that the host learns about is known at once."""
    row = ('NEW_AGENT', 'AGENTIC_CALLER_NEW', None)
    monkeypatch.setattr(useragent, TABLE, (row,), raising=False)
    monkeypatch.setenv('NEW_AGENT', 'yes')
    assert is_run_by_agent()
    assert known_agents() == (*agents._AGENTS, ('NEW_AGENT', None))


@pytest.mark.parametrize(
    'table', [None, 7, (), (('A', 'B'),), ((1, 'B', None),), (('A', 'B', 2),)]
)
def test_a_table_of_another_shape_is_not_used(
    monkeypatch: pytest.MonkeyPatch, table: Any
) -> None:
    """If the host's private table changes, ours takes its place."""
    monkeypatch.setattr(useragent, TABLE, table, raising=False)
    assert known_agents() == agents._AGENTS


def test_our_table_has_what_the_host_has() -> None:
    """A host of today knows no agent that we do not."""
    assert set(known_agents()) <= set(agents._AGENTS)
