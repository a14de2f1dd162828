"""SMIT's stanzas: whole objects that lead somewhere, texts that fit, and commands that drboot's own parser takes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

import pytest
from man import pages
from smit import menus

from drboot import cli
from drboot.verbs.default import default
from tests.house.source import ROOT

# The descriptors of each class, from IBM's pages of the four classes: the longest value, 0 for an integer.
HELP = {"help_msg_id": 16, "help_msg_loc": 1024, "help_msg_base": 1024, "help_msg_book": 1024}
DESCRIPTORS: Dict[str, Dict[str, int]] = {
    "sm_menu_opt": {"id": 64, "id_seq_num": 16, "next_id": 64, "text": 1024, "text_msg_file": 1024, "text_msg_set": 0,
                    "text_msg_id": 0, "next_type": 1, "alias": 1, **HELP},
    "sm_name_hdr": {"id": 64, "next_id": 64, "option_id": 64, "has_name_select": 1, "name": 1024,
                    "name_msg_file": 1024, "name_msg_set": 0, "name_msg_id": 0, "type": 1, "ghost": 1,
                    "cmd_to_classify": 1024, "cmd_to_classify_postfix": 1024, "raw_field_name": 1024,
                    "cooked_field_name": 1024, "next_type": 1, **HELP},
    "sm_cmd_hdr": {"id": 64, "option_id": 64, "has_name_select": 1, "name": 1024, "name_msg_file": 1024,
                   "name_msg_set": 0, "name_msg_id": 0, "cmd_to_exec": 1024, "ask": 1, "exec_mode": 1, "ghost": 1,
                   "cmd_to_discover": 1024, "cmd_to_discover_postfix": 1024, "name_size": 0, "value_size": 0, **HELP},
    "sm_cmd_opt": {"id": 64, "id_seq_num": 16, "disc_field_name": 64, "name": 1024, "name_msg_file": 1024,
                   "name_msg_set": 0, "name_msg_id": 0, "op_type": 1, "entry_type": 1, "entry_size": 0, "required": 1,
                   "prefix": 1024, "cmd_to_list_mode": 1, "cmd_to_list": 1024, "cmd_to_list_postfix": 1024,
                   "multi_select": 1, "value_index": 0, "disp_values": 1024, "values_msg_file": 1024,
                   "values_msg_set": 0, "values_msg_id": 0, "aix_values": 1024, **HELP},
}  # fmt: skip
WORDS = {
    "next_type": "mdni", "alias": "ny", "has_name_select": "ny", "ask": "ny", "ghost": "ny", "exec_mode": "pnieEPNI",
    "op_type": "nlrNLR", "entry_type": "nt#xfr", "required": "ny+?", "cmd_to_list_mode": "a12r",
    "multi_select": ",ym", "type": "jrc",
}  # fmt: skip
# Columns of an 80-column screen: a menu's item, a screen's title, a field's name before its value.
WIDTHS = {
    "sm_menu_opt": ("text", 74),
    "sm_name_hdr": ("name", 74),
    "sm_cmd_hdr": ("name", 74),
    "sm_cmd_opt": ("name", 44),
}
SHELLS = ("ksh93", "mksh", "dash", "bash")


class Object(NamedTuple):
    cls: str
    values: Dict[str, str]


def parsed(text: str) -> List[Object]:
    """A stanza file as odmadd reads it: a class, then descriptors, a blank line behind each object."""
    found: List[Object] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith(("#", "*")):
            continue
        head = re.fullmatch(r"(\w+):", line)
        if head:
            assert number == 1 or not text.splitlines()[number - 2].strip(), f"line {number}: no blank line before it"
            found.append(Object(head.group(1), {}))
            continue
        pair = re.fullmatch(r"\t(\w+) = (?:\"([^\"]*)\"|(\d+))", line)
        assert pair and found, f"line {number}: {line}"
        name, text_value, number_value = pair.groups()
        assert name not in found[-1].values, f"line {number}: {name} is there twice"
        assert (DESCRIPTORS[found[-1].cls][name] == 0) == (number_value is not None), f"line {number}: kind of {name}"
        found[-1].values[name] = text_value if number_value is None else number_value
    return found


OBJECTS = parsed(menus.text())


def of(cls: str, **values: str) -> List[Dict[str, str]]:
    return [o.values for o in OBJECTS if o.cls == cls and all(o.values[name] == v for name, v in values.items())]


# ---------------------------------------------------------------- objects


def test_every_object_has_every_descriptor_of_its_class_and_no_other() -> None:
    assert {o.cls for o in OBJECTS} == set(DESCRIPTORS)
    assert all(set(o.values) == set(DESCRIPTORS[o.cls]) for o in OBJECTS)


def test_values_are_of_the_kind_and_length_that_the_class_takes() -> None:
    for o in OBJECTS:
        for name, value in o.values.items():
            longest = DESCRIPTORS[o.cls][name]
            assert len(value) <= (longest or 9) and value.isascii() and value.isprintable(), (o, name)
            assert name not in WORDS or value == "" or value in WORDS[name], (o, name)


def test_ids_begin_with_our_name_and_are_unique() -> None:
    own = [o.values["id"] for o in OBJECTS if o.values["id"] != menus.PARENT]
    assert all(name == "drboot" or name.startswith("drboot_") for name in own)
    assert [o.cls for o in OBJECTS if o.values["id"] == menus.PARENT] == ["sm_menu_opt"]
    headers = [o.values["id"] for o in OBJECTS if o.cls in ("sm_name_hdr", "sm_cmd_hdr")]
    assert len(headers) == len(set(headers))
    places = [(o.values["id"], o.values["id_seq_num"]) for o in OBJECTS if "id_seq_num" in o.values]
    assert len(places) == len(set(places))


def test_every_item_leads_to_what_it_says_it_leads_to() -> None:
    classes = {"m": "sm_menu_opt", "d": "sm_cmd_hdr", "n": "sm_name_hdr"}
    leading = [*of("sm_menu_opt"), *of("sm_name_hdr")]
    assert len(leading) > 10
    for values in leading:
        assert of(classes[values["next_type"]], id=values["next_id"]), values
    led_to = {values["next_id"] for values in leading}
    assert {v["id"] for v in (*of("sm_cmd_hdr"), *of("sm_name_hdr"))} == led_to - {menus.MENU}


def test_every_header_has_its_fields_and_every_field_its_header() -> None:
    headers = [*of("sm_cmd_hdr"), *of("sm_name_hdr")]
    for values in headers:
        fields = of("sm_cmd_opt", id=values["option_id"]) if values["option_id"] else []
        assert bool(values["option_id"]) == bool(fields), values
        assert fields or values["ghost"] == "y", "a dialog without fields and not ghost is an empty screen"
    assert {v["id"] for v in of("sm_cmd_opt")} == {v["option_id"] for v in headers} - {""}
    assert all(v["id_seq_num"] == "0" for h in of("sm_name_hdr") for v in of("sm_cmd_opt", id=h["option_id"]))
    assert all(v["id_seq_num"] != "0" for h in of("sm_cmd_hdr") for v in of("sm_cmd_opt", id=h["option_id"]))


def test_fields_are_consistent() -> None:
    for values in of("sm_cmd_opt"):
        assert (values["op_type"] == "l") == bool(values["cmd_to_list"]), values
        assert (values["op_type"] == "r") == bool(values["disp_values"]), values
        assert values["disp_values"].count(",") == values["aix_values"].count(","), values
        assert not values["prefix"].startswith("--"), "SMIT would take it for a position"


def test_texts_fit_an_80_column_screen() -> None:
    for o in OBJECTS:
        name, most = WIDTHS[o.cls]
        assert 0 < len(o.values[name]) <= most, o


def test_help_is_a_page_that_there_is() -> None:
    every = {page.name for page in pages.pages()}
    assert {o.values["help_msg_loc"] for o in OBJECTS} <= every


def test_what_changes_the_machine_asks_first() -> None:
    asks = {v["id"] for v in of("sm_cmd_hdr", ask="y")}
    assert asks == {"drboot_arm", "drboot_disarm", "drboot_apply", "drboot_undo"}
    (site,) = [v for v in of("sm_cmd_opt", id="drboot_apply_opt") if v["prefix"] == "-s'"]
    assert site["required"] == "+"


def test_every_verb_is_in_the_menu_but_those_for_a_desk() -> None:
    verbs = {dialog.verb.partition("_")[0] for dialog in menus.DIALOGS}
    desk = {"import", "storage-map", "ssp-files", "glvm", "flash"}
    assert {verb.name for verb in cli.VERBS} - verbs <= desk


def test_the_lifecycle_script_adds_and_removes_these() -> None:
    """Its queries reach every object, and it names the file that the list of contents ships."""
    script = (ROOT / "packaging/lifecycle/lifecycle.sh").read_text()
    assert "odmadd /opt/drboot/smit/drboot.stanzas" in script
    assert """-q "id LIKE 'drboot*'\"""" in script and """-q "next_id LIKE 'drboot*'\"""" in script
    assert all(cls in script for cls in DESCRIPTORS)
    reached = [
        o for o in OBJECTS if o.values["id"].startswith("drboot") or o.values.get("next_id", "").startswith("drboot")
    ]
    assert len(reached) == len(OBJECTS)


# ---------------------------------------------------------------- commands


class Machine:
    """drboot-smit in its place, with a drboot that only says how it was called."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "aix"
        smit, command = self.root / "opt/drboot/bin/drboot-smit", self.root / "opt/drboot/bin/drboot"
        for path in (smit, command):
            path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "packaging/smit/drboot-smit", smit)
        command.write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\0" "$word"; done\n')
        command.chmod(0o755)
        sites = self.root / "etc/drboot/sites"
        sites.mkdir(parents=True)
        for name in ("home.yaml", "dr.yaml", "notes.txt"):
            (sites / name).write_text("")
        for run in ("20260101T000000Z-a", "20260201T000000Z-b"):
            (self.root / "var/adm/drboot/runs" / run).mkdir(parents=True)

    def says(self, command_line: str, shell: str = "dash") -> str:
        """What ``SHELL -c`` makes of a command line of SMIT, its path re-homed."""
        line = command_line.replace("/opt/drboot/", f"{self.root}/opt/drboot/")
        ran = subprocess.run([shell, "-c", line], capture_output=True, text=True, check=False, timeout=20)
        assert ran.stderr == "" and ran.returncode == 0, (line, ran)
        return ran.stdout

    def argv(self, command_line: str, shell: str = "dash") -> List[str]:
        return self.says(command_line, shell).split("\0")[:-1]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("smit"))


def command_lines(header: Dict[str, str], typed: Dict[str, str]) -> str:
    """As SMIT builds it: the command, prefix and value of every field that is sent, none of which is a position.

    typed  prefix -> what was typed or chosen there
    """
    line = header["cmd_to_exec"]
    for values in sorted(
        of("sm_cmd_opt", id=header["option_id"]) if header["option_id"] else [], key=lambda v: v["id_seq_num"]
    ):
        value = typed.get(values["prefix"], values["aix_values"].split(",")[int(values["value_index"])])
        if value or values["required"] == "y":
            assert values["prefix"].endswith("'")
            line += f" {values['prefix']}{value}'"
    return line


CASES: Tuple[Tuple[str, Dict[str, str], List[str]], ...] = (
    ("drboot_status", {}, ["status"]),
    ("drboot_plan", {}, ["plan"]),
    ("drboot_plan", {"-s'": "dr", "-V'": "yes"}, ["plan", "--site", "dr", "--verbose"]),
    ("drboot_check", {}, ["check"]),
    ("drboot_capture", {}, ["capture"]),
    ("drboot_arm", {}, ["arm"]),
    ("drboot_arm", {"-s'": "home", "-h'": "prod01", "-N'": "yes"},
     ["arm", "--site", "home", "--host", "prod01", "--nightly"]),
    ("drboot_arm", {"-f'": "home"}, ["arm", "--for", "home"]),
    ("drboot_disarm", {}, ["disarm"]),
    ("drboot_apply", {"-s'": "dr"}, ["--apply", "--site", "dr"]),
    ("drboot_apply", {"-s'": "dr", "-R'": "yes"}, ["--apply", "--site", "dr", "--rehearsal"]),
    ("drboot_report_show", {"-r'": "20260201T000000Z-b"}, ["report", "--", "20260201T000000Z-b"]),
    ("drboot_undo_plan", {}, ["undo", "--plan"]),
    ("drboot_undo", {"-r'": "20260201T000000Z-b"}, ["undo", "--", "20260201T000000Z-b"]),
    ("drboot_undo", {}, ["undo"]),
    ("drboot_runbook", {}, ["runbook"]),
    ("drboot_runbook", {"-s'": "dr", "-w'": "/tmp/x.html"}, ["runbook", "--site", "dr", "--html", "/tmp/x.html"]),
    ("drboot_support", {"-o'": "/home/my files"}, ["support", "--output", "/home/my files"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialog", "typed", "argv"), CASES)
def test_what_a_dialog_runs_is_what_drboot_takes(
    machine: Machine, dialog: str, typed: Dict[str, str], argv: List[str]
) -> None:
    (header,) = of("sm_cmd_hdr", id=dialog)
    made = machine.argv(command_lines(header, typed))
    assert made == argv
    options = cli.parser().parse_args(made)
    assert options.call is (default if argv[0] == "--apply" else next(v.call for v in cli.VERBS if v.name == argv[0]))
    if "--" in argv:
        assert options.run == argv[-1]


def test_every_dialog_and_every_field_has_a_case() -> None:
    assert {dialog for dialog, _, _ in CASES} == {v["id"] for v in of("sm_cmd_hdr")}
    for values in of("sm_cmd_hdr"):
        prefixes = {v["prefix"] for v in of("sm_cmd_opt", id=values["option_id"])} if values["option_id"] else set()
        used = {prefix for dialog, typed, _ in CASES if dialog == values["id"] for prefix in typed}
        assert used == prefixes or values["id"] == "drboot_undo_plan", values["id"]


@pytest.mark.parametrize("shell", SHELLS)
def test_what_was_typed_is_one_word_in_every_shell(machine: Machine, shell: str) -> None:
    (header,) = of("sm_cmd_hdr", id="drboot_arm")
    typed = '$(id) `id` *; a "b" -x'
    assert machine.argv(command_lines(header, {"-h'": typed}), shell) == ["arm", "--host", typed]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("flag", ["s", "h", "f", "o", "w", "r"])
def test_what_was_typed_is_no_flag(machine: Machine, shell: str, flag: str) -> None:
    """The launcher would look for an interpreter below another root."""
    script = f"{machine.root}/opt/drboot/bin/drboot-smit"
    ran = subprocess.run([shell, script, "report", f"-{flag}--root=/elsewhere"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--root=/elsewhere is a flag" in ran.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_the_same_in_every_shell(machine: Machine, shell: str) -> None:
    script = "/opt/drboot/bin/drboot-smit"
    assert machine.argv(f"{shell} {script} undo -r RUN1", shell) == ["undo", "--", "RUN1"]
    assert machine.says(f"{shell} {script} sites", shell) == "dr\nhome\n"
    assert machine.says(f"{shell} {script} runs", shell) == "20260201T000000Z-b\n20260101T000000Z-a\n"


def test_lists_come_from_commands_that_print_something(machine: Machine) -> None:
    lists = {v["cmd_to_list"] for v in of("sm_cmd_opt")} - {""}
    assert len(lists) == 2
    assert all(machine.says(line) for line in lists)
