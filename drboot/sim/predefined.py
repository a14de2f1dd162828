"""The predefined device database (PdDv, PdAt): what AIX knows of a device type before any device exists.

A row is (class, subclass, type) -> description and default attributes.  ``lsattr`` shows these defaults merged with
the customised values; ``chdev`` refuses what is not here.

Source: attribute names, descriptions and user_settable of the transcripts named at each table.
Assumed: everything in tables marked so; the public sources show no listing (boot-and-devices.md section 25).
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Tuple

Level = Tuple[int, int, int]  # (7, 2, 5) is 7200-05; (4, 3, 2) is AIX 4.3.2

YES_NO = "yes,no"
ON_OFF = "on,off"
TRUE_FALSE = "true,false"


class Attribute(NamedTuple):
    """One PdAt row.

    settable   True | False | True+ (may change while the device is open, with chdev -U)
    values     as PdAt keeps it: "no,yes", or "1-256,1" for a range and its step; "" is free text
    nls_index  the message number of the description
    since      first level that has the attribute
    """

    name: str
    default: str
    description: str
    settable: str = "True"
    values: str = ""
    nls_index: int = 0
    since: Level = (0, 0, 0)


class Predefined(NamedTuple):
    """One PdDv row with its attributes.

    prefix        what instances are called: hdisk, ent, fcs
    diagnostics   the diagnostics can test it: lscfg and prtconf mark it with + instead of *
    method        what chdev names in an error: /usr/lib/methods/<method>
    node          Name of the device-tree node in lscfg -p, "" when it has none
    """

    cls: str
    subclass: str
    type: str
    prefix: str
    description: str
    attributes: Tuple[Attribute, ...] = ()
    diagnostics: bool = False
    method: str = "chggen"
    node: str = ""


def _a(*row: str, since: Level = (0, 0, 0), index: int = 0) -> Attribute:
    name, default, description = row[:3]
    settable = row[3] if len(row) > 3 else "True"
    values = row[4] if len(row) > 4 else ""
    return Attribute(name, default, description, settable, values, index, since)


SINCE_61 = (6, 1, 0)

# Source: transcripts lsattr/03, 31, 50, 59 (5.3 and 7.x).  Order is that of AIX 4.3 (lsattr/08, 56).
EN = (
    _a("mtu", "1500", "Maximum IP Packet Size for This Device", "True", "60-65535,1"),
    _a("remmtu", "576", "Maximum IP Packet Size for REMOTE Networks", "True", "60-65535,1"),
    _a("netaddr", "", "Internet Address"),
    _a("state", "down", "Current Interface Status", "True", "up,down,detach"),
    _a("arp", "on", "Address Resolution Protocol (ARP)", "True", ON_OFF),
    _a("netmask", "", "Subnet Mask"),
    _a("security", "none", "Security Level"),
    _a("authority", "", "Authorized Users"),
    _a("broadcast", "", "Broadcast Address"),
    _a("netaddr6", "", "IPv6 Internet Address"),
    _a("alias6", "", "IPv6 Alias including Prefix Length"),
    _a("prefixlen", "", "Prefix Length for IPv6 Internet Address"),
    _a("alias4", "", "IPv4 Alias including Subnet Mask"),
    _a("rfc1323", "", "Enable/Disable TCP RFC 1323 Window Scaling", since=(5, 0, 0)),
    _a("tcp_mssdflt", "", "Set TCP Maximum Segment Size", since=(5, 0, 0)),
    _a("tcp_nodelay", "", "Enable/Disable TCP_NODELAY Option", since=(5, 0, 0)),
    _a("tcp_recvspace", "", "Set Socket Buffer Space for Receiving", since=(5, 0, 0)),
    _a("tcp_sendspace", "", "Set Socket Buffer Space for Sending", since=(5, 0, 0)),
    _a("monitor", "off", "Enable/Disable monitor attribute", "True", ON_OFF, since=SINCE_61),
    _a("mtu_bypass", "off", "Enable/Disable largesend for virtual Ethernet", "True", ON_OFF, since=SINCE_61),
    _a("thread", "off", "Enable/Disable thread attribute", "True", ON_OFF, since=SINCE_61),
)
# Source: transcripts lsattr/08, 56: AIX 4.3 has no text for these
NO_TEXT_IN_43 = ("alias4", "alias6", "netaddr6", "prefixlen")

# Source: transcripts lsattr/09, 55
LO = (
    _a("mtu", "16896", "Maximum IP Packet Size for This Device", "True", "60-65535,1"),
    _a("netaddr", "127.0.0.1", "Internet Address"),
    _a("netaddr6", "::1", "IPv6 Internet Address"),
    _a("netmask", "", "Subnet Mask"),
    _a("prefixlen", "", "IPv6 Alias including Prefix Length"),
    _a("rfc1323", "", "Enable/Disable TCP RFC 1323 Window Scaling"),
    _a("state", "up", "Current Interface Status", "True", "up,down,detach"),
    _a("tcp_mssdflt", "", "Set TCP Maximum Segment Size"),
    _a("tcp_nodelay", "", "Enable/Disable TCP_NODELAY Option"),
    _a("tcp_recvspace", "", "Set Socket Buffer Space for Receiving"),
    _a("tcp_sendspace", "", "Set Socket Buffer Space for Sending"),
)

# Source: names in network-and-services.md section 5; nls_index of hostname and route: transcript odmget/01.
# Assumed: descriptions and defaults, no full listing is public.
INET = (
    _a("authm", "65536", "Authentication Methods"),
    _a("bootup_option", "no", "Use BSD-style Network Configuration", "True", YES_NO),
    _a("gateway", "", "Gateway"),
    _a("hostname", "", "Host Name", index=24),
    _a("rout6", "", "IPv6 Route"),
    _a("route", "", "Route"),
)

# Source: transcripts lsattr/17, 20, 21 for systemid, fwversion, modelname, os_uuid, maxuproc; chdev/03 for ncargs;
# boot-and-devices.md section 2 for the names and defaults of ghostdev and clouddev.
# Assumed: the other rows, their ranges, and the descriptions of ghostdev and clouddev.
SYS = (
    _a("SW_dist_intr", "false", "Enable SW distribution of interrupts", "True", TRUE_FALSE),
    _a("autorestart", "true", "Automatically REBOOT OS after a crash", "True", TRUE_FALSE),
    _a("boottype", "disk", "N/A", "False"),
    _a("clouddev", "0", "Recreate ODM devices on next boot", "True", "0,1", since=(6, 1, 9)),
    _a("conslogin", "enable", "System Console Login", "False"),
    _a("cpuguard", "enable", "CPU Guard", "True", "enable,disable"),
    _a("enhanced_RBAC", "true", "Enhanced RBAC Mode", "True", TRUE_FALSE, since=SINCE_61),
    _a("fullcore", "false", "Enable full CORE dump", "True", TRUE_FALSE),
    _a("fwversion", "", "Firmware version and revision levels", "False"),
    _a("ghostdev", "0", "Recreate ODM devices on system change / modify PVID", "True", "0,1", since=SINCE_61),
    _a("iostat", "false", "Continuously maintain DISK I/O history", "True", TRUE_FALSE),
    _a("keylock", "normal", "State of system keylock at boot time", "False"),
    _a("log_pg_dealloc", "true", "Log predictive memory page deallocation events", "True", TRUE_FALSE),
    _a("max_logname", "9", "Maximum login name length at boot time", "True", "9-256,1"),
    _a("maxbuf", "20", "Maximum number of pages in block I/O BUFFER CACHE", "True", "20-1000,1"),
    _a("maxmbuf", "0", "Maximum Kbytes of real memory allowed for MBUFS", "True", "0-4294967295,1"),
    _a("maxpout", "8193", "HIGH water mark for pending write I/Os per file", "True", "0-32767,1"),
    _a("maxuproc", "128", "Maximum number of PROCESSES allowed per user", "True", "40-131072,1"),
    _a("minpout", "4096", "LOW water mark for pending write I/Os per file", "True", "0-32767,1"),
    _a("modelname", "", "Machine name", "False"),
    _a("ncargs", "256", "ARG/ENV list size in 4Kbyte blocks", "True", "256-1024,1"),
    _a("os_uuid", "", "N/A", "True"),
    _a("pre430core", "false", "Use pre-430 style CORE dump", "True", TRUE_FALSE),
    _a("pre520tune", "disable", "Pre-520 tuning compatibility mode", "True", "disable,enable"),
    _a("realmem", "", "Amount of usable physical memory in Kbytes", "False"),
    _a("rtasversion", "1", "Open Firmware RTAS version", "False"),
    _a("systemid", "", "Hardware system identifier", "False"),
    _a("variable_weight", "0", "Variable processor capacity weight", "False"),
)

# Source: transcripts lsattr/24, 26; smt_enabled is shown by 26 (POWER5)
PROC = (
    _a("frequency", "", "Processor Speed", "False"),
    _a("smt_enabled", "true", "Processor SMT enabled", "False"),
    _a("smt_threads", "", "Processor SMT threads", "False"),
    _a("state", "enable", "Processor state", "False"),
    _a("type", "", "Processor type", "False"),
)

# Source: names in transcript lsattr/13.  Assumed: descriptions.
MEM = (
    _a("ent_mem_cap", "", "I/O memory entitlement in Kbytes", "False"),
    _a("goodsize", "", "Amount of usable physical memory in Mbytes", "False"),
    _a("mem_exp_factor", "", "Memory expansion factor", "False"),
    _a("size", "", "Total amount of physical memory in Mbytes", "False"),
    _a("var_mem_weight", "", "Variable memory capacity weight", "False"),
)

_PVID = _a("pvid", "none", "Physical volume identifier", "False", index=2)  # index: transcript odmget/02
_DIST = (
    _a("dist_err_pcnt", "0", "Distributed Error Percentage", "True", "0-100,1"),
    _a("dist_tw_width", "50", "Distributed Error Sample Time", "True", "20-1000,1"),
)

# Source: transcript lsattr/28 (7.1, AIXPCM).  Assumed: defaults and ranges.
AIXPCM = (
    _a("PCM", "PCM/friend/fcpother", "Path Control Module", "False"),
    _a("PR_key_value", "none", "Persistant Reserve Key Value", "True+"),
    _a("algorithm", "fail_over", "Algorithm", "True+", "fail_over,round_robin,shortest_queue"),
    _a("clr_q", "no", "Device CLEARS its Queue on error", "True", YES_NO),
    *_DIST,
    _a("hcheck_cmd", "test_unit_rdy", "Health Check Command", "True+", "test_unit_rdy,inquiry"),
    _a("hcheck_interval", "60", "Health Check Interval", "True+", "0-3600,1"),
    _a("hcheck_mode", "nonactive", "Health Check Mode", "True+", "enabled,failed,nonactive"),
    _a("location", "", "Location Label", "True+"),
    _a("lun_id", "", "Logical Unit Number ID", "False"),
    _a("lun_reset_spt", "yes", "LUN Reset Supported", "True", YES_NO),
    _a("max_coalesce", "0x40000", "Maximum Coalesce Size"),
    _a("max_retry_delay", "60", "Maximum Quiesce Time"),
    _a("max_transfer", "0x80000", "Maximum TRANSFER Size"),
    _a("node_name", "", "FC Node Name", "False"),
    _PVID,
    _a("q_err", "yes", "Use QERR bit", "True", YES_NO),
    _a("q_type", "simple", "Queuing TYPE", "True", "none,simple"),
    _a("queue_depth", "20", "Queue DEPTH", "True+", "1-256,1"),
    _a("reassign_to", "120", "REASSIGN time out value", "True", "1-300,1"),
    _a("reserve_policy", "single_path", "Reserve Policy", "True+", "no_reserve,PR_exclusive,PR_shared,single_path"),
    _a("rw_timeout", "30", "READ/WRITE time out value", "True", "1-300,1"),
    _a("scsi_id", "", "SCSI ID", "False"),
    _a("start_timeout", "60", "START unit time out value", "True", "1-300,1"),
    _a("timeout_policy", "fail_path", "Timeout Policy", "True+", "retry_path,fail_path,disable_path"),
    _a("unique_id", "", "Unique device identifier", "False"),
    _a("ww_name", "", "FC World Wide Name", "False"),
)

# Source: transcript lsattr/27 (7.1, SDDPCM).  Assumed: defaults and ranges.
SDDPCM = (
    _a("PCM", "PCM/friend/sddpcm", "PCM"),
    _a("PR_key_value", "none", "Reserve Key"),
    _a("algorithm", "load_balance", "Algorithm", "True", "fail_over,round_robin,load_balance,load_balance_port"),
    _a("clr_q", "no", "Device CLEARS its Queue on error", "True", YES_NO),
    *_DIST,
    _a("flashcpy_tgtvol", "no", "Flashcopy Target Lun", "False"),
    _a("hcheck_interval", "60", "Health Check Interval", "True", "0-3600,1"),
    _a("hcheck_mode", "nonactive", "Health Check Mode", "True", "enabled,failed,nonactive"),
    _a("location", "", "Location Label"),
    _a("lun_id", "", "Logical Unit Number ID", "False"),
    _a("lun_reset_spt", "yes", "Support SCSI LUN reset", "True", YES_NO),
    _a("max_coalesce", "0x40000", "Maximum COALESCE size"),
    _a("max_transfer", "0x40000", "Maximum TRANSFER Size"),
    _a("node_name", "", "FC Node Name", "False"),
    _PVID,
    _a("q_err", "yes", "Use QERR bit", "True", YES_NO),
    _a("q_type", "simple", "Queuing TYPE", "True", "none,simple"),
    _a("qfull_dly", "2", "delay in seconds for SCSI TASK SET FULL"),
    _a("queue_depth", "20", "Queue DEPTH", "True", "1-256,1"),
    _a("recoverDEDpath", "no", "Recover DED Failed Path", "True", YES_NO),
    _a("reserve_policy", "no_reserve", "Reserve Policy", "True", "no_reserve,PR_exclusive,PR_shared,single_path"),
    _a("retry_timeout", "120", "Retry Timeout"),
    _a("rw_timeout", "60", "READ/WRITE time out value", "True", "1-300,1"),
    _a("scbsy_dly", "20", "delay in seconds for SCSI BUSY"),
    _a("scsi_id", "", "SCSI ID", "False"),
    _a("start_timeout", "180", "START unit time out value", "True", "1-300,1"),
    _a("svc_sb_ttl", "0", "IO Time to Live"),
    _a("timeout_policy", "fail_path", "Timeout Policy", "True", "retry_path,fail_path,disable_path"),
    _a("unique_id", "", "Device Unique Identification", "False"),
    _a("ww_name", "", "FC World Wide Name", "False"),
)

# Source: transcript lsattr/03-sas-disk-unique_id (6.1).  Assumed: ranges.
SAS = (
    _a("PCM", "PCM/friend/scsiscsd", "Path Control Module", "False"),
    _a("algorithm", "fail_over", "Algorithm", "True", "fail_over,round_robin"),
    *_DIST,
    _a("hcheck_interval", "0", "Health Check Interval", "True", "0-3600,1"),
    _a("hcheck_mode", "nonactive", "Health Check Mode", "True", "enabled,failed,nonactive"),
    _a("max_coalesce", "0x10000", "Maximum Coalesce Size"),
    _a("max_transfer", "0x100000", "Maximum TRANSFER Size"),
    _PVID,
    _a("queue_depth", "16", "Queue DEPTH", "True", "1-64,1"),
    _a("reserve_policy", "no_reserve", "Reserve Policy", "True", "no_reserve,single_path"),
    _a("size_in_mb", "", "Size in Megabytes", "False"),
    _a("unique_id", "", "Unique device identifier", "False"),
    _a("ww_id", "", "World Wide Identifier", "False"),
)

# Assumed: rows of a virtual SCSI disk; no full listing is public.
VDISK = (
    _a("PCM", "PCM/friend/vscsi", "Path Control Module", "False"),
    _a("algorithm", "fail_over", "Algorithm", "True", "fail_over"),
    _a("hcheck_cmd", "test_unit_rdy", "Health Check Command", "True+", "test_unit_rdy,inquiry"),
    _a("hcheck_interval", "0", "Health Check Interval", "True+", "0-3600,1"),
    _a("hcheck_mode", "nonactive", "Health Check Mode", "True+", "enabled,failed,nonactive"),
    _a("max_transfer", "0x40000", "Maximum TRANSFER Size"),
    _PVID,
    _a("queue_depth", "3", "Queue DEPTH", "True", "1-256,1"),
    _a("reserve_policy", "no_reserve", "Reserve Policy", "True+", "no_reserve,single_path"),
    _a("unique_id", "", "Unique device identifier", "False"),
)

# Source: transcript lsattr/02-iscsi-disk-with-pvid (5.3)
ISCSI = (
    _a("clr_q", "no", "Device CLEARS its Queue on error", "True", YES_NO),
    _a("host_addr", "", "Hostname or IP Address", "False"),
    _a("location", "", "Location Label"),
    _a("lun_id", "", "Logical Unit Number ID", "False"),
    _a("max_transfer", "0x40000", "Maximum TRANSFER Size"),
    _a("port_num", "0xcbc", "PORT Number", "False"),
    _PVID,
    _a("q_err", "yes", "Use QERR bit", "True", YES_NO),
    _a("q_type", "simple", "Queuing TYPE", "True", "none,simple"),
    _a("queue_depth", "1", "Queue DEPTH", "True", "1-256,1"),
    _a("reassign_to", "120", "REASSIGN time out value"),
    _a("rw_timeout", "30", "READ/WRITE time out value"),
    _a("start_timeout", "60", "START unit time out value"),
    _a("target_name", "", "Target NAME", "False"),
)

# Source: transcript lsattr/04-hdiskpower-single_path (EMC PowerPath, 6.1)
POWER = (
    _a("PR_key_value", "none", "Reserve Key."),
    _a("clr_q", "no", "Clear Queue (RS/6000)", "True", YES_NO),
    _a("location", "", "Location"),
    _a("lun_id", "", "LUN ID", "False"),
    _a("lun_reset_spt", "yes", "FC Forced Open LUN", "True", YES_NO),
    _a("max_coalesce", "0x100000", "Maximum coalesce size"),
    _a("max_transfer", "0x100000", "Maximum transfer size"),
    _PVID,
    _a("pvid_takeover", "yes", "Takeover PVIDs from hdisks", "True", YES_NO),
    _a("q_err", "yes", "Use QERR bit", "True", YES_NO),
    _a("q_type", "simple", "Queue TYPE", "False"),
    _a("queue_depth", "32", "Queue DEPTH", "True", "1-256,1"),
    _a("reassign_to", "120", "REASSIGN time out value"),
    _a(
        "reserve_policy", "single_path", "Reserve Policy used to reserve device on open.", "True",
        "single_path,no_reserve",
    ),
    _a("rw_timeout", "30", "READ/WRITE time out"),
    _a("scsi_id", "", "SCSI ID", "False"),
    _a("start_timeout", "60", "START unit time out"),
    _a("ww_name", "", "World Wide Name", "False"),
)  # fmt: skip

# Source: transcript lsattr/30.  Assumed: ranges.
FSCSI = (
    _a("attach", "none", "How this adapter is CONNECTED", "False"),
    _a("dyntrk", "no", "Dynamic Tracking of FC Devices", "True", YES_NO),
    _a("fc_err_recov", "delayed_fail", "FC Fabric Event Error RECOVERY Policy", "True", "delayed_fail,fast_fail"),
    _a("scsi_id", "", "Adapter SCSI ID", "False"),
    _a("sw_fc_class", "3", "FC Class for Fabric", "True"),
)

# Source: names in boot-and-devices.md section 5.  Assumed: the rest.
FCS = (
    _a("intr_priority", "3", "Interrupt priority", "False"),
    _a("lg_term_dma", "0x800000", "Long term DMA"),
    _a("max_xfer_size", "0x100000", "Maximum Transfer Size"),
    _a("num_cmd_elems", "200", "Maximum Number of COMMAND Elements", "True", "20-2048,1"),
    _a("sw_fc_class", "2", "FC Class for Fabric"),
)
VSCSI = (
    _a("rw_timeout", "0", "Virtual SCSI Read/Write Command Timeout", "True", "0-3600,1"),
    _a("vscsi_err_recov", "delayed_fail", "N/A", "True", "delayed_fail,fast_fail"),
    _a("vscsi_path_to", "0", "Virtual SCSI Path Timeout", "True", "0-3600,1"),
)

# Assumed: rows of Ethernet adapters; names of ibm_ech and eth as mkdev takes them (boot-and-devices.md section 9).
L_LAN = (
    _a("alt_addr", "0x000000000000", "Alternate Ethernet Address"),
    _a("chksum_offload", "yes", "Enable Checksum Offload for IPv4 packets", "True", YES_NO),
    _a("copy_buffs", "32", "Transmit Copy Buffers", "True", "16-256,1"),
    _a("copy_bytes", "64", "Transmit Copy Buffer Size", "True", "64-2048,1"),
    _a("max_buf_huge", "64", "Maximum Huge Buffers", "True", "24-128,1"),
    _a("min_buf_huge", "24", "Minimum Huge Buffers", "True", "24-128,1"),
    _a("use_alt_addr", "no", "Enable Alternate Ethernet Address", "True", YES_NO),
)
ETHERNET = (
    _a("alt_addr", "0x000000000000", "Alternate Ethernet Address"),
    _a("jumbo_frames", "no", "Transmit jumbo frames", "True", YES_NO),
    _a("large_send", "yes", "Enable hardware Transmit TCP segmentation", "True", YES_NO),
    _a("media_speed", "Auto_Negotiation", "Media speed"),
    _a("use_alt_addr", "no", "Enable Alternate Ethernet Address", "True", YES_NO),
)
ECH = (
    _a("adapter_names", "", "EtherChannel Adapters"),
    _a("alt_addr", "0x000000000000", "Alternate EtherChannel Address"),
    _a("backup_adapter", "NONE", "Adapter used when whole channel fails"),
    _a("hash_mode", "default", "Determines how outgoing adapter is chosen", "True",
       "default,src_port,dst_port,src_dst_port"),
    _a("interval", "long", "Determines interval value for IEEE 802.3ad mode", "True", "long,short"),
    _a("mode", "standard", "EtherChannel mode of operation", "True",
       "standard,round_robin,8023ad,netif_backup"),
    _a("netaddr", "0", "Address to ping"),
    _a("num_retries", "3", "Times to retry ping before failing", "True", "2-100,1"),
    _a("retry_time", "1", "Wait time (in seconds) between pings", "True", "1-100,1"),
    _a("use_alt_addr", "no", "Enable Alternate EtherChannel Address", "True", YES_NO),
    _a("use_jumbo_frame", "no", "Enable Gigabit Ethernet Jumbo Frames", "True", YES_NO),
)  # fmt: skip
VLAN = (
    _a("base_adapter", "", "VLAN Base Adapter"),
    _a("vlan_priority", "0", "VLAN Priority", "True", "0-7,1"),
    _a("vlan_tag_id", "", "VLAN Tag ID", "True", "1-4094,1"),
)


# Source: the glvm white paper's lsattr listing of an RPV client (names, descriptions, io_timeout 180, True for all),
# and its lists of attributes of an RPV server.  Assumed: the server's descriptions, and auto_online y by default.
RPV_CLIENT = (
    _a("io_timeout", "180", "I/O Timeout Interval"),
    _a("local_addr", "", "Local IP Address"),
    _a("pvid", "none", "Physical Volume Identifier"),
    _a("server_addr", "none", "Server IP Address"),
)
RPV_SERVER = (
    _a("auto_online", "y", "Configure at System Boot", "True", "y,n"),
    _a("client_addr", "", "Client IP Address"),
    _a("rpvs_pvid", "", "Physical Volume Identifier"),
)


def _disk(subclass: str, type: str, description: str, attributes: Tuple[Attribute, ...], **more: str) -> Predefined:
    prefix = more.get("prefix", "hdisk")
    return Predefined(
        "disk", subclass, type, prefix, description, attributes, False, "chgdisk", more.get("node", "disk")
    )


def _adapter(
    type: str, prefix: str, description: str, attributes: Tuple[Attribute, ...] = (), **more: str
) -> Predefined:
    subclass = more.get("subclass", "pci")
    method = "chgent" if prefix == "ent" else "chggen"
    return Predefined("adapter", subclass, type, prefix, description, attributes, more.get("diag") == "+", method)


# Source: type and description strings of transcripts lsdev/03, 04, 05, 08, 09, 10, 12, 14, 15, 17, 20, 50, 53, 55,
# lscfg/01, 06, 14, prtconf/01, 03 (and their + or * mark), odmget/03; class/subclass/type of processors and LVs too.
# Assumed: subclass and type strings of the others, since no public listing gives them.
TYPES: Tuple[Predefined, ...] = (
    Predefined("sys", "node", "chrp", "sys", "System Object", SYS, True, "chggen"),
    Predefined("planar", "sys", "sysplanar_rspc", "sysplanar", "System Planar", (), True),
    Predefined("bus", "chrp", "vdevice", "vio", "Virtual I/O Bus"),
    Predefined("bus", "chrp", "pci", "pci", "PCI Bus"),
    Predefined("bus", "chrp", "pciex", "pci", "PCI Express Bus"),
    Predefined("processor", "sys", "proc_rspc", "proc", "Processor", PROC, True),
    Predefined("memory", "sys", "totmem", "mem", "Memory", MEM, True),
    Predefined("memory", "sys", "L2cache_rspc", "L2cache", "L2 Cache", (), True),
    Predefined("tty", "vcon", "vty", "vty", "Asynchronous Terminal"),
    Predefined("tape", "scsi", "4mm4gb", "rmt", "LVD SCSI 4mm Tape Drive"),
    Predefined("cdrom", "vscsi", "vopt", "cd", "Virtual SCSI Optical Served by VIO Server"),
    Predefined("rpvserver", "rpvserver", "rpvstype", "rpvserver", "Remote Physical Volume Server", RPV_SERVER),
    _disk("remote_disk", "rpvclient", "Remote Physical Volume Client", RPV_CLIENT),
    Predefined("driver", "iscsi", "iscsi_vdd", "iscsi", "iSCSI Protocol Device"),
    Predefined("driver", "efc", "efscsi", "fscsi", "FC SCSI I/O Controller Protocol Device", FSCSI),
    Predefined("driver", "npiv", "emfscsi", "fscsi", "FC SCSI I/O Controller Protocol Device", FSCSI),
    Predefined("storfwork", "vfc", "sfwcomm", "sfwcomm", "Fibre Channel Storage Framework Comm"),
    Predefined("tcpip", "TCPIP", "inet", "inet", "Internet Network Extension", INET, False, "chginet"),
    Predefined("if", "EN", "en", "en", "Standard Ethernet Network Interface", EN, False, "chgif"),
    Predefined("if", "EN", "ie3", "et", "IEEE 802.3 Ethernet Network Interface", EN, False, "chgif"),
    Predefined("if", "LO", "lo", "lo", "Loopback Network Interface", LO, False, "chgif"),
    _adapter("IBM,l-lan", "ent", "Virtual I/O Ethernet Adapter (l-lan)", L_LAN, subclass="vdevice"),
    _adapter("IBM,vfc-client", "fcs", "Virtual Fibre Channel Client Adapter", FCS, subclass="vdevice", diag="+"),
    _adapter("IBM,v-scsi", "vscsi", "Virtual SCSI Client Adapter", VSCSI, subclass="vdevice"),
    _adapter("IBM,lhea", "lhea", "Logical Host Ethernet Adapter (l-hea)", subclass="lhea"),
    _adapter("ethernet", "ent", "Logical Host Ethernet Port (lp-hea)", ETHERNET, subclass="lhea"),
    _adapter("hvterm1", "vsa", "LPAR Virtual Serial Adapter", subclass="vdevice"),
    _adapter("ibm_ech", "ent", "EtherChannel / IEEE 802.3ad Link Aggregation", ECH, subclass="pseudo"),
    _adapter("eth", "ent", "VLAN", VLAN, subclass="vlan"),
    _adapter("14101403", "ent", "Gigabit Ethernet-SX PCI-X Adapter (14101403)", ETHERNET),
    _adapter("14106703", "ent", "Gigabit Ethernet-SX PCI-X Adapter (14106703)", ETHERNET),
    _adapter("14108902", "ent", "2-Port 10/100/1000 Base-TX PCI-X Adapter (14108902)", ETHERNET),
    _adapter("22100020", "ent", "IBM PCI Ethernet Adapter (22100020)", ETHERNET),
    _adapter("23100020", "ent", "IBM 10/100 Mbps Ethernet PCI Adapter (23100020)", ETHERNET),
    _adapter("77103224", "fcs", "PCI Express 4Gb FC Adapter (77103224)", FCS, diag="+"),
    _adapter("df1000f114108a03", "fcs", "8Gb PCI Express Dual Port FC Adapter (df1000f114108a03)", FCS, diag="+"),
    _adapter("14108d02", "sisioa", "PCI-XDDR Dual Channel SAS RAID Adapter"),
    _adapter("1410c102", "sissas", "PCI-X266 Planar 3Gb SAS Adapter"),
    _adapter("00105000", "mptsas", "SAS Expansion Card (00105000)"),
    _adapter("02105e51", "ati", "Native Display Graphics Adapter"),
    _adapter("22106474", "usbhc", "USB Host Controller (22106474)"),
    _adapter("33103500", "usbhc", "USB Host Controller (33103500)"),
    _adapter("3310e000", "usbhc", "USB Enhanced Host Controller (3310e000)"),
    _adapter("pnp501", "sa", "Standard I/O Serial Port", subclass="isa_sio"),
    _adapter("4f111100", "sa", "IBM 8-Port EIA-232/RS-422A (PCI) Adapter"),
    _adapter("kma_chrp", "siokma", "Keyboard/Mouse Adapter", subclass="isa_sio"),
    _adapter("keyboard", "sioka", "Keyboard Adapter", subclass="kma_chrp"),
    _adapter("mouse", "sioma", "Mouse Adapter", subclass="kma_chrp"),
    _adapter("pnp700", "fda", "Standard I/O Diskette Adapter", subclass="isa_sio"),
    _adapter("pnp400", "ppa", "Standard I/O Parallel Port Adapter", subclass="isa_sio"),
    _adapter("ncr825", "scsi", "Wide SCSI I/O Controller"),
    _adapter("sym875", "scsi", "Wide/Fast-20 SCSI I/O Controller"),
    _disk("fcp", "2107", "MPIO IBM 2107 FC Disk", AIXPCM),
    _disk("fcp", "aixmpiosvc", "MPIO IBM 2145 FC Disk", AIXPCM),
    _disk("fcp", "mpioosdisk", "MPIO Other FC SCSI Disk Drive", AIXPCM),
    _disk("fcp", "2145", "MPIO FC 2145", SDDPCM),
    _disk("fcp", "mpioapdisk", "MPIO Other DS4K Array Disk", AIXPCM),
    _disk("fcp", "osdisk", "Other FC SCSI Disk Drive", AIXPCM),
    _disk("vscsi", "vdisk", "Virtual SCSI Disk Drive", VDISK),
    _disk("sas", "scsd", "SAS Disk Drive", SAS),
    _disk("scsi", "scsd", "16 Bit LVD SCSI Disk Drive", SAS, node="sd"),
    _disk("scsi", "osdisk", "Other SCSI Disk Drive", SAS, node="sd"),
    _disk("iscsi", "osdisk", "Other iSCSI Disk Drive", ISCSI),
    _disk("power", "power", "Power MPIO Disk", POWER, prefix="hdiskpower"),
    Predefined("logical_volume", "vgsubclass", "vgtype", "vg", "Volume group"),
    Predefined("logical_volume", "lvsubclass", "lvtype", "lv", "Logical volume"),
)

_BY_KEY: Dict[Tuple[str, str, str], Predefined] = {(row.cls, row.subclass, row.type): row for row in TYPES}


def find(cls: str, subclass: str, type: str) -> Predefined:
    """The row of this type; a type that is not in the table has no description and no attributes of its own."""
    row = _BY_KEY.get((cls, subclass, type))
    if row is not None:
        return row
    method = "chgdisk" if cls == "disk" else "chggen"
    return Predefined(cls, subclass, type, "hdisk" if cls == "disk" else type, "N/A", (), False, method)


def find_type(cls: str, type: str) -> Predefined:
    """The first row of this class and type, whatever its subclass.  KeyError when there is none."""
    for row in TYPES:
        if (row.cls, row.type) == (cls, type):
            return row
    raise KeyError(f"{cls}/*/{type}")


def at_level(row: Predefined, level: Level) -> List[Attribute]:
    """The attributes that this AIX level has, as ``lsattr`` lists them: in ASCII order, in 4.3 in table order."""
    present = [attribute for attribute in row.attributes if attribute.since <= level]
    if level < (5, 0, 0):
        return [a._replace(description="N/A") if a.name in NO_TEXT_IN_43 else a for a in present]
    return sorted(present)


def parse_level(oslevel: str) -> Level:
    """7200-05-03-2148 -> (7, 2, 5); 4320-00 -> (4, 3, 2)."""
    base, _, rest = oslevel.partition("-")
    major, minor = int(base[0]), int(base[1])
    return (major, minor, int(rest[:2] or 0) if major > 4 else int(base[2]))


def allowed(attribute: Attribute, value: str) -> bool:
    """Whether PdAt's value list or range admits the value."""
    if not attribute.values:
        return True
    bounds = _range(attribute)
    if bounds is None:
        return value in attribute.values.split(",")
    low, high, step = bounds
    try:
        number = int(value, 0)
    except ValueError:
        return False
    return low <= number <= high and (number - low) % step == 0


def allowed_text(attribute: Attribute) -> List[str]:
    """What ``lsattr -R`` prints: a value per line, or ``low...high (+step)``.

    Source: boot-and-devices.md section 5 (lsattr manual).
    """
    if not attribute.values:
        return []
    bounds = _range(attribute)
    if bounds is None:
        return attribute.values.split(",")
    return ["{}...{} (+{})".format(*bounds)]


def _range(attribute: Attribute) -> Optional[Tuple[int, int, int]]:
    span, _, step = attribute.values.partition(",")
    low, dash, high = span.partition("-")
    if dash and low.isdigit() and high.isdigit():
        return (int(low), int(high), int(step or 1))
    return None
