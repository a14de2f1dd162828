"""The rest of the flags of the network and service commands, one by one."""

from __future__ import annotations

from typing import Tuple

import pytest

from drboot.sim.commands import errlog
from tests.sim.test_network import CHDEV, IFCONFIG, MKTCPIP, NETSTAT, Lpar, configure
from tests.sim.worlds import network as w

ROUTE, ARP, PING, NO, ALOG = "/usr/sbin/route", "/usr/sbin/arp", "/usr/sbin/ping", "/usr/sbin/no", "/usr/bin/alog"
NAMERSLV, LSSRC, STOPSRC = "/usr/sbin/namerslv", "/usr/bin/lssrc", "/usr/bin/stopsrc"


@pytest.fixture
def lpar(tmp_path: object) -> Lpar:
    made = Lpar(str(tmp_path))
    configure(made)
    return made


def test_ifconfig_lists_by_state(lpar: Lpar) -> None:
    lpar.ok(CHDEV, "-l", "en1", "-a", "netaddr=10.2.0.5", "-a", "netmask=255.255.255.0", "-a", "state=up")
    lpar.ok(IFCONFIG, "en1", "down")
    assert lpar.ok(IFCONFIG, "-a", "-d", "-l") == "en1\n" and lpar.ok(IFCONFIG, "-aul", "inet") == "en0\n"
    shown = lpar.ok(IFCONFIG, "en1").splitlines()[0]
    assert shown == (
        "en1: flags=1e084822,480<BROADCAST,NOTRAILERS,SIMPLEX,MULTICAST,GROUPRT,64BIT,CHECKSUM_OFFLOAD(ACTIVE),CHAIN>"
    )
    assert "en1*" in lpar.ok(NETSTAT, "-in")


def test_ifconfig_parameters(lpar: Lpar) -> None:
    lpar.ok(IFCONFIG, "en0", "mtu", "9000")
    assert lpar.world["kernel"]["interfaces"]["en0"]["mtu"] == 9000
    lpar.ok(IFCONFIG, "en0", "inet", "10.1.0.7/16", "alias", "broadcast", "10.1.255.255", "-arp")
    assert lpar.world["kernel"]["interfaces"]["en0"]["addresses"][1]["netmask"] == "255.255.0.0"
    lpar.ok(IFCONFIG, "en0", "-alias", "10.1.0.7")
    assert lpar.run(IFCONFIG, "en0", "delete", "10.1.0.7").rc == 1
    lpar.ok(IFCONFIG, "en0", "delete")
    assert lpar.addresses("en0") == []
    for words in (("en0", "sideways"), ("-z",), ("-a", "ipx"), ()):
        result = lpar.run(IFCONFIG, *words)
        assert result.rc == 1 and result.err.startswith("Usage: ifconfig")


def test_ipv6_addresses_and_routes_of_the_odm_and_by_hand(lpar: Lpar) -> None:
    lpar.ok(CHDEV, "-l", "en0", "-a", "netaddr6=2001:db8:1::5", "-a", "prefixlen=64")
    lpar.ok(CHDEV, "-l", "en0", "-a", "alias6=2001:db8:2::5/48")
    assert "        inet6 2001:db8:1::5/64\n        inet6 2001:db8:2::5/48\n" in lpar.ok(IFCONFIG, "en0")
    stored = "net,-hopcount,0,,,2001:db8:31::/48,2001:db8:1::1"
    lpar.ok(CHDEV, "-l", "inet0", "-a", f"rout6={stored}")
    lpar.ok(CHDEV, "-l", "inet0", "-a", "rout6=net,-hopcount,0,,,::,2001:db8:1::1")
    six = [line.split()[:3] for line in lpar.ok(NETSTAT, "-rn", "-f", "inet6").splitlines()]
    assert ["2001:db8:31::/48", "2001:db8:1::1", "UG"] in six and ["default", "2001:db8:1::1", "UG"] in six
    assert lpar.run(ROUTE, "add", "-inet6", "2001:db8:31::/48", "2001:db8:1::1").rc == 1
    assert lpar.run(ROUTE, "add", "-inet6", "2001:db8:32::/48", "2001:db8:9::1").rc == 1, "no way to that gateway"
    lpar.ok(ROUTE, "add", "-inet6", "2001:db8:40::7", "2001:db8:1::1")
    lpar.ok(ROUTE, "delete", "-inet6", "2001:db8:40::7", "2001:db8:1::1")
    lpar.ok(CHDEV, "-l", "inet0", "-a", f"delrout6={stored}")
    lpar.ok(CHDEV, "-l", "en0", "-a", "delalias6=2001:db8:2::5/48")
    left = lpar.ok(NETSTAT, "-rn", "-f", "inet6")
    assert "2001:db8:31" not in left and "2001:db8:40" not in left and "2001:db8:2::" not in left
    lpar.ok(IFCONFIG, "en0", "inet6", "2001:db8:3::5/64", "alias")
    lpar.ok(IFCONFIG, "en0", "inet6", "2001:db8:3::5", "delete")
    assert lpar.run(IFCONFIG, "en0", "inet6", "2001:db8:3::5", "delete").rc == 1
    assert lpar.run(IFCONFIG, "en0", "inet6", "2001:db8:3::5", "sideways").err.startswith("Usage: ifconfig")
    assert lpar.run(CHDEV, "-l", "en0", "-a", "netaddr6=10.1.0.5").rc == 1


def test_netstat_with_names_of_one_interface_and_of_all_adapters(lpar: Lpar) -> None:
    lpar.write("/etc/hosts", "10.1.0.5 prod1\n10.1.0.1 gw\n")
    assert any(line.split()[:2] == ["default", "gw"] for line in lpar.ok(NETSTAT, "-r").splitlines())
    assert " prod1 " in lpar.ok(NETSTAT, "-i") and " prod1 " not in lpar.ok(NETSTAT, "-in")
    assert len(lpar.ok(NETSTAT, "-n", "-I", "en0").splitlines()) == 3
    assert "Internet v6" not in lpar.ok(NETSTAT, "-rn", "-f", "inet")
    assert "(Internet):" not in lpar.ok(NETSTAT, "-rn", "-f", "inet6")
    assert lpar.ok(NETSTAT, "-v").count("ETHERNET STATISTICS (ent0)") == 1
    assert lpar.run(NETSTAT, "-s").rc == 1
    assert lpar.run(NETSTAT, "-rn", "-f", "ns").err.startswith("Usage: netstat")


def test_route_get_and_flush(lpar: Lpar) -> None:
    lpar.ok(ROUTE, "-q", "add", "-host", "192.168.7.7", "10.1.0.1")
    got = lpar.ok(ROUTE, "get", "192.168.7.7")
    assert "destination: 192.168.7.7\n" in got and "mask" not in got and "<UP,GATEWAY,HOST,STATIC,DONE>" in got
    direct = lpar.ok(ROUTE, "get", "10.1.0.77")
    assert "       mask: 255.255.255.0\n" in direct and "gateway" not in direct and "interf addr: 10.1.0.5\n" in direct
    assert lpar.ok(ROUTE, "delete", "192.168.7.7", "10.1.0.1") == "10.1.0.1 host 192.168.7.7: gateway 10.1.0.1\n"
    lpar.ok(ROUTE, "flush")
    assert not [row for row in lpar.routes() if "G" in row[2] and row[2] != "UGHS"]
    for words in (("frobnicate",), (), ("add", "0"), ("get",), ("add", "-sideways", "0", "10.1.0.1")):
        assert lpar.run(ROUTE, *words).err.startswith("Usage: route")


def test_arp_and_ping_flags(lpar: Lpar) -> None:
    lpar.neighbour("home/10", "10.1.0.1")
    lpar.write("/etc/hosts", "10.1.0.1 gw\n")
    assert lpar.ok(PING, "-q", "-c", "2", "gw").splitlines()[:2] == ["PING gw: (10.1.0.1): 56 data bytes", ""]
    assert lpar.ok(PING, "gw", "100", "1").splitlines()[1].startswith("108 bytes from 10.1.0.1: icmp_seq=0")
    assert lpar.run(PING, "-c", "1", "-S", "10.1.0.6", "gw").rc == 1, "a source that is not ours"
    assert lpar.run(PING, "-c", "1", "nobody.example").rc == 1
    assert lpar.ok(ARP, "-a").startswith("  gw (10.1.0.1) at 2:0:0:0:0:1 [ethernet] stored in bucket ")
    lpar.ok(ARP, "-s", "ether", "10.1.0.9", "0:1:2:3:4:5")
    assert "at 0:1:2:3:4:5 " in lpar.ok(ARP, "10.1.0.9")
    lpar.ok(ARP, "-d", "10.1.0.9")
    assert lpar.run(ARP, "-d", "10.1.0.9").rc == 1 and lpar.run(ARP, "10.1.0.9").rc == 1
    assert lpar.run(PING).err.startswith("Usage: ping") and lpar.run(ARP).err.startswith("Usage: arp")


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("-h", "x", "-a", "10.1.0.5"),
        ("-h", "x", "-a", "10.1.0.5", "-i", "en0", "-n", "10.1.0.53"),
        ("-h", "x", "-a", "10.1.0.5", "-i", "en0", "-c", "1"),
        ("-S", "en0", "-h", "x"),
        ("-h", "x", "-a", "10.1.0.5", "-i", "en0", "stray"),
    ],
)
def test_mktcpip_wants_its_trio_and_its_pairs(lpar: Lpar, args: Tuple[str, ...]) -> None:
    assert lpar.run(MKTCPIP, *args).err.startswith("Usage: mktcpip")


def test_mktcpip_over_an_existing_resolver_and_hosts_entry(lpar: Lpar) -> None:
    lpar.write("/etc/resolv.conf", "domain old.example\nnameserver 10.1.0.53\n")
    lpar.write("/etc/hosts", "10.1.0.5 old\n")
    w.add_subsystem(lpar.world, "inetd", "tcpip")
    lpar.ok(MKTCPIP, "-h", "new", "-a", "10.1.0.5", "-i", "en0", "-n", "10.1.0.53", "-d", "new.example", "-s")
    assert lpar.read("/etc/resolv.conf") == "domain\tnew.example\nnameserver 10.1.0.53\n"
    assert lpar.read("/etc/hosts") == "10.1.0.5\tnew\n"
    assert "inetd" in lpar.world["kernel"]["subsystems"]
    assert lpar.run(MKTCPIP, "-S", "en9").rc == 1


def test_namerslv_search_lists_and_new_files(lpar: Lpar) -> None:
    lpar.ok(NAMERSLV, "-b", "-i", "10.9.0.53", "-S", "a.example b.example")
    assert lpar.read("/etc/resolv.conf") == "search\ta.example b.example\nnameserver\t10.9.0.53\n"
    lpar.ok(NAMERSLV, "-C", "c.example")
    assert lpar.ok(NAMERSLV, "-s", "-l") == "search c.example\n"
    assert lpar.ok(NAMERSLV, "-s", "-I", "-Z") == "nameserver:10.9.0.53\n"
    assert lpar.run(NAMERSLV, "-c", "d.example").rc == 1, "there is no domain to change"
    lpar.ok(NAMERSLV, "-d", "-l")
    lpar.ok(NAMERSLV, "-X")
    assert lpar.read("/etc/resolv.conf") == ""
    assert lpar.run(NAMERSLV, "-b", "-i", "10.9.0.53", "-D", "d", "-S", "s").rc == 1
    for words in ((), ("-s", "-I", "-n"), ("-d",), ("-a", "-i", "10.9.0.1", "-D", "x"), ("-b", "-D", "x")):
        assert lpar.run(NAMERSLV, *words).err.startswith("Usage: namerslv")


def test_no_back_to_defaults_and_as_columns(lpar: Lpar) -> None:
    lpar.ok(NO, "-o", "rfc1323=1", "-o", "sb_max=2097152")
    assert "rfc1323,1,0,1,,,,," in lpar.ok(NO, "-x").splitlines()
    lpar.ok(NO, "-d", "rfc1323")
    assert lpar.ok(NO, "-o", "rfc1323") == "rfc1323 = 0\n"
    lpar.ok(NO, "-D")
    assert lpar.ok(NO, "-o", "sb_max") == "sb_max = 1048576\n"
    assert lpar.run(NO, "-d", "nosuch").rc == 1 and lpar.run(NO, "-h").rc == 1
    assert lpar.run(NO, "-p", "-r", "-o", "rfc1323=1").err.startswith("Usage: no")
    assert lpar.run("/usr/sbin/tunrestore").err.startswith("Usage: tunrestore")


def test_alog_lists_and_limits(lpar: Lpar) -> None:
    assert "boot\n" in lpar.ok(ALOG, "-L") and "/var/adm/ras/bootlog:" in lpar.ok(ALOG, "-L", "-t", "boot")
    lpar.ok(ALOG, "-f", "/var/adm/ras/own", "-q", "-s", "4096", stdin="x" * 5000 + "\n")
    assert len(lpar.ok(ALOG, "-f", "/var/adm/ras/own", "-o")) == 4096
    assert lpar.run(ALOG, "-f", "/var/adm/ras/none", "-o").rc == 2
    assert lpar.run(ALOG).err.startswith("Usage: alog")


def test_logger_reads_a_file(lpar: Lpar) -> None:
    lpar.world["kernel"]["subsystems"]["syslogd"] = 4711
    lpar.write("/etc/syslog.conf", "# none\nuser.notice /var/log/user\nuser.debug /var/log/absent\n")
    lpar.write("/var/log/user", "")
    lpar.write("/tmp/text", "one\ntwo\n")
    lpar.ok("/usr/bin/logger", "-i", "-f", "/tmp/text")
    assert [line[-3:] for line in lpar.read("/var/log/user").splitlines()] == ["one", "two"]
    assert not lpar.context().exists("/var/log/absent")
    assert lpar.run("/usr/bin/logger", "-p", "user.loud", "x").err.startswith("Usage: logger")


def test_crontab_of_another_user_and_what_needs_a_terminal(lpar: Lpar) -> None:
    lpar.write("/var/spool/cron/crontabs/oracle", "0 1 * * * /bin/true\n")
    assert lpar.ok("/usr/bin/crontab", "-l", "oracle") == "0 1 * * * /bin/true\n"
    assert lpar.run("/usr/bin/crontab", "-e", "oracle").rc == 1
    assert lpar.run("/usr/bin/crontab", "/no/such/file").rc == 1
    assert lpar.run("/usr/bin/crontab", "-l", "-r").err.startswith("Usage: crontab")


def test_src_by_process_id_and_all_at_once(lpar: Lpar) -> None:
    w.add_subsystem(lpar.world, "inetd", "tcpip", 4000)
    w.add_subsystem(lpar.world, "sshd", "ssh", 5000)
    assert " sshd " in lpar.ok(LSSRC, "-p", "5000")
    assert lpar.run(LSSRC, "-p", "5001").rc == 1
    lpar.ok(STOPSRC, "-p", "5000")
    assert list(lpar.world["kernel"]["subsystems"]) == ["inetd"]
    lpar.ok(STOPSRC, "-a")
    assert lpar.run(STOPSRC, "-a").rc == 1 and lpar.run(STOPSRC, "-g", "nosuch").rc == 1
    assert lpar.run(LSSRC, "-S", "-s", "nosuch").rc == 1
    mkssys = ("/usr/bin/mkssys", "-s", "own", "-p", "/opt/own", "-u", "0")
    lpar.ok(*mkssys)
    assert lpar.run(*mkssys).rc == 1
    assert lpar.run("/usr/bin/rmssys", "-s", "nosuch").rc == 1
    for argv in ((LSSRC, "-a", "-s", "x"), (STOPSRC,), ("/usr/bin/startsrc",), ("/usr/bin/mkssys", "-s", "x")):
        assert lpar.run(*argv).err.startswith("Usage: ")


@pytest.mark.parametrize(
    ("flags", "count"),
    [
        (("-d", "O"), 2), (("-d", "S,O"), 3), (("-T", "PERM"), 1), (("-N", "errdemon"), 1), (("-j", "AA8AB241"), 1),
        (("-k", "AA8AB241"), 2), (("-K", "OPMSG,ERRLOG_ON"), 1), (("-l", "1,3"), 2), (("-e", "0101000020"), 0),
    ],
)  # fmt: skip
def test_errpt_selects(lpar: Lpar, flags: Tuple[str, ...], count: int) -> None:
    ctx = lpar.context()
    errlog.starts(ctx)
    lpar.ok("/usr/bin/errlogger", "hello")
    errlog.log(ctx, "SRC_SVKO", "BC3BE5A3", "PERM", "S", "SRC", "SOFTWARE PROGRAM ERROR")
    assert len(lpar.ok("/usr/bin/errpt", *flags).splitlines()) == (count + 1 if count else 0)
    assert lpar.ok("/usr/bin/errpt", "-A", *flags).count("LABEL:") == count


def test_the_marks_of_a_start_after_an_orderly_shutdown(lpar: Lpar) -> None:
    """Source: transcript errpt/02: REBOOT_ID stands above the start although its time is earlier."""
    lpar.world["firmware"]["nvram"][errlog.SHUTDOWN_TIME] = str(int(1.8e9) - 60)
    errlog.starts(lpar.context())
    rows = lpar.ok("/usr/bin/errpt").splitlines()[1:]
    assert [row.split()[0] for row in rows] == ["2BFA76F6", "9DBCFDEE"]
    errlog.starts(lpar.context())
    assert lpar.ok("/usr/bin/errpt", "-J", "REBOOT_ID").count("2BFA76F6") == 1


def test_hostname_and_hostent_usage(lpar: Lpar) -> None:
    for argv in (("/usr/bin/hostname", "-s", "x"), ("/usr/sbin/hostent",), ("/usr/sbin/hostent", "-a", "10.1.0.5")):
        assert lpar.run(*argv).err.startswith("Usage: host")
    lpar.write("/etc/hosts", "127.0.0.1 localhost\n")
    assert lpar.ok("/usr/sbin/hostent", "-S", "-Z") == "127.0.0.1:localhost\n"
