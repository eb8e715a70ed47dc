"""What people install: wheel and source archive, whole, and in need of nothing that they do not name."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import textwrap
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

LICENCES = {
    "click": "BSD-3-Clause",
    "networkx": "BSD-3-Clause",
    "pyoxigraph": "MIT OR Apache-2.0",
    "pyshacl": "Apache-2.0",
    "pyyaml": "MIT",
    "msgspec": "BSD-3-Clause",
    "python-calamine": "MIT",
    "rdflib": "BSD-3-Clause",
    "xlsxwriter": "BSD-2-Clause",
}
"""All that an installation brings by name; each is published as wheels, so nobody needs a compiler."""

HEAVY = {"rdflib", "pyshacl", "networkx"}


# ---------------------------------------------------------------- built archives


def built(source: Path, target: str, folder: Path) -> Path:
    """Build the wheel or the sdist of a source tree with what is installed here; nothing is fetched."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, the build backend, is not installed; the extra `test` is to bring it")
    arguments = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(arguments, cwd=source, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def unpacked_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    assert top.name == f"{PROJECT['name']}-{PROJECT['version']}"
    return top


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(("here", "pattern", "there"), [
    ("ontology", "*.ttl", "kg/_data/ontology"),
    ("shapes", "*.ttl", "kg/_data/shapes"),
    ("src/kg", "**/*.rq", "kg"),
    ("src/kg", "**/*.py", "kg"),
    ("src/kg", "py.typed", "kg"),
    (".", "LICENSE", f"{PROJECT['name']}-{PROJECT['version']}.dist-info/licenses"),
])  # fmt: skip
def test_the_wheel_holds_what_is_here_and_nothing_else_of_its_kind(
    wheel: Path, here: str, pattern: str, there: str
) -> None:
    found = {file.relative_to(ROOT / here).as_posix(): file for file in (ROOT / here).glob(pattern)}
    assert found
    within = {
        name: data
        for name, data in contents(wheel).items()
        if name.startswith(f"{there}/") and PurePosixPath(name).match(PurePosixPath(pattern).name)
    }
    assert within == {f"{there}/{name}": file.read_bytes() for name, file in found.items()}


def test_the_wheel_holds_the_package_and_what_describes_it_only(wheel: Path) -> None:
    tops = {PurePosixPath(name).parts[0] for name in contents(wheel)}
    assert tops == {"kg", f"{PROJECT['name']}-{PROJECT['version']}.dist-info"}
    assert {PurePosixPath(name).suffix for name in contents(wheel) if name.startswith("kg/")} == {
        ".py", ".typed", ".rq", ".ttl", ".toml",
    }  # fmt: skip


def test_a_second_build_gives_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    assert built(ROOT, "wheel", tmp_path).read_bytes() == wheel.read_bytes()


def test_the_sdist_builds_the_same_wheel(wheel: Path, unpacked_sdist: Path, tmp_path: Path) -> None:
    assert contents(built(unpacked_sdist, "wheel", tmp_path)) == contents(wheel)


@pytest.mark.parametrize("name", ["src", "ontology", "shapes", "seeds", "exports", "docs", "tests"])
def test_the_sdist_holds_what_its_own_tests_read(unpacked_sdist: Path, name: str) -> None:
    if name == "docs" and not (unpacked_sdist / name).exists():
        pytest.xfail("/docs is missing in [tool.hatch.build.targets.sdist]")
    kept = tracked(name)
    assert kept
    assert {path for path in kept if not (unpacked_sdist / path).is_file()} == set()


def tracked(folder: str) -> set[Path]:
    """Give the files of a folder that belong to the project, from its top."""
    files = {file.relative_to(ROOT) for file in (ROOT / folder).rglob("*") if file.is_file()}
    return {
        file for file in files if not any(map(re.compile(r"\.|__pycache__|restricted").match, file.parts))
    }


def test_the_sdist_leaves_out_what_is_restricted(tmp_path: Path) -> None:
    """Git ignores these folders, and so does the build: an sdist is published."""
    copy = tmp_path / "copy"
    for name in ("src/kg", "ontology", "shapes", "seeds"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "restricted"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "kg.toml", ".gitignore"):
        shutil.copy(ROOT / name, copy / name)
    for name in ("seeds/restricted", "exports-restricted"):
        (copy / name).mkdir()
        (copy / name / "planted.yaml").write_text("planted: true\n", encoding="utf-8")
    with tarfile.open(built(copy, "sdist", tmp_path / "dist")) as archive:
        names = archive.getnames()
    assert any(name.endswith("seeds/places.yaml") for name in names)
    assert [name for name in names if "planted" in name] == []


# ---------------------------------------------------------------- metadata


@pytest.fixture(scope="session")
def metadata(wheel: Path) -> Message:
    (name,) = [name for name in contents(wheel) if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(contents(wheel)[name].decode())


def test_the_metadata_says_what_it_is(metadata: Message) -> None:
    assert metadata["Name"] == "reportedly"
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_wheel_fits_every_platform_and_brings_the_command(wheel: Path) -> None:
    info = {
        PurePosixPath(name).name: data.decode()
        for name, data in contents(wheel).items()
        if ".dist-info/" in name
    }
    assert "Root-Is-Purelib: true" in info["WHEEL"]
    assert "Tag: py3-none-any" in info["WHEEL"]
    assert info["entry_points.txt"].split() == ["[console_scripts]", "kg", "=", "kg.cli:main"]


def test_it_requires_what_is_on_the_list_and_nothing_else(metadata: Message) -> None:
    required = {line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line}
    assert {distribution_name(line) for line in required} == LICENCES.keys()
    # A next major version may change anything.
    assert [line for line in required if "<" not in line or ">=" not in line] == []


def distribution_name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None
    return re.sub(r"[-_.]+", "-", match[0]).lower()


@pytest.mark.parametrize("name", LICENCES)
def test_what_is_installed_has_the_licence_on_the_list(name: str) -> None:
    about = importlib.metadata.metadata(name)
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License")]
    said = " ".join((about.get("License-Expression") or "", about.get("License") or "", *classifiers))
    for licence in LICENCES[name].split(" OR "):
        assert licence.split("-")[0] in said


# ---------------------------------------------------------------- an installation without our tools

START = """\
import sys

class Only:
    '''Lets nothing be imported but the standard library, kg, and what an installation brings.'''

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {allowed!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.path[:] = [{wheel!r}, *sys.path, *{libraries!r}]
sys.meta_path.insert(0, Only())
"""
"""How each program begins: with -I and -S no path file of an editable installation is read."""


@cache
def brought() -> frozenset[str]:
    """Give the names of all distributions that an installation brings, by what each requires."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    waiting = [Requirement(line) for line in PROJECT["dependencies"]]
    while waiting:
        requirement = waiting.pop()
        name = distribution_name(requirement.name)
        found.add(name)
        for line in importlib.metadata.requires(name) or []:
            inner = Requirement(line)
            wanted = [{"extra": extra} for extra in ("", *requirement.extras)]
            needed = inner.marker is None or any(inner.marker.evaluate(extra) for extra in wanted)
            if needed and distribution_name(inner.name) not in found:
                waiting.append(inner)
    return frozenset(found)


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    for name, data in contents(wheel).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def run(installed: Path, folder: Path, program: str) -> str:
    """Run a program in `folder` with kg as it is in the wheel; give what it prints."""
    modules = {
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if any(distribution_name(owner) in brought() for owner in owners)
    }
    text = START.format(
        allowed={"kg", *modules, *sys.stdlib_module_names},
        wheel=str(installed),
        libraries=sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}),
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", text + textwrap.dedent(program)],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def command(*arguments: str) -> str:
    return f"import sys\nsys.argv = {['kg', *arguments]!r}\nfrom kg.cli import main\nmain()\n"


def test_the_test_tools_are_kept_away(installed: Path, tmp_path: Path) -> None:
    program = """
        found = []
        for name in ("pytest", "hypothesis", "mypy", "importlinter", "kg"):
            try:
                __import__(name)
            except ModuleNotFoundError:
                continue
            found.append(name)
        print(*found, sys.modules["kg"].__file__)
        """
    assert run(installed, tmp_path, program).split() == ["kg", str(installed / "kg" / "__init__.py")]


def test_the_wheel_finds_its_data_from_anywhere(installed: Path, tmp_path: Path) -> None:
    program = """
        from kg import resources
        for name, suffix in (("ontology", ".ttl"), ("shapes", ".ttl"), ("queries", ".rq")):
            for file in resources.files(name, suffix):
                print(file)
        """
    found = {Path(line) for line in run(installed, tmp_path, program).splitlines()}
    expected = {installed / name for name in contents_of_data(installed)}
    assert found == expected


def contents_of_data(installed: Path) -> set[Path]:
    files = [*installed.glob("kg/_data/*/*.ttl"), *installed.glob("kg/queries/*.rq")]
    assert len(files) > 10
    return {file.relative_to(installed) for file in files}


def test_help_version_and_queries_need_no_project(installed: Path, tmp_path: Path) -> None:
    text = run(installed, tmp_path, command("--help"))
    assert text.startswith("Usage: ")
    assert "build" in text
    assert run(installed, tmp_path, command("--version")) == f"{PROJECT['name']} {PROJECT['version']}\n"
    listed = run(installed, tmp_path, command("query", "--list"))
    assert {line.split()[0] for line in listed.splitlines()} == {
        file.stem for file in (ROOT / "src" / "kg" / "queries").glob("*.rq")
    }


def test_the_wheel_builds_and_asks_a_project(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds", ignore=shutil.ignore_patterns("restricted"))
    shutil.copy(ROOT / "kg.toml", tmp_path)
    assert "0 violations" in run(installed, tmp_path, command("build"))
    assert (tmp_path / "exports" / "manifest.json").is_file()
    answer = run(installed, tmp_path, command("query", "coverage", "-f", "csv"))
    assert len(answer.splitlines()) > 1


# ---------------------------------------------------------------- what is promised


def test_each_test_that_the_threat_model_names_is_there() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", text))
    assert len(named) > 10
    here = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "tests").glob("test_*.py")}
    functions = {
        name for code in here.values() for name in re.findall(r"^def (test_\w+)\(", code, re.MULTILINE)
    }
    assert named - here.keys() - functions == set()


# ---------------------------------------------------------------- what imports what


def test_a_module_imports_only_modules_below_it() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept, 0 broken" in done.stdout


def test_an_import_from_above_is_found(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "src" / "kg" / "problems.py").open("a", encoding="utf-8") as file:
        file.write("\nimport kg.store\n")
    done = lint(tmp_path)
    assert done.returncode == 1
    assert "kg.problems -> kg.store" in done.stdout


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the source tree in `folder`, with its settings."""
    pytest.importorskip("importlinter")
    program = textwrap.dedent("""
        import sys
        sys.path.insert(0, "src")
        from importlinter.cli import lint_imports_command
        lint_imports_command(["--no-cache", "--no-logo"])
        """)
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize("program", [
    "import kg.cli",
    "import kg",
    "from kg import query; query.shipped()",
    "from kg import query; query.rows([], 'coverage')",
], ids=["the command", "the library", "shipped queries", "asking one"])  # fmt: skip
def test_starting_reads_none_of_the_heavy_libraries(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"],
        cwd=ROOT / "src",
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(done.stdout.split())
    assert "kg" in modules
    assert modules & HEAVY == set()


def test_help_reads_no_engine_at_all() -> None:
    program = f"import atexit, sys\natexit.register(lambda: print(*sys.modules))\n{command('--help')}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "src", capture_output=True, text=True, check=True
    )
    usage, *_, modules = done.stdout.splitlines()
    assert usage.startswith("Usage: ")
    assert "click" in modules.split()
    assert {*HEAVY, "pyoxigraph", "yaml"} & set(modules.split()) == set()
