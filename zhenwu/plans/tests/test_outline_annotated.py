"""Documents as they come, each read as a person marked it."""

import pytest

from zhenwu.plans.tests.annotated import documents, read_annotated
from zhenwu.plans.tests.score import outline_of, score


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.stem)
def test_document_is_read_as_a_person_reads_it(path):
    document = read_annotated(path)
    found = score(document, outline_of(document))
    assert found.title, "title"
    assert found.years, "years"
    for label in ("parts", "sections", "points", "figures", "qualifiers"):
        match = getattr(found, label)
        assert (label, match.missed, match.extra) == (label, [], [])
    assert (found.noise_missed, found.noise_in_tree, found.taken_for_noise, found.invented) == ([], [], [], [])
