"""What must never be run: tools and flags that destroy identity, and force that nobody asked for."""

from __future__ import annotations

import ast
import re
from typing import Iterator, List, Tuple

from drboot.paths import PROGRAMS
from tests.house.source import Module, calls, product, strings

# chdev pv=yes writes on disks without a PVID, ASM disks among them; pv=clear and recreatevg destroy the identity
# that everything here goes by; RPV clients would write to the other site (design.md section 6, F29).
NEVER = re.compile(r"\bpv=(yes|clear)\b|\brecreatevg\b|\bchpv\b.*-c|\brpvclient|\bsyncvg\b|\bformat\b.*hdisk")
NEVER_PROGRAMS = (
    "recreatevg",
    "chpv",
    "reorgvg",
    "mkvg",
    "rmlv",
    "reducevg",
    "extendvg",
    "crfs",
    "rmfs",
    "mkfs",
    "logform",
    "dd",
)

# (program, argument): force, which only a profile that names the object may ask for.
FORCE = {
    ("varyonvg", "-f"),
    ("varyonvg", "-O"),
    ("importvg", "-f"),
    ("importvg", "-O"),
    ("fsck", "-y"),
    ("umount", "-f"),
}


def test_F29_identity_destroying_words_occur_nowhere() -> None:
    seen = 0
    wrong = []
    for module in product():
        for text, node in strings(module):
            seen += 1
            if NEVER.search(text):
                wrong.append(f"{module.at(node)} {text!r}")
    assert not wrong
    assert seen > 200
    assert NEVER.search("pv=yes") and NEVER.search("chdev -l hdisk3 -a pv=clear"), "the pattern finds nothing"


def test_identity_destroying_programs_cannot_be_run() -> None:
    """The runner takes names of paths.PROGRAMS only."""
    assert not set(NEVER_PROGRAMS) & set(PROGRAMS)
    assert "importvg" in PROGRAMS


def _commands(module: Module) -> Iterator[Tuple[str, ast.Call]]:
    for name, call in calls(module):
        if name.rpartition(".")[2] in ("command", "Command") and call.args and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value), call


def _arguments(call: ast.Call) -> List[str]:
    return [node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_force_is_never_a_literal_of_a_command() -> None:
    """Where a profile asks for force, the flag must come from the profile's value, through one guarded place."""
    seen, wrong = set(), []
    for module in product():
        for program, call in _commands(module):
            seen.add(program)
            for argument in _arguments(call)[1:]:
                if (program, argument) in FORCE:
                    wrong.append(f"{module.at(call)} {program} {argument}")
    # the forced import of GLVM: a step of its own, which the profile's `glvm` section alone makes (S003-7)
    assert [place.partition(":")[0] + place[place.index(" ") :] for place in wrong] == [
        "drboot/steps/glvm.py importvg -f"
    ]
    assert {"importvg", "varyonvg", "fsck"} <= seen


def test_S003_7_only_the_step_behind_the_questions_forces_an_import() -> None:
    """``-f`` stands in GlvmImported and nowhere else in its file."""
    module = next(one for one in product() if one.path == "drboot/steps/glvm.py")
    kinds = [node for node in module.tree.body if isinstance(node, ast.ClassDef)]
    holders = {
        kind.name for kind in kinds for node in ast.walk(kind) if isinstance(node, ast.Constant) and node.value == "-f"
    }
    assert holders == {"GlvmImported"}


def test_S003_4_no_step_configures_an_rpv_client() -> None:
    """mkdev is run to make pseudo adapters, and by undo for an RPV server that a run took down; nowhere else."""
    places = sorted(
        (module.path, "-l" in _arguments(call))
        for module in product()
        for program, call in _commands(module)
        if program == "mkdev"
    )
    assert places == [
        ("drboot/steps/pseudo_adapters.py", False),
        ("drboot/steps/reversals/devices.py", True),
    ]
    kind = "class ServerServes"
    assert kind in next(one for one in product() if one.path == "drboot/steps/reversals/devices.py").text


def test_F29_chdev_attributes_are_written_out_or_captured() -> None:
    """No chdev takes its attribute=value from somewhere that could hold ``pv``: every literal names its attribute."""
    literals = []
    for module in product():
        for program, call in _commands(module):
            if program == "chdev":
                literals += [argument for argument in _arguments(call) if "=" in argument]
    assert literals
    assert not [argument for argument in literals if argument.startswith("pv")]
