"""What a script's run gives back."""

from __future__ import annotations

import asyncio
import pickle
import threading

import pytest
from pydantic import ValidationError

from stockade import BindingError, ExecutionResult, Pool, RuntimeConfig, ScriptFailed, binding


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("1 + 1", 2),
        ("", None),
        ("// nothing", None),
        ("'a' + 'b'", "ab"),
        ("({ a: [1, { b: null }] })", {"a": [1, {"b": None}]}),
        ("await 5", 5),
        ("const x = await Promise.resolve(3); x * 2", 6),
        ("Promise.resolve('later')", "later"),
        ("return 7", 7),
        ("if (true) { return [1] }\n2", [1]),
        ("undefined", None),
        ("null", None),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("new Map([['a', 1]])", {"a": 1}),
        ("new Set([1, 2])", [1, 2]),
        ("2n ** 70n", str(2**70)),
        ("'\\ud800'", "\ufffd"),
        ("let rang = 0; await new Promise((go) => setTimeout(() => { rang = 1; go(); }, 1)); rang", 1),
    ],
)
async def test_the_value_is_that_of_the_last_expression(pool: Pool, script: str, value: object):
    run = await pool.execute(script)

    assert run.error is None
    assert run.value == value


async def test_undefined_and_null_are_told_apart(pool: Pool):
    undefined, null = await pool.execute("undefined"), await pool.execute("null")

    assert (undefined.value, undefined.result) == (None, None)
    assert (null.value, null.result) == (None, "null")


async def test_a_large_value_is_python_data_when_it_is_asked_for(pool: Pool):
    """Decoding a megabyte would hold up everybody else on the event loop."""
    run = await pool.execute("Array.from({ length: 50_000 }, (_, id) => ({ id, name: 'é'.repeat(8) }))")

    assert run.result is not None
    assert len(run.result) > 1_000_000
    assert not hasattr(run, "_decoded")  # it is decoded now
    assert run.value[-1] == {"id": 49_999, "name": "é" * 8}
    assert run.value is run.value


async def test_two_results_are_alike_whether_their_value_has_been_looked_at_or_not(pool: Pool):
    run = await pool.execute("[1, 2]")
    again = ExecutionResult.model_validate_json(run.model_dump_json(exclude={"ok", "value"}))

    assert again == run
    assert again.value == run.value == [1, 2]
    assert dict(again) == dict(run) == {name: getattr(run, name) for name in ExecutionResult.model_fields}
    assert run.model_copy(update={"result": "3"}).value == 3
    assert pickle.loads(pickle.dumps(run)).value == [1, 2]
    with pytest.raises(ValidationError):
        again.value = 3  # type: ignore[misc]


async def test_a_script_calls_python_and_gets_its_answer(pool: Pool):
    async def price(sku: str) -> float:
        return {"tea": 4.0}[sku]

    run = await pool.execute("const p = await price('tea'); p * 3", bindings={"price": price})

    assert (run.ok, run.value, run.result) == (True, 12, "12")
    [call] = run.calls
    assert (call.name, call.outcome) == ("price", "resolved")
    assert run.usage.calls == 1
    assert run.usage.host_ms > 0


async def test_a_plain_function_runs_in_a_thread_and_does_not_hold_up_the_loop(pool: Pool):
    release = threading.Event()

    def blocking() -> str:
        assert release.wait(10)
        return threading.current_thread().name

    async def unblock() -> str:
        release.set()
        return "freed"

    run = await pool.execute(
        "Promise.all([blocking(), unblock()])", bindings={"blocking": blocking, "unblock": unblock}
    )

    assert run.value == ["stockade-blocking", "freed"]


async def test_a_hundred_calls_at_once_are_all_answered(pool: Pool):
    async def double(n: int) -> int:
        await asyncio.sleep(0)
        return n * 2

    run = await pool.execute(
        "Promise.all(Array.from({ length: 100 }, (_, i) => double(i)))", bindings={"double": double}
    )

    assert run.value == [n * 2 for n in range(100)]
    assert run.usage.calls == 100


async def test_a_binding_that_raises_is_the_scripts_to_catch(pool: Pool):
    def broken() -> None:
        raise LookupError("no such thing")

    caught = await pool.execute(
        "try { await broken() } catch (e) { return `${e.name}: ${e.message}` }", bindings={"broken": broken}
    )
    uncaught = await pool.execute("await broken()", bindings={"broken": broken})

    assert caught.value == "LookupError: no such thing"
    assert uncaught.error is not None
    assert (uncaught.error.kind, uncaught.error.name) == ("exception", "LookupError")
    assert "Traceback" not in uncaught.model_dump_json()


async def test_a_binding_chooses_the_fields_of_its_error(pool: Pool):
    def refuse() -> None:
        raise BindingError("not today", name="Refused", code="Closed", details={"until": "monday"})

    run = await pool.execute(
        "try { await refuse() } catch (e) { return [e instanceof Error, e.name, e.code, e.until] }",
        bindings={"refuse": refuse},
    )

    assert run.value == [True, "Refused", "Closed", "monday"]


async def test_an_operating_systems_error_does_not_tell_its_path(pool: Pool):
    def reads() -> str:
        with open("/no/such/secret/place"):  # noqa: PTH123
            return ""

    run = await pool.execute("await reads()", bindings={"reads": reads})

    assert run.error is not None
    assert "secret" not in run.model_dump_json()
    assert run.error.name == "FileNotFoundError"


async def test_a_binding_that_returns_what_json_cannot_hold_says_so(pool: Pool):
    def opaque() -> object:
        return object()

    run = await pool.execute("await opaque()", bindings={"opaque": opaque})

    assert run.error is not None
    assert "opaque returned what cannot cross" in run.error.message
    assert (await pool.execute("1 + 1")).value == 2


async def test_a_binding_that_never_returns_ends_as_timeout_and_is_named(pool: Pool):
    async def never() -> None:
        await asyncio.Event().wait()

    run = await pool.execute("await never()", bindings={"never": never}, config=RuntimeConfig(timeout_seconds=2))

    assert run.error is not None
    assert run.error.kind == "timeout"
    assert run.error.evidence.calls_in_flight == ["never"]
    assert "waiting for never" in run.error.message
    assert [call.outcome for call in run.calls] == ["in_flight"]


async def test_console_lines_come_in_order_and_as_they_happen(pool: Pool):
    heard: list[str] = []

    async def check() -> list[str]:
        return list(heard)

    run = await pool.execute(
        "console.log('one', { a: 1 }); console.error('two'); await check()",
        bindings={"check": check},
        on_console=lambda line: heard.append(line.text),
    )

    assert run.value == ["one { a: 1 }", "two"]
    assert [(line.level, line.text) for line in run.console_output] == [("log", "one { a: 1 }"), ("error", "two")]


async def test_a_console_switched_off_is_silent(pool: Pool):
    run = await pool.execute("console.log('x'); 1", config=RuntimeConfig(enable_console=False))

    assert (run.value, run.console_output) == (1, [])


async def test_an_error_shows_the_users_line_and_column(pool: Pool):
    run = await pool.execute("const a = 1;\nawait 0;\nnull.field")

    assert run.error is not None
    assert (run.error.kind, run.error.name, run.error.line, run.error.column) == ("exception", "TypeError", 3, 6)
    assert run.error.frame == "3 | null.field\n         ^"
    with pytest.raises(ScriptFailed, match="exception"):
        run.raise_for_error()


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("(", "syntax"),
        ("import('fs')", "syntax"),
        ("throw 5", "exception"),
        ("process.exit(1)", "exception"),
        ("require('fs')", "exception"),
        ("const o = {}; o.o = o; o", "unserializable"),
        ("Symbol()", "unserializable"),
        ("[Promise.resolve(1)]", "unserializable"),
        ("({ get a() { throw new Error('no') } })", "unserializable"),
        ("await new Promise(() => {})", "deadlock"),
        ("Promise.reject(new Error('lost')); await new Promise(() => {})", "exception"),
        ("setTimeout(() => { throw new Error('late') }, 1); await new Promise(() => {})", "exception"),
    ],
)
async def test_each_fault_of_a_script_has_its_kind(pool: Pool, script: str, kind: str):
    run = await pool.execute(script)

    assert run.error is not None
    assert run.error.kind == kind
    assert run.value is None
    assert (await pool.execute("1 + 1")).value == 2


async def test_a_run_is_safe_to_retry_only_if_its_calls_are(pool: Pool):
    @binding(read_only=True)
    def look() -> int:
        return 1

    def change() -> int:
        return 2

    functions = {"look": look, "change": change}

    assert (await pool.execute("await look()", bindings=functions)).safe_to_retry
    assert not (await pool.execute("await look(); await change()", bindings=functions)).safe_to_retry


async def test_a_fresh_context_has_none_of_the_last_runs_globals(mode: str):
    async with Pool(workers=1, isolation=mode) as pool:
        await pool.execute("globalThis.left = 1; Object.prototype.left = 2; Array.prototype.map = null")
        run = await pool.execute("[typeof left, typeof {}.left, [1].map((n) => n + 1)]")

    assert run.value == ["undefined", "undefined", [2]]


async def test_a_deep_value_reaches_a_caller_that_is_deep_in_its_own_awaits(pool: Pool):
    async def below(levels: int) -> ExecutionResult:
        return await (below(levels - 1) if levels else pool.execute(nested))

    nested = "let value = 1; for (let i = 0; i < 390; i += 1) value = [value]; value"
    result = await below(600)

    assert result.ok, result.error


async def test_a_result_is_the_same_after_a_journey_as_json(pool: Pool):
    async def price(item: str) -> int:
        return len(item)

    run = await pool.execute("console.warn('dear'); await price('tea')", bindings={"price": price})
    failed = await pool.execute("throw new TypeError('x', { cause: new Error('y') })")
    again = ExecutionResult.model_validate_json(run.model_dump_json())

    assert again == run == ExecutionResult.model_validate(run.model_dump())
    assert failed == ExecutionResult.model_validate_json(failed.model_dump_json())
    assert [line.text for line in again.console_output] == ["dear"]
    assert (again.value, again.ok) == (3, True)
    with pytest.raises(ValidationError, match="okay"):
        ExecutionResult.model_validate({**run.model_dump(), "okay": True})


async def test_what_was_logged_and_called_is_frozen_and_a_damaged_record_of_it_is_refused(pool: Pool):
    run = await pool.execute("console.log('x')", bindings={})
    kept = run.model_dump()
    names = ExecutionResult.model_json_schema(mode="serialization")["$defs"]["CallRecord"]["properties"]

    assert set(names) == {"name", "ms", "outcome", "bytes_in", "bytes_out"}
    with pytest.raises(AttributeError):
        run.console_output[0].text = "y"  # type: ignore[misc]
    for damaged in ({"level": "log", "text": "x"}, {**kept["console_output"][0], "level": "loud"}, 5):
        with pytest.raises(ValidationError, match="console_output"):
            ExecutionResult.model_validate({**kept, "console_output": [damaged]})
