"""Every file and every AIX program that drboot touches, under one root.

``root`` is "" on a real machine.  ``--root DIR`` re-homes files and programs alike below DIR.
The comment after each program names the manual that gives its path, where it is not the obvious one.
"""

from __future__ import annotations

import os
from typing import Dict

# name -> AIX path.  The list in docs/programs.md is made from this one.
PROGRAMS: Dict[str, str] = {
    "arp": "/usr/sbin/arp",
    "bootinfo": "/usr/sbin/bootinfo",
    "bootlist": "/usr/bin/bootlist",
    "bootutil": "/usr/lib/boot/bootutil",  # aixoss/cloud-init packages/aix/cloud-init.spec
    "cfgmgr": "/usr/sbin/cfgmgr",
    "chdev": "/usr/sbin/chdev",
    "chitab": "/usr/sbin/chitab",
    "chps": "/usr/sbin/chps",
    "chvg": "/usr/sbin/chvg",
    "chwpar": "/usr/sbin/chwpar",
    "crontab": "/usr/bin/crontab",
    "devrsrv": "/usr/sbin/devrsrv",  # 7.1 and later; only looked at where an import fails
    "entstat": "/usr/bin/entstat",
    "errlogger": "/usr/bin/errlogger",
    "errpt": "/usr/bin/errpt",
    "exportvg": "/usr/sbin/exportvg",
    "fsck": "/usr/sbin/fsck",
    "hdcryptmgr": "/usr/sbin/hdcryptmgr",  # 7200-05 and later; ansible-power-aix lists this path
    "hostname": "/usr/bin/hostname",
    "ifconfig": "/usr/sbin/ifconfig",
    "importvg": "/usr/sbin/importvg",
    "logger": "/usr/bin/logger",
    "lparstat": "/usr/bin/lparstat",
    "lqueryvg": "/usr/sbin/lqueryvg",
    "lsattr": "/usr/sbin/lsattr",
    "lscfg": "/usr/sbin/lscfg",
    "lsdev": "/usr/sbin/lsdev",
    "lsfs": "/usr/sbin/lsfs",
    "lsitab": "/usr/sbin/lsitab",
    "lslv": "/usr/sbin/lslv",
    "lspath": "/usr/sbin/lspath",
    "lspv": "/usr/sbin/lspv",
    "lslpp": "/usr/bin/lslpp",  # Puppet's AIX provider
    "lsps": "/usr/sbin/lsps",
    "lssrc": "/usr/bin/lssrc",
    "lsvg": "/usr/sbin/lsvg",
    "lswpar": "/usr/sbin/lswpar",
    "mkdev": "/usr/sbin/mkdev",
    "mktcpip": "/usr/sbin/mktcpip",
    "mkitab": "/usr/sbin/mkitab",
    "mount": "/usr/sbin/mount",
    "netstat": "/usr/bin/netstat",
    "odmget": "/usr/bin/odmget",
    "oslevel": "/usr/bin/oslevel",
    "ping": "/usr/sbin/ping",
    "ps": "/usr/bin/ps",
    "recfgct": "/usr/sbin/rsct/install/bin/recfgct",  # network-and-services section 19
    "rmcdomainstatus": "/usr/sbin/rsct/bin/rmcdomainstatus",
    "rmdev": "/usr/sbin/rmdev",
    "rmitab": "/usr/sbin/rmitab",
    "route": "/usr/sbin/route",
    "shutdown": "/usr/sbin/shutdown",
    "startsrc": "/usr/bin/startsrc",
    "startwpar": "/usr/sbin/startwpar",
    "stopsrc": "/usr/bin/stopsrc",
    "stopwpar": "/usr/sbin/stopwpar",
    "swapoff": "/usr/sbin/swapoff",
    "swapon": "/usr/sbin/swapon",
    "sysdumpdev": "/usr/bin/sysdumpdev",
    "umount": "/usr/sbin/umount",
    "uname": "/usr/bin/uname",
    "varyoffvg": "/usr/sbin/varyoffvg",
    "varyonvg": "/usr/sbin/varyonvg",
    "vxdisk": "/usr/sbin/vxdisk",  # VxVM, where it is installed; only its list is asked for
    "vxdmpadm": "/usr/sbin/vxdmpadm",  # DMP, where it is installed; the same
    "who": "/usr/bin/who",
}

STAMP = "/etc/drboot/armed"
UNRECORDED = "/etc/drboot/unrecorded"
STARTED = "/etc/drboot/started"
CLAIMS = "/etc/drboot/claims"
HOOKS_RAN = "/etc/drboot/hooks-ran.json"
SITES = "/etc/drboot/sites"
HOSTS_CSV = "/etc/drboot/hosts.csv"
INTERPRETER = "/etc/drboot/interpreter"  # the administrator's wish; `arm` records it for the boot
VAR = "/var/adm/drboot"
CAPTURES = VAR + "/captures"
STATE = VAR + "/state.json"
LAST_BUG = VAR + "/last-bug"  # the traceback of a bug that no journal has
RUNS = VAR + "/runs"
SUPPORT = VAR + "/support"
LOCK = VAR + "/lock"
SECOND_LOCK = "/etc/drboot/lock"  # there while a run lasts; no clean-up of /var reaches it
HOSTS_KEPT = VAR + "/hosts"  # /etc/hosts while mktcpip runs
PRODUCT = "/opt/drboot"
COMMAND = PRODUCT + "/bin/drboot"
LAUNCHER = PRODUCT + "/inittab/drboot-boot"
INTERPRETERS = (
    "/usr/bin/python3",
    "/usr/opt/python3/bin/python3",
    "/opt/freeware/bin/python3.12",
    "/opt/freeware/bin/python3.11",
    "/opt/freeware/bin/python3.9",
    "/opt/freeware/bin/python3",
)

KERNEL = "/usr/lib/boot/unix_64"  # what /unix is a link to, and what bosboot puts into the boot image
WPARS = "/etc/wpars"  # NAME.cf of each workload partition (manual page of mkwpar)
FILESETS = "/usr/lpp"  # installp keeps a directory for each package
VCS_CONFIGURATION = "/etc/VRTSvcs/conf/config/main.cf"

ETC_HOSTS = "/etc/hosts"
ETC_RESOLV = "/etc/resolv.conf"
ETC_NETSVC = "/etc/netsvc.conf"
ETC_IRS = "/etc/irs.conf"
ETC_ENVIRONMENT = "/etc/environment"
ETC_ORATAB = "/etc/oratab"
ETC_SERVICES = "/etc/services"
ETC_FILESYSTEMS = "/etc/filesystems"
ETC_SWAPSPACES = "/etc/swapspaces"
ETC_INITTAB = "/etc/inittab"
ETC_NIMINFO = "/etc/niminfo"
ETC_RC_TCPIP = "/etc/rc.tcpip"
ETC_MOTD = "/etc/motd"
ETC_LOGIN_CFG = "/etc/security/login.cfg"
CONSOLE = "/dev/console"
CRONTABS = "/var/spool/cron/crontabs"
ROOT_TABLE = CRONTABS + "/root"
CRON_ALLOW = "/var/adm/cron/cron.allow"
CRON_DENY = "/var/adm/cron/cron.deny"

# What a run may change, recorded whole before it begins; undo brings these back byte for byte, in this order.  The
# stamp is the last: until it says so the machine is not armed again.
MANAGED = (
    ETC_FILESYSTEMS, ETC_SWAPSPACES, ETC_HOSTS, ETC_RESOLV, ETC_NETSVC, ETC_RC_TCPIP, ETC_MOTD, ETC_LOGIN_CFG,
    ETC_INITTAB, CLAIMS, STATE, STAMP,
)  # fmt: skip


class Root:
    """The machine that this run is about: "" for the one we run on."""

    def __init__(self, directory: str = "") -> None:
        self.directory = os.path.abspath(directory) if directory else ""

    def path(self, aix_path: str) -> str:
        """Where the file with this AIX path is."""
        return self.directory + aix_path

    def program(self, name: str) -> str:
        """Where the AIX program with this name is.  KeyError for one that is not in PROGRAMS."""
        return self.directory + PROGRAMS[name]

    def has_program(self, name: str) -> bool:
        return os.access(self.program(name), os.X_OK)
