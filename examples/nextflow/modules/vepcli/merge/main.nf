process VEPCLI_MERGE {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "vep-cli:0.1.0-tools"

    input:
    tuple val(meta), path(shards), path(descriptions), path(stats)

    output:
    tuple val(meta), path("${prefix}.${suffix}"), emit: scores
    tuple val(meta), path("${prefix}.${suffix}.{tbi,csi}"), emit: index, optional: true
    tuple val(meta), path("${prefix}.stats.json"), emit: stats
    tuple val(meta), path("${prefix}.*_mqc.json"), emit: multiqc
    tuple val("${task.process}"), val('vep-cli'), eval("vep-cli --version | sed 's/^.* //'"), topic: versions, emit: versions_vepcli

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    suffix = task.ext.suffix ?: 'vcf.gz'
    """
    vep-cli merge \\
        ${shards} \\
        ${args} \\
        --output ${prefix}.${suffix}

    vep-cli stats \\
        ${stats} \\
        --multiqc ${prefix} \\
        --output ${prefix}.stats.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    suffix = task.ext.suffix ?: 'vcf.gz'
    def create = suffix.endsWith('.gz') ? "echo '' | gzip >" : 'touch'
    def create_index = suffix == 'vcf.gz' ? "touch ${prefix}.${suffix}.tbi" : ''
    """
    ${create} ${prefix}.${suffix}
    ${create_index}
    touch ${prefix}.stats.json ${prefix}.alleles_mqc.json ${prefix}.general_mqc.json
    """
}
