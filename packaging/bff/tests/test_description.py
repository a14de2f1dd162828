"""What cannot be is refused, with its name; and a staging directory becomes entries."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Callable

import pytest

from bff import BadDescription, Entry, Fileset, Image, Kind, Part, Rule, entries_below, write
from bff.description import read_description
from bff.reader import read_package
from bff.tests.images import demo, directory, script

USR = Part((directory("/opt/demo"),))


def fileset(name: str = "demo.rte", level: str = "1.0.0.0", description: str = "D", **more: object) -> Fileset:
    return Fileset(name, level, description, **{"usr": USR, **more})  # type: ignore[arg-type]


WRONG = {
    "relative": (lambda: Entry("opt/x"), "opt/x"),
    "a blank": (lambda: Entry("/opt/a b"), "/opt/a b"),
    "a colon": (lambda: Entry("/opt/a:b"), "/opt/a:b"),
    "not ASCII": (lambda: Entry("/opt/\u00e4"), "printable ASCII"),
    "upwards": (lambda: Entry("/opt/../etc/passwd"), "/opt/../etc/passwd"),
    "ends in /": (lambda: Entry("/opt/x/"), "/opt/x/"),
    "too long": (lambda: Entry("/opt/" + "x" * 1000), "too long"),
    "AIX's own directory": (lambda: Entry("/usr/bin", Kind.DIRECTORY), "belongs to the operating system"),
    "no such mode": (lambda: Entry("/opt/x", mode=0o10000), "mode 10000"),
    "no such owner": (lambda: Entry("/opt/x", owner="jan"), "owner jan"),
    "no such group": (lambda: Entry("/opt/x", group="users"), "group users"),
    "no such handling": (lambda: Entry("/etc/x", config="keep"), "config keep"),
    "directory as configuration": (lambda: Entry("/etc/x", Kind.DIRECTORY, config="preserve"), "only a file"),
    "link to nowhere": (lambda: Entry("/opt/x", Kind.SYMLINK), "has a target"),
    "file with a target": (lambda: Entry("/opt/x", target="/opt/y"), "has a target"),
    "link to a blank": (lambda: Entry("/opt/x", Kind.SYMLINK, target="/opt/a b"), "no target"),
    "twice": (lambda: Part((directory("/opt/x"), directory("/opt/x"))), "described twice"),
    "without its directory": (lambda: Part((Entry("/opt/x/y"),)), "its directory /opt/x"),
    "inside a file": (lambda: Part((Entry("/opt/x"), Entry("/opt/x/y"))), "/opt/x is a FILE"),
    "no such script": (lambda: Part((), {"postinstall": b"#!/bin/sh\n"}), "script postinstall"),
    "script without #!": (lambda: Part((), {"post_i": b"exit 0\n"}), "script post_i"),
    "script without end": (lambda: Part((), {"post_i": b"#!/bin/sh"}), "script post_i"),
    "control file that is made": (lambda: Part((), {}, {"inventory": b""}), "inventory"),
    "control file of a bad name": (lambda: Part((), {}, {"a.b": b""}), "a.b"),
    "fileset name": (lambda: fileset(name="demo rte"), "demo rte"),
    "level of three": (lambda: fileset(level="1.2.3"), "1.2.3"),
    "level too long": (lambda: fileset(level="123.0.0.0"), "123.0.0.0"),
    "long description": (lambda: fileset(description="x" * 61), "60"),
    "two lines": (lambda: fileset(description="x\ny"), "one line"),
    "colon in it": (lambda: fileset(description="x: y"), "colon"),
    "requisite": (lambda: fileset(requisites=("bos.rte 7.2.0.0",)), "*prereq"),
    "copyright": (lambda: fileset(copyright="\u00a9 2026"), "ASCII"),
    "no usr part": (lambda: fileset(usr=Part()), "usr part is empty"),
    "root file in usr": (lambda: fileset(usr=Part((Entry("/etc/x"),))), "the usr part is /usr or /opt"),
    "usr file in root": (lambda: fileset(root=Part((Entry("/opt/x"),))), "the root part is elsewhere"),
    "package name": (lambda: Image("a b", (fileset(),)), "a b"),
    "no fileset": (lambda: Image("demo", ()), "without a fileset"),
    "foreign fileset": (lambda: Image("other", (fileset(),)), "package other"),
    "same fileset twice": (lambda: Image("demo", (fileset(), fileset())), "two filesets of one name"),
    "date": (lambda: Image("demo", (fileset(),), when=-1), "when=-1"),
    "archive": (lambda: Image("demo", (fileset(),), archive="medium"), "medium"),
    "productid": (lambda: Image("demo", (fileset(),), productid="a\nb"), "productid"),
    "file in two filesets": (
        lambda: Image("demo", tuple(fileset(name, usr=Part((Entry("/opt/x"),))) for name in ("demo.a", "demo.b"))),
        "in demo.a and in demo.b",
    ),
    "directory in two ways": (
        lambda: Image("demo", (fileset("demo.a"), fileset("demo.b", usr=Part((directory("/opt/demo", 0o700),))))),
        "differently",
    ),
    "installp's directory": (
        lambda: Image("demo", (fileset(usr=Part((directory("/usr/lpp/demo"), Entry("/usr/lpp/demo/x")))),)),
        "installp's own",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_refused_by_name(what: str) -> None:
    make, said = WRONG[what]
    with pytest.raises(BadDescription) as refusal:
        make()
    assert said in str(refusal.value)


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    stage = tmp_path / "stage"
    for path, mode in (("opt/demo/bin/run", 0o775), ("etc/demo/demo.conf", 0o666), ("usr/share/man/man1/d.1", 0o644)):
        (stage / path).parent.mkdir(parents=True, exist_ok=True)
        (stage / path).write_text("x\n")
        (stage / path).chmod(mode)
    (stage / "opt/demo").chmod(0o777)
    (stage / "usr/bin").mkdir(parents=True)
    (stage / "usr/bin/demo").symlink_to("/opt/demo/bin/run")
    return stage


def test_a_staging_directory_becomes_the_entries_of_both_parts(stage: Path) -> None:
    entries = entries_below(stage, (Rule("/etc/demo/*", config="preserve"), Rule("*/bin/*", owner="bin", group="bin")))
    assert [(entry.path, entry.kind.value, entry.mode, entry.owner) for entry in entries.usr] == [
        ("/opt/demo", "DIRECTORY", 0o755, "root"),  # the umask's group and other write bits are gone
        ("/opt/demo/bin", "DIRECTORY", 0o755, "root"),
        ("/opt/demo/bin/run", "FILE", 0o755, "bin"),
        ("/usr/bin/demo", "SYMLINK", 0o777, "bin"),
        ("/usr/share/man/man1/d.1", "FILE", 0o644, "root"),
    ]
    assert [(entry.path, entry.mode, entry.config) for entry in entries.root] == [
        ("/etc/demo", 0o755, ""),
        ("/etc/demo/demo.conf", 0o644, "preserve"),
    ]


def test_rules_change_the_mode_but_of_links(stage: Path) -> None:
    entries = entries_below(stage, (Rule("*/demo*", mode=0o700, volatile=True),))
    modes = {entry.path: (entry.mode, entry.volatile) for entry in entries.usr + entries.root}
    assert modes["/opt/demo/bin/run"] == (0o700, True)
    assert modes["/opt/demo"] == (0o700, False)
    assert modes["/usr/bin/demo"] == (0o777, False)


def pipe(stage: Path) -> None:
    os.mkfifo(str(stage / "opt/demo/pipe"))


def second_name(stage: Path) -> None:
    os.link(str(stage / "opt/demo/bin/run"), str(stage / "opt/demo/again"))


@pytest.mark.parametrize(("prepare", "said"), [(pipe, "/opt/demo/pipe"), (second_name, "hard link")])
def test_what_an_image_cannot_carry_is_not_staged(stage: Path, prepare: Callable[[Path], None], said: str) -> None:
    prepare(stage)
    with pytest.raises(BadDescription) as refusal:
        entries_below(stage)
    assert said in str(refusal.value)


def test_a_rule_for_nothing_and_an_empty_stage_are_mistakes(stage: Path, tmp_path: Path) -> None:
    with pytest.raises(BadDescription) as refusal:
        entries_below(stage, (Rule("/etc/demp/*"),))
    assert "/etc/demp/*" in str(refusal.value)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadDescription) as refusal:
        entries_below(tmp_path / "empty")
    assert "nothing is staged" in str(refusal.value)


def described(stage: Path) -> dict:  # type: ignore[type-arg]
    (stage.parent / "usr.post_i").write_bytes(script())
    (stage.parent / "notice").write_text("Copyright\n")
    return {
        "package": "demo",
        "archive": "big",
        "productid": "demo,1",
        "filesets": [
            {
                "name": "demo.rte",
                "level": "1.0.0.0",
                "description": "D",
                "copyright": "notice",
                "stage": "stage",
                "rules": [{"pattern": "/etc/demo/*.conf", "config": "hold_new", "mode": "640"}],
                "usr": {"scripts": {"post_i": "usr.post_i"}},
            }
        ],
    }


def test_the_description_as_json(stage: Path) -> None:
    file = stage.parent / "demo.json"
    file.write_text(json.dumps(described(stage)))
    package = read_package(write(read_description(file, when=77)))
    fileset = package.filesets[0]
    assert (package.backup.when, package.productid) == (77, "demo,1")
    assert fileset.parts["usr"].files["post_i"] == script()
    assert fileset.parts["usr"].files["copyright"] == b"Copyright\n"
    assert fileset.parts["root"].cfgfiles == {"/etc/demo/demo.conf": "hold_new"}
    assert package.members["./usr/lpp/demo/inst_root/etc/demo/demo.conf"].mode == 0o640


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda json: json.pop("package"), "package is missing"),
        (lambda json: json.update(color="red"), "no key color"),
        (lambda json: json.update(filesets={}), "filesets"),
        (lambda json: json["filesets"].append(7), "filesets[1]"),
        (lambda json: json["filesets"][0].pop("level"), "level is missing"),
        (lambda json: json["filesets"][0]["rules"][0].update(mode="rw"), "rules[0].mode"),
        (lambda json: json["filesets"][0].pop("stage"), "there is no stage"),
        (lambda json: json["filesets"][0]["usr"].update(script={}), "no key script"),
    ],
)
def test_a_mistake_in_the_json_is_named(stage: Path, change: Callable[[object], object], said: str) -> None:
    file = stage.parent / "demo.json"
    text = described(stage)
    change(text)
    file.write_text(json.dumps(text))
    with pytest.raises(BadDescription) as refusal:
        read_description(file, 0)
    assert str(file) in str(refusal.value)
    assert said in str(refusal.value)


def test_no_json_at_all(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text("{")
    with pytest.raises(BadDescription) as refusal:
        read_description(tmp_path / "d.json", 0)
    assert "not JSON" in str(refusal.value)


def test_a_good_image_is_not_refused() -> None:
    assert demo().level == "1.4.0.0"
