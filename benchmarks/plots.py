# SPDX-License-Identifier: Apache-2.0
"""Draw the results as SVG, for light and for dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.cases import OF_AWS, PYTHON
from benchmarks.figures import Results

# Text and lines, then one colour for each AWS CLI.
_COLORS = {
    'light': ('#1f2328', ('#0969da', '#1a7f37', '#bf3989', '#9a6700')),
    'dark': ('#e6edf3', ('#58a6ff', '#3fb950', '#f778ba', '#d29922')),
}


def draw(results: Results, folder: Path) -> None:
    """Draw each plot twice, into the folder."""
    # Same results, same bytes.
    mpl.rcParams['svg.hashsalt'] = 'awscli-mfa-plugin'
    for page, (text, colors) in _COLORS.items():
        names = ('text.color', 'axes.edgecolor', 'axes.labelcolor')
        ticks = ('xtick.color', 'ytick.color')
        with mpl.rc_context(
            {
                **dict.fromkeys((*names, *ticks), text),
                'axes.spines.top': False,
                'axes.spines.right': False,
                'font.size': 11,
            }
        ):
            for name, plot in (('aws', _aws), ('programs', _programs)):
                figure, axes = plt.subplots(
                    figsize=(8, 4.5), layout='constrained'
                )
                plot(axes, results, colors)
                figure.savefig(
                    folder / f'{name}-{page}.svg',
                    transparent=True,
                    metadata={'Date': None},
                )
                plt.close(figure)


def _aws(axes: Axes, results: Results, colors: Sequence[str]) -> None:
    """Draw how much more commands take with the plugin, by AWS CLI."""
    ratios = {
        (figure.what, figure.host): figure.value for figure in results.figures
    }
    hosts = sorted({host for _, host in ratios if host})
    cases = [
        case
        for case in OF_AWS
        if all((case.what, host) in ratios for host in hosts)
    ]
    height = 0.8 / len(hosts)
    for number, host in enumerate(hosts):
        axes.barh(
            [row + number * height for row in range(len(cases))],
            [_percent(ratios[case.what, host]) for case in cases],
            height * 0.9,
            color=colors[number % len(colors)],
            label=host,
        )
    for row, case in enumerate(cases):
        axes.plot(
            [_percent(case.goal)] * 2,
            [row - height * 0.6, row + 0.8 - height * 0.4],
            color=mpl.rcParams['text.color'],
            linestyle=':',
            label='' if row else 'goal',
        )
    axes.set_yticks(
        [row + 0.4 - height / 2 for row in range(len(cases))],
        [f'{case.what}\nagainst {case.against}' for case in cases],
        fontsize=9,
    )
    axes.invert_yaxis()
    axes.set_xlabel(f'more {results.measured} in percent')
    axes.legend(frameon=False)


def _programs(axes: Axes, results: Results, colors: Sequence[str]) -> None:
    """Draw how many times a bare Python each program takes."""
    bars = {PYTHON: 1.0}
    first: float | None = None
    for figure in results.figures:
        if figure.against == PYTHON and figure.unit == 'x':
            bars[figure.what] = figure.value
            first = first or figure.value
        elif first and figure.what == 'awscli-mfa credentials':
            bars[figure.against] = first / figure.value
    drawn = axes.barh(
        list(bars),
        list(bars.values()),
        color=[
            colors[0] if name.startswith('awscli-mfa') else colors[-1]
            for name in bars
        ],
    )
    axes.bar_label(drawn, fmt='%.2f', padding=3)
    axes.invert_yaxis()
    axes.set_xlabel(f'{results.measured}, as a multiple of a bare Python')


def _percent(ratio: float) -> float:
    return (ratio - 1) * 100
