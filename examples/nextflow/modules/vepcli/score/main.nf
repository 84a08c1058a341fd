process VEPCLI_SCORE {
    tag "${meta.id}${shard ? " ${shard}" : ''}"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "vep-cli:0.1.0-tools"

    input:
    tuple val(meta), path(vcf), val(shard)
    tuple val(meta2), path(fasta), path(fasta_index)
    path gtf
    path weights

    output:
    tuple val(meta), path("${prefix}.${suffix}"), emit: scores
    tuple val(meta), path("${prefix}.${suffix}.{tbi,csi}"), emit: index, optional: true
    tuple val(meta), path("${prefix}.${suffix}.shard.json"), emit: description, optional: true
    tuple val(meta), path("${prefix}.stats.json"), emit: stats
    tuple val("${task.process}"), val('vep-cli'), eval("vep-cli --version | sed 's/^.* //'"), topic: versions, emit: versions_vepcli

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}${shard ? ".${shard.replace('/', '-of-')}" : ''}"
    suffix = task.ext.suffix ?: 'vcf.gz'
    def part = shard ? "--shard ${shard}" : ''
    def genome = fasta ? "--fasta ${fasta}" : ''
    def genes = gtf ? "--gtf ${gtf}" : ''
    def model = weights ? [weights].flatten().collect { folder -> "--weights ${folder}" }.join(' ') : ''
    def device = task.accelerator ? 'gpu' : 'cpu'
    if ("${vcf}" == "${prefix}.${suffix}") {
        error("Input and output have one name, ${vcf}: set ext.prefix")
    }
    """
    export VEP_CACHE_DIR="\$PWD/.vep-cache"

    vep-cli score \\
        ${vcf} \\
        ${genome} \\
        ${genes} \\
        ${model} \\
        ${part} \\
        ${args} \\
        --device ${device} \\
        --stats ${prefix}.stats.json \\
        --output ${prefix}.${suffix}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}${shard ? ".${shard.replace('/', '-of-')}" : ''}"
    suffix = task.ext.suffix ?: 'vcf.gz'
    def create = suffix.endsWith('.gz') ? "echo '' | gzip >" : 'touch'
    def create_index = suffix == 'vcf.gz' ? "touch ${prefix}.${suffix}.tbi" : ''
    def create_description = shard && suffix.startsWith('tsv') ? "touch ${prefix}.${suffix}.shard.json" : ''
    """
    ${create} ${prefix}.${suffix}
    ${create_index}
    ${create_description}
    touch ${prefix}.stats.json
    """
}
