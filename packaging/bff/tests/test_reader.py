"""The reader takes what the writer writes."""

from __future__ import annotations

import pytest

from bff import write
from bff.reader import read_package
from bff.tests.images import RUN, demo


@pytest.mark.parametrize("archive", ["small", "big"])
def test_it_reads_back_what_was_described(archive: str) -> None:
    package = read_package(write(demo(archive=archive)))
    assert [fileset.name for fileset in package.filesets] == ["demo.rte", "demo.sim"]
    assert package.members["./opt/demo/bin/run"].data == RUN
    assert package.filesets[0].parts["root"].cfgfiles == {"/etc/demo/demo.conf": "preserve"}
