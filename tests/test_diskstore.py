"""The store on disk: the same answers as from memory, never half a store, never an old one."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import diskstore, nt, query, store
from kg.cli import cli
from kg.namespaces import DEFAULT_BASE, prefixes
from kg.problems import KgError

ROOT = Path(__file__).parents[1]
PREFIXES = prefixes(DEFAULT_BASE)
WHAT = "^the store for queries: "
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
TWICE = [("<urn:a>", "<urn:p>", '"x"', "<urn:g>"), ("<urn:a>", "<urn:p>", '"x"', "<urn:h>")]
GIVEN = {"person": "person=serek-yelsik", "places-below": "region=xinjiang", "report": "report=none"}


@pytest.fixture(autouse=True)
def at_once(request, monkeypatch):
    """Make stores in this process, unless a test says that it is about processes: a new one takes a while."""
    if "processes" not in request.keywords:
        monkeypatch.setattr(diskstore, "run_limited", lambda made, *given, **limits: made(*given))


@pytest.fixture
def dataset(tmp_path):
    """Write quads as an export, and give its file."""

    def written(quads: Iterable[nt.Quad] = TWICE, folder: str = "exports") -> Path:
        (tmp_path / folder).mkdir(exist_ok=True)
        path = tmp_path / folder / "kg.nq"
        new = path.with_suffix(".new")
        new.write_bytes(nt.nquads(quads))
        return new.replace(path)

    return written


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """Give a copy of the project's own export, and its store with named graphs."""
    folder = tmp_path_factory.mktemp("ours") / "exports"
    folder.mkdir()
    nquads = folder / "kg.nq"
    nquads.write_bytes((ROOT / "exports" / "kg.nq").read_bytes())
    return nquads, diskstore.make(nquads, graphs=True)


def asked(nquads, text, on_disk=None, format="csv", **more):
    return query.run([nquads], text, more, PREFIXES, format, on_disk=on_disk)


def from_disk(place, text):
    """Ask the disk and nothing else."""
    with diskstore.opened(place) as data:
        assert data is not None
        return query.answer(data, text, prefixes=PREFIXES, format="csv", scope={}).content.decode()


def number(place):
    return int(from_disk(place, COUNT).split()[1])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def stores(nquads):
    folder = nquads.parent.with_name(".kg-store-exports")
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


# ---------------------------------------------------------------- the same answers


@pytest.mark.parametrize("name", list(query.shipped()))
def test_a_shipped_query_has_the_same_answer_from_disk_and_from_memory(ours, name):
    nquads, place = ours
    shipped = query.shipped()[name]
    given = [GIVEN[name]] if any(parameter.required for parameter in shipped.params) else []
    bindings = query.bind(shipped, given, base=DEFAULT_BASE, prefixes=PREFIXES)
    data = store.load([nquads])
    in_full = query.answer(data, shipped.text, bindings, PREFIXES, "csv", scope=store.union(data))
    in_memory = asked(nquads, shipped.text, **bindings)
    on_disk = asked(nquads, shipped.text, place, **bindings)
    assert in_full.content == in_memory.content == on_disk.content
    assert in_full.notes == in_memory.notes[: len(in_full.notes)]
    assert in_memory.notes == on_disk.notes


TABLE = "SELECT ?o ?e { ?a rdf:subject id:serek-yelsik ; rdf:object ?o ; kg:evidence ?e } ORDER BY ?a"


@pytest.mark.parametrize(
    ("text", "format"),
    [
        (TABLE, "table"),
        ("ASK { ?s a kg:Assertion }", "table"),
        ("DESCRIBE id:serek-yelsik", "turtle"),
        ("CONSTRUCT { ?b ?q ?a } WHERE { ?a ?q ?b . ?a a kg:Person }", "jsonld"),
        ("SELECT (COUNT(*) AS ?n) { ?s kg:detainedAt+|^kg:locatedIn* ?o }", "csv"),
        ("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g", "csv"),
        ("SELECT (COUNT(*) AS ?n) { GRAPH id:graph_view { ?s ?p ?o } ?s a kg:Person }", "csv"),
    ],
)
def test_every_form_of_query_has_the_same_answer(ours, text, format):
    nquads, place = ours
    assert asked(nquads, text, place, format) == asked(nquads, text, None, format)


TERMS = st.sampled_from(["<urn:a>", "<urn:b>", "<urn:c>"])
OBJECTS = TERMS | st.sampled_from(
    ['"x"', '"x <urn:g> ."', '"x"@en', '"007"^^<http://www.w3.org/2001/XMLSchema#integer>']
)
GRAPHS = st.sampled_from(["<urn:g>", "<urn:h>", "<urn:a>", ""])
DATA = st.lists(st.tuples(TERMS, TERMS, OBJECTS, GRAPHS), max_size=12)
NODES = st.sampled_from(["?x", "?y", "?z", "<urn:a>", "<urn:b>"])
PATTERNS = st.builds("{} {} {} .".format, NODES, NODES, NODES)
GROUPS = st.recursive(
    st.lists(PATTERNS, min_size=1, max_size=2).map(" ".join),
    lambda inner: st.one_of(
        inner.map("OPTIONAL {{ {} }}".format),
        inner.map("MINUS {{ {} }}".format),
        inner.map("FILTER NOT EXISTS {{ {} }}".format),
        st.builds("{{ {} }} UNION {{ {} }}".format, inner, inner),
        st.builds("{} {}".format, inner, inner),
        inner.map("GRAPH ?g {{ {} }}".format),
        inner.map("?x <urn:b>* ?y . {}".format),
    ),
    max_leaves=4,
)


def _compare(dataset, quads, pattern):
    nquads = dataset(quads)
    text = f"SELECT * {{ {pattern} }}"
    data = store.load([nquads])
    expected = Counter(query.answer(data, text, format="tsv").content.splitlines())
    found, scope = store.load_for_query([nquads], graphs=query.asks_graphs(text))
    assert Counter(query.answer(found, text, format="tsv", scope=scope).content.splitlines()) == expected
    for graphs in {True, query.asks_graphs(text)}:
        with contextlib.suppress(KgError):  # a line without a graph is not what kg writes
            with diskstore.opened(diskstore.make(nquads, graphs=graphs)) as on_disk:
                answer = query.answer(on_disk, text, format="tsv", scope={})
            assert Counter(answer.content.splitlines()) == expected


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quads=DATA, pattern=GROUPS)
def test_random_queries_of_random_data_have_the_same_answers(dataset, quads, pattern):
    _compare(dataset, quads, pattern)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quads=DATA, pattern=GROUPS)
def test_more_random_queries_of_random_data_have_the_same_answers(dataset, quads, pattern):
    _compare(dataset, quads, pattern)


def test_a_triple_of_two_graphs_counts_once(dataset):
    nquads = dataset(TWICE)
    for graphs in (False, True):
        assert number(diskstore.make(nquads, graphs=graphs)) == 1
    place = diskstore.find(nquads, graphs=True)
    assert from_disk(place, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == "n\r\n2\r\n"


def test_a_file_that_is_read_in_pieces_is_read_whole(dataset, monkeypatch):
    quads = [(f"<urn:{n}>", "<urn:p>", f'"{n}\\n <urn:g> ."', "<urn:g>") for n in range(300)]
    monkeypatch.setattr(diskstore, "_AT_ONCE", 1000)
    assert number(diskstore.make(dataset(quads))) == 300


# ---------------------------------------------------------------- which store fits


def test_only_the_store_of_the_file_as_it_is_now_is_found(dataset):
    nquads = dataset()
    assert diskstore.find(nquads) is None
    place = diskstore.make(nquads)
    assert diskstore.find(nquads) == place
    assert diskstore.find(nquads, graphs=True) is None
    dataset([("<urn:b>", "<urn:p>", '"y"', "<urn:g>"), ("<urn:b>", "<urn:p>", '"y"', "<urn:h>")])
    assert diskstore.find(nquads) is None


def test_another_content_of_the_same_size_and_time_is_noticed(dataset):
    nquads = dataset()
    diskstore.make(nquads)
    info, content = nquads.stat(), nquads.read_bytes()
    with nquads.open("r+b") as file:  # the same inode, too
        file.write(content.replace(b"urn:a", b"urn:b"))
    os.utime(nquads, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert nquads.stat().st_mtime_ns == info.st_mtime_ns
    assert diskstore.find(nquads) is None


def test_the_same_content_at_another_time_is_the_same(dataset, monkeypatch):
    nquads = dataset()
    place = diskstore.make(nquads)
    dataset()
    os.utime(nquads, (1_000_000_000, 1_000_000_000))
    assert diskstore.find(nquads) == place
    # Where the clock tells changes apart, the file is read once and not again.
    monkeypatch.setattr(diskstore, "_SETTLED", -(10**9))
    assert diskstore.find(nquads) == place
    monkeypatch.setattr(diskstore, "_digest", lambda path: pytest.fail("read again"))
    assert diskstore.find(nquads) == place


@pytest.mark.parametrize(
    "spoil",
    [
        lambda place, stamp: stamp.update(format=diskstore.FORMAT + 1),
        lambda place, stamp: stamp.update(pyoxigraph="0.0.1"),
        lambda place, stamp: stamp.update(sha256="0" * 64),
        lambda place, stamp: stamp.pop("of"),
        lambda place, stamp: stamp["of"].pop("size"),
        lambda place, stamp: stamp["of"].update(size="1"),
        lambda place, stamp: next(place.glob("rocksdb/*.sst")).unlink(),
        lambda place, stamp: os.truncate(max(place.glob("rocksdb/*.sst")), 100),
    ],
)
def test_what_does_not_fit_is_not_found_and_the_answer_stays_right(dataset, spoil):
    nquads = dataset()
    place = diskstore.make(nquads)
    stamp = json.loads((place / "stamp.json").read_text())
    spoil(place, stamp)
    (place / "stamp.json").write_text(json.dumps(stamp))
    assert diskstore.find(nquads) is None
    assert asked(nquads, COUNT).content == b"n\r\n1\r\n"


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"format": 1}', "\0"])
def test_a_broken_stamp_fits_nothing(dataset, text):
    nquads = dataset()
    (diskstore.make(nquads) / "stamp.json").write_text(text)
    assert diskstore.find(nquads) is None


def test_a_store_that_is_damaged_or_gone_behind_its_stamp_is_passed_over(dataset):
    nquads = dataset([(f"<urn:{n}>", "<urn:p>", f'"{n}"', "<urn:g>") for n in range(2000)])
    right = asked(nquads, COUNT).content
    place = diskstore.make(nquads)
    for file in place.glob("rocksdb/*.sst"):
        info, size = file.stat(), file.stat().st_size
        file.write_bytes(bytes(size))
        assert diskstore.find(nquads) is None
        os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert diskstore.find(nquads) == place
    with diskstore.opened(place) as data:
        assert data is None
    assert asked(nquads, COUNT, place).content == right
    (place / "rocksdb" / "CURRENT").unlink()
    assert asked(nquads, COUNT, place).content == right
    assert asked(nquads, COUNT, place.with_name("union-00000000")).content == right


def test_a_mistake_in_the_query_is_told_as_from_memory(ours):
    nquads, place = ours
    for text in ("SELECT ?x WHERE { ?x ?y }", "SELECT ?s { ?s none:such ?o }"):
        with pytest.raises(KgError) as in_memory:
            asked(nquads, text)
        with pytest.raises(KgError) as on_disk:
            asked(nquads, text, place)
        assert str(on_disk.value) == str(in_memory.value)


# ---------------------------------------------------------------- where it lies


def test_a_store_lies_beside_its_export_and_git_ignores_it(dataset, tmp_path):
    diskstore.make(dataset())
    diskstore.make(dataset(folder="exports-restricted"), restricted=True)
    assert names(tmp_path) == [
        ".kg-store-exports", ".kg-store-exports-restricted", "exports", "exports-restricted",
    ]  # fmt: skip
    assert names(tmp_path / "exports") == ["kg.nq"]
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    listed = ["git", "-C", tmp_path, "status", "--porcelain", "--untracked-files=all"]
    assert ".kg" not in subprocess.run(listed, check=True, capture_output=True, text=True).stdout


def test_a_restricted_store_is_its_owners_only_and_any_other_as_open_as_the_export(dataset):
    nquads = dataset()
    for mode, restricted, expected in ((0o755, True, 0o700), (0o755, False, 0o755), (0o700, False, 0o700)):
        nquads.parent.chmod(mode)
        place = diskstore.make(nquads, restricted=restricted)
        assert [stat.S_IMODE(path.stat().st_mode) for path in (place, place.parent)] == [expected] * 2


def test_a_link_to_an_export_leads_to_its_store(dataset, tmp_path):
    place = diskstore.make(dataset())
    (tmp_path / "link").symlink_to("exports")
    assert diskstore.find(tmp_path / "link" / "kg.nq") == place


# ---------------------------------------------------------------- making and removing


def test_a_small_export_gets_no_store_and_loses_an_old_one(dataset):
    nquads = dataset()
    assert diskstore.ensure(nquads) is None
    assert stores(nquads) == []
    diskstore.make(nquads)
    assert diskstore.ensure(nquads) is None
    assert stores(nquads) == []


def test_a_large_export_gets_a_store_once(dataset, monkeypatch):
    monkeypatch.setattr(diskstore, "WORTH_IT", 10)
    nquads, told = dataset(), []
    place = diskstore.ensure(nquads, tell=told.append)
    assert told == ["making the store for queries beside the export; it is made once"]
    assert diskstore.ensure(nquads, tell=told.append) == place
    assert len(told) == 1
    whole = diskstore.ensure(nquads, graphs=True, tell=told.append)
    assert (len(told), stores(nquads)) == (2, [whole.name])
    assert diskstore.ensure(nquads, tell=told.append) == whole


def test_what_somebody_reads_is_removed_only_afterwards(dataset):
    nquads = dataset()
    old = diskstore.make(nquads)
    with diskstore.opened(old) as data:
        dataset([*TWICE, ("<urn:b>", "<urn:p>", '"y"', "<urn:g>")])
        new = diskstore.make(nquads)
        assert stores(nquads) == sorted([old.name, new.name])
        assert len(list(data.query("SELECT * { ?s ?p ?o }"))) == 1
    assert diskstore.make(nquads) == new
    assert stores(nquads) == [new.name]
    assert number(new) == 2


@pytest.mark.parametrize(
    "lines",
    [
        b"_:a <urn:p> <urn:o> <urn:g> .\n",
        b"<urn:a> <urn:p> _:o <urn:g> .\n",
        b"<urn:a>\t<urn:p>\t_:o <urn:g> .\n",
        b"<urn:a> <urn:p> <urn:o> .\n",
        b"<urn:a> <urn:p> <urn:o> <urn:g>.\n",
        b"<urn:a> <urn:p> <urn:o> _:g .\n",
        b"# <urn:a> <urn:p> <urn:o> <urn:g> .\n",
        b"nothing\n",
        b"<urn:a> <urn:p> \"x <urn:g> .\n",
        b"<urn:a> <urn:p> <no iri> <urn:g> .\n",
    ],
)  # fmt: skip
def test_what_kg_does_not_write_gets_no_store_and_leaves_nothing(dataset, lines):
    nquads = dataset()
    nquads.write_bytes(nquads.read_bytes() + lines)
    with pytest.raises(KgError, match=WHAT):
        diskstore.make(nquads)
    assert stores(nquads) == []


def test_no_room_on_the_disk_is_told_beforehand(dataset, monkeypatch):
    monkeypatch.setattr(diskstore, "_ROOM", 10**18)
    nquads = dataset()
    with pytest.raises(KgError, match=WHAT + "it may take .* MB of disk, and .* are free"):
        diskstore.make(nquads)
    assert stores(nquads) == []


def test_a_disk_that_fills_up_leaves_nothing_behind(dataset):
    nquads = dataset([(f"<urn:{n}>", "<urn:p>", f'"{n}"', "<urn:g>") for n in range(5000)])
    text = (
        "import resource, signal, sys; from pathlib import Path; from kg import diskstore\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "from kg.problems import KgError\n"
        "try:\n    diskstore.make(Path(sys.argv[1]))\n"
        "except KgError as error:\n    print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", text, nquads], capture_output=True, text=True)
    assert ended.stdout.startswith("the store for queries: "), ended
    assert stores(nquads) == []


def test_a_file_that_changes_meanwhile_gets_no_store(dataset, monkeypatch):
    nquads = dataset()
    digest = diskstore.store.without_graphs

    def changing(lines):
        dataset([("<urn:b>", "<urn:p>", '"y"', "<urn:g>")])
        return digest(lines)

    monkeypatch.setattr(diskstore.store, "without_graphs", changing)
    with pytest.raises(KgError, match=r"kg\.nq was changed meanwhile"):
        diskstore.make(nquads)
    assert stores(nquads) == []


def test_a_file_that_is_missing_is_told(tmp_path):
    with pytest.raises(KgError, match=r"cannot read .*none\.nq: No such file"):
        diskstore.ensure(tmp_path / "none.nq")
    assert diskstore.find(tmp_path / "none.nq") is None


def test_two_makers_do_not_get_into_each_others_way(dataset, monkeypatch):
    nquads = dataset()
    place = diskstore.make(nquads)
    monkeypatch.setattr(diskstore, "LOCK_WAIT", 0.05)
    with diskstore._held(place.parent, exclusively=True) as is_held:
        assert is_held
        with pytest.raises(KgError, match=WHAT + "another process is making it"):
            diskstore.make(nquads)
    assert diskstore.find(nquads) == place


# ---------------------------------------------------------------- many processes, and their deaths

_MAKER = "import sys; from pathlib import Path; from kg import diskstore; diskstore.make(Path(sys.argv[1]))"


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.1])
def test_a_maker_that_is_killed_leaves_rubbish_that_the_next_one_removes(dataset, moment):
    quads = [(f"<urn:{n}>", "<urn:p>", f'"{n}"', "<urn:g>") for n in range(5000)]
    nquads = dataset(quads)
    folder = nquads.parent.with_name(".kg-store-exports")
    with subprocess.Popen([sys.executable, "-c", _MAKER, nquads], start_new_session=True) as maker:
        while not list(folder.glob("new-*")) and maker.poll() is None:
            time.sleep(0.001)
        time.sleep(moment)
        os.killpg(maker.pid, signal.SIGKILL)
    assert asked(nquads, COUNT, diskstore.find(nquads)).content == b"n\r\n5000\r\n"
    place = diskstore.make(nquads)
    assert stores(nquads) == [place.name]
    assert number(place) == 5000


_READER = """
import sys, time
from pathlib import Path
from kg import diskstore, query
nquads, until = Path(sys.argv[1]), time.monotonic() + float(sys.argv[2])
found = 0
while time.monotonic() < until:
    place = diskstore.find(nquads)
    found += place is not None
    text = "SELECT (COUNT(*) AS ?n) (MIN(?o) AS ?least) (MAX(?o) AS ?most) { ?s ?p ?o }"
    number, least, most = query.run([nquads], text, format="csv", on_disk=place).content.decode().split()[1].split(",")
    # All objects of one version of the file are one number, and there are as many triples.
    assert number == least == most, (number, least, most)
print(found)
"""


def test_readers_see_one_whole_version_while_stores_are_made_and_removed(dataset):
    def version(n):
        number = f'"{n}"^^<http://www.w3.org/2001/XMLSchema#integer>'
        return dataset([(f"<urn:{k}>", "<urn:p>", number, "<urn:g>") for k in range(n)])

    nquads = version(50)
    diskstore.make(nquads)
    command = [sys.executable, "-c", _READER, nquads, "2"]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    made = 0
    while any(reader.poll() is None for reader in readers):
        nquads = version(50 + made % 7)
        with contextlib.suppress(KgError):
            diskstore.make(nquads)
        made += 1
        time.sleep(0.1)
    found = [int(reader.communicate()[0]) for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0, 0]
    assert made > 2
    assert min(found) > 0
    diskstore.make(nquads)
    assert len(stores(nquads)) == 1


# ---------------------------------------------------------------- what a query may open


def test_files_that_the_store_opens_late_can_be_opened_and_no_others(tmp_path):
    (tmp_path / "union-1").mkdir()
    data = ox.Store(tmp_path / "union-1" / "rocksdb")
    for piece in range(3):  # so many files that RocksDB does not open them all at once
        lines = "".join(
            f'<urn:{piece}-{n}> <urn:p{n}> "{n}" <urn:g> .\n<urn:{n}> <urn:p> "x" .\n' for n in range(9)
        )
        data.bulk_load(lines.encode(), ox.RdfFormat.N_QUADS)
    del data
    place = tmp_path / "union-1"
    with diskstore.opened(place) as opened:
        left = diskstore.unopened(place)
        assert left > 0
        with query._no_new_files(left):
            assert len(list(opened.query("SELECT * { GRAPH ?g { ?s ?p ?o } }"))) == 27
            assert len(list(opened.query("SELECT * { ?s ?p ?o }"))) == 9
            still = diskstore.unopened(place)
            assert still < left
            taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(still)]
            with pytest.raises(OSError, match="Too many open files"):
                os.open(os.devnull, os.O_RDONLY)
            for descriptor in taken:
                os.close(descriptor)
        del opened
    assert diskstore.unopened(place) == len(list(place.glob("rocksdb/*.sst")))


@pytest.mark.skipif(sys.platform != "linux", reason="sockets alone cannot be forbidden elsewhere")
def test_a_process_that_asks_can_be_kept_from_sockets_and_not_from_files():
    text = (
        "import socket\nfrom kg import query\nquery.forbid_sockets()\nopen('/dev/null').close()\n"
        "try:\n    socket.socket()\nexcept PermissionError:\n    print('refused')\n"
        "import pyoxigraph as ox\n"
        "try:\n    list(ox.Store().query('SELECT * { SERVICE <http://127.0.0.1:8000/> { ?s ?p ?o } }'))\n"
        "except OSError as error:\n    print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    refused, said = ended.stdout.splitlines()
    assert refused == "refused"
    assert "Permission denied" in said


# ---------------------------------------------------------------- the command


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Type a command in a project that has our own export."""
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "kg.nq").write_bytes((ROOT / "exports" / "kg.nq").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(diskstore, "WORTH_IT", 1000)

    def typed(*words):
        return CliRunner().invoke(cli, ["query", *words])

    return typed


def test_a_query_makes_the_store_once_and_answers_the_same_with_and_without(command, monkeypatch, tmp_path):
    first, second = command("detained"), command("detained")
    assert first.stderr == "kg: making the store for queries beside the export; it is made once\n"
    assert (first.exit_code, second.stderr) == (0, "")
    assert [path.name[:6] for path in (tmp_path / ".kg-store-exports").glob("*-*")] == ["union-"]
    monkeypatch.setattr(diskstore, "WORTH_IT", 10**9)
    without = command("detained")
    assert not list((tmp_path / ".kg-store-exports").glob("*-*"))
    assert first.stdout == second.stdout == without.stdout != ""


def test_a_query_of_named_graphs_makes_a_store_that_knows_them(command, tmp_path):
    text = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    first = command(text, "-f", "csv")
    assert first.stdout.count("graph_") == 4
    assert command(text, "-f", "csv").stderr == ""
    assert [path.name[:6] for path in (tmp_path / ".kg-store-exports").glob("*-*")] == ["graphs"]
    assert command("detained").stderr == ""


def test_a_query_that_cannot_make_a_store_answers_all_the_same(command, tmp_path):
    (tmp_path / ".kg-store-exports").write_text("in the way")
    answered = command("detained", "-f", "csv")
    assert re.fullmatch(
        "kg: making the store for queries beside the export; it is made once\n"
        "kg: the store for queries: .*; the export itself is asked\n",
        answered.stderr,
    )
    assert answered.exit_code == 0
    assert len(answered.stdout.splitlines()) > 10


def test_files_that_are_named_need_no_store(command, tmp_path):
    assert command("detained", "--data", "exports/kg.nq").exit_code == 0
    assert names(tmp_path) == ["exports"]
