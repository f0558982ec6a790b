// The kinship of a study, or one part of it: `part` is a list [I, N], or [] for the whole.
process JAMMA_GK {
    tag "${part ? "${meta.id} ${part[0]}/${part[1]}" : meta.id}"
    label 'process_medium'

    conda "${moduleDir}/../environment.yml"

    input:
    tuple val(meta), path(bed), path(bim), path(fam), val(part)
    path extra_files // phenotypes, covariates and others that task.ext.args names

    output:
    tuple val(meta), path("output/*.cXX.npy"), path("output/*.cXX.id"), emit: kinship, optional: true
    tuple val(meta), path("output/*.jammapart"), emit: part, optional: true
    tuple val(meta), path("output/*.log.txt"), emit: log, optional: true
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def form = part ? "--part ${part[0]}/${part[1]}" : '--format npy'
    def memory = task.memory ? "--memory ${task.memory.toBytes() / 1e9}" : ''
    """
    jamma gk -bfile ${bed.baseName} -outdir output -o ${prefix} ${form} ${args} --threads ${task.cpus} ${memory}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        jamma: \$(jamma version | sed -n '1s/^jamma //p')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    def results = part ? "output/${prefix}.part-${part[0]}-of-${part[1]}.jammapart" : "output/${prefix}.cXX.npy output/${prefix}.cXX.id"
    """
    mkdir output
    touch ${results} output/${prefix}.log.txt

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        jamma: stub
    END_VERSIONS
    """
}
