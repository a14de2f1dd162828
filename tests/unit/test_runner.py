"""What every command is given: a fixed environment, and no name server to wait for."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

import pytest

from drboot.paths import Root
from drboot.runner import ENVIRONMENT, Command, Ran, Runner, command


@pytest.mark.parametrize("wanted, order", [
    (command("lsvg", kind="read"), "local"),
    (command("mktcpip", "-h", "prod01"), "local"),
    (command("mount", "/data", kind="mount"), "local"),
    (command("mount", "/share", kind="nfs"), None),
    (Command("app-on", (), "hook", path="/etc/drboot/hooks/app-on"), None),
])  # fmt: skip
def test_F55_no_command_of_ours_asks_a_name_server(wanted: Command, order: Any) -> None:
    given: List[Dict[str, str]] = []

    def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        given.append(dict(environment))
        return Ran(argv, "exited", 0, "", "", 0.0)

    Runner(Root(), run_argv=execute).run(wanted)
    assert given[0].pop("NSORDER", None) == order
    assert {name: value for name, value in given[0].items() if not name.startswith("DRBOOT_")} == ENVIRONMENT
