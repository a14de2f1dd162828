"""The rpm's life on a simulated LPAR: Debian's rpm installs it below the LPAR's root and runs its scripts in there."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Dict, List

import pytest

from drboot.sim import boot
from tests.packaging import made
from tests.packaging.inside import Inside
from tests.packaging.made import NEXT, Packages
from tests.scenarios import lpars

pytestmark = pytest.mark.root
CONFIG = ("/etc/drboot/hosts.csv", "/etc/drboot/interpreter")
# What an LPAR of AIX has that is no rpm.  Source: IBM, Understanding the AIX Virtual RPM Package: it stands for what
# installp installed, shells among it.
AIX_RPM = """\
Name: AIX-rpm
Version: 7.3.0.0
Release: 1
Summary: Virtual Package for libraries and shells installed on system
License: IBM
BuildArch: noarch
AutoReqProv: no
Provides: /bin/sh
%description
What installp installed.
%files
"""


class Lpar(Inside):
    """A production LPAR that is up, with an rpm database that knows AIX alone."""

    def __init__(self, directory: Path) -> None:
        estate = lpars.built(directory / "estate", "small")
        assert boot.boot(estate.home).state == "settled"
        super().__init__(estate.home)
        spec = directory / "AIX-rpm.spec"
        spec.write_text(AIX_RPM)
        settings = ["--define", f"_topdir {directory}/rpmbuild", "--define", "_rpmfilename %%{NAME}.rpm"]
        built = ["rpmbuild", "-bb", "--quiet", *settings, str(spec)]
        subprocess.run(built, capture_output=True, check=True, env={"HOME": str(directory), "PATH": "/usr/bin:/bin"})
        assert self.rpm("--initdb").returncode == 0
        self.must_rpm("-i", f"{directory}/rpmbuild/RPMS/AIX-rpm.rpm")

    def rpm(self, *args: str) -> subprocess.CompletedProcess[str]:
        return self.run("rpm", "--root", self.root, "--dbpath", "/opt/freeware/packages", *args)

    def must_rpm(self, *args: str) -> str:
        ran = self.rpm(*args)
        assert ran.returncode == 0, ran
        return ran.stdout

    def install(self, package: Path, how: str = "-i") -> None:
        """This host is not AIX, and that alone is overruled: not what the package requires."""
        self.must_rpm(how, "--ignoreos", str(package))

    def differing(self) -> List[str]:
        """The files of drboot that are not as they were shipped."""
        return sorted(line.split()[-1] for line in self.rpm("-V", "drboot").stdout.splitlines())

    def drboot(self, *args: str) -> subprocess.CompletedProcess[str]:
        return self.run("chroot", self.root, "/usr/bin/drboot", *args)

    def text(self, path: str) -> str:
        return Path(self.root + path).read_text()

    def has(self, path: str) -> bool:
        return Path(self.root + path).exists()

    def state(self) -> Dict[str, str]:
        """What arming and configuring leaves, and what a capture is."""
        paths = (
            "/etc/inittab",
            "/etc/drboot/armed",
            "/var/spool/cron/crontabs/root",
            "/etc/drboot/sites/dr.yaml",
            *CONFIG,
        )
        return {path: self.text(path) for path in (*paths, "/var/adm/drboot/captures/home.json")}


def test_an_empty_root(tmp_path: Path, base: Path, first: Packages) -> None:
    """What is in the package is all that there is; owner and group of AIX are in no /etc/passwd there."""
    root = tmp_path / "root"
    root.mkdir()

    def rpm(*args: str) -> str:
        ran = subprocess.run(["rpm", "--root", str(root), *args], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran
        return ran.stdout

    rpm("--initdb")
    rpm("-i", "--nodeps", "--ignoreos", "--noscripts", str(first.rpm), str(first.rpm_sim))
    assert rpm("-V", "--nodeps", "--nogroup", "drboot", "drboot-sim") == ""
    rpm("-U", "--nodeps", "--ignoreos", "--noscripts", *(str(path) for path in made.packages(base, "next")[1:3]))
    assert rpm("-V", "--nodeps", "--nogroup", "drboot", "drboot-sim") == ""
    assert rpm("-q", "drboot").startswith(f"drboot-{NEXT}-")
    rpm("-e", "--noscripts", "drboot", "drboot-sim")
    assert not [path for path in root.rglob("*") if "drboot" in path.name]


def test_install_arm_update_remove_install_again(tmp_path: Path, base: Path, first: Packages) -> None:
    lpar = Lpar(tmp_path)
    before = {path: lpar.text(path) for path in ("/etc/inittab", "/var/spool/cron/crontabs/root")}
    flags = lpar.machine.load()["odm"]

    lpar.install(first.rpm)
    assert lpar.differing() == [CONFIG[0]], "the administrator's table stays"
    assert {path: lpar.text(path) for path in before} == before, "installing arms nothing"
    assert not lpar.has("/etc/drboot/armed")
    assert lpar.machine.load()["odm"] == flags

    for verb in (["capture"], ["arm", "--nightly"]):
        ran = lpar.drboot(*verb)
        assert ran.returncode == 0, ran
    Path(lpar.root + CONFIG[1]).write_text("# ours\n/usr/bin/python3\n")
    armed = lpar.state()
    assert armed["/etc/inittab"] != before["/etc/inittab"]

    lpar.machine.forget_commands()
    lpar.install(made.packages(base, "next").rpm, "-U")
    assert lpar.drboot("--version").stdout == f"drboot {NEXT}\n"
    assert lpar.state() == armed, "an update keeps what is armed and configured"
    assert lpars.changing(lpar.machine) == [], "and applies nothing"
    assert lpar.differing() == sorted(CONFIG)

    lpar.must_rpm("-e", "drboot")
    assert {path: lpar.text(path) for path in before} == before, "the lines are out of inittab and crontab"
    assert lpars.stamp(lpar.machine)["phase"] == "disarmed"
    assert lpar.has("/var/adm/drboot/captures/home.json") and lpar.has("/etc/drboot/sites/dr.yaml")
    assert lpar.text(CONFIG[1] + ".rpmsave") == armed[CONFIG[1]]
    assert not lpar.has("/opt/drboot") and not Path(lpar.root + "/usr/bin/drboot").is_symlink()

    lpar.install(first.rpm)
    lpar.install(first.rpm_sim)
    assert "disarmed" in lpar.drboot("status").stdout
    assert lpar.run("chroot", lpar.root, "/opt/drboot/bin/drboot-sim", "--help").returncode == 0
    Path(lpar.root + "/etc/drboot/purge").touch()
    assert lpar.rpm("-e", "drboot").returncode != 0, "the simulator needs it"
    lpar.must_rpm("-e", "drboot", "drboot-sim")
    assert not [path for path in ("/opt/drboot", "/etc/drboot", "/var/adm/drboot") if lpar.has(path)]
