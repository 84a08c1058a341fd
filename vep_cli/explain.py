"""One variant scored as a run scores it, and what lies behind its scores."""

from vep_cli.explanation import Explanation, alignment_of, explain_scores
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant_text import reference_bases_at
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.inference.devices import explained_memory_errors
from vep_cli.inference.stream import ready_records, score_records
from vep_cli.input_checks import InputChecks
from vep_cli.pipeline import Preparation, load_engine, plan, provenance, run_annotation
from vep_cli.scoring.scored_record import ScoredAllele


def explain(prepared: Preparation, record: VcfRecord, *, top: int) -> Explanation:
    """Score the one allele of `record` as `pipeline.run` does, and tell what lies behind each score.

    Args:
        prepared: What `pipeline.prepare` returned; its source and its output are not asked for.
        record: The variant.
        top: Scores to tell of each scorer and gene.

    Raises:
        VepError: A file cannot be read, or memory does not suffice.
    """
    settings = prepared.settings
    with Reference(settings.genome.fasta) as reference, explained_memory_errors():
        annotation = run_annotation(prepared, reference)
        checks = InputChecks("the variant", settings.genome.fasta)
        (planned,) = plan([record], reference, settings)
        checks.see(record, planned.alleles)
        window, scored = planned.windows[0], ScoredAllele(allele=planned.alleles[0])
        if window is not None:
            engine = load_engine(prepared, annotation, prepared.devices[0])
            scored = next(score_records(ready_records([planned], engine), engine)).alleles[0]
        scorers = prepared.choice.scorers
        return Explanation(
            record=record,
            allele=scored.allele,
            reference_bases=reference_bases_at(record, reference),
            window=window,
            alignment=alignment_of(window.variant, window.interval) if window else None,
            scorers=explain_scores(scored, window, scorers, annotation, top=top) if window else (),
            left_out=prepared.choice.left_out,
            run=tuple(provenance(prepared)),
        )
