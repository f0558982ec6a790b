# A study in parts, for many machines: parts of the kinship, one decomposition, parts of the tests. The table is that of
# `jamma lmm` in one job, byte for byte, because the matrices are NumPy files, which keep every bit.
#   snakemake -s parts.smk --jobs 20 --executor slurm --config study=data/cohort name=cohort parts=20


configfile: workflow.source_path("config.yaml")


NAME = config["name"]
STUDY = config["study"]
N_PARTS = config["parts"]
PARTS = range(1, N_PARTS + 1)
MEMORY = config["mem_mb"] / 1000
GENOTYPES = multiext(STUDY, ".bed", ".bim", ".fam")


rule all:
    input:
        f"results/{NAME}.assoc.txt",


rule kinship_part:
    input:
        GENOTYPES,
    output:
        temp(f"results/parts/{NAME}.kinship.part-{{part}}-of-{N_PARTS}.jammapart"),
    log:
        f"logs/{NAME}.gk.{{part}}.log",
    conda:
        "wrapper/environment.yaml"
    threads: config["threads"]
    resources:
        mem_mb=config["mem_mb"],
    params:
        study=lambda wildcards, input: input[0].removesuffix(".bed"),
        name=f"{NAME}.kinship",
        n_parts=N_PARTS,
        memory=MEMORY,
        options=config["study_options"],
    shell:
        "jamma gk -bfile {params.study:q} {params.options} --part {wildcards.part}/{params.n_parts}"
        " -outdir results/parts -o {params.name:q}"
        " --threads {threads} --memory {params.memory} >{log:q} 2>&1"


rule kinship:
    input:
        GENOTYPES,
        parts=expand("results/parts/{name}.kinship.part-{part}-of-{n}.jammapart", name=NAME, part=PARTS, n=N_PARTS),
    output:
        multiext(f"results/{NAME}.cXX", ".npy", ".id"),
    log:
        f"logs/{NAME}.gk.log",
    conda:
        "wrapper/environment.yaml"
    threads: config["threads"]
    resources:
        mem_mb=config["mem_mb"],
    params:
        name=NAME,
    shell:
        "jamma gk --merge {input.parts:q} --format npy -outdir results -o {params.name:q} >{log:q} 2>&1"


rule eigen:
    input:
        GENOTYPES,
        f"results/{NAME}.cXX.id",
        kinship=f"results/{NAME}.cXX.npy",
    output:
        multiext(f"results/{NAME}", ".eigenD.npy", ".eigenU.npy", ".eigenU.id"),
    log:
        f"logs/{NAME}.eigen.log",
    conda:
        "wrapper/environment.yaml"
    threads: config["threads"]
    resources:
        mem_mb=config["mem_mb"],
    params:
        study=lambda wildcards, input: input[0].removesuffix(".bed"),
        name=NAME,
        memory=MEMORY,
        options=config["study_options"],
    shell:
        "jamma eigen -bfile {params.study:q} -k {input.kinship:q} {params.options}"
        " --format npy -outdir results -o {params.name:q}"
        " --threads {threads} --memory {params.memory} >{log:q} 2>&1"


rule lmm_part:
    input:
        GENOTYPES,
        f"results/{NAME}.eigenU.id",
        d=f"results/{NAME}.eigenD.npy",
        u=f"results/{NAME}.eigenU.npy",
    output:
        temp(f"results/parts/{NAME}.part-{{part}}-of-{N_PARTS}.jammapart"),
    log:
        f"logs/{NAME}.lmm.{{part}}.log",
    conda:
        "wrapper/environment.yaml"
    threads: config["threads"]
    resources:
        mem_mb=config["mem_mb"],
    params:
        study=lambda wildcards, input: input[0].removesuffix(".bed"),
        name=NAME,
        n_parts=N_PARTS,
        memory=MEMORY,
        options=" ".join([config["study_options"], config["options"]]),
    shell:
        "jamma lmm -bfile {params.study:q} -d {input.d:q} -u {input.u:q} {params.options}"
        " --part {wildcards.part}/{params.n_parts} -outdir results/parts -o {params.name:q}"
        " --threads {threads} --memory {params.memory} >{log:q} 2>&1"


rule merge:
    input:
        GENOTYPES,
        multiext(f"results/{NAME}", ".eigenD.npy", ".eigenU.npy", ".eigenU.id"),
        parts=expand("results/parts/{name}.part-{part}-of-{n}.jammapart", name=NAME, part=PARTS, n=N_PARTS),
    output:
        table=f"results/{NAME}.assoc.txt",
    log:
        f"logs/{NAME}.merge.log",
    conda:
        "wrapper/environment.yaml"
    params:
        name=NAME,
    shell:
        "jamma merge {input.parts:q} -outdir results -o {params.name:q} >{log:q} 2>&1"
