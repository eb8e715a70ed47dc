"""What a map says, bound to the columns of one table: rules for entities, tellers and assertions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from kg.importing.expressions import Condition, Expression, Template
from kg.ontology import Class, Property
from kg.problems import Location


@dataclass(frozen=True)
class WithoutName:
    """What becomes of a row that does not name an entity: one without a name, or it is left out."""

    unnamed: Expression | None
    key: Template | None
    because: str = ""


@dataclass(frozen=True)
class EntityRule:
    """How one kind of entity is made of a row."""

    name: str
    where: Location
    class_: Expression | Class
    label: Expression | None = None
    unnamed: Expression | None = None
    """A description, in place of a label, of somebody who has no name in any row."""
    identified_by: tuple[tuple[str, Expression], ...] | None = None
    """What tells two of them apart, with a name for messages; None: their labels do."""
    label_at: int = -1
    """Which of `identified_by` is the label itself; -1 if none is."""
    agree: tuple[int, ...] = ()
    """Columns that hold the same in all rows of one entity."""
    key: Template | None = None
    also: tuple[Expression, ...] = ()
    names: tuple[tuple[str, Expression], ...] = ()
    same_as: Expression | None = None
    note: Expression | None = None
    access: Expression | None = None
    without_name: WithoutName | None = None
    other_labels: bool = False
    """Whether other labels of the same entity are other names of it, instead of problems."""
    blank_apart: bool = False
    """Whether an entity of which something identifying is not known is one of its own."""
    is_constant: bool = False
    """Its key is `name`, and it is the same in every row."""
    is_elsewhere: bool = False
    """It is described in another seed."""

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        found = [self.label, self.unnamed, self.same_as, self.note, self.access, *self.also]
        found += [expression for _, expression in (*self.names, *(self.identified_by or ()))]
        if not isinstance(self.class_, Class):
            found.append(self.class_)
        columns = set(self.agree).union(*(each.columns for each in found if each is not None))
        if self.without_name and self.without_name.unnamed:
            columns |= self.without_name.unnamed.columns
        keys = (self.key, self.without_name.key if self.without_name else None)
        return frozenset(columns.union(*(key.columns for key in keys if key is not None)))


@dataclass(frozen=True)
class Narrowing:
    """What narrows assertions: of a whole block, or of one value of it."""

    qualifiers: tuple[tuple[str, Expression], ...] = ()
    told_by: Expression | None = None
    certainty: Expression | None = None
    polarity: Expression | None = None
    access: Expression | None = None
    note: Expression | None = None
    episodes: tuple[str, ...] = ()

    @cached_property
    def marks(self) -> tuple[tuple[str, Expression], ...]:
        """What is no qualifier and has one value, by the key that records write."""
        found = (
            ("told-by", self.told_by),
            ("certainty", self.certainty),
            ("polarity", self.polarity),
            ("access", self.access),
            ("note", self.note),
        )
        return tuple((key, expression) for key, expression in found if expression is not None)

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        return frozenset().union(*(each.columns for _, each in (*self.qualifiers, *self.marks)))


@dataclass(frozen=True)
class Statement:
    """What makes the objects of one predicate: `entity`, or the values of `value`."""

    predicate: Property
    where: Location
    value: Expression | None = None
    entity: EntityRule | None = None
    """Of a predicate that takes an entity; with `value`, its texts are the labels."""
    when: Condition | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        columns = self.narrowing.columns | (self.value.columns if self.value else frozenset())
        if self.entity:
            columns |= self.entity.columns
        return columns | (self.when.columns if self.when else frozenset())


@dataclass(frozen=True)
class Block:
    """Assertions of one row about one entity, or several."""

    where: Location
    about: tuple[EntityRule, ...]
    statements: tuple[Statement, ...]
    narrowing: Narrowing
    when: Condition | None = None

    @property
    def narrowings(self) -> tuple[Narrowing, ...]:
        """What narrows all of it, and what narrows single values."""
        return (self.narrowing, *(statement.narrowing for statement in self.statements))

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that its statements and what narrows them look at."""
        return self.narrowing.columns.union(*(statement.columns for statement in self.statements))


@dataclass(frozen=True)
class SourceRule:
    """How a link of a chain of telling is made of a row."""

    name: str
    where: Location
    speaker: EntityRule | None
    fields: tuple[tuple[str, Expression], ...]
    """Basis, relation, label and access."""
    key: Template | None
    learned_from: str | None
    otherwise: str = ""
    """The source that tells it where there is no speaker."""

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        columns = frozenset[int]().union(*(expression.columns for _, expression in self.fields))
        columns |= self.speaker.columns if self.speaker else frozenset()
        return columns | (self.key.columns if self.key else frozenset())


@dataclass(frozen=True)
class EpisodeRule:
    """How an episode is made of a row."""

    name: str
    where: Location
    label: Expression
    key: Template | None
    access: Expression | None

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        found = (self.label, self.key, self.access)
        return frozenset[int]().union(*(each.columns for each in found if each is not None))


@dataclass(frozen=True)
class ReportRule:
    """How the report of a row is made; without `fields` it is described in another seed."""

    where: Location
    key: Template
    fields: tuple[tuple[str, Expression], ...] = ()
    publisher: EntityRule | None = None

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        return self.key.columns.union(*(expression.columns for _, expression in self.fields))


@dataclass(frozen=True)
class LeaveOut:
    """Columns that are left out, always or where a condition holds, and why."""

    columns: frozenset[int]
    because: str
    when: Condition | None = None


@dataclass(frozen=True)
class Skip:
    """Rows that are left out, and why."""

    when: Condition
    because: str


@dataclass(frozen=True)
class Plan:
    """A whole map, bound to a table."""

    report: ReportRule
    entities: dict[str, EntityRule]
    sources: dict[str, SourceRule]
    episodes: dict[str, EpisodeRule]
    blocks: tuple[Block, ...]
    skips: tuple[Skip, ...]
    leave_out: tuple[LeaveOut, ...]
    access: str | None
    elsewhere: frozenset[str]
    """Keys of what is described in other seeds."""

    @cached_property
    def mentioned(self) -> frozenset[int]:
        """Every column that the map speaks of."""
        columns = self.report.columns.union(*(rule.columns for rule in self.entities.values()))
        columns = columns.union(*(block.columns for block in self.blocks))
        conditions = [*(block.when for block in self.blocks), *(rule.when for rule in self.leave_out)]
        conditions += [skip.when for skip in self.skips]
        columns = columns.union(*(condition.columns for condition in conditions if condition))
        columns = columns.union(*(rule.columns for rule in self.leave_out))
        columns = columns.union(*(source.columns for source in self.sources.values()))
        return columns.union(*(episode.columns for episode in self.episodes.values()))

    @cached_property
    def reach(self) -> tuple[frozenset[int], ...]:
        """Of each block, every column that it, its tellers and its episodes look at."""
        tellers = frozenset[int]().union(*(source.columns for source in self.sources.values()))
        return tuple(
            block.columns.union(
                *(rule.columns for rule in block.about),
                *(
                    self.episodes[name].columns
                    for narrowing in block.narrowings
                    for name in narrowing.episodes
                ),
                *(tellers for narrowing in block.narrowings if narrowing.told_by),
            )
            for block in self.blocks
        )

    @cached_property
    def narrowed(self) -> dict[int, tuple[str, ...]]:
        """The predicates that a column narrows, by column."""
        found: dict[int, list[str]] = {}
        for block in self.blocks:
            for statement in block.statements:
                for column in block.narrowing.columns | statement.narrowing.columns:
                    found.setdefault(column, []).append(statement.predicate.key)
        return {column: tuple(dict.fromkeys(keys)) for column, keys in found.items()}
