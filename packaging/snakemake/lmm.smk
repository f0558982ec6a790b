# One job: kinship and tests of a study.
#   snakemake -s lmm.smk --cores 2 --config study=data/mouse name=mouse options="-lmm 4"


configfile: workflow.source_path("config.yaml")


NAME = config["name"]


rule all:
    input:
        f"results/{NAME}.assoc.txt",


rule lmm:
    input:
        bfile=multiext(config["study"], ".bed", ".bim", ".fam"),
    output:
        assoc=f"results/{NAME}.assoc.txt",
        log=f"results/{NAME}.log.txt",
        run=f"results/{NAME}.run.json",
    log:
        f"logs/{NAME}.lmm.log",
    threads: config["threads"]
    resources:
        mem_mb=config["mem_mb"],
    params:
        extra=" ".join([config["study_options"], config["options"]]),
    wrapper:
        f"file://{workflow.basedir}/wrapper"
