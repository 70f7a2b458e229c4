"""How the derived rows compare with Cloud Custodian's, which people wrote and use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Agreement:
    """Types both tables have, those that name the same operation, and the others with both answers."""

    comparable: int
    same: int
    different: dict[str, tuple[str, str]]

    @property
    def share(self) -> float:
        return self.same / self.comparable if self.comparable else 0.0


def agreement(rows: Mapping[str, Mapping[str, Any]]) -> Agreement:
    """Compares by service and operation; Cloud Custodian's types that ours leaves out are not comparable."""
    theirs: dict[str, set[str]] = {}
    for name, operation in custodian():
        theirs.setdefault(name, set()).add(operation)
    common = sorted(theirs.keys() & rows.keys())
    ours = {name: f"{rows[name]['service']}.{rows[name]['operation']}" for name in common}
    different = {
        name: (ours[name], "|".join(sorted(theirs[name]))) for name in common if ours[name] not in theirs[name]
    }
    return Agreement(len(common), len(common) - len(different), different)


def custodian() -> Iterator[tuple[str, str]]:
    """Each CloudFormation type Cloud Custodian lists by itself, with the operation it uses."""
    import botocore.session
    from botocore import xform_name

    resource_map: Mapping[str, str] = import_module("c7n.resources.resource_map").ResourceMap
    session: Any = botocore.session.Session()
    services = set(session.get_available_services())
    by_method: dict[str, dict[str, str]] = {}
    for name, where in sorted(resource_map.items()):
        if not name.startswith("aws."):
            continue
        module, _, attribute = where.rpartition(".")
        try:
            kind: Any = getattr(import_module(module), attribute).resource_type
        except Exception:  # a resource whose own imports are not installed
            continue
        spec: Any = getattr(kind, "enum_spec", None)
        cfn: Any = getattr(kind, "cfn_type", None)
        if not spec or not cfn or kind.service not in services:
            continue
        if kind.service not in by_method:
            model = session.get_service_model(kind.service)
            by_method[kind.service] = {xform_name(each): each for each in model.operation_names}
        if spec[0] in by_method[kind.service]:
            yield str(cfn), f"{kind.service}.{by_method[kind.service][spec[0]]}"
