// Eigenvalues and eigenvectors of the kinship of the analysed individuals.
process JAMMA_EIGEN {
    tag "${meta.id}"
    label 'process_high'

    conda "${moduleDir}/../environment.yml"

    input:
    tuple val(meta), path(bed), path(bim), path(fam), path(kinship), path(ids)
    path extra_files // phenotypes, covariates and others that task.ext.args names

    output:
    tuple val(meta), path("output/*.eigenD.npy"), path("output/*.eigenU.npy"), path("output/*.eigenU.id"), emit: eigen
    tuple val(meta), path("output/*.log.txt"), emit: log
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def memory = task.memory ? "--memory ${task.memory.toBytes() / 1e9}" : ''
    """
    jamma eigen -bfile ${bed.baseName} -k ${kinship} --format npy -outdir output -o ${prefix} ${args} --threads ${task.cpus} ${memory}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        jamma: \$(jamma version | sed -n '1s/^jamma //p')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir output
    touch output/${prefix}.eigenD.npy output/${prefix}.eigenU.npy output/${prefix}.eigenU.id output/${prefix}.log.txt

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        jamma: stub
    END_VERSIONS
    """
}
