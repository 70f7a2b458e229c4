"""`stockade cage`: the worker's layers for a program of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from .support import NODES

CODE = """
import sys
from pathlib import Path
from stockade.sandbox import cage
sys.exit(cage.run(Path(sys.argv[2]), sys.argv[3:], Path(sys.argv[1])))
"""


def cage(node: str, program: str, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    file = folder / "program.mjs"
    file.write_text(program)
    return subprocess.run(
        [sys.executable, "-c", CODE, str(NODES[node]), str(file), *args], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("node", sorted(NODES))
def test_output_and_exit_code_pass_through(node: str, tmp_path: Path):
    done = cage(
        node, "console.log(process.argv.slice(2).join()); console.error('oh'); process.exit(7)", tmp_path, "a", "b"
    )

    assert (done.returncode, done.stdout, done.stderr) == (7, "a,b\n", "oh\n")


def test_a_large_output_to_a_file_passes_through(tmp_path: Path):
    """A worker may not write files, whoever opened them; so its output comes by pipe."""
    file = tmp_path / "program.mjs"
    file.write_text("import fs from 'node:fs'; fs.writeSync(1, 'x'.repeat(300000)); fs.writeSync(1, '\\n');")
    with (tmp_path / "out").open("w") as out:
        done = subprocess.run([sys.executable, "-c", CODE, str(NODES["node24"]), str(file)], stdout=out, check=False)

    assert done.returncode == 0
    assert len((tmp_path / "out").read_text()) > 60_000


def test_output_is_not_lost_where_whoever_reads_it_made_the_pipe_non_blocking_and_lets_it_fill_up(tmp_path: Path):
    """A Node.js parent does: the flag is of the pipe's end, which we share."""
    file = tmp_path / "program.mjs"
    file.write_text("import fs from 'node:fs'; fs.writeSync(1, 'x'.repeat(300)); fs.writeSync(2, 'written\\n');")
    read, write = os.pipe()
    os.set_blocking(write, False)
    filled = 0
    with suppress(BlockingIOError):
        while True:
            filled += os.write(write, b"_" * 4096)
    program = [sys.executable, "-c", CODE, str(NODES["node24"]), str(file)]
    with subprocess.Popen(program, stdout=write, stderr=subprocess.PIPE) as done, os.fdopen(read, "rb") as out:
        os.close(write)
        assert done.stderr is not None
        said = done.stderr.readline()
        told = out.read()[filled:]

    assert (said, told, done.returncode) == (b"written\n", b"x" * 300, 0)


def test_a_death_by_signal_is_told_as_shells_tell_it(tmp_path: Path):
    assert cage("node24", "process.abort()", tmp_path).returncode == 128 + 6


@pytest.mark.parametrize("node", sorted(NODES))
def test_the_program_has_what_a_worker_has(node: str, tmp_path: Path):
    """Including the threads: those it began with, and no more."""
    program = """
    import fs from 'node:fs/promises'; import { Worker } from 'node:worker_threads'; import net from 'node:net';
    import { once } from 'node:events';
    const tell = async (name, act) => console.log(name, await act().then(() => 'allowed', (e) => e.code ?? e.message));
    await tell('itself', () => fs.readFile(import.meta.filename));
    await tell('passwd', () => fs.readFile('/etc/passwd'));
    await tell('beside', () => fs.readdir(import.meta.dirname));
    await tell('socket', () => once(net.connect(9, '127.0.0.1'), 'connect'));
    await tell('thread', async () => once(new Worker('', { eval: true }), 'exit'));
    """
    done = cage(node, program, tmp_path)

    assert dict(line.split() for line in done.stdout.splitlines()) == {
        "itself": "allowed",
        "passwd": "ENOENT",
        "beside": "EACCES",
        "socket": "EPERM",
        "thread": "ERR_WORKER_INIT_FAILED",
    }, done.stderr
