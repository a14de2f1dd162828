"""A simulated LPAR, and the two ways to bring drboot onto it: Debian's rpm, and the installp of packaging/bff/.

Both run the scripts of the packages inside the LPAR's root, where /etc/inittab, lsitab and crontab are simulated ones.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import List

from bff import installp

from drboot.sim.machine import Machine
from tests.packaging.inside import Inside
from tests.packaging.made import Packages

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
    """What all ways to install have in common.  ``saved``: what a removal appends to a configuration file it keeps."""

    saved = ""

    def __init__(self, machine: Machine, scratch: Path) -> None:
        super().__init__(machine)
        self.scratch = scratch

    def install(self, packages: Packages, sim: bool = False) -> None:
        """Or update; with the simulator where ``sim`` says so."""
        raise NotImplementedError

    def remove(self, *names: str) -> bool:
        """``drboot.rte``, ``drboot.sim``; False where that was refused."""
        raise NotImplementedError

    def differing(self) -> List[str]:
        """What rpm -V or lppchk -c says of the files."""
        raise NotImplementedError

    def drboot(self, *args: str) -> subprocess.CompletedProcess[str]:
        """By the name that administrators type."""
        return self.run("chroot", self.root, "/usr/bin/drboot", *args)

    def text(self, path: str) -> str:
        return Path(self.root + path).read_text()

    def has(self, path: str) -> bool:
        return Path(self.root + path).exists()


class ByRpm(Lpar):
    saved = ".rpmsave"
    NAMES = {"drboot.rte": "drboot", "drboot.sim": "drboot-sim"}  # noqa: RUF012

    def __init__(self, machine: Machine, scratch: Path) -> None:
        super().__init__(machine, scratch)
        spec = scratch / "AIX-rpm.spec"
        spec.write_text(AIX_RPM)
        settings = ["--define", f"_topdir {scratch}/rpmbuild", "--define", "_rpmfilename %%{NAME}.rpm"]
        build = ["rpmbuild", "-bb", "--quiet", *settings, str(spec)]
        subprocess.run(build, capture_output=True, check=True, env={"HOME": str(scratch), "PATH": "/usr/bin:/bin"})
        assert self._rpm("--initdb").returncode == 0
        assert self._rpm("-i", f"{scratch}/rpmbuild/RPMS/AIX-rpm.rpm").returncode == 0

    def _rpm(self, *args: str) -> subprocess.CompletedProcess[str]:
        return self.run("rpm", "--root", self.root, "--dbpath", "/opt/freeware/packages", *args)

    def install(self, packages: Packages, sim: bool = False) -> None:
        """This host is not AIX, and that alone is overruled: not what the package requires."""
        wanted = [str(packages.rpm), *([str(packages.rpm_sim)] if sim else [])]
        ran = self._rpm("-U", "--ignoreos", *wanted)
        assert ran.returncode == 0, ran

    def remove(self, *names: str) -> bool:
        return self._rpm("-e", *(self.NAMES[name] for name in names)).returncode == 0

    def differing(self) -> List[str]:
        return sorted(line.split()[-1] for line in self._rpm("-V", "drboot").stdout.splitlines())


class ByInstallp(Lpar):
    saved = ".kept"

    def __init__(self, machine: Machine, scratch: Path) -> None:
        super().__init__(machine, scratch)
        for directory in ("cat1", "cat5"):  # of AIX, and not among what the simulator lays out
            Path(self.root, "usr/share/man", directory).mkdir(parents=True)
        # The manual does not say when the files go among the scripts of a removal: the first one has it this way ...
        self._system = installp.System(Path(self.root), self._script, files_go="after unconfig")

    def _script(self, what: installp.ScriptRun) -> installp.Outcome:
        """A script of the image, with the LPAR's root as its root."""
        inside = "/" + str(what.script.relative_to(what.root))
        settings = [f"{name}={value}" for name, value in what.environment.items()]
        ran = self.run("chroot", self.root, "/usr/bin/env", *settings, "/usr/bin/sh", inside)
        return installp.Outcome(ran.returncode, ran.stdout + ran.stderr)

    def install(self, packages: Packages, sim: bool = False) -> None:
        self._system.install(packages.bff.read_bytes(), *([] if sim else ["drboot.rte"]))

    def remove(self, *names: str) -> bool:
        try:
            removed = self._system.remove(*names)
        except installp.Refused:
            return False
        self._system.files_go = "last"  # ... and every later one that
        return removed == names

    def differing(self) -> List[str]:
        return list(self._system.check())
