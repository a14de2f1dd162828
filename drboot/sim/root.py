"""The files of an AIX rootvg below an LPAR's root directory, and the shims that make its programs run.

``make`` lays out directories and files; ``install_shims`` puts an executable at every path of ``COMMANDS``.  A shim is
a script of the interpreter that runs the simulator, isolated (-I) and without site packages (-S).  ``take`` and
``image`` move a root between an LPAR and a rootvg LUN: shims are left out of the image (they name their LPAR) and
made again where it is taken.

Source: boot-and-devices.md sections 16, 22; network-and-services.md sections 12, 17; lvm-and-filesystems.md section
14; transcripts inittab/50, inittab/03, niminfo/01, crontab/01, boot-console/01; IBM's login.cfg page.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from typing import Callable, Dict, Iterable, List, NamedTuple, Sequence, Set, Tuple

import drboot
from drboot.sim.commands import COMMANDS

SHIM_MARK = "# simulated AIX program\n"
PACKAGE_PARENT = os.path.dirname(os.path.dirname(os.path.abspath(drboot.__file__)))

DIRECTORIES = (
    "/admin", "/dev", "/etc/drboot/sites", "/etc/objrepos", "/etc/rc.d/rc2.d", "/etc/security", "/etc/tunables",
    "/home", "/mnt", "/opt/freeware/bin", "/proc", "/sbin", "/tmp", "/usr/bin", "/usr/lib/boot", "/usr/lib/methods",
    "/usr/local", "/usr/lpp", "/usr/sbin", "/var/adm/cron", "/var/adm/ras", "/var/ct", "/var/log", "/var/run",
    "/var/spool/cron/atjobs", "/var/spool/cron/crontabs", "/var/tmp",
)  # fmt: skip
# AIX keeps these as links; relative here, so that they stay below the root
LINKS = {"/bin": "usr/bin", "/lib": "usr/lib", "/u": "home"}

# Source: transcript inittab/50 (AIX 7.3 TL4 SP2), its comment line left out.  Assumed: 7.1 and 7.2 differ in no entry
# that drboot cares about.
INITTAB = """\
init:2:initdefault:
brc::sysinit:/sbin/rc.boot 3 >/dev/console 2>&1 # Phase 3 of system boot
powerfail::powerfail:/etc/rc.powerfail 2>&1 | /usr/bin/alog -tboot > /dev/console # Power Failure Detection
tunables:23456789:wait:/usr/sbin/tunrestore -R > /dev/console 2>&1 # Set tunables
securityboot:2:bootwait:/etc/rc.security.boot > /dev/console 2>&1
rc:23456789:wait:/etc/rc 2>&1 | /usr/bin/alog -tboot > /dev/console # Multi-User checks
srcmstr:23456789:respawn:/usr/sbin/srcmstr # System Resource Controller
rctcpip:23456789:wait:/etc/rc.tcpip > /dev/console 2>&1 # Start TCP/IP daemons
aso:23456789:once:/usr/bin/startsrc -s aso
rcnfs:23456789:wait:/etc/rc.nfs > /dev/console 2>&1 # Start NFS Daemons
fbcheck:23456789:wait:/usr/sbin/fbcheck 2>&1 | /usr/bin/alog -tboot > /dev/console # run /etc/firstboot
cron:23456789:respawn:/usr/sbin/cron
clusterconf:23456789:once:/usr/sbin/clusterconf
piobe:2:wait:/usr/lib/lpd/pioinit_cp >/dev/null 2>&1  # pb cleanup
cons:0123456789:respawn:/usr/sbin/getty /dev/console
qdaemon:23456789:wait:/usr/bin/startsrc -sqdaemon
writesrv:23456789:wait:/usr/bin/startsrc -swritesrv
uprintfd:23456789:respawn:/usr/sbin/uprintfd
shdaemon:2:off:/usr/sbin/shdaemon >/dev/console 2>&1 # High availability daemon
trustedboot:2:wait:/etc/rc.trustedboot > /dev/console 2>&1 # Get trusted log and start TCSD
l2:2:wait:/etc/rc.d/rc 2 
l3:3:wait:/etc/rc.d/rc 3 
l4:4:wait:/etc/rc.d/rc 4 
l5:5:wait:/etc/rc.d/rc 5 
l6:6:wait:/etc/rc.d/rc 6 
l7:7:wait:/etc/rc.d/rc 7 
l8:8:wait:/etc/rc.d/rc 8 
l9:9:wait:/etc/rc.d/rc 9 
rcwpars:2:once:/etc/rc.wpars > /dev/console 2>&1 # Corrals autostart
logsymp:2:once:/usr/lib/ras/logsymptom # for system dumps
pfcdaemon:2:once:/usr/bin/startsrc -s pfcdaemon  > /dev/null 2>&1
diagd:2:once:/usr/lpp/diagnostics/bin/diagd >/dev/console 2>&1
artex:2:wait:/usr/sbin/artexset -q -c -R /etc/security/artex/config/master_profile.xml > /dev/console 2>&1
rcvnet:23456789:wait:/etc/rc.vnet> /dev/console 2>&1 # Start lldp/ecpvdp daemons
xmdaily:2:once:/usr/bin/topasrec -L -s 300 -R 1 -r 6 -o /var/perf/daily/ -ypersistent=1 2>&1 >/dev/null #Start local binary recording
perfstat:2:once:/usr/lib/perf/libperfstat_updt_dictionary >/dev/console 2>&1
mbuf_resize:23456789:once:/usr/sbin/tunrestore -D 2>&1 >/dev/console # LMT buffer resize
clcomd:23456789:once:/usr/bin/startsrc -s clcomd
ha_star:h2:once:/etc/rc.ha_star >/dev/console 2>&1
ctrmc:2:once:/usr/bin/startsrc -s ctrmc > /var/ct/ctrmc-inittab.err 2>&1
"""  # noqa: E501, W291
# Source: transcript inittab/03 and the ghostdev seed; where in the file is not known.  Assumed: appended by mkitab.
NIM_ENTRIES = """\
nimclient:2:once:/usr/sbin/nimclient -S running > /dev/console 2>&1 # inform nim we're running
nimsh:2:wait:/usr/bin/startsrc -g nimclient >/dev/console 2>&1
"""

# Source: transcript boot-console/01 for what is printed; which of these programs prints which line is assumed.
_SECURITY = """\
TE=OFF
CHKEXEC=OFF
CHKSHLIB=OFF
CHKSCRIPT=OFF
CHKKERNEXT=OFF
STOP_UNTRUSTD=OFF
STOP_ON_CHKFAIL=OFF
LOCK_KERN_POLICIES=OFF
TSD_FILES_LOCK=OFF
TSD_LOCK=OFF
TEP=OFF
TLP=OFF
Successfully updated the Kernel Authorization Table.
Successfully updated the Kernel Role Table.
Successfully updated the Kernel Command Table.
Successfully updated the Kernel Device Table.
Successfully updated the Kernel Object Domain Table.
Successfully updated the Kernel Domains Table.
Successfully updated the Kernel RBAC log level.
Successfully updated the Kernel RBAC log level.
OPERATIONAL MODE Security Flags
ROOT                      :    ENABLED
TRACEAUTH                 :   DISABLED
System runtime mode is now OPERATIONAL MODE.
"""
PRINTING = {
    "/sbin/rc.boot": "Saving Base Customize Data to boot disk\nStarting the sync daemon\nStarting the error daemon\n"
    "\nSystem initialization completed.\n" + _SECURITY,
}
BANNER = "\n\nAIX Version 7\nCopyright IBM Corporation, 1982, 2019.\nConsole login: "
STAYING = {"/usr/sbin/srcmstr": "", "/usr/sbin/cron": "", "/usr/sbin/uprintfd": "", "/usr/sbin/getty": BANNER}
RUN_LEVEL_SCRIPT = """\
#!/bin/sh
# Source: IBM, System V rc directories: K* with stop, then S* with start, in the order of their names
directory=${0%/rc}/rc$1.d
for script in "$directory"/K*; do [ -x "$script" ] && "$script" stop; done
for script in "$directory"/S*; do [ -x "$script" ] && "$script" start; done
exit 0
"""


class Files(NamedTuple):
    """What makes one host's rootvg files different from another's."""

    hostname: str
    hosts: Sequence[Tuple[str, str]]  # address, names
    nameservers: Sequence[str]
    domain: str
    filesystems: Sequence[Tuple[str, Dict[str, str]]]  # mount point, stanza, in file order
    nim_master: Tuple[str, str] = ("", "")  # name, address; "" when this is no NIM client
    gateway: str = ""
    tcpip: Sequence[str] = ("/usr/sbin/syslogd", "/usr/lib/sendmail", "/usr/sbin/portmap", "/usr/sbin/inetd")
    crontabs: Sequence[Tuple[str, str]] = ()
    absent: Sequence[str] = ()  # programs that this level of AIX does not have


def make(root: str, directory: str, files: Files) -> None:
    """The root tree of one host is there, its programs those of the LPAR at ``directory``."""
    for name in DIRECTORIES:
        os.makedirs(root + name, exist_ok=True)
    for name, target in LINKS.items():
        os.symlink(target, root + name)
    write(root, "/etc/inittab", INITTAB + (NIM_ENTRIES if files.nim_master[0] else ""))
    write(root, "/etc/hosts", _hosts(files.hosts))
    write(root, "/etc/resolv.conf", _resolv(files))
    write(root, "/etc/netsvc.conf", "hosts = local, bind\n")
    write(root, "/etc/filesystems", filesystems_text(files.filesystems))
    # Source: boot-and-devices.md section 16, the PATH of a 7.x /etc/environment
    write(root, "/etc/environment", "PATH=/usr/bin:/etc:/usr/sbin:/usr/ucb:/usr/bin/X11:/sbin\nLANG=C\nTZ=UTC\n"
          "ODMDIR=/etc/objrepos\n")  # fmt: skip
    write(root, "/etc/passwd", "root:!:0:0::/:/usr/bin/ksh\ndaemon:!:1:1::/etc:\noracle:*:203:203::/home/oracle:\n")
    write(root, "/etc/group", "system:!:0:root\nstaff:!:1:\ndba:!:203:oracle\n")
    write(root, "/etc/swapspaces", "hd6:\n\tdev = /dev/hd6\n\tauto = yes\n")
    write(root, "/etc/motd", MOTD)
    write(root, "/etc/security/login.cfg", LOGIN_CFG, 0o640)
    write(root, "/var/adm/cron/cron.allow", "root\n")
    for user, table in files.crontabs or (("root", CRONTAB),):
        write(root, f"/var/spool/cron/crontabs/{user}", table, 0o600)
    if files.nim_master[0]:
        write(root, "/etc/niminfo", niminfo(files))
    write(root, "/dev/console", "", 0o622)
    for mount_point, _ in files.filesystems:
        os.makedirs(root + mount_point, exist_ok=True)
    _system_owners(root)
    install_boot_programs(root, files.tcpip)
    install_interpreters(root)
    install_shims(root, directory, [program for program in COMMANDS if program not in files.absent])


# Assumed: the text of both files; their shape is IBM's login.cfg page: stanzas, * begins a comment, a herald per port.
MOTD = """\
*******************************************************************************
*                                                                             *
*  Welcome to AIX Version 7!                                                  *
*                                                                             *
*******************************************************************************
"""
LOGIN_CFG = """\
* Default: what holds for every port that has no stanza of its own
default:
\tsak_enabled = false
\tlogintimes =
\tlogindisable = 0
\tlogininterval = 0
\tloginreenable = 0
\tlogindelay = 0

usw:
\tshells = /bin/sh,/bin/ksh,/usr/bin/sh,/usr/bin/ksh
\tmaxlogins = 32767
\tlogintimeout = 60
"""


def _system_owners(root: str) -> None:
    """Who owns what is not root's.  Only root can give it away; elsewhere all is the user's own.

    Assumed: /home, /usr and /var are bin's (uid and gid 2), /var/adm is root's and may be written by the group adm (4);
    no public text lists them.
    """
    if os.geteuid():
        return
    for name in ("/home", "/usr", "/var"):
        os.chown(root + name, 2, 2)
    os.chown(root + "/var/adm", 0, 4)
    os.chmod(root + "/var/adm", 0o775)


# Source: transcript crontab/01
CRONTAB = """\
0 11 * * * /usr/bin/errclear -d S,O 30
0 12 * * * /usr/bin/errclear -d H 90
0 15 * * *  /usr/lib/ras/dumpcheck >/dev/null 2>&1
"""


def write(root: str, path: str, text: str, mode: int = 0o644) -> None:
    target = root + path
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.chmod(target, mode)


def filesystems_text(stanzas: Iterable[Tuple[str, Dict[str, str]]]) -> str:
    """/etc/filesystems: a mount point and a colon in column 0, attributes indented by a tab."""
    blocks = ["* @(#)filesystems\n*\n"]
    for mount_point, attributes in stanzas:
        rows = "".join(f"\t{key:<15} = {value}\n" for key, value in attributes.items())
        blocks.append(f"{mount_point}:\n{rows}")
    return "\n".join(blocks)


def niminfo(files: Files) -> str:
    """Source: transcript niminfo/01."""
    name, address = files.nim_master
    own = f"{files.hosts[0][0]}:{files.hostname}.{files.domain}"
    return f"""\
#------------------ Network Install Manager ---------------
# warning - this file contains NIM configuration information
#       and should only be updated by NIM
export NIM_NAME={files.hostname}
export NIM_HOSTNAME={files.hostname}.{files.domain}
export NIM_CONFIGURATION=standalone
export NIM_MASTER_HOSTNAME={name}.{files.domain}
export NIM_MASTER_PORT=1058
export NIM_REGISTRATION_PORT=1059
export NIM_SHELL="nimsh"
export NIM_MASTERID=00F62C634C00
export NIM_FIPS_MODE=0
export NIM_BOS_IMAGE=/SPOT/usr/sys/inst.images/installp/ppc/bos
export NIM_BOS_FORMAT=rte
export NIM_HOSTS=" 127.0.0.1:loopback:localhost  {own}  {address}:{name}.{files.domain} "
export NIM_MOUNTS=""
export ROUTES=" default:0:{files.gateway} "
"""


def _hosts(rows: Iterable[Tuple[str, str]]) -> str:
    text = "# Internet Address\tHostname\t# Comments\n127.0.0.1\t\tloopback localhost\n::1\t\tloopback localhost\n"
    return text + "".join(f"{address}\t{names}\n" for address, names in rows)


def _resolv(files: Files) -> str:
    return f"domain\t{files.domain}\n" + "".join(f"nameserver\t{address}\n" for address in files.nameservers)


# ---------------------------------------------------------------- programs


def shim(program: str, directory: str) -> str:
    return (
        f"#!{sys.executable} -IS\n{SHIM_MARK}import sys\n"
        f"sys.path.insert(0, {PACKAGE_PARENT!r})\n"
        f"from drboot.sim.machine import main\n"
        f"main({program!r}, {directory!r}, sys.argv[1:])\n"
    )


def install_shims(root: str, directory: str, programs: Iterable[str]) -> None:
    for program in programs:
        write(root, program, shim(program, directory), 0o755)


def installed_shims(root: str) -> List[str]:
    """The programs of COMMANDS that this root has: what a replica must have too."""
    return [program for program in COMMANDS if _is_shim(root + program)]


def _is_shim(path: str) -> bool:
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        return file.readline().startswith("#!") and file.readline() == SHIM_MARK
    return False


def install_interpreters(root: str) -> None:
    """sh, ksh and python3 lead to what runs here, by their real paths, so that they work below any root."""
    shell = os.path.realpath("/bin/sh")
    korn = shutil.which("ksh93") or shutil.which("ksh")
    links = {"sh": shell, "ksh": os.path.realpath(korn) if korn else shell, "python3": os.path.realpath(sys.executable)}
    for name, target in links.items():
        os.symlink(target, f"{root}/usr/bin/{name}")


def install_boot_programs(root: str, tcpip: Sequence[str]) -> None:
    """Programs that only init starts: each prints what the boot console shows, or stays as a daemon does.

    They are scripts for the sh that every POSIX host has.  What has no part in a DR boot (piobe, diagd, ...) does
    nothing and ends well.
    """
    for line in INITTAB.splitlines():
        command = line.split(":", 3)[3].split()
        if command:
            write(root, command[0].rstrip(">"), "#!/bin/sh\nexit 0\n", 0o755)
    for program, text in PRINTING.items():
        write(root, program, "#!/bin/sh\n" + "".join(_echo(line) for line in text.splitlines()), 0o755)
    for program, text in STAYING.items():
        code = f"import os, signal\nos.write(1, {text!r}.encode())\nwhile True:\n    signal.pause()\n"
        write(root, program, f"#!{sys.executable} -IS\n{code}", 0o755)
    # Source: https://powercampus.de/en/the-command-chrctcp/: a line per daemon, ``start PROGRAM "$src_running"``
    start = "".join(f'start {program} "$src_running"\n' for program in tcpip)
    body = (
        "#!/bin/sh\nroot=${0%/etc/rc.tcpip}\nsrc_running=1\n"
        + 'start() {\n    "$root/usr/bin/startsrc" -s "${1##*/}"\n}\n'
        + _echo("Checking for srcmstr active...complete")
        + _echo("Starting tcpip daemons:") + start + _echo("Finished starting tcpip daemons.")
    )  # fmt: skip
    write(root, "/etc/rc.tcpip", body, 0o755)
    write(root, "/etc/rc.d/rc", RUN_LEVEL_SCRIPT, 0o755)


def _echo(line: str) -> str:
    return f"echo '{line}'\n" if line else "echo\n"


# ---------------------------------------------------------------- rootvg as the SAN carries it


def image(root: str, target: str) -> None:
    """A point-in-time copy of a root as a rootvg LUN holds it: ``target``/root and ``target``/shims.json."""
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    programs = installed_shims(root)
    with open(os.path.join(target, "shims.json"), "w", encoding="utf-8") as file:
        json.dump(programs, file)
    skip = {root + program for program in programs}
    shutil.copytree(root, os.path.join(target, "root"), symlinks=True, ignore=_ignoring(skip))
    _copy_owners(root, os.path.join(target, "root"))


def take(source: str, root: str, directory: str) -> None:
    """The root of the LPAR at ``directory`` is what the rootvg LUN's image ``source`` holds."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.rmtree(root + ".covered", ignore_errors=True)
    shutil.copytree(os.path.join(source, "root"), root, symlinks=True)
    _copy_owners(os.path.join(source, "root"), root)
    with open(os.path.join(source, "shims.json"), encoding="utf-8") as file:
        install_shims(root, directory, json.load(file))


def _copy_owners(source: str, target: str) -> None:
    """Every file of the copy belongs to whom the original belongs.  Only root can do that; others own all of both."""
    if os.geteuid():
        return
    for directory, names, files in os.walk(target):
        for name in [*names, *files]:
            path = os.path.join(directory, name)
            status = os.lstat(source + path[len(target) :])
            if (status.st_uid, status.st_gid) != (0, 0):
                os.chown(path, status.st_uid, status.st_gid, follow_symlinks=False)


def _ignoring(skipped: Set[str]) -> Callable[[str, List[str]], List[str]]:

    def ignore(directory: str, names: List[str]) -> List[str]:
        # sockets and FIFOs are nothing that a copy of a disk could carry on with
        return [n for n in names if os.path.join(directory, n) in skipped or _is_special(os.path.join(directory, n))]

    return ignore


def _is_special(path: str) -> bool:
    return not (os.path.islink(path) or os.path.isfile(path) or os.path.isdir(path))
