"""Files that people edit: read as AIX reads them, and kept line by line."""

from __future__ import annotations

import pytest

from drboot.facts import crontab, filesystems, hosts, inittab, netsvc, niminfo, resolv
from drboot.facts.base import ParseError

FILESYSTEMS = """* IBM_PROLOG_BEGIN_TAG
*
/:
\tdev             = /dev/hd4
\tvfs             = jfs2
\tlog             = /dev/hd8
\tmount           = automatic
\tcheck           = false
\ttype            = bootfs
\tvol             = root

/data/oracle:
        dev       = /dev/oralv
        vfs       = jfs2
        log       = INLINE
        mount     = true
        options   = rw,cio
        account   = false

/mnt/nfs:
\tdev             = "/export/data"
\tvfs             = nfs
\tnodename        = nfsserver
\tmount           = false
"""


def test_stanzas_in_order_with_their_attributes() -> None:
    found = filesystems.parse(FILESYSTEMS)
    assert [stanza.mount_point for stanza in found.stanzas] == ["/", "/data/oracle", "/mnt/nfs"]
    oracle = found.stanza("/data/oracle")
    assert oracle is not None
    assert oracle.attributes == (
        ("dev", "/dev/oralv"),
        ("vfs", "jfs2"),
        ("log", "INLINE"),
        ("mount", "true"),
        ("options", "rw,cio"),
        ("account", "false"),
    )
    assert [stanza.is_mounted_at_boot for stanza in found.stanzas] == [True, True, False]
    assert found.stanzas[2].dev == "/export/data"
    assert found.of_device("/dev/oralv") == (oracle,)
    assert found.stanza("/data") is None


def test_an_edit_changes_one_line() -> None:
    found = filesystems.parse(FILESYSTEMS)
    changed = found.with_attributes({"/data/oracle": {"mount": "false"}})
    assert changed.splitlines()[15] == "\tmount           = false"
    assert [line for line in changed.splitlines() if line not in FILESYSTEMS.splitlines()] == []
    assert len(changed.splitlines()) == len(FILESYSTEMS.splitlines())
    added = filesystems.parse(found.with_attributes({"/": {"options": "rw"}}))
    assert added.stanzas[0].get("options") == "rw"
    assert added.stanzas[1:][0].attributes == found.stanzas[1].attributes
    assert found.with_attributes({"/data": {"mount": "false"}}) == FILESYSTEMS, "what has no stanza is passed over"


def test_many_edits_are_as_one_after_the_other() -> None:
    found = filesystems.parse(FILESYSTEMS)
    changes = {stanza.mount_point: {"mount": "false", "options": "rbrw", "quota": "no"} for stanza in found.stanzas}
    one_by_one = found
    for mount_point, wanted in changes.items():
        for key, value in wanted.items():
            one_by_one = filesystems.parse(one_by_one.with_attributes({mount_point: {key: value}}))
    assert found.with_attributes(changes) == "".join(line + "\n" for line in one_by_one.lines)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\tdev = /dev/hd4\n", 1),
        ("/a:\n\tdev /dev/hd4\n", 2),
        ("/a:\n\tdev = /dev/x\n\tdev = /dev/y\n", 3),
        ("/a:\r\n", 1),
    ],
)
def test_a_damaged_filesystems_file_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ParseError) as error:
        filesystems.parse(text)
    assert error.value.line == line
    assert error.value.text == text.split("\n")[line - 1]


def test_of_several_stanzas_of_one_mount_point_the_first_counts() -> None:
    """importvg may append one to a stanza that is there already; that must not cost the machine its mounts."""
    first, second = "/a:\n\tdev = /dev/x\n\n", "/a:\n\tdev = /dev/y\n"
    found = filesystems.parse(first + "* kept\n" + second)
    assert [(stanza.dev, stanza.first) for stanza in found.stanzas] == [("/dev/x", 1)]
    assert [(stanza.dev, stanza.first) for stanza in found.repeated] == [("/dev/y", 5)]
    assert found.without(found.repeated) == filesystems.parse(first + "* kept\n")


def test_no_filesystems_file_has_no_stanzas() -> None:
    assert filesystems.parse(None) == ((), (), ())


def test_hosts() -> None:
    text = "# comment\n127.0.0.1\tloopback localhost\n\n::1 loopback\n10.1.1.5 lpar1 lpar1.example.com # prod\nlpar2\n"
    found = hosts.parse(text)
    assert found.entries == (
        ("127.0.0.1", ("loopback", "localhost"), 2),
        ("::1", ("loopback",), 4),
        ("10.1.1.5", ("lpar1", "lpar1.example.com"), 5),
    )
    assert found.unread == (6,)
    assert found.addresses("lpar1") == ("10.1.1.5",)
    assert found.addresses("lpar") == ()
    assert found.addresses("loopback") == ("127.0.0.1", "::1")
    assert hosts.parse(None) == ((), (), ())


def test_resolver() -> None:
    text = "# by hand\ndomain example.com\nnameserver 10.1.1.53\nnameserver\t10.1.1.54\noptions timeout:1 attempts:2\n"
    assert resolv.parse(text) == (
        *(True, "example.com", (), ("10.1.1.53", "10.1.1.54"), ("timeout:1", "attempts:2")),
        (),
    )
    assert resolv.parse("search a.example b.example\nnamserver 10.1.1.53\nnameserver\n") == (
        *(True, "", ("a.example", "b.example"), (), ()),
        (2, 3),
    )
    assert resolv.parse(None) == (False, "", (), (), (), ())
    assert resolv.parse("").exists


def test_netsvc() -> None:
    found = netsvc.parse("# order\nhosts = local, bind4\n")
    assert found.hosts == ("local", "bind4")
    assert netsvc.parse("hosts=local=auth,bind").hosts == ("local=auth", "bind")
    assert netsvc.parse(None).hosts is None
    with pytest.raises(ParseError):
        netsvc.parse("hosts local bind\n")
    with pytest.raises(ParseError):
        netsvc.parse("hosts = local\nhosts = bind\n")


def test_inittab() -> None:
    assert inittab.parse_file(None) == ()
    found = inittab.parse("nimsh:2:wait:/usr/bin/startsrc -g nimclient >/dev/console 2>&1 # a:b:c\n")
    assert found == (("nimsh", "2", "wait", "/usr/bin/startsrc -g nimclient >/dev/console 2>&1 # a:b:c"),)
    assert str(found[0]) == "nimsh:2:wait:/usr/bin/startsrc -g nimclient >/dev/console 2>&1 # a:b:c"
    assert inittab.parse_one("") is None
    with pytest.raises(ParseError):
        inittab.parse("nimsh:2:sometimes:/bin/true\n")
    with pytest.raises(ParseError):
        inittab.parse("nimsh:2\n")
    with pytest.raises(ParseError):
        inittab.parse_one("a:2:once:/bin/true\nb:2:once:/bin/true\n")


def test_niminfo() -> None:
    assert niminfo.parse(None) is None
    found = niminfo.parse('# comment\nexport NIM_NAME=lpar1\nexport NIM_MOUNTS=""\nexport NIM_MASTER_HOSTNAME=nim1\n')
    assert found is not None
    assert (found.master, found.value("NIM_MOUNTS"), found.value("NIM")) == ("nim1", "", None)
    with pytest.raises(ParseError):
        niminfo.parse("NIM_NAME lpar1\n")


def test_crontab() -> None:
    found = crontab.parse("# comment\n*/5 2-4 1,15 * 1 /bin/job one  # two\n")
    assert found.jobs == ((("*/5", "2-4", "1,15", "*", "1"), "/bin/job one  # two", 2),)
    with pytest.raises(ParseError):
        crontab.parse("0 1 * * /bin/job\n")
