"""Real AIX output through the parsers: each recording gives its hand-written value, and no word of it stays unread."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Dict

import pytest

from drboot.facts.base import ParseError
from tests.facts import forms
from tests.facts.accounting import unread
from tests.facts.conftest import OWN, directory, recordings

# Recordings of the repository that hold something else than the output of a command that drboot reads.
NO_FORM = {
    "errpt/50-arp-dup-addr-summary-tail": "the template list of errpt -t",
}
# The last row of these is cut by its source; it must be refused, the rows before it read.
CUT = {"netstat/21-ni-after-autoconf6-sit0"}
# What the page prints in place of a file that is not there.
ABSENT = {"niminfo/03-absent"}


def _whole(recording: forms.Recording) -> forms.Recording:
    """The recording without a row that its source has cut."""
    if str(recording) not in CUT:
        return recording
    return recording._replace(body="".join(recording.body.splitlines(keepends=True)[:-1]))


def test_every_word_is_read_or_declared(recording: forms.Recording) -> None:
    if str(recording) in ABSENT:
        return
    for part in forms.parts(_whole(recording)) or ():
        assert unread(part.text, part.form.parse(part.text), part.form.ignore) == []


def value_of(recording: forms.Recording) -> Any:
    """What the recording says: the value of its parser, or a tuple of them for a session and for mixed streams."""
    parts = forms.parts(_whole(recording))
    assert parts is not None, f"no parser for {recording.command}"
    values = tuple(part.form.parse(part.text) for part in parts)
    return values[0] if len(values) == 1 else values


def expected(name: str) -> Dict[str, Any]:
    values: Dict[str, Any] = importlib.import_module(f"tests.facts.expected.{name}").EXPECTED
    return values


def test_the_value_is_the_one_written_down(own_recording: forms.Recording) -> None:
    if str(own_recording) in NO_FORM:
        assert forms.parts(own_recording) is None
        return
    wanted = expected(own_recording.directory)[own_recording.stem]
    if str(own_recording) in ABSENT:
        assert forms.FORMS[own_recording.directory]("") is not None
        assert wanted is None
        return
    assert value_of(own_recording) == wanted


@pytest.mark.parametrize("name", sorted(CUT))
def test_a_cut_row_is_refused(name: str) -> None:
    recording = forms.read(OWN / f"{name}.txt")
    with pytest.raises(ParseError):
        for part in forms.parts(recording) or ():
            part.form.parse(part.text)


def test_what_a_failed_command_said_is_no_output(own_recording: forms.Recording) -> None:
    """The command's own parser refuses it, so that an unread exit status cannot turn a message into a fact."""
    if own_recording.directory in ("importvg", "varyonvg", "lssrc"):
        return  # their messages come together with output, by the recordings
    if "grep" in own_recording.command:
        return  # rows of an output, read by what is left of them
    form = forms.FORMS[own_recording.directory](own_recording.command)
    for part in forms.parts(own_recording) or ():
        if part.said and form is not None:
            with pytest.raises(ParseError):
                form.parse(part.text)


def test_there_are_recordings(request: pytest.FixtureRequest) -> None:
    assert recordings(directory(request.config))


def test_a_directory_without_recordings_is_said(tmp_path: Path) -> None:
    class Config:
        def getoption(self, name: str) -> str:
            return str(tmp_path)

    with pytest.raises(pytest.UsageError, match=r"there is no COMMAND/\*\.txt"):
        directory(Config())  # type: ignore[arg-type]


def test_every_parser_has_expected_values() -> None:
    for name in forms.FORMS:
        stems = {path.stem for path in recordings(OWN) if path.parent.name == name}
        assert stems - {key.partition("/")[2] for key in NO_FORM} == set(expected(name)), name
