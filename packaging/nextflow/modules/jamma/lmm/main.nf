// The tests of all SNPs, or one part of them: `part` is a list [I, N], or [] for the whole. `eigen` has the three files of
// JAMMA_EIGEN, or is []: then the kinship is computed.
process JAMMA_LMM {
    tag "${part ? "${meta.id} ${part[0]}/${part[1]}" : meta.id}"
    label 'process_medium'

    conda "${moduleDir}/../environment.yml"

    input:
    tuple val(meta), path(bed), path(bim), path(fam), path(eigen), val(part)
    path extra_files // phenotypes, covariates and others that task.ext.args names

    output:
    tuple val(meta), path("output/*.assoc.txt"), emit: assoc, optional: true
    tuple val(meta), path("output/*.jammapart"), emit: part, optional: true
    tuple val(meta), path("output/*.log.txt"), emit: log, optional: true
    tuple val(meta), path("output/*.run.json"), emit: run, optional: true
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def one_part = part ? "--part ${part[0]}/${part[1]}" : ''
    def memory = task.memory ? "--memory ${task.memory.toBytes() / 1e9}" : ''
    def relatedness = eigen ? "-d ${eigen.find { file -> file.name.endsWith('.eigenD.npy') }} -u ${eigen.find { file -> file.name.endsWith('.eigenU.npy') }}" : ''
    """
    jamma lmm -bfile ${bed.baseName} ${relatedness} -outdir output -o ${prefix} ${one_part} ${args} --threads ${task.cpus} ${memory}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        jamma: \$(jamma version | sed -n '1s/^jamma //p')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    def results = part ? "output/${prefix}.part-${part[0]}-of-${part[1]}.jammapart" : "output/${prefix}.assoc.txt output/${prefix}.run.json"
    """
    mkdir output
    touch ${results} output/${prefix}.log.txt

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        jamma: stub
    END_VERSIONS
    """
}
