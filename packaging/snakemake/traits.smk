# One kinship, and a job for each phenotype. `jamma lmm --traits all` analyses all phenotypes in one job, which takes less
# time in total; these jobs can run on different machines.
#   snakemake -s traits.smk --cores 2 --config study=data/mouse name=mouse traits="[1,2,6]"


configfile: workflow.source_path("config.yaml")


NAME = config["name"]
STUDY = config["study"]
MEMORY = config["mem_mb"] / 1000


rule all:
    input:
        expand("results/{name}.{trait}.assoc.txt", name=NAME, trait=config["traits"]),


rule kinship:
    input:
        multiext(STUDY, ".bed", ".bim", ".fam"),
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
        study=lambda wildcards, input: input[0].removesuffix(".bed"),
        name=NAME,
        memory=MEMORY,
        options=config["kinship_options"],
    shell:
        "jamma gk -bfile {params.study:q} --kinship-qc all {params.options} --format npy -outdir results -o {params.name:q}"
        " --threads {threads} --memory {params.memory} >{log:q} 2>&1"


rule lmm:
    input:
        multiext(STUDY, ".bed", ".bim", ".fam"),
        f"results/{NAME}.cXX.id",
        kinship=f"results/{NAME}.cXX.npy",
    output:
        table=f"results/{NAME}.{{trait}}.assoc.txt",
    log:
        f"logs/{NAME}.{{trait}}.lmm.log",
    conda:
        "wrapper/environment.yaml"
    threads: config["threads"]
    resources:
        mem_mb=config["mem_mb"],
    params:
        study=lambda wildcards, input: input[0].removesuffix(".bed"),
        name=NAME,
        memory=MEMORY,
        options=" ".join([config["study_options"], config["options"]]),
    shell:
        "jamma lmm -bfile {params.study:q} -k {input.kinship:q} -n {wildcards.trait} {params.options}"
        " -outdir results -o {params.name:q}.{wildcards.trait}"
        " --threads {threads} --memory {params.memory} >{log:q} 2>&1"
