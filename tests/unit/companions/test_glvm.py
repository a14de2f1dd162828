"""GLVM's companion: the order of the way back, what is read for it, and what the link needs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import List, Tuple

import pytest

from drboot.capture import RemotePv, load, save
from drboot.companions import glvm
from drboot.facts import lsvg, varyonvg
from drboot.facts.base import ParseError
from drboot.facts.lsvg import Vg
from drboot.paths import Root
from drboot.sim.estates import glvm as estate_of
from drboot.sim.inprocess import InProcess
from tests.scenarios import memory
from tests.scenarios.verbs import drboot
from tests.steps.test_volume_groups import vg

TRANSCRIPTS = Path(__file__).parents[2] / "transcripts"
REMOTE = (
    RemotePv("000dd32daa568b07", "hdisk3", "1.1.2.1", "1.1.1.1", "180"),
    RemotePv("000dd32db9b5ab41", "hdisk4", "1.1.2.1", "1.1.1.1", "60"),
)
WISH = glvm.Failback("datavg", ("/data", "/data/db"), ("rpvserver0", "rpvserver1"), ("hdisk3", "hdisk4"))
TIMEOUT = """\
IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION
D034B795   0920102905 P U hdisk3         No response from RPV server within I/O
D034B795   0920102805 P U hdisk4         No response from RPV server within I/O
D034B795   0920102705 P U hdisk3         No response from RPV server within I/O
60AFC9E5   0405132505 I O sys0           Partition ID changed since last boot.
"""
DETAIL = """\
---------------------------------------------------------------------------
LABEL:          RPVC_IO_TIMEOUT
IDENTIFIER:     D034B795

Date/Time:       Tue Sep 20 10:29:36 EDT 2005
Sequence Number: 1770
Machine Id:      000DD31D4C00
Node Id:         nodeA
Class:           U
Type:            PERM
Resource Name:   hdisk3

Description
No response from RPV server within I/O timeout interval.

Probable Causes
RPV server is down or not reachable.
"""


def recorded(name: str) -> str:
    return (TRANSCRIPTS / f"{name}.txt").read_text().partition("---\n")[2]


def typed(*lines: glvm.Typed) -> List[Tuple[str, str]]:
    return [(line.host, line.line) for line in lines]


ORDER = [
    ("dr", "stop the applications"),
    ("dr", "umount /data/db"),
    ("dr", "umount /data"),
    ("dr", "varyoffvg datavg"),
    ("dr", "mkdev -l rpvserver0"),
    ("dr", "mkdev -l rpvserver1"),
    ("production", "mkdev -l hdisk3"),
    ("production", "mkdev -l hdisk4"),
    ("production", "varyonvg -n -s datavg"),
    ("production", "chpv -v a hdisk1"),
    ("production", "chpv -v a hdisk2"),
    ("production", "varyoffvg datavg"),
    ("production", "varyonvg datavg"),
    ("production", "mount /data"),
    ("production", "mount /data/db"),
    ("production", "lsvg datavg"),
]


def test_S003_13_the_order_of_the_way_back_is_that_of_the_paper() -> None:
    removed = glvm.removed(glvm.by_varyonvg(recorded("varyonvg/01-opt-n-s-pvremoved"), "datavg"), REMOTE)
    assert typed(*glvm.failback(WISH._replace(removed=removed))) == ORDER


LSVG_P = """\
datavg:
PV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION
hdisk1            removed           546         0           00..00..00..00..00
hdisk2            removed           546         0           00..00..00..00..00
hdisk3            active            546         0           00..00..00..00..00
hdisk4            active            546         0           00..00..00..00..00
"""


def test_S003_13_by_recorded_lsvg_p_it_is_the_same() -> None:
    removed = glvm.removed(glvm.by_lsvg(LSVG_P, "datavg"), REMOTE)
    assert typed(*glvm.failback(WISH._replace(removed=removed))) == ORDER
    with pytest.raises(ParseError):
        glvm.by_lsvg(LSVG_P, "othervg")


def test_S003_14_one_chpv_for_each_disk_that_is_removed() -> None:
    pvs = glvm.by_varyonvg(recorded("varyonvg/01-opt-n-s-pvremoved"), "datavg")
    assert glvm.removed(pvs, REMOTE) == ("hdisk1", "hdisk2")
    lines = [line for _, line in typed(*glvm.failback(WISH))]
    assert lines.count("chpv -v a HDISK") == 1, "before anybody has looked, for each that will be shown"


@pytest.mark.parametrize("text", ["", "varyonvg: Volume group datavg is varied on.\n", "sh: varyonvg: not found\n"])
def test_S003_14_silence_does_not_read_as_none_removed(text: str) -> None:
    with pytest.raises(ParseError):
        glvm.by_varyonvg(text, "datavg")


def test_S003_14_the_listing_of_another_volume_group_is_refused() -> None:
    with pytest.raises(ParseError, match="othervg was expected"):
        glvm.by_varyonvg(recorded("varyonvg/01-opt-n-s-pvremoved"), "othervg")


@pytest.mark.parametrize("state", ["missing", "removed"])
def test_S003_13_production_is_not_varied_on_without_the_current_copy(state: str) -> None:
    """hdisk4 is a disk of DR, where the volume group was in use: LVM would work on old data and not notice."""
    text = LSVG_P.replace("hdisk4            active ", f"hdisk4            {state}")
    with pytest.raises(ValueError, match="hdisk4 of DR"):
        glvm.removed(glvm.by_lsvg(text, "datavg"), REMOTE)
    with pytest.raises(ValueError, match="hdisk3, hdisk4 of DR"):
        pvs = glvm.by_varyonvg(recorded("varyonvg/01-opt-n-s-pvremoved"), "datavg")[:2]
        glvm.removed(pvs, REMOTE)


def test_S003_21_the_recorded_import_is_understood() -> None:
    found = varyonvg.parse(recorded("importvg/01-opt-f-two-of-four-pvs"))
    assert (found.varied_on, found.names) == (("datavg", "datavg"), ("datavg",))
    assert [(str(pv.disk), pv.state) for pv in found.lists[-1]][:2] == [("hdisk2", "PVACTIVE"), ("hdisk3", "PVACTIVE")]
    assert [pv.pvid for pv in found.lists[-1] if pv.state == "NONAME"] == ["000dd31d58ba0ce8", "000dd31d714bfde2"]
    assert set(found.messages) == {"0516-510", "0516-548"}


def look(stale: int, active: int = 2) -> Vg:
    text = vg(active).replace("STALE PPs:      0", f"STALE PPs:      {stale}")
    return lsvg.parse_vg(text.replace("STALE PVs:          0", f"STALE PVs:          {int(stale > 0)}"))


def test_S003_15_complete_only_when_nothing_is_stale() -> None:
    going = glvm.progress([look(300), look(120)])
    assert (going.stale, going.is_complete, "it goes on" in going.text) == ((300, 120), False, True)
    stuck = glvm.progress([look(300), look(300)])
    assert not stuck.is_complete and "not seen to go down" in stuck.text
    assert glvm.progress([look(300), look(120), look(0)]).is_complete


def test_S003_15_a_copy_that_is_not_there_is_not_complete() -> None:
    """The PVs of production are still removed: nothing is stale, since nothing is copied."""
    found = glvm.progress([look(0, active=1)])
    assert not found.is_complete and "1 of 2 PVs are not active" in found.text
    with pytest.raises(ValueError, match="one volume group"):
        glvm.progress([])


def test_S003_16_timeouts_are_recognised_in_both_forms() -> None:
    assert glvm.timed_out(TIMEOUT) == ("hdisk3", "hdisk4")
    assert glvm.timed_out(DETAIL) == ("hdisk3",)
    assert glvm.timed_out("") == ()
    assert typed(*glvm.recovery("datavg", ("hdisk3", "hdisk4"))) == [
        ("dr", "lsdev -C -c rpvserver"),
        ("production", "chdev -l hdisk3 -a resume=yes"),
        ("production", "chdev -l hdisk4 -a resume=yes"),
        ("production", "varyonvg datavg"),
    ]


def test_S003_17_a_planned_outage_and_its_end() -> None:
    assert typed(*glvm.outage("datavg", REMOTE)) == [
        ("production", "chdev -l hdisk3 -a server_addr=none"),
        ("production", "chdev -l hdisk4 -a server_addr=none"),
        ("production", "chdev -l hdisk3 -a server_addr=1.1.2.1"),
        ("production", "chdev -l hdisk4 -a server_addr=1.1.2.1"),
        ("production", "varyonvg datavg"),
    ]
    with pytest.raises(ValueError, match="hdisk3"):
        list(glvm.outage("datavg", (replace(REMOTE[0], server_addr="none"),)))


def test_S003_18_19_22_what_is_to_be_known() -> None:
    found = list(glvm.state(REMOTE, has_port=False))
    assert "io_timeout 180 s (the default)" in found[0].answer
    assert found[1].answer.endswith("io_timeout 60 s")
    assert (found[2].warning, found[3].warning) == (True, True)
    assert "in the clear" in found[3].answer
    assert not list(glvm.state(REMOTE, has_port=True))[2].warning


# ---------------------------------------------------------------- as it is typed


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    """Production, whose RPV clients have an address."""
    estate = estate_of.make(str(tmp_path_factory.mktemp("glvm")))
    memory.arm_at_home(estate)
    root = Root(estate.home.root)
    made = load(root, "home")
    save(root, replace(made, remote=tuple(replace(pv, server_addr="10.20.5.11") for pv in made.remote)))
    return InProcess(estate.home)


def saved(directory: Path, text: str) -> str:
    path = directory / "listing"
    path.write_text(text)
    return str(path)


def test_S003_13_drboot_glvm_failback(home: InProcess, tmp_path: Path) -> None:
    text = LSVG_P.replace("datavg", "geovg")
    ran = drboot(home, "glvm", "failback", "--vg", "geovg", "--lsvg-p", saved(tmp_path, text))
    assert (ran.rc, "glvm-current-copy-absent" in ran.err, ran.out) == (2, True, ""), "hdisk5 and hdisk6 are DR's"
    text = text.replace("hdisk3", "hdisk5").replace("hdisk4", "hdisk6")
    ran = drboot(home, "glvm", "failback", "--vg", "geovg", "--lsvg-p", saved(tmp_path, text), "--json")
    assert (ran.rc, ran.err) == (0, "")
    assert "rpvs_pvid" in ran.out, "nobody has said which RPV servers they are"
    lines = [one["line"] for one in json.loads(ran.out)]
    assert lines[1:3] == ["umount /geo", "varyoffvg geovg"]
    assert lines.index("mkdev -l rpvserver1") < lines.index("mkdev -l hdisk5") < lines.index("varyonvg -n -s geovg")
    assert lines.index("varyonvg -n -s geovg") < lines.index("chpv -v a hdisk2") < lines.index("varyonvg geovg")
    assert all(len(line) <= 100 for line in drboot(home, "glvm", "failback", "--vg", "geovg").out.splitlines())


def test_S003_15_16_17_19_the_other_words_of_the_verb(home: InProcess, tmp_path: Path) -> None:
    path = saved(tmp_path, vg())
    done = drboot(home, "glvm", "sync", "--lsvg", path, path)
    assert (done.rc, "both copies are the same" in done.out) == (0, True)
    path = saved(tmp_path, vg().replace("STALE PPs:      0", "STALE PPs:      7"))
    assert drboot(home, "glvm", "sync", "--lsvg", path).rc == 4
    ran = drboot(home, "glvm", "timeouts", "--vg", "geovg", "--errpt", saved(tmp_path, TIMEOUT))
    assert (ran.rc, "chdev -l hdisk4 -a resume=yes" in ran.out) == (4, True)
    assert drboot(home, "glvm", "timeouts", "--errpt", saved(tmp_path, "")).rc == 0
    ran = drboot(home, "glvm", "outage", "--vg", "geovg")
    assert (ran.rc, ran.out.count("server_addr=10.20.5.11")) == (0, 2)
    assert "in the clear" in drboot(home, "glvm", "state").out


@pytest.mark.parametrize(
    "args",
    [
        ("failback",), ("failback", "--vg", "nonevg"), ("failback", "--vg", "datavg"), ("sync",), ("timeouts",),
        ("outage", "--captured", "nowhere"),
        ("failback", "--vg", "geovg", "--varyonvg", "/nonexistent"),
    ],
)  # fmt: skip
def test_what_is_missing_is_a_clear_error(home: InProcess, args: Tuple[str, ...]) -> None:
    ran = drboot(home, "glvm", *args)
    assert ran.rc == 2
    assert "Traceback" not in ran.err and "error" in ran.err
