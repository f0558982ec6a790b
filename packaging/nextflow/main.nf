// Example: a study in one job.
//   nextflow run main.nf --study data/mouse
include { JAMMA_LMM } from './modules/jamma/lmm/main'

workflow {
    main:
    genotypes = channel.fromPath("${params.study}.{bed,bim,fam}", checkIfExists: true)
        .toSortedList { file -> file.extension }
        .map { bed, bim, fam -> [[id: bed.baseName], bed, bim, fam, [], []] }
    JAMMA_LMM(genotypes, params.extra_files ? files(params.extra_files) : [])

    publish:
    assoc = JAMMA_LMM.out.assoc
    log = JAMMA_LMM.out.log
    run = JAMMA_LMM.out.run
}

output {
    assoc {
    }
    log {
    }
    run {
    }
}
