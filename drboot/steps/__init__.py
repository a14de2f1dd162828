"""The ordered registry of step kinds.  A new kind is a file, a row here, and its tests.

Order matters only where steps do not name each other: it breaks ties, so what saves the machine comes first.
"""

from __future__ import annotations

from typing import NamedTuple, Tuple


class StepInfo(NamedTuple):
    """``module`` has ``steps(wanted) -> Iterable[Step]``, and ``SECTION`` where the profile has a say."""

    name: str
    module: str
    title: str


REGISTRY: Tuple[StepInfo, ...] = (
    StepInfo("fence", "drboot.steps.fence", "Production's addresses, NIM and cron jobs out of the way"),
    StepInfo("quarantine", "drboot.steps.quarantine", "Nothing of production acts from a rehearsal"),
    StepInfo("device_flags", "drboot.steps.device_flags", "ghostdev and clouddev back to 0"),
    StepInfo("stale_definitions", "drboot.steps.stale_definitions", "What a reset would have removed"),
    StepInfo("disks", "drboot.steps.disks", "Wait for the disks of the volume groups"),
    StepInfo("replication", "drboot.steps.replication", "The replicas are primary and may be written"),
    StepInfo("vxvm", "drboot.steps.vxvm", "Disks that are VxVM's to import are named"),
    StepInfo("device_attributes", "drboot.steps.device_attributes", "Device attributes as they were set at home"),
    StepInfo("volume_groups", "drboot.steps.volume_groups", "Import volume groups by PVID"),
    StepInfo("glvm", "drboot.steps.glvm", "Volume groups of GLVM from this site's copy"),
    StepInfo("paging_spaces", "drboot.steps.paging_spaces", "Paging spaces of the imported volume groups"),
    StepInfo("dump_device", "drboot.steps.dump_device", "Where a system dump goes"),
    StepInfo("filesystems", "drboot.steps.filesystems", "Check and mount, parents first"),
    StepInfo("network_owner", "drboot.steps.network_owner", "One owner of names and network per boot"),
    StepInfo("names", "drboot.steps.names", "Name servers, order of lookup, own line in /etc/hosts"),
    StepInfo("pseudo_adapters", "drboot.steps.pseudo_adapters", "EtherChannels and VLAN devices of home"),
    StepInfo("duplicates", "drboot.steps.duplicates", "No address that another machine has"),
    StepInfo("network", "drboot.steps.network", "Addresses, aliases, routes, host name"),
    StepInfo("boot_list", "drboot.steps.boot_list", "Boot from the disks that hold rootvg"),
    StepInfo("wpars", "drboot.steps.wpars", "Workload partitions: name servers, addresses, started"),
    StepInfo("services", "drboot.steps.services", "Inittab entries off, subsystems stopped and started"),
    StepInfo("failback", "drboot.steps.failback", "What the other site had set aside is back at home"),
    StepInfo("rsct", "drboot.steps.rsct", "A node id of its own, and the HMC found again"),
    StepInfo("hooks", "drboot.steps.hooks", "Programs of the site, each in its phase"),
)
