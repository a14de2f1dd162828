"""The product on an LPAR is what its package puts there: no simulator, no compiled code, nobody else may write it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from drboot.sim import deploy
from drboot.sim.estates import small


def test_product_is_complete_and_without_the_simulator(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    deploy.install(estate.home.root)
    product = Path(estate.home.root, "opt/drboot")
    assert sorted(path.name for path in product.iterdir()) == ["bin", "inittab", "lib"]
    for name in ("bin/drboot", "inittab/drboot-boot"):
        assert os.access(product / name, os.X_OK)
    assert (product / "lib/drboot/gate.py").exists()
    assert (product / "lib/yaml/__init__.py").exists()
    assert (product / "lib/structlog/__init__.py").exists()
    assert not (product / "lib/drboot/sim").exists()
    assert not list(product.rglob("*.so"))
    assert not [path for path in product.rglob("*") if path.stat().st_mode & 0o022]


def test_an_update_leaves_nothing_of_the_old_product(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    deploy.install(estate.home.root)
    old = Path(estate.home.root, "opt/drboot/lib/drboot/old.py")
    old.write_text("")
    deploy.install(estate.home.root)
    assert not old.exists()


def test_it_runs_without_anything_of_this_host_in_its_path(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    deploy.install(estate.home.root)
    program = estate.home.root + "/opt/drboot/bin/drboot"
    ran = subprocess.run(
        [program, "--root", estate.home.root], capture_output=True, text=True, check=False, cwd="/",
        env={"PATH": "/nowhere"},
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "systemid:" in ran.stdout
