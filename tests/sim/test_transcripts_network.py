"""Network and services: every transcript of these commands is reproduced byte for byte, or listed with its reason.

Worlds are in worlds/network.py and worlds/network.json; they hold state.  Where the transcript is a grep, an excerpt
of rows or one section of a longer output, ``pick`` does the same to the simulator's output.
"""

from __future__ import annotations

import copy
import os
import tempfile
from functools import partial
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import pytest

from drboot.sim.command import Context, run
from drboot.sim.world import World, new_route
from tests.sim.replay import Case, account, check, counted, grep, head
from tests.sim.worlds import network as w

COMMANDS = (
    "mktcpip", "ifconfig", "netstat", "route", "entstat", "arp", "ping", "no", "lsitab", "inittab", "lssrc", "startsrc",
    "stopsrc", "mkssys", "errpt", "crontab", "niminfo", "nim", "nimsh", "lsnim", "traceroute", "ps", "uptime", "lsrsrc",
    "rmcdomainstatus", "recfgct", "lspartition", "smtctl", "boot-console", "mkvdev", "powermt", "vxdg", "vxdisk",
    "cleandisk",
)  # fmt: skip

IFCONFIG, NETSTAT, LSATTR = "/usr/sbin/ifconfig", "/usr/bin/netstat", "/usr/sbin/lsattr"
LSSRC, STARTSRC, STOPSRC = "/usr/bin/lssrc", "/usr/bin/startsrc", "/usr/bin/stopsrc"
ERRPT, ENTSTAT, LSITAB = "/usr/bin/errpt", "/usr/bin/entstat", "/usr/sbin/lsitab"


class Session(NamedTuple):
    """Several commands, one after the other on one machine, or one whose output depends on its environment."""

    transcript: str
    world: Callable[[], World]
    commands: Sequence[Sequence[str]]
    also: Sequence[Tuple[Sequence[str], str]] = ()
    root: Optional[Dict[str, str]] = None
    env: Optional[Dict[str, str]] = None

    def replay(self) -> str:
        world, text = self.world(), ""
        with tempfile.TemporaryDirectory() as directory:
            for path, content in (self.root or {}).items():
                Context(world, directory).write(path, content)
            for argv in self.commands:
                result = run(Context(world, directory, env=self.env), argv[0], list(argv[1:]))
                text += result.out + result.err
        return text


def after(lines: int) -> Callable[[str], str]:
    """What follows the first lines."""
    return lambda text: "".join(text.splitlines(keepends=True)[lines:])


def rows(text: str) -> str:
    """The IPv4 rows of netstat -rn alone."""
    return text.split("(Internet):\n")[1].split("\n\n")[0] + "\n"


def jobs(text: str) -> str:
    """A crontab without its comments."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


# ---------------------------------------------------------------- interfaces

CHAIN = "UP,BROADCAST,NOTRAILERS,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,CHECKSUM_OFFLOAD(ACTIVE)"
EN_FACTER = f"1e080863,480<{CHAIN},CHAIN>"
LO_FACTER = "e08084b<UP,BROADCAST,LOOPBACK,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT>"
LO = ("127.0.0.1", "255.0.0.0", "127.255.255.255")
lo0 = partial(w.interface, "lo0", LO, mtu=16896)


def ohai() -> World:
    en0 = w.interface(
        "en0",
        ("172.29.174.58", "255.255.192.0", "172.29.191.255"),
        ("172.29.174.59", "", "172.29.191.255"),
        ("172.29.174.60", "255.255.192.0", "172.29.191.255"),
        flags=EN_FACTER + " metric 1",
        inet6=["::1%1/0"],
        tail="     tcp_sendspace 262144 tcp_recvspace 262144 rfc1323 1",
        mac="6e8740000403",
    )
    en1 = w.interface("en1", ("172.31.10.211", "255.255.252.0", "172.31.11.255"), link=3, mac="6e8740000404")
    return w.host(en0, en1, lo0(inet6=["::1%1/0"]))


def one_interface(address: str, broadcast: str, lo: bool = False) -> World:
    en0 = w.interface("en0", (address, "255.255.255.0", broadcast), flags=EN_FACTER, mac="0ac624394103")
    return w.host(en0, *([lo0(flags=LO_FACTER, inet6=["::1/0"])] if lo else []))


def two_subnets() -> World:
    return w.host(
        w.interface("en0", ("10.32.50.136", "255.255.255.0", "10.32.50.255"), mac="0ac624394103"),
        w.interface("en1", ("10.32.51.136", "255.255.255.0", "10.32.51.255"), link=3, mac="0ac624394104"),
        lo0(inet6=["::1%1/0"]),
    )


def service_alias() -> World:
    return w.host(
        w.interface(
            "en0",
            ("10.10.10.102", "255.255.255.0", "10.10.10.255"),
            ("10.10.10.101", "255.255.255.0", "10.10.10.255"),
            flags=f"1e084863,104c0<{CHAIN},LARGESEND,CHAIN>",
            mac="1ad85f872615",
        ),
        lo0(),
    )


def unconfigured(interface: str) -> World:
    """A machine that has never been given an address on this interface."""
    world = w.host(w.interface(interface, link=3, mac="0ac624394103", up=False), lo0())
    del world["kernel"]["interfaces"][interface]
    world["odm"]["attributes"][interface] = {}
    return world


def shown_by_mktcpip() -> World:
    en0 = w.interface("en0", ("192.168.0.1", "255.255.255.0", "192.168.0.255"), mac="0ac624394103")
    world = w.host(en0, lo0(), hostname="syslab18", mktcpip_columns="old")
    world["odm"]["attributes"]["inet0"]["route"] = ["net,-hopcount,0,,0,10.4.30.1"]
    return world


NETADDR = (LSATTR, "-El", "en0", "-a", "netaddr", "-F", "value")
NETMASK = (LSATTR, "-El", "en0", "-a", "netmask", "-F", "value")
NAMES = (IFCONFIG, "-l")
HWADDR = (ENTSTAT, "-d", "en0")

INTERFACES: List[Case] = [
    Case(
        "mktcpip/01-ok-en1",
        partial(unconfigured, "en1"),
        ("/usr/sbin/mktcpip", "-h", "host1.sub.domain.example.net", "-a", "192.0.2.150", "-i", "en1"),
        also=((NAMES, "lo0"), ((LSATTR, "-El", "en1", "-a", "netaddr", "-F", "value"), "")),
    ),
    Case(
        "mktcpip/01-ok-h-a-i",
        partial(unconfigured, "en1"),
        ("/usr/sbin/mktcpip", "-h", "quimby01.lab.dr.example.test", "-a", "192.0.2.150", "-i", "en1"),
        also=((NAMES, "lo0"), ((LSATTR, "-El", "en1", "-a", "state", "-F", "value"), "down")),
    ),
    Case(
        "mktcpip/03-S-show-old-level",
        shown_by_mktcpip,
        ("/usr/sbin/mktcpip", "-S", "en0"),
        root={"/etc/resolv.conf": "nameserver\t10.4.2.12\ndomain\tlab1.dr.example.com\n"},
        also=(
            (NETADDR, "192.168.0.1"),
            (("/usr/bin/hostname",), "syslab18"),
            (("/usr/sbin/namerslv", "-s", "-n"), "domain lab1.dr.example.com"),
        ),
    ),
    Case(
        "ifconfig/01-a-three-addresses-on-en0",
        ohai,
        (IFCONFIG, "-a"),
        also=((NETADDR, "172.29.174.58"), ((IFCONFIG, "-l"), "en0 en1 lo0")),
    ),
    Case(
        "ifconfig/03-a-en0-lo0",
        partial(one_interface, "10.16.77.22", "10.16.77.255", lo=True),
        (IFCONFIG, "-a"),
        also=((NETADDR, "10.16.77.22"), (NAMES, "en0 lo0"), (HWADDR, "Hardware Address: 0a:c6:24:39:41:03")),
    ),
    Case(
        "ifconfig/04-lo0",
        partial(one_interface, "10.16.77.22", "10.16.77.255", lo=True),
        (IFCONFIG, "lo0"),
        also=(
            (NAMES, "en0 lo0"),
            ((NETSTAT, "-in"), "lo0   16896 127         127.0.0.1               0     0        0     0     0"),
        ),
    ),
    Case(
        "ifconfig/06-en0-zero-address",
        partial(one_interface, "0.0.0.0", "0.0.0.0"),
        (IFCONFIG, "-a"),
        also=((NETADDR, "0.0.0.0"), (NAMES, "en0")),
    ),
    Case(
        "ifconfig/07-a-aix7",
        partial(one_interface, "10.16.45.25", "10.16.45.255"),
        (IFCONFIG, "-a"),
        also=((NETADDR, "10.16.45.25"), (NETMASK, "255.255.255.0")),
    ),
    Case(
        "ifconfig/09-a-two-subnets",
        two_subnets,
        (IFCONFIG, "-a"),
        also=((NETADDR, "10.32.50.136"), (NAMES, "en0 en1 lo0")),
    ),
    Case(
        "ifconfig/10-a-service-alias-order",
        service_alias,
        (IFCONFIG, "-a"),
        also=(
            (NETADDR, "10.10.10.102"),
            ((LSATTR, "-El", "en0", "-a", "alias4", "-F", "value"), "10.10.10.101,255.255.255.0"),
        ),
    ),
    Case(
        "ifconfig/12-l-names-61",
        two_subnets,
        (IFCONFIG, "-l"),
        also=((NETADDR, "10.32.50.136"), (HWADDR, "Hardware Address: 0a:c6:24:39:41:03")),
    ),
    Case(
        "netstat/01-in-basic",
        partial(w.interfaces_of, "netstat/01-in-basic"),
        (NETSTAT, "-in"),
        also=((NETADDR, "10.32.77.30"), (NAMES, "en0 lo0"), (HWADDR, "Hardware Address: 0a:c6:24:39:41:03")),
    ),
    Case(
        "netstat/03-in-interface-down-star",
        partial(w.interfaces_of, "netstat/03-in-interface-down-star"),
        (NETSTAT, "-in"),
        also=((NETADDR, "10.16.78.58"), ((IFCONFIG, "-a", "-u", "-l"), "en0")),
    ),
    Case(
        "netstat/15-in-alias-same-subnet",
        partial(w.interfaces_of, "netstat/15-in-alias-same-subnet"),
        (NETSTAT, "-in"),
        also=((NETADDR, "10.10.10.102"), (HWADDR, "Hardware Address: 1a:d8:5f:87:26:15")),
    ),
    Case(
        "netstat/16-in-alias-after-reorder",
        partial(w.interfaces_of, "netstat/16-in-alias-after-reorder"),
        (NETSTAT, "-in"),
        also=((NETADDR, "10.10.10.101"), (NAMES, "en0 lo0")),
    ),
    Case(
        "netstat/22-ni-ipv6-only",
        partial(w.interfaces_of, "netstat/22-ni-ipv6-only", netstat_interface_width="29"),
        (NETSTAT, "-ni"),
        also=((NAMES, "en1 en0 lo0"), (HWADDR, "Hardware Address: 00:04:ac:17:b4:11")),
    ),
    Case(
        "netstat/24-idn-aix73-drop-column",
        partial(w.interfaces_of, "netstat/24-idn-aix73-drop-column"),
        (NETSTAT, "-idn"),
        also=((NETADDR, "192.168.242.122"), (NAMES, "en0 lo0")),
    ),
]

# ---------------------------------------------------------------- routes


def nodes() -> World:
    world = w.host(w.interface("en0", ("10.9.53.129", "255.255.255.0", "10.9.53.255"), mac="0ac624394103"), lo0())
    world["firmware"]["site"] = "home"
    world["san"]["networks"]["home/1"] = [
        {"address": "10.9.53.130", "mac": "0ac624394104", "answers": True, "services": []}
    ]
    return world


def ohai_default() -> World:
    world = ohai()
    world["kernel"]["boot_epoch"], world["settings"]["fixed_time"] = 1.6e9 - 79, 1.6e9
    world["kernel"]["routes"] = [new_route("default", "172.29.128.13", "en0")]
    world["odm"]["attributes"]["inet0"] = {"route": ["net,-hopcount,0,,0,172.29.128.13"]}
    return world


def ohai_arp() -> World:
    world = ohai_default()
    world["kernel"]["arp"] = [
        ["172.29.128.13", "60735c694244"],
        ["172.29.132.253", "3440b5a5d72a"],
        ["172.29.132.250", "3440b5a5d71e"],
        ["172.29.131.16", "6e8770004003"],
        ["10.153.50.202", "3440b5abfb5a"],
        ["10.153.1.99", "5254008ef2fb"],
    ]
    return world


ROUTE_ATTRIBUTE = (LSATTR, "-El", "inet0", "-a", "route", "-F", "value")
GET_DEFAULT = ("/usr/sbin/route", "-n", "get", "0")


def routing(
    transcript: str, gateway: str, *argv: str, interface: str, pick: Optional[Callable[[str], str]] = None,
    **variant: str,
) -> Case:  # fmt: skip
    return Case(
        transcript,
        partial(w.routes_of, transcript, **variant),
        argv or (NETSTAT, "-rn"),
        also=(
            (GET_DEFAULT, f"    gateway: {gateway}"),
            (GET_DEFAULT, f"  interface: {interface}"),
            (ROUTE_ATTRIBUTE, f"net,-hopcount,0,,0,{gateway}"),
        ),
        pick=pick,
    )


old = {"netstat_trailing_blanks": "no"}
ROUTES: List[Case] = [
    routing(
        "netstat/06-rn-static-routes", "172.16.0.254", NETSTAT, "-nr", interface="en1", netstat_route_tree="Tree", **old
    ),
    routing("netstat/07-rn-four-interfaces", "10.3.0.253", NETSTAT, "-nr", interface="en3", **old),
    routing(
        "netstat/10-rnf-inet", "192.168.9.1", NETSTAT, "-rnf", "inet", interface="en1", netstat_route_tree="Tree"
    ),
    routing("netstat/13-rn-aix73-alias-and-v6", "192.168.234.33", interface="en0"),
    routing("netstat/18-rn-extra-net-route", "10.4.205.1", interface="en4", pick=rows),
    Case(
        "route/01-n-get-default",
        ohai_default,
        GET_DEFAULT,
        also=((NETADDR, "172.29.174.58"), (ROUTE_ATTRIBUTE, "net,-hopcount,0,,0,172.29.128.13")),
    ),
    Case(
        "arp/01-an-six-entries",
        ohai_arp,
        ("/usr/sbin/arp", "-an"),
        also=(
            (("/usr/sbin/arp", "172.29.128.13"),
             "172.29.128.13 (172.29.128.13) at 60:73:5c:69:42:44 [ethernet] stored in bucket 139"),
            (GET_DEFAULT, "    gateway: 172.29.128.13"),
        ),
    ),
    Case(
        "ping/01-S-source-three-replies",
        nodes,
        ("/usr/sbin/ping", "-S", "nodea", "nodeb"),
        root={"/etc/hosts": "127.0.0.1 loopback localhost\n10.9.53.129 nodea\n10.9.53.130 nodeb # other node\n"},
        also=(
            (("/usr/sbin/ping", "-c", "1", "nodeb"), "1 packets transmitted, 1 packets received, 0% packet loss"),
            (("/usr/sbin/hostent", "-s", "nodeb"), "10.9.53.130 nodeb"),
            (NETADDR, "10.9.53.129"),
        ),
    ),
]  # fmt: skip

# ---------------------------------------------------------------- adapters


def unopenable() -> World:
    return w.variants(one_interface("10.16.77.22", "10.16.77.255"), entstat_errno="13")


def channel() -> World:
    """An 802.3ad channel of two adapters.  The recorded one has a hardware address that its members do not show."""
    world = w.adapter_of("entstat/06-d-8023ad-head")
    w.aggregate(world, "ent10", ("ent0", "ent1"), "e41f13d828c4")
    return world


def member() -> World:
    """ent4 in an 802.3ad channel whose backup adapter is ent5."""
    world = w.adapter_of("entstat/13-d-member-of-8023ad")
    w.aggregate(world, "ent10", ("ent4",), "40f2e95a2168", backup="ent5")
    return world


def section(text: str) -> str:
    """The section of ent4 in a channel's statistics, up to the heading of the backup adapter."""
    return "ETHERNET STATISTICS (ent4)" + text.split("ETHERNET STATISTICS (ent4)")[1].split("ETHERNET STATISTICS")[0]


def adapter(transcript: str, name: str, *argv: str, mac: str) -> Case:
    return Case(
        transcript,
        partial(w.adapter_of, transcript),
        (ENTSTAT, *argv, name),
        also=(
            ((ENTSTAT, name), f"Hardware Address: {mac}"),
            (("/usr/sbin/lsdev", "-Cc", "adapter", "-F", "name"), name.replace("en", "ent").replace("entt", "ent")),
        ),
        pick=after(1) if "-d" in argv else None,
    )


ADAPTERS: List[Case] = [
    adapter("entstat/01-en0-llan-aix73", "en0", mac="4e:12:19:56:b5:14"),
    adapter("entstat/04-d-gigabit-link-up", "ent2", "-d", mac="e4:1f:13:fd:29:75"),
    adapter("entstat/07-d-vlan-adapter", "ent13", "-d", mac="e4:1f:13:d8:28:c4"),
    adapter("entstat/09-d-10gbe-link-down", "ent0", "-d", mac="e4:1f:13:d7:28:14"),
    adapter("entstat/10-d-1gbe-link-up-elx", "ent2", "-d", mac="e4:1f:13:d7:28:15"),
    adapter("entstat/12-d-empty-device-type-link-up", "ent2", "-d", mac="e4:1f:13:90:8f:f4"),
    Case(
        "entstat/06-d-8023ad-head",
        channel,
        (ENTSTAT, "-d", "ent10"),
        pick=lambda text: head(63)(after(1)(text)),
        also=(
            ((LSATTR, "-El", "ent10", "-a", "adapter_names", "-F", "value"), "ent0,ent1"),
            ((ENTSTAT, "ent0"), "Hardware Address: e4:1f:13:d8:28:c4"),
        ),
    ),
    Case(
        "entstat/13-d-member-of-8023ad",
        member,
        (ENTSTAT, "-d", "ent10"),
        pick=section,
        also=(
            ((LSATTR, "-El", "ent10", "-a", "backup_adapter", "-F", "value"), "ent5"),
            ((ENTSTAT, "ent4"), "Hardware Address: 40:f2:e9:5a:21:68"),
        ),
    ),
    Case(
        "entstat/03-open-error-errno-13",
        unopenable,
        (ENTSTAT, "-d", "en0"),
        also=((NETADDR, "10.16.77.22"), (NAMES, "en0")),
    ),
]

# ---------------------------------------------------------------- SRC

NFS = ("biod", "nfsd", "rpc.mountd", "nfsrgyd", "gssd", "rpc.lockd", "rpc.statd")
NFS_PIDS = (9371710, 11403630, 6291686, 8913388, 11141424, 11141426)


def nfs() -> World:
    return w.services(*((name, "nfs", 0) for name in NFS), pids=NFS_PIDS)


def started(transcript: str, name: str, group: str, pid: int, *extra: str) -> Case:
    return Case(
        transcript,
        partial(w.services, (name, group, 0), pids=(pid,)),
        (STARTSRC, "-s", name, *extra),
        also=(
            ((LSSRC, "-s", name), f" {name:<16} {group:<16} {'':<12} inoperative"),
            ((LSSRC, "-g", group), f" {name:<16} {group:<16} {'':<12} inoperative"),
        ),
    )


LSSRC_SYSLOGD = ((LSSRC, "-s", "syslogd"), " syslogd          ras              3932558      active")
SYSLOGD = (LSSRC_SYSLOGD, ((LSSRC, "-a"), LSSRC_SYSLOGD[1]))
one = partial(w.services, ("syslogd", "ras", 3932558))
SERVICES: List[Case] = [
    Case(
        "lssrc/01-a-aix73",
        partial(w.subsystems_of, "lssrc/01-a-aix73"),
        (LSSRC, "-a"),
        also=(
            ((LSSRC, "-s", "nimsh"), " nimsh            nimclient                     inoperative"),
            ((LSSRC, "-g", "caa"), " clcomd           caa              6619448      active"),
        ),
    ),
    Case(
        "lssrc/03-a-subset-timed-nimsh-inoperative",
        partial(w.subsystems_of, "lssrc/03-a-subset-timed-nimsh-inoperative"),
        (LSSRC, "-a"),
        also=(LSSRC_SYSLOGD, ((LSSRC, "-g", "tcpip"), " timed            tcpip                         inoperative")),
    ),
    Case(
        "lssrc/04-a-grep-rsct",
        partial(w.subsystems_of, "lssrc/04-a-grep-rsct"),
        (LSSRC, "-a"),
        pick=grep("rsct"),
        also=(
            ((LSSRC, "-s", "ctrmc"), " ctrmc            rsct             3801192      active"),
            ((LSSRC, "-g", "rsct"), " ctcas            rsct                          inoperative"),
        ),
    ),
    Case("lssrc/04-error-not-on-file", one, (LSSRC, "-s", "chef"), also=SYSLOGD),
    Case(
        "lssrc/06-s-inoperative-no-group",
        partial(w.services, ("xcatd", "", 0)),
        (LSSRC, "-s", "xcatd"),
        also=(
            ((LSSRC, "-a"), " xcatd                                          inoperative"),
            ((STARTSRC, "-s", "xcatd"), "0513-059 The xcatd Subsystem has been started. Subsystem PID is 3932558."),
        ),
    ),
    Case("lssrc/07-s-not-on-file", one, (LSSRC, "-s", "foo"), also=SYSLOGD),
    Case(
        "startsrc/01-g-nfs", nfs, (STARTSRC, "-g", "nfs"), pick=head(6),
        also=(
            ((LSSRC, "-s", "biod"), " biod             nfs                           inoperative"),
            ((STARTSRC, "-s", "nfsd"), "0513-059 The nfsd Subsystem has been started. Subsystem PID is 9371710."),
        ),
    ),
    Case(
        "startsrc/04-g-nfs", nfs, (STARTSRC, "-g", "nfs"), pick=head(6),
        also=(
            ((LSSRC, "-g", "nfs"), " rpc.statd        nfs                           inoperative"),
            ((LSSRC, "-a"), " gssd             nfs                           inoperative"),
        ),
    ),
    started("startsrc/01-s-xntpd-with-args", "xntpd", "tcpip", 19268504, "-a", "-x"),
    started("startsrc/03-s-snmpd-433", "snmpd", "tcpip", 8004),
    started("startsrc/06-s-rpc.mountd", "rpc.mountd", "nfs", 19536),
    started("startsrc/07-s-sendmail", "sendmail", "mail", 16026),
    Case(
        "startsrc/03-e-env-not-on-file", one, (STARTSRC, "-e", "LIBPATH=/opt/lib", "-s", "ncpa_listener"),
        also=SYSLOGD,
    ),
    Case(
        "startsrc/04-error-already-active",
        partial(w.services, ("IBM.DRM", "rsct_rm", 3604726)),
        (STARTSRC, "-s", "IBM.DRM"),
        also=(
            ((LSSRC, "-s", "IBM.DRM"), " IBM.DRM          rsct_rm          3604726      active"),
            ((STOPSRC, "-s", "IBM.DRM"), "0513-044 The IBM.DRM Subsystem was requested to stop."),
        ),
    ),
    Case(
        "stopsrc/01-s-requested",
        partial(w.services, ("snmpd", "tcpip", 7000)),
        (STOPSRC, "-s", "snmpd"),
        also=(
            ((LSSRC, "-s", "snmpd"), " snmpd            tcpip            7000         active"),
            ((STOPSRC, "-g", "tcpip"), "0513-044 The snmpd Subsystem was requested to stop."),
        ),
    ),
    Case(
        "stopsrc/02-error-inoperative",
        partial(w.services, ("snmpd", "tcpip", 0)),
        (STOPSRC, "-s", "snmpd"),
        also=(
            ((LSSRC, "-s", "snmpd"), " snmpd            tcpip                         inoperative"),
            ((STARTSRC, "-s", "snmpd"), "0513-059 The snmpd Subsystem has been started. Subsystem PID is 3932558."),
        ),
    ),
]  # fmt: skip

FRENCH_ROUTES = "netstat/04-rn-two-default-routes-french"
SESSIONS: List[Session] = [
    Session(
        FRENCH_ROUTES,
        partial(w.routes_of, FRENCH_ROUTES, "5300-12-01-1016"),
        ((NETSTAT, "-nr"),),
        env={"LANG": "fr_FR"},
        also=(
            (GET_DEFAULT, "    gateway: 192.168.2.254"),
            (ROUTE_ATTRIBUTE, "net,-hopcount,0,,0,192.168.2.250"),
        ),
    ),
    Session(
        "stopsrc/01-s-twice-then-start",
        partial(w.services, ("snmpd", "tcpip", 7000), pids=(8004,)),
        ((STOPSRC, "-s", "snmpd"), (STOPSRC, "-s", "snmpd"), (STARTSRC, "-s", "snmpd")),
        also=(
            ((LSSRC, "-s", "snmpd"), " snmpd            tcpip            7000         active"),
            ((LSSRC, "-g", "tcpip"), " snmpd            tcpip            7000         active"),
        ),
    ),
    Session(
        "mkssys/01-rmssys-mkssys-startsrc-from-installp",
        partial(w.services, ("vmruiserver", "", 0), pids=(18481642,)),
        (
            ("/usr/bin/rmssys", "-s", "vmruiserver"),
            ("/usr/bin/mkssys", "-s", "vmruiserver", "-p", "/opt/ui/node", "-u", "0", "-S", "-n", "15", "-f", "9"),
            (STARTSRC, "-s", "vmruiserver"),
        ),
        also=(
            ((LSSRC, "-s", "vmruiserver"), " vmruiserver                                    inoperative"),
            ((STARTSRC, "-s", "vmruiserver"),
             "0513-059 The vmruiserver Subsystem has been started. Subsystem PID is 18481642."),
        ),
    ),
]  # fmt: skip

# ---------------------------------------------------------------- files

SRCMSTR = "srcmstr:23456789:respawn:/usr/sbin/srcmstr # System Resource Controller\n"
RCTCPIP = "rctcpip:23456789:wait:/etc/rc.tcpip > /dev/console 2>&1 # Start TCP/IP daemons\n"
AFTER = "/dev/console 2>&1 #Reconfigure the system for DR on boot."
DR_IMPORT = f"AIXDRimportvg:2:once:/etc/AIX_DRimportvg.ksh > {AFTER}"
DR_CONFIG = f"AIXDRconfig:2:once:/etc/AIX_DRconfig.ksh > {AFTER}"
ROOT_JOBS = {
    "/var/spool/cron/crontabs/root": (
        "# @(#)08  1.15.1.3  src/bos/usr/sbin/cron/root, cmdcntl, bos510\n#\n"
        "0 11 * * * /usr/bin/errclear -d S,O 30\n0 12 * * * /usr/bin/errclear -d H 90\n"
        "0 15 * * *  /usr/lib/ras/dumpcheck >/dev/null 2>&1\n"
        "55 23 * * * /var/perf/pm/bin/pmcfg  >/dev/null 2>&1     #Enable PM Data Collection\n"
    )
}
QEMUNET = "qemunet:2:wait:/etc/rc.qemu-net > /dev/console 2>&1\n"

FILES: List[Case] = [
    Case(
        "lsitab/01-one-entry-433",
        w.new_world,
        (LSITAB, "qemunet"),
        root={"/etc/inittab": ": comment\ninit:2:initdefault:\n" + QEMUNET},
        also=(((LSITAB, "init"), "init:2:initdefault:"), ((LSITAB, "-a"), QEMUNET[:-1])),
    ),
    Case(
        "lsitab/02-a-two-inserted-after-srcmstr",
        w.new_world,
        (LSITAB, "-a"),
        pick=grep("DR"),
        root={"/etc/inittab": SRCMSTR + DR_CONFIG + "\n" + DR_IMPORT + "\n" + RCTCPIP},
        also=(((LSITAB, "AIXDRconfig"), DR_CONFIG), ((LSITAB, "srcmstr"), SRCMSTR[:-1])),
    ),
    Case(
        "crontab/01-root-6x",
        w.new_world,
        ("/usr/bin/crontab", "-l"),
        pick=jobs,
        root=ROOT_JOBS,
        also=(
            (("/usr/bin/crontab", "-l", "root"), "0 11 * * * /usr/bin/errclear -d S,O 30"),
            (("/usr/bin/crontab", "-l", "root"), "0 12 * * * /usr/bin/errclear -d H 90"),
        ),
    ),
    Case(
        "crontab/03-error-0481-103",
        w.new_world,
        ("/usr/bin/crontab", "-l", "nobody"),
        root=ROOT_JOBS,
        also=(
            (("/usr/bin/crontab", "-l"), "0 12 * * * /usr/bin/errclear -d H 90"),
            (("/usr/bin/crontab", "-l", "root"), "0 12 * * * /usr/bin/errclear -d H 90"),
        ),
    ),
    Case(
        "no/50-a-all",
        w.tunables,
        ("/usr/sbin/no", "-a"),
        also=(
            (("/usr/sbin/no", "-o", "thewall"), "thewall = 4194304"),
            (("/usr/sbin/no", "-o", "delayackports"), "delayackports = {}"),
        ),
    ),
]

# ---------------------------------------------------------------- error log

OPMSG = "OPERATOR|OPERATOR NOTIFICATION"
FULL_ONLINE = "ConfigRM|The node is online in the domain indicated in the detail data."
FULL_QUORUM = "ConfigRM|The operational quorum state of the active peer domain has changed."
STARTED = "IBM.ConfigRM daemon has started. "
REBOOT = (
    ("EDFF8E9B", "0719113224", "INFO", "O", "StorageRM|IBM.StorageRM daemon has started. "),
    ("3B16518D", "0719113224", "INFO", "S", FULL_ONLINE),
    ("4BDDFBCC", "0719113224", "INFO", "S", FULL_QUORUM),
    ("DE84C4DB", "0719113124", "INFO", "O", "ConfigRM|" + STARTED),
    ("A6DF45AA", "0719113124", "INFO", "O", "RMCdaemon|The daemon is started."),
    ("BC3BE5A3", "0719113124", "PERM", "S", "SRC|SOFTWARE PROGRAM ERROR"),
    ("AFA89905", "0719113124", "INFO", "O", "cthags|Group Services daemon started"),
    ("2BFA76F6", "0719113024", "TEMP", "S", "SYSPROC|SYSTEM SHUTDOWN BY USER"),
    ("9DBCFDEE", "0719113124", "TEMP", "O", "errdemon|ERROR LOGGING TURNED ON"),
    ("AA8AB241", "0719104824", "TEMP", "O", OPMSG),
)
MESSAGES = (
    ("AA8AB241", "0827012720", "TEMP", "O", OPMSG),
    ("AA8AB241", "0827012620", "TEMP", "O", OPMSG),
    ("AA8AB241", "0827012520", "TEMP", "O", OPMSG),
    ("AA8AB241", "0827012420", "TEMP", "O", OPMSG),
    ("BFE4C025", "0827005720", "PERM", "H", "sysplanar0|UNDETERMINED ERROR"),
    ("BFE4C025", "0827005720", "PERM", "H", "sysplanar0|UNDETERMINED ERROR"),
    ("DE84C4DB", "0827005620", "INFO", "O", "ConfigRM|" + STARTED),
    ("A6DF45AA", "0827005620", "INFO", "O", "RMCdaemon|The daemon is started."),
    ("AA8AB241", "0827005620", "TEMP", "O", OPMSG),
)
MIGRATED = (
    ("A5E6DB96", "0518141620", "INFO", "S", "pmig|Client Partition Migration Completed"),
    ("08917DC6", "0518141520", "INFO", "S", "pmig|Client Partition Migration Started"),
    ("0873CF9F", "0420175221", "TEMP", "S", "pts/5|TTYHOG OVER-RUN"),
    ("AA8AB241", "0419210621", "TEMP", "O", OPMSG),
    ("D1E21BA3", "0424165621", "INFO", "S", "errdemon|LOG FILE EXPANDED TO REQUESTED SIZE"),
)
MISSING = (("F7DDA124", "1209160521", "UNKN", "H", "LVDD|PHYSICAL VOLUME DECLARED MISSING"),)
PARTID = (("60AFC9E5", "0405132517", "INFO", "O", "sys0|Partition ID changed since last boot."),)
# 13:25:53 EET is 11:25:53 UTC
PARTID_DETAIL = (("60AFC9E5", "040511251753", "INFO", "O", "sys0|Partition ID changed since last boot."),)
RESPAWN = (("3A30359F", "1030230010", "TEMP", "S", "init|SOFTWARE PROGRAM ERROR "),)
DUPLICATE = (("FE2DEE00", "0101120020", "PERM", "S", "SYSXAIXIF|DUPLICATE IP ADDRESS DETECTED IN THE NET"),)


def logged(transcript: str, files: Dict[str, str], *argv: str, first: str, by: Sequence[str],
           pick: Optional[Callable[[str], str]] = None) -> Case:  # fmt: skip
    """``first`` is a row of the short form, which the filter ``by`` shows too."""
    return Case(
        transcript, w.new_world, (ERRPT, *argv), pick=pick, root=files, also=(((ERRPT,), first), ((ERRPT, *by), first))
    )


ERROR_LOG: List[Case] = [
    logged("errpt/01-lvm-disk-lost", w.log(*MISSING), by=("-d", "H"),
           first="F7DDA124   1209160521 U H LVDD           PHYSICAL VOLUME DECLARED MISSING"),
    logged("errpt/01-short-opmsg", w.log(*MESSAGES), pick=head(10), by=("-N", "OPERATOR"),
           first="AA8AB241   0827012420 T O OPERATOR       OPERATOR NOTIFICATION"),
    logged("errpt/02-short-after-reboot", w.log(*REBOOT), pick=after(1), by=("-j", "2BFA76F6"),
           first="2BFA76F6   0719113024 T S SYSPROC        SYSTEM SHUTDOWN BY USER"),
    logged("errpt/04-short-lpm-pmig", w.log(*MIGRATED), by=("-s", "0424165621"),
           first="D1E21BA3   0424165621 I S errdemon       LOG FILE EXPANDED TO REQUESTED SIZE"),
    logged("errpt/07-short-partid-change", w.log(*PARTID), pick=grep("sys"), by=("-T", "INFO"),
           first="60AFC9E5   0405132517 I O sys0           Partition ID changed since last boot."),
    logged("errpt/08-short-init-respawning", w.log(*RESPAWN), pick=after(1), by=("-N", "init"),
           first="3A30359F   1030230010 T S init           SOFTWARE PROGRAM ERROR "),
    logged("errpt/50-arp-dup-addr-summary-tail", w.log(*DUPLICATE, label="AIXIF_ARP_DUP_ADDR"), "-t",
           by=("-J", "AIXIF_ARP_DUP_ADDR"),
           first="FE2DEE00   0101120020 P S SYSXAIXIF      DUPLICATE IP ADDRESS DETECTED IN THE NET"),
]  # fmt: skip

LOCAL_TIME = [
    Session(
        "errpt/06-detail-partid-change", w.new_world, ((ERRPT, "-aN", "sys0"),), env={"TZ": "EET-2"},
        root=w.log(*PARTID_DETAIL, machine="000157F5B16", node="lpar1", label="PARTID_CHANGE", sequence=81372),
        also=(
            ((ERRPT,), "60AFC9E5   0405112517 I O sys0           Partition ID changed since last boot."),
            ((ERRPT, "-A", "-J", "PARTID_CHANGE"), "Date/Time:       Wed Apr  5 11:25:53 UTC 2017"),
        ),
    )
]  # fmt: skip

# ---------------------------------------------------------------- the rest

NOT_SIMULATED, BLANKS, TRUNCATED = "command not simulated", "source altered blanks", "source truncated"
LISTED: Dict[str, str] = {
    "netstat/09-nrf-inet": BLANKS,
    "netstat/12-in-two-digit-interface": BLANKS,
    "netstat/19-rn-default-lost-after-ifconfig-apar": BLANKS,
    "netstat/21-ni-after-autoconf6-sit0": TRUNCATED,
    "entstat/15-d-shared-ethernet-adapter": NOT_SIMULATED,
    "entstat/16-all-sea-priority-grep": TRUNCATED,
    "lssrc/03-ls-inetd": BLANKS,
    "errpt/03-reservation-conflict": BLANKS,
    "errpt/10-short-error-logging-cycle": BLANKS,
    # cat of a file
    "inittab/01-first-entries": NOT_SIMULATED,
    "inittab/02-respawn-entries": NOT_SIMULATED,
    "inittab/03-service-entries": NOT_SIMULATED,
    "inittab/04-commented-out-entry": NOT_SIMULATED,
    "inittab/07-datadog-73-entry": NOT_SIMULATED,
    "inittab/08-17-default-entries-71": NOT_SIMULATED,
    "inittab/50-aix73-tl4-full": NOT_SIMULATED,
    "niminfo/01-client-full-file": NOT_SIMULATED,
    "niminfo/01-standalone-client": NOT_SIMULATED,
    "niminfo/03-absent": NOT_SIMULATED,
    "nimsh/01-log-shutdown-hook": NOT_SIMULATED,
    # commands of a NIM master, an HMC, a VIOS, RSCT, other vendors' products, and others drboot never calls
    "nim/01-mkosi-mount-denied": NOT_SIMULATED,
    "nim/03-define-spot-already-exists": NOT_SIMULATED,
    "lsnim/01-c-resources": NOT_SIMULATED,
    "lspartition/01-dlpar-active-one": NOT_SIMULATED,
    "mkvdev/01-lnagg-8023ad": NOT_SIMULATED,
    "cleandisk/01-opt-r-repository-disk": NOT_SIMULATED,
    "lsrsrc/01-mcp-stale-hmc": NOT_SIMULATED,
    "lsrsrc/03-mcp-normal-in-peer-domain": NOT_SIMULATED,
    "rmcdomainstatus/01-peer-and-management": NOT_SIMULATED,
    "recfgct/01-refused-online-peer-domain": NOT_SIMULATED,
    "powermt/01-display-two-devices": NOT_SIMULATED,
    "powermt/02-unmanage-clariion": NOT_SIMULATED,
    "vxdg/01-import-disabled-on-vios": NOT_SIMULATED,
    "vxdisk/01-list-unknown-on-vios": NOT_SIMULATED,
    "vxdisk/02-list-lvm-disks": NOT_SIMULATED,
    "traceroute/01-source-address-is-first-alias": NOT_SIMULATED,
    "ps/01-etime-init": NOT_SIMULATED,
    "ps/02-inittab-child-form": NOT_SIMULATED,
    "uptime/01-days": NOT_SIMULATED,
    "smtctl/01-p8-72": NOT_SIMULATED,
    "boot-console/01-72tl4-multiuser": NOT_SIMULATED,
    "boot-console/02-72tl4-banner": NOT_SIMULATED,
    "boot-console/50-aix72-single-start": NOT_SIMULATED,
}

CASES: List[Case] = [*INTERFACES, *ROUTES, *ADAPTERS, *SERVICES, *FILES, *ERROR_LOG]
ALL: List[object] = [*CASES, *SESSIONS, *LOCAL_TIME]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.transcript)
def test_reproduces(case: Case) -> None:
    assert len(case.also) >= 2
    check(case)


def test_every_transcript_is_reproduced_or_listed(record_property: Callable[[str, object], None]) -> None:
    counts = account(COMMANDS, ALL, LISTED)  # type: ignore[arg-type]
    record_property("transcripts", counted(counts))
    assert sum(reproduced for reproduced, _ in counts.values()) == len(ALL)


def test_worlds_are_not_changed_by_looking() -> None:
    """A command that only shows leaves its world alone, so that the next one sees the same machine."""
    for case in (*ROUTES[:5], *INTERFACES[3:], *ERROR_LOG):
        world = case.world()
        before = copy.deepcopy(world)
        with tempfile.TemporaryDirectory() as directory:
            for path, text in (case.root or {}).items():
                os.makedirs(os.path.dirname(directory + path), exist_ok=True)
                with open(directory + path, "w", encoding="utf-8") as file:
                    file.write(text)
            run(Context(world, directory), case.argv[0], list(case.argv[1:]))
        assert world == before
