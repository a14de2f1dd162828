"""rpmbuild, told to make packages for AIX.

Source: aix/packaging.md section 4: os tag, noarch, gzip payload and digests as genuine packages of AIX 7.3 have them;
zstd and xz are not read there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import List, Sequence

from stage.tree import Refused, Staged

from rpm import spec


def build(filesets: Sequence[Staged], work: Path, target: Path) -> List[Path]:
    """The rpm files, below TARGET.  WORK is emptied.  Raises Refused."""
    if not shutil.which("rpmbuild"):
        raise Refused("rpmbuild is not here: .ci/prepare installs it as root; on Debian it is in the package rpm")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    target.mkdir(parents=True, exist_ok=True)
    file = work / "drboot.spec"
    file.write_text(spec.text(filesets), encoding="ascii")
    settings = {
        "_topdir": str(work),
        "_rpmdir": str(target.resolve()),
        "_tmppath": str(work),
        "_dbpath": str(work / "db"),
        "_target_platform": spec.PLATFORM,
        "_binary_payload": "w9.gzdio",
        "_build_id_links": "none",
        "_buildhost": "reproducible",
        "use_source_date_epoch_as_buildtime": "1",
        "clamp_mtime_to_source_date_epoch": "1",
        "__os_install_post": "%{nil}",
        "_rpmfilename": f"%%{{NAME}}-%%{{VERSION}}-%%{{RELEASE}}.{spec.OS}.%%{{ARCH}}.rpm",
    }
    argv = ["rpmbuild", "-bb", "--quiet", "--target", spec.PLATFORM]
    for name, value in settings.items():
        argv += ["--define", f"{name} {value}"]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(work),  # nobody's own macros
        "LC_ALL": "C.UTF-8",
        "SOURCE_DATE_EPOCH": str(filesets[0].epoch),
    }
    ran = subprocess.run([*argv, str(file)], env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise Refused(f"rpmbuild ended with status {ran.returncode}:\n{ran.stderr.strip()}")
    names = (f"{each.fileset.rpm_name}-{each.version}-{spec.RELEASE}.{spec.OS}.noarch.rpm" for each in filesets)
    return [target / name for name in names]
