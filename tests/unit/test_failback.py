"""Two captures into one: what is home's, what is the machine's as it was at the other site, and who changed what."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

import pytest

from drboot import failback
from drboot.capture import Capture, Dump, FileSystem, Lv, PagingSpace, VolumeGroup
from drboot.profile.hosts import Match
from drboot.profile.site import Site
from drboot.settable import Pseudo, Settings
from tests.steps import canned
from tests.steps.canned import PROFILE, PV1, PV2, PV3

# Where each key of what the machine is to have at home comes from.
OWN = {"settings", "pseudo", "dump", "subsystems", "remote"}
JOINED = {"disks", "volume_groups", "filesystems", "paging"}
NOW = {
    "version", "site", "host", "systemid", "taken", "level", "hostname", "adapters", "interfaces", "routes", "devices",
    "bootlist", "inittab", "unseen", "powerha", "node_id", "routes6", "kernel_routes", "bootup_option", "firmware",
    "others", "texts", "further_addresses",
}  # fmt: skip


def left(root: Path, more: str = "") -> Site:
    return canned.wanted(root, profile=PROFILE + more).site


def test_every_key_of_a_capture_has_its_origin(tmp_path: Path) -> None:
    """A key that is new must be thought about."""
    assert {field.name for field in fields(Capture)} == OWN | JOINED | NOW
    own = canned.capture(
        settings=(Settings("system", "sys0", "sys0", "sys0", (("maxuproc", "2048"),)),),
        pseudo=(Pseudo("ent4", "ibm_ech", (("adapter_names", ("C2-T1",)),), ()),),
        dump=Dump("/dev/hd6"), subsystems=("app",),
    )  # fmt: skip
    now = canned.capture(
        site="dr", host="x", systemid="x", taken="x", level="x", hostname="x", adapters=(), interfaces=(),
        routes=("x",), devices=(), bootlist=("x",), inittab=("x",), unseen=("x",), powerha=True, node_id="x",
        routes6=("x",),
        bootup_option="x", firmware="x", texts=(("x", "x"),), further_addresses=("x",), dump=Dump("/dev/x"),
        subsystems=("x",),
    )  # fmt: skip
    made = failback.merged(now, own, left(tmp_path))
    assert {name: getattr(made, name) for name in NOW} == {name: getattr(now, name) for name in NOW}
    assert {name: getattr(made, name) for name in OWN} == {name: getattr(own, name) for name in OWN}


def fs(point: str = "/data", mounted: bool = True, **attributes: str) -> FileSystem:
    values = {"dev": "/dev/fslv00", **attributes}
    return FileSystem(point, values["dev"], values.get("vfs", "jfs2"), "datavg", mounted, tuple(values.items()))


@pytest.mark.parametrize(
    ("home", "there", "wanted"),
    [
        # nobody changed it
        (fs(mount="true"), fs(mount="true"), fs(mount="true")),
        # the profile did: /scratch is under except
        (fs("/scratch", mount="true"), fs("/scratch", False, mount="false"), fs("/scratch", mount="true")),
        # somebody did
        (fs(mount="true"), fs("/data", False, mount="false"), fs("/data", False, mount="false")),
        (fs(options="rw"), fs(options="ro"), fs(options="ro")),
        (fs(options="rw"), fs(), fs()),
        (fs(), fs(log="INLINE"), fs(log="INLINE")),
        (fs(dev="/dev/a"), fs(dev="/dev/b"), fs(dev="/dev/b")),
        # captured while the applications were down
        (fs(mount="true"), fs("/data", False, mount="true"), fs(mount="true")),
        # mounted there, and not here
        (fs("/data", False, mount="false"), fs(mount="false"), fs(mount="false")),
        # NFS of production was held; what was under nfs was not
        (fs("/a", vfs="nfs3", mount="true"), fs("/a", vfs="nfs3", mount="false"), fs("/a", vfs="nfs3", mount="true")),
        (fs("/nfs", vfs="nfs", mount="true"), fs("/nfs", False, vfs="nfs", mount="false"),
         fs("/nfs", False, vfs="nfs", mount="false")),
    ],
)  # fmt: skip
def test_a_stanza_is_homes_unless_somebody_changed_it(
    tmp_path: Path, home: FileSystem, there: FileSystem, wanted: FileSystem
) -> None:
    site = left(tmp_path)
    site = replace(site, filesystems=replace(site.filesystems, except_=("/scratch",)))
    own, now = canned.capture(filesystems=(home,)), canned.capture(site="dr", filesystems=(there,))
    [made] = failback.merged(now, own, site).filesystems
    assert (dict(made.attributes), made.mounted) == (dict(wanted.attributes), wanted.mounted)


@pytest.mark.parametrize(
    ("profile", "there", "wanted"),
    [
        ("", {}, {"auto_on": False, "quorum": False}),
        ("", {"auto_on": True}, {"auto_on": True, "quorum": False}),
        ("auto_on: true", {"auto_on": True}, {"auto_on": False, "quorum": False}),
        ("quorum: true", {"quorum": True, "auto_on": True}, {"quorum": False, "auto_on": True}),
        ("quorum: true", {"quorum": False}, {"quorum": False}),
    ],
)
def test_a_volume_group_has_homes_properties_where_only_the_profile_changed_them(
    tmp_path: Path, profile: str, there: Dict[str, Any], wanted: Dict[str, Any]
) -> None:
    more = f"volume_groups:\n  named:\n    - {{name: datavg, {profile}}}\n" if profile else ""
    own = canned.capture()
    lvs = (Lv("newlv", "jfs2", "/new", ()),)
    group = replace(own.volume_groups[0], major=51, lvs=lvs, **there)
    [made] = failback.merged(replace(own, site="dr", volume_groups=(group,)), own, left(tmp_path, more)).volume_groups
    assert {key: getattr(made, key) for key in wanted} == wanted
    assert (made.major, made.lvs) == (45, lvs)


def groups(*names: str) -> Tuple[VolumeGroup, ...]:
    return tuple(VolumeGroup(name, name, (PV2,), name != "clustervg", True, None, ()) for name in names)


def test_what_the_other_site_left_out_comes_from_home_and_what_was_given_up_does_not(tmp_path: Path) -> None:
    own = canned.capture(
        volume_groups=groups("datavg", "leftvg", "gonevg", "clustervg"), powerha=True,
        filesystems=(replace(fs("/left"), vg="leftvg"), replace(fs("/gone"), vg="gonevg")),
    )  # fmt: skip
    now = canned.capture(site="dr", volume_groups=groups("datavg", "newvg"), filesystems=())
    site = left(tmp_path, "volume_groups:\n  except: [leftvg]\n")
    made = failback.merged(now, own, site)
    assert [vg.name for vg in made.volume_groups] == ["datavg", "newvg", "leftvg", "clustervg"]
    assert [one.mount_point for one in made.filesystems] == ["/left"]
    assert failback.given_up(now, own, site) == ("gonevg",)
    named = left(tmp_path, "volume_groups:\n  take: named\n  named: [{name: datavg}]\n")
    assert failback.given_up(now, own, named) == ()


def test_a_lun_of_home_is_nothing_stale(tmp_path: Path) -> None:
    own = canned.capture()
    now = replace(own, site="dr", disks=own.disks[:1])
    made = failback.merged(now, own, left(tmp_path))
    assert [(disk.pvid, disk.unique_id) for disk in made.disks] == [(PV1, "HOME0"), (PV2, "")]


def test_attributes_are_homes_and_those_of_new_disks_are_the_other_sites(tmp_path: Path) -> None:
    def queue(pvid: str, depth: str) -> Settings:
        return Settings("disk", pvid, "hdisk", "hdisk9", (("queue_depth", depth),))

    own = canned.capture(settings=(queue(PV1, "32"),))
    now = canned.capture(site="dr", settings=(queue(PV1, "8"), queue(PV2, "8"), queue(PV3, "16")))
    assert failback.merged(now, own, left(tmp_path)).settings == (queue(PV1, "32"), queue(PV3, "16"))


def test_paging_spaces_are_homes_where_they_still_are(tmp_path: Path) -> None:
    def space(name: str, active: bool = True) -> PagingSpace:
        return PagingSpace(name, "datavg", 512, active, active)

    own = canned.capture(paging=(space("fslv00"), space("gone")))
    now = canned.capture(site="dr", paging=(space("fslv00", False), space("new")))
    assert failback.merged(now, own, left(tmp_path)).paging == (space("fslv00"), space("new"))


# -- addresses


def test_the_captured_addresses_as_rows() -> None:
    own = canned.capture()
    [row] = failback.own_rows(own)
    assert (row.role, row.match, row.address, row.gateway) == ("en0", Match("slot", "C2-T1"), "10.1.5.11", "10.1.5.1")
    assert [(alias.address, alias.netmask) for alias in row.aliases] == [("10.1.5.12", "255.255.255.0")]


@pytest.mark.parametrize(
    ("pseudo", "match"),
    [
        (Pseudo("ent0", "ibm_ech", (("adapter_names", ("C5-T1", "C6-T1")),), ()), Match("slot", "C5-T1")),
        (Pseudo("ent0", "eth", (("base_adapter", ("C5-T1",)),), (("vlan_tag_id", "310"),)), Match("vlan", "310")),
        (None, Match("slot", "?")),
    ],
)
def test_an_interface_over_something_else_is_found_by_that(pseudo: Optional[Pseudo], match: Match) -> None:
    own = canned.capture(adapters=(), pseudo=(pseudo,) if pseudo else ())
    assert [row.match for row in failback.own_rows(own)] == [match]


def test_without_a_default_route_there_are_no_rows() -> None:
    assert list(failback.own_rows(canned.capture(routes=("garbage",)))) == []


def test_profile_and_table_win_over_the_capture(tmp_path: Path) -> None:
    wanted = canned.wanted(tmp_path)
    own = canned.capture(interfaces=(replace(canned.capture().interfaces[0], address="10.21.5.11", mtu="9000"),))
    site, rows = failback.as_captured(wanted.site, own, wanted.rows)
    assert rows == wanted.rows
    assert site.network.static_routes == wanted.site.network.static_routes
    assert (site.network.roles["service"].mtu, site.network.roles["backup"].mtu) == (1500, 9000)


def test_where_they_are_silent_the_capture_speaks(tmp_path: Path) -> None:
    site = left(tmp_path)
    site = replace(site, network=replace(site.network, static_routes=()))
    own = canned.capture(routes6=("net,-hopcount,0,,,::,fe80::1", "host,-hopcount,0,,,2001:db8::7,fe80::1"))
    made, rows = failback.as_captured(site, own, ())
    assert [row.address for row in rows] == ["10.1.5.11"]
    assert [(route.to, route.via) for route in made.network.static_routes] == [("10.9.0.0/16", "10.1.5.9")]
    assert [route.to for route in made.network.static_routes6] == ["::/0", "2001:db8::7/128"]
    assert made.network.roles["en0"].mtu == 1500
