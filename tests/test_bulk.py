from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from bulk_cases import DESCRIBED, assertions, built, expected, jsonl, line, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.build import Vocabulary
from kg.project import Project

few = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck)
)
small = st.fixed_dictionaries(
    {
        "range_size": st.sampled_from([1, 37, 400, 10**6]),
        "bucket_size": st.sampled_from([500, 10**6]),
        "memory": st.sampled_from([1, 1000, 10**8]),
    }
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@few
@given(st.lists(assertions(), max_size=14), small, st.booleans(), st.booleans(), st.randoms(use_true_random=False))
def test_any_records_give_the_bytes_of_the_reference(
    vocabulary: Vocabulary, project: Project, said: list[dict[str, Any]], options: dict[str, int], plain: bool, all_: bool, random: Any
) -> None:
    records = [*DESCRIBED, *said]
    random.shuffle(records)
    cut = random.randrange(len(records))
    files = {"a.jsonl": jsonl(records[:cut], plain=plain), "b.jsonl": jsonl(records[cut:])}
    wanted = expected(files, vocabulary, project, include_restricted=all_)
    with tempfile.TemporaryDirectory() as folder:
        found = built(files, vocabulary, project, Path(folder), include_restricted=all_, **options)
    assert told(found.summary.problems) == told(wanted.problems)
    assert found.data == wanted.data
    assert found.summary.doubted == 0
