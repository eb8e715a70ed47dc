"""How many distinct origins there are is stated by hand for small worlds; nobody in them exists."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import EVIDENCE, HEAD, ROOT
from kg import access, build, corroboration, decode, nt, rdf
from kg.build import Vocabulary
from kg.corroboration import Corroboration, Dependence, Origins, Support
from kg.index import Index
from kg.model import Assertion, Corpus, Entity, Evidence, Report, Source, Withdrawal
from kg.namespaces import DEFAULT_BASE as BASE
from kg.namespaces import EDTF, KG_NAMESPACE, expand
from kg.project import Project, find
from kg.seeds import Reading
from kg.terms import KG

Read = Callable[..., Reading]
SUPERS = {KG_NAMESPACE + "citizenOf": (KG_NAMESPACE + "relatedToCountry",)}
DATATYPES = {"date": EDTF, "count": KG.Quantity}


@dataclass
class World:
    """A corpus that grows line by line."""

    entities: dict[str, Entity] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    assertions: list[Assertion] = field(default_factory=list)

    def add(self, key: str, kind: str = "Person", *, unnamed: bool = False, label: str = "", same_as: Iterable[str] = ()) -> str:  # fmt: skip
        iri = BASE + key
        self.entities[key] = Entity(iri, KG_NAMESPACE + kind, label or key, unnamed, same_as=tuple(same_as))
        return key

    def unnamed(self, key: str, kind: str = "Person", label: str = "") -> str:
        return self.add(key, kind, unnamed=True, label=label)

    def report(self, key: str, *, publisher: str | None = None, copied_from: str | None = None) -> str:
        self.reports[key] = Report(
            f"{BASE}report_{key}",
            f"Report {key.upper()}",
            "article",
            publisher=publisher and BASE + publisher,
            copied_from=copied_from and f"{BASE}report_{copied_from}",
        )
        return key

    def source(self, report: str, speaker: str | None, *, learned_from: str | None = None, relation: str | None = None, key: str = "") -> str:  # fmt: skip
        key = f"{report}_{key or speaker}"
        inward = learned_from and f"{BASE}source_{learned_from}"
        self.sources[key] = Source(
            f"{BASE}source_{key}", key, speaker and BASE + speaker, "unknown", relation, inward
        )
        return key

    def say(
        self,
        source: str,
        object_: str = "town",
        predicate: str = "detainedAt",
        *,
        about: str = "aman",
        polarity: str = "affirmed",
        certainty: str = "stated",
        episodes: Iterable[str] = (),
        **qualifiers: str,
    ) -> Assertion:
        """Let a source say it; an object that is no entity or absence is a literal."""
        report = source.partition("_")[0]
        if report not in self.reports:
            self.report(report)
        known = object_ in self.entities or object_ in ("noneGiven", "refused", "town")
        namespace = KG_NAMESPACE if object_ in ("noneGiven", "refused") else BASE
        number = len(self.assertions)
        assertion = Assertion(
            BASE + about,
            KG_NAMESPACE + predicate,
            nt.iri(namespace + object_)
            if known
            else object_
            if object_.startswith('"')
            else nt.literal(object_),
            f"{BASE}report_{report}",
            f"{BASE}source_{source}",
            Evidence(f"{BASE}report_{report}", number, number + 1, f"{number:064x}"),
            polarity,
            certainty,
            qualifiers=tuple(
                (KG_NAMESPACE + name, nt.literal(value, DATATYPES.get(name)))
                for name, value in qualifiers.items()
            ),
            episodes=tuple(f"{BASE}episode_{key}" for key in episodes),
        )
        self.assertions.append(assertion)
        return assertion

    def within(self, place: str, larger: str) -> None:
        self.add("atlas", "Organization")
        for key in (place, larger):
            self.entities.get(key) or self.add(key, "Place")
        self.say(self.source("gazetteer", "atlas"), larger, "locatedIn", about=place)

    @property
    def corpus(self) -> Corpus:
        parts = (self.entities, self.reports, self.sources)
        entities, reports, sources = (tuple(part.values()) for part in parts)
        return Corpus(entities, reports, sources, (), tuple(self.assertions))  # type: ignore[arg-type]

    @property
    def book(self) -> Corroboration:
        return Corroboration(Index(self.corpus), SUPERS)

    def support_of(self, assertion: Assertion) -> Support:
        found = self.book.support_of(assertion)
        assert found is not None
        return found

    def origins(self) -> Origins:
        """Give the origins of the one thing that is said."""
        (support,) = self.book.about(BASE + "aman")
        return support.origins


def bounds(origins: Origins) -> tuple[int, int]:
    return origins.least, origins.most


@pytest.fixture
def world() -> World:
    found = World()
    found.add("aman", label="Aman Tolek")
    found.add("town", "Place", label="Valley Town")
    return found


# ------------------------------------------------------------ one origin, or several


def test_two_reports_that_quote_the_same_relatives_have_one_origin(world: World) -> None:
    world.unnamed("relatives", "Group", "the relatives of Aman Tolek")
    world.add("rosa")
    world.say(world.source("r1", "relatives"))
    world.say(world.source("r2", "rosa", learned_from=world.source("r2", "relatives")))
    (support,) = world.book.about(BASE + "aman")
    assert (len(support.assertions), support.total, support.reports) == (2, 2, 2)
    assert bounds(support.origins) == (1, 1)
    assert support.origins.reasons == (
        "at least 1: the relatives of Aman Tolek, through two reports",
        "a group counts as one: the relatives of Aman Tolek",
    )


def test_one_origin_through_two_sources_of_one_report_is_one(world: World) -> None:
    inner = world.source("r1", world.add("rosa"))
    world.say(world.source("r1", world.add("ilyas"), learned_from=inner))
    world.say(inner)
    assert world.origins() == Origins(1, 1, ("at least 1: rosa, through two sources",))


def test_named_speakers_are_distinct(world: World) -> None:
    world.say(world.source("r1", world.add("rosa")))
    world.say(world.source("r2", world.add("ilyas")))
    assert world.origins() == Origins(2, 2, ("at least 2: ilyas and rosa",))


def test_a_report_tells_its_unnamed_speakers_apart(world: World) -> None:
    world.say(world.source("r1", world.unnamed("r1_friend", label="a friend")))
    world.say(world.source("r1", world.unnamed("r1_second", label="a second source")))
    assert world.origins() == Origins(2, 2, ("at least 2: a friend and a second source",))


def test_unnamed_speakers_of_two_reports_may_be_one(world: World) -> None:
    world.say(world.source("r1", world.unnamed("r1_friend", label="a friend")))
    world.say(world.source("r2", world.unnamed("r2_source", label="an unnamed source")))
    assert world.origins() == Origins(
        1, 2, ("at least 1: a friend", "one more if an unnamed source is another person")
    )


def test_unnamed_speakers_of_the_same_description_are_told_by_their_reports(world: World) -> None:
    world.say(world.source("r1", world.unnamed("r1_friend", label="a friend")))
    world.say(world.source("r2", world.unnamed("r2_friend", label="a friend")))
    assert world.origins().reasons[1] == "one more if a friend in “Report R2” is another person"


def test_an_unnamed_speaker_may_be_one_whom_another_report_names(world: World) -> None:
    world.say(world.source("r1", world.add("rosa")))
    world.say(world.source("r2", world.unnamed("r2_friend", label="a friend")))
    assert bounds(world.origins()) == (1, 2)
    # The second report names her too, as somebody else.
    world.say(world.source("r2", "r2_friend"), "herder", "occupation", about="rosa")
    (support,) = world.book.about(BASE + "aman")
    assert bounds(support.origins) == (2, 2)


def test_of_two_unnamed_speakers_only_one_can_be_the_named_one(world: World) -> None:
    world.say(world.source("r1", world.add("rosa")))
    for key in ("r2_a", "r2_b"):
        world.say(world.source("r2", world.unnamed(key)))
    assert bounds(world.origins()) == (2, 3)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("Group", "", True), ("Person", "", True), (1, 2)),  # one of them
        (("Group", "", True), ("Group", "", True), (1, 2)),  # with common members
        (("Group", "", True), ("Organization", "", True), (2, 2)),
        (("Group", "relatives", True), ("Person", "friend", True), (2, 2)),
        (("Group", "relatives", True), ("Person", "friend of her husband", True), (2, 2)),
        (("Group", "relatives", True), ("Person", "wife", True), (1, 2)),
        (("Group", "neighbours", True), ("Person", "sister", True), (2, 2)),
        (("Group", "friends", True), ("Person", "neighbour", True), (1, 2)),
        (("Group", "", False), ("Person", "", False), (1, 2)),
        (("Group", "", False), ("Group", "", False), (2, 2)),
        (("Group", "", False), ("Organization", "", False), (2, 2)),
        (("Person", "", False), ("Person", "", True), (2, 2)),
    ],
)
def test_in_one_report_a_group_is_one_more_only_if_it_is_told_apart(
    world: World, one: tuple[str, str, bool], other: tuple[str, str, bool], expected: tuple[int, int]
) -> None:
    for key, (kind, relation, unnamed) in zip("xy", (one, other), strict=True):
        world.say(world.source("r1", world.add(f"r1_{key}", kind, unnamed=unnamed), relation=relation))
    assert bounds(world.origins()) == expected


def test_a_group_and_a_person_of_two_reports_may_be_the_same_people(world: World) -> None:
    world.say(
        world.source("r1", world.unnamed("r1_sources", "Group", "several sources"), relation="relatives")
    )
    world.say(world.source("r2", world.unnamed("r2_friend", label="a friend"), relation="friend"))
    assert world.origins() == Origins(
        1, 2, ("at least 1: a friend", "one more if several sources are other people")
    )


def test_a_class_below_group_is_a_group(world: World) -> None:
    world.say(world.source("r1", world.unnamed("r1_sources", "Family")))
    world.say(world.source("r1", world.unnamed("r1_friend")))
    below = {KG_NAMESPACE + "Family": (KG.Group,)}
    (plain,), (known,) = (corroboration.supports(Index(world.corpus), supers) for supers in ({}, below))
    assert (bounds(plain.origins), bounds(known.origins)) == ((2, 2), (1, 2))


# ------------------------------------------------------------ unknown origins


def test_an_unknown_origin_raises_the_most_and_never_the_least(world: World) -> None:
    world.say(world.source("r1", None, key="somebody"))
    assert world.origins() == Origins(0, 1, ("at least 0: from whom it comes is not known",))
    world.say(world.source("r2", world.add("rosa")))
    assert world.origins() == Origins(
        1, 2, ("at least 1: rosa", "one more if the origin that is not known is another")
    )


def test_a_chain_that_ends_with_a_withheld_link_has_an_unknown_origin(world: World) -> None:
    world.sources["withheld"] = access.withheld_source(BASE)
    world.say(world.source("r1", world.add("rosa"), learned_from="withheld"))
    assert bounds(world.origins()) == (0, 1)


def test_whoever_is_withheld_may_be_another_each_time(world: World) -> None:
    world.sources["withheld"] = access.withheld_source(BASE)
    for _ in range(3):
        first = world.say("withheld")
        world.assertions[-1] = replace(first, report=f"{BASE}report_r1")
    assert world.origins() == Origins(
        0, 3, ("at least 0: from whom it comes is not known", "at most 3, if each is another")
    )


def test_one_link_without_a_speaker_is_one_unknown_origin(world: World) -> None:
    source = world.source("r1", None, key="somebody")
    world.say(source)
    world.say(source)
    assert bounds(world.origins()) == (0, 1)


def test_a_chain_that_comes_back_to_itself_has_an_unknown_origin(world: World) -> None:
    world.source("r1", world.add("rosa"), learned_from="r1_ilyas")
    world.source("r1", world.add("ilyas"), learned_from="r1_rosa")
    world.say("r1_rosa")
    world.say("r1_ilyas")
    assert bounds(world.origins()) == (0, 1)


# ------------------------------------------------------------ copied reports


def test_the_voice_of_a_copy_is_that_of_the_original(world: World) -> None:
    world.report("r1", publisher=world.add("wire", "Organization", label="Wire"))
    world.report("r2", publisher=world.add("post", "Organization"), copied_from="r1")
    world.report("r3", publisher=world.add("mail", "Organization"), copied_from="r2")
    for report, publisher in (("r1", "wire"), ("r2", "post"), ("r3", "mail")):
        world.say(world.source(report, publisher))
    assert world.origins() == Origins(
        1,
        1,
        (
            "at least 1: Wire in its own voice, through three reports",
            "“Report R2” is copied from “Report R1”",
            "“Report R3” is copied from “Report R2”",
        ),
    )


def test_without_the_mark_two_publishers_are_two_origins(world: World) -> None:
    for report, publisher in (("r1", "wire"), ("r2", "post")):
        world.report(report, publisher=world.add(publisher, "Organization"))
        world.say(world.source(report, publisher))
    assert bounds(world.origins()) == (2, 2)


def test_the_unnamed_speaker_of_a_copy_is_one_of_the_original(world: World) -> None:
    world.say(world.source("r1", world.unnamed("r1_friend")))
    world.report("r2", copied_from="r1")
    copied = world.say(world.source("r2", world.unnamed("r2_source")))
    assert bounds(world.origins()) == (1, 1)
    assert bounds(world.book.count([copied])) == (1, 1)


def test_the_unnamed_speaker_of_a_copy_may_be_whom_the_original_names(world: World) -> None:
    world.say(world.source("r1", world.add("rosa")))
    world.report("r2", copied_from="r1")
    world.say(world.source("r2", world.unnamed("r2_source")))
    assert bounds(world.origins()) == (1, 1)


def test_a_copy_may_tell_apart_whom_the_original_does_not(world: World) -> None:
    world.say(world.source("r1", world.unnamed("r1_friend")))
    world.report("r2", copied_from="r1")
    for key in ("r2_a", "r2_b"):
        world.say(world.source("r2", world.unnamed(key)))
    assert bounds(world.origins()) == (2, 2)


def test_what_the_original_does_not_say_may_come_from_others(world: World) -> None:
    world.say(world.source("r1", world.add("rosa")), "herder", "occupation", about="rosa")
    for report in ("r2", "r3"):
        world.report(report, copied_from="r1")
        world.say(world.source(report, world.unnamed(f"{report}_friend")))
    assert bounds(world.origins()) == (1, 2)


def test_an_unknown_origin_of_a_copy_is_not_one_more(world: World) -> None:
    world.say(world.source("r1", None, key="somebody"))
    world.report("r2", copied_from="r1")
    world.say(world.source("r2", None, key="somebody"))
    assert bounds(world.origins()) == (0, 1)


def test_a_copy_of_a_report_without_publisher_has_an_unknown_voice(world: World) -> None:
    world.report("r1")
    world.report("r2", publisher=world.add("post", "Organization"), copied_from="r1")
    world.say(world.source("r2", "post"))
    assert bounds(world.origins()) == (0, 1)


def test_reports_that_are_copied_from_each_other_are_one(world: World) -> None:
    for report, publisher, original in (("r1", "wire", "r2"), ("r2", "post", "r1")):
        world.report(report, publisher=world.add(publisher, "Organization"), copied_from=original)
        world.say(world.source(report, publisher))
    assert bounds(world.origins()) == (1, 1)


def test_a_copied_report_is_still_one_from_seeds_to_the_graph_and_back(
    read: Read, vocabulary: Vocabulary, project: Project
) -> None:
    block = f"assertions:\n  - about: aman-tolek\n    {EVIDENCE}\n    detained-by: valley-police\n"
    copy = f"""\
report:
  key: far-post-1
  title: Herder taken, again
  publisher: far-post
  published: 2021-03-05
  copied-from: valley-post-1
organization: {{far-post: The Far Post}}
{block}"""
    marked, unmarked = (
        read(HEAD + block, copy),
        read(HEAD + block, copy.replace("  copied-from: valley-post-1\n", "")),
    )
    found = []
    for reading in (marked, unmarked):
        assert reading.problems == ()
        quads = build.encode(project, vocabulary, reading.corpus)
        decoded = decode.corpus(quad[:3] for quad in quads)
        (support,) = corroboration.supports(Index(decoded))
        found.append(bounds(support.origins))
    assert found == [(1, 1), (2, 2)]


# ------------------------------------------------------------ entities tied by same-as


def test_speakers_who_share_an_outside_identifier_are_one(world: World) -> None:
    world.say(world.source("r1", world.add("rosa", same_as=["urn:x"])))
    world.say(world.source("r2", world.add("r-ospan", same_as=["urn:x"])))
    assert world.origins() == Origins(
        1, 1, ("at least 1: r-ospan, through two reports", "one by same-as: r-ospan and rosa")
    )


def test_a_speaker_who_is_tied_to_a_named_one_has_a_name(world: World) -> None:
    world.say(world.source("r1", world.add("a-friend", unnamed=True, same_as=[BASE + "rosa"])))
    world.say(world.source("r2", world.add("rosa")))
    assert world.origins().reasons[0] == "at least 1: rosa, through two reports"


def test_what_is_said_of_tied_entities_is_said_of_one(world: World) -> None:
    world.add("town-2", "Place", same_as=[BASE + "town"])
    world.add("aman-2", same_as=[BASE + "aman"])
    world.say(world.source("r1", world.add("rosa")), "town")
    world.say(world.source("r2", world.add("ilyas")), "town-2", about="aman-2")
    (support,) = world.book.supports()
    assert bounds(support.origins) == (2, 2)
    assert (support.said.subject, support.said.object) == (BASE + "aman", nt.iri(BASE + "town"))
    assert world.book.about(BASE + "aman-2") == (support,)


def test_ties_may_go_in_a_circle(world: World) -> None:
    for one, other in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "d")):
        world.say(world.source("r1", world.add(one, same_as=[BASE + other])))
    assert bounds(world.origins()) == (2, 2)


# ------------------------------------------------------------ what is said more exactly


def supported(world: World, coarse: Assertion, fine: Assertion) -> bool:
    """Tell whether the finer supports the coarser, and check that it is not the reverse."""
    above, below = world.support_of(coarse), world.support_of(fine)
    assert (fine in above.supported_by) == (above.total == 2)
    assert coarse not in below.supported_by
    return above.total == 2


def test_a_home_in_a_county_supports_the_county(world: World) -> None:
    world.within("home", "valley")
    world.within("valley", "norland")
    norland = world.say(world.source("r1", world.add("rosa")), "norland")
    home = world.say(world.source("r2", world.add("ilyas")), "home")
    assert supported(world, norland, home)
    assert bounds(world.support_of(norland).origins) == (2, 2)
    assert world.support_of(norland).origins.reasons == (
        "at least 2: ilyas and rosa",
        "1 of 2 assertions say it more exactly",
    )
    assert bounds(world.support_of(home).origins) == (1, 1)


def test_support_goes_up_step_by_step_and_is_counted_over_all_steps(world: World) -> None:
    world.within("home", "valley")
    world.within("valley", "norland")
    said = {
        place: world.say(world.source("r1", world.add(f"s-{place}")), place)
        for place in ("norland", "home", "valley")
    }
    supports = {place: world.support_of(assertion) for place, assertion in said.items()}
    assert supports["norland"].supported_by == (said["valley"],)
    assert supports["valley"].supported_by == (said["home"],)
    assert [bounds(supports[place].origins)[0] for place in ("norland", "valley", "home")] == [3, 2, 1]


def test_places_that_are_tied_lie_in_the_same(world: World) -> None:
    world.within("home", "vale")
    world.add("vale", "Place", same_as=["urn:vale"])
    world.within("dale", "norland")
    world.add("dale", "Place", same_as=["urn:vale"])
    assert supported(
        world,
        world.say(world.source("r1", world.add("rosa")), "norland"),
        world.say(world.source("r2", world.add("ilyas")), "home"),
    )


def test_places_that_lie_in_each_other_support_each_other(world: World) -> None:
    world.within("a", "b")
    world.within("b", "a")
    for number, place in enumerate(("a", "b")):
        world.say(world.source("r1", world.add(f"s{number}")), place)
    for support in world.book.about(BASE + "aman"):
        assert (support.total, bounds(support.origins)) == (2, (2, 2))


@pytest.mark.parametrize(
    ("coarse", "fine"),
    [
        ("", "2017-05-14"),
        ("2017", "2017-05"),
        ("2017-05", "2017-05-14"),
        ("2017-05-XX", "2017-05-14"),
        ("201X", "2017"),
        ("2017-05~", "2017-05"),
        ("2017-05~", "2017-05-01"),
        ("2017", "2017-05~"),
        ("[2017-01-01..2017-08-01]", "2017-05"),
        ("[..2017-08-01]", "2017-05"),
        ("2017", "2017-22"),
        ("2017", "2017-05/2017-07"),
        ("2017-05", "2017-05-14/"),
        ("2017-07", "2017-05/2017-07-02"),
        ("2017-05/2017-07", "2017-05-14/2017-07-02"),
        ("2017-05/", "2017-05/2017-07"),
        ("2017-05/", "2017-05/.."),
        ("2017-05-14", "2017-05-14/2017-06"),
    ],
)
def test_a_date_within_a_date_supports_it(world: World, coarse: str, fine: str) -> None:
    dated = [{"date": text} if text else {} for text in (coarse, fine)]
    one, other = (
        world.say(world.source("r1", world.add(f"s{n}")), **qualifiers) for n, qualifiers in enumerate(dated)
    )
    assert supported(world, one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2017-05", "2017-06"),
        ("2017-05", "[2017-05-20..2017-06-10]"),
        ("2017", "2017-01~"),  # may be the December before
        ("2017-05/2017-07", "2017-06"),
        ("2017-05/2017-07", "2017-05/.."),
        ("2017-05/..", "2017-05/2017-07"),
        ("2017-06", "2017-05/2017-07"),  # which began before and ended after; not said of June alone
        ("2017-21", "2017-22"),
        ("2017-21", "2017-05"),
        ("2017-21/2017-22", "2017-05/2017-06"),
        ("soon", "2017"),
    ],
)
def test_other_dates_do_not_support_each_other(world: World, one: str, other: str) -> None:
    world.say(world.source("r1", world.add("rosa")), date=one)
    world.say(world.source("r2", world.add("ilyas")), date=other)
    assert [support.total for support in world.book.about(BASE + "aman")] == [1, 1]


@pytest.mark.parametrize(
    ("one", "other"), [("2017-05", "[2017-05-01..2017-05-31]"), ("2017-05-14", "2017-05-14T10:30:00Z")]
)
def test_dates_of_the_same_days_say_the_same(world: World, one: str, other: str) -> None:
    world.say(world.source("r1", world.add("rosa")), date=one)
    world.say(world.source("r2", world.add("ilyas")), date=other)
    assert bounds(world.origins()) == (2, 2)


QUANTITY, TERM = KG.Quantity, KG.Term


@pytest.mark.parametrize(
    ("datatype", "coarse", "fine"),
    [
        (QUANTITY, "more than 30", "35"),
        (QUANTITY, "at least 30", "more than 30"),
        (QUANTITY, "dozens", "more than 30"),
        (QUANTITY, "30-40", "31-35"),
        (QUANTITY, "about 30", "30"),
        (QUANTITY, "more than 20", "about 30"),
        (QUANTITY, "fewer than 100", "nearly 38"),
        (TERM, "at least 3 years", "5 years"),
        (TERM, "5-10 years", "5 years"),
        (TERM, "at least 3 years", "more than 3 years"),
        (TERM, "up to 3 years", "2 weeks"),
        (TERM, "about 5 years", "5 years"),
    ],
)
def test_a_number_within_a_number_supports_it(world: World, datatype: str, coarse: str, fine: str) -> None:
    one, other = (
        world.say(world.source("r1", world.add(f"s{n}")), nt.literal(text, datatype), "size")
        for n, text in enumerate((coarse, fine))
    )
    assert supported(world, one, other)


@pytest.mark.parametrize(
    ("datatype", "one", "other"),
    [
        (QUANTITY, "30", "31"),
        (QUANTITY, "at least 30", "about 30"),  # which may be 29
        (QUANTITY, "nearly 30", "10"),
        (QUANTITY, "several", "35000"),
        (QUANTITY, "several", "many"),
        (QUANTITY, "no number", "30"),
        (TERM, "more than 3 years", "3 years"),
        (TERM, "less than 3 years", "3 years"),
        (TERM, "2 weeks", "10 days"),
        (TERM, "life", "20 years"),
        (TERM, "life", "death"),
        (TERM, "at least 3 years", "life"),
        (TERM, "no term", "5 years"),
    ],
)
def test_other_numbers_do_not_support_each_other(world: World, datatype: str, one: str, other: str) -> None:
    for speaker, text in (("rosa", one), ("ilyas", other)):
        world.say(world.source("r1", world.add(speaker)), nt.literal(text, datatype), "size")
    assert [support.total for support in world.book.about(BASE + "aman")] == [1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (nt.literal("5 years", TERM), nt.literal("60 months", TERM)),
        (nt.literal("more than 30", QUANTITY), nt.literal("At least 31", QUANTITY)),
        (nt.literal("Life", TERM), nt.literal("life imprisonment", TERM)),
        ('"imam"', '"Imam "'),
        ('"36"', '"36"@en'),
    ],
)
def test_spellings_of_one_value_say_the_same(world: World, one: str, other: str) -> None:
    world.say(world.source("r1", world.add("rosa")), one, "sentencedTo")
    world.say(world.source("r2", world.add("ilyas")), other, "sentencedTo")
    assert bounds(world.origins()) == (2, 2)


def test_a_count_within_a_count_and_any_count_support_what_has_none(world: World) -> None:
    source = world.source("r1", world.add("rosa"))
    said = [world.say(source, **({"count": text} if text else {})) for text in ("", "more than 30", "35")]
    assert [world.support_of(a).total for a in said] == [3, 2, 1]


def test_a_predicate_supports_the_one_above_it(world: World) -> None:
    world.add("norland", "Country")
    assert supported(
        world,
        world.say(world.source("r1", world.add("rosa")), "norland", "relatedToCountry"),
        world.say(world.source("r2", world.add("ilyas")), "norland", "citizenOf"),
    )


def test_the_ontology_gives_what_stands_above(vocabulary: Vocabulary) -> None:
    axioms = vocabulary.ontology.axioms
    above = corroboration.supers(axioms)
    assert above[KG_NAMESPACE + "citizenOf"] == (KG_NAMESPACE + "relatedToCountry",)
    assert KG_NAMESPACE + "Entity" in above[KG_NAMESPACE + "Court"]
    bracketed = [(nt.iri(s), nt.iri(p), nt.iri(o)) for s, p, o in axioms]
    assert corroboration.supers(bracketed) == above
    below = expand("rdfs:subPropertyOf")
    circle = [("urn:a", below, "urn:b"), ("urn:b", below, "urn:c"), ("urn:c", below, "urn:a")]
    assert corroboration.supers(circle)["urn:a"] == ("urn:b", "urn:c")


def test_what_is_stated_supports_what_is_alleged(world: World) -> None:
    assert supported(
        world,
        world.say(world.source("r1", world.add("rosa")), certainty="alleged"),
        world.say(world.source("r2", world.add("ilyas"))),
    )


def test_a_role_supports_what_has_none_and_another_role_does_not(world: World) -> None:
    source = world.source("r1", world.add("rosa"))
    said = [
        world.say(source, "town", "relativeOf", **({"role": r} if r else {})) for r in ("", "wife", "sister")
    ]
    assert [world.support_of(a).total for a in said] == [3, 1, 1]


def test_details_narrow_nothing_that_is_counted(world: World) -> None:
    world.say(world.source("r1", world.add("rosa")), circumstance="at night", placeDetail="at home")
    world.say(world.source("r2", world.add("ilyas")), circumstance="by surprise")
    assert bounds(world.origins()) == (2, 2)


def test_any_place_supports_a_place_that_is_not_known(world: World) -> None:
    for report in ("r1", "r2"):
        world.unnamed(f"{report}_unknown-detained-at-aman-00000000", "Place")
    first = world.say(world.source("r1", world.add("rosa")), "r1_unknown-detained-at-aman-00000000")
    world.say(world.source("r2", world.add("ilyas")), "r2_unknown-detained-at-aman-00000000")
    world.say(world.source("r3", world.add("marat")), "town")
    world.say(world.source("r3", "marat"), "refused")
    support = world.support_of(first)
    assert (len(support.assertions), support.total, bounds(support.origins)) == (2, 3, (3, 3))


# ------------------------------------------------------------ episodes


def test_what_happened_in_two_episodes_is_two_things(world: World) -> None:
    for number, episodes in enumerate((["first", "campaign"], ["second", "campaign"], ["first"])):
        world.say(world.source("r1", world.add(f"s{number}")), episodes=episodes)
    for subject in ("bota", "dana"):  # a campaign concerns others too
        world.add(subject)
        world.say("r1_s0", about=subject, episodes=["campaign"])
    found = {s.said.episode: bounds(s.origins) for s in world.book.about(BASE + "aman")}
    assert found == {BASE + "episode_first": (2, 2), BASE + "episode_second": (1, 1)}


def test_what_is_tied_to_no_episode_is_supported_by_each(world: World) -> None:
    said = [
        world.say(world.source("r1", world.add(f"s{number}")), episodes=episodes)
        for number, episodes in enumerate((["first"], ["second"], []))
    ]
    assert [world.support_of(a).total for a in said] == [1, 1, 3]


def test_with_one_episode_what_is_not_tied_to_it_says_the_same(world: World) -> None:
    for number, episodes in enumerate((["first"], [], ["first", "campaign"])):
        world.say(world.source("r1", world.add(f"s{number}")), episodes=episodes)
    assert bounds(world.origins()) == (3, 3)


def test_who_somebody_is_is_the_same_in_every_episode(world: World) -> None:
    for number, episode in enumerate(("first", "second")):
        world.say(world.source("r1", world.add(f"s{number}")), "Kazakh", "ethnicity", episodes=[episode])
    assert bounds(world.origins()) == (2, 2)


# ------------------------------------------------------------ denials


def test_a_denial_stands_beside_what_it_denies(world: World) -> None:
    said = world.say(world.source("r1", world.add("rosa")))
    alleged = world.say(world.source("r1", "rosa"), certainty="alleged")
    denied = world.say(world.source("r2", world.add("police", "Organization")), polarity="denied")
    support = world.support_of(said)
    assert (support.assertions, support.denied) == ((said,), (denied,))
    assert bounds(support.origins) == (1, 1)
    assert support.denied_origins == Origins(1, 1, ("at least 1: police",))
    assert world.support_of(denied) == support
    assert world.support_of(alleged).denied == (denied,)


def test_who_denies_it_altogether_denies_it_for_that_day(world: World) -> None:
    world.within("home", "valley")
    said = world.say(world.source("r1", world.add("rosa")), "home", date="2017-05-14")
    other = world.say(world.source("r1", "rosa"), "town")
    denied = world.say(world.source("r2", world.add("police")), "valley", polarity="denied")
    assert world.support_of(said).denied == (denied,)
    assert world.support_of(other).denied == ()
    only = world.support_of(denied)
    assert (only.assertions, only.supported_by, only.denied) == ((), (said,), (denied,))
    assert only.origins.reasons[-1] == "the one assertion says it more exactly"


def test_who_denies_it_for_one_day_does_not_deny_it_altogether(world: World) -> None:
    said = world.say(world.source("r1", world.add("rosa")))
    world.say(world.source("r2", world.add("police")), date="2017-05-14", polarity="denied")
    assert world.support_of(said).denied == ()


def test_what_is_only_denied_is_said_by_nobody(world: World) -> None:
    denied = world.say(world.source("r1", world.add("police")), polarity="denied")
    support = world.support_of(denied)
    assert (support.total, support.reports, support.origins) == (0, 0, Origins(reasons=("nobody says so",)))


# ------------------------------------------------------------ what counts


def test_what_is_withdrawn_counts_for_nothing(world: World) -> None:
    gone = replace(world.say(world.source("r1", world.add("rosa"))), withdrawn=Withdrawal("2021-01-01"))
    world.assertions[-1] = gone
    assert world.book.supports() == ()
    assert world.book.support_of(gone) is None
    assert corroboration.support_of(Index(world.corpus), gone) is None


def test_equal_assertions_are_one(world: World) -> None:
    said = world.say(world.source("r1", world.add("rosa")))
    world.assertions.append(replace(said, method="extracted"))
    (support,) = world.book.supports()
    assert support.total == len(support.assertions) == 1


def test_any_assertions_can_be_counted_together(world: World) -> None:
    said = [world.say(world.source("r1", world.add("rosa")), "herder", "occupation")]
    said.append(world.say(world.source("r2", world.add("ilyas")), "36", "age"))
    assert bounds(world.book.count(said)) == (2, 2)
    assert world.book.count([]) == Origins(reasons=("nobody says so",))


# ------------------------------------------------------------ what stands on whom


def objects(supports: Iterable[Support]) -> list[str]:
    return [support.said.object.strip('"') for support in supports]


def stands_on(world: World, key: str) -> Dependence:
    return corroboration.stands_on(Index(world.corpus), BASE + key, SUPERS)


@pytest.fixture
def chains(world: World) -> World:
    """Rosa tells of a herder and a poet; Ilyas, who has it from the police, of a herder and a guard."""
    world.report("r1", publisher=world.add("post", "Organization"))
    rosa = world.source("r1", world.add("rosa"))
    police = world.source("r1", world.add("police", "Organization"))
    ilyas = world.source("r1", world.add("ilyas"), learned_from=police)
    for source, words in ((rosa, "herder"), (rosa, "poet"), (ilyas, "herder"), (ilyas, "guard")):
        world.say(source, words, "occupation")
    world.say(world.source("r1", "post"), "imam", "occupation")
    return world


@pytest.mark.parametrize(
    ("key", "alone", "weakened", "left"),
    [
        ("rosa", ["poet"], ["herder"], "at least 1: police"),
        ("source_r1_rosa", ["poet"], ["herder"], "at least 1: police"),
        ("police", ["guard"], ["herder"], "at least 1: rosa"),
        ("ilyas", ["guard"], ["herder"], "at least 1: rosa"),  # what the police said is known through him
        ("source_r1_police", ["guard"], ["herder"], "at least 1: rosa"),
        ("post", ["imam"], [], ""),
    ],
)
def test_what_stands_on_a_speaker_alone_and_what_would_keep_others(
    chains: World, key: str, alone: list[str], weakened: list[str], left: str
) -> None:
    found = stands_on(chains, key)
    assert objects(found.alone) == alone
    assert objects(w.support for w in found.weakened) == weakened
    assert [w.left.reasons[0] for w in found.weakened] == ([left] if left else [])
    assert len(found.assertions) == len(alone) + len(weakened)


def test_on_somebody_who_says_nothing_stands_nothing(chains: World) -> None:
    assert stands_on(chains, "aman") == Dependence(BASE + "aman", (), (), ())
    assert stands_on(chains, "nobody").assertions == ()


def test_an_origin_that_is_heard_elsewhere_too_is_not_lost(chains: World) -> None:
    chains.say(chains.source("r2", "police"), "guard", "occupation")
    found = stands_on(chains, "ilyas")
    assert (objects(found.alone), objects(w.support for w in found.weakened)) == ([], ["herder"])
    assert len(found.assertions) == 2


def test_with_a_report_fall_its_copies(chains: World) -> None:
    chains.report("r2", publisher=chains.add("mail", "Organization"), copied_from="r1")
    chains.say(chains.source("r2", "mail"), "imam", "occupation")
    chains.say(chains.source("r3", chains.add("dana")), "guard", "occupation")
    found = stands_on(chains, "report_r1")
    assert objects(found.alone) == ["herder", "imam", "poet"]
    assert [w.left.reasons[0] for w in found.weakened] == ["at least 1: dana"]
    assert objects(stands_on(chains, "report_r2").alone) == []
    assert objects(stands_on(chains, "post").alone) == ["imam"]


def test_what_is_more_exact_keeps_up_what_is_less_exact(world: World) -> None:
    world.within("home", "valley")
    world.say(world.source("r1", world.add("rosa")), "valley")
    world.say(world.source("r2", world.add("ilyas")), "home")
    valley, home = (f"<{BASE}{place}>" for place in ("valley", "home"))
    assert [s.said.object for s in stands_on(world, "rosa").alone] == []
    assert [w.support.said.object for w in stands_on(world, "rosa").weakened] == [valley]
    assert [s.said.object for s in stands_on(world, "ilyas").alone] == [home]


def test_a_denial_can_stand_on_one_speaker(world: World) -> None:
    world.say(world.source("r1", world.add("police")), polarity="denied")
    (support,) = stands_on(world, "police").alone
    assert support.assertions == ()


# ------------------------------------------------------------ whatever comes


def test_of_nothing_there_is_nothing() -> None:
    assert corroboration.supports(Index(Corpus())) == ()
    assert corroboration.stands_on(Index(Corpus()), "urn:x") == Dependence("urn:x", (), (), ())
    assert corroboration.supers([]) == {}


def test_an_entity_without_a_label_is_called_by_its_key(world: World) -> None:
    world.say(world.source("r1", world.add("rosa")))
    world.entities["rosa"] = replace(world.entities["rosa"], label="")
    assert world.origins().reasons == ("at least 1: rosa",)
    del world.entities["rosa"]
    assert world.origins().reasons == ("at least 1: rosa",)


@pytest.mark.parametrize("label", ["<script>alert(1)</script>", "\x1b[31m", "=HYPERLINK(1)", "ئامان", "阿曼"])
def test_labels_stand_in_reasons_as_they_are(world: World, label: str) -> None:
    world.say(world.source("r1", world.add("rosa", label=label)))
    assert world.origins().reasons == (f"at least 1: {label}",)


def test_long_lists_end_with_a_number(world: World) -> None:
    for number in range(9):
        world.say(world.source("r1", world.add(f"s{number}", "Group")))
        world.say(world.source(f"q{number}", world.unnamed(f"q{number}_friend")))
    assert world.origins().reasons == (
        "at least 9: s0; s1; s2; s3; s4; and 4 more",
        *(f"a group counts as one: s{number}" for number in range(5)),
        "4 more of this kind",
        *(f"one more if q{number}_friend is another person" for number in range(5)),
        "up to 4 more in the same way",
    )


def test_the_order_of_what_was_typed_changes_nothing(world: World) -> None:
    world.within("home", "town")
    for number in range(30):
        speaker = world.unnamed(f"r{number % 4}_s{number % 7}", ("Person", "Group")[number % 2])
        date = ("2017", "2017-05", "2017-05-14", "2017~")[number % 4]
        said = world.say(
            world.source(f"r{number % 4}", speaker), ("home", "town")[number % 3 == 0], date=date
        )
        if number % 5 == 0:
            world.assertions[-1] = replace(said, polarity="denied")
    expected = world.book.supports()
    corpus = world.corpus
    parts = (corpus.entities, corpus.reports, corpus.sources, corpus.assertions)
    for turn in (1, 7, 13):
        entities, reports, sources, assertions = ((*part[turn:], *part[:turn])[::-1] for part in parts)
        turned = Corpus(entities, reports, sources, (), assertions)  # type: ignore[arg-type]
        assert corroboration.supports(Index(turned), SUPERS) == expected


SPEAKERS = st.tuples(
    st.sampled_from(["Person", "Group", "Organization"]),
    st.booleans(),
    st.lists(st.sampled_from("rst"), min_size=1, max_size=2, unique=True),
    st.sampled_from([None, "friend", "relatives"]),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(SPEAKERS, min_size=1, max_size=6))
def test_the_least_is_never_more_than_can_be_told_apart(
    speakers: list[tuple[str, bool, list[str], str | None]],
) -> None:
    world = World()
    world.add("aman")
    for number, (kind, unnamed, reports, relation) in enumerate(speakers):
        key = world.add(f"s{number}", kind, unnamed=unnamed)
        for report in reports:
            world.say(world.source(report, key, relation=relation))
    found, book = world.origins(), world.book
    keys = [f"{BASE}s{number}" for number in range(len(speakers))]
    largest = max(
        size
        for size in range(1, len(keys) + 1)
        for chosen in combinations(keys, size)
        if all(book.are_apart(one, other) for one, other in combinations(chosen, 2))
    )
    assert 1 <= found.least <= largest
    assert found.most == len(keys)


DATES = ("", "2017", "2017-05", "2017-05~", "2017-05-14", "2017-05-14~", "[2017-04-01..2017-05-20]", "2017-06", "2017-05/2017-06", "2017-05-02/2017-06-03", "2017-05/", "2017-05/..", "2016/2018", "2017-21", "[..2017-05-31]")  # fmt: skip


@cache
def is_finer(fine: str, coarse: str) -> bool:
    """Tell, in a world of these two dates only, whether the one supports the other."""
    return dated([coarse, fine])[coarse] == 2


def dated(texts: Iterable[str]) -> dict[str, int]:
    """Give by how many assertions each date is supported, where each is said once."""
    world = World()
    world.add("aman")
    world.add("town", "Place")
    source = world.source("r1", world.add("rosa"))
    said = {text: world.say(source, **({"date": text} if text else {})) for text in texts}
    return {text: world.support_of(assertion).total for text, assertion in said.items()}


def test_support_by_date_goes_one_way_and_through() -> None:
    for one, other in combinations(DATES, 2):
        assert not (is_finer(one, other) and is_finer(other, one))
    for fine, middle, coarse in permutations(DATES, 3):
        if is_finer(fine, middle) and is_finer(middle, coarse):
            assert is_finer(fine, coarse), (fine, middle, coarse)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(DATES), min_size=2, max_size=len(DATES), unique=True))
def test_many_dates_support_each_other_as_two_do(texts: list[str]) -> None:
    assert dated(texts) == {t: 1 + sum(is_finer(other, t) for other in texts if other != t) for t in texts}


DAY = datetime.date(1990, 1, 1)


def many(number: int, date: Callable[[int], str], sources: int) -> Corpus:
    world = World()
    world.add("aman")
    world.add("town", "Place")
    keys = [world.source(f"r{n % 50}", world.unnamed(f"r{n % 50}_s{n}")) for n in range(sources)]
    for n in range(number):
        world.say(keys[n % sources], date=date(n))
    return world.corpus


def day(number: int) -> str:
    return (DAY + datetime.timedelta(number)).isoformat()


@pytest.mark.parametrize(
    ("date", "sources", "most"),
    [
        pytest.param(lambda n: day(n)[: (4, 7, 10)[n % 3]], 100, 366, id="days, months and years"),
        pytest.param(day, 10_000, 1, id="as many speakers"),
        pytest.param(lambda n: f"[{day(n)}..{day(20_001 - n)}]", 100, 10_000, id="dates within dates"),
    ],
)
def test_ten_thousand_assertions_about_one_person_take_seconds(
    date: Callable[[int], str], sources: int, most: int
) -> None:
    index = Index(many(10_000, date, sources))
    start = time.process_time()
    found = corroboration.supports(index)
    assert time.process_time() - start < 120
    assert sum(len(support.assertions) for support in found) == 10_000
    assert max(support.total for support in found) == most


def test_a_long_chain_of_sources_and_a_long_row_of_ties_are_followed(world: World) -> None:
    inward: str | None = None
    for number in range(2_000):
        key = world.add(f"s{number}", same_as=[f"{BASE}s{number + 1}"])
        inward = world.source("r1", key, learned_from=inward)
        world.say(inward)
    assert bounds(world.origins()) == (1, 1)


# ------------------------------------------------------------ the shipped seeds


@pytest.fixture(scope="module")
def shipped() -> tuple[Corroboration, Mapping[str, str]]:
    project = find(ROOT)
    vocabulary = Vocabulary.of(project)
    reading = build.read(project, vocabulary, build.seed_files(project, (), ROOT))
    corpus = rdf.merge(access.public(reading.corpus, project.base))
    keys = {entity.iri.removeprefix(project.base): entity.iri for entity in corpus.entities}
    return Corroboration(Index(corpus), corroboration.supers(vocabulary.ontology.axioms)), keys


def said_of(shipped: tuple[Corroboration, Mapping[str, str]], key: str, predicate: str) -> list[Support]:
    book, keys = shipped
    return [s for s in book.about(keys[key]) if s.said.predicate == KG_NAMESPACE + predicate]


def test_the_term_of_serek_yelsik_has_two_origins(shipped: tuple[Corroboration, Mapping[str, str]]) -> None:
    (support,) = said_of(shipped, "serek-yelsik", "sentencedTo")
    assert (support.total, support.reports, bounds(support.origins)) == (2, 1, (2, 2))
    assert (
        support.origins.reasons[0] == "at least 2: a friend of Serek Yelsik and the relatives of Serek Yelsik"
    )


def test_two_outlets_on_one_event_have_one_origin(shipped: tuple[Corroboration, Mapping[str, str]]) -> None:
    (support,) = said_of(shipped, "wandile-dludlu", "detainedBy")
    assert (support.reports, bounds(support.origins)) == (2, (1, 1))
    assert support.origins.reasons[0] == "at least 1: Mlungisi Makhanya, through two reports"


def test_everything_that_is_said_is_counted_once(shipped: tuple[Corroboration, Mapping[str, str]]) -> None:
    book, _ = shipped
    found = book.supports()
    own = [a.digest() for support in found for a in support.assertions]
    affirmed = [a.digest() for a in book.index.living if a.polarity != "denied"]
    assert sorted(own) == sorted(affirmed)
    for support in found:
        assert support.origins.least <= support.origins.most <= support.total
        assert support.denied or support.assertions


def test_of_a_denier_it_is_said_that_nobody_else_denies_it(read: Read) -> None:
    reading = read(
        HEAD
        + "assertions:\n"
        + f"  - about: aman-tolek\n    told-by: friend\n    {EVIDENCE}\n    detained-at: upper-valley\n    polarity: denied\n"
        + f"  - about: aman-tolek\n    {EVIDENCE}\n    detained-at: upper-valley\n"
    )
    assert reading.problems == ()
    rests = corroboration.stands_on(Index(reading.corpus), BASE + "source_valley-post-1_friend")
    assert [support.said.predicate.rpartition("#")[2] for support in rests.undenied] == ["detainedAt"]
    assert rests.alone == ()
