"""An address that another machine has: asked for beforehand, or seen in the error log, and never kept."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import List, Optional

import pytest

from drboot import claims, files, state
from drboot.paths import CLAIMS, STATE, Root
from drboot.sim.estates import bank, small
from tests.scenarios import lpars, memory
from tests.scenarios.bed import STORAGE, Bed, Beds
from tests.scenarios.kept import unlike

LABEL = "AIXIF_ARP_DUP_ADDR"


@pytest.fixture(scope="module")
def smalls(tmp_path_factory: pytest.TempPathFactory) -> Beds:
    return Beds(tmp_path_factory.mktemp("small"), small.make)


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> Beds:
    return Beds(tmp_path_factory.mktemp("bank"), bank.make)


def bed(beds: Beds) -> Bed:
    """With a watch as long as in the field: counted, not spent."""
    one = beds.again()
    one.profile(lambda text: text.replace("duplicate_watch: 1s", "duplicate_watch: 15s"))
    return one


def with_probe(text: str) -> str:
    return text.replace("service: {mtu: 1500}", "service: {mtu: 1500, probe_address: 10.20.5.250}")


# ---------------------------------------------------------------- asked before


@pytest.mark.parametrize("listens", ["ping and ARP", "ARP alone"])
def test_F42_somebody_already_has_the_address(smalls: Beds, listens: str) -> None:
    """Nothing is brought up, no other address is taken, the probe address is off again, storage is complete."""
    one = bed(smalls)
    one.profile(with_probe)
    one.host("10.20.5.11", deaf=listens == "ARP alone")
    assert one.apply() == 6
    assert set(one.problems()) == {"address-in-use", "step-needs-failed"}
    assert one.steps()["network/service/unused"]["outcome"] == ("failed" if listens == "ARP alone" else "blocked")
    assert one.addresses() == []
    assert one.stored("en0", "netaddr") == []
    assert not any("netaddr=10.20.5.11" in line for line in one.commands())
    assert unlike(one.estate, *STORAGE) == {}
    assert lpars.stamp(one.estate.dr)["phase"] == "armed"
    one.gone("10.20.5.11")
    assert [address for address, _ in one.lpar.world["kernel"]["arp"]] == ["10.20.5.11"], "ARP remembers it"
    one.estate.dr.forget_commands()
    assert one.apply() == 0
    assert [line for line in one.commands() if "arp -d" in line] == ["/usr/sbin/arp -d 10.20.5.11"]
    assert lpars.differences(one.estate) == []


def test_F42_the_probe_address_is_up_for_the_question_only(smalls: Beds) -> None:
    one = bed(smalls)
    one.profile(with_probe)
    assert one.apply() == 0
    changing = [line for line in one.commands() if ("ifconfig" in line and "-a" not in line) or "ping" in line]
    assert changing[:3] == [
        "/usr/sbin/ifconfig en0 10.20.5.250 netmask 255.255.255.0 up",
        "/usr/sbin/ping -n -c 2 -w 2 10.20.5.11",
        "/usr/sbin/ifconfig en0 down detach",
    ]
    assert lpars.differences(one.estate) == []


def test_F42_a_neighbouring_interface_asks_without_a_probe_address(banks: Beds) -> None:
    """The backup interface of bank is put into the subnet of the service address for this test."""
    one = bed(banks)
    one.host("10.20.5.11")
    one.lpar.execute((one.estate.dr.root + "/usr/sbin/ifconfig", "en1", "10.20.5.77", "netmask", "255.255.255.0"), {},
                     False, 60.0)  # fmt: skip
    assert (one.apply(), "address-in-use" in one.problems()) == (6, True)
    assert not any("netaddr=10.20.5.11" in line for line in one.commands())


# ---------------------------------------------------------------- seen afterwards


@pytest.mark.parametrize("detail", ["address", "mac", "none"])
@pytest.mark.parametrize("after", [0.0, 10.0])
def test_F43_a_duplicate_is_discovered_while_the_address_is_up_alone(smalls: Beds, detail: str, after: float) -> None:
    one = bed(smalls)
    one.host("10.20.5.11", after=after)
    one.lpar.world["settings"]["variants"]["dup_addr_detail"] = detail
    assert one.apply() == 6
    one.check_taken_down()
    assert set(one.problems()) == {"address-duplicate", "step-needs-failed"}
    problem = next(p for p in one.report()["problems"] if p["name"] == "address-duplicate")
    assert ("02:00:0a:14:05:99" in problem["why"]) is (detail == "mac")
    assert one.steps()["network/service/alone"]["outcome"] == "failed"
    assert one.steps()["network/default_route"]["outcome"] == "blocked"
    assert one.stored("inet0", "route") == [], "no route before the address was alone"
    assert sum("netaddr=" in line for line in one.commands()) == 1, "it is not brought up again in the same run"
    assert unlike(one.estate, *STORAGE) == {}


def test_F43_the_next_run_tries_again_and_old_entries_do_not_count(smalls: Beds) -> None:
    one = bed(smalls)
    one.host("10.20.5.11")
    assert one.apply() == 6
    one.gone("10.20.5.11")
    assert one.apply() == 0, memory.said(one.lpar)
    assert lpars.differences(one.estate) == []


def test_F43_one_that_appears_after_the_watch_is_seen_by_the_last_look(smalls: Beds) -> None:
    """It claims the address while a file system is still being checked."""
    one = bed(smalls)
    one.host("10.20.5.11", after=40.0)
    one.lpar.world["settings"]["faults"] = [
        {"program": "/usr/sbin/fsck", "args": "fslv01", "kind": "slow", "seconds": 120, "nth": 1}
    ]
    assert one.apply() == 6
    one.check_taken_down()
    assert sum("netaddr=" in line for line in one.commands()) == 1
    assert "address-duplicate" in one.problems()


def test_F43_an_alias_is_watched_as_well(banks: Beds) -> None:
    one = bed(banks)
    one.host("10.20.5.13", place=_place(one, "10.20.5.1"), after=4.0)
    assert one.apply() == 6
    # the route was there until the interface was taken down; the gateway and the name servers had been asked over it
    assert set(one.problems()) == {"address-duplicate", "step-needs-failed", "step-undone"}
    assert one.steps()["network/service/aliases/alone"]["outcome"] == "failed"
    assert one.steps()["network/default_route"]["problem"]["name"] == "address-duplicate"
    assert "10.20.5.13" not in one.addresses() and "10.20.5.11" not in one.addresses()
    assert "10.21.5.11" in one.addresses(), "the other interface has nothing to do with it"
    assert unlike(one.estate, *STORAGE) == {}


def test_F43_production_still_runs_on_a_vlan_that_reaches_both_sites(smalls: Beds) -> None:
    """The DR row keeps production's address, production was not stopped: it is the other machine."""
    one = bed(smalls)
    one.lpar.world["san"]["stretched"] = [["home/100", "dr/200"]]
    hosts = Path(one.estate.dr.root, "etc/drboot/hosts.csv")
    hosts.write_text(
        hosts.read_text().replace("10.20.5.11,255.255.255.0,10.20.5.1", "10.1.5.11,255.255.255.0,10.1.5.1")
    )
    assert one.apply() == 6
    one.check_taken_down()
    assert "10.1.5.11" in json.dumps(one.report()["problems"])


def test_F43_killed_between_the_entry_and_the_reaction(smalls: Beds) -> None:
    """The next run finds the address up: what was logged since this boot counts, though it is older than the run."""
    one = bed(smalls)
    one.host("10.20.5.11")
    one.lpar.world["settings"]["faults"] = [
        {"program": "/usr/sbin/ifconfig", "args": "down detach", "kind": "dies", "nth": 1}
    ]
    with pytest.raises(BaseException, match="killed"):
        one.apply()
    one.lpar.live_again()
    assert "10.20.5.11" in one.addresses()
    assert one.apply() == 6
    one.check_taken_down()


def hook(one: Bed, script: str) -> None:
    """What the only hook of the profile does from now on."""
    program = one.file("/etc/drboot/hooks/app")
    if not program.exists():
        program.parent.mkdir(mode=0o755, exist_ok=True)
        one.profile(lambda text: text + "hooks:\n  - {name: app, program: /etc/drboot/hooks/app}\n")
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(0o755)


def brought_up_by_hand(one: Bed, address: str) -> None:
    chdev = (one.estate.dr.root + "/usr/sbin/chdev", "-l", "en0", "-a", "state=up", "-a", f"netaddr={address}")
    assert one.lpar.execute(chdev, {}, False, 60.0).rc == 0
    assert address in one.addresses()


def test_F43_an_address_that_came_up_well_is_not_taken_down_for_the_claim_of_an_earlier_run(smalls: Beds) -> None:
    """The second run had it up alone, and ended with 4 for another reason; the third is of the same boot."""
    one = bed(smalls)
    one.host("10.20.5.11")
    assert one.apply() == 6
    one.gone("10.20.5.11")
    hook(one, "exit 1\n")
    assert one.apply() == 4
    hook(one, "exit 0\n")
    one.estate.dr.forget_commands()
    assert one.apply() == 0
    assert not any("detach" in line or "chdev" in line for line in one.commands())
    assert lpars.differences(one.estate) == []


def var_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the record of the event."""
    write = files.write_atomic

    def full(path: str, data: bytes, mode: Optional[int] = None) -> None:
        if path.endswith(STATE):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        write(path, data, mode)

    monkeypatch.setattr(files, "write_atomic", full)


def test_F43_nor_where_var_was_full_all_the_time(smalls: Beds, monkeypatch: pytest.MonkeyPatch) -> None:
    """/etc/drboot/claims remembers what state.json cannot, until that can."""
    one = bed(smalls)
    one.host("10.20.5.11")
    with monkeypatch.context() as patched:
        var_is_full(patched)
        assert one.apply() == 6
        one.gone("10.20.5.11")
        hook(one, "exit 1\n")
        assert one.apply() == 4
    assert one.file(CLAIMS).exists()
    hook(one, "exit 0\n")
    one.estate.dr.forget_commands()
    assert one.apply() == 0
    assert not any("detach" in line or "chdev" in line for line in one.commands())
    assert not one.file(CLAIMS).exists()
    assert lpars.differences(one.estate) == []


@pytest.mark.parametrize("text", ["", "\xff", "another/event 12 13", "no words\n" * 3])
def test_a_damaged_record_of_claims_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "etc/drboot").mkdir(parents=True)
    path, root = tmp_path / CLAIMS.lstrip("/"), Root(str(tmp_path))
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    assert claims.of(root, "0211D11C1/1") == frozenset()
    claims.keep(root, "0211D11C1/1", "12 13")
    assert claims.of(root, "0211D11C1/1") == {"12", "13"}
    path.chmod(0o666)
    assert claims.of(root, "0211D11C1/1") == frozenset()


def test_what_is_remembered_of_a_claim_sets_the_event_not_back(smalls: Beds, monkeypatch: pytest.MonkeyPatch) -> None:
    """/var had no room when the run chose its way, and has some at its end."""
    one = bed(smalls)
    one.host("10.20.5.11")
    saved: List[str] = []
    save = state.save

    def only_claims(root: Root, event: state.Event) -> None:
        if not event.claims:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), STATE)
        saved.append(event.phase)
        save(root, event)

    monkeypatch.setattr(state, "save", only_claims)
    assert one.apply() == 6
    assert saved == [state.CONFIGURING]


def test_F43_nor_where_the_run_in_between_was_killed(smalls: Beds) -> None:
    one = bed(smalls)
    one.host("10.20.5.11")
    assert one.apply() == 6
    one.gone("10.20.5.11")
    one.lpar.world["settings"]["faults"] = [{"program": "/usr/bin/bootlist", "kind": "dies", "nth": 2}]
    with pytest.raises(BaseException, match="killed"):
        one.apply()
    one.lpar.live_again()
    one.lpar.world["settings"]["faults"] = []
    assert "10.20.5.11" in one.addresses()
    assert one.apply() == 0
    assert lpars.differences(one.estate) == []


@pytest.mark.parametrize("detail", ["address", "none"])
def test_F43_nor_where_somebody_has_put_it_right_by_hand(smalls: Beds, detail: str) -> None:
    one = bed(smalls)
    one.host("10.20.5.11")
    one.lpar.world["settings"]["variants"]["dup_addr_detail"] = detail
    assert one.apply() == 6
    one.gone("10.20.5.11")
    brought_up_by_hand(one, "10.20.5.11")
    assert one.apply() == 0
    assert lpars.differences(one.estate) == []


def test_F43_a_new_claim_of_the_same_address_counts(smalls: Beds) -> None:
    one = bed(smalls)
    one.host("10.20.5.11")
    assert one.apply() == 6
    one.gone("10.20.5.11")
    hook(one, "exit 1\n")
    assert one.apply() == 4
    one.host("10.20.5.11")
    brought_up_by_hand(one, "10.20.5.11")
    assert one.apply() == 6
    one.check_taken_down()


def test_F43_what_could_not_be_taken_down_is_by_the_next_run(smalls: Beds) -> None:
    one = bed(smalls)
    one.host("10.20.5.11")
    one.lpar.world["settings"]["faults"] = [
        {"program": "/usr/sbin/ifconfig", "args": "down detach", "kind": "fails", "nth": 0},
        {"program": "/usr/sbin/chdev", "args": "state=detach", "kind": "fails", "nth": 0},
    ]
    assert one.apply() == 4
    assert "10.20.5.11" in one.addresses()
    one.lpar.world["settings"]["faults"] = []
    assert one.apply() == 6
    one.check_taken_down()


def test_F43_entries_of_production_that_came_with_the_replica_say_nothing(smalls: Beds) -> None:
    """Production had logged duplicates of the very address that the DR row keeps."""
    one = bed(smalls)
    log = Path(one.estate.dr.root, "var/adm/ras/errlog")
    last = json.loads(log.read_text().splitlines()[-1])
    for minutes in (2, 30000):
        entry = {**last, "label": LABEL, "id": "FE2DEE00", "type": "PERM", "cls": "S", "resource": "SYSXAIXIF",
                 "description": "DUPLICATE IP ADDRESS DETECTED IN THE NET", "detail": "0A14 050B",
                 "at": last["at"] - 60 * minutes, "machine": "00F6F42A4C00"}  # fmt: skip
        log.write_text(json.dumps(entry) + "\n" + log.read_text())
    assert one.apply() == 0
    assert lpars.differences(one.estate) == []


def test_an_error_log_that_cannot_be_read_leaves_the_address_alone_and_the_run_unfinished(smalls: Beds) -> None:
    one = bed(smalls)
    one.lpar.world["settings"]["faults"] = [{"program": "/usr/bin/errpt", "kind": "hangs"}]
    assert one.apply() == 4
    assert one.steps()["network/service/alone"]["outcome"] == "blocked"
    assert one.stored("inet0", "route") == []
    assert unlike(one.estate, *STORAGE) == {}


def _place(one: Bed, address: str) -> str:
    """The site and VLAN in which a host is."""
    networks = one.lpar.world["san"]["networks"]
    return next(place for place, hosts in networks.items() if any(host["address"] == address for host in hosts))
