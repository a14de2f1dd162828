"""The menus and dialogs of `smitty drboot`, and the stanzas that odmadd makes objects of.

python packaging/smit/menus.py [FILE]

Every descriptor of a class is written, the unused ones as "" and 0, as the manual wants it.  What a dialog runs is
drboot-smit beside this, which takes short flags: a prefix that begins with two dashes means a position to SMIT.
Source: IBM, General Programming Concepts, SMIT Object Classes, and the pages of sm_menu_opt, sm_name_hdr, sm_cmd_hdr,
sm_cmd_opt; SMIT Command Generation and Execution.  Applications is the menu "apps" (SMIT Example Program).
Source: commands that SMIT has recorded, crfs -v jfs2 -d'lv' -m'/mnt' -p'rw': behind a prefix that ends with a quote it
writes the value and another quote.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Dict, Iterator, List, Tuple, Union

COMMAND = "/opt/drboot/bin/drboot-smit"
PARENT = "apps"
MENU = "drboot"

Value = Union[str, int]
Stanza = Tuple[str, Dict[str, Value]]

_HELP: Dict[str, Value] = {"help_msg_id": "", "help_msg_loc": "", "help_msg_base": "", "help_msg_book": ""}
# The descriptors of each class, in its order, with what stands for "not used".
CLASSES: Dict[str, Dict[str, Value]] = {
    "sm_menu_opt": {
        "id_seq_num": "", "id": "", "next_id": "", "text": "", "text_msg_file": "", "text_msg_set": 0, "text_msg_id": 0,
        "next_type": "", "alias": "", **_HELP,
    },
    "sm_name_hdr": {
        "id": "", "next_id": "", "option_id": "", "has_name_select": "", "name": "", "name_msg_file": "",
        "name_msg_set": 0, "name_msg_id": 0, "type": "", "ghost": "", "cmd_to_classify": "",
        "cmd_to_classify_postfix": "", "raw_field_name": "", "cooked_field_name": "", "next_type": "", **_HELP,
    },
    "sm_cmd_hdr": {
        "id": "", "option_id": "", "has_name_select": "", "name": "", "name_msg_file": "", "name_msg_set": 0,
        "name_msg_id": 0, "cmd_to_exec": "", "ask": "", "exec_mode": "", "ghost": "", "cmd_to_discover": "",
        "cmd_to_discover_postfix": "", "name_size": 0, "value_size": 0, **_HELP,
    },
    "sm_cmd_opt": {
        "id_seq_num": "", "id": "", "disc_field_name": "", "name": "", "name_msg_file": "", "name_msg_set": 0,
        "name_msg_id": 0, "op_type": "", "entry_type": "", "entry_size": 0, "required": "", "prefix": "",
        "cmd_to_list_mode": "", "cmd_to_list": "", "cmd_to_list_postfix": "", "multi_select": "", "value_index": 0,
        "disp_values": "", "values_msg_file": "", "values_msg_set": 0, "values_msg_id": 0, "aix_values": "", **_HELP,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A line of a dialog.

    flag    of drboot-smit
    what    list: typed, or chosen with F4 from what ``drboot-smit SOURCE`` prints; file: a path; switch: yes or no
    source  sites or runs
    needed  the dialog does not run without it
    """

    name: str
    flag: str
    what: str
    source: str = ""
    needed: bool = False


@dataclass(frozen=True)
class Dialog:
    """An item of the menu and what it runs.

    verb   of drboot-smit
    ask    SMIT asks once more before it runs it: it changes something
    chosen the source of what has to be chosen first, on a screen of its own; its flag is -r
    man    the page that F1 shows
    """

    id: str
    text: str
    verb: str
    fields: Tuple[Field, ...] = ()
    ask: bool = False
    chosen: str = ""
    man: str = ""


SITE = Field("SITE", "s", "list", "sites")
RUN = Field("RUN (empty for all of this event)", "r", "list", "runs")
DIALOGS: Tuple[Dialog, ...] = (
    Dialog("status", "Show Where This LPAR Stands", "status", man="drboot-status"),
    Dialog(
        "plan",
        "Show the Plan",
        "plan",
        (Field("SITE (empty for where this LPAR is)", "s", "list", "sites"),
         Field("Show also what is so already", "V", "switch")),
        man="drboot-plan",
    ),
    Dialog("check", "Check Whether Recovery Would Work Tonight", "check", man="drboot-check"),
    Dialog("capture", "Capture This LPAR", "capture", man="drboot-capture"),
    Dialog(
        "arm",
        "Arm This LPAR",
        "arm",
        (
            Field("Configured SITE (empty: as it was)", "s", "list", "sites"),
            Field("Production HOST name (empty: as it was)", "h", "text"),
            Field("Capture and check every NIGHT from cron", "N", "switch"),
            Field("At another site: HOME to come back to", "f", "list", "sites"),
        ),
        ask=True,
        man="drboot-arm",
    ),
    Dialog("disarm", "Disarm This LPAR", "disarm", ask=True, man="drboot-disarm"),
    Dialog(
        "apply",
        "Recover This LPAR Now",
        "apply",
        (
            Field("SITE at which this LPAR is", "s", "list", "sites", needed=True),
            Field("Only if it is for a REHEARSAL", "R", "switch"),
        ),
        ask=True,
        man="drboot",
    ),
    Dialog("report", "Show the Report of a Run", "report", chosen="runs", man="drboot-report"),
    Dialog("undo_plan", "Show What an Undo Would Do", "undo_plan", (RUN,), man="drboot-undo"),
    Dialog("undo", "Undo the Recovery", "undo", (RUN,), ask=True, man="drboot-undo"),
    Dialog(
        "runbook",
        "Show How to Do It by Hand",
        "runbook",
        (
            Field("SITE (empty: the only other one)", "s", "list", "sites"),
            Field("HTML file to write instead (empty: none)", "w", "file"),
        ),
        man="drboot-runbook",
    ),
    Dialog(
        "support",
        "Collect Data for Support",
        "support",
        (Field("DIRECTORY for the file (empty: drboot's own)", "o", "file"),),
        man="drboot-support",
    ),
)  # fmt: skip


def stanzas() -> Iterator[Stanza]:
    yield _stanza(
        "sm_menu_opt", id_seq_num="900", id=PARENT, next_id=MENU, text="drboot: Disaster Recovery of This LPAR",
        next_type="m", alias="n", help_msg_loc="drboot",
    )  # fmt: skip
    for number, dialog in enumerate(DIALOGS, 1):
        yield _stanza(
            "sm_menu_opt", id_seq_num=f"{number * 10:03}", id=MENU, next_id=f"{MENU}_{dialog.id}", text=dialog.text,
            next_type="n" if dialog.chosen else "d", alias="n", help_msg_loc=dialog.man,
        )  # fmt: skip
    for dialog in DIALOGS:
        yield from _chosen(dialog) if dialog.chosen else _dialog(dialog)


def text() -> str:
    """The stanza file."""
    parts = ["# drboot: the menus of smitty drboot; made by packaging/smit/menus.py\n"]
    for cls, values in stanzas():
        lines = (f'\t{name} = "{value}"' if isinstance(value, str) else f"\t{name} = {value}"
                 for name, value in values.items())  # fmt: skip
        parts.append("\n".join([f"{cls}:", *lines]) + "\n")
    return "\n".join(parts)


def _stanza(cls: str, **values: Value) -> Stanza:
    assert set(values) <= set(CLASSES[cls])
    return cls, {**CLASSES[cls], **values}


def _dialog(dialog: Dialog) -> Iterator[Stanza]:
    """A dialog with its fields; one without any runs as it is chosen."""
    own = f"{MENU}_{dialog.id}"
    yield _stanza(
        "sm_cmd_hdr", id=own, option_id=own + "_opt" if dialog.fields else "", name=dialog.text,
        cmd_to_exec=f"{COMMAND} {dialog.verb}", ask="y" if dialog.ask else "n",
        ghost="n" if dialog.fields else "y", help_msg_loc=dialog.man,
    )  # fmt: skip
    for number, field in enumerate(dialog.fields, 1):
        values: Dict[str, Value] = {
            "id": own + "_opt",
            "id_seq_num": f"{number * 10:03}",
            "name": field.name,
            "prefix": f"-{field.flag}'",
            "required": "+" if field.needed else "?",
            "help_msg_loc": dialog.man,
        }
        if field.what == "switch":
            values.update(op_type="r", entry_type="n", required="y", disp_values="no,yes", aix_values="no,yes")
        elif field.what == "list":
            values.update(op_type="l", entry_type="t", cmd_to_list=f"{COMMAND} {field.source}", cmd_to_list_mode="1")
        else:
            values["entry_type"] = "f" if field.what == "file" else "t"
        yield _stanza("sm_cmd_opt", **values)


def _chosen(dialog: Dialog) -> Iterator[Stanza]:
    """A screen on which one of a list is chosen, then the command with it."""
    own = f"{MENU}_{dialog.id}"
    name = dialog.chosen.rstrip("s").upper()
    yield _stanza(
        "sm_name_hdr", id=own, next_id=own + "_show", option_id=own + "_list", name=dialog.text, type="j",
        next_type="d", help_msg_loc=dialog.man,
    )  # fmt: skip
    yield _stanza(
        "sm_cmd_opt", id=own + "_list", id_seq_num="0", name=name, op_type="l", entry_type="t",
        cmd_to_list=f"{COMMAND} {dialog.chosen}", cmd_to_list_mode="1", help_msg_loc=dialog.man,
    )  # fmt: skip
    yield _stanza(
        "sm_cmd_hdr", id=own + "_show", option_id=own + "_show_opt", has_name_select="y", name=dialog.text,
        cmd_to_exec=f"{COMMAND} {dialog.verb}", ask="n", ghost="y", help_msg_loc=dialog.man,
    )  # fmt: skip
    yield _stanza(
        "sm_cmd_opt", id=own + "_show_opt", id_seq_num="010", disc_field_name="_rawname", name=name, entry_type="n",
        required="y", prefix="-r'", help_msg_loc=dialog.man,
    )  # fmt: skip


def main() -> int:
    given: List[str] = sys.argv[1:]
    if given:
        with open(given[0], "w", encoding="ascii") as file:
            file.write(text())
    else:
        sys.stdout.write(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
