from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import networkx
import pytest

from kg import graph, network_svg
from kg.network_svg import MOST, Picture, draw, picture, svg
from kg.problems import KgError

ROOT = Path(__file__).parents[1]
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = {
    "markup": "<script>alert('x')</script>",
    "arabic": "محمد عبد الله بن عبد العزيز آل سعود",
    "chinese": "北京市朝阳区人民法院的很长的名字还没有结束呢真的很长",
    "long": "x" * 400,
    "empty": "",
    "turned": "\x1b[2J\u202eevil\x00",
    "formula": '=HYPERLINK("http://example.org")',
    "wide": "W" * 60,
    "marks": "a" + "\u0301" * 50,
    "half": "\ud800",
}


def _graph(
    ties: Sequence[tuple[str, str] | tuple[str, str, Mapping[str, str]]],
    labels: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
) -> networkx.MultiDiGraph[str]:
    made: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    for number, (start, end, *more) in enumerate(ties):
        made.add_edge(start, end, f"assertion {number}", label="detained at", certainty="stated")
        if more:
            made.edges[start, end, f"assertion {number}"].update(more[0])
    for node in made:
        made.nodes[node]["label"] = (labels or {}).get(node, f"the entity {node}")
        made.nodes[node]["type"] = (types or {}).get(node, "person")
    return made


def _random(nodes: int, ties: int, seed: int) -> networkx.MultiDiGraph[str]:
    chance = random.Random(seed)  # noqa: S311
    labels = {f"n{node}": "wide words " * chance.randrange(1, 12) for node in range(nodes)}
    pairs = [(f"n{int(nodes * chance.random() ** 2)}", f"n{chance.randrange(nodes)}") for _ in range(ties)]
    return _graph(pairs, labels)


def _parsed(drawn: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)  # noqa: S314 (our own)


def _check(made: Picture) -> None:
    """Fail if a text leaves the picture or stands on another."""
    boxes = made.boxes()
    for box in boxes:
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= made.width
        assert box.bottom <= made.height
    overlapping = [(one, other) for one, other in combinations(boxes, 2) if one.overlaps(other)]
    assert overlapping == []
    _parsed(draw(made))


@pytest.fixture(scope="module")
def shipped() -> networkx.MultiDiGraph[str]:
    return graph.load(ROOT / "exports").to_networkx()


@pytest.fixture(scope="module")
def whole(shipped: networkx.MultiDiGraph[str]) -> Picture:
    return picture(shipped, title="Who is tied to whom")


def test_no_text_of_the_shipped_seeds_stands_on_another_or_leaves_the_picture(whole: Picture) -> None:
    _check(whole)


def test_the_shipped_seeds_have_every_entity_with_a_tie_and_all_labels_stand_on_cards(
    shipped: networkx.MultiDiGraph[str], whole: Picture
) -> None:
    tied = {node for pair in shipped.edges() for node in pair if pair[0] != pair[1]}
    assert {card.entity for card in whole.cards} == tied
    assert not [card for card in whole.cards if card.number]
    assert f"{len(shipped) - len(tied)} entities without a tie to another are not drawn." in whole.said


def test_the_parts_of_the_shipped_seeds_stand_apart(whole: Picture) -> None:
    assert len(whole.regions) > 1
    assert not [pair for pair in combinations(whole.regions, 2) if pair[0].overlaps(pair[1])]
    for card in whole.cards:
        assert any(
            region.left <= card.box.left
            and card.box.right <= region.right
            and region.top <= card.box.top
            and card.box.bottom <= region.bottom
            for region in whole.regions
        )


@pytest.mark.parametrize("width", [480, 900, 2400])
def test_one_person_of_the_shipped_seeds_fits_pictures_of_any_width(
    shipped: networkx.MultiDiGraph[str], width: int
) -> None:
    focus = min(node for node, label in shipped.nodes(data="label") if label == "Serek Yelsik")
    _check(picture(shipped, title="Around Serek Yelsik", width=width, focus=focus, reach=1))


@pytest.mark.parametrize(("nodes", "ties"), [(2, 1), (3, 9), (12, 12), (30, 80), (70, 60)])
@pytest.mark.parametrize("seed", [0, 1])
def test_no_text_of_a_random_graph_stands_on_another(nodes: int, ties: int, seed: int) -> None:
    _check(picture(_random(nodes, ties, seed), title="Chance", seed=seed))


def test_labels_go_to_a_numbered_list_when_the_height_is_too_small() -> None:
    made = picture(_random(40, 60, 3), title="Crowded", width=900, height=300)
    _check(made)
    listed = {card.number: card.name for card in made.cards if card.number}
    assert sorted(listed) == list(range(1, len(listed) + 1))
    assert len(listed) > len(made.cards) / 2
    for number, name in listed.items():
        assert any(text.text.startswith(f"{number} {name[:20]}") for text in made.texts)
    busiest = max(
        made.cards, key=lambda card: sum(card.entity in (line.tie.one, line.tie.other) for line in made.lines)
    )
    assert busiest.number is None


def test_hostile_labels_stay_text() -> None:
    ties = [("markup", other) for other in HOSTILE if other != "markup"] + [("arabic", "chinese")] * 2
    made = picture(_graph(ties, HOSTILE), title="<b>&\x00\ud800", width=700)
    _check(made)
    drawn = draw(made).decode()
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "\u202e" not in drawn
    assert "\x1b" not in drawn
    root = _parsed(drawn.encode())
    assert {element.tag for element in root.iter()} <= {
        SVG + name
        for name in ["svg", "title", "desc", "defs", "rect", "g", "line", "polygon", "circle", "text"]
    }
    # One without a label is called by its IRI.
    assert {card.name for card in made.cards} >= {"empty", '=HYPERLINK("http://example.org")'}


def test_an_empty_graph_says_so() -> None:
    made = picture(networkx.MultiDiGraph(), title="Nothing")
    _check(made)
    assert made.cards == ()
    assert "There is no tie between entities to draw." in [text.text for text in made.texts]


def test_one_entity_is_drawn_only_when_asked_for() -> None:
    alone: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    alone.add_node("a", label="Aman Tolek")
    assert picture(alone, title="One").cards == ()
    assert "1 entity without a tie to another is not drawn." in picture(alone, title="One").said
    made = picture(alone, title="One", focus="a")
    _check(made)
    assert [card.lines for card in made.cards] == [("Aman Tolek",)]
    assert "No tie to another entity is known." in made.said


def test_a_tie_of_an_entity_to_itself_is_told_and_not_drawn() -> None:
    made = picture(_graph([("a", "a"), ("a", "b")]), title="Loop")
    assert len(made.lines) == 1
    assert "the entity a – detained at – the entity a" in made.said


def test_a_focus_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KgError, match="'nobody' is not in the graph"):
        picture(_graph([("a", "b")]), title="Around nobody", focus="nobody")


def test_reach_says_how_far_from_the_focus_the_picture_goes() -> None:
    path = _graph([("a", "b"), ("c", "b"), ("c", "d"), ("x", "y")])
    one, two = (picture(path, title="Path", focus="a", reach=reach) for reach in (1, 2))
    assert [card.entity for card in one.cards] == ["a", "b"]
    assert [card.entity for card in two.cards] == ["a", "b", "c"]


def test_above_the_limit_the_best_connected_are_drawn_with_those_around_them() -> None:
    star = _graph([("hub", f"leaf {number:03}") for number in range(300)] + [("p", "q")])
    made = picture(star, title="Star", limit=20)
    assert len(made.cards) == 20
    assert "hub" in {card.entity for card in made.cards}
    assert len(made.lines) == 19
    assert "20 of 303 entities that have ties: those around the best connected ones." in made.said
    near = picture(star, title="Star", limit=20, focus="leaf 299")
    assert {"hub", "leaf 299"} <= {card.entity for card in near.cards}
    assert "20 of 301 entities there" in near.said


def test_a_thousand_entities_are_cut_to_the_limit_and_fit() -> None:
    chance = random.Random(1)  # noqa: S311
    ties = [(f"n{chance.randrange(1000)}", f"n{chance.randrange(1000)}") for _ in range(1500)]
    _check(picture(_graph(ties), title="Thousand", limit=60))
    assert len(network_svg._choose(_graph(ties), None, 1, MOST).nodes) <= MOST


def test_a_line_is_all_that_is_said_between_two() -> None:
    alleged, denied = {"certainty": "alleged"}, {"polarity": "denied"}
    made = picture(
        _graph(
            [
                ("a", "b"),
                ("a", "b"),
                ("b", "a", alleged),
                ("a", "c", alleged),
                ("d", "a", denied),
                ("e", "a", {"withdrawn": "2026-01-02"}),
            ]
        ),
        title="Ties",
    )
    ties = {(line.tie.one, line.tie.other): line.tie for line in made.lines}
    both = ties["a", "b"]
    assert (both.count, both.forward, both.backward, both.sureness) == (3, True, True, "stated")
    assert both.words == (
        "the entity a – detained at – the entity b (2 times)",
        "the entity b – detained at – the entity a (alleged)",
    )
    assert (ties["a", "c"].sureness, ties["a", "c"].backward) == ("alleged", False)
    assert ties["a", "d"].sureness == ties["a", "e"].sureness == "denied"
    assert {key.sample for key in made.keys} >= {"stated", "alleged", "denied", "thick"}
    dashes = [line.get("stroke-dasharray") for line in _parsed(draw(made)).iter(f"{SVG}line")]
    assert {None, "6 4", "1.5 4"} == set(dashes)


def test_each_type_has_a_shape_and_a_colour_of_its_own() -> None:
    types = ["person", "group", "organization", "court", "facility", "place", "country", "spaceship"]
    made = picture(
        _graph([("hub", type_) for type_ in types], types={type_: type_ for type_ in types}), title="Types"
    )
    kinds = {card.entity: card.kind for card in made.cards}
    assert kinds["spaceship"] == "other"
    assert len({network_svg._look(kinds[type_]) for type_ in types}) == len(types)
    assert len({network_svg._look(kinds[type_])[1] for type_ in types}) == len(types)
    assert "another type (1)" in [key.text.text for key in made.keys]


def test_the_picture_can_be_read_out(whole: Picture) -> None:
    root = _parsed(draw(whole))
    assert root.get("role") == "img"
    description = root.findtext(f"{SVG}desc") or ""
    assert root.findtext(f"{SVG}title") == "Who is tied to whom"
    for line in whole.lines:
        assert all(words in description for words in line.tie.words)


def test_the_same_graph_in_another_order_gives_the_same_picture() -> None:
    ties = [(f"n{number * 7 % 23}", f"n{number * 5 % 19}") for number in range(40)]
    backwards: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    one = _graph(ties)
    backwards.add_nodes_from(reversed(list(one.nodes(data=True))))
    backwards.add_edges_from(reversed(list(one.edges(keys=True, data=True))))
    assert svg(one, title="Order") == svg(backwards, title="Order")
    assert svg(one, title="Order", seed=1) != svg(one, title="Order")


def test_the_picture_does_not_hang_on_the_hash_seed() -> None:
    program = (
        "import hashlib, networkx; from kg.network_svg import svg\n"
        "graph = networkx.MultiDiGraph([(f'n{i * 7 % 31}', f'n{i * 5 % 29}') for i in range(60)])\n"
        "print(hashlib.sha256(svg(graph, title='Hash', limit=20)).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(found) == 1
