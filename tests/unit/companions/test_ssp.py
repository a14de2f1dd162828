"""A shared storage pool at the DR site: statements S000-3 to S000-14, on the listings of the seed document."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drboot.companions import ssp, vios
from drboot.companions.gates import Gate
from drboot.companions.ssp import Around, Recovery
from drboot.companions.vios import Backing, Cluster, Lu, Node
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
IN_CLUSTER = vios.parse_lspv(LSPV.replace("ffa37                     None", "ffa37     caavg_private    active"))
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
    assert ssp.unique_ids(text) == {
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
    pools = replace(AROUND, pools=vios.parse_pv_list(text))
    assert closed(pools) == ["none is in a pool already", "the VIOS is in no cluster"]
    assert closed(pools, old=("OLD", "hdisk2")) == ["none is in a pool already"]


def test_S000_6_the_repository_is_new_and_free() -> None:
    assert closed(repository="hdisk14") == ["the repository is a new disk", "the repository is free"]
    assert closed(repository="hdisk0") == ["the repository is free"]
    assert closed(repository="hdisk99") == ["the repository is free"]
    same = replace(AROUND, ids={"hdisk1": IDS[0][1]})
    assert closed(same) == ["the repository is a new disk"]


def test_S000_6_a_repository_of_which_there_are_copies_is_refused() -> None:
    """hdisk12 of the seed's lspv: one of three copies of one LUN, and nobody can tell what is on it."""
    free = replace(AROUND, free=vios.parse_lspv(FREE + "hdisk12         000a366a6b0d0d56    51200\n"))
    assert closed(free, repository="hdisk12") == ["no PVID twice"]


def test_S000_6_the_seed_takes_the_repository_of_the_cluster_that_it_deletes() -> None:
    """Its hdisk1 (189, 394): in caavg_private until cluster -delete and cleandisk are through."""
    caa = replace(AROUND, disks=IN_CLUSTER, free=vios.parse_lspv(FREE.replace("hdisk1 ", "hdisk9 ")))
    assert closed(caa) == ["the VIOS is in no cluster", "the repository is free"]
    assert closed(caa, old=("VIOCLUSTER", "hdisk2")) == ["the repository is free"]
    assert closed(caa, old=("VIOCLUSTER", "hdisk1")) == []
    assert "hdisk1 is, once VIOCLUSTER is gone" in [gate.answer for gate in warnings(caa, old=("VIOCLUSTER", "hdisk1"))]


@pytest.mark.parametrize("name", ["hdisk14", "hdisk0", "hdisk12", "hdisk99", "hdisk7"])
def test_S000_9_a_disk_that_must_not_be_scrubbed_is_refused(name: str) -> None:
    """A replica, the VIOS's rootvg, one of three copies of one LUN, one that is not there, and a client's: lspv shows
    a disk that is mapped to an LPAR without a volume group, and lspv -free does not show it."""
    around = replace(AROUND, disks=vios.parse_lspv(LSPV + "hdisk7  000a366a00000007  None\n"))
    free = replace(around, free=vios.parse_lspv(FREE + "hdisk12  000a366a6b0d0d56  51200\n"))
    found = closed(free, old=("OLD", name))
    assert found == ["no PVID twice" if name == "hdisk12" else "the old repository may be scrubbed"]


def test_S000_5_a_replica_that_may_be_a_clients_is_looked_at() -> None:
    [gate] = [gate for gate in warnings() if gate.question == "no LPAR has one of them"]
    assert gate.answer.startswith("lspv -free does not show hdisk14, hdisk15")
    free = replace(AROUND, free=vios.parse_lspv(FREE + "hdisk14 none 51200\nhdisk15 00f603cde9a7b15a 51200\n"))
    assert "no LPAR has one of them" not in [gate.question for gate in warnings(free)]


def test_S000_5_the_rootvg_of_the_vios_is_no_replica() -> None:
    assert closed(disks=(IDS[0], ("hdisk0", "ROOTVG"))) == ["none is in a volume group"]
    assert closed(disks=(IDS[0], ("hdisk77", "NOWHERE"))) == ["none is in a volume group"]


def test_S000_5_the_disks_of_production_itself_are_no_replicas() -> None:
    """They are seen here, and viosbr would make a second pool on them."""
    listed = "".join(f"viopool,SYSTEM,Default,hdisk{n},51200,ONLINE,{IDS[n - 2][1]}\n" for n in (2, 3))
    own = replace(AROUND, production=vios.parse_pv_list(listed))
    assert closed(own) == ["they are replicas, not production's own"]
    other = replace(AROUND, production=vios.parse_pv_list(listed.replace("D04214503", "F04214503")[:76]))
    assert closed(other) == []


def test_S000_5_ids_of_two_vios_in_one_listing_are_refused() -> None:
    """hdisk14 of the one is another disk than hdisk14 of the other."""
    with pytest.raises(ParseError, match="two unique_ids"):
        ssp.unique_ids(cuat("hdisk14", "A") + "\n" + cuat("hdisk14", "B"))
    with pytest.raises(ParseError, match="listed twice"):
        ssp.pool_ids(vios.parse_pv_list(2 * f"viopool,SYSTEM,Default,hdisk14,51200,ONLINE,{IDS[0][1]}\n"))
    with pytest.raises(ParseError, match="no unique_id"):
        ssp.unique_ids("")


def test_S000_4_a_session_with_prompts_is_read() -> None:
    text = "# odmget -q name=hdisk14 CuAt\n\n" + cuat(*IDS[0]) + "#\n"
    assert ssp.unique_ids(text.replace("\n", "\r\n")) == dict(IDS[:1])


def test_S000_7_the_commands_of_the_document_with_the_real_names() -> None:
    text = "\n".join(ssp.commands(RECOVERY, "customize", {"sspdisk1_750lpar11": 6})).replace(" \\\n       ", "")
    order = (
        "viosbr -backup -clustername VIOCLUSTER", "sspbackup.VIOCLUSTER.tar.gz to ps701-vios",
        "updateios -install", "emgr -l",
        "./customize_ssp_backup sspbackup.VIOCLUSTER.tar.gz nodelist disklist", "lspv -free",
        "viosbr -restore -clustername VIOCLUSTER -repopvs hdisk1",
        "sspbackup_NEW.VIOCLUSTER.tar.gz -type cluster_remote",
        "cluster -status", "lu -list", "lu -map -lu sspdisk1_750lpar11 -vadapter vhostN  # of LPAR 6",
    )  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_S000_7_the_same_with_todays_viosbr() -> None:
    text = "\n".join(ssp.commands(RECOVERY, "viosbr-dr", {}))
    assert "viosbr -dr -clustername VIOCLUSTER -repopvs hdisk1" in text
    assert "customize_ssp_backup" not in text
    joined = text.replace("\\\n", "")
    files = "hostnames_file:/home/padmin/backups/nodelist,pooldisks_file:/home/padmin/backups/disklist"
    assert f"-typeInputs {files}\n" in joined, "one word for the shell"


@pytest.mark.parametrize("how", ["customize", "viosbr-dr"])
def test_S000_7_each_way_says_where_it_is_from_and_what_is_assumed(how: str) -> None:
    lines = list(ssp.commands(replace(RECOVERY, old=("VIOCLUSTER", "hdisk1")), how, {"sspdisk1_750lpar11": 6}))
    assert any("source:" in line for line in lines)
    assert any("assumed" in line for line in lines) is (how == "viosbr-dr")
    assert max(map(len, lines)) < 80


def test_S000_8_three_disks_with_one_pvid_are_flagged() -> None:
    [gate] = [gate for gate in warnings() if gate.question == "no PVID twice"]
    assert gate.answer == "hdisk11, hdisk12, hdisk13 all have 000a366a6b0d0d56"
    mine = (("hdisk12", "A"), ("hdisk15", "B"))
    assert closed(disks=mine) == ["no PVID twice"]


def test_S000_9_what_destroys_stands_in_a_box_and_names_disk_and_pool() -> None:
    lines = list(ssp.destroyed("ps701-vios", "VIOCLUSTER", "hdisk1"))
    assert {len(line) for line in lines} == {len(lines[0])} and len(lines[0]) <= 80
    assert all(line.startswith("*") and line.endswith("*") for line in lines)
    text = "\n".join(lines)
    assert "cluster -delete -clustername VIOCLUSTER" in text and "cleandisk -r hdisk1" in text
    assert "On ps701-vios of the DR site, and NEVER in production:" in text


@pytest.mark.parametrize("how", ["customize", "viosbr-dr"])
def test_S000_9_the_box_stands_behind_what_is_done_in_production(how: str) -> None:
    """The old cluster may have the name of production's: whoever follows the plan in order is on the right VIOS."""
    assert "cleandisk" not in "\n".join(ssp.commands(RECOVERY, how, {}))
    lines = list(ssp.commands(replace(RECOVERY, old=("VIOCLUSTER", "hdisk1")), how, {}))
    places = [
        next(i for i, line in enumerate(lines) if part in line)
        for part in ("On a VIOS of production", "Copy ", "NEVER in production", "cleandisk -r hdisk1", "lspv -free")
    ]
    assert places == sorted(places)


def test_S000_10_state_of_the_cluster() -> None:
    cluster = vios.parse_cluster_status(STATUS)
    assert cluster == Cluster("VIOCLUSTER", "OK", (Node("ps701-vios", "8406-71Y0310A366A", "OK", "OK"),))
    assert unwell(STATUS) == unwell(STATUS.replace("VIOCLUSTER           OK\n", "")) == []
    for ill in ("1  OK     DOWN", "1  DOWN", "1  DOWN     OK"):
        assert unwell(STATUS.replace("1  OK     OK", ill)) == ["every node and its pool is OK"]


def unwell(status: str, *expected: str) -> List[str]:
    found = ssp.verified(vios.parse_cluster_status(status), (), (), {}, expected)
    return [gate.question for gate in found if not gate.holds]


def test_S000_10_a_cluster_that_lacks_a_node_is_not_well() -> None:
    """A listing that is cut short names the others, and they are OK."""
    assert unwell(STATUS, "PS701-vios.example.com") == []
    assert unwell(STATUS, "ps701-vios", "ps702-vios") == ["every node is in the cluster"]
    assert unwell(STATUS.replace("VIOCLUSTER           OK", "VIOCLUSTER     DEGRADED")) == ["cluster VIOCLUSTER is OK"]


def test_S000_11_logical_units() -> None:
    assert vios.parse_lu_list(LU_LIST) == (Lu("sspdisk1_750lpar11", 10240, 7251, UDID),)
    assert vios.parse_lu_list("") == ()
    snapshot = LU_LIST + "SNAPSHOTS\nsspdisk1_750lpar11_s1\n"
    assert len(vios.parse_lu_list(snapshot)) == 1
    assert [unit.name for unit in vios.parse_lu_list(snapshot + "disk2  20480  1024  " + 32 * "a")][1:] == ["disk2"]


@pytest.mark.parametrize("text", [LSPV, LSMAP, STATUS, LU_LIST[:-40], LU_LIST + "sspdisk2   10240\n"])
def test_S000_11_what_is_no_list_of_units_is_not_taken_for_an_empty_one(text: str) -> None:
    with pytest.raises(ParseError):
        vios.parse_lu_list(text)


def test_S000_12_which_lpar_has_which_unit() -> None:
    assert vios.parse_lsmap(LSMAP) == (Backing("vhost4", 6, "vtscsi4", f"sspdisk1_750lpar11.{UDID}", "Available"),)


@pytest.mark.parametrize(
    ("clients", "lsmap", "answer"),
    [
        ({"sspdisk1_750lpar11": 6}, LSMAP, f"sspdisk1_750lpar11.{UDID}"),
        ({"sspdisk1_750lpar11": 7}, LSMAP, "it is mapped to LPAR 6"),
        ({"sspdisk2": 6}, LSMAP, "lu -list does not show it"),
        ({"sspdisk1_750lpar11": 6}, LSMAP.replace(UDID, "0" * 32), "vtscsi4 has another sspdisk1_750lpar11"),
        ({"sspdisk1_750lpar11": 6}, LSMAP.replace("sspdisk1_750lpar11", "sspdisk1_750lpar1"), "it is mapped to none"),
        ({"sspdisk1_750lpar11": 6}, LSMAP + LSMAP.replace("0x00000006", "0x00000007"), "it is mapped to LPAR 6, 7"),
        (
            {"sspdisk1_750lpar11": 6},
            LSMAP.replace("0x00000006", "0x00000000"),
            "lsmap does not know the client of vhost4",
        ),
        ({f"sspdisk1_750lpar11.{UDID}": 6}, LSMAP, f"sspdisk1_750lpar11.{UDID}"),
        ({"sspdisk1_750lpar11": 6}, LSMAP.replace("Available", "Defined"), "vtscsi4 is Defined"),
    ],
)
def test_S000_12_each_unit_is_mapped_to_its_lpar_and_to_no_other(clients: Any, lsmap: str, answer: str) -> None:
    gate = mapping(LU_LIST, lsmap, clients)[0]
    assert gate.answer.startswith(answer)
    assert gate.holds is (answer.endswith(UDID))


def mapping(units: str, lsmap: str, clients: Any) -> Tuple[Gate, ...]:
    """What is said of the units, behind the two answers about the cluster and its nodes."""
    cluster = vios.parse_cluster_status(STATUS)
    return ssp.verified(cluster, vios.parse_lu_list(units), vios.parse_lsmap(lsmap), clients)[2:]


def test_S000_12_two_units_of_one_name_are_told_apart_by_their_udid() -> None:
    other = 32 * "b"
    units = LU_LIST + f"sspdisk1_750lpar11      10240       7251        {other}\n"
    [gate] = mapping(units, LSMAP, {"sspdisk1_750lpar11": 6})
    assert (gate.holds, UDID in gate.answer, other in gate.answer) == (False, True, True)
    right, wrong = (mapping(units, LSMAP, {f"sspdisk1_750lpar11.{udid}": 6})[0] for udid in (UDID, other))
    assert (right.holds, wrong.holds, wrong.answer) == (True, False, "it is mapped to none")


def test_S000_12_a_name_that_begins_like_another_is_another() -> None:
    longer = LSMAP.replace("sspdisk1_750lpar11.", "sspdisk1_750lpar11.old.")
    [gate] = mapping(LU_LIST, longer, {"sspdisk1_750lpar11": 6})
    assert gate.answer == "it is mapped to none"


def test_S000_12_a_unit_twice_at_one_adapter_and_one_that_nobody_named_are_looked_at() -> None:
    vtd = LSMAP[LSMAP.index("VTD                   vtscsi4") :]
    twice = mapping(LU_LIST, LSMAP + "\n" + vtd.replace("vtscsi4", "vtscsi5"), {"sspdisk1_750lpar11": 6})
    assert [(gate.holds, gate.warning) for gate in twice] == [(True, True)]
    units = LU_LIST + f"prod02_rootvg  10240  7251  {32 * 'c'}\n"
    lsmap = LSMAP + "\n" + vtd.replace(f"sspdisk1_750lpar11.{UDID}", f"prod02_rootvg.{32 * 'c'}")
    [_, gate] = mapping(units, lsmap, {"sspdisk1_750lpar11": 6})
    assert (gate.warning, gate.answer) == (True, "it has prod02_rootvg")
    assert len(mapping(units, lsmap, {"sspdisk1_750lpar11": 6, "prod02_rootvg": 6})) == 2


@pytest.mark.parametrize(
    "line", ["vhost5          U8406.71Y.10A366A-V1-C20", "vhost5  U8406  0x6", "Xhost5  U8406 none"]
)
def test_S000_12_an_adapter_that_is_not_understood_gives_its_disks_to_no_other_lpar(line: str) -> None:
    head = LSMAP[: LSMAP.index("vhost4")]
    with pytest.raises(ParseError, match="not an adapter"):
        vios.parse_lsmap(LSMAP + "\n" + head + line + "\n" + LSMAP[LSMAP.index("\nVTD") :])
    for cut in (head, head.splitlines()[0]):
        with pytest.raises(ParseError, match="not all of it"):
            vios.parse_lsmap(LSMAP + "\n" + cut)
    with pytest.raises(ParseError, match="without adapter"):
        vios.parse_lsmap(LSMAP + "\n" + head.splitlines()[0] + "\n" + LSMAP[LSMAP.index("\nVTD") :])


def test_ten_thousand_disks_are_looked_through_once() -> None:
    disks = tuple((f"hdisk{n}", f"{n:040d}") for n in range(100, 10100))
    around = Around(AROUND.free, (*AROUND.disks, *(vios.Disk(name, "", "") for name, _ in disks)), ids=dict(disks))
    began = time.process_time()
    assert closed(around, disks=disks, expected=10000) == []
    assert time.process_time() - began < 1, "each with each would be a hundred million"


def test_of_ten_thousand_names_some_are_shown() -> None:
    disks = tuple((f"hdisk{n}", "") for n in range(100, 10100))
    answers = [gate.answer for gate in ssp.gates(replace(RECOVERY, disks=disks), AROUND, DAY)]
    assert max(map(len, answers)) < 1000
    assert any("... and 9981 more" in answer for answer in answers)


def test_S000_12_ten_thousand_units_are_looked_through_once() -> None:
    units = [Lu(f"lu{n}", 1024, 0, f"{n:032x}") for n in range(10000)]
    backings = [Backing(f"vhost{n}", n + 1, f"vtscsi{n}", units[n].device) for n in range(10000)]
    began = time.process_time()
    found = ssp.verified(Cluster("", "", ()), units, backings, {f"lu{n}": n + 1 for n in range(10000)})
    assert len(found) == 10001 and all(gate.holds for gate in found)
    assert time.process_time() - began < 2, "each with each would be a hundred million"


def test_S000_14_the_backup_is_of_this_cluster_and_not_old() -> None:
    assert [gate.answer for gate in warnings(age=8 * DAY)][-1].startswith("it is 8 days old")
    assert [gate.answer for gate in warnings(age=None)][-1] == "it is not here to be looked at"
    for name in ("sspbackup.OTHER.tar.gz", "sspbackup.tar.gz", ".VIOCLUSTER.tar.gz"):
        assert closed(backup=name) == ["a backup of VIOCLUSTER, at most 7 days old"]


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
    text = ("$ lu -list\n" + LU_LIST + "$\n").replace("\n", "\r\n")
    assert vios.parse_lu_list(text)[0].udid == UDID


def test_a_pipe_in_which_something_failed_is_no_vios_without_disks() -> None:
    for text in ("", "\n", "$ lspv\n"):
        with pytest.raises(ParseError, match="empty"):
            vios.parse_lspv(text)
    assert vios.parse_lspv(FREE.splitlines()[0]) == ()
