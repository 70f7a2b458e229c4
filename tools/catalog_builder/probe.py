"""What moto answers to each type: asked over HTTP, once, with made-up values where a parent must supply something."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.session
import jmespath
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

# Codes that say moto lacks the operation, and not that something was not found.
LACKING = (
    "404",
    "500",
    "501",
    "405",
    "400",
    "InternalError",
    "InternalFailure",
    "NotImplemented",
    "NotYetImplemented",
    "Unknown",
)

THREADS = 8


def verdicts(rows: Mapping[str, Mapping[str, Any]], endpoint_url: str) -> dict[str, str]:
    """For each type: rows, empty, parent (it asks for a real one), or what it answered instead."""
    session: Any = botocore.session.Session()
    session.register_component("data_loader", botocore.loaders.create_loader())
    session.set_credentials("probe", "probe")
    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        read_timeout=20,
        max_pool_connections=THREADS,
        inject_host_prefix=False,
        s3={"addressing_style": "path"},
        parameter_validation=True,
        proxies={},
    )
    clients = {
        service: session.create_client(service, region_name="us-east-1", endpoint_url=endpoint_url, config=config)
        for service in sorted({row["service"] for row in rows.values()})
    }
    try:
        with ThreadPoolExecutor(THREADS) as threads:
            names = sorted(rows)
            found = threads.map(ask, (clients[rows[name]["service"]] for name in names), (rows[name] for name in names))
            return dict(zip(names, found, strict=True))
    finally:
        for client in clients.values():
            client.close()


def ask(client: Any, row: Mapping[str, Any]) -> str:
    """One type's verdict."""
    model = client.meta.service_model.operation_model(row["operation"])
    params: dict[str, Any] = {}
    for name, fill in row.get("fills", {}).items():
        params[name] = fill["const"] if "const" in fill else fill["each"][0] if "each" in fill else "123456789012"
        if name not in model.input_shape.members:
            del params[name]
        elif fill == "$region":
            params[name] = "us-east-1"
    for name in row.get("parent", {}).get("inputs", {}):
        params[name] = made_up(model.input_shape.members[name], name)
    try:
        page = getattr(client, xform_name(row["operation"]))(**params)
    except ClientError as error:
        answer: Any = error.response
        code = str(answer["Error"].get("Code", "Unknown"))
        status = int(answer["ResponseMetadata"].get("HTTPStatusCode", 0))
        if (
            code in LACKING
            or status >= 500
            or "not been implemented" in str(error)
            or "Not yet implemented" in str(error)
        ):
            return f"lacking {status} {code}"
        return "parent" if "parent" in row else f"refused {code}"
    except Exception as error:
        return f"error {type(error).__name__}"
    page.pop("ResponseMetadata", None)
    return "rows" if jmespath.search(row["path"], page) is not None else "empty"


def made_up(shape: Any, name: str) -> Any:
    """A value of the right form for something that does not exist."""
    if shape.type_name == "list":
        return [made_up(shape.member, name)]
    if name.lower().endswith(("arn", "identifier")):
        return "arn:aws:service:us-east-1:123456789012:thing/abcdef0123456789"
    least, most = int(shape.metadata.get("min", 1)), int(shape.metadata.get("max", 64))
    return ("abcdef0123456789" * (1 + least // 16))[: max(min(most, 16), least)]


def probe(rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Asks a fresh, empty world and writes moto.json."""
    from stockade.aws.embedded import EmbeddedWorld

    with EmbeddedWorld.start(seed=False) as world:
        found = verdicts(rows, world.endpoint_url)
    path = Path(__file__).parent / "moto.json"
    # What moto lacks is what is not named here.
    found = {name: verdict for name, verdict in found.items() if not verdict.startswith("lacking")}
    path.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", "utf-8")
