// The outputs of a run from all of its parts: a kinship (parts of JAMMA_GK) or tables (parts of JAMMA_LMM). The inputs of
// the run are opened again, under the names that they had.
process JAMMA_MERGE {
    tag "${meta.id}"
    label 'process_medium'

    conda "${moduleDir}/../environment.yml"

    input:
    tuple val(meta), path(bed), path(bim), path(fam), path(eigen), path(parts)
    path extra_files // as in the parts

    output:
    tuple val(meta), path("output/*.cXX.npy"), path("output/*.cXX.id"), emit: kinship, optional: true
    tuple val(meta), path("output/*.assoc.txt"), emit: assoc, optional: true
    tuple val(meta), path("output/*.log.txt"), emit: log
    tuple val(meta), path("output/*.run.json"), emit: run, optional: true
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    jamma merge ${parts} -outdir output -o ${prefix} ${args} --threads ${task.cpus}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        jamma: \$(jamma version | sed -n '1s/^jamma //p')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir output
    touch output/${prefix}.cXX.npy output/${prefix}.cXX.id output/${prefix}.assoc.txt output/${prefix}.log.txt output/${prefix}.run.json

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        jamma: stub
    END_VERSIONS
    """
}
