"""botocore clients: made once, kept a while, allowed to read only.

botocore itself and not boto3: these are the same clients, and the sessions here share one data loader, without which
each account would parse and hold every service model again (80 to 450 ms and up to 20 MB each).
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import botocore.loaders
import botocore.model
import botocore.session
from botocore.config import Config
from botocore.exceptions import UnknownRegionError

from stockade.aws.answers import READ_SECONDS, DeadlinePassed, bound, few_parts, in_time, no_more_attempts
from stockade.aws.errors import AwsError
from stockade.aws.given import bound_sources
from stockade.aws.limits import AwsLimits
from stockade.aws.readonly import refuse_writes
from stockade.aws.times import moment
from stockade.aws.translate import translated
from stockade.aws.whole import check_whole

# What a session apart has instead of the environment's word.
APART: list[tuple[str, Any]] = [
    ("profile", None),
    ("config_file", os.devnull),
    ("credentials_file", os.devnull),
    ("use_fips_endpoint", False),
    ("use_dualstack_endpoint", False),
    ("ca_bundle", None),
]

CONNECT_SECONDS = 5


class Clients:
    """An LRU of clients by (account, region, service), made under one lock because sessions are not thread-safe."""

    def __init__(
        self,
        session_for: Callable[[str], Any],
        limits: AwsLimits,
        *,
        loader: Any,
        endpoint_url: str | None,
        attempts: int,
    ) -> None:
        self._session_for = session_for
        self._loader = loader
        self._limits = limits
        self._endpoint_url = endpoint_url
        self._config = client_config(limits.threads, attempts, endpoint_url)
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], Any] = OrderedDict()
        self._closed = False

    def get(self, account: str, region: str, service: str) -> Any:
        """The client for one scope; raises what botocore raises where there can be none."""
        key = (account, region, service)
        # Opening a session asks sts, which may take its time: not under the lock that everybody needs.
        session = self._session_for(account)
        with self._lock:
            if self._closed:
                raise DeadlinePassed
            client = self._kept.get(key)
            if client is None:
                client = self._make(session, region, service)
                self._kept[key] = client
                if len(self._kept) > self._limits.clients:
                    # Not closed: a thread may still be using it. It closes its sockets when the last user lets go.
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return client

    def known_in(self, service: str, region: str) -> bool:
        """Whether botocore's endpoint data has the service in the region; true also where it has no data."""
        with self._lock:
            session: Any = botocore.session.Session()
            session.register_component("data_loader", self._loader)
            try:
                partition = session.get_partition_for_region(region)
            except UnknownRegionError:
                return True
            regions = session.get_available_regions(service, partition_name=partition)
        return not regions or region in regions

    def __len__(self) -> int:
        return len(self._kept)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            kept = list(self._kept.values())
            self._kept.clear()
        for client in kept:
            client.close()

    def _make(self, session: Any, region: str, service: str) -> Any:
        client: Any = session.create_client(
            service, region_name=region, endpoint_url=self._endpoint_url, config=self._config
        )
        client.meta.events.register_first("before-send", self._refuse_when_closed)
        return client

    def _refuse_when_closed(self, **_: Any) -> None:
        if self._closed:
            raise DeadlinePassed


class Sessions:
    """Makes botocore sessions that share one loader and carry the read-only hook."""

    def __init__(self) -> None:
        self.loader = botocore.loaders.create_loader()
        self._models: dict[str, Any] = {}

    def make(self, profile: str | None = None) -> Any:
        """A session as boto3 would make it, of one profile or of what the environment says. AwsError: there is none."""
        session = self._dress(botocore.session.Session(profile=profile))
        try:
            # botocore signs in to a profile's role in its region, and gives up where none or an empty one is set.
            if not session.get_config_variable("region"):
                session.set_config_variable("region", "us-east-1")
            # A role that wants a second factor would ask for it on a terminal that nobody watches.
            resolver = session.get_component("credential_provider")
            resolver.get_provider("assume-role")._prompter = refuse_prompt
            bound_sources(resolver)
        except Exception as error:  # botocore reads the AWS config only now
            raise translated(error, service="sts", operation="GetCallerIdentity") from None
        return session

    def make_apart(self, key: str, secret: str, region: str) -> Any:
        """A session that looks at no environment variable and no file of the user: for the embedded world."""
        session: Any = botocore.session.Session(session_vars={name: (None, None, value, None) for name, value in APART})
        session.set_credentials(key, secret)
        session.set_config_variable("region", region)
        return self._dress(session)

    def endpoints(self) -> Any:
        """botocore's data on partitions, regions and endpoints."""
        return self.loader.load_data("endpoints")

    def model(self, service: str) -> Any:
        """botocore's model of a service. Kept here, as what the loader has read is: it goes with its source."""
        made = self._models.get(service)
        if made is None:
            data = self.loader.load_service_model(service, "service-2")
            made = self._models[service] = botocore.model.ServiceModel(data, service)
        return made

    def _dress(self, session: Any) -> Any:
        session.register_component("data_loader", self.loader)
        session.register("before-call", refuse_writes)
        session.register("before-parse", few_parts)
        session.register("before-parse", check_whole)
        session.register("creating-client-class", bound)
        session.get_component("event_emitter").register_first("before-send", in_time)
        session.get_component("event_emitter").register_first("needs-retry", no_more_attempts)
        session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=moment)
        return session


def client_config(threads: int, attempts: int, endpoint_url: str | None) -> Config:
    """One configuration for all clients; the retries are botocore's standard ones."""
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=threads,
        retries={"mode": "standard", "total_max_attempts": attempts},
        user_agent_extra="stockade",
        # Another endpoint answers under one name; bucket and account names in front of it would not resolve.
        s3={"addressing_style": "path"} if endpoint_url else None,
        inject_host_prefix=False if endpoint_url else None,
        # A proxy of the environment is for the outside.
        proxies={} if is_loopback(endpoint_url) else None,
    )


def refuse_prompt(_question: str) -> str:
    """Stands in for botocore's question for a second factor."""
    raise AwsError("CredentialsInvalid", "this profile's role wants a second factor, and nobody can be asked for one")


def is_loopback(endpoint_url: str | None) -> bool:
    """Whether an endpoint is on this machine."""
    return endpoint_url is not None and urlsplit(endpoint_url).hostname in ("127.0.0.1", "localhost", "::1")
