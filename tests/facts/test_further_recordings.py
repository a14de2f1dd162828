"""Shapes of real output that the recordings in tests/transcripts do not show, each cut down to the rows that matter.

Every one names where it was published.  No word of it stays unread, and the value is the one written down.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Tuple

import pytest

from drboot.facts import bootlist, entstat, ifconfig, lsattr, lscfg, lspath, lsps, lspv, netstat, prtconf, sysdumpdev
from drboot.facts.base import Ignore
from tests.facts.accounting import unread


class Case(NamedTuple):
    """``source``: where the text was published; ``says``: what of the parsed value is looked at."""

    source: str
    parse: Callable[[str], Any]
    ignore: Tuple[Ignore, ...]
    text: str
    says: Callable[[Any], Any]
    wanted: Any


LLAN = """ETHERNET STATISTICS (ent4) :
Device Type: Virtual I/O Ethernet Adapter (l-lan)
Hardware Address: 0a:94:38:bd:2b:0c

General Statistics:
-------------------
Driver Flags: Up Broadcast Running
\tSimplex Promiscuous AllMulticast
        64BitSupport DataRateSet

Filters: 255
  Enabled: 2  Queued: 0  Overflow: 0
LAN State: Operational

Port VLAN ID:  4093
VLAN Tag IDs:   205   298   299  1510  1600
               3552  3820  3832

Switch ID: vSwitch2

Hypervisor Information
  Virtual Memory
    Total (KB)                 79

Receive Information
  Receive Buffers
    Buffer Type              Tiny    Small   Medium    Large     Huge
    Min Buffers               512      512      128       24       24
    History
      Max Allocated           512      791      128       24       24
"""
LNC2 = """ETHERNET STATISTICS (ent104) :
Device Type: PCIe3 4-Port 10GbE SR Adapter
Hardware Address: 98:be:94:67:f5:14

PCIe3 4-Port 10GbE SR Adapter
-------------------------------------------------------------

Physical Port Link Status: Up
Logical Port Link Status: Down
Assigned Interrupt Source Numbers: 6
\t6228\tMGT
\t6229\tNIC TX,RX
Enabled VLAN IDs:
\t0148
DCBX Status: Enabled
\tTLV Exchange Complete
\tTC State   [0x00000009] Enabled
\tTraffic Class\tBandwidth\tPriority
\t-------------\t---------\t--------
\t   0\t\t   100%\t\t0 1 2 3
\tApplication\tPriority
\t-----------\t--------
\t   0x8906\t3
Controller Version: 00000B00
"""
SNAPPER = "https://github.com/pedz/Snapper: spec/"
FUSION = "https://github.com/fusioninventory/fusioninventory-agent: resources/aix/"
OHAI = "https://github.com/chef/ohai: spec/unit/plugins/aix/"

CASES = {
    "tagged VLANs in two lines, flags behind blanks, buffers in tables": Case(
        SNAPPER + "netstat_v_vioent_spec.rb; flags behind blanks: " + OHAI + "network_spec.rb",
        *(entstat.parse, entstat.IGNORE, LLAN),
        lambda found: (found[0].port_vlan_id, found[0].vlan_tag_ids, found[0].switch_id, found[0].driver_flags),
        (
            *(4093, (205, 298, 299, 1510, 1600, 3552, 3820, 3832), "vSwitch2"),
            ("Up", "Broadcast", "Running", "Simplex", "Promiscuous", "AllMulticast", "64BitSupport", "DataRateSet"),
        ),
    ),
    "rows of numbers": Case(
        SNAPPER + "entstat_lnc2ent_spec.rb",
        *(entstat.parse, entstat.IGNORE, LNC2),
        lambda found: (found[0].mac, found[0].port_link, found[0].is_down, found[0].vlan_tag_ids),
        ("98BE9467F514", "Up", False, ()),
    ),
    "an adapter whose address is not printed": Case(
        SNAPPER + "entstat_shient_spec.rb",
        *(entstat.parse, entstat.IGNORE),
        "ETHERNET STATISTICS (ent101) :\nDevice Type: PCIe2 4-Port Adapter\n\nPhysical Port Link Status: Down\n",
        lambda found: (found[0].mac, found[0].is_down),
        (None, True),
    ),
    "a value of several lines": Case(
        FUSION + "lscfg/aix-6.1b-sysplanar0",
        *(lscfg.parse, lscfg.IGNORE),
        "   sysplanar0         System Planar\n\n"
        "      ANCHOR / RISER  :\n"
        "        Product Specific.(B9).......43530000000000000000535000000000000000004D\n"
        "                                    3100000000000000004D3200000000000000004D33\n"
        "                                    00000000000000004D34\n"
        "        Version.....................ipzSeries\n",
        lambda found: (found[0].rows[0], found[0].value("Product Specific.(B9)"), found[0].value("Version")),
        (
            ("ANCHOR / RISER", ""),
            "43530000000000000000535000000000000000004D3100000000000000004D3200000000000000004D3300000000000000004D34",
            "ipzSeries",
        ),
    ),
    "a label with capitals": Case(
        "https://github.com/IBM/ansible-power-aix: a comment with the output of sysdumpdev -l of a new level",
        *(sysdumpdev.parse, sysdumpdev.IGNORE),
        "primary              /dev/lg_dumplv\nfull memory dump     disallow\nenable NX GZIP       TRUE\n",
        lambda found: (found.primary, found.value("enable NX GZIP")),
        ("/dev/lg_dumplv", "TRUE"),
    ),
    "what a grep leaves of a listing": Case(
        "a note on ASM disks in a public repository of scripts: lsattr -E -l hdiskasm_0227| grep reserve",
        *(lsattr.parse_listing, lsattr.IGNORE),
        "reserve_policy  no_reserve                                          Reserve Policy                   True+\n",
        lambda found: [(row.name, row.value, row.description) for row in found],
        [("reserve_policy", "no_reserve", "Reserve Policy")],
    ),
    "a listing without the row whose name is the longest": Case(
        "a note on EtherChannels in a public repository: lsattr -El ent2, its first rows",
        *(lsattr.parse_listing, lsattr.IGNORE),
        "adapter_names   ent0,ent1      EtherChannel Adapters                           True\n"
        "backup_adapter  NONE           Adapters to use when the primary channel fails  True\n"
        "hash_mode       src_dst_port   Determines how outgoing adapter is chosen       True\n",
        lambda found: [(row.value, row.description.split()[0]) for row in found],
        [("ent0,ent1", "EtherChannel"), ("NONE", "Adapters"), ("src_dst_port", "Determines")],
    ),
    "paging space over NFS": Case(
        "https://github.com/shirou/gopsutil: mem/mem_aix_nocgo_test.go",
        *(lsps.parse, lsps.IGNORE),
        "Page Space      Physical Volume   Volume Group    Size %Used   Active    Auto    Type   Chksum\n"
        "nfspg           -                 -              256MB  NaNQ     yes     yes     nfs       0\n"
        "paging00        hdisk0            rootvg           4GB    10     yes     yes      lv       0\n",
        lambda found: [(space.size_mb, space.used_percent, space.type) for space in found],
        [(256, None, "nfs"), (4096, 10, "lv")],
    ),
    "header of -H": Case(
        "https://github.com/jeffscrum/jeffscrum.github.io: the command of lspath/04, without its grep",
        *(lspath.fields("name", "parent", "path_id", "connection", "status"), lspath.IGNORE),
        "name     parent path_id connection                      status\n\n"
        "hdisk1   fscsi1 3       50060e80100d2a62,0              Missing\n",
        lambda found: found,
        (("hdisk1", "fscsi1", "3", "50060e80100d2a62,0", "Missing"),),
    ),
    "a virtual IP address": Case(
        "https://www.ibm.com/docs/en/aix/7.3.0?topic=address-sample-vipa-environment",
        *(ifconfig.parse, ifconfig.IGNORE),
        "vi0: flags=84000041<UP,RUNNING,64BIT>\n       inet 10.68.6.1 netmask 0xffffff00\n       iflist : en1 en5\n",
        lambda found: [(state.name, state.inet[0].address, state.inet[0].prefix) for state in found],
        [("vi0", "10.68.6.1", 24)],
    ),
    "a boot device that is gone": Case(
        "boot-and-devices of the reference, section 13",
        *(bootlist.parse, bootlist.IGNORE),
        "-\nhdisk0 blv=hd5 pathid=0\n",
        lambda found: [entry.device for entry in found],
        [None, "hdisk0"],
    ),
    "the routes for who is not root": Case(
        OHAI + "network_spec.rb",
        *(netstat.parse, netstat.IGNORE),
        "Destination        Gateway           Flags   Refs     Use  If   Exp  Groups\n"
        "Only the root user can specify the Z flag\n"
        " (Internet):\n"
        "default            172.31.0.1        UG        2   1652046 en0      -      -   =>\n"
        "Only the root user can specify the Z flag\n"
        " (Internet v6):\n"
        "::1%1              ::1%1             UH        1    677032 lo0      -      -   =>\n",
        lambda found: [(route.family, route.destination) for route in found],
        [(4, "0.0.0.0"), (6, "::1%1")],
    ),
    "a UDID without a UUID": Case(
        "https://theunixguide.blogspot.com/2017/03/aix-unique-fcs-id-disk-id-udid.html",
        *(lspv.parse_ids, lspv.IGNORE),
        "hdisk0   00cc57264df9dc6b  rootvg  active  2A1135000C500238633030BST9146852SS03IBMsas\n"
        "hdisk28  00cc572646f271f9  None            3F2A2A1135000C500337924AB0BST9146852SS03IBMsas05VDASD\n",
        lambda found: [(row.pv.vg, row.udid[:8], row.uuid) for row in found],
        [("rootvg", "2A113500", ""), (None, "3F2A2A11", "")],
    ),
    "a volume group with a hyphen": Case(
        "Checkmk, tests/unit/cmk/base/plugins/agent_based/test_prtconf.py",
        *(prtconf.parse, prtconf.IGNORE),
        "LPAR Info: 1 wiaix001\n\nVolume Groups Information\nActive VGs\ncow-daag0cvg:\n"
        "PV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION\n"
        "hdisk663          active            3218        0           00..00..00..00..00\n",
        lambda found: found.rows,
        (("LPAR Info", "1 wiaix001"),),
    ),
    "an IPv6 route without a title": Case(
        OHAI + "network_spec.rb, netstat -nrf inet6",
        *(netstat.parse, netstat.IGNORE),
        "::1%1  ::1%1  UH 1 109392 en0  -  -\n",
        lambda found: [(route.family, route.destination) for route in found],
        [(6, "::1%1")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_value_and_no_word_unread(name: str) -> None:
    case = CASES[name]
    value = case.parse(case.text)
    assert case.says(value) == case.wanted, case.source
    assert unread(case.text, value, case.ignore) == [], case.source
