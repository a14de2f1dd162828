"""The manual pages: every verb, flag, key, column, exit code and file is on one, and every formatter reads them."""

from __future__ import annotations

import argparse
import re
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from man import pages, words
from man.document import Code, Page, roff, text, verbatim

from drboot import cli, errors, paths
from drboot.profile import hosts, site
from drboot.profile.sections import Section
from drboot.sim.__main__ import parser as sim_parser

# What nroff -man of System V and AIX knows: macros of man(7), requests and escapes of troff.
REQUESTS = {"TH", "SH", "SS", "PP", "TP", "nf", "fi", '\\"'}
ESCAPES = {"\\-", "\\e", "\\&", "\\fB", "\\fI", "\\fR"}
EPOCH = 1_700_000_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Path]:
    """File name -> the roff, of every page."""
    found = pages.write(tmp_path_factory.mktemp("pages"), EPOCH)
    return {path.name: path for path in found if path.parent.name.startswith("man")}


def every_page() -> Tuple[Page, ...]:
    return (*pages.pages(), *pages.simulator_pages())


def said(name: str) -> str:
    """A page as text, on one line."""
    (page,) = [page for page in every_page() if page.file == name]
    return " ".join(text(page, "1.0.0", EPOCH).split())


def flags(parser: argparse.ArgumentParser) -> List[str]:
    return [name for action in parser._actions for name in action.option_strings]


# ---------------------------------------------------------------- nothing is missing


@pytest.mark.parametrize("verb", [verb.name for verb in cli.VERBS])
def test_every_verb_has_a_page_with_every_flag(verb: str) -> None:
    page = said(f"drboot-{verb}.1")
    wanted = flags(pages.verbs_of(cli.parser())[verb])
    assert {"--root", "--json", "--help"} <= set(wanted)
    assert not [flag for flag in wanted if not re.search(rf"(?<![\w-]){flag}(?![\w-])", page)]
    assert f"drboot-{verb}(1)" in said("drboot.1")


@pytest.mark.parametrize("verb", [verb.name for verb in cli.VERBS])
def test_every_verb_is_described_in_more_than_the_line_of_its_help(verb: str) -> None:
    assert verb in words.VERBS, "give it its words in packaging/man/words.py"


def test_the_page_of_the_command_has_its_flags_exit_codes_and_files() -> None:
    page = said("drboot.1")
    assert not [flag for flag in flags(cli.parser()) if flag not in page]
    codes = {name: value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    shown = page.partition("EXIT STATUS ")[2].partition(" FILES ")[0]
    assert len(codes) >= 8
    assert not [name for name, code in codes.items() if not re.search(rf"(?<!\S){code} [A-Z]", shown)]
    listed = page.partition(" FILES ")[2]
    assert not [path for path in (*pages.own_paths().values(), *paths.MANAGED) if path not in listed]
    assert set(words.FILES) <= set(vars(paths))


def test_the_page_of_the_simulator_has_every_verb_and_flag() -> None:
    page = said("drboot-sim.1")
    verbs = pages.verbs_of(sim_parser())
    assert len(verbs) > 4
    assert not [(name, flag) for name, verb in verbs.items() for flag in flags(verb) if flag not in page]
    assert not [name for name in verbs if f"drboot-sim {name}" not in page]


def test_the_pages_of_the_configuration_have_every_key_and_column() -> None:
    def keys(section: Section[Any]) -> Iterator[str]:
        for key in section.keys:
            yield key.name
            inner, _ = pages._inner(key.kind)
            if inner:
                yield from keys(inner)

    page = said("drboot.yaml.5")
    wanted = set(keys(site.SECTION))
    assert len(wanted) > 40
    assert not [key for key in wanted if f" {key} " not in page]
    assert not [column for column in hosts.COLUMNS if f" {column} " not in said("hosts.csv.5")]


def test_what_a_page_refers_to_is_there() -> None:
    every = {f"{page.name}({page.section})" for page in every_page()}
    referred = {
        name for page in every_page() for name in re.findall(r"drboot[\w.-]*\(\d\)|hosts\.csv\(\d\)", said(page.file))
    }
    assert len(referred) > 5
    assert referred <= every


def test_every_command_that_is_shown_is_one() -> None:
    """Lines of examples are parsed as they would be typed."""
    shown = [
        line
        for blocks in words.EXAMPLES.values()
        for block in blocks
        if isinstance(block, Code)
        for line in block.lines
        if line.startswith("drboot")
    ]
    assert len(shown) > 10
    for line in shown:
        name, *argv = line.split()
        parser = {"drboot": cli.parser, "drboot-sim": sim_parser}[name]()
        parser.parse_args(argv)


# ---------------------------------------------------------------- every formatter reads them


def test_only_what_old_formatters_know_is_used(made: Dict[str, Path]) -> None:
    assert len(made) >= len(cli.VERBS) + 4
    for path in made.values():
        for line in path.read_text(encoding="ascii").splitlines():
            request = re.match(r"[.'](\\\"|\w+)", line)
            assert not line.startswith((".", "'")) or (request and request.group(1) in REQUESTS), line
            assert set(re.findall(r"\\(?:f.|.)", line.removeprefix('.\\"'))) <= ESCAPES, line
            assert len(line) <= 120 and line.isprintable()


def test_mandoc_and_man_have_nothing_to_say(made: Dict[str, Path]) -> None:
    names = [str(path) for path in made.values()]
    for argv in (["mandoc", "-T", "lint", "-W", "style"], ["man", "--warnings", "-E", "ascii", "-l"]):
        ran = subprocess.run(
            [*argv, *names], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
        )
        assert (ran.returncode, ran.stderr) == (0, ""), argv
        assert argv[0] == "man" or ran.stdout == ""


@pytest.mark.parametrize("file", ["drboot.1", "drboot-support.1", "drboot.yaml.5", "hosts.csv.5", "drboot-sim.1"])
def test_the_formatted_page_says_what_a_formatter_makes_of_the_roff(made: Dict[str, Path], file: str) -> None:
    """Letter by letter, but for the space between them and the lines above and below."""
    roff_made = subprocess.run(["mandoc", "-T", "ascii", made[file]], capture_output=True, text=True, check=True).stdout
    plain = re.sub(r".\x08", "", roff_made)
    (page,) = [page for page in every_page() if page.file == file]

    def body(formatted: str) -> str:
        return "".join("".join(formatted.splitlines()[1:-1]).split())

    assert body(text(page, "1.0.0", EPOCH)) == body(plain)


@pytest.mark.parametrize("page", every_page(), ids=lambda page: page.file)
def test_the_formatted_page_fits_a_terminal(page: Page) -> None:
    lines = text(page, "1.0.0", EPOCH).splitlines()
    assert not [line for line in lines if len(line) > 79 and " " in line.strip()]
    assert all(line.isascii() and line.isprintable() for line in lines)


def test_marks_and_dangerous_characters_survive() -> None:
    page = Page("x", 1, "y", (pages.Section("A", (pages.Para(verbatim("'a' `b` {c} \\d -e")), Code((".f", "'g")))),))
    made = roff(page, "1.0.0", 0)
    assert "\\&'a' `b` {c} \\ed \\-e" in made
    assert "    .f" in made and "    'g" in made
    assert "'a' `b` {c} \\d -e" in text(page, "1.0.0", 0)


def test_the_same_code_makes_the_same_bytes() -> None:
    assert [roff(page, "1.0.0", EPOCH) for page in every_page()] == [
        roff(page, "1.0.0", EPOCH) for page in every_page()
    ]
