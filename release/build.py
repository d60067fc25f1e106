#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build all files of a release from the commit that is checked out.

    python release/build.py [FOLDER]

The same commit gives the same bytes, wherever and whenever it is built:
times are the commit's, and only files that git knows are packed. tox runs
this with the tools of release/requirements.txt.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from release import changelog

ROOT = Path(__file__).resolve().parent.parent
NAME = 'awscli-mfa-plugin'
ONE_FILE = 'awscli-mfa.pyz'

_MAIN = """\
import sys

from awscli_mfa_plugin.standalone import main

sys.exit(main())
"""


def main() -> int:
    """Build into the folder that is named, or into ``dist``."""
    folder = Path(sys.argv[1] if sys.argv[1:] else ROOT / 'dist').resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ['SOURCE_DATE_EPOCH'] = _git('log', '-1', '--format=%ct').strip()
    with tempfile.TemporaryDirectory() as temporary:
        environment = Path(temporary) / 'environment'
        tree = Path(temporary) / 'tree'
        _copy_tracked_files(tree)
        version = changelog.package_version(tree)
        _write_links_in_full(tree, version)
        _run('-m', 'build', '--no-isolation', '--outdir', folder, tree)
        python = _install(folder, tree, environment)
        _write_sbom(folder / f'{NAME}.cdx.json', tree, version, python)
        [site] = environment.rglob('site-packages')
        write_one_file(folder / ONE_FILE, site)
        _write(
            folder / f'{NAME}.rb',
            (tree / 'release' / 'homebrew.rb')
            .read_text('utf-8')
            .replace('@VERSION@', version)
            .replace('@SHA256@', _sha256(folder / ONE_FILE)),
        )
        _write(folder / 'NOTES.md', changelog.notes(tree, version))
    # The notes are the text of the release's page, not one of its files.
    names = sorted(path.name for path in folder.glob('[!N]*'))
    _write(
        folder / 'SHA256SUMS',
        ''.join(f'{_sha256(folder / name)}  {name}\n' for name in names),
    )
    return 0


def _copy_tracked_files(tree: Path) -> None:
    """Copy the checkout without what git ignores or does not know."""
    for name in _git('ls-files', '-z').split('\0')[:-1]:
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)


def _write_links_in_full(tree: Path, version: str) -> None:
    """Have the README's links and pictures lead somewhere on PyPI too."""
    project = (tree / 'pyproject.toml').read_text('utf-8')
    [source] = re.findall('^Source = "(.+)"$', project, re.MULTILINE)
    readme = tree / 'README.md'
    text = readme.read_text('utf-8')
    for start, view in ((r'\]\(', 'blob'), ('src="|srcset="', 'raw')):
        text = re.sub(
            f'({start})(?!https?:|#)',
            rf'\g<1>{source}/{view}/v{version}/',
            text,
        )
    _write(readme, text)


def _install(folder: Path, tree: Path, environment: Path) -> Path:
    """Install the wheel into an empty environment and return its Python."""
    _run('-m', 'venv', '--without-pip', environment)
    python = environment / 'bin' / 'python'
    install = [
        *('-m', 'pip', '--disable-pip-version-check', '--python', str(python)),
        *('install', '--quiet', '--no-compile', '--no-deps'),
    ]
    bundled = tree / 'release' / 'bundled.txt'
    _run(*install, '--require-hashes', '--requirement', bundled)
    [wheel] = folder.glob('*.whl')
    _run(*install, wheel)
    # It holds the path of the wheel.
    for file in environment.rglob('direct_url.json'):
        file.unlink()
    return python


def _write_sbom(path: Path, tree: Path, version: str, python: Path) -> None:
    """Write down what is installed, in the words of CycloneDX."""
    _run(
        *('-m', 'cyclonedx_py', 'environment', '--output-reproducible'),
        *('--pyproject', tree / 'pyproject.toml', '--mc-type', 'library'),
        *('--output-file', path, python),
    )
    bill = json.loads(path.read_text('utf-8'))
    # pyproject.toml leaves the version to flit_core.
    bill['metadata']['component']['version'] = version
    _write(path, json.dumps(bill, indent=2, sort_keys=True) + '\n')


def write_one_file(path: Path, site: Path) -> None:
    """Pack what is installed into one file that a Python can run."""
    seconds = int(os.environ['SOURCE_DATE_EPOCH'])
    date = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    contents = {'__main__.py': _MAIN.encode()}
    for file in sorted(site.rglob('*')):
        # The rest of a dist-info says where pip put things.
        if file.is_file() and (
            file.parent.suffix != '.dist-info' or file.name == 'METADATA'
        ):
            contents[file.relative_to(site).as_posix()] = file.read_bytes()
    with path.open('wb') as output:
        output.write(b'#!/usr/bin/env python3\n')
        with zipfile.ZipFile(output, 'w', zipfile.ZIP_DEFLATED) as archive:
            for name, content in contents.items():
                info = zipfile.ZipInfo(name, date.timetuple()[:6])
                info.external_attr = 0o644 << 16
                archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    path.chmod(0o755)


def _git(*arguments: str) -> str:
    return subprocess.run(
        ['git', *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def _run(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, *map(str, arguments)], check=True)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


if __name__ == '__main__':
    sys.exit(main())
