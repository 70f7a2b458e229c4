"""The corpus as data: every file says what it tries and what is right, in the fixed form."""

from __future__ import annotations

from collections import Counter

import pytest

from stockade.attacks import load
from stockade.attacks.corpus import CLASSES, parse


def test_the_corpus_has_every_class_and_more_than_eighty_attacks():
    """The number that issue and README promise."""
    attacks = load()

    assert len(attacks) >= 80
    assert set(Counter(attack.kind for attack in attacks)) == set(CLASSES)
    assert len({attack.name for attack in attacks}) == len(attacks)


def test_every_attack_is_tried_in_both_modes_unless_it_says_otherwise():
    assert {attack.name for attack in load("process")} | {attack.name for attack in load("context")} == {
        attack.name for attack in load()
    }


@pytest.mark.parametrize("mode", ["process", "context"])
def test_an_attack_that_may_succeed_says_what_it_must_come_to(mode: str):
    """Only among those on texts are some that want to give nothing, because that is what brings a hint."""
    silent = {attack.name for attack in load(mode) if "ok" in attack.expect and attack.value is None}

    assert all(name.startswith("text/hint_of_nothing") for name in silent)


@pytest.mark.parametrize(
    "text",
    [
        "1 + 1",
        "// attack: says nothing of its ending\n1",
        "// expect: ok\n1",
        "// attack: a\n// expect: fine\n1",
        "// attack: a\n// expect: ok, timeout\n1",
        "// attack: a\n// expect: ok\n// because: of nothing\n1",
        "// attack: a\n// expect: ok\n// layer: luck\n1",
        "// attack: a\n// expect: ok\n// colour: red\n1",
        "// attack: a\n// expect: ok\n1\n// then: 1\n1\n// then: 2\n2",
    ],
)
def test_a_header_of_another_form_is_refused(text: str):
    with pytest.raises(ValueError, match=r"^x/y: "):
        parse("x/y", text)


def test_the_endings_of_nearly_every_attack_are_certain():
    """An attack that may end in several ways hides a change of its way; so each says why, and they are few."""
    assert sum(len(attack.expect) > 1 for attack in load()) <= 5


def test_a_text_is_put_in_as_often_as_the_header_says():
    attack = parse("x/y", '// attack: a\n// expect: ok\n// fill: 3 "\\n"\n1/*FILL*/2')

    assert attack.script.endswith("1\n\n\n2")
