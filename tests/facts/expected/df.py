"""Table(unit, rows) of Space(filesystem, blocks, used, free, used %, inodes, inodes %, mounted on)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "02-opt-Pk-lpar-with-wpars": (
        "1024",
        (
            ("/dev/hd4", "2097152", "219796", "1877356", 11, None, None, "/"),
            ("/dev/hd2", "5242880", "2416828", "2826052", 47, None, None, "/usr"),
            ("/dev/hd9var", "5242880", "395540", "4847340", 8, None, None, "/var"),
            ("/dev/hd3", "5242880", "1539508", "3703372", 30, None, None, "/tmp"),
            ("/dev/hd1", "10485760", "1972", "10483788", 1, None, None, "/home"),
            ("/dev/hd11admin", "131072", "380", "130692", 1, None, None, "/admin"),
            ("/proc", None, None, None, None, None, None, "/proc"),
            ("/dev/hd10opt", "5242880", "1286720", "3956160", 25, None, None, "/opt"),
            ("/dev/livedump", "262144", "368", "261776", 1, None, None, "/var/adm/ras/livedump"),
            ("/dev/fslv00", "524288", "45076", "479212", 9, None, None, "/wpars/sink-thinker-541ba3"),
            ("/dev/fslv01", "2097152", "8956", "2088196", 1, None, None, "/wpars/sink-thinker-541ba3/home"),
            ("/dev/fslv02", "5242880", "1307352", "3935528", 25, None, None, "/wpars/sink-thinker-541ba3/opt"),
            ("/proc", None, None, None, None, None, None, "/wpars/sink-thinker-541ba3/proc"),
            ("/dev/fslv03", "1048576", "168840", "879736", 17, None, None, "/wpars/sink-thinker-541ba3/tmp"),
            ("/dev/fslv04", "5242880", "2725040", "2517840", 52, None, None, "/wpars/sink-thinker-541ba3/usr"),
            ("/dev/fslv05", "524288", "76000", "448288", 15, None, None, "/wpars/sink-thinker-541ba3/var"),
            ("/dev/fslv07", "10485760", "130872", "10354888", 2, None, None, "/wpars/toolchain-tester-5c969f"),
            ("/dev/fslv08", "5242880", "39572", "5203308", 1, None, None, "/wpars/toolchain-tester-5c969f/home"),
            ("/dev/fslv09", "5242880", "1477164", "3765716", 29, None, None, "/wpars/toolchain-tester-5c969f/opt"),
            ("/proc", None, None, None, None, None, None, "/wpars/toolchain-tester-5c969f/proc"),
            ("/dev/fslv10", "5242880", "42884", "5199996", 1, None, None, "/wpars/toolchain-tester-5c969f/tmp"),
            ("/dev/fslv11", "5242880", "2725048", "2517832", 52, None, None, "/wpars/toolchain-tester-5c969f/usr"),
            ("/dev/fslv12", "10485760", "272376", "10213384", 3, None, None, "/wpars/toolchain-tester-5c969f/var"),
        ),
    ),
    "04-opt-g-before-grow": (
        "GB",
        (
            ("/dev/hd4", "0.25", None, "0.07", 74, 10612, 40, "/"),
            ("/dev/hd2", "2.25", None, "0.04", 99, 49260, 80, "/usr"),
            ("/dev/hd9var", "0.50", None, "0.19", 63, 8223, 16, "/var"),
            ("/dev/hd3", "10.00", None, "9.53", 5, 748, 1, "/tmp"),
            ("/dev/hd1", "0.12", None, "0.12", 1, 5, 1, "/home"),
            ("/dev/hd11admin", "0.12", None, "0.12", 1, 5, 1, "/admin"),
            ("/proc", None, None, None, None, None, None, "/proc"),
            ("/dev/hd10opt", "0.50", None, "0.26", 48, 8748, 13, "/opt"),
            ("/dev/livedump", "0.25", None, "0.25", 1, 4, 1, "/var/adm/ras/livedump"),
            ("/dev/oralv", "3.00", None, "3.00", 1, 4, 1, "/oracle"),
        ),
    ),
    "06-512-blocks-with-ahafs": (
        "512",
        (
            ("/dev/hd4", "1966080", None, "559552", 72, 4107, 7, "/"),
            ("/dev/hd2", "27394048", None, "13732104", 50, 49625, 4, "/usr"),
            ("/dev/hd9var", "3145728", None, "2580088", 18, 1340, 1, "/var"),
            ("/dev/hd3", "655360", None, "557760", 15, 675, 2, "/tmp"),
            ("/dev/hd1", "131072", None, "130312", 1, 9, 1, "/home"),
            ("/dev/hd11admin", "262144", None, "261416", 1, 5, 1, "/admin"),
            ("/proc", None, None, None, None, None, None, "/proc"),
            ("/dev/hd10opt", "2621440", None, "1050416", 60, 10048, 8, "/opt"),
            ("/dev/livedump", "524288", None, "523552", 1, 4, 1, "/var/adm/ras/livedump"),
            ("/ahafs", None, None, None, None, 35, 1, "/aha"),
            ("/dev/testlv", "163840", None, "163152", 1, 4, 1, "/tmp/testfs"),
        ),
    ),
}
