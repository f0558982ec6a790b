// Example: a study in parts, for many machines. The results are those of one job.
//   nextflow run parts.nf --study data/cohort --parts 20 -profile slurm
include { JAMMA_GK } from './modules/jamma/gk/main'
include { JAMMA_MERGE as MERGE_KINSHIP ; JAMMA_MERGE as MERGE_TABLES } from './modules/jamma/merge/main'
include { JAMMA_EIGEN } from './modules/jamma/eigen/main'
include { JAMMA_LMM } from './modules/jamma/lmm/main'

workflow {
    main:
    extra_files = params.extra_files ? files(params.extra_files) : []
    numbers = channel.of(1..params.parts).map { part -> [[part, params.parts]] }
    genotypes = channel.fromPath("${params.study}.{bed,bim,fam}", checkIfExists: true)
        .toSortedList { file -> file.extension }
        .map { bed, bim, fam -> [[id: bed.baseName], bed, bim, fam] }

    JAMMA_GK(genotypes.combine(numbers), extra_files)
    kinship_parts = JAMMA_GK.out.part.groupTuple(size: params.parts)
    MERGE_KINSHIP(genotypes.join(kinship_parts).map { meta, bed, bim, fam, files -> [meta, bed, bim, fam, [], files] }, extra_files)

    JAMMA_EIGEN(genotypes.join(MERGE_KINSHIP.out.kinship), extra_files)
    eigen = JAMMA_EIGEN.out.eigen.map { meta, d, u, ids -> [meta, [d, u, ids]] }
    study = genotypes.join(eigen)

    JAMMA_LMM(study.combine(numbers), extra_files)
    table_parts = JAMMA_LMM.out.part.groupTuple(size: params.parts)
    MERGE_TABLES(study.join(table_parts), extra_files)

    publish:
    assoc = MERGE_TABLES.out.assoc
    log = MERGE_TABLES.out.log
}

output {
    assoc {
    }
    log {
    }
}
