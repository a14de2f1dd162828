"""Metadata only; settings of the tools are in pyproject.toml."""

import os
import re
from pathlib import Path
from typing import Dict, List

from setuptools import find_packages, setup

HERE = Path(__file__).parent


def version() -> str:
    found = re.search(
        r'^__version__ = "([^"]+)"', (HERE / "drboot/__init__.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found, "drboot/__init__.py names no version"
    return found.group(1)


def files_below(*directories: str) -> Dict[str, List[str]]:
    """The files that are no Python modules, as ``data_files`` wants them: target directory -> sources."""
    found: Dict[str, List[str]] = {}
    for directory in directories:
        for path in sorted(HERE.glob(directory + "/**/*")):
            if path.is_file():
                relative = path.relative_to(HERE)
                found.setdefault(os.path.join("share/drboot", relative.parent), []).append(str(relative))
    return found


setup(
    name="drboot",
    version=version(),
    description="Brings an IBM AIX LPAR up at the disaster-recovery site by itself",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.9",
    packages=find_packages(include=["drboot", "drboot.*"]),
    include_package_data=True,
    data_files=list(files_below("bin", "inittab", "etc").items()),
    install_requires=["PyYAML", "structlog", "typing_extensions; python_version < '3.11'"],
    extras_require={"psutil": ["psutil"]},
    entry_points={
        "console_scripts": [
            "drboot = drboot.cli:main",
            "drboot-sim = drboot.sim.__main__:main",
        ]
    },
    classifiers=[
        "Operating System :: POSIX :: AIX",
        "Programming Language :: Python :: 3",
        "Topic :: System :: Recovery Tools",
    ],
)
