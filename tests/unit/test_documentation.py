# SPDX-License-Identifier: Apache-2.0
"""The documentation names what there is, and its links lead somewhere."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from awscli_mfa_plugin.exceptions import MFAError
from tests.unit.errors import CLASSES

ROOT = Path(__file__).resolve().parents[2]
# The pages that the documentation's own build checks are in docs/.
PAGES = sorted(ROOT.glob('*.md'))

# A setting of a profile or an environment variable, in the code.
SETTING = re.compile(r"'((?:AWS_MFA|MFA|aws_mfa|mfa)_[A-Za-z_]+)'")
# A block of command lines or of a program, and the comment before it.
BLOCK = re.compile(
    r'^(?:<!-- (.*) -->\n)?'
    r'```(?:sh|bash|zsh|fish|powershell|console|python|toml)$',
    re.MULTILINE,
)
LINK = re.compile(r'\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)', re.MULTILINE)


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r'^#+ (.+)$', text, re.MULTILINE)
    return {
        re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-')
        for heading in headings
    }


def test_every_setting_is_in_the_table() -> None:
    """A setting that the code reads has a row, with its first version."""
    found = set()
    for path in (ROOT / 'awscli_mfa_plugin').rglob('*.py'):
        found |= set(SETTING.findall(path.read_text('utf-8')))
    assert {'mfa_serial', 'AWS_MFA_PROMPT', 'MFA_DEVICE'} <= found
    table = (ROOT / 'docs' / 'settings.md').read_text('utf-8')
    named = set(re.findall(r'`(\w+)`', table))
    assert sorted(found - named) == []


def facts() -> set[str]:
    """Return the first sentence of every message and remedy."""
    texts = {
        text
        for kind in CLASSES
        for name, text in vars(kind).items()
        if name in ('fmt', 'remedy')
    }
    # What is said with these is said where they are raised.
    texts -= {'', '{msg}', MFAError.fmt}
    return {re.split(r'[.:;](\s|$)', text)[0] for text in texts}


def test_every_message_is_in_a_table() -> None:
    """A message can be searched for, and is found with its cause."""
    page = (ROOT / 'docs' / 'messages.md').read_text('utf-8')
    shown = re.findall(r'^\| `([^`]*)` \|', page, re.MULTILINE)
    missing = []
    for fact in facts():
        pattern = ''.join(
            re.escape(text) + ('' if field is None else '.*')
            for text, field, _, _ in string.Formatter().parse(fact)
        )
        if not any(re.match(pattern, message) for message in shown):
            missing.append(fact)
    assert sorted(missing) == []


@pytest.mark.parametrize(
    'page',
    [
        *(ROOT / name for name in ('README.md', 'README.ja.md')),
        *sorted((ROOT / 'docs').rglob('*.md')),
    ],
    ids=lambda page: page.name,
)
def test_every_block_is_run_or_says_why_not(page: Path) -> None:
    """A comment before a block names the test that runs it, or a reason."""
    text = page.read_text('utf-8')
    for said in BLOCK.findall(text):
        run_by = re.fullmatch(r'Run by (tests/\S+)', said)
        assert re.fullmatch(r'Not run.*: .+\.', said) or (
            run_by and (ROOT / run_by[1]).is_file()
        ), f'said of a block: {said!r}'


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    """A link within the repository leads to a file, and to its heading."""
    text = page.read_text('utf-8')
    wrong = []
    for link in (one or other for one, other in LINK.findall(text)):
        name, _, anchor = link.partition('#')
        if ':' in name:
            continue
        target = page.parent / name if name else page
        if not target.is_file() or (
            anchor and anchor not in anchors(target.read_text('utf-8'))
        ):
            wrong.append(link)
    assert wrong == []
