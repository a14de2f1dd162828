"""A fleet: as many LPARs as one likes, each with hardware, disks and addresses of its own, all in one address table.

The N-th LPAR is always the same.  It differs from its neighbours in what fleets differ in: number and size of data
VGs, nesting of mounts, raw LVs, a second network, aliases, adapters that the DR LPAR discovers the other way round,
the boot policy (ghostdev, or clouddev set at DR, which takes two boots).  Sixteen LPARs share a frame.
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, NamedTuple, Tuple

from drboot.sim import root
from drboot.sim.estates.build import (
    DR,
    HOME,
    Address,
    Estate,
    Home,
    Row,
    Vg,
    ethernet,
    fibre,
    jfs2,
    log_lv,
    make_dr,
    make_home,
    mappings,
    network_host,
    pvid,
    raw,
    rootvg,
    stanzas,
    write_profiles,
)
from drboot.sim.world import Firmware, Slot, new_firmware

MOST = 4000  # LPARs: twenty subnets of two hundred
PER_FRAME = 16
PER_NETWORK = 200
NAMESERVERS = {HOME: ["10.1.255.53", "10.1.255.54"], DR: ["10.20.255.53"]}
MASK = "255.255.255.0"

HOME_PROFILE = """\
version: 1
site: home
systemids: [{ids}]
device_reset: none
names:
  nameservers: [10.1.255.53, 10.1.255.54]
  domain: example.com
  netsvc: [local, bind]
network:
  roles:
    service: {{}}
    backup: {{mtu: 9000}}
"""
DR_PROFILE = """\
version: 1
site: dr
systemids: [{ids}]
device_reset: {policy}
names:
  nameservers: [10.20.255.53]
  domain: dr.example.com
  netsvc: [local4, bind4]
network:
  duplicate_watch: 1s
  roles:
    service: {{mtu: 1500}}
    backup: {{mtu: 9000}}
volume_groups:
  take: captured
services:
  inittab_off: [nimclient, nimsh]
"""


class Member(NamedTuple):
    """What the N-th LPAR of the fleet is, from 1."""

    number: int

    @property
    def host(self) -> str:
        return f"lpar{self.number:04d}"

    @property
    def frame(self) -> int:
        return (self.number - 1) // PER_FRAME

    @property
    def policy(self) -> str:
        return "ghostdev" if self.number % 8 else "clouddev-at-dr"

    @property
    def data_vgs(self) -> int:
        return 1 + self.number % 3

    @property
    def luns_per_vg(self) -> int:
        return 1 + self.number % 2

    @property
    def has_backup(self) -> bool:
        return self.number % 3 == 0

    @property
    def aliases(self) -> int:
        return 2 if self.number % 5 == 0 else 0

    @property
    def machine(self) -> str:
        """What uname -m prints at home: the PVIDs begin with it."""
        return f"00F{self.number:05X}4C00"

    def address(self, second: int, alias: int = 0) -> str:
        """The LPAR's address in 10.SECOND/16: two hundred LPARs to a /24, their aliases in /24s of their own."""
        return f"10.{second}.{self.network() + 20 * alias}.{10 + (self.number - 1) % PER_NETWORK}"

    def network(self) -> int:
        """Number of the /24, and of the VLANs that belong to it."""
        return (self.number - 1) // PER_NETWORK


def systemid(site: str, frame: int) -> str:
    return f"IBM,0278{'A' if site == HOME else 'D'}{frame:04X}"


def profiles(count: int, policy: str) -> Dict[str, str]:
    """The profiles of both sites, with the frames of ``count`` LPARs."""
    frames = range((count - 1) // PER_FRAME + 1)
    ids = {site: ", ".join(systemid(site, frame) for frame in frames) for site in (HOME, DR)}
    return {HOME: HOME_PROFILE.format(ids=ids[HOME]), DR: DR_PROFILE.format(ids=ids[DR], policy=policy)}


def rows(count: int) -> List[Row]:
    """The address table of ``count`` LPARs."""
    return [row for number in range(1, count + 1) for row in rows_of(Member(number))]


def rows_of(member: Member) -> List[Row]:
    """What the address table says of one LPAR."""
    host, third = member.host, member.network()
    aliases = ";".join(member.address(20, alias) for alias in range(1, member.aliases + 1))
    found = [
        Row(host, HOME, "disaster", "service", "slot:C2", member.address(1), MASK, f"10.1.{third}.1"),
        Row(host, DR, "disaster", "service", "slot:C2", member.address(20), MASK, f"10.20.{third}.1", aliases),
    ]
    if member.has_backup:
        found.append(Row(host, HOME, "disaster", "backup", "slot:C3", member.address(11), "24"))
        found.append(Row(host, DR, "disaster", "backup", f"vlan:{400 + third}", member.address(21), "24"))
    return found


def make(directory: str, number: int, table: List[Row], count: int) -> Estate:
    """LPAR ``number`` of a fleet of ``count`` in an estate of its own, with the address table of all.

    No LPAR of a fleet rehearses: ``reh`` is the DR LPAR.
    """
    member = Member(number)
    vgs = [rootvg(_vgid(member, 0)), *(_data_vg(member, index) for index in range(member.data_vgs))]
    third = member.network()
    files = root.Files(
        hostname=member.host, domain="example.com", nameservers=NAMESERVERS[HOME], gateway=f"10.1.{third}.1",
        filesystems=stanzas(vgs), nim_master=("nimmaster", "10.1.255.20"),
        hosts=[(member.address(1), f"{member.host} {member.host}.example.com")],
    )  # fmt: skip
    interfaces = {"en0": Address(member.address(1), MASK)}
    if member.has_backup:
        interfaces["en1"] = Address(member.address(11), MASK, mtu=9000)
    flags = {"ghostdev": "1"} if member.policy == "ghostdev" else {}
    home = Home(_firmware(member, HOME), vgs, files, interfaces, [f"net,-hopcount,0,,0,10.1.{third}.1"], flags)
    machine = make_home(directory, home, _networks(third))
    write_profiles(machine, profiles(count, member.policy), table)
    dr = make_dr(directory, machine, _firmware(member, DR), {"clouddev_mode": "nvram", "clouddev_chdev": "leaves"})
    wanted = expected(member)
    return Estate(member.host, os.path.abspath(directory), machine, dr, wanted, dr, wanted)


def _vgid(member: Member, index: int) -> str:
    return f"{member.machine.lower()[:8]}00004c000000{member.number:04x}{index:08x}"


def _data_vg(member: Member, index: int) -> Vg:
    """data0vg holds /data, each further one a directory below the one before; every fifth LPAR has a raw LV."""
    name, point = f"data{index}vg", "/data" + "".join(f"/sub{n}" for n in range(1, index + 1))
    lvs = [log_lv(f"log{index}"), jfs2(f"fs{index}", point, 64, f"log{index}")]
    if index == 0 and member.number % 2:
        lvs.append(jfs2("fsapp", "/app", 32, "log0"))
    if index == 0 and member.number % 5 == 0:
        lvs.append(raw("rawlv", 16, 203, 203, 0o660))
    first = 1 + index * member.luns_per_vg
    return Vg(name, _vgid(member, index + 1), range(first, first + member.luns_per_vg), lvs, 40 + index,
              auto_on=index != 1)  # fmt: skip


def _firmware(member: Member, site: str) -> Firmware:
    """At DR the adapters are found the other way round where there are two, and the LUNs in reverse."""
    third, at_home = member.network(), site == HOME
    luns = range(1 + member.data_vgs * member.luns_per_vg)
    mac = f"d200{member.number:04x}{0 if at_home else 1:02x}"
    slots: List[Slot] = [ethernet("C2", (100 if at_home else 200) + third, mac + "02")]
    if member.has_backup:
        slots.append(ethernet("C3", (300 if at_home else 400) + third, mac + "03"))
    if not at_home:
        slots.reverse()
    wwpn = f"c05076{0 if at_home else 1:02x}{member.number:04x}00"
    return new_firmware(
        site=site, model="9009-42A" if at_home else "9105-42A", systemid=systemid(site, member.frame),
        partition_number=1 + (member.number - 1) % PER_FRAME, partition_name=member.host + ("" if at_home else "_dr"),
        uname_m=member.machine if at_home else f"00D{member.number:05X}4C00",
        uname_f=f"8000{'F' if at_home else 'D'}{member.number:05X}0000{1 + member.number % PER_FRAME:02X}",
        cpus=2, memory=8192,
        slots=[*slots, fibre("C5", wwpn + "10"), fibre("C6", wwpn + "12")],
        mappings=mappings(site, luns if at_home else luns[::-1], ["C5", "C6"]),
    )  # fmt: skip


def _networks(third: int) -> Dict[str, List[Any]]:
    """The wires that this LPAR sees; its neighbours of the fleet are not on them."""
    return {
        "home/190": [network_host(a, f"02000a01ff{n:02x}", "dns") for n, a in enumerate(NAMESERVERS[HOME])],
        "dr/290": [network_host(a, f"02000a14ff{n:02x}", "dns") for n, a in enumerate(NAMESERVERS[DR])],
        f"home/{100 + third}": [network_host(f"10.1.{third}.1", f"02000a01{third:02x}01", "gateway")],
        f"dr/{200 + third}": [network_host(f"10.20.{third}.1", f"02000a14{third:02x}01", "gateway")],
    }


def expected(member: Member) -> Dict[str, Any]:
    """The state that the profiles ask for at DR."""
    third = member.network()
    vgs = [_data_vg(member, index) for index in range(member.data_vgs)]
    mounts: List[Tuple[str, str]] = [
        (lv["label"], "/dev/" + lv["name"]) for vg in vgs for lv in vg.lvs if lv["fs"] is not None
    ]
    interfaces = {"C2": [[member.address(20, alias), MASK] for alias in range(member.aliases + 1)]}
    if member.has_backup:
        interfaces["C3"] = [[member.address(21), MASK]]
    foreign = [member.address(1), *([member.address(11)] if member.has_backup else [])]
    return {
        "hostname": member.host,
        "interfaces": interfaces,
        "mtu": {slot: 1500 if slot == "C2" else 9000 for slot in interfaces},
        "default_route": f"10.20.{third}.1",
        "static_routes": [],
        "nameservers": NAMESERVERS[DR],
        "domain": "dr.example.com",
        "hosts": [[member.address(20), member.host]],
        "volume_groups": {
            vg.name: {
                "pvids": [pvid(member.machine, number) for number in vg.luns], "auto_on": vg.auto_on, "quorum": True,
                "major": None,
            }
            for vg in vgs
        },
        "mounts": [[device, point] for point, device in sorted(mounts)],
        "boot_pvid": pvid(member.machine, 0),
        "inittab": {"drboot": "off", "nimclient": "off", "nimsh": "off"},
        "flags": {"ghostdev": "0", "clouddev": "0"},
        "foreign_addresses": foreign,
        "raw": {"rawlv": [203, 203, 0o660]} if member.number % 5 == 0 else {},
    }  # fmt: skip
