"""A shared storage pool at the DR site: statements S000-3 to S000-14, on the listings of the seed document."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drboot.companions import ssp, vios
from drboot.companions.gates import Gate
from drboot.companions.ssp import Around, Recovery
from drboot.companions.vios import Backing, Lu, Node
from drboot.facts import odmget
from drboot.facts.base import ParseError

# The seed's ids of its two flashed disks (331, 338), and its listings; lines that its copy lost are from IBM's pages.
IDS = (
    ("hdisk14", "3321360050768019E027CC00000000000009D04214503IBMfcp"),
    ("hdisk15", "3321360050768019E027CC00000000000009E04214503IBMfcp"),
)
LSPV = """\
NAME             PVID                                 VG               STATUS
hdisk0           000a366a68640e58                     rootvg           active
hdisk1           000a366a031ffa37                     None
hdisk2           none                                 None
hdisk11          000a366a6b0d0d56                     None
hdisk12          000a366a6b0d0d56                     None
hdisk13          000a366a6b0d0d56                     None
hdisk14          none                                 None
hdisk15          00f603cde9a7b15a                     None
"""
FREE = """\
NAME            PVID                                SIZE(megabytes)
hdisk1          000a366a031ffa37                    51200
hdisk2          none                                51200
"""
PV_LIST = """\
POOL_NAME: viopool
TIER_NAME: SYSTEM
FG_NAME: Default
PV_NAME          SIZE(MB)    STATE            UDID
hdisk15          51200       ONLINE           3321360050768019E027CC000000000000~
hdisk14          51200       ONLINE           3321360050768019E027CC000000000000~
"""
LU_LIST = """\
POOL_NAME: viopool
TIER_NAME: SYSTEM
LU_NAME                 SIZE(MB)    UNUSED(MB)  UDID
sspdisk1_750lpar11      10240       7251        4f42b83c0ed7e826a4784b204b1c81ea
"""
STATUS = """\
Cluster Name         State
VIOCLUSTER           OK

    Node Name        MTM           Partition Num  State  Pool State
    ps701-vios       8406-71Y0310A366A         1  OK     OK
"""
LSMAP = """\
SVSA            Physloc                                      Client Partition ID
--------------- -------------------------------------------- ------------------
vhost4          U8406.71Y.10A366A-V1-C19                     0x00000006

VTD                   vtopt1
Status                Available
LUN                   0x8200000000000000
Backing device
Physloc
Mirrored              N/A

VTD                   vtscsi4
Status                Available
LUN                   0x8100000000000000
Backing device        sspdisk1_750lpar11.4f42b83c0ed7e826a4784b204b1c81ea
Physloc
Mirrored              N/A
"""
UDID = "4f42b83c0ed7e826a4784b204b1c81ea"
RECOVERY = Recovery("VIOCLUSTER", ("ps701-vios",), IDS, 2, "hdisk1", "sspbackup.VIOCLUSTER.tar.gz", 3600.0)
AROUND = Around(vios.parse_lspv(FREE), vios.parse_lspv(LSPV))
DAY = 86400.0


def cuat(name: str, unique_id: str) -> str:
    return (
        f'CuAt:\n\tname = "{name}"\n\tattribute = "unique_id"\n\tvalue = "{unique_id}"\n\ttype = "R"\n'
        '\tgeneric = "D"\n\trep = "nl"\n\tnls_index = 79\n'
    )


def closed(around: Around = AROUND, **changes: Any) -> List[str]:
    return [gate.question for gate in ssp.gates(replace(RECOVERY, **changes), around, 7 * DAY) if not gate.holds]


def warnings(around: Around = AROUND, **changes: Any) -> List[Gate]:
    return [gate for gate in ssp.gates(replace(RECOVERY, **changes), around, 7 * DAY) if gate.warning]


def test_S000_3_the_two_files() -> None:
    assert ssp.nodelist(replace(RECOVERY, nodes=("vios1", "vios2"))) == "vios1\nvios2\n"
    assert ssp.disklist(RECOVERY) == f"{IDS[0][1]}\n{IDS[1][1]}\n"
    assert closed() == []


def test_S000_4_the_unique_id_without_quotes_and_blanks() -> None:
    fastt = "3E213600A0B80006E24E60000AB8F4F570A440F1818      FAStT03IBMfcp"
    text = cuat("hdisk14", IDS[0][1]) + "\n" + cuat("hdisk4", fastt)
    assert ssp.unique_ids(odmget.parse(text)) == {
        "hdisk14": IDS[0][1],
        "hdisk4": "3E213600A0B80006E24E60000AB8F4F570A440F1818FAStT03IBMfcp",
    }


def test_S000_3_ids_from_pv_list_only_where_they_are_whole() -> None:
    assert [disk.udid for disk in vios.parse_pv_list(PV_LIST)] == ["", ""]
    [disk] = vios.parse_pv_list(f"viopool,SYSTEM,Default,hdisk14,51200,ONLINE,{IDS[0][1]}\n")
    assert (disk.pool, disk.name, disk.udid) == ("viopool", "hdisk14", IDS[0][1])


@pytest.mark.parametrize(
    ("changes", "question"),
    [
        ({"disks": IDS[:1]}, "2 disks, as in production"),
        ({"expected": 3}, "3 disks, as in production"),
        ({"disks": (IDS[0], ("hdisk15", IDS[0][1]))}, "no disk twice"),
        ({"disks": (IDS[0], IDS[0])}, "no disk twice"),
        ({"disks": (IDS[0], ("hdisk15", ""))}, "each has a unique_id"),
        ({"nodes": ("a", "a")}, "every node once"),
        ({"nodes": ()}, "every node once"),
    ],
)
def test_S000_5_other_disks_than_in_production_are_refused(changes: Any, question: str) -> None:
    assert closed(**changes) == [question]


@pytest.mark.parametrize("text", [PV_LIST, f"other,SYSTEM,Default,hdisk3,51200,ONLINE,{IDS[0][1]}\n"])
def test_S000_5_a_disk_of_another_pool_is_refused(text: str) -> None:
    """By its name, or by its unique_id where it has another name there."""
    assert closed(replace(AROUND, pools=vios.parse_pv_list(text))) == ["none is in a pool already"]


def test_S000_6_the_repository_is_new_and_free() -> None:
    assert closed(repository="hdisk14") == ["the repository is a new disk", "the repository is free"]
    assert closed(repository="hdisk0") == ["the repository is free"]
    same = replace(AROUND, ids={"hdisk1": IDS[0][1]})
    assert closed(same) == ["the repository is a new disk"]
    row = "hdisk1           000a366a031ffa37                     "
    caa = vios.parse_lspv(LSPV.replace(row + "None", row + "caavg_private    active"))
    assert closed(replace(AROUND, disks=caa)) == ["the repository is free"]


def test_S000_7_the_commands_of_the_document_with_the_real_names() -> None:
    text = "\n".join(ssp.commands(RECOVERY, "customize"))
    order = (
        "viosbr -backup -clustername VIOCLUSTER", "Copy sspbackup.VIOCLUSTER.tar.gz", "updateios -install", "emgr -l",
        "./customize_ssp_backup sspbackup.VIOCLUSTER.tar.gz nodelist disklist", "lspv -free",
        "viosbr -restore -clustername VIOCLUSTER -repopvs hdisk1",
        "sspbackup_NEW.VIOCLUSTER.tar.gz -type cluster_remote",
        "cluster -status", "lu -list", "lu -map",
    )  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_S000_7_the_same_with_todays_viosbr() -> None:
    text = "\n".join(ssp.commands(RECOVERY, "viosbr-dr"))
    assert "viosbr -dr -clustername VIOCLUSTER" in text
    assert "-repopvs hdisk1" in text
    assert "customize" not in text


def test_S000_8_three_disks_with_one_pvid_are_flagged() -> None:
    [gate] = warnings()
    assert gate.answer == "hdisk11, hdisk12, hdisk13 all have 000a366a6b0d0d56"
    mine = (("hdisk12", "A"), ("hdisk15", "B"))
    assert closed(disks=mine) == ["no PVID twice"]


def test_S000_9_what_destroys_stands_in_a_box_and_names_disk_and_pool() -> None:
    lines = list(ssp.destroyed("VIOCLUSTER", "hdisk1"))
    assert {len(line) for line in lines} == {len(lines[0])} and len(lines[0]) <= 80
    assert all(line.startswith("*") and line.endswith("*") for line in lines)
    text = "\n".join(lines)
    assert "cluster -delete -clustername VIOCLUSTER" in text and "cleandisk -r hdisk1" in text
    for how in ("customize", "viosbr-dr"):
        assert "cleandisk" not in "\n".join(ssp.commands(RECOVERY, how))


def test_S000_10_state_of_the_cluster() -> None:
    nodes = vios.parse_cluster_status(STATUS)
    assert nodes == (Node("ps701-vios", "8406-71Y0310A366A", "OK", "OK"),)
    assert ssp.verified(nodes, (), (), {})[0].holds
    down = vios.parse_cluster_status(STATUS.replace("1  OK     OK", "1  OK     DOWN"))
    gone = vios.parse_cluster_status(STATUS.replace("1  OK     OK", "1  DOWN"))
    for ill in (down, gone):
        assert not ssp.verified(ill, (), (), {})[0].holds


def test_S000_11_logical_units() -> None:
    assert vios.parse_lu_list(LU_LIST) == (Lu("sspdisk1_750lpar11", 10240, 7251, UDID),)
    assert vios.parse_lu_list("") == ()
    snapshot = LU_LIST + "SNAPSHOTS\nsspdisk1_750lpar11_s1\n"
    assert len(vios.parse_lu_list(snapshot)) == 1


def test_S000_12_which_lpar_has_which_unit() -> None:
    assert vios.parse_lsmap(LSMAP) == (Backing("vhost4", 6, "vtscsi4", f"sspdisk1_750lpar11.{UDID}"),)


@pytest.mark.parametrize(
    ("clients", "lsmap", "answer"),
    [
        ({"sspdisk1_750lpar11": 6}, LSMAP, f"sspdisk1_750lpar11.{UDID}"),
        ({"sspdisk1_750lpar11": 7}, LSMAP, "it is mapped to LPAR 6"),
        ({"sspdisk2": 6}, LSMAP, "lu -list does not show it"),
        ({"sspdisk1_750lpar11": 6}, LSMAP.replace(UDID, "0" * 32), "vtscsi4 has another sspdisk1_750lpar11"),
        ({"sspdisk1_750lpar11": 6}, LSMAP.replace("sspdisk1_750lpar11", "sspdisk1_750lpar1"), "it is mapped to none"),
        ({"sspdisk1_750lpar11": 6}, LSMAP + LSMAP.replace("0x00000006", "0x00000007"), "it is mapped to LPAR 6, 7"),
    ],
)
def test_S000_12_each_unit_is_mapped_to_its_lpar_and_to_no_other(clients: Any, lsmap: str, answer: str) -> None:
    nodes, units = vios.parse_cluster_status(STATUS), vios.parse_lu_list(LU_LIST)
    gate = ssp.verified(nodes, units, vios.parse_lsmap(lsmap), clients)[1]
    assert gate.answer.startswith(answer)
    assert gate.holds is (answer.endswith(UDID))


def test_S000_14_the_backup_is_of_this_cluster_and_not_old() -> None:
    assert [gate.answer for gate in warnings(age=8 * DAY)][-1].startswith("it is 8 days old")
    assert [gate.answer for gate in warnings(age=None)][-1] == "it is not here to be looked at"
    assert closed(backup="sspbackup.OTHER.tar.gz") == ["a backup of VIOCLUSTER, at most 7 days old"]


PARSERS = (
    vios.parse_cluster_status, vios.parse_lu_list, vios.parse_pv_list, vios.parse_lsmap, vios.parse_lspv,
)  # fmt: skip
LISTINGS = (STATUS, LU_LIST, PV_LIST, LSMAP, LSPV, FREE)


@given(st.sampled_from(PARSERS), st.sampled_from(LISTINGS), st.data())
def test_damaged_listings_are_values_or_said_to_be_none(parser: Any, listing: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(listing)))
    to = data.draw(st.integers(at, min(len(listing), at + 40)))
    text = listing[:at] + data.draw(st.text(max_size=20)) + listing[to:]
    try:
        assert isinstance(parser(text), tuple)
    except ParseError as error:
        assert str(error)


def test_a_session_with_prompts_and_its_ends_of_lines() -> None:
    text = ("$ lu -list\n" + LU_LIST).replace("\n", "\r\n")
    assert vios.parse_lu_list(text)[0].udid == UDID
