"""The small installp: order of scripts, what becomes of files and configuration, and what a failure leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Tuple

import pytest

from bff import Entry, Kind, write
from bff.installp import Failed, Outcome, Refused, ScriptRun, System, run_with_prefix
from bff.model import SCRIPTS
from bff.reader import Damaged
from bff.tests.images import demo, directory, one, script

ALL = {name: script() for name in SCRIPTS if name != "unconfig_d"}
NAME = "one.rte"


class Scripts:
    """Runs nothing; remembers what should have run, and fails where told to."""

    def __init__(self, **failing: int) -> None:
        self.failing = failing
        self.order: List[str] = []
        self.seen: Dict[str, Tuple[str, ...]] = {}

    def __call__(self, what: ScriptRun) -> Outcome:
        self.order.append(f"{what.part} {what.name}")
        self.seen[f"{what.part} {what.name}"] = tuple(
            sorted(str(path.relative_to(what.root)) for path in what.root.glob("[oe][pt][tc]/one/*"))
        )
        status = self.failing.get(f"{what.part}_{what.name}", 0)
        return Outcome(status, "no luck\n" if status else "")


def image(level: str = "1.0.0.0", conf: str = "a = 1\n", handling: str = "preserve", extra: str = "old") -> bytes:
    return write(
        one(
            Entry("/opt/one/run", data=b"#!/bin/sh\n", mode=0o755),
            Entry(f"/opt/one/{extra}", data=b"x"),
            Entry("/usr/bin/one", Kind.SYMLINK, target="/opt/one/run"),
            level=level,
            scripts=ALL,
            root=(directory("/etc/one"), Entry("/etc/one/conf", data=conf.encode("ascii"), config=handling)),
            root_scripts=ALL,
        )
    )


def tree(root: Path) -> List[str]:
    """Everything that is not AIX's own, nor the registry."""
    return sorted(
        str(path.relative_to(root))
        for path in root.rglob("*")
        if "one" in path.name or "one" in path.parent.name or "deinstl" in str(path) or "inst_root" in str(path)
    )


def test_an_installation_runs_usr_before_root_and_files_between_pre_i_and_post_i(tmp_path: Path) -> None:
    scripts = Scripts()
    system = System(tmp_path, scripts)
    assert system.install(image()) == (NAME,)
    assert scripts.order == ["usr pre_i", "usr post_i", "usr config", "root pre_i", "root post_i", "root config"]
    assert scripts.seen["usr pre_i"] == ()
    assert scripts.seen["usr post_i"] == ("opt/one/old", "opt/one/run")
    assert scripts.seen["root pre_i"] == ("opt/one/old", "opt/one/run")
    assert "etc/one/conf" in scripts.seen["root post_i"]
    assert system.state(NAME) == ("1.0.0.0", "COMMITTED")
    assert system.check() == ()
    assert (tmp_path / "usr/bin/one").is_symlink()
    assert (tmp_path / "opt/one/run").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "usr/lpp/one/inst_root/etc/one/conf").read_text() == "a = 1\n", "the copy stays"


def test_a_removal_runs_root_before_usr_and_leaves_nothing(tmp_path: Path) -> None:
    scripts = Scripts()
    system = System(tmp_path, scripts)
    empty = tree(tmp_path)
    system.install(image())
    (tmp_path / "var/one.state").write_text("")
    scripts.order.clear()
    assert system.remove(NAME) == (NAME,)
    assert scripts.order == [
        "root pre_d", "usr pre_d",
        "root unconfig", "root unpost_i", "root unpre_i", "usr unconfig", "usr unpost_i", "usr unpre_i",
    ]  # fmt: skip
    assert "etc/one/conf" in scripts.seen["root unpre_i"], "the files go last"
    assert tree(tmp_path) == [*empty, "var/one.state"], "only what is inventoried goes"
    assert system.state(NAME) is None
    assert system.remove(NAME) == (), "installp exits 0 if there is nothing to remove"


def test_the_files_may_also_go_right_after_unconfig(tmp_path: Path) -> None:
    scripts = Scripts()
    system = System(tmp_path, scripts, files_go="after unconfig")
    system.install(image())
    system.remove(NAME)
    assert "etc/one/conf" in scripts.seen["root unconfig"]
    assert "etc/one/conf" not in scripts.seen["root unpost_i"]
    with pytest.raises(ValueError, match="first"):
        System(tmp_path, scripts, files_go="first")


def test_unconfig_d_replaces_the_other_three(tmp_path: Path) -> None:
    scripts = Scripts()
    system = System(tmp_path, scripts)
    system.install(write(one(scripts={**ALL, "unconfig_d": script()})))
    scripts.order.clear()
    system.remove(NAME)
    assert scripts.order == ["usr pre_d", "usr unconfig_d"]


def test_an_update_runs_the_new_pre_rm_first_and_no_script_of_the_old(tmp_path: Path) -> None:
    scripts = Scripts()
    system = System(tmp_path, scripts)
    system.install(image())
    scripts.order.clear()
    assert system.install(image("1.1.0.0", extra="new")) == (NAME,)
    assert scripts.order == [
        "usr pre_rm", "usr pre_i", "usr post_i", "usr config",
        "root pre_rm", "root pre_i", "root post_i", "root config",
    ]  # fmt: skip
    assert "opt/one/old" in scripts.seen["usr pre_rm"]
    assert scripts.seen["usr pre_i"] == ("etc/one/conf",), "the old usr part's files are gone before pre_i"
    assert scripts.seen["root pre_i"] == ("opt/one/new", "opt/one/run"), "and the old root part's"
    assert (tmp_path / "opt/one/new").exists()
    assert not (tmp_path / "opt/one/old").exists()
    assert system.state(NAME) == ("1.1.0.0", "COMMITTED")
    assert system.check() == ()


@pytest.mark.parametrize(
    ("handling", "there", "saved"),
    [
        ("preserve", "mine\n", None),
        ("auto_merge", "mine\n", None),
        ("hold_new", "mine\n", "b = 2\n"),
        ("user_merge", "b = 2\n", "mine\n"),
        ("other", "b = 2\n", "mine\n"),
    ],
)
def test_configuration_over_an_update(tmp_path: Path, handling: str, there: str, saved: str) -> None:
    system = System(tmp_path, Scripts())
    system.install(image())
    conf = tmp_path / "etc/one/conf"
    conf.write_text("mine\n")
    system.install(image("1.1.0.0", "b = 2\n", handling))
    kept = tmp_path / "lpp/save.config/etc/one/conf"
    assert conf.read_text() == there
    assert (kept.read_text() if kept.exists() else None) == saved
    assert system.check() == (), "configuration is not compared"


def test_configuration_that_is_there_before_the_first_installation_is_kept(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    (tmp_path / "etc/one").mkdir(parents=True)
    (tmp_path / "etc/one/conf").write_text("mine\n")
    system.install(image())
    assert (tmp_path / "etc/one/conf").read_text() == "mine\n"


def test_the_same_level_is_passed_over_and_a_lower_one_refused_unless_forced(tmp_path: Path) -> None:
    scripts = Scripts()
    system = System(tmp_path, scripts)
    system.install(image("1.10.0.0"))
    scripts.order.clear()
    assert system.install(image("1.10.0.0")) == ()
    with pytest.raises(Refused) as refusal:
        system.install(image("1.9.0.0"))
    assert "level 1.10.0.0 is installed" in str(refusal.value)
    assert scripts.order == []
    assert system.install(image("1.9.0.0"), force=True) == (NAME,)
    assert system.state(NAME) == ("1.9.0.0", "COMMITTED")


@pytest.mark.parametrize(
    ("failing", "undone"),
    [
        ("usr_pre_i", ["usr unpre_i"]),
        ("usr_post_i", ["usr unpost_i", "usr unpre_i"]),
        ("usr_config", ["usr unconfig", "usr unpost_i", "usr unpre_i"]),
        ("root_post_i", ["root unpost_i", "root unpre_i", "usr unconfig", "usr unpost_i", "usr unpre_i"]),
    ],
)
def test_a_script_that_fails_undoes_what_has_run_backwards(tmp_path: Path, failing: str, undone: List[str]) -> None:
    scripts = Scripts(**{failing: 3})
    system = System(tmp_path, scripts)
    with pytest.raises(Failed) as failure:
        system.install(image())
    part, _, name = failing.partition("_")
    assert str(failure.value) == f"one.rte: {name} of the {part} part exits 3: no luck"
    assert [name for name in scripts.order if " un" in name] == undone
    assert system.state(NAME) is None
    assert tree(tmp_path) == []


def test_a_failed_update_leaves_the_fileset_broken_until_it_is_cleaned_up_or_installed_again(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    system.install(image())
    system.run = Scripts(usr_post_i=1)
    with pytest.raises(Failed):
        system.install(image("1.1.0.0"))
    assert system.state(NAME) == ("1.1.0.0", "BROKEN")
    assert system.check() == (
        "one.rte 1.1.0.0 is BROKEN",
        *(f"/opt/one{rest}" for rest in (": no DIRECTORY", "/old: no FILE", "/run: no FILE")),
        *(f"/usr/bin/one{rest}" for rest in (": no link to /opt/one/run",)),
        *(f"/usr/lpp/one/inst_root{rest}: no DIRECTORY" for rest in ("", "/etc", "/etc/one")),
        "/usr/lpp/one/inst_root/etc/one/conf: no FILE",
    )
    system.run = Scripts()
    assert system.install(image("1.1.0.0")) == (NAME,)
    assert system.check() == ()


def test_what_an_interruption_leaves_is_cleaned_up(tmp_path: Path) -> None:
    def dies(what: ScriptRun) -> Outcome:
        if what.name == "post_i":
            raise KeyboardInterrupt
        return Outcome(0, "")

    with pytest.raises(KeyboardInterrupt):
        System(tmp_path, dies).install(image())
    system = System(tmp_path, Scripts())
    assert system.state(NAME) == ("1.0.0.0", "APPLYING")
    assert system.clean_up() == (NAME,)
    assert (system.state(NAME), tree(tmp_path)) == (None, [])


def test_a_script_that_changes_an_inventoried_file_fails_the_installation(tmp_path: Path) -> None:
    edits = script('echo more >>"$INUROOT/opt/one/run"')
    system = System(tmp_path)
    with pytest.raises(Failed) as failure:
        system.install(write(one(Entry("/opt/one/run", data=b"x\n"), scripts={"post_i": edits})))
    assert "/opt/one/run: 7 bytes instead of 2" in str(failure.value)
    assert system.install(write(one(Entry("/opt/one/run", data=b"x\n"), scripts={"config": edits}))) == (NAME,)
    assert system.check() == ("/opt/one/run: 7 bytes instead of 2",), "config comes behind the comparison"


def test_a_removal_that_pre_d_refuses_changes_nothing(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    system.install(image())
    scripts = system.run = Scripts(usr_pre_d=1)
    with pytest.raises(Refused) as refusal:
        system.remove(NAME)
    assert "pre_d of the usr part exits 1: no luck" in str(refusal.value)
    assert scripts.order == ["root pre_d", "usr pre_d"]
    assert (system.state(NAME), system.check()) == (("1.0.0.0", "COMMITTED"), ())


def test_a_removal_whose_script_fails_leaves_the_fileset_broken(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    system.install(image())
    system.run = Scripts(root_unconfig=1)
    with pytest.raises(Failed):
        system.remove(NAME)
    assert system.state(NAME) == ("1.0.0.0", "BROKEN")
    system.run = Scripts()
    assert system.remove(NAME) == (NAME,)
    assert tree(tmp_path) == []


@pytest.mark.parametrize(
    ("requisite", "said"),
    [
        ("*prereq bos.rte 7.2.0.0", ""),
        ("*prereq bos.rte 7.3.0.0", "needs bos.rte 7.3.0.0, and 7.2.5.0 is installed"),
        ("*coreq other.rte 1.0.0.0", "needs other.rte 1.0.0.0, and nothing is installed"),
        ("*ifreq other.rte 1.0.0.0", ""),
        ("*ifreq bos.rte (7.1.0.0) 7.9.0.0", "needs bos.rte 7.9.0.0"),
    ],
)
def test_requisites(tmp_path: Path, requisite: str, said: str) -> None:
    system = System(tmp_path, Scripts())
    image = write(one(requisites=[requisite]))
    if not said:
        assert system.install(image) == (NAME,)
        return
    with pytest.raises(Refused) as refusal:
        system.install(image)
    assert said in str(refusal.value)
    assert system.state(NAME) is None


def test_what_another_fileset_needs_is_not_removed_alone(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    system.install(write(one()))
    system.install(write(one(name="two.rte", requisites=["*prereq one.rte 1.0.0.0"])))
    with pytest.raises(Refused) as refusal:
        system.remove(NAME)
    assert "two.rte needs it" in str(refusal.value)
    assert (tmp_path / "opt/one").is_dir()
    assert system.remove(NAME, dependents=True) == ("two.rte", NAME)
    assert not (tmp_path / "opt/one").exists()


def test_a_directory_of_two_filesets_stays_for_the_other(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    assert system.install(write(demo()), "demo.sim") == ("demo.sim",)
    assert system.install(write(demo())) == ("demo.rte",)
    assert system.owners("/opt/demo") == ("demo.sim", "demo.rte")
    assert system.remove("demo.rte") == ("demo.rte",)
    assert (tmp_path / "opt/demo/sim").exists()
    assert system.check() == ()
    with pytest.raises(Refused):
        system.install(write(demo()), "demo.doc")


def test_a_part_that_a_newer_level_has_no_more_goes(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    system.install(image())
    system.install(write(one(level="2.0.0.0")))
    assert not (tmp_path / "etc/one").exists()
    assert system.check() == ()
    assert "/etc/objrepos" not in system.listing()


def test_the_listing(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    system.install(write(demo()))
    assert [line.rstrip() for line in system.listing("demo.rte").split("\n")] == [
        "  Fileset                    Level       State      Description",
        "  ----------------------------------------------------------------------------",
        "Path: /usr/lib/objrepos",
        "  demo.rte                      1.4.0.0  COMMITTED  Demonstration",
        "",
        "Path: /etc/objrepos",
        "  demo.rte                      1.4.0.0  COMMITTED  Demonstration",
        "",
    ]
    assert system.listing("demo.sim").count("demo") == 1


def test_lppchk_finds_what_was_changed(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    system.install(write(demo()))
    (tmp_path / "opt/demo/bin/run").write_bytes(b"#!/bin/sh\necho RUNNING\n")
    (tmp_path / "opt/demo/sim").chmod(0o600)
    (tmp_path / "opt/demo/empty").unlink()
    (tmp_path / "usr/bin/demo").unlink()
    (tmp_path / "etc/demo/demo.conf").write_text("mine\n")
    assert [fault.split(": ")[0] for fault in system.check()] == [
        "/opt/demo/bin/run", "/opt/demo/empty", "/usr/bin/demo", "/opt/demo/sim",
    ]  # fmt: skip


def test_a_damaged_image_is_not_installed(tmp_path: Path) -> None:
    bad = bytearray(image())
    bad[-600] ^= 1
    with pytest.raises(Damaged):
        System(tmp_path, Scripts()).install(bytes(bad))
    assert tree(tmp_path) == []


def test_a_directory_of_aix_that_is_missing_is_made_and_stays(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    page = "/usr/share/man/man1/one.1"
    system.install(write(one(Entry(page, data=b"x"), Entry("/usr/swlag/l", Kind.SYMLINK, target=page))))
    assert (tmp_path / page[1:]).exists()
    system.remove(NAME)
    assert not (tmp_path / page[1:]).exists()
    assert (tmp_path / "usr/share/man/man1").is_dir()


def test_a_directory_where_a_file_is_to_be_fails_the_installation_and_stays(tmp_path: Path) -> None:
    system = System(tmp_path, Scripts())
    (tmp_path / "opt/one/run").mkdir(parents=True)
    with pytest.raises(Failed) as failure:
        system.install(image())
    assert "opt/one/run" in str(failure.value)
    assert system.state(NAME) is None
    assert (tmp_path / "opt/one/run").is_dir()


SHOW = 'echo "$INUTREE $INULIBDIR $INUTEMPDIR $ODMDIR $INUROOT $MIG_SAVE_DIR" >"$INUROOT/tmp/$INUTREE"; cat'


def test_scripts_run_with_installps_environment_and_without_a_terminal(tmp_path: Path) -> None:
    shown = {"post_i": script(SHOW, 'test -d "$INUTEMPDIR" && test -f one.rte.al || exit 9')}
    system = System(tmp_path, run_with_prefix(("sh", "-e")))
    system.install(write(one(scripts=shown, root_scripts=shown)))
    assert [entry[1:] for entry in system.ran] == [("usr", "post_i", 0), ("root", "post_i", 0)]
    assert (tmp_path / "tmp/U").read_text().replace(str(tmp_path), "R").split() == [
        "U", "R/usr/lpp/one/deinstl", "R/tmp/inst_one.rte", "R/usr/lib/objrepos", "R", "R/usr/lpp/save.config",
    ]  # fmt: skip
    assert (tmp_path / "tmp/M").read_text().replace(str(tmp_path), "R").split() == [
        "M", "R/lpp/one/deinstl", "R/tmp/inst_one.rte", "R/etc/objrepos", "R", "R/lpp/save.config",
    ]  # fmt: skip
    assert not (tmp_path / "tmp/inst_one.rte").exists()
