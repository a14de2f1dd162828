"""drboot acts only on an armed machine whose systemid belongs to exactly one site, and not to its own."""

from __future__ import annotations

from typing import Dict, List, Optional

from hypothesis import given
from hypothesis import strategies as st

from drboot import gate
from tests.stub_root import ARM_ID, stamp_text, stamp_values

IDS = st.sampled_from(["0211D11C1", "0211D11C2", "0306C090G", "017268B60"])
SITES = st.sampled_from(["home", "dr", "far"])
LISTS = st.dictionaries(SITES, st.lists(IDS | st.just(""), max_size=3), max_size=3)


def _stamp(lists: Dict[str, List[str]], **changes: Optional[str]) -> gate.Stamp:
    values = {key: value for key, value in stamp_values(**changes).items() if not key.startswith("ids.")}
    values.update({f"ids.{site}": ",".join(ids) for site, ids in lists.items()})
    return gate.Stamp(values, {})


@given(
    lists=LISTS,
    configured=SITES | st.just(""),
    phase=st.sampled_from(["armed", "disarmed"]),
    systemid=IDS | st.just("") | st.none(),
    accept=IDS | st.sampled_from(["", "x"]),
    site=SITES | st.just(""),
    event=st.sampled_from(["", f"0211D11C1/{ARM_ID}"]),
)
def test_when_it_acts(
    lists: Dict[str, List[str]],
    configured: str,
    phase: str,
    systemid: Optional[str],
    accept: str,
    site: str,
    event: str,
) -> None:
    stamp = _stamp(lists, configured_site=configured, phase=phase, event=event)
    identity = None if systemid is None else gate.Identity(systemid)
    decision = gate.decide(stamp, identity, accept=accept, site=site)
    owners = [name for name, ids in lists.items() if systemid and systemid in ids]
    if decision.action == "act":
        assert phase == "armed" and systemid
        assert decision.systemid == systemid
        assert decision.site != configured and lists.get(configured)
        assert owners == [decision.site] or (owners == [] and accept == systemid and site == decision.site)
        assert decision.accepted == (owners == [])
        assert decision.site in lists
    else:
        assert decision.site == "" and not decision.accepted
        assert decision.exit_code == {"nothing": 0, "refuse": 3, "config": 2}[decision.action]
    if owners == [configured] or phase == "disarmed":
        assert decision.exit_code in (0, 2) and decision.action != "act"
    assert decision.message.isprintable()


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_lsattr_prints_is_an_id_or_a_reason(data: bytes) -> None:
    identity = gate.parse_identity(data)
    assert bool(identity.systemid) != bool(identity.why)
    assert identity.why.isascii() and (not identity.why or identity.why.isprintable())


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_the_stamp_holds_is_a_stamp_or_damage(data: bytes) -> None:
    try:
        gate.parse_stamp(data)
    except gate.StampDamaged as damage:
        assert damage.why


@given(position=st.integers(0, len(stamp_text()) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_never_makes_a_traceback(position: int, byte: int) -> None:
    data = bytearray(stamp_text().encode())
    data[position] = byte
    try:
        stamp = gate.parse_stamp(bytes(data))
    except gate.StampDamaged:
        return
    assert gate.decide(stamp, gate.Identity("0211D11C1")).exit_code in (0, 2, 3)
