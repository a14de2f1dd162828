"""What InfoScale has on production: a second owner of the network, DMP below rootvg, VxVM's disks; and the gate.

Source: InfoScale virtualization guide for AIX (see drboot/infoscale.py); VxVM's administrator's guide.
"""

from __future__ import annotations

from typing import Iterator

from drboot import infoscale, paths
from drboot.checks.base import Finding, Production, error, note
from drboot.facts import lsvg, vxdisk
from drboot.facts.types import VgName
from drboot.profile.trust import check_program
from drboot.steps.boot_list import dmp_paths


def check(production: Production) -> Iterator[Finding]:
    here = infoscale.look(production.seen)
    if here.vcs:
        yield note(
            "check-vcs-guest",
            "VCS is configured in this LPAR",
            paths.VCS_CONFIGURATION,
            "an LPAR that VCS manages from outside may not be in a cluster itself; what a cluster brings up is its own",
            "leave its volume groups out (volume_groups.except), or take VCS out of the guest",
        )
    unsaid = [site.site for site in production.others if not site.network.owner]
    if here.reconfig and unsaid:
        yield error(
            "check-vcs-reconfig",
            f"vcs-reconfig would set the network at {', '.join(unsaid)} as well",
            here.reconfig,
            "the profile does not say who owns the network there, so drboot would leave names and network alone",
            "set network.owner there: drboot (and disable vcs-reconfig), or vcs",
        )
    theirs = [site.site for site in production.others if site.network.owner == "vcs"]
    if theirs and not here.reconfig:
        yield error(
            "check-vcs-absent",
            f"nobody would set the network at {', '.join(theirs)}",
            f"{paths.ETC_INITTAB}, {infoscale.RC_SCRIPTS}, {paths.FILESETS}/{infoscale.FILESET}",
            "network.owner there is vcs, and vcs-reconfig is not enabled in this rootvg, which starts there",
            "install and enable VRTSvcsnr, or set network.owner there: drboot (or none)",
        )
    yield from _gate(production)
    yield from _disks(production)


def _gate(production: Production) -> Iterator[Finding]:
    for site in production.others:
        if not site.replication.gate:
            continue
        for problem in check_program(production.seen.root, site.replication.gate):
            yield error(
                "check-gate-program",
                f"nothing would be imported at {site.site}: the replication gate cannot be asked",
                str(site.replication.at),
                f"{problem.what}: {problem.why}",
                problem.next,
            )
            return  # one finding for all of them; the next one shows when this is mended


def _disks(production: Production) -> Iterator[Finding]:
    seen = production.seen
    under = dmp_paths(seen)
    nodes = [str(pv.name) for _, pvs in seen(lsvg.pvs(VgName("rootvg"))) for pv in pvs if pv.name in under]
    if nodes:
        yield note(
            "check-dmp-rootvg",
            "rootvg is under DMP",
            "vxdmpadm native list",
            "the boot list has hdisks in its place, and a device reset knows nothing of DMP: both behave differently",
            "rehearse a start from the replica; keep vxdmpadm native release and acquire at hand",
            [f"{node}: {', '.join(under[node])}" for node in nodes],
        )
    clones = [disk for disk in seen(vxdisk.ALL) if disk.is_clone] if seen.root.has_program("vxdisk") else []
    if clones:
        yield note(
            "check-vxvm-clones",
            f"VxVM flags {len(clones)} disks as copies",
            "vxdisk list",
            "it imports them only when vxdg is told to, and drboot leaves them alone",
            "import their disk groups by a hook of the profile, or take stray copies away",
            [f"{disk.device}: {' '.join(disk.status)}" for disk in clones],
        )
