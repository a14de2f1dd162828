"""drboot as a process whose standard streams are closed, or lead into a full file system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from drboot import cli

REPOSITORY = Path(cli.__file__).parents[1]


@pytest.mark.parametrize(
    ("redirect", "code"),
    [("<&- >&- 2>&-", 0), (">&-", 0), ("2>&-", 0), (">/dev/full", 4), (">/dev/full 2>&1", 4), ("| :", 0)],
)
def test_a_verb_ends_as_it_should_and_without_a_traceback(tmp_path: Path, redirect: str, code: int) -> None:
    typed = f"{sys.executable} -B -m drboot --root {tmp_path} --apply {redirect}"
    ran = subprocess.run(
        ["/bin/sh", "-c", typed], cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, "Traceback" in ran.stderr, "Exception" in ran.stderr) == (code, False, False), ran.stderr


def test_nothing_that_is_opened_takes_the_place_of_a_closed_stream() -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); from drboot import cli; cli._own_streams(); "
    program += "import os; print(os.open('/etc/passwd', os.O_RDONLY), file=open(sys.argv[2], 'w'))"
    read, write = os.pipe()
    with os.fdopen(read) as said:
        argv = [sys.executable, "-B", "-c", program, str(REPOSITORY), f"/dev/fd/{write}"]
        shell = 'exec "$0" "$@" <&- >&- 2>&-'
        subprocess.run(["/bin/sh", "-c", shell, *argv], pass_fds=(write,), timeout=60, check=True)
        os.close(write)
        assert int(said.read()) > 2
