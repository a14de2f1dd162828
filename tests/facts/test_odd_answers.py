"""Odd and legal: what hand-edited files, and levels and situations that no recording shows, may hold."""

from __future__ import annotations

from drboot.facts import arp, bootlist, errpt, filesystems, ifconfig, inittab, lqueryvg, lsattr, lspv, lsvg, odmget

MESSAGE = "0516-304 lsvg: Unable to find device id 00ce4b6a01292201 in the Device\n        Configuration Database.\n"


def test_a_concurrent_volume_group_with_a_message() -> None:
    found = lsvg.parse_vg(MESSAGE + CONCURRENT)
    assert (found.auto_on, found.has_quorum, dict(found.rows)["Active Nodes"]) == (False, True, "1 3")


def test_a_blank_line_beside_a_value_is_no_value() -> None:
    for text in ("1\n\n", "\n1\n"):
        assert lsattr.parse_values(text) == ("1",)
    assert lsattr.parse_values("\n\n") == ("",)


def test_inittab_lines_that_somebody_put_behind_a_hash() -> None:
    text = "init:2:initdefault:\n# rcnfs:23456789:wait:/etc/rc.nfs\n#\n# Oracle: see wiki\n#imqss:2:once:/usr/bin/x\n"
    entries = inittab.parse(text + "brc::sysinit:/sbin/rc.boot 3\n")
    assert [entry.id for entry in entries if not entry.id.startswith("#")] == ["init", "brc"]
    assert inittab.named(entries, "rcnfs") is None


def test_a_filesystems_stanza_of_somebodys_hand() -> None:
    found = filesystems.parse("/a:\ndev = /dev/a\n\tmount = true\n\tmount = false\n\n/b:\n\tdev = /dev/b\n")
    assert [(stanza.mount_point, stanza.dev) for stanza in found.stanzas] == [("/a", "/dev/a"), ("/b", "/dev/b")]
    assert found.stanzas[0].is_mounted_at_boot
    changed = found.with_attributes({"/a": {"mount": "false", "dev": "/dev/c"}})
    assert filesystems.parse(changed).stanzas[0].attributes == (("dev", "/dev/c"), ("mount", "false"))


def test_a_tunnel_between_ipv6_addresses_hides_no_other_interface() -> None:
    tunnel = "gre0: flags=8000051<UP,POINTOPOINT,RUNNING>\n        inet6 fe80::1 --> fe80::2\n"
    found = ifconfig.parse("en0: flags=8<UP>\n        inet 10.0.0.1 netmask 0xffffff00\n" + tunnel)
    assert [(state.name, state.inet6) for state in found] == [("en0", ()), ("gre0", ("fe80::1",))]


def test_a_boot_list_entry_without_its_boot_logical_volume() -> None:
    found = bootlist.parse("hdisk0 blv=hd5 pathid=0\nhdisk1 -\n")
    assert [(entry.device, entry.blv) for entry in found] == [("hdisk0", "hd5"), ("hdisk1", None)]


def test_a_label_of_lqueryvg_whose_value_is_a_letter() -> None:
    vgda = lqueryvg.parse("PP Size:        \t25\nMirror Pool St  \tn\nDisk Block Size \t512\nQuorum (disk):  \t1\n")
    assert (vgda.pp_size_mb, vgda.value("Mirror Pool St"), vgda.value("Disk Block Size")) == (32, "n", "512")


def test_a_rule_in_what_somebody_logged_begins_no_entry() -> None:
    rule, entry = (
        "-" * 75 + "\n",
        "LABEL:\t\tOPMSG\nIDENTIFIER:\tAA8AB241\n\nDetail Data\nMESSAGE FROM ERRLOGGER COMMAND\n",
    )
    found = errpt.parse_detail(f"{rule}{entry}{rule}backup begins\n{rule}{entry}")
    assert [one.label for one in found] == ["OPMSG", "OPMSG"]
    assert "backup begins" in found[0].sections[0][1]


def test_a_disk_that_is_not_lvms_costs_no_other_its_row() -> None:
    text = "hdiskpower426   000000000r508909      caavg_private     active\nhdisk1 00f6f42a0bd88942 datavg\n"
    assert [row.pvid for row in lspv.parse(text)] == ["000000000r508909", "00f6f42a0bd88942"]


def test_an_infiniband_neighbour_hides_no_other() -> None:
    port = "  ? (10.9.1.9) at 80:0:0:48:fe:80:0:0:0:0:0:0:0:2:c9:3:0:1:2:3 [infiniband] stored in bucket 3\n"
    found = arp.parse(port + "  ? (10.1.1.1) at 0:0:c:7:ac:1 [ethernet] stored in bucket 16\n")
    assert [(one.address, one.mac) for one in found] == [("10.1.1.1", "00000C07AC01")]


def test_a_string_of_the_odm_with_quotes_or_of_two_lines_costs_no_other_attribute() -> None:
    text = 'CuAt:\n\tname = "%s"\n\tvalue = "%s"\n\tnls_index = 0\n\n'
    said = ('say "so"', 'say \\"so\\"', "one \\\ntwo", "plain")
    found = odmget.parse("".join(text % (f"tty{at}", value) for at, value in enumerate(said)))
    assert [one.text("value") for one in found] == ['say "so"', 'say "so"', "one two", "plain"]


CONCURRENT = """VOLUME GROUP:       datavg                   VG IDENTIFIER:  00c0b8cd00004c0000000112b3b1b3f5
VG STATE:           active                   PP SIZE:        32 megabyte(s)
VG PERMISSION:      read/write               TOTAL PPs:      1082 (34624 megabytes)
MAX LVs:            256                      FREE PPs:       1012 (32384 megabytes)
LVs:                3                        USED PPs:       70 (2240 megabytes)
OPEN LVs:           2                        QUORUM:         2 (Enabled)
TOTAL PVs:          2                        VG DESCRIPTORS: 3
STALE PVs:          0                        STALE PPs:      0
ACTIVE PVs:         2                        AUTO ON:        no
Concurrent:         Enhanced-Capable         Auto-Concurrent: Disabled
VG Mode:            Concurrent
Node ID:            2                        Active Nodes:       1 3
"""
