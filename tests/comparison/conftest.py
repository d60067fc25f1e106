# SPDX-License-Identifier: Apache-2.0
"""The table of outcomes, printed at the end whatever the outcome."""

from __future__ import annotations

import pytest

from tests.comparison.scenarios import (
    DIFFERENCES,
    FIELDS,
    SCENARIOS,
    Scenario,
)
from tests.e2e.conftest import aws, new_user, running_aws

# The fixtures that the end-to-end tests have.
__all__ = ['aws', 'new_user', 'running_aws']

OUTCOME = 'outcome'

_Row = tuple[str, ...]


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Run all scenarios on one AWS CLI, and on the others some."""
    chosen, others = [], []
    first = None
    for item in items:
        parameters = getattr(getattr(item, 'callspec', None), 'params', {})
        scenario = parameters.get('scenario')
        first = first or (scenario and parameters['host'])
        if (
            not isinstance(scenario, Scenario)
            or scenario.on_every_host
            or parameters['host'] == first
        ):
            chosen.append(item)
        else:
            others.append(item)
    items[:] = chosen
    config.hook.pytest_deselected(items=others)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> None:
    """Print the outcomes, those that are the same in one row."""
    # By scenario and outcome, who had it.
    found: dict[str, dict[_Row, list[str]]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, 'when', None) != 'call':
                continue
            for name, value in report.user_properties:
                if name == OUTCOME:
                    scenario, who, row = value
                    whose = found.setdefault(scenario, {}).setdefault(
                        tuple(row), []
                    )
                    if who not in whose:
                        whose.append(who)
    if not found:
        return
    terminalreporter.section('aws-mfa and aws mfa login')
    for line in _table(found):
        terminalreporter.write_line(line)


def _table(found: dict[str, dict[_Row, list[str]]]) -> list[str]:
    rows: list[_Row] = [('scenario', 'with', *FIELDS)]
    for scenario in SCENARIOS:
        outcomes = found.get(scenario.name, {})
        for number, (row, whose) in enumerate(outcomes.items()):
            title = '' if number else scenario.name
            names = 'both' if len(outcomes) == 1 else ', '.join(whose)
            rows.append((title, names, *row))
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = [
        '  '.join(
            cell.ljust(width) for cell, width in zip(row, widths)
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, '  '.join('-' * width for width in widths))
    lines += ['', 'Differences that are meant:']
    for difference in DIFFERENCES.values():
        fields = ', '.join(
            name for name in FIELDS if name in difference.fields
        )
        lines.append(f'- {difference.why} ({fields})')
    return lines
