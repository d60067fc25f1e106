# SPDX-License-Identifier: Apache-2.0
"""The results: figures with their goals, as a table and in files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

_PAGE = """\
# Speed

Every `aws` command loads the plugin, and a shell prompt or an SDK starts
`awscli-mfa`. So both are measured against what they would cost without us, and
against other programs that do the same. Each figure is a ratio or a difference
of two commands that one run measured in turn; a ratio of 1.010 is one percent
more. `tox -e benchmark` measures all of it again.

![How much more commands of the AWS CLI take](aws-light.svg#only-light)
![How much more commands of the AWS CLI take](aws-dark.svg#only-dark)

![What awscli-mfa takes, and other programs](programs-light.svg#only-light)
![What awscli-mfa takes, and other programs](programs-dark.svg#only-dark)

Measured on {results.date} in {results.measured}, with Python {results.python},
on {results.machine}. Where a goal is missed, [design](../design.md#speed) says
where the time goes.

{table}"""


@dataclass(frozen=True)
class Figure:
    """One result.

    :ivar host: The AWS CLI, or an empty text where none is started.
    :ivar unit: ``x`` for a ratio, else that of the difference.
    """

    what: str
    against: str
    host: str
    value: float
    unit: str
    goal: float

    @property
    def is_met(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.goal


@dataclass
class Results:
    """All figures of one run.

    :ivar measured: What ratios are made of: instructions or seconds.
    """

    date: str
    machine: str
    python: str
    measured: str
    figures: list[Figure] = field(default_factory=list)


def table(figures: Sequence[Figure]) -> str:
    """Return a Markdown table, one row a figure."""
    rows = [
        ('', 'AWS CLI', 'against', 'figure', 'goal', ''),
        ('---',) * 6,
        *(
            (
                figure.what,
                figure.host,
                figure.against,
                _format(figure.value, figure.unit),
                _format(figure.goal, figure.unit),
                '' if figure.is_met else 'missed',
            )
            for figure in figures
        ),
    ]
    return '\n'.join(f'| {" | ".join(row)} |' for row in rows) + '\n'


def _format(value: float, unit: str) -> str:
    return f'{value:.3f}' if unit == 'x' else f'{value:.1f} {unit}'


def write(results: Results, folder: Path) -> None:
    """Write the results to a folder, as JSON and as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(results), indent=2) + '\n'
    (folder / 'benchmark.json').write_text(text)
    (folder / 'index.md').write_text(
        _PAGE.format(results=results, table=table(results.figures))
    )
