"""The derivation itself: runs where its pinned inputs are installed, which `make catalog` sees to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("c7n_awscc")
pytest.importorskip("policy_sentry")

# Each derivation is ten seconds of processor time, and there are four of them.
pytestmark = pytest.mark.timeout(600)

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(scope="module")
def tool():
    sys.path.insert(0, str(TOOLS))
    import build_catalog

    yield build_catalog
    sys.path.remove(str(TOOLS))


@pytest.fixture(scope="module")
def built(tool):
    return tool.build()


def test_the_shipped_table_is_what_its_inputs_give_to_the_byte(tool, built):
    assert built[1] == tool.TABLE.read_bytes()
    assert tool.build()[1] == built[1]


def test_cloud_custodians_table_names_the_same_operations(built):
    """Its people wrote theirs by hand; ours was corrected by it, so this shows that no later change undoes that."""
    pytest.importorskip("c7n")
    from catalog_builder.compare import agreement

    compared = agreement(built[0].rows)
    assert compared.comparable >= 240
    assert compared.share >= 0.98, compared.different


def test_the_agreement_told_in_the_documentation_is_the_one_that_is_measured(built):
    pytest.importorskip("c7n")
    from catalog_builder.compare import agreement
    from catalog_builder.derive import derive
    from catalog_builder.inputs import Iam, Models, overlay, schemas

    alone = agreement(derive(schemas(), Models(), Iam(), overlay() | {"types": {}}).rows)
    corrected = agreement(built[0].rows)
    told = " ".join((TOOLS.parent / "docs/aws.md").read_text("utf-8").split())
    assert f"{alone.same} of {alone.comparable} comparable types" in told
    assert f"({alone.share:.1%})".replace("%", " %") in told
    assert f"{corrected.same} of {corrected.comparable} with our corrections" in told
    assert f"({corrected.share:.1%})".replace("%", " %") in told


def test_every_correction_by_hand_has_a_reason_and_a_type_that_exists(tool):
    from catalog_builder.inputs import overlay, schemas

    known = schemas()
    corrections = overlay()["types"]
    assert [name for name, each in corrections.items() if not each.get("why")] == []
    assert [name for name in corrections if name not in known] == []


def test_every_type_left_out_has_a_reason(built):
    from catalog_builder.inputs import schemas

    derived = built[0]
    assert set(schemas()) == set(derived.rows) | set(derived.left_out)
    assert all(derived.left_out.values())
