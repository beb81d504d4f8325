"""How much disk the storage option adds is the catalogue's to say (CAT-1, CAT-2, DSK-4)."""

from datetime import date
from typing import Any

import pytest

from chalicelib.catalogue.catalogue import Catalogue, catalogue_of
from chalicelib.catalogue.document import checked
from chalicelib.foundation.errors import FieldErrors
from tests.fakes.ordering import demo_document

TODAY = date(2026, 11, 5)


def with_steps(*added: int) -> dict[str, Any]:
    """The demo catalogue, its options adding so much to the disk."""
    document = demo_document()
    for option, gib in zip(document["options"], added, strict=True):
        option["storage_gib"] = gib
    return document


def published(document: dict[str, Any]) -> Catalogue:
    return catalogue_of(checked(document, None, TODAY), 1)


@pytest.mark.contract("CAT-2", "DSK-4")
@pytest.mark.parametrize(("step", "expected"), [(10, 110), (25, 155)])
def test_the_disk_grows_by_the_step_of_the_catalogue(step: int, expected: int) -> None:
    # Given storage sold by steps, when three go with "Essentiel" (80 GB), backup beside it
    catalogue = published(with_steps(step, 0, 0))
    # Then they are added to its own, and the backup adds nothing
    options = (("storage-10gb", 3), ("backup", 1))
    assert catalogue.storage_gib("essentiel", options) == expected
    assert catalogue.storage_gib("essentiel", ()) == 80


@pytest.mark.contract("CAT-2")
def test_catalogues_published_before_the_step_was_written_sold_ten_gigabytes() -> None:
    document = checked(demo_document(), None, TODAY)
    for option in document["options"]:
        del option["storage_gib"]
    assert catalogue_of(document, 1).storage_gib("standard", (("storage-10gb", 2),)) == 70


@pytest.mark.contract("CAT-2")
@pytest.mark.parametrize(
    ("added", "refused"),
    [((0, 0, 0), {"options[0].storage_gib"}), ((10, 5, 0), {"options[1].storage_gib"})],
)
def test_storage_adds_to_the_disk_and_no_other_option_does(
    added: tuple[int, ...], refused: set[str]
) -> None:
    with pytest.raises(FieldErrors) as errors:
        checked(with_steps(*added), None, TODAY)
    assert set(errors.value.errors) == refused


@pytest.mark.contract("CAT-2", "CAT-3")
def test_the_step_of_what_desktops_already_have_never_changes() -> None:
    with pytest.raises(FieldErrors) as errors:
        checked(with_steps(20, 0, 0), published(demo_document()), TODAY)
    assert set(errors.value.errors) == {"options[0].storage_gib"}
