"""Niminfo(rows); None when there is no file."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-client-full-file": (
        (
            ("NIM_NAME", "rn12402pl"),
            ("NIM_HOSTNAME", "rn12402pl.itc.testlab.intranet"),
            ("NIM_CONFIGURATION", "standalone"),
            ("NIM_MASTER_HOSTNAME", "rn100pgpl.itc.testlab.intranet"),
            ("NIM_MASTER_PORT", "1058"),
            ("NIM_REGISTRATION_PORT", "1059"),
            ("NIM_SHELL", "nimsh"),
            ("NIM_MASTERID", "00F62C634C00"),
            ("NIM_FIPS_MODE", "0"),
            ("NIM_BOS_IMAGE", "/SPOT/usr/sys/inst.images/installp/ppc/bos"),
            ("NIM_BOS_FORMAT", "rte"),
            (
                "NIM_HOSTS",
                "127.0.0.1:loopback:localhost  172.27.8.43:rn12402pl.itc.testlab.intranet  "
                "172.27.8.18:rn100pgpl.itc.testlab.intranet",
            ),
            ("NIM_MOUNTS", ""),
            ("ROUTES", "default:0:172.27.8.1"),
        ),
    ),
    "01-standalone-client": (
        (
            ("NIM_NAME", "rn12402pl"),
            ("NIM_HOSTNAME", "rn12402pl.itc.testlab.intranet"),
            ("NIM_CONFIGURATION", "standalone"),
            ("NIM_MASTER_HOSTNAME", "rn100pgpl.itc.testlab.intranet"),
            ("NIM_MASTER_PORT", "1058"),
            ("NIM_REGISTRATION_PORT", "1059"),
            ("NIM_SHELL", "nimsh"),
            ("NIM_MASTERID", "00F62C634C00"),
            ("NIM_FIPS_MODE", "0"),
            ("NIM_BOS_IMAGE", "/SPOT/usr/sys/inst.images/installp/ppc/bos"),
            ("NIM_BOS_FORMAT", "rte"),
            (
                "NIM_HOSTS",
                "127.0.0.1:loopback:localhost  172.27.8.43:rn12402pl.itc.testlab.intranet  "
                "172.27.8.18:rn100pgpl.itc.testlab.intranet",
            ),
            ("NIM_MOUNTS", ""),
            ("ROUTES", "default:0:172.27.8.1"),
        ),
    ),
    "03-absent": None,
}
