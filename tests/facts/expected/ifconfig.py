"""InterfaceState(name, flag words, flags, metric, inet, inet6, options); inet: address, mask, prefix, broadcast."""

from __future__ import annotations

from typing import Any, Dict

_COMMON = ("UP", "BROADCAST", "NOTRAILERS", "RUNNING", "SIMPLEX", "MULTICAST", "GROUPRT", "64BIT")
_EN = (*_COMMON, "CHECKSUM_OFFLOAD(ACTIVE)", "CHAIN")
_LO = ("UP", "BROADCAST", "LOOPBACK", "RUNNING", "SIMPLEX", "MULTICAST", "GROUPRT", "64BIT")
_LO_CHAIN = (*_LO, "LARGESEND", "CHAIN")
_BUFFERS = (("tcp_sendspace", 262144), ("tcp_recvspace", 262144), ("rfc1323", 1))
_LO_BUFFERS = (("tcp_sendspace", 131072), ("tcp_recvspace", 131072), ("rfc1323", 1))
_LO_INET = ("127.0.0.1", "255.0.0.0", 8, "127.255.255.255", None)

EXPECTED: Dict[str, Any] = {
    "01-a-three-addresses-on-en0": (
        (
            "en0",
            ("1e080863", "480"),
            _EN,
            1,
            (
                ("172.29.174.58", "255.255.192.0", 18, "172.29.191.255", None),
                ("172.29.174.59", None, None, "172.29.191.255", None),
                ("172.29.174.60", "255.255.192.0", 18, "172.29.191.255", None),
            ),
            ("::1%1/0",),
            _BUFFERS,
        ),
        (
            "en1",
            ("1e084863", "480"),
            _EN,
            None,
            (("172.31.10.211", "255.255.252.0", 22, "172.31.11.255", None),),
            (),
            _BUFFERS,
        ),
        ("lo0", ("e08084b", "c0"), _LO_CHAIN, None, (_LO_INET,), ("::1%1/0",), _LO_BUFFERS),
    ),
    "03-a-en0-lo0": (
        (
            "en0",
            ("1e080863", "480"),
            _EN,
            None,
            (("10.16.77.22", "255.255.255.0", 24, "10.16.77.255", None),),
            (),
            _BUFFERS,
        ),
        ("lo0", ("e08084b",), _LO, None, (_LO_INET,), ("::1/0",), _LO_BUFFERS),
    ),
    "04-lo0": (("lo0", ("e08084b",), _LO, None, (_LO_INET,), ("::1/0",), _LO_BUFFERS),),
    "06-en0-zero-address": (
        (
            "en0",
            ("1e080863", "480"),
            _EN,
            None,
            (("0.0.0.0", "255.255.255.0", 24, "0.0.0.0", None),),
            (),
            _BUFFERS,
        ),
    ),
    "07-a-aix7": (
        (
            "en0",
            ("1e080863", "480"),
            _EN,
            None,
            (("10.16.45.25", "255.255.255.0", 24, "10.16.45.255", None),),
            (),
            _BUFFERS,
        ),
    ),
    "09-a-two-subnets": (
        (
            "en0",
            ("1e084863", "480"),
            _EN,
            None,
            (("10.32.50.136", "255.255.255.0", 24, "10.32.50.255", None),),
            (),
            _BUFFERS,
        ),
        (
            "en1",
            ("1e084863", "480"),
            _EN,
            None,
            (("10.32.51.136", "255.255.255.0", 24, "10.32.51.255", None),),
            (),
            _BUFFERS,
        ),
        ("lo0", ("e08084b", "c0"), _LO_CHAIN, None, (_LO_INET,), ("::1%1/0",), _LO_BUFFERS),
    ),
    "10-a-service-alias-order": (
        (
            "en0",
            ("1e084863", "104c0"),
            (*_COMMON, "CHECKSUM_OFFLOAD(ACTIVE)", "LARGESEND", "CHAIN"),
            None,
            (
                ("10.10.10.102", "255.255.255.0", 24, "10.10.10.255", None),
                ("10.10.10.101", "255.255.255.0", 24, "10.10.10.255", None),
            ),
            (),
            _BUFFERS,
        ),
        ("lo0", ("e08084b", "c0"), _LO_CHAIN, None, (_LO_INET,), (), _LO_BUFFERS),
    ),
    "12-l-names-61": ("en0", "en1", "lo0"),
}
