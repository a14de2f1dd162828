"""Mount(node, mounted, over, vfs, date, options); messages of a mount that failed."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "02-with-autofs-and-nfs-no-options": (
        ("", "/dev/hd4", "/", "jfs2", "Nov 29 11:22", ("rw", "log=/dev/hd8")),
        ("", "/dev/hd2", "/usr", "jfs2", "Nov 29 11:22", ("rw", "log=/dev/hd8")),
        ("", "/dev/hd9var", "/var", "jfs2", "Nov 29 11:22", ("rw", "log=/dev/hd8")),
        ("", "/dev/hd3", "/tmp", "jfs2", "Nov 29 11:23", ("rw", "log=/dev/hd8")),
        ("", "/dev/hd1", "/home", "jfs2", "Nov 29 11:23", ("rw", "log=/dev/hd8")),
        ("", "/proc", "/proc", "procfs", "Nov 29 11:23", ("rw",)),
        ("", "/dev/hd10opt", "/opt", "jfs2", "Nov 29 11:23", ("rw", "log=/dev/hd8")),
        ("", "/dev/lv_logs", "/logs", "jfs2", "Nov 29 11:23", ("rw", "log=/dev/hd8")),
        ("", "/dev/lv_moteurs", "/moteurs", "jfs2", "Nov 29 11:23", ("rw", "log=/dev/hd8")),
        ("", "-hosts", "/net", "autofs", "Nov 29 11:23", ("nosuid", "vers=3", "rw", "nobrowse", "ignore")),
        ("x64lmwbief4", "/install/outils", "/mnt", "nfs3", "Dec 07 11:53", ()),
    ),
    "03-lpar-with-nfs": (
        ("", "/dev/hd4", "/", "jfs2", "Jul 17 13:22", ("rw", "log=/dev/hd8")),
        ("", "/dev/hd2", "/usr", "jfs2", "Jul 17 13:22", ("rw", "log=/dev/hd8")),
        ("", "/dev/hd9var", "/var", "jfs2", "Jul 17 13:22", ("rw", "log=/dev/hd8")),
        ("", "/dev/hd3", "/tmp", "jfs2", "Jul 17 13:22", ("rw", "log=/dev/hd8")),
        ("", "/dev/hd1", "/home", "jfs2", "Jul 17 13:22", ("rw", "log=/dev/hd8")),
        ("", "/dev/hd11admin", "/admin", "jfs2", "Jul 17 13:22", ("rw", "log=/dev/hd8")),
        ("", "/proc", "/proc", "procfs", "Jul 17 13:22", ("rw",)),
        ("", "/dev/hd10opt", "/opt", "jfs2", "Jul 17 13:22", ("rw", "log=/dev/hd8")),
        (
            "192.168.1.11",
            "/stage/middleware1",
            "/stage/middleware2",
            "nfs3",
            "Jul 17 13:24",
            ("ro", "bg", "hard", "intr", "sec=sys"),
        ),
    ),
    "05-jfs2-dirty-0506-324-342": (
        ("", "Replaying log for /dev/fslv00."),
        (
            "0506-324",
            "mount: 0506-324 Cannot mount /dev/fslv00 on /u2: The media is not formatted or the format is not correct.",
        ),
        ("0506-342", "0506-342 The superblock on /dev/fslv00 is dirty. Run a full fsck to fix."),
    ),
    "07-nested-mount-point-missing": (
        (
            "0506-324",
            "mount: 0506-324 Cannot mount /dev/orhomelv on /oracle/home: A file or directory in the path name does not "
            "exist.",
        ),
    ),
    "08-guarded-0506-365": (
        ("", "mount: /dev/bkoraarchlv on /bk/d01/app/oracle"),
        (
            "0506-365",
            "0506-365 Cannot mount guarded filesystem. The filesystem is potentially mounted on another node.",
        ),
    ),
    "09-log-null-0506-323": (("0506-323", "mount: 0506-323 Cannot get information about log device NULL."),),
}
