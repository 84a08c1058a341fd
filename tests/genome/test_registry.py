import dataclasses
import gzip
import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import AnnotationError, FastaError, UsageError, VepError
from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.genome.registry import (
    DEMO,
    Genome,
    Registry,
    check_files,
    demo_genome,
    load_registry,
    register_genome,
    registry_path,
    resolve_genome,
    save_registry,
)

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True).filter(lambda name: name != DEMO)


@pytest.fixture(autouse=True)
def config_folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    folder = tmp_path / "config"
    monkeypatch.setenv("VEP_CONFIG_DIR", str(folder))
    monkeypatch.setenv("VEP_CACHE_DIR", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def fasta(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "tiny.fa"
    path.write_bytes(b">chr1\nACGT\n")
    return path


@pytest.fixture
def gtf(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "tiny.gtf"
    path.write_bytes(b'chr1\ttest\tgene\t1\t4\t.\t+\t.\tgene_id "G1";\n')
    return path


def genome(name: str = "tiny", fasta: str | pathlib.Path = "/nowhere/tiny.fa", **changes: object) -> Genome:
    plain = Genome(name=name, fasta=pathlib.Path(fasta), gtf=None, organism="human", source="test")
    return dataclasses.replace(plain, **changes)


def test_demo_is_there_before_anything_is_registered() -> None:
    registry = load_registry()
    assert list(registry.genomes) == [DEMO]
    assert registry.get() == registry.get(DEMO) == demo_genome()
    assert not registry_path().exists()


@pytest.mark.parametrize("replace", [False, True])
def test_demo_cannot_be_taken(replace: bool) -> None:
    with pytest.raises(UsageError, match="bundled"):
        Registry().with_genome(genome(DEMO), replace=replace)


def test_demo_cannot_be_removed() -> None:
    with pytest.raises(UsageError, match="cannot be removed"):
        Registry().without(DEMO)


@given(
    genomes=st.dictionaries(
        NAMES,
        st.tuples(st.booleans(), st.sampled_from(["human", "mouse"]), st.text(max_size=5)),
        max_size=4,
    ),
    data=st.data(),
)
def test_any_registry_is_read_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory,
    genomes: dict[str, tuple[bool, str, str]],
    data: st.DataObject,
) -> None:
    registry = Registry()
    for name, (has_gtf, organism, source) in genomes.items():
        gtf = pathlib.Path(f"/data/{name}.gtf") if has_gtf else None
        registry = registry.with_genome(genome(name, gtf=gtf, organism=organism, source=source))
    registry = registry.with_default(data.draw(st.sampled_from(list(registry.genomes))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VEP_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        save_registry(registry)
        assert load_registry() == registry
        assert [path.name for path in registry_path().parent.iterdir()] == ["genomes.json"]


def test_without_the_variable_the_users_folder_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEP_CONFIG_DIR", "")
    monkeypatch.setattr(
        "platformdirs.user_config_path", lambda name: pathlib.Path("/home/user/.config", name)
    )
    assert registry_path() == pathlib.Path("/home/user/.config/vep-cli/genomes.json")


def test_removed_default_gives_way_to_demo() -> None:
    registry = Registry().with_genome(genome("a")).with_genome(genome("b")).with_default("a")
    assert registry.without("b").default == "a"
    assert registry.without("a") == Registry().with_genome(genome("b"))


def test_same_genome_again_changes_nothing_and_another_needs_force() -> None:
    registry = Registry().with_genome(genome())
    assert registry.with_genome(genome()) == registry
    other = genome(fasta="/elsewhere/tiny.fa")
    with pytest.raises(UsageError, match="already named 'tiny'") as caught:
        registry.with_genome(other)
    assert "--force" in str(caught.value.remedy)
    assert registry.with_genome(other, replace=True).get("tiny") == other


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [
        ("hg38", "vep genome fetch hg38"),
        ("TINNY", "did you mean tiny? see the registered genomes: vep genome list"),
        ("zzzzzz", "see the registered genomes: vep genome list"),
    ],
)
def test_unknown_name_tells_what_to_do(asked: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=f"no genome is named '{asked}'") as caught:
        Registry().with_genome(genome()).get(asked)
    assert str(caught.value.remedy).endswith(remedy)


@pytest.mark.parametrize("name", ["a/b", "..", "-x", "two words", "\n"])
def test_name_that_is_no_folder_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be named"):
        genome(name)


def test_unknown_organism_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown organism 'yeast'") as caught:
        genome(organism="yeast")
    assert "human, mouse" in str(caught.value.remedy)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"format": 1, "default": "demo", "genomes": {"a": {}}}',
        '{"format": 1, "genomes": 3}',
    ],
)
def test_damaged_file_is_named_with_a_remedy(config_folder: pathlib.Path, text: str) -> None:
    config_folder.mkdir()
    registry_path().write_text(text)
    with pytest.raises(UsageError, match="cannot be read") as caught:
        load_registry()
    assert caught.value.path == config_folder / "genomes.json"


def test_newer_format_names_both_numbers(config_folder: pathlib.Path) -> None:
    config_folder.mkdir()
    registry_path().write_text(json.dumps({"format": 2}))
    with pytest.raises(UsageError, match="has format 2, this version reads 1"):
        load_registry()


def test_folder_that_cannot_be_written_is_named(config_folder: pathlib.Path) -> None:
    config_folder.write_text("a file where the folder should be")
    with pytest.raises(UsageError, match="cannot be written") as caught:
        save_registry(Registry())
    assert "VEP_CONFIG_DIR" in str(caught.value.remedy)


def test_registering_makes_paths_absolute_and_builds_the_index(
    fasta: pathlib.Path, gtf: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fasta.parent)
    said: list[str] = []
    relative = genome(fasta="tiny.fa", gtf=pathlib.Path("tiny.gtf"))
    kept = register_genome(relative, notify=said.append)
    assert (kept.fasta, kept.gtf) == (fasta, gtf)
    assert load_registry() == Registry(added={"tiny": kept})
    assert (fasta.parent / "tiny.fa.fai").read_text() == "chr1\t4\t6\t4\t5\n"
    assert said == [f"reading the genes of {gtf}", f"indexing {fasta}"]


def test_genes_are_read_once_and_kept_parsed(
    fasta: pathlib.Path, gtf: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_genome(genome(fasta=fasta, gtf=gtf))
    monkeypatch.setattr("vep_cli.genome.annotation_cache.read_gtf", None)
    assert [gene.gene_id for gene in read_annotation(gtf).genes] == ["G1"]


def test_damaged_annotation_is_told_by_its_line_and_nothing_is_registered(
    fasta: pathlib.Path, gtf: pathlib.Path
) -> None:
    gtf.write_bytes(gtf.read_bytes() + b'chr1\ttest\tgene\tx\t4\t.\t+\t.\tgene_id "G2";\n')
    with pytest.raises(AnnotationError) as caught:
        register_genome(genome(fasta=fasta, gtf=gtf))
    assert (caught.value.path, caught.value.line) == (gtf, 2)
    assert not registry_path().exists()
    assert not fasta.with_name("tiny.fa.fai").exists()


def test_current_index_is_left_alone(fasta: pathlib.Path, gtf: pathlib.Path) -> None:
    register_genome(genome(fasta=fasta, gtf=gtf))
    said: list[str] = []
    register_genome(genome(fasta=fasta, gtf=gtf), notify=said.append)
    assert said == []


def test_default_is_set_only_on_request(fasta: pathlib.Path) -> None:
    register_genome(genome(fasta=fasta))
    assert load_registry().default == DEMO
    register_genome(genome(fasta=fasta), make_default=True)
    assert load_registry().default == "tiny"


def test_failed_registration_leaves_the_registry_as_it_was(
    tmp_path: pathlib.Path, fasta: pathlib.Path
) -> None:
    gzipped = tmp_path / "tiny.fa.gz"
    gzipped.write_bytes(gzip.compress(fasta.read_bytes()))
    for broken, kind in (
        (genome(fasta=tmp_path / "absent.fa"), FastaError),
        (genome(fasta=fasta, gtf=tmp_path / "absent.gtf"), AnnotationError),
        (genome(fasta=gzipped), FastaError),
    ):
        with pytest.raises(kind):
            register_genome(broken, make_default=True)
    assert not registry_path().exists()


def test_files_that_have_gone_are_named_with_the_command_that_helps(fasta: pathlib.Path) -> None:
    register_genome(genome(fasta=fasta), make_default=True)
    fasta.unlink()
    with pytest.raises(FastaError, match="genome 'tiny' has no such file") as caught:
        resolve_genome()
    assert caught.value.path == fasta
    assert "vep genome add tiny --fasta FILE --gtf FILE --force" in str(caught.value.remedy)


def test_demo_without_its_files_asks_for_a_reinstallation(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vep_cli.genome.registry.demo_genome_folder", lambda: tmp_path)
    with pytest.raises(FastaError, match="demo") as caught:
        check_files(demo_genome())
    assert "reinstall" in str(caught.value.remedy)


def test_fasta_stands_alone_before_the_default(fasta: pathlib.Path, gtf: pathlib.Path) -> None:
    register_genome(genome(fasta=fasta), make_default=True)
    other = fasta.with_name("other.fa")
    other.write_bytes(b">chr2\nAC\n")
    chosen = resolve_genome(fasta=other, gtf=gtf)
    assert (chosen.name, chosen.fasta, chosen.gtf, chosen.organism) == ("", other, gtf, "human")
    assert resolve_genome(fasta=other, organism="mouse").organism == "mouse"


def test_name_stands_before_the_default(fasta: pathlib.Path) -> None:
    register_genome(genome("one", fasta=fasta), make_default=True)
    two = register_genome(genome("two", fasta=fasta, organism="mouse"))
    assert resolve_genome(name="two") == two
    assert resolve_genome().name == "one"


def test_gtf_replaces_the_named_genomes_own(fasta: pathlib.Path, gtf: pathlib.Path) -> None:
    known = register_genome(genome(fasta=fasta))
    assert resolve_genome(name="tiny", gtf=gtf) == dataclasses.replace(known, gtf=gtf)


def test_fasta_and_name_together_are_refused(fasta: pathlib.Path) -> None:
    with pytest.raises(UsageError, match="--fasta and --genome"):
        resolve_genome(name=DEMO, fasta=fasta)


@pytest.mark.parametrize(("option", "kind"), [("fasta", FastaError), ("gtf", AnnotationError)])
def test_given_path_that_is_not_there_is_named(
    tmp_path: pathlib.Path, option: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match="no such file") as caught:
        resolve_genome(**{option: tmp_path / "absent"})
    assert f"--{option}" in str(getattr(caught.value, "remedy", ""))


def test_files_are_named_in_outputs_by_path_but_bundled_ones_by_name() -> None:
    demo = demo_genome()
    assert demo.describe(demo.fasta) == "demo.fa.gz, bundled with vep-cli"
    other = dataclasses.replace(demo, name="mine", fasta=pathlib.Path("/data/ref.fa"), gtf=None)
    assert other.describe(other.fasta) == "/data/ref.fa"
    assert other.describe(other.gtf) == "none"


@pytest.mark.parametrize(("option", "kind"), [("fasta", FastaError), ("gtf", AnnotationError)])
def test_a_folder_is_told_from_a_missing_file(
    tmp_path: pathlib.Path, option: str, kind: type[VepError]
) -> None:
    with pytest.raises(kind, match="a folder, not a file") as caught:
        resolve_genome(**{option: tmp_path})
    assert caught.value.remedy == f"check the path given to --{option}"
