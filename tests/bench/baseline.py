"""The two ksh scripts that drboot replaces, on a simulated LPAR, run by a real ksh93.

Source: seeds/ghostdev-replicated-rootvg.txt.  The scripts are in scripts/; this puts them and their lists below an
LPAR's root, with the places that they name moved there, as init's entries are for drboot.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from drboot.sim.machine import Machine

SCRIPTS = ("AIX_DRimportvg.ksh", "AIX_DRconfig.ksh")
LISTS = "/usr/local/dr"


def shell() -> str:
    """A ksh93.  Raises FileNotFoundError; .ci/prepare installs Debian's."""
    found = shutil.which("ksh93")
    if found is None:
        raise FileNotFoundError("no ksh93 here, which the scripts are run by: install Debian's ksh93u+m")
    return found


def install(machine: Machine, systemid: str, home_dns: Sequence[str], dr_dns: str) -> List[Tuple[str, ...]]:
    """The scripts are in /etc of the LPAR; how to run each of them."""
    values = {"SYSTEMID": systemid.partition(",")[2], "DR": machine.root + LISTS, "DR_DNS": dr_dns}
    values.update({f"HOME_DNS_{n + 1}": address for n, address in enumerate((*home_dns, *home_dns)[:3])})
    made: List[Tuple[str, ...]] = []
    for name in SCRIPTS:
        text = (Path(__file__).parent / "scripts" / name).read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", value)
        path = Path(machine.root, "etc", name)
        path.write_text(text)
        path.chmod(0o755)
        made.append((shell(), str(path)))
    return made


def write_lists(machine: Machine, interface: str, expected: Mapping[str, Any], role: str) -> None:
    """The lists for what ``expected`` says of the LPAR (see tests/checker.py); ``role`` is the slot of en0's network.

    The article's file is called dr_en0.txt and names its interface in the first field, so that is where the service
    network goes, whatever the interface is called at DR.
    """
    directory = Path(machine.root + LISTS)
    directory.mkdir(parents=True, exist_ok=True)
    (address, netmask), *aliases = expected["interfaces"][role]
    lists: Dict[str, str] = {
        "dr_hostname.txt": expected["hostname"],
        "dr_defgw.txt": expected["default_route"],
        "dr_en0.txt": ":".join([interface, address, netmask, " ".join(",".join(alias) for alias in aliases)]),
        "dr_inet.txt": "en0",
        "dr_vgs.txt": "\n".join(f"{name}:{vg['pvids'][0]}" for name, vg in expected["volume_groups"].items()),
        "dr_fs.txt": "\n".join(point for _, point in sorted(expected["mounts"], key=lambda row: row[1].count("/"))),
    }
    for name, text in lists.items():
        (directory / name).write_text(text + "\n")


def environment(machine: Machine) -> Dict[str, str]:
    """The LPAR's programs before those of this machine, which gives awk, grep, cat and basename."""
    root = machine.root
    return {"PATH": f"{root}/usr/sbin:{root}/usr/bin:{root}/sbin:/usr/bin:/bin", "LC_ALL": "C"}
