"""LogEntry(identifier, timestamp, type, class, resource, description); LogDetail for -a."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-lvm-disk-lost": (("F7DDA124", "1209160521", "U", "H", "LVDD", "PHYSICAL VOLUME DECLARED MISSING"),),
    "01-short-opmsg": (
        ("AA8AB241", "0827012720", "T", "O", "OPERATOR", "OPERATOR NOTIFICATION"),
        ("AA8AB241", "0827012620", "T", "O", "OPERATOR", "OPERATOR NOTIFICATION"),
        ("AA8AB241", "0827012520", "T", "O", "OPERATOR", "OPERATOR NOTIFICATION"),
        ("AA8AB241", "0827012420", "T", "O", "OPERATOR", "OPERATOR NOTIFICATION"),
        ("BFE4C025", "0827005720", "P", "H", "sysplanar0", "UNDETERMINED ERROR"),
        ("BFE4C025", "0827005720", "P", "H", "sysplanar0", "UNDETERMINED ERROR"),
        ("DE84C4DB", "0827005620", "I", "O", "ConfigRM", "IBM.ConfigRM daemon has started."),
        ("A6DF45AA", "0827005620", "I", "O", "RMCdaemon", "The daemon is started."),
        ("AA8AB241", "0827005620", "T", "O", "OPERATOR", "OPERATOR NOTIFICATION"),
    ),
    "02-short-after-reboot": (
        ("EDFF8E9B", "0719113224", "I", "O", "StorageRM", "IBM.StorageRM daemon has started."),
        ("3B16518D", "0719113224", "I", "S", "ConfigRM", "The node is online in the domain indicat"),
        ("4BDDFBCC", "0719113224", "I", "S", "ConfigRM", "The operational quorum state of the acti"),
        ("DE84C4DB", "0719113124", "I", "O", "ConfigRM", "IBM.ConfigRM daemon has started."),
        ("A6DF45AA", "0719113124", "I", "O", "RMCdaemon", "The daemon is started."),
        ("BC3BE5A3", "0719113124", "P", "S", "SRC", "SOFTWARE PROGRAM ERROR"),
        ("AFA89905", "0719113124", "I", "O", "cthags", "Group Services daemon started"),
        ("2BFA76F6", "0719113024", "T", "S", "SYSPROC", "SYSTEM SHUTDOWN BY USER"),
        ("9DBCFDEE", "0719113124", "T", "O", "errdemon", "ERROR LOGGING TURNED ON"),
        ("AA8AB241", "0719104824", "T", "O", "OPERATOR", "OPERATOR NOTIFICATION"),
    ),
    "03-reservation-conflict": (
        ("B0EE9AF5", "0305153125", "T", "S", "hdisk#", "REQUESTED OPERATION CANNOT BE PERFORMED"),
    ),
    "04-short-lpm-pmig": (
        ("A5E6DB96", "0518141620", "I", "S", "pmig", "Client Partition Migration Completed"),
        ("08917DC6", "0518141520", "I", "S", "pmig", "Client Partition Migration Started"),
        ("0873CF9F", "0420175221", "T", "S", "pts/5", "TTYHOG OVER-RUN"),
        ("AA8AB241", "0419210621", "T", "O", "OPERATOR", "OPERATOR NOTIFICATION"),
        ("D1E21BA3", "0424165621", "I", "S", "errdemon", "LOG FILE EXPANDED TO REQUESTED SIZE"),
    ),
    "07-short-partid-change": (("60AFC9E5", "0405132517", "I", "O", "sys0", "Partition ID changed since last boot."),),
    "08-short-init-respawning": (("3A30359F", "1030230010", "T", "S", "init", "SOFTWARE PROGRAM ERROR"),),
    "10-short-error-logging-cycle": (
        ("9DBCFDEE", "0109034400", "T", "O", "errdemon", "ERROR LOGGING TURNED ON"),
        ("192AC071", "0109034300", "T", "O", "errdemon", "ERROR LOGGING TURNED OFF"),
        ("C092AFE4", "0109033500", "I", "O", "ctcasd", "ctcasd Daemon Started"),
        ("A6DF45AA", "0109033500", "I", "O", "RMCdaemon", "The daemon is started."),
        ("9DBCFDEE", "0109033400", "T", "O", "errdemon", "ERROR LOGGING TURNED ON"),
    ),
    "06-detail-partid-change": (
        (
            "PARTID_CHANGE",
            "60AFC9E5",
            (
                ("LABEL", "PARTID_CHANGE"),
                ("IDENTIFIER", "60AFC9E5"),
                ("Date/Time", "Wed Apr  5 13:25:53 EET 2017"),
                ("Sequence Number", "81372"),
                ("Machine Id", "000157F5B16"),
                ("Node Id", "lpar1"),
                ("Class", "O"),
                ("Type", "INFO"),
                ("WPAR", "Global"),
                ("Resource Name", "sys0"),
            ),
            (("Description", ("Partition ID changed since last boot.",)),),
        ),
    ),
}
