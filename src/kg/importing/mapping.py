"""A map: YAML that says what the columns of a foreign table mean, each fault in it with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kg.fields import SPECIAL, Fields
from kg.importing.expressions import Condition, Expression, FromText, Template
from kg.importing.map_left_out import left_out_of, skips_of
from kg.importing.map_values import VALUE_KEYS, Options, Values, Wanted
from kg.importing.plan import (
    Block,
    EntityRule,
    EpisodeRule,
    Narrowing,
    Plan,
    ReportRule,
    SourceRule,
    Statement,
    WithoutName,
)
from kg.importing.readers import (
    Reader,
    addresses,
    choices,
    languages,
    names,
    of_property,
    outside_names,
    words,
)
from kg.importing.reading import Settings, Table
from kg.importing.texts import tidy
from kg.namespaces import EDTF
from kg.nodes import List, Map, Node, Scalar, describe
from kg.ontology import Class, Ontology, Property
from kg.seeds import PUBLISHER
from kg.terms import KG

SECTIONS: Final = (
    "table", "report", "entities", "sources", "episodes", "vocabularies", "skip", "leave-out", "assertions",
    "elsewhere", "access",
)  # fmt: skip
REPORT_FIELDS: Final = (
    "title", "type", "published", "language", "url", "archive-url", "retrieved", "copied-from", "note",
    "access",
)  # fmt: skip
_ABOUT_ENTITY: Final = (
    "class", "key", "identified-by", "agree", "other-labels", "if-blank", "without-name", "also", "names",
    "same-as", "note", "access",
)  # fmt: skip
ENTITY_KEYS: Final = ("label", "unnamed", *_ABOUT_ENTITY)
SOURCE_KEYS: Final = (
    "speaker",
    "basis",
    "relation",
    "label",
    "key",
    "learned-from",
    "access",
    "without-speaker",
)
EPISODE_KEYS: Final = ("label", "key", "access")
_MARKS: Final = ("told-by", "episode", "certainty", "polarity", "access", "note")
DEFAULT_TYPE: Final = "table"
"""The type of a report of which the map does not say one."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What maps may speak of: the ontology, and closed lists of values by property IRI."""

    ontology: Ontology
    choices: Mapping[str, tuple[str, ...]]


def read_plan(
    tree: Map, table: Table, settings: Settings, vocabulary: Vocabulary, fields: Fields
) -> Plan | None:
    """Bind a map to a table; None if it cannot be used. Faults are noted in `fields`."""
    before = len(fields.problems)
    plan = _Mapper(tree, table, settings, vocabulary, fields).plan()
    return plan if len(fields.problems) == before else None


class _Mapper:
    def __init__(
        self, tree: Map, table: Table, settings: Settings, vocabulary: Vocabulary, fields: Fields
    ) -> None:
        self._tree = tree
        self._fields = fields
        self._ontology = vocabulary.ontology
        self._choices = vocabulary.choices
        self._values = Values(fields, table, settings, dict(self._named("vocabularies")))
        self._qualifier_readers = {
            key: self._reader(qualifier, Options())
            for key, qualifier in vocabulary.ontology.qualifiers.items()
        }
        self._entities: dict[str, EntityRule] = {}
        self._sources: dict[str, SourceRule] = {}
        self._source_names: tuple[str, ...] = (PUBLISHER,)
        self._episodes: dict[str, EpisodeRule] = {}

    def _named(self, section: str) -> Iterator[tuple[str, Node]]:
        node = self._tree.get(section)
        if isinstance(node, Map):
            yield from ((key.text, value) for key, value in node.entries)
        elif node is not None:
            self._fields.problem(
                node, "wrong-kind", f"found {describe(node)}; {section} is a mapping of names"
            )

    def plan(self) -> Plan | None:
        """Read all sections, each after those that it can name."""
        self._fields.known_keys(self._tree, SECTIONS, "section of a map")
        elsewhere = [
            scalar
            for scalar in self._fields.texts(self._tree.get("elsewhere"))
            if self._fields.is_key(scalar)
        ]
        for scalar in elsewhere:
            self._entities[scalar.text] = self._elsewhere(scalar)
        declared = list(self._fields.entries(self._tree.get("entities"), "a mapping of names to entities"))
        self._values.entity_names = frozenset(
            [key.text for key, _ in declared] + [scalar.text for scalar in elsewhere]
        )
        for name, node in declared:
            self._declare_entity(name, node)
        self._declare_sources()
        self._declare_episodes()
        report = self._report()
        blocks = tuple(self._blocks())
        skips = tuple(skips_of(self._tree, self._values))
        leave_out = tuple(left_out_of(self._tree, self._values))
        access = self._fields.text(self._tree, "access")
        if access is not None and access.text not in ("public", "restricted"):
            self._fields.problem(
                access, "bad-access", f"{access.text!r} is no access mark; write public or restricted"
            )
        if report is None:
            return None
        return Plan(
            report,
            self._entities,
            self._sources,
            self._episodes,
            blocks,
            skips,
            leave_out,
            access.text if access else None,
            frozenset(scalar.text for scalar in elsewhere),
        )

    # ------------------------------------------------------------ what is wanted where

    def _reader(self, property_: Property, options: Options) -> Reader:
        return of_property(property_, self._choices.get(property_.iri), options.days(), options.unit)

    def _wanted(self, property_: Property, special: tuple[str, ...] = ()) -> Wanted:
        return Wanted(
            property_.key,
            lambda options: self._reader(property_, options),
            special,
            is_date=property_.range == EDTF,
            is_term=property_.range == KG.Term,
            qualifiers=self._qualifier_readers if special else None,
        )

    def _labels(self, what: str, special: tuple[str, ...] = ()) -> Wanted:
        qualifiers = self._qualifier_readers if special else None
        return Wanted(what, lambda _: names(), special, is_entity=True, qualifiers=qualifiers)

    def _words(self, what: str) -> Wanted:
        return Wanted(what, lambda _: words())

    def _choice(self, what: str, allowed: Iterable[str]) -> Wanted:
        listed = tuple(allowed)
        return Wanted(what, lambda _: choices(listed))

    # ------------------------------------------------------------ entities

    def _elsewhere(self, key: Scalar) -> EntityRule:
        class_ = Class(KG.Entity, "entity", "entity", "", frozenset([KG.Entity]))
        return EntityRule(key.text, key.location, class_, is_constant=True, is_elsewhere=True)

    def _declare_entity(self, name: Scalar, node: Node) -> None:
        if not self._fields.is_key(name):
            return
        if name.text in self._entities:
            message = f"{name.text!r} stands under elsewhere too; describe it here or there"
            self._fields.problem(name, "repeated-entity", message)
            return
        if not isinstance(node, Map):
            message = f"found {describe(node)}; write a mapping of {', '.join(ENTITY_KEYS[:6])} …"
            self._fields.problem(node, "wrong-kind", message)
            return
        self._fields.known_keys(node, ENTITY_KEYS, "key of an entity")
        label = self._values.expression(node.get("label"), self._labels("label"))
        unnamed = self._values.expression(node.get("unnamed"), self._words("unnamed"))
        if ("label" in node) == ("unnamed" in node):
            message = "write label (where its name stands), or unnamed (a description), and not both"
            self._fields.problem(name, "bad-label", f"{name.text!r}: {message}")
            return
        if rule := self._entity(name.text, node, label, unnamed, default=None):
            self._entities[name.text] = rule

    def _entity(
        self,
        name: str,
        node: Map,
        label: Expression | None,
        unnamed: Expression | None,
        default: Class | None,
    ) -> EntityRule | None:
        class_ = self._class(node, default)
        if class_ is None:
            return None
        identified_by, label_at = self._identity(node, label)
        key = self._fields.text(node, "key")
        constant = _is_constant(label) or _is_constant(unnamed)
        return EntityRule(
            name,
            node.location,
            class_,
            label,
            unnamed,
            identified_by,
            label_at,
            self._values.columns(node.get("agree")),
            self._key(key, with_value=True),
            tuple(self._several(node.get("also"), "also")),
            tuple(self._names(node.get("names"))),
            self._values.expression(node.get("same-as"), Wanted("same-as", lambda _: outside_names())),
            self._values.expression(node.get("note"), self._words("note")),
            self._access(node),
            self._without_name(node.get("without-name")),
            self._one_of(node, "other-labels", "also"),
            self._one_of(node, "if-blank", "apart"),
            constant and name != "" and key is None,
        )

    def _class(self, node: Map, default: Class | None) -> Expression | Class | None:
        found = node.get("class")
        if found is None:
            if default is None:
                listed = ", ".join(self._ontology.classes)
                self._fields.problem(
                    node, "missing-key", f"class is missing; write class: and one of {listed}"
                )
            return default
        if isinstance(found, Scalar) and "{" not in found.text:
            return self._fields.lookup(found, self._ontology.classes, "unknown-class", "class")
        return self._values.expression(found, self._choice("class", self._ontology.classes))

    def _identity(
        self, node: Map, label: Expression | None
    ) -> tuple[tuple[tuple[str, Expression], ...] | None, int]:
        found = node.get("identified-by")
        if found is None:
            return None, -1
        items = found.items if isinstance(found, List) else (found,)
        parts: list[tuple[str, Expression]] = []
        label_at = -1
        for item in items:
            wanted = Wanted("identified-by", _any_text, is_date=True)
            at = Map(((Scalar("column", False, item.location), item),), item.location)
            expression = self._values.expression(at if isinstance(item, Scalar) else item, wanted)
            if expression is None:
                continue
            if isinstance(item, Scalar) and label is not None and expression.columns == label.columns:
                label_at, expression = len(parts), label
            title = item.text if isinstance(item, Scalar) else "identified-by"
            parts.append((tidy(title), expression))
        if not parts:
            self._fields.problem(found, "empty", "identified-by names no column; name some, or take it out")
        return tuple(parts), label_at

    def _several(self, node: Node | None, what: str) -> Iterator[Expression]:
        for item in node.items if isinstance(node, List) else () if node is None else (node,):
            if expression := self._values.expression(item, self._labels(what)):
                yield expression

    def _names(self, node: Node | None) -> Iterator[tuple[str, Expression]]:
        for tag, value in self._fields.entries(node, "a mapping of language tags to where the names stand"):
            if self._fields.checked(tag, "bad-language", languages().of_map):
                for expression in self._several(value, "names"):
                    yield tag.text, expression

    def _access(self, node: Map) -> Expression | None:
        return self._values.expression(node.get("access"), self._choice("access", ("public", "restricted")))

    def _one_of(self, node: Map, key: str, word: str) -> bool:
        scalar = self._fields.text(node, key)
        if scalar is not None and scalar.text != word:
            self._fields.problem(scalar, "bad-value", f"{scalar.text!r} is not known; write {key}: {word}")
        return scalar is not None

    def _without_name(self, node: Node | None) -> WithoutName | None:
        if node is None:
            return None
        if not isinstance(node, Map) or ("unnamed" in node) == ("skip" in node):
            message = "write {unnamed: a few words that describe them}, or {skip: why}"
            self._fields.problem(node, "wrong-kind", message)
            return None
        self._fields.known_keys(node, ("unnamed", "key", "skip"), "key of without-name")
        because = self._fields.words(node, "skip")
        key = self._fields.text(node, "key")
        return WithoutName(
            self._values.expression(node.get("unnamed"), self._words("unnamed")),
            self._key(key),
            tidy(because or ""),
        )

    def _key(self, scalar: Scalar | None, *, with_value: bool = False) -> Template | None:
        if scalar is None:
            return None
        template = self._values.template(scalar, with_value=with_value)
        return template if template.holes or self._fields.is_key(scalar) else None

    def _reference(self, scalar: Scalar, what: str) -> EntityRule | None:
        if scalar.text in self._entities or scalar.text in self._values.entity_names:
            return self._entities.get(scalar.text)  # None: what is wrong with it was told where it stands
        near = self._fields.nearest(scalar.text, self._entities)
        right = (
            f"did you mean {near!r}?"
            if near
            else "describe it under entities; list its key under elsewhere, if another seed describes it"
        )
        self._fields.problem(
            scalar, "unknown-entity", f"{what}: no entity of this map is called {scalar.text!r}; {right}"
        )
        return None

    # ------------------------------------------------------------ report, sources, episodes

    def _report(self) -> ReportRule | None:
        node = self._tree.get("report")
        if node is None:
            message = "report is missing; write report: with key, title and published, as in a seed"
            self._fields.problem(self._tree, "missing-key", message)
            return None
        if isinstance(node, Scalar):
            template = self._key(node)
            return ReportRule(node.location, template) if template else None
        if not isinstance(node, Map):
            message = f"found {describe(node)}; write the key of a report, or a mapping of what describes it"
            self._fields.problem(node, "wrong-kind", message)
            return None
        self._fields.known_keys(node, ("key", "publisher", *REPORT_FIELDS), "key of a report")
        key = self._fields.text(node, "key", needed="the short name by which IRIs and commands call it")
        self._fields.text(node, "title", needed="the title") if "title" not in node else None
        if "published" not in node:
            self._fields.text(node, "published", needed="the day of publication")
        publisher = self._fields.text(node, "publisher")
        fields = tuple(self._report_fields(node))
        publishing = self._reference(publisher, "publisher") if publisher else None
        template = self._key(key)
        return ReportRule(node.location, template, fields, publishing) if template else None

    def _report_fields(self, node: Map) -> Iterator[tuple[str, Expression]]:
        for key in REPORT_FIELDS:
            wanted = {
                "published": Wanted("published", lambda options: options.days(), is_date=True),
                "retrieved": Wanted("retrieved", lambda options: options.days(), is_date=True),
                "access": self._choice("access", ("public", "restricted")),
                "language": Wanted(key, lambda _: languages()),
                "url": Wanted(key, lambda _: addresses()),
                "archive-url": Wanted(key, lambda _: addresses()),
            }.get(key, self._words(key))
            if expression := self._values.expression(node.get(key), wanted):
                yield key, expression

    def _declare_sources(self) -> None:
        found = list(self._fields.entries(self._tree.get("sources"), "a mapping of names to sources"))
        names_ = [name.text for name, _ in found]
        self._source_names = tuple(dict.fromkeys([*names_, PUBLISHER]))
        for name, node in found:
            if self._fields.is_key(name):
                self._declare_source(name, node)

    def _declare_source(self, name: Scalar, node: Node) -> None:
        if not isinstance(node, Map):
            message = f"found {describe(node)}; a source is a mapping of {', '.join(SOURCE_KEYS)}"
            self._fields.problem(node, "wrong-kind", message)
            return
        self._fields.known_keys(node, SOURCE_KEYS, "key of a source")
        wanted = {
            "basis": self._choice("basis", self._choices.get(KG.basis, ())),
            "relation": self._words("relation"),
            "label": self._words("label"),
            "access": self._choice("access", ("public", "restricted", "withheld")),
        }
        fields = tuple(
            (key, expression)
            for key, what in wanted.items()
            if (expression := self._values.expression(node.get(key), what))
        )
        needed = "" if name.text == PUBLISHER else "the entity of this map who speaks"
        speaker = self._fields.text(node, "speaker", needed)
        key = self._fields.text(node, "key")
        self._sources[name.text] = SourceRule(
            name.text,
            name.location,
            self._reference(speaker, "speaker") if speaker else None,
            fields,
            self._key(key),
            self._source_name(node, "learned-from"),
            self._source_name(node, "without-speaker") or "",
        )

    def _source_name(self, node: Map, key: str) -> str | None:
        scalar = self._fields.text(node, key)
        if scalar is None:
            return None
        known = dict.fromkeys(self._source_names, "")
        return (
            scalar.text
            if self._fields.lookup(scalar, known, "unknown-source", "source") is not None
            else None
        )

    def _declare_episodes(self) -> None:
        for name, node in self._fields.entries(self._tree.get("episodes"), "a mapping of names to episodes"):
            if not self._fields.is_key(name):
                continue
            key = access = None
            label: Node | None = node
            if isinstance(node, Map) and "label" in node:
                self._fields.known_keys(node, EPISODE_KEYS, "key of an episode")
                label, key, access = node.get("label"), self._fields.text(node, "key"), self._access(node)
            expression = self._values.expression(label, self._words("the label of an episode"))
            if expression:
                template = self._key(key)
                self._episodes[name.text] = EpisodeRule(
                    name.text, name.location, expression, template, access
                )

    # ------------------------------------------------------------ assertions

    def _blocks(self) -> Iterator[Block]:
        node = self._tree.get("assertions")
        if not isinstance(node, List) or not node.items:
            message = (
                "assertions is a list of blocks, each beginning with '- about:' and an entity of this map"
            )
            self._fields.problem(node or self._tree, "wrong-kind", message)
            return
        for item in node.items:
            if not isinstance(item, Map):
                message = f"found {describe(item)}; a block begins with 'about:' and an entity of this map"
                self._fields.problem(item, "wrong-kind", message)
            elif (block := self._block(item)) is not None:
                yield block

    def _block(self, node: Map) -> Block | None:
        known = ("about", "when", *_MARKS, *self._ontology.predicates, *self._ontology.qualifiers)
        self._fields.known_keys(node, known, "predicate, qualifier or key of a block")
        named = self._fields.texts(node.get("about"), node, "about", "the entity of this map it speaks of")
        about = [rule for scalar in named if (rule := self._reference(scalar, "about"))]
        statements = [
            statement
            for key, value in node.entries
            if (predicate := self._ontology.predicates.get(key.text))
            for item in (value.items if isinstance(value, List) else (value,))
            if (statement := self._statement(predicate, item))
        ]
        for statement in statements:
            if statement.entity is not None:
                self._fits(statement.entity, statement.predicate.range, statement, "takes")
        narrowing = self._narrowing(node)
        if not any(key.text in self._ontology.predicates for key, _ in node.entries):
            self._fields.problem(node, "nothing-said", "this block says nothing; add a predicate")
        when = self._values.condition(node.get("when"))
        for rule in about:
            for statement in statements:
                self._fits(rule, statement.predicate.domain, statement, "speaks of")
        if not statements or not about:
            return None
        return Block(node.location, tuple(about), tuple(statements), narrowing, when)

    def _fits(self, rule: EntityRule, wanted: str, statement: Statement, what: str) -> None:
        """Tell of an entity that a predicate does not take, as far as its class is known."""
        class_ = rule.class_
        if not isinstance(class_, Class) or rule.is_elsewhere or wanted in class_.supers:
            return
        label = self._ontology.labels.get(wanted, wanted)
        who = f"{rule.name!r}" if rule.name else "this"
        message = f"{statement.predicate.key} {what} a {label}, and {who} is a {class_.label}"
        self._fields.problem_at(statement.where, "wrong-class", f"{message}; take another predicate or class")

    def _narrowing(self, node: Map) -> Narrowing:
        qualifiers = tuple(
            (key.text, expression)
            for key, value in node.entries
            if (qualifier := self._ontology.qualifiers.get(key.text))
            and (expression := self._values.expression(value, self._wanted(qualifier)))
        )
        episodes = tuple(
            scalar.text
            for scalar in self._fields.texts(node.get("episode"))
            if self._fields.lookup(scalar, self._episodes, "unknown-episode", "episode of this map")
        )

        def mark(key: str, wanted: Wanted) -> Expression | None:
            return self._values.expression(node.get(key), wanted)

        return Narrowing(
            qualifiers,
            mark("told-by", self._choice("told-by", self._source_names)),
            mark("certainty", self._choice("certainty", self._choices.get(KG.certainty, ()))),
            mark("polarity", self._choice("polarity", self._choices.get(KG.polarity, ()))),
            self._access(node),
            mark("note", self._words("note")),
            episodes,
        )

    def _statement(self, predicate: Property, node: Node) -> Statement | None:
        if isinstance(node, Scalar):
            if not predicate.takes_entity:
                value = self._values.expression(node, self._wanted(predicate, ("none-given", "refused")))
                return Statement(predicate, node.location, value) if value else None
            if "{" in node.text or (node.text in SPECIAL and not node.quoted):
                return self._of_entity(predicate, node, node)
            entity = self._reference(node, predicate.key)
            return Statement(predicate, node.location, entity=entity) if entity else None
        if not isinstance(node, Map):
            self._fields.problem(node, "wrong-kind", f"found {describe(node)}; {predicate.key} is one value")
            return None
        return self._mapped(predicate, node)

    def _mapped(self, predicate: Property, node: Map) -> Statement | None:
        own = ("entity", *_ABOUT_ENTITY) if predicate.takes_entity else ()
        self._fields.known_keys(
            node, (*VALUE_KEYS, "when", "with", *own), f"key of a value of {predicate.key}"
        )
        narrowing = self._with(node.get("with"))
        when = self._values.condition(node.get("when"))
        if predicate.takes_entity and "entity" in node:
            scalar = self._fields.text(node, "entity")
            entity = self._reference(scalar, predicate.key) if scalar else None
            return Statement(predicate, node.location, None, entity, when, narrowing) if entity else None
        if predicate.takes_entity:
            return self._of_entity(predicate, node, node, when, narrowing)
        value = self._values.expression(node, self._wanted(predicate, ("none-given", "refused")))
        return Statement(predicate, node.location, value, None, when, narrowing) if value else None

    def _of_entity(
        self,
        predicate: Property,
        node: Node,
        at: Node,
        when: Condition | None = None,
        narrowing: Narrowing | None = None,
    ) -> Statement | None:
        value = self._values.expression(node, self._labels(predicate.key, SPECIAL))
        described = node if isinstance(node, Map) else Map((), at.location)
        # A range such as person-or-group leaves open which it is, and nothing is guessed.
        default = next((c for c in self._ontology.classes.values() if c.iri == predicate.range), None)
        if default is not None and default.iri == KG.PersonOrGroup:
            default = None
        entity = self._entity("", described, value, None, default)
        if value is None or entity is None:
            return None
        return Statement(predicate, at.location, value, entity, when, narrowing or Narrowing())

    def _with(self, node: Node | None) -> Narrowing:
        if node is None:
            return Narrowing()
        if not isinstance(node, Map):
            self._fields.problem(
                node, "wrong-kind", f"found {describe(node)}; with is a mapping of qualifiers"
            )
            return Narrowing()
        self._fields.known_keys(node, (*_MARKS, *self._ontology.qualifiers), "qualifier")
        return self._narrowing(node)


def _is_constant(expression: Expression | None) -> bool:
    return isinstance(expression, FromText) and expression.fixed is not None


def _any_text(options: Options) -> Reader:
    """Give the reader of what tells entities apart: a date if forms are given, else any text."""
    return options.days() if options.dates or options.lasting or options.within else words()
