"""Who is one person: however a name is written, whoever goes by it, nobody is two."""

import pytest

from walkaway.deal.cover import name_of, party_of, people_of
from walkaway.language.values import folded

LOPEZ = "ana lópez"


@pytest.mark.parametrize(
    "written",
    [
        "Ana López",
        "ANA LÓPEZ",
        " ana  lópez ",
        "ana\u00a0lópez",
        "ana\u3000lópez",
        "ana lo\u0301pez",
        "\uff21\uff4e\uff41 lópez",
        "an\u00ada lópez",
        "an\u200ba lópez",
        "ana\ufe0f lópez",
    ],
)
def test_one_person_is_one_however_the_name_is_written(written: str) -> None:
    """Case, width, blanks, composed letters and signs that nobody sees tell no two people apart."""
    assert folded(written) == LOPEZ
    assert folded(folded(written)) == LOPEZ


@pytest.mark.parametrize("written", ["ana lopez", "anna lópez", "\u0430na lópez", "ana-lópez", "analópez"])
def test_other_letters_are_another_person(written: str) -> None:
    """Letters that only look alike pass any folding: who goes by several names is declared."""
    assert folded(written) != LOPEZ


@pytest.mark.parametrize(("one", "other"), [("Straße", "STRASSE"), ("ǰ", "J\u030c"), ("ﬁnn", "FINN"), ("ﬃ", "FFI")])
def test_letters_that_fold_into_several_are_those(one: str, other: str) -> None:
    """Ligatures and letters without a capital of their own fold as they are written out."""
    assert folded(one) == folded(other)


def test_what_nobody_sees_is_nobody() -> None:
    """A name of blanks and joiners stands for nobody known."""
    assert name_of({}, " \u200d\u3000") == ""


def test_a_declared_name_is_its_person_and_an_unknown_one_is_nobody() -> None:
    """Where people are declared, an approver is one of them, or nobody known; a party that is not stands for itself."""
    people = {"ana": "ana", "a. lópez": "ana", "acme": "acme", "acme gmbh": "acme"}
    assert [name_of(people, said) for said in ("A.  LÓPEZ", "bob")] == ["ana", ""]
    assert [party_of(people, said) for said in ("Acme GmbH", "Globex ")] == ["acme", "globex"]
    assert people_of([]) == {}
