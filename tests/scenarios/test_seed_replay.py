"""S002-20: the old scripts' own flat files, imported; drboot's commands against those of the scripts.

The scripts, from seeds/ghostdev-replicated-rootvg.txt, would have run SCRIPT below for these files.  What drboot does
otherwise is listed in DEVIATIONS, with the reason; anything else must be the same, word for word.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, List

import pytest

from drboot.sim.estates.build import Estate
from tests.scenarios import lpars
from tests.scenarios.lpars import changing, drboot

FILES = {
    "dr_hostname.txt": "prod01\n",
    "dr_defgw.txt": "10.20.5.1\n",
    "dr_en0.txt": "en0:10.20.5.11:255.255.255.0:10.20.5.12,255.255.255.0 10.20.5.13,255.255.255.0\n",
    "dr_inet.txt": "en0\n",
}
SCRIPT = [
    "mktcpip -h prod01 -a 10.20.5.11 -m 255.255.255.0 -i en0 -g 10.20.5.1",
    "chdev -l en0 -a alias4=10.20.5.12,255.255.255.0",
    "chdev -l en0 -a alias4=10.20.5.13,255.255.255.0",
    "namerslv -d -i 10.1.0.53",
    "namerslv -d -i 10.1.0.54",
    "namerslv -a -i 10.20.0.53",
    "bootlist -m normal hdisk0",
    "chitab nimclient:2:off:/usr/sbin/nimclient -S running > /dev/console 2>&1 # inform nim we're running",
]
DEVIATIONS: Dict[str, str] = {
    "namerslv -d -i 10.1.0.53": "resolv.conf is replaced as a whole, atomically, whatever the previous count (S002-5)",
    "namerslv -d -i 10.1.0.54": "the same",
    "namerslv -a -i 10.20.0.53": "the same",
    "bootlist -m normal hdisk0": "rootvg's disks are set by path and read back (S002-6); hdisk0 is a data disk",
}
# What the scripts left to a second, unprinted script that raced with the first, or to nobody; and the address before
# mktcpip, which brings its route up with it: the address has to be alone first.
BEYOND = {
    "chdev -l sys0 -a ghostdev=0",
    "uname -S prod01",
    "chdev -l en0 -a netaddr=10.20.5.11 -a netmask=255.255.255.0 -a state=up",
    "chdev -l inet0 -a hostname=prod01",
}


@pytest.fixture
def imported(tmp_path: Path) -> Estate:
    """``small``, with the DR profile and rows that ``drboot import`` made of the flat files."""
    estate = lpars.make(tmp_path / "estate", "small")
    old, new = tmp_path / "usr-local-dr", tmp_path / "imported"
    old.mkdir()
    new.mkdir()
    for name, text in FILES.items():
        (old / name).write_text(text)
    said = ("--host", "prod01", "--systemid", "IBM,0211D11C1", "--nameserver", "10.20.0.53", "--to", str(new))
    made = drboot(estate.home, "import", str(old), *said)
    assert made.rc == 0, made
    etc = Path(estate.home.root, "etc/drboot")
    profile = (new / "dr.yaml").read_text()
    (etc / "sites/dr.yaml").write_text(profile)
    rows = (etc / "hosts.csv").read_text().splitlines(keepends=True)
    table = (new / "hosts.csv").read_text().splitlines(keepends=True)
    assert any("slot:C2" in row for row in table), "the adapter is found by its slot, which lscfg shows"
    (etc / "hosts.csv").write_text("".join([row for row in rows if ",dr," not in row] + table[1:]))
    assert drboot(estate.home, "arm").rc == 0
    return estate


def commands(estate: Estate) -> List[str]:
    return [line.replace(os.path.dirname(line.split()[0]) + "/", "", 1) for line in changing(estate.dr)]


def test_the_commands_are_those_of_the_scripts_but_for_the_listed_deviations(imported: Estate) -> None:
    imported.replicate()
    outcome = imported.failover()
    assert outcome.state == "settled"
    assert lpars.last_report(imported.dr)["outcome"] == "complete"
    own = [line for line in commands(imported) if line.split()[0] in {s.split()[0] for s in SCRIPT} | {"uname"}]
    own = [line for line in own if "chitab drboot" not in line]
    for line in SCRIPT:
        assert (line in own) is (line not in DEVIATIONS), line
    surplus = [line for line in own if line not in SCRIPT and line not in BEYOND]
    assert [line.split()[:3] for line in surplus if "chitab" not in line] == [["bootlist", "-m", "normal"]], surplus
    address = "chdev -l en0 -a netaddr=10.20.5.11 -a netmask=255.255.255.0 -a state=up"
    order = [own.index(line) for line in (address, *SCRIPT[:3])]
    assert order == sorted(order), "the primary address first, then the aliases in the order of the file"
    resolv = Path(imported.dr.root, "etc/resolv.conf").read_text()
    assert resolv.splitlines() == ["nameserver 10.20.0.53", "options timeout:1 attempts:2"]
    assert "hdisk1" in next(line for line in surplus if line.startswith("bootlist"))


def test_two_interfaces_get_their_addresses_and_aliases(tmp_path: Path) -> None:
    """S002-4: what the scripts did for the aliases of further interfaces, and their own address besides."""
    estate = lpars.make(tmp_path / "estate", "bank")
    old = tmp_path / "dr"
    old.mkdir()
    files = {
        **FILES,
        "dr_inet.txt": "en0 en1\n",
        "dr_en1.txt": "en1:10.21.5.11:255.255.255.0:10.21.5.12,255.255.255.0\n",
    }
    for name, text in files.items():
        (old / name).write_text(text)
    made = drboot(estate.home, "import", str(old), "--host", "bank01", "--systemid", "IBM,0211D11C1")
    assert made.rc == 0, made
    rows = [line for line in made.out.splitlines() if line.startswith("bank01,dr,")]
    assert len(rows) == 2
    assert any("10.21.5.11" in row and "10.21.5.12" in row for row in rows)
    assert all(",slot:C" in row for row in rows)


@pytest.mark.parametrize("missing", sorted(FILES))
def test_a_missing_file_refuses_and_writes_nothing(tmp_path: Path, missing: str) -> None:
    """S002-19: the scripts' `cat` of a missing file gave mktcpip an empty argument."""
    estate_root = tmp_path / "root"
    estate_root.mkdir()
    old = tmp_path / "dr"
    old.mkdir()
    for name, text in FILES.items():
        if name != missing:
            (old / name).write_text(text)
    from drboot import cli

    target = tmp_path / "out"
    target.mkdir()
    code = cli.main(["import", str(old), "--host", "prod01", "--systemid", "IBM,0211D11C1", "--to", str(target),
                     "--root", str(estate_root)])  # fmt: skip
    assert code == 2
    assert list(target.iterdir()) == []
