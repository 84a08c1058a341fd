"""The words of the official protocol and ours for the same things.

The messages are those of the package `alphagenome`, the client's own; nothing but this package imports
them, so that all else works without it.
"""

from collections.abc import Mapping

from alphagenome.protos.v1 import dna_model_pb2

from vep_cli.model.output_type import OutputType

OUTPUT_NUMBERS: Mapping[OutputType, int] = {
    output: dna_model_pb2.OutputType.Value(f"OUTPUT_TYPE_{output}") for output in OutputType
}
"""The protocol's number of each output type."""

OUTPUTS: Mapping[int, OutputType] = {number: output for output, number in OUTPUT_NUMBERS.items()}
"""The output type of each of the protocol's numbers."""

ORGANISMS: Mapping[int, str] = {
    dna_model_pb2.ORGANISM_HOMO_SAPIENS: "human",
    dna_model_pb2.ORGANISM_MUS_MUSCULUS: "mouse",
}
"""The organism of each of the protocol's numbers."""

STRANDS: Mapping[int, str] = {
    dna_model_pb2.STRAND_UNSPECIFIED: ".",
    dna_model_pb2.STRAND_POSITIVE: "+",
    dna_model_pb2.STRAND_NEGATIVE: "-",
    dna_model_pb2.STRAND_UNSTRANDED: ".",
}
"""The strand of each of the protocol's numbers; a message that says nothing of it means either."""

STRAND_NUMBERS: Mapping[str, int] = {
    "+": dna_model_pb2.STRAND_POSITIVE,
    "-": dna_model_pb2.STRAND_NEGATIVE,
    ".": dna_model_pb2.STRAND_UNSTRANDED,
}
"""The protocol's number of each strand."""

_ONTOLOGY = "ONTOLOGY_TYPE_"


def ontology_term(curie: str) -> dna_model_pb2.OntologyTerm | None:
    """Return the term of an identifier such as 'UBERON:0002107'; None where the protocol lacks it."""
    ontology, _, number = curie.partition(":")
    known = dna_model_pb2.OntologyType.keys()
    if f"{_ONTOLOGY}{ontology}" not in known or not number.isdecimal():
        return None
    kind = dna_model_pb2.OntologyType.Value(f"{_ONTOLOGY}{ontology}")
    return dna_model_pb2.OntologyTerm(ontology_type=kind, id=int(number))


def curie_of(term: dna_model_pb2.OntologyTerm) -> str:
    """Return the identifier of a term, of seven digits or more."""
    try:
        name = dna_model_pb2.OntologyType.Name(term.ontology_type)
    except ValueError:
        name = str(term.ontology_type)
    return f"{name.removeprefix(_ONTOLOGY)}:{term.id:07d}"
