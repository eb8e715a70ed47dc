from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.model import Access
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE
from kg.problems import Exit, KgError
from kg.project import CONFIG, CONFIG_LIMIT, Project, find, refuse_public_place


def configured(folder: Path, text: str | bytes) -> Path:
    """The file of settings in `folder`, just written."""
    path = folder / CONFIG
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path) -> KgError:
    with pytest.raises(KgError) as caught:
        find(folder)
    assert "\n" not in str(caught.value)
    return caught.value


# ---------------------------------------------------------------- what is found


def test_a_folder_without_settings_is_a_project_of_its_own(tmp_path: Path) -> None:
    assert find(tmp_path) == Project(tmp_path, seeds=tmp_path / "seeds", exports=tmp_path / "exports")
    assert (find(tmp_path).base, find(tmp_path).default_access) == (DEFAULT_BASE, Access.PUBLIC)


def test_empty_settings_leave_every_default(tmp_path: Path) -> None:
    before = find(tmp_path)
    configured(tmp_path, "# nothing yet\n")
    assert find(tmp_path) == before


def test_all_settings_are_read_and_paths_become_absolute(tmp_path: Path) -> None:
    configured(
        tmp_path,
        """\
        title = "Дело № 1"
        description = "One.\\nTwo."
        license = "https://creativecommons.org/publicdomain/zero/1.0/"
        base = "https://example.org/дело#"
        default-access = "restricted"
        seeds = "in/seeds"
        exports = "out"
        ontology = ["a.ttl", "sub/b.ttl"]
        shapes = ["/elsewhere/c.ttl"]
        """,
    )
    assert find(tmp_path) == Project(
        tmp_path,
        "Дело № 1",
        "One.\nTwo.",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "https://example.org/дело#",
        Access.RESTRICTED,
        tmp_path / "in/seeds",
        tmp_path / "out",
        (tmp_path / "a.ttl", tmp_path / "sub/b.ttl"),
        (Path("/elsewhere/c.ttl"),),
    )
    assert find(tmp_path).prefixes["id"] == "https://example.org/дело#"


def test_the_nearest_settings_upward_count(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir(parents=True)
    configured(tmp_path, "title = 'outer'")
    configured(tmp_path / "a", "title = 'inner'")
    assert (find(inner).title, find(inner).root) == ("inner", tmp_path / "a")
    assert find(tmp_path).title == "outer"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_line_ends_of_windows_are_no_matter(
    tmp_path: Path, mark: bytes, ending: str
) -> None:
    configured(tmp_path, mark + f"title = 'x'{ending}seeds = 'y'{ending}".encode())
    assert (find(tmp_path).title, find(tmp_path).seeds) == ("x", tmp_path / "y")


def test_settings_may_be_a_link_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "shared.toml").write_text("title = 'shared'")
    (tmp_path / CONFIG).symlink_to("shared.toml")
    assert find(tmp_path).title == "shared"


# ---------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("base = ", ""),
        ("title = 'a'\ntitle = 'b'\n", ":2:12"),
        ("title = 'a'\n  seeds = no", ":2:11"),
        ("title", ""),
        ("\0", ":1:1"),
        ("title = 'a\nb'", ":1:11"),
    ],
)
def test_what_is_no_toml_is_reported_at_its_place(tmp_path: Path, text: str, place: str) -> None:
    path = configured(tmp_path, text)
    error = refusal(tmp_path)
    assert str(error).startswith(f"{path}{place}: not TOML: ")
    assert "(at line" not in str(error)
    assert error.exit_code is Exit.CANNOT


@pytest.mark.parametrize("data", ["title = 'é'".encode("latin-1"), "title = 'é'".encode("utf-16")])
def test_settings_in_another_encoding_are_named(tmp_path: Path, data: bytes) -> None:
    path = configured(tmp_path, data)
    assert str(refusal(tmp_path)) == f"{path}: this is not UTF-8; save it in that encoding"


@pytest.mark.parametrize("opening", ["title = " + "[" * 50_000, "title = " + "{a = " * 50_000])
def test_settings_nested_too_deeply_are_refused(tmp_path: Path, opening: str) -> None:
    configured(tmp_path, opening)
    assert "nested too deeply" in str(refusal(tmp_path))


def test_settings_of_a_million_bytes_are_read_and_of_more_are_not(tmp_path: Path) -> None:
    line = "title = 'x'\n"
    configured(tmp_path, line + "#" * (CONFIG_LIMIT - len(line)))
    assert find(tmp_path).title == "x"
    configured(tmp_path, line + "#" * (CONFIG_LIMIT - len(line) + 1))
    error = refusal(tmp_path)
    assert "larger than 1,000,000 bytes" in str(error)
    assert error.exit_code is Exit.LIMIT


def test_settings_that_are_there_and_no_file_are_never_passed_over(tmp_path: Path) -> None:
    # A project that hides everything by default would be published if they were.
    inner = tmp_path / "inner"
    inner.mkdir()
    configured(tmp_path, "title = 'outer'")
    (inner / CONFIG).symlink_to("nowhere")
    assert "cannot read the settings" in str(refusal(inner))
    (inner / CONFIG).unlink()
    (inner / CONFIG).mkdir()
    assert "it is a folder, not a file" in str(refusal(inner))


# ---------------------------------------------------------------- what means nothing


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tittle = 'x'", "unknown key 'tittle'; did you mean 'title'?"),
        ("default_access = 'public'", "did you mean 'default-access'?"),
        ("zebra = 1", "the keys are base, default-access, description, exports, extract, license,"),
        ("title.x = 1", "title is a text in quotes, not {'x': 1}"),
        ("[seeds]\nx = 1", "seeds is a text in quotes, not {'x': 1}"),
        ("title = 3", "title is a text in quotes, not 3"),
        ("title = ['x']", "title is a text in quotes, not ['x']"),
        ("title = ''", "title is a text in quotes, not ''"),
        ("seeds = ''", "seeds is a text in quotes, not ''"),
        ("seeds = true", "seeds is a text in quotes, not True"),
        ("exports = 2020-01-01", "exports is a text in quotes"),
        ("default-access = 'secret'", "default-access is 'public' or 'restricted', not 'secret'"),
        ("default-access = 'Restricted'", "not 'Restricted'"),
        ("default-access = 1", "default-access is a text in quotes, not 1"),
        ("ontology = 'x.ttl'", "ontology is a list of file names, such as ontology = ['more.ttl']"),
        ("shapes = [1]", "shapes is a list of file names"),
        ("shapes = ['a.ttl', ['b.ttl']]", "shapes is a list of file names"),
        ("ontology = ['']", "ontology is a text in quotes, not ''"),
        (r'ontology = ["a\u0000b"]', "ontology holds the character U+0000"),
        (r'seeds = "a\u0000b"', "seeds holds the character U+0000"),
        (r'exports = "a\u001b[2J"', "exports holds the character U+001B"),
        (r'title = "a\nb"', "title holds the character U+000A"),
        (r'title = "\u202eb"', "title holds the character U+202E"),
        (r'description = "a\n\u009bb"', "description holds the character U+009B"),
        ("base = 'https://example.org'", "base ends in / or #, since keys are written behind it"),
        ("base = 'https://example.org/a b/'", "U+0020 SPACE at character 22 is not allowed"),
        ("base = 'https://example.org/<>/'", "U+003C"),
        ("base = 'example/'", "it does not start with a scheme such as https:"),
        ("base = ''", "base is a text in quotes, not ''"),
        ("license = 'CC-BY'", "license: 'CC-BY' is not an absolute IRI"),
        ("license = ''", "license is a text in quotes, not ''"),
    ],
)
def test_a_setting_that_means_nothing_is_refused_and_named(tmp_path: Path, text: str, said: str) -> None:
    path = configured(tmp_path, text)
    error = refusal(tmp_path)
    assert said in str(error)
    assert str(error).startswith(f"{path}: ")
    assert error.exit_code is Exit.CANNOT


@pytest.mark.parametrize("base", [KG_NAMESPACE, "http://www.w3.org/ns/prov#", "https://schema.org/"])
def test_the_namespace_of_a_vocabulary_is_no_base(tmp_path: Path, base: str) -> None:
    configured(tmp_path, f"base = '{base}'")
    assert "a vocabulary whose terms your keys would mix with" in str(refusal(tmp_path))


@pytest.mark.parametrize("key", ["title", "base", "default-access"])
def test_a_very_long_setting_is_not_repeated_in_whole(tmp_path: Path, key: str) -> None:
    value = "x" * 100_000 if key == "default-access" else [1] * 50_000
    configured(tmp_path, f"{key} = {value!r}")
    assert len(str(refusal(tmp_path))) < 400
    configured(tmp_path, "x" * 100_000 + " = 1")
    assert len(str(refusal(tmp_path))) < 400


# ---------------------------------------------------------------- folders that must not meet


@pytest.mark.parametrize("exports", [".", "..", "/", "../..", "seeds/.."])
def test_the_exports_are_never_the_project_itself_or_above_it(tmp_path: Path, exports: str) -> None:
    # A build puts a new folder in the place of the old one.
    root = tmp_path / "a" / "b"
    root.mkdir(parents=True)
    configured(root, f"exports = '{exports}'")
    assert "exports is the project's own folder or one above it" in str(refusal(root))


@pytest.mark.parametrize(
    "settings",
    [
        "exports = 'seeds'",
        "exports = './seeds/'",
        "exports = 'out'\nseeds = 'out'",
        "exports = 'out'\nseeds = 'out/seeds'",
    ],
)
def test_seeds_never_lie_in_the_folder_of_the_exports(tmp_path: Path, settings: str) -> None:
    configured(tmp_path, settings)
    assert "give each a folder of its own" in str(refusal(tmp_path))


def test_a_link_to_the_seeds_is_no_place_for_exports(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "exports").symlink_to("seeds")
    configured(tmp_path, "")
    assert "give each a folder of its own" in str(refusal(tmp_path))


def test_seeds_may_be_the_whole_project(tmp_path: Path) -> None:
    configured(tmp_path, "seeds = '.'")
    assert find(tmp_path).seeds == tmp_path


# ---------------------------------------------------------------- where restricted output may go


@pytest.mark.parametrize(
    "output", ["exports", "exports/x.ttl", "exports/a/b", "other/../exports/x", "link/x"]
)
def test_what_is_restricted_never_goes_into_the_public_folder_or_below(tmp_path: Path, output: str) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "link").symlink_to("exports")
    project = find(tmp_path)
    with pytest.raises(KgError, match="lies in the place of the public export") as caught:
        refuse_public_place(project, tmp_path / output, restricted=True)
    assert caught.value.exit_code is Exit.REFUSED
    refuse_public_place(project, tmp_path / output, restricted=False)


@pytest.mark.parametrize("output", ["exports-restricted", "exports2/x.ttl", "x.ttl", "."])
def test_what_is_restricted_may_go_elsewhere(tmp_path: Path, output: str) -> None:
    refuse_public_place(find(tmp_path), tmp_path / output, restricted=True)


def test_a_folder_that_is_gone_has_no_settings_above_it(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert find(gone).root == gone
    assert os.listdir(tmp_path) == []  # noqa: PTH208  (nothing was made)
