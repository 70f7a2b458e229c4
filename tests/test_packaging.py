"""What pip installs is what the checkout runs."""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import stockade
import stockade_protocol
from stockade.node import find_node
from stockade.sandbox import Cage, Launcher
from stockade.sandbox.needs import NOT_WHOLE
from tests.conftest import ROOT

HEAVY = ("boto3", "botocore", "moto", "flask", "argparse", "stockade.cli", "stockade.aws.source")

PROGRAM = """
from stockade import RuntimeConfig
from stockade.sync import Pool
with Pool(RuntimeConfig(timeout_seconds=20), workers=1, spares=0) as pool:
    print(pool.execute("const p = await price('tea'); p * 3", bindings={"price": lambda sku: 4}).value)
"""


def test_importing_stockade_stays_light():
    """A service pays for the import once a process; boto3 alone would be 0.8 s of it."""
    listed = subprocess.run(
        [sys.executable, "-c", "import sys, stockade; print(*sys.modules)"], capture_output=True, text=True, check=True
    )

    assert set(HEAVY).isdisjoint(listed.stdout.split())


def test_nothing_that_a_package_offers_has_the_name_of_a_module_in_it():
    """Where imports are lazy (`python -X lazy_imports=all`, since 3.15) the module would come in its place."""
    packages = [
        stockade,
        stockade_protocol,
        *map(import_module, ("stockade.bindings", "stockade.testing", "stockade.aws")),
    ]

    for package in packages:
        assert {module.name for module in iter_modules(package.__path__)}.isdisjoint(package.__all__)


def test_a_pool_from_an_archive_says_that_stockade_has_to_be_in_a_folder(tmp_path: Path):
    """As a zipapp makes one; Node.js and the launcher's Python cannot read what is in it."""
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        for root in (ROOT / "pool", ROOT / "protocol", ROOT / "js_worker"):
            for file in root.glob("stockade*/**/*.py"):
                archive.write(file, file.relative_to(root))
    assert_no_pool_starts(tmp_path / "app.zip", NOT_WHOLE.format("stockade_worker"))


def test_a_pool_of_compiled_files_alone_says_that_its_sources_are_missing(tmp_path: Path):
    """As images are made that ship no sources. All but the launcher's first file would do without."""
    for root in (ROOT / "pool", ROOT / "protocol", ROOT / "js_worker"):
        for file in root.glob("stockade*/**/*.py"):
            compiled = tmp_path / file.relative_to(root).with_suffix(".pyc")
            py_compile.compile(str(file), str(compiled), doraise=True)

    shutil.copytree(ROOT / "js_worker" / "stockade_worker", tmp_path / "stockade_worker", dirs_exist_ok=True)

    assert_no_pool_starts(tmp_path, NOT_WHOLE.format("launcher_main.py"))


async def test_a_program_packed_without_the_files_of_a_worker_is_told_so(tmp_path: Path):
    """PyInstaller takes them only if told to, and each start said that Node.js ended with code 1."""
    with pytest.raises(FileNotFoundError, match=r"packed without all of its files.* stockade_worker there"):
        await Launcher.start(Cage(find_node(None).path, (tmp_path / "stockade_worker",)), _without=["launcher"])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no folder has such a name")
def test_a_pool_in_a_folder_whose_name_is_not_utf_8_says_so(tmp_path: Path):
    """Node.js cannot be told of it, and only says that it finds no module."""
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    shutil.copytree(ROOT / "js_worker" / "stockade_worker", folder / "stockade_worker")

    reason = "Node.js finds no file whose path is not UTF-8, as that of stockade_worker is: put it elsewhere"
    assert_no_pool_starts(folder, reason)


def assert_no_pool_starts(path: Path, reason: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(path), os.environ.get("PYTHONPATH", "")])},
        cwd=path.parent,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=60,
        check=False,
    )

    assert done.stderr.splitlines()[-1] == f"FileNotFoundError: {reason}"
    assert done.stderr.startswith("Traceback")  # and nothing that the launcher's Python said


def test_a_pool_starts_where_a_text_of_no_said_encoding_is_an_error():
    """Up to Python 3.14 it would be read as the machine's locale says."""
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-W", "error::EncodingWarning", "-c", PROGRAM],
        env=os.environ | {"STOCKADE_NODE": str(find_node(None).path)},  # which is asked for its version, being named
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("12\n", "")


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An sdist of the checkout, and a wheel built from that sdist alone."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", out, ROOT], check=True, capture_output=True, timeout=280)
    return next(out.glob("*.tar.gz")), next(out.glob("*.whl"))


@pytest.mark.timeout(300)
def test_the_wheel_holds_three_packages_and_the_parser_and_nothing_else(distributions: tuple[Path, Path]):
    names = zipfile.ZipFile(distributions[1]).namelist()
    tops = {name.split("/")[0] for name in names}

    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "stockade",
        "stockade_protocol",
        "stockade_worker",
    }
    assert {"stockade/py.typed", "stockade_worker/main.cjs", "stockade_worker/inside/primordials.js"} <= set(names)
    assert {"stockade_worker/packed/acorn.js", "stockade_worker/packed/acorn.LICENSE"} <= set(names)
    assert not [name for name in names if "node_modules" in name or "/test/" in name]


def test_the_sdist_brings_no_third_party_source(distributions: tuple[Path, Path]):
    with tarfile.open(distributions[0]) as archive:
        names = archive.getnames()

    assert not [name for name in names if "node_modules" in name or "packed" in name or ".venv" in name]
    assert any(name.endswith("js_worker/package-lock.json") for name in names)


@pytest.mark.timeout(300)
def test_an_installed_wheel_runs_a_script_far_from_the_checkout(distributions: tuple[Path, Path], tmp_path: Path):
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "STOCKADE"))}
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", distributions[1]], check=True, capture_output=True, timeout=280
    )

    done = subprocess.run(
        [python, "-c", PROGRAM], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("12\n", "")

    command = subprocess.run(
        [tmp_path / "venv" / "bin" / "stockade", "run", "-"],
        input="await Promise.all([1, 2])", cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (command.stdout, command.returncode) == ("[\n  1,\n  2\n]\n", 0)
