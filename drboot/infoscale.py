"""What InfoScale has on this machine: who else may own its network, and who else knows its disks.

Only files and directories are looked at, so that a machine without InfoScale pays nothing.

Source: InfoScale virtualization guide for AIX: fileset VRTSvcsnr installs the service vcs-reconfig, which applies the
        network parameters of DROpts when the LPAR boots; VxVM's commands are in /usr/sbin (vxdisk).
        installp keeps a directory /usr/lpp/PACKAGE for each package (aix/packaging.md section 3).
Assumed: the guide does not say what starts vcs-reconfig.  So an inittab entry, or a script of /etc/rc.d/rc2.d, whose
         name or command has vcs-reconfig in it, starts it; where its fileset is here and neither is found, it is taken
         for enabled.  An inittab entry with the action off, and nothing else, means that it is not.
         VCS itself keeps its configuration in /etc/VRTSvcs/conf/config/main.cf.
"""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple, Tuple

from drboot import paths
from drboot.errors import FactUnavailable
from drboot.facts import inittab
from drboot.seen import Seen

FILESET = "VRTSvcsnr"
SERVICE = "vcs-reconfig"
RC_SCRIPTS = "/etc/rc.d/rc2.d"


class InfoScale(NamedTuple):
    """reconfig  by what vcs-reconfig was found to be enabled; "" where it is not
    vcs       VCS is configured in this LPAR
    vxvm      Veritas Volume Manager is installed
    """

    reconfig: str = ""
    vcs: bool = False
    vxvm: bool = False


NOTHING = InfoScale()


def look(seen: Seen) -> InfoScale:
    """What is here now."""
    root = seen.root
    vcs = os.path.exists(root.path(paths.VCS_CONFIGURATION))
    return InfoScale(_reconfig(seen), vcs, root.has_program("vxdisk"))


def _reconfig(seen: Seen) -> str:
    # the file and not lsitab: on a machine without InfoScale no command is run for it; where the file cannot be read
    # the fileset decides
    lines = seen.or_none(inittab.FILE) or ()
    entries = [entry for entry in lines if SERVICE in f"{entry.id} {entry.command}"]
    live = [entry for entry in entries if entry.action != "off"]
    if live:
        return f"{paths.ETC_INITTAB}: {live[0].id}"
    scripts = [name for name in _names(seen, RC_SCRIPTS) if name[:1] == "S" and SERVICE in name]
    if scripts:
        return f"{RC_SCRIPTS}/{scripts[0]}"
    if not entries and FILESET in _names(seen, paths.FILESETS):
        return f"{paths.FILESETS}/{FILESET}"
    return ""


def _names(seen: Seen, directory: str) -> Tuple[str, ...]:
    """What is in the directory; nothing where that cannot be read."""
    with contextlib.suppress(FactUnavailable):
        return seen.names(directory)
    return ()
