"""Where the AWS bindings get their answers: sessions, clients, threads and buckets, owned by one object."""

from __future__ import annotations

import asyncio
import contextvars
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from stockade.aws.answers import until
from stockade.aws.catalog import catalog
from stockade.aws.clients import Clients, Sessions
from stockade.aws.errors import AwsError
from stockade.aws.identities import Account, AccountBook
from stockade.aws.limits import AwsLimits, Buckets, Budget
from stockade.aws.paging import paging_of
from stockade.aws.translate import translated
from stockade.bindings import current_run

Result = TypeVar("Result")

# A stand-in for the time limit of a run, for calls made outside of one.
OUTSIDE_SECONDS = 300.0

# Under which name a run's result says what it used of AWS (`ExecutionResult.facts`).
FACTS = "aws"

# botocore's standard retries: the first attempt and three more, with growing pauses.
ATTEMPTS = 4


@dataclass(frozen=True)
class Scope:
    """Where one API call goes."""

    account: str
    region: str
    service: str


@dataclass
class Pending:
    """An answer on its way or there already, and how many calls of the run wait for it."""

    task: asyncio.Task[object]
    waiting: int = 0


@dataclass
class RunState:
    """What is kept for one run and forgotten with it: its budget, its answers so far, its places for calls, and of
    each account as whom it asked and, where a region refused that, whether sts accepts it."""

    budget: Budget
    deadline: float
    places: asyncio.Semaphore
    by_service: dict[Scope, asyncio.Semaphore] = field(default_factory=dict[Scope, asyncio.Semaphore])
    memo: dict[str, Pending] = field(default_factory=dict[str, "Pending"])
    identities: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    accepted: dict[str, bool] = field(default_factory=dict[str, bool])


class AwsSource:
    """Answers for the AWS bindings, from real AWS or from an embedded world. A context manager.

    It owns threads, the clients last used and the buckets that hold all its runs together to the services' rates.
    """

    def __init__(
        self,
        book: AccountBook,
        *,
        sessions: Sessions,
        endpoint_url: str | None = None,
        embedded: bool = False,
        default_region: str = "us-east-1",
        limits: AwsLimits | None = None,
    ) -> None:
        self.limits = limits or AwsLimits()
        self.embedded = embedded
        self.endpoint_url = endpoint_url
        self.default_region = default_region
        self.sessions = sessions
        self.catalog = catalog()
        self.book = book
        self.buckets = Buckets()
        # The embedded world answers the same way each time, so a second attempt would only be slower.
        self.clients = Clients(
            book.session,
            self.limits,
            loader=sessions.loader,
            endpoint_url=endpoint_url,
            attempts=1 if embedded else ATTEMPTS,
        )
        self._threads = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="stockade-aws")
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    def from_environment(
        cls,
        endpoint_url: str | None = None,
        accounts_file: str | Path | None = None,
        *,
        role_name: str | None = None,
        region: str | None = None,
        limits: AwsLimits | None = None,
    ) -> AwsSource:
        """Real AWS through boto3's usual chain; nothing is sent before the first call of a binding.

        docs/aws.md says which accounts there are with an `accounts_file`, a `role_name` or neither. `region` is what a
        script gets that names none (default: the configured one), `endpoint_url` where all clients connect to. Raises
        AwsError for an AWS config that cannot be used.
        """
        from stockade.aws.environment import source_from_environment

        return source_from_environment(endpoint_url, accounts_file, role_name, region, limits)

    def state(self) -> RunState:
        """The state of the run this is called for; a fresh one outside of any run."""
        run = current_run()
        if run is None:
            return self._new_state(asyncio.get_running_loop().time() + OUTSIDE_SECONDS)
        with self._lock:
            state: RunState | None = run.kept.get(self)
            if state is None:
                state = run.kept[self] = self._new_state(run.deadline)
                state.budget.facts["identities"] = state.identities
                run.facts[FACTS] = state.budget.facts
            return state

    async def accounts(self) -> list[Account]:
        """Every account, the default one first."""
        return await self.in_thread(self.book.accounts, self.state(), service="sts", operation="listAccounts")

    async def account(self, account_id: str | None) -> Account:
        """One account, or the default one."""
        return await self.in_thread(
            lambda: self.book.find(account_id), self.state(), service="sts", operation="listAccounts"
        )

    async def call(self, state: RunState, scope: Scope, operation: str, ask: Callable[[Any], Result]) -> Result:
        """One API call under every limit: `ask` gets the client, in a thread."""
        state.budget.spend_call()
        own = state.by_service.setdefault(scope, asyncio.Semaphore(self.limits.calls_at_once_per_service))
        identity: list[str | None] = []

        def asked() -> Result:
            client = self.clients.get(scope.account, scope.region, scope.service)
            identity.append(self.book.find(scope.account).arn)
            return ask(client)

        try:
            # A moment is booked only by a call whose turn it is: those of a run that ends are then few.
            async with own:
                await self._moment(state, scope, operation)
                async with state.places:
                    return await self.in_thread(
                        asked,
                        state,
                        service=scope.service,
                        operation=operation,
                        account_id=scope.account,
                        region=scope.region,
                    )
        except AwsError as error:
            raise await self._seen_closer(error, state, scope, operation) from None
        finally:
            if identity:
                state.identities[scope.account] = identity[0]

    async def _moment(self, state: RunState, scope: Scope, operation: str) -> None:
        """Waits until the operation may be asked again; Timeout where the run will be over by then."""
        wait = self.buckets.reserve(scope.account, scope.region, scope.service, operation, state.deadline)
        if wait < 0:
            raise AwsError(
                "Timeout",
                f"{scope.service}:{operation} may not be asked again before this run ends",
                service=scope.service,
                operation=operation,
                account_id=scope.account,
                region=scope.region,
                hint="this operation has a low rate limit: narrow the query or give the run more time",
            )
        if wait:
            await asyncio.sleep(wait)

    async def _seen_closer(self, error: AwsError, state: RunState, scope: Scope, operation: str) -> AwsError:
        """What a refusal means where AWS says the same for two things."""
        # A region that is not switched on refuses good credentials in the words it has for bad ones.
        refused = error.code == "CredentialsInvalid" and error.aws_code
        if refused and await self._accepted(state, scope.account):
            return error.become("RegionNotEnabled", "switch the region on for the account, or leave it out")
        if error.code == "ConnectionFailed":
            known = await self.in_thread(
                lambda: self.clients.known_in(scope.service, scope.region),
                state,
                service=scope.service,
                operation=operation,
            )
            if not known:
                hint = f"botocore knows no endpoint of {scope.service} in {scope.region}"
                return error.become("UnsupportedRegion", hint)
        return error

    async def _accepted(self, state: RunState, account: str) -> bool:
        """Whether sts accepts an account's credentials: asked once in a run, since many regions may refuse them."""
        if account not in state.accepted:
            ask = partial(self.book.accepted, account)
            try:
                state.accepted[account] = await self.in_thread(ask, state, service="sts", operation="GetCallerIdentity")
            except AwsError:
                return False
        return state.accepted[account]

    async def page(
        self,
        state: RunState,
        scope: Scope,
        operation: str,
        params: dict[str, Any],
        reduce: Callable[[Any, Any], Result],
    ) -> tuple[Result, dict[str, Any] | None]:
        """One page of an operation, and the parameters of the next one or None.

        `reduce(page, output_shape)` makes of the page what is wanted, in the thread that fetched it.
        """
        from botocore import xform_name

        def ask(client: Any) -> tuple[Result, dict[str, Any] | None]:
            model = client.meta.service_model.operation_model(operation)
            page = getattr(client, xform_name(operation))(**params)
            page.pop("ResponseMetadata", None)
            paging = paging_of(self.sessions.loader, scope.service, operation, model)
            following = paging.following(params, page) if paging else None
            return reduce(page, model.output_shape), following

        return await self.call(state, scope, operation, ask)

    async def in_thread(
        self,
        function: Callable[[], Result],
        state: RunState,
        *,
        service: str,
        operation: str,
        account_id: str | None = None,
        region: str | None = None,
    ) -> Result:
        """`function()` in one of our threads until the run's deadline; whatever it raises becomes an AwsError."""
        if self._closed:
            raise AwsError("ServiceError", "the AWS source is closed", service=service, operation=operation)
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()
        deadline = state.deadline

        def in_time() -> Result:
            with until(lambda: deadline):
                return context.run(function)

        try:
            async with asyncio.timeout_at(deadline):
                return await loop.run_in_executor(self._threads, in_time)
        except asyncio.CancelledError:
            deadline = 0.0  # others want the thread
            raise
        except TimeoutError:
            error: BaseException = AwsError("Timeout", f"{service} did not answer before the run's time was up")
        except Exception as raised:
            error = raised
        raise translated(error, service=service, operation=operation, account_id=account_id, region=region) from None

    def close(self) -> None:
        """Ends the threads and closes the clients; a call in flight ends with its attempt. May be called again."""
        if self._closed:
            return
        self._closed = True
        self.book.close()
        self.clients.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> AwsSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _new_state(self, deadline: float) -> RunState:
        latest = deadline if math.isfinite(deadline) else asyncio.get_running_loop().time() + OUTSIDE_SECONDS
        return RunState(Budget(self.limits), latest, asyncio.Semaphore(self.limits.calls_at_once))
