"""What is marked reaches no output: words are planted in every field and looked for in every file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import DIGEST, EVIDENCE, HEAD
from kg import access, exports
from kg.build import Vocabulary, encode
from kg.exports import Content
from kg.model import Corpus
from kg.namespaces import DEFAULT_BASE
from kg.nt import Quad
from kg.project import Project
from kg.seeds import Reading

Read = Callable[..., Reading]

PUBLIC_BLOCK = f"""\
assertions:
  - about: aman-tolek
    told-by: friend
    {EVIDENCE}
    occupation: herder
"""


def published(reading: Reading) -> Corpus:
    assert reading.problems == ()
    return access.public(reading.corpus, DEFAULT_BASE)


def everything(
    reading: Reading, vocabulary: Vocabulary, project: Project, *, restricted: bool = False
) -> bytes:
    """Give all files of an export, joined."""
    quads = encode(project, vocabulary, reading.corpus, include_restricted=restricted)
    content = Content(
        quads, project, vocabulary.ontology, vocabulary.ontology_files, vocabulary.shapes_files, restricted
    )
    written = [write(content) for write in exports.FORMATS.values()]
    return b"\n".join([*written, *(data for _, data in exports.files(content))])


def test_a_public_assertion_brings_what_it_reaches_and_nothing_else(read: Read) -> None:
    corpus = published(read(HEAD + PUBLIC_BLOCK))
    assert [e.label for e in corpus.entities] == ["Valley Post", "Aman Tolek", "a friend of Aman Tolek"]
    assert [s.label for s in corpus.sources] == ["a friend of Aman Tolek"]
    assert len(corpus.reports) == 1
    assert corpus.episodes == ()


MARKED = {
    "an assertion": ("    occupation: MARKED\n    access: restricted\n", "", ""),
    "the note of an assertion": ("    occupation: x\n    note: MARKED\n    access: restricted\n", "", ""),
    "a qualifier": ("    occupation: x\n    role: MARKED\n    access: restricted\n", "", ""),
    "an object": ("    detained-at: camp\n", "place:\n  upper-valley", "place:\n  camp: {label: MARKED, access: restricted}\n  upper-valley"),
    "the other names of an object": (
        "    detained-at: camp\n",
        "place:\n  upper-valley",
        "place:\n  camp: {label: x, also: [MARKED], names: {fr: MARKED}, same-as: https://example.org/MARKED,"
        " note: MARKED, access: restricted}\n  upper-valley",
    ),
    "the key of an object": ("    detained-at: marked\n", "place:\n  upper-valley", "place:\n  marked: {label: x, access: restricted}\n  upper-valley"),
    "a speaker": ("    told-by: friend\n    occupation: x\n", "unnamed: a friend of Aman Tolek", "unnamed: MARKED, access: restricted"),
    "a source": (
        "    told-by: friend\n    occupation: x\n",
        "{speaker: friend, basis: first-hand}",
        "{speaker: friend, label: MARKED, relation: MARKED, access: restricted}",
    ),
    "an inner source": (
        "    told-by: friend\n    occupation: x\n",
        "  friend: {speaker: friend, basis: first-hand}",
        "  friend: {speaker: friend, learned-from: inner}\n  inner: {speaker: friend, label: MARKED, access: restricted}",
    ),
    "a withheld source": (
        "    told-by: marked\n    occupation: x\n",
        "  friend: {speaker: friend, basis: first-hand}",
        "  marked: {speaker: friend, label: MARKED, relation: MARKED, basis: family, access: withheld}",
    ),
    "a withheld speaker": (
        "    told-by: friend\n    occupation: x\n",
        "unnamed: a friend of Aman Tolek}",
        "unnamed: MARKED}",
    ),
    "an episode": ("    occupation: x\n    episode: herder-case\n", "arrest of the herder", "{label: MARKED, access: restricted}"),
    "a report": ("    occupation: x\n", "title: Herder taken", "title: MARKED\n  note: MARKED\n  url: https://example.org/MARKED\n  access: restricted"),
    "a publisher": ("    occupation: x\n", "valley-post: Valley Post", "valley-post: {label: MARKED, access: restricted}"),
}  # fmt: skip


@pytest.mark.parametrize("what", MARKED)
def test_marked_words_reach_no_public_output(
    read: Read, vocabulary: Vocabulary, project: Project, what: str
) -> None:
    lines, old, new = MARKED[what]
    head = HEAD.replace(old, new) if old else HEAD
    if what == "a withheld speaker":
        head = head.replace("basis: first-hand", "access: withheld")
    assert head != HEAD or not old
    reading = read(f"{head}assertions:\n  - about: aman-tolek\n    {EVIDENCE}\n{lines}")
    assert reading.problems == ()
    public = everything(reading, vocabulary, project).lower()
    assert b"marked" not in public.replace(b"is marked", b"").replace(b"marked as", b"")
    assert b"marked" in everything(reading, vocabulary, project, restricted=True).lower()


def test_a_withheld_source_leaves_the_assertion_and_one_constant(read: Read) -> None:
    head = HEAD.replace("basis: first-hand", "access: withheld")
    corpus = published(read(head + PUBLIC_BLOCK))
    (assertion,) = corpus.assertions
    assert assertion.source == DEFAULT_BASE + "source_withheld"
    assert [(s.label, s.speaker, s.basis) for s in corpus.sources] == [("source withheld", None, "unknown")]


def test_the_name_of_a_published_assertion_says_nothing_of_the_withheld_source(read: Read) -> None:
    seeds = [
        HEAD.replace("  friend: {speaker", f"  {key}: {{access: withheld, speaker") + PUBLIC_BLOCK.replace("told-by: friend", f"told-by: {key}")
        for key in ("one", "two")
    ]  # fmt: skip
    one, two = (published(read(seed)).assertions[0].digest() for seed in seeds)
    assert one == two


def test_a_chain_is_cut_at_the_withheld_link(read: Read) -> None:
    head = HEAD.replace(
        "  friend: {speaker: friend, basis: first-hand}\n",
        "  friend: {speaker: friend, learned-from: middle}\n"
        "  middle: {speaker: friend, learned-from: inner, access: withheld}\n"
        "  inner: {speaker: friend, label: innermost, access: restricted}\n",
    )
    corpus = published(read(head + PUBLIC_BLOCK))
    assert len(corpus.assertions) == 1
    assert [s.label for s in corpus.sources] == ["a friend of Aman Tolek", "source withheld"]


def test_what_is_restricted_changes_nothing_in_the_public_export(
    read: Read, vocabulary: Vocabulary, project: Project
) -> None:
    more = f"""\
  - about: aman-tolek
    told-by: friend
    evidence: {{start: 1, end: 2, digest: {DIGEST}}}
    detained-at: unknown
    access: restricted
"""
    without = everything(read(HEAD + PUBLIC_BLOCK), vocabulary, project)
    assert everything(read(HEAD + PUBLIC_BLOCK + more), vocabulary, project) == without


ORIGINAL = """\
report: {key: far-post-1, title: MARKED, publisher: far-post, published: 2021-03-03ACCESS}
organization: {far-post: The Far Post}
"""


@pytest.mark.parametrize("mark", [", access: restricted", ", publisher-mark"])
def test_that_a_report_is_copied_from_a_restricted_one_is_not_published(
    read: Read, vocabulary: Vocabulary, project: Project, mark: str
) -> None:
    original = ORIGINAL.replace("ACCESS", mark.replace(", publisher-mark", ""))
    if "publisher" in mark:
        original = original.replace("The Far Post", "{label: The Far Post, access: restricted}")
    copy = HEAD.replace("title: Herder taken", "title: Herder taken\n  copied-from: far-post-1")
    reading = read(copy + PUBLIC_BLOCK, original)
    (report,) = published(reading).reports
    assert report.copied_from is None
    public = everything(reading, vocabulary, project).lower()
    assert b"far-post" not in public
    assert b"far post" not in public


def test_a_public_original_is_published_with_its_copy(read: Read) -> None:
    copy = HEAD.replace("title: Herder taken", "title: Herder taken\n  copied-from: far-post-1")
    corpus = published(read(copy + PUBLIC_BLOCK, ORIGINAL.replace("ACCESS", "")))
    assert [(r.title, r.copied_from) for r in corpus.reports] == [
        ("Herder taken", DEFAULT_BASE + "report_far-post-1"),
        ("MARKED", None),
    ]
    assert "The Far Post" in [e.label for e in corpus.entities]


def test_of_equal_assertions_the_open_one_is_published(read: Read) -> None:
    twin = (
        PUBLIC_BLOCK.partition("\n")[2].replace("start: 10, end: 40", "start: 50, end: 80")
        + "    access: restricted\n"
    )
    assert len(published(read(HEAD + PUBLIC_BLOCK + twin)).assertions) == 1


def quads_of(reading: Reading, vocabulary: Vocabulary, project: Project, *, restricted: bool) -> set[Quad]:
    return set(encode(project, vocabulary, reading.corpus, include_restricted=restricted))


def test_a_restricted_build_marks_what_is_restricted(
    read: Read, vocabulary: Vocabulary, project: Project
) -> None:
    reading = read(HEAD + PUBLIC_BLOCK + "    access: restricted\n")
    rights = "<http://purl.org/dc/terms/accessRights>"
    marked = {s for s, p, o, _ in quads_of(reading, vocabulary, project, restricted=True) if p == rights}
    assert len(marked) == 1
    assert not [q for q in quads_of(reading, vocabulary, project, restricted=False) if q[1] == rights]
