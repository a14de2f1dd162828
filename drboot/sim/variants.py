"""The switches of a simulated machine where the reference leaves AIX's behaviour open.

A machine's choice is ``settings["variants"][name]``; commands read it with ``ctx.variant(name, default)``.
drboot has to survive every value.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Tuple


class Variant(NamedTuple):
    """values: the first one is the default.  open: which fact no public source settles, or where sources contradict."""

    values: Tuple[str, ...]
    open: str


VARIANTS: Dict[str, Variant] = {
    # devices: reset, discovery, lsattr, chdev
    "clouddev_mode": Variant(
        ("nvram", "every_boot"),
        "Whether clouddev=1 resets only where the LPAR's NVRAM has no variable yet, or at each boot: the author of the "
        "ghostdev article says both (boot-and-devices.md section 2).",
    ),
    "clouddev_chdev": Variant(
        ("creates", "leaves"),
        "Whether chdev clouddev=1 makes the NVRAM variable as false; then IBM's own recipe, bootutil -c before that "
        "chdev, would have no effect.",
    ),
    "sys0_survives": Variant(
        ("no", "yes"), "Whether sys0 attributes such as maxuproc survive the device reset (section 2: unclear)."
    ),
    "adapter_identity": Variant(
        ("location", "slot"),
        "Whether without a reset a virtual adapter in the same slot of another frame is known again, or the old one "
        "stays Defined beside a new name.",
    ),
    "alias4_duplicate": Variant(("error", "silent"), "chdev alias4 with an address that the interface has already."),
    "delalias4_absent": Variant(("error", "silent"), "chdev delalias4 with an alias that is not there."),
    "route_duplicate": Variant(
        ("error", "silent", "append"),
        "chdev route= with a value that is stored already; duplicates are seen in the field (network section 4).",
    ),
    "delroute_absent": Variant(("error", "silent"), "chdev delroute= with a string that is not stored."),
    "state_down_exit": Variant(
        ("0", "1"), "Exit status of chdev state=down: IBM's cloud-init accepts both (network section 3)."
    ),
    "chdev_error_exit": Variant(("1", "255"), "Exit status of a refused chdev: both plausible (section 6)."),
    "bootlist_empty": Variant(("nothing", "dash"), "What bootlist -o prints for a list that was never set."),
    # network and services
    "dup_addr_delay": Variant(
        ("0", "2"), "Seconds between an address coming up and AIXIF_ARP_DUP_ADDR in the error log (network section 14)."
    ),
    "dup_addr_detail": Variant(
        ("address", "mac", "none"),
        "What the detail data of AIXIF_ARP_DUP_ADDR hold: the address as hexadecimal words, the other MAC behind it, "
        "or nothing that can be recognised (network section 14: the MAC is found with iptrace).",
    ),
    "routes_on_address_change": Variant(
        ("kept", "default-lost"),
        "Whether a new primary address takes the default route with it: it does at 7100-03 before IV46819.",
    ),
    "ifconfig_address_delete": Variant(
        ("clean", "leaves-route"), "What `ifconfig en0 ADDR delete` leaves behind: a route before IV21533."
    ),
    "hostname_prints": Variant(
        ("yes", "no"), "Whether `hostname NAME` prints the name: the second line of mktcpip's output suggests it."
    ),
    "mktcpip_second_default": Variant(
        ("append", "replace"), "What mktcpip -g does with a different default that is stored (network section 1)."
    ),
    "mktcpip_columns": Variant(
        ("new", "old"), "Whether mktcpip -S has the cost and dead-gateway columns of newer levels (network section 1)."
    ),
    "namerslv_duplicate": Variant(("error", "silent"), "namerslv -a -i of a nameserver that is there already."),
    "namerslv_absent": Variant(("error", "silent"), "namerslv -d of an entry that is not there, or without a file."),
    "netstat_route_tree": Variant(
        ("tree", "Tree"), "The heading of netstat -rn: both spellings occur at one level (transcripts netstat/06, 07)."
    ),
    "netstat_trailing_blanks": Variant(
        ("yes", "no"), "Whether rows of netstat -rn without => end in three blanks, or the sources cut them."
    ),
    "netstat_interface_width": Variant(
        ("28", "29"), "Width of network and address in netstat -in (transcripts netstat/01 and 22 differ)."
    ),
    "entstat_errno": Variant(
        ("", "13"), "The errno with which entstat cannot open any device (transcript entstat/03); empty: it can."
    ),
    "src_error_stream": Variant(
        ("stderr", "stdout"), "Where SRC commands print 0513-085 and the like: two projects disagree (section 15)."
    ),
    "srcmstr_delay": Variant(
        ("0", "3"), "Seconds after the start during which srcmstr does not answer its commands (network section 15)."
    ),
    "stopsrc_seconds": Variant(
        ("0", "2"), "How long a subsystem shows `stopping` after stopsrc, which is asynchronous."
    ),
    "stopsrc_inoperative_rc": Variant(
        ("1", "0"), "Exit status of stopsrc for a subsystem that does not run (0513-004)."
    ),
    "nim_connect_seconds": Variant(
        ("0", "5"), "How long nimclient -S waits for a master that does not answer (network section 17: can block)."
    ),
    "rc_shutdown_rc": Variant(
        ("0", "1"), "Exit status of a site's /etc/rc.shutdown; whether one that fails stops the shutdown is not proven."
    ),
    "inittab_off": Variant(
        ("next_boot", "at_once"),
        "Whether init ends the running command of an entry that is set to off only when it is told to read the table, "
        "or as soon as the table says so (boot-and-devices.md sections 16, 17).",
    ),
    # storage
    "dump_survives": Variant(
        ("yes", "no"), "Whether the dump devices of the ODM (SWservAt) survive the device reset (section 2: unclear)."
    ),
    "dump_device_lost": Variant(
        ("null", "stored"),
        "What sysdumpdev -l shows after a start at which the VG of a dump device was not there: /dev/sysdumpnull, or "
        "the device of the ODM that is none (lvm section 15: invalid until import).",
    ),
    "nonquorum_varyon": Variant(
        ("all", "majority"),
        "What varyonvg without -f needs when quorum is off: every PV, or more than half of the VGDAs; the manual and a "
        "technote conflict (lvm section 7).",
    ),
    "fsck_exit": Variant(
        ("manual", "bits", "zero"),
        "Exit statuses of fsck: 4 and 8 for what stays broken; also 2 after a repair; or 0 whatever was found (lvm "
        "section 13: unverified).",
    ),
    "fsck_preen": Variant(
        ("refuses", "repairs"),
        "What fsck -p does with a file system whose superblock is dirty: leaves it, or repairs it.",
    ),
    "lspv_padding": Variant(
        ("none", "state", "vg"), "Trailing blanks of lspv rows: the recordings differ (lvm section 2)."
    ),
    "nfs_hang_seconds": Variant(
        ("86400", "1"), "How long a hard mount waits for an NFS server that does not answer: for ever, in the manual."
    ),
    "vg_lock_seconds": Variant(
        ("86400", "1"), "How long lsvg retries on a locked VG: processes months old were seen (lvm section 3)."
    ),
}
