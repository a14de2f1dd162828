"""The life of a package on a simulated LPAR: installed, armed, updated, removed, installed again, purged."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Dict, Type

import pytest

from drboot.sim import boot
from tests.packaging import made
from tests.packaging.installers import ByInstallp, ByRpm, Lpar
from tests.packaging.made import NEXT, Packages
from tests.scenarios import lpars

pytestmark = pytest.mark.root
HOSTS, INTERPRETER = "/etc/drboot/hosts.csv", "/etc/drboot/interpreter"
INITTAB, CRONTAB = "/etc/inittab", "/var/spool/cron/crontabs/root"
CAPTURE = "/var/adm/drboot/captures/home.json"


def _texts(lpar: Lpar, *paths: str) -> Dict[str, str]:
    return {path: lpar.text(path) for path in paths}


@pytest.mark.parametrize("way", [ByRpm, ByInstallp], ids=["rpm", "bff"])
def test_life(tmp_path: Path, base: Path, lean: Packages, way: Type[Lpar]) -> None:
    estate = lpars.built(tmp_path / "estate", "small")
    assert boot.boot(estate.home).state == "settled"
    lpar = way(estate.home, tmp_path)
    before = _texts(lpar, INITTAB, CRONTAB, HOSTS)
    odm = lpar.machine.load()["odm"]

    lpar.install(lean)
    assert _texts(lpar, *before) == before, "installing arms nothing, and keeps the administrator's table"
    assert not lpar.has("/etc/drboot/armed") and lpar.machine.load()["odm"] == odm

    for verb in (["capture"], ["arm", "--nightly"]):
        ran = lpar.drboot(*verb)
        assert ran.returncode == 0, ran
    Path(lpar.root + INTERPRETER).write_text("# ours\n/usr/bin/python3\n")
    kept = (INITTAB, CRONTAB, HOSTS, INTERPRETER, CAPTURE, "/etc/drboot/armed", "/etc/drboot/sites/dr.yaml")
    armed = _texts(lpar, *kept)
    assert armed[INITTAB] != before[INITTAB] and armed[CRONTAB] != before[CRONTAB]

    lpar.machine.forget_commands()
    lpar.install(made.packages(base, "next"))
    assert lpar.drboot("--version").stdout == f"drboot {NEXT}\n"
    assert _texts(lpar, *kept) == armed, "an update keeps what is armed and configured"
    assert lpars.changing(lpar.machine) == [], "and applies nothing"
    assert lpar.differing() == ([HOSTS, INTERPRETER] if way is ByRpm else [])

    assert lpar.remove("drboot.rte")
    assert _texts(lpar, INITTAB, CRONTAB) == {path: before[path] for path in (INITTAB, CRONTAB)}
    assert lpars.stamp(lpar.machine)["phase"] == "disarmed"
    assert lpar.has(CAPTURE) and lpar.has("/etc/drboot/sites/dr.yaml")
    assert _texts(lpar, HOSTS + lpar.saved, INTERPRETER + lpar.saved) == {
        path + lpar.saved: armed[path] for path in (HOSTS, INTERPRETER)
    }
    assert not lpar.has("/opt/drboot") and not Path(lpar.root + "/usr/bin/drboot").is_symlink()

    lpar.install(lean, sim=True)
    assert _texts(lpar, HOSTS, INTERPRETER) == {path: armed[path] for path in (HOSTS, INTERPRETER)}
    assert "disarmed" in lpar.drboot("status").stdout
    assert lpar.drboot("arm").returncode == 0
    simulated = lpar.run("chroot", lpar.root, "/opt/drboot/bin/drboot-sim", "new", "small", "/tmp/estate")
    assert (simulated.returncode, simulated.stderr) == (0, ""), "the simulator needs no checkout either"

    Path(lpar.root + "/etc/drboot/purge").touch()
    assert not lpar.remove("drboot.rte"), "the simulator needs it"
    assert lpar.remove("drboot.sim", "drboot.rte")
    assert lpar.text(INITTAB) == before[INITTAB]
    assert not [path for path in ("/opt/drboot", "/etc/drboot", "/var/adm/drboot") if lpar.has(path)]


def test_rpm_in_an_empty_root(tmp_path: Path, base: Path, lean: Packages) -> None:
    """What is in the packages is all that there is; owner and group of AIX are in no /etc/group there."""
    root = tmp_path / "root"
    root.mkdir()

    def rpm(*args: str) -> str:
        ran = subprocess.run(["rpm", "--root", str(root), *args], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran
        return ran.stdout

    rpm("--initdb")
    rpm("-i", "--nodeps", "--ignoreos", "--noscripts", str(lean.rpm), str(lean.rpm_sim))
    assert rpm("-V", "--nodeps", "--nogroup", "drboot", "drboot-sim") == ""
    later = made.packages(base, "next")
    rpm("-U", "--nodeps", "--ignoreos", "--noscripts", str(later.rpm), str(later.rpm_sim))
    assert rpm("-V", "--nodeps", "--nogroup", "drboot", "drboot-sim") == ""
    assert rpm("-q", "drboot").startswith(f"drboot-{NEXT}-")
    rpm("-e", "--noscripts", "drboot", "drboot-sim")
    assert not [path for path in root.rglob("*") if "drboot" in path.name]
