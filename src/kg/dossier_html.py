"""A dossier as one HTML file: no script, nothing fetched, to be read, printed and listened to."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import partial

from kg import wording
from kg.dossier import (
    Cited,
    Claim,
    Dossier,
    Fact,
    Falls,
    Name,
    Telling,
    Told,
    Topic,
    key_of,
    told,
)
from kg.dossier_text import (
    COUNTING,
    NOT_TRUE,
    falls_words,
    few,
    gap_words,
    marks,
    name_origin,
    origins,
    sentence,
    summary,
    told_to,
    weaker_words,
    where_said,
)
from kg.escape import for_html

STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 1rem 1.25rem 3rem; max-width: 60rem; background: #fff; color: #1a1a1a;
  font: 1rem/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { margin: .5rem 0 0; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 2.2rem 0 .5rem; padding-top: .5rem; border-top: 2px solid #1a1a1a; font-size: 1.25rem; }
p, dl, ul, ol { margin: .5rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
dt { color: #4a4a4a; }
dd { margin: 0; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .45rem .6rem .45rem 0; border-top: 1px solid #b5b5b5; text-align: start;
  vertical-align: top; font-weight: normal; }
thead th { border-top: 0; color: #4a4a4a; font-size: .85rem; }
th[scope=rowgroup] { width: 34%; }
th + td, td:first-child { width: 36%; }
.topic { display: block; color: #4a4a4a; font-size: .85rem; }
.value { font-weight: 600; }
.aside { display: block; color: #4a4a4a; font-size: .85rem; }
.sure { display: inline-block; padding: 0 .35em; border: 1px solid #767676; border-radius: .25em; }
.alleged { border-style: dashed; border-color: #1a1a1a; }
.denied { border: 2px solid #1a1a1a; font-weight: 700; }
.withdrawn .value { font-weight: normal; text-decoration: line-through; }
.where { white-space: nowrap; }
.dispute { margin-top: 1rem; }
.key { color: #4a4a4a; font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85em; }
a { color: #0b4a8f; }
nav ul { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; padding: 0; list-style: none; }
footer { margin-top: 2.5rem; border-top: 1px solid #b5b5b5; color: #4a4a4a; font-size: .85rem; }
@media (max-width: 40rem) { dl { display: block; } dd { margin-bottom: .4rem; } th, td { font-size: .9rem; } }
@page { margin: 18mm 16mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  h2 { break-after: avoid; margin-top: 1.2rem; }
  thead { display: table-header-group; }
  tr, li { break-inside: avoid; }
  a { color: inherit; }
  a[href^=http]::after { content: " <" attr(href) ">"; font-size: .85em; }
}
"""


def html(dossier: Dossier) -> str:
    """Give a dossier as a whole HTML page.

    Whatever a label holds is shown as text; only http and https addresses become links. The
    page's own policy forbids scripts, frames, forms and any request.
    """
    return "\n".join(_page(dossier)) + "\n"


def _page(dossier: Dossier) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    parts = dict(_parts(dossier))
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{for_html(dossier.title)}</title>"
    yield f"<style>{STYLE}</style>"
    yield "</head>"
    yield "<body>"
    yield "<header>"
    yield f"<h1>{_outside(dossier.title)}</h1>"
    yield f"<p>{_outside(summary(dossier))}</p>"
    yield from _head(dossier)
    yield "</header>"
    if len(parts) > 3:
        yield '<nav aria-label="Parts of this page"><ul>'
        for number, title in enumerate(parts, 1):
            yield f'<li><a href="#part-{number}">{title}</a></li>'
        yield "</ul></nav>"
    yield "<main>"
    for number, (title, content) in enumerate(parts.items(), 1):
        yield f'<section aria-labelledby="part-{number}">'
        yield f'<h2 id="part-{number}">{title}</h2>'
        yield from content
        yield "</section>"
    if not (parts or dossier.facts):
        yield "<p>Nothing is said of it here.</p>"
    yield "</main>"
    yield f"<footer><p>{NOT_TRUE} {COUNTING}</p></footer>"
    yield "</body>"
    yield "</html>"


def _outside(text: str, language: str | None = None) -> str:
    """Give text from outside as an element that keeps its direction to itself."""
    tag = (
        f' lang="{language}"'
        if language and re.fullmatch("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", language)
        else ""
    )
    return f"<bdi{tag}>{for_html(text)}</bdi>"


def _link(address: str) -> str:
    shown = for_html(address)
    # Whatever else a scheme may be, a click on it must not run anything.
    if not re.match("https?://", address, re.IGNORECASE):
        return shown
    return f'<a href="{shown}" rel="noopener noreferrer">{shown}</a>'


def _head(dossier: Dossier) -> Iterator[str]:
    if dossier.note:
        yield f"<p>Note: {_outside(dossier.note)}</p>"
    rows = [(sentence(fact.label)[:-1], _fact(fact, dossier.base)) for fact in dossier.facts]
    rows += [("Elsewhere", _link(address)) for address in dossier.same_as]
    if rows:
        yield "<dl>"
        for label, value in rows:
            yield f"<dt>{label}</dt><dd>{value}</dd>"
        yield "</dl>"


def _fact(fact: Fact, base: str) -> str:
    if fact.iri == fact.text:
        return _link(fact.text)
    key = f' <span class="key">{for_html(key_of(fact.iri, base))}</span>' if fact.iri else ""
    return _outside(fact.text, fact.language) + key


def _parts(dossier: Dossier) -> Iterator[tuple[str, Iterator[str]]]:
    if dossier.names:
        yield "Names", _list(map(_name, dossier.names))
    teller = dossier.iri
    for section in dossier.sections:
        yield section.title, _table(section.topics, teller)
    if dossier.disputes:
        yield "At odds with each other", _disputes(dossier)
    if dossier.gaps:
        yield "What is not known", _list(gap_words(gap, _outside) for gap in dossier.gaps)
    if dossier.tells:
        title = "Who tells" if dossier.kind == "report" else "As a teller"
        yield title, _list(map(partial(_told, base=dossier.base), dossier.tells))
    if dossier.falls is not None:
        yield "If this were discredited", _falls(dossier.falls)
    if dossier.withdrawn:
        yield "Withdrawn: it no longer counts", _table(dossier.withdrawn, "", "withdrawn")
    if dossier.reports:
        yield "Reports", _reports(dossier.reports)


def _list(items: Iterator[str] | map[str]) -> Iterator[str]:
    yield "<ul>"
    for item in items:
        yield f"<li>{item}</li>"
    yield "</ul>"


def _name(name: Name) -> str:
    language = f" ({for_html(name.language)})" if name.language else ""
    return f"<strong>{_outside(name.text, name.language)}</strong>{language}: {_linked(name_origin(name))}"


def _linked(words: str) -> str:
    """Make a link of each number of a report in words of our own."""
    return re.sub(r"\[([0-9]+)\]", r'<a href="#report-\1">[\1]</a>', words)


def _told(each: Told, base: str) -> str:
    key = f'<span class="key">{for_html(key_of(each.source, base))}</span>'
    return f"{_outside(each.label)} {key}: {told_to(each, _outside)}; about {few(each.about, _outside)}"


# ---------------------------------------------------------------- tables of what is said


def _table(topics: tuple[Topic, ...], teller: str, kind: str = "") -> Iterator[str]:
    yield f'<table class="{kind}">' if kind else "<table>"
    heads = ("What is said", "Who told it", "How sure, when, where")
    yield "<thead><tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead>"
    for topic in topics:
        title = _outside(topic.title) if topic.iri else for_html(sentence(topic.title)[:-1])
        for claim in topic.claims:
            yield from _claim(claim, title, teller)
    yield "</table>"


def _claim(claim: Claim, title: str, teller: str) -> Iterator[str]:
    label = f" {for_html(claim.label)}" if claim.label else ""
    counted = origins(claim, for_html)
    beside = f'<span class="aside">{counted}</span>' if counted else ""
    yield "<tbody>"
    for number, telling in enumerate(claim.tellings):
        head = (
            f'<th scope="rowgroup" rowspan="{len(claim.tellings)}"><span class="topic">{title}{label}</span> '
            f"{_value(claim)}{beside}</th>"
        )
        yield f"<tr>{'' if number else head}<td>{_who(telling, teller)}</td><td>{_where(telling)}</td></tr>"
    yield "</tbody>"


def _value(claim: Claim) -> str:
    beside = f" ({_outside(claim.beside)})" if claim.beside else ""
    within = f", in {', '.join(map(_outside, claim.within))}" if claim.within else ""
    case = f" [{_outside(claim.case)}]" if claim.case else ""
    return f'<span class="value">{_outside(claim.value, claim.language)}</span>{beside}{within}{case}'


def _who(telling: Telling, teller: str) -> str:
    if telling.chain and telling.chain[0].source == teller:
        return "this source" if len(telling.chain) == 1 else f"this source, from {told(telling, _outside)}"
    return told(telling, _outside)


def _where(telling: Telling) -> str:
    kind = telling.sure.partition(",")[0]
    sure = f'<span class="sure {kind}">{telling.sure}</span>'
    when = for_html(telling.when) + (" (worked out by the curator)" if telling.inferred else "")
    rest = [*(text for *_, text in telling.details), telling.note or "", *marks(telling)]
    link = f'<a href="#report-{telling.report}">[{telling.report}]</a>'
    where = f'<span class="where">{link} {where_said(telling)}</span>'
    quoted = (_outside(text) for text in rest if text)
    return f"{sure} {'; '.join((*filter(None, (when, *quoted)), where))}"


def _disputes(dossier: Dossier) -> Iterator[str]:
    for dispute in dossier.disputes:
        yield f'<p class="dispute">({dispute.number}) {sentence(for_html(dispute.message))}</p>'
        yield from _table((Topic("", dispute.sides),), "")


def _falls(falls: Falls) -> Iterator[str]:
    yield f"<p>{falls_words(falls)}</p>"
    if falls.alone:
        yield from _table(falls.alone, "")
    if falls.weaker:
        yield "<p>This would stand on fewer origins:</p>"
        yield from _list(weaker_words(each, _outside) for each in falls.weaker)


def _reports(reports: tuple[Cited, ...]) -> Iterator[str]:
    yield "<ol>"
    for report in reports:
        published = wording.date(report.published) if report.published else "no date of publication"
        about = ", ".join(_outside(text) for text in (report.publisher, published) if text)
        links = " ".join(_link(address) for address in (report.url, report.archive_url) if address)
        yield (
            f'<li id="report-{report.number}" value="{report.number}">'
            f"<cite>{_outside(report.title, report.language)}</cite>. {about}. {links}</li>"
        )
    yield "</ol>"
