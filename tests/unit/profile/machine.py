"""A root directory with profiles and an address table in it."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

from drboot.paths import Root

HEADER = "host,site,mode,role,match,address,netmask,gateway,aliases\n"


def profile(site: str, rest: str = "", systemids: str = "[IBM,0211D11C1]") -> str:
    """A profile with all that must be there; ``systemids`` stands on line 3."""
    return f"version: 1\nsite: {site}\nsystemids: {systemids}\ndevice_reset: ghostdev\n{rest}\n"


def root_with(directory: Path, sites: Dict[str, str], hosts: Optional[str]) -> Root:
    """Files by site; no address table at all when ``hosts`` is None."""
    folder = directory / "etc/drboot/sites"
    folder.mkdir(parents=True)
    for site, text in sites.items():
        (folder / f"{site}.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    if hosts is not None:
        (directory / "etc/drboot/hosts.csv").write_bytes(hosts.encode("utf-8", "surrogatepass"))
    for path in [directory, *directory.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Root(str(directory))
