#!/usr/bin/env bash
# Generate the contents of reference/: the simulated data, GEMMA's outputs for them, cases.tsv, loco.tsv and the tables of the
# oracle.
#
#   PYTHON=python3 reference/make.sh
#
# Requires gemma 0.98.5 on PATH and Python >= 3.11 with numpy AND scipy, given by $PYTHON. The output is reproducible to the
# byte: one thread, a fixed BLAS kernel, and no dates and times in GEMMA's logs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
export OPENBLAS_NUM_THREADS=1 OPENBLAS_CORETYPE=Haswell LC_ALL=C PYTHONDONTWRITEBYTECODE=1

"$python" -c 'import numpy, scipy' || { echo "$python needs numpy and scipy; set PYTHON" >&2; exit 1; }
command -v gemma >/dev/null || { echo "gemma is not on PATH" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/data" "$work/gemma" "$work/oracle"
"$python" "$here/simulate.py" "$work/data"
cd "$work/data"
printf 'case\tdataset\tcommand\tfiles\n' >"$work/cases.tsv"

# quietly COMMAND...: run it, and print its output only if it fails.
quietly() {
    "$@" >"$work/screen.txt" 2>&1 || { cat "$work/screen.txt" >&2; echo "failed: $*" >&2; exit 1; }
}

# clean_log FILE: remove the date, the durations and the build information.
clean_log() {
    sed -i -E -e 's/^(## Date =).*/\1/' -e 's/^(##.* time .*=).*/\1/' \
        -e '/^## (Build profile|GCC version|OpenBlas|  arch|  threads|  parallel type)/d' "$1"
}

# run_case DATASET CASE ARGUMENTS...: run gemma from the data folder, keep its outputs and add a line to cases.tsv.
run_case() {
    local dataset=$1 name=$2
    shift 2
    local out=../gemma/$dataset
    mkdir -p "$out"
    local command=(gemma "$@" -outdir "$out" -o "$name")
    quietly "${command[@]}"
    clean_log "$out/$name.log.txt"
    local files
    files=$(cd "$out" && ls "$name".*.txt | tr '\n' ' ')
    printf '%s\t%s\t%s\t%s\n' "$name" "$dataset" "${command[*]}" "${files% }" >>"$work/cases.tsv"
}

# modes DATASET PREFIX "MODES" ARGUMENTS...: one case for each -lmm mode, named by PREFIX and the mode.
modes() {
    local dataset=$1 prefix=$2 list=$3 mode
    shift 3
    for mode in $list; do run_case "$dataset" "$prefix$mode" "$@" -lmm "$mode"; done
}

for dataset in plain missing covariates odd demo; do run_case $dataset gk1 -bfile $dataset -gk 1; done
run_case plain gk2 -bfile plain -gk 2
run_case missing gk2 -bfile missing -gk 2
run_case odd gk1_n2 -bfile odd -gk 1 -n 2

kinship() { echo "../gemma/$1/gk1.cXX.txt"; }

plain=(-bfile plain -k "$(kinship plain)")
modes plain lmm "1 2 3 4 9" "${plain[@]}"
modes plain pheno_lmm "5" "${plain[@]}" -p plain.pheno.txt
modes plain sxx_lmm "4" -bfile plain -k ../gemma/plain/gk2.sXX.txt
modes plain range_lmm "4" "${plain[@]}" -lmin 0.01 -lmax 100 -region 3
modes plain upper_lmm "4" "${plain[@]}" -lmin 0.001 -lmax 0.5 -region 7
modes plain fixed_lmm "4" "${plain[@]}" -lmin 1 -lmax 1
modes plain region30_lmm "4" "${plain[@]}" -region 30

missing=(-bfile missing -k "$(kinship missing)")
modes missing lmm "1 2 3 4 9" "${missing[@]}"
for column in 2 3 4; do modes missing "n${column}_lmm" "1 4" "${missing[@]}" -n $column; done
modes missing pheno_lmm "4 5" "${missing[@]}" -p missing.pheno.txt -n 2
modes missing pheno_n1_lmm "1" "${missing[@]}" -p missing.pheno.txt
modes missing sxx_lmm "1" -bfile missing -k ../gemma/missing/gk2.sXX.txt
modes missing maf10_lmm "1" "${missing[@]}" -maf 0.1
modes missing maf0_miss1_lmm "1" "${missing[@]}" -maf 0 -miss 1
modes missing miss2_lmm "1" "${missing[@]}" -miss 0.02 -maf 0.05
modes missing hwe_lmm "1" "${missing[@]}" -hwe 0.001 -miss 0.3
modes missing notsnp_lmm "1" "${missing[@]}" -notsnp
modes missing notsnp_hwe_lmm "1" "${missing[@]}" -maf 0.2 -notsnp -hwe 0.001
modes missing snps_lmm "1" "${missing[@]}" -snps missing.snps.txt
modes missing snps_maf_lmm "1" "${missing[@]}" -snps missing.snps.txt -maf 0.2 -miss 0.1
modes missing r2_lmm "1" "${missing[@]}" -c missing.covariates.txt
modes missing r2_90_lmm "1" "${missing[@]}" -c missing.covariates.txt -r2 0.9
modes missing gxe_lmm "1 2 3 4" "${missing[@]}" -gxe missing.gxe.txt
modes missing widv_lmm "1 4" "${missing[@]}" -widv missing.weights.txt

covariates=(-bfile covariates -k "$(kinship covariates)")
modes covariates lmm "1 2 3 4 9" "${covariates[@]}" -c covariates.txt
modes covariates intercept_lmm "1 4" "${covariates[@]}" -c covariates_intercept.txt
modes covariates na_lmm "1 4" "${covariates[@]}" -c covariates_na.txt
modes covariates r2_90_lmm "1" "${covariates[@]}" -c covariates.txt -r2 0.9
modes covariates none_lmm "1" "${covariates[@]}"
modes covariates pheno_lmm "5" "${covariates[@]}" -c covariates.txt -p covariates.pheno.txt
modes covariates gxe_lmm "1 4" "${covariates[@]}" -c covariates.txt -gxe covariates.gxe.txt
modes covariates widv_lmm "4" "${covariates[@]}" -c covariates.txt -widv covariates.weights.txt

odd=(-bfile odd -k "$(kinship odd)")
modes odd lmm "1 2 3 4 9" "${odd[@]}"
modes odd n2_lmm "1 4" "${odd[@]}" -n 2
modes odd n3_lmm "1 4" "${odd[@]}" -n 3
modes odd n2_k2_lmm "4" -bfile odd -k ../gemma/odd/gk1_n2.cXX.txt -n 2
modes odd maf0_lmm "1" "${odd[@]}" -maf 0
modes odd pheno_lmm "1 5" "${odd[@]}" -p odd.pheno.txt
# The triplet form of K, upper triangle, ids as in the .fam file.
paste -d '\t' <(cut -d ' ' -f 2 odd.fam) ../gemma/odd/gk1.cXX.txt |
    awk -F '\t' '{ id[NR] = $1; for (j = 2; j <= NF; j++) k[NR, j - 1] = $j }
        END { for (i = 1; i <= NR; i++) for (j = i; j <= NR; j++) print id[i] "\t" id[j] "\t" k[i, j] }' >odd.triplets.txt
modes odd km2_lmm "4" -bfile odd -k odd.triplets.txt -km 2
# K = I: the likelihood is flat, GEMMA's optimiser fails, and its rows are nan or repeat an earlier SNP.
awk 'END { for (i = 1; i <= NR; i++) for (j = 1; j <= NR; j++) printf "%d%s", i == j, j < NR ? "\t" : "\n" }' odd.fam >odd.identity.txt
modes odd identity_lmm "1 4" -bfile odd -k odd.identity.txt
run_case odd eigen "${odd[@]}" -eigen
modes odd du_lmm "1 4" -bfile odd -d ../gemma/odd/eigen.eigenD.txt -u ../gemma/odd/eigen.eigenU.txt

demo=(-bfile demo -k "$(kinship demo)")
modes demo lmm "1 4" "${demo[@]}"

# The linear model, which has no kinship.
# linear DATASET PREFIX "MODES" ARGUMENTS...: one case for each -lm mode.
linear() {
    local dataset=$1 prefix=$2 list=$3 mode
    shift 3
    for mode in $list; do run_case "$dataset" "$prefix$mode" "$@" -lm "$mode"; done
}
linear missing lm "1 2 3 4" -bfile missing
linear missing n2_lm "4" -bfile missing -n 2
linear missing maf0_miss1_lm "1" -bfile missing -maf 0 -miss 1
linear covariates lm "1 2 3 4" -bfile covariates -c covariates.txt
linear covariates na_lm "4" -bfile covariates -c covariates_na.txt
linear odd lm "4" -bfile odd

# Leave one chromosome out. GEMMA tests group G with the kinship of the SNPs that are not in G. The intermediate files
# (loco_parts.py) and the kinships that no test reads are not kept.
"$python" "$here/loco_parts.py" loco "$work/parts"
mkdir -p ../gemma/loco
printf 'case\toptions\tgroup\tcommands\tfiles\n' >"$work/loco.tsv"

# loco_line CASE OPTIONS GROUP COMMANDS ENDINGS: keep the outputs of $work/parts that end so, and add a line to loco.tsv.
loco_line() {
    local ending files=()
    for ending in $5; do
        if [ "$ending" = log.txt ]; then clean_log "$work/parts/out.$ending"; fi
        mv "$work/parts/out.$ending" "../gemma/loco/$1.$3.$ending"
        files+=("$1.$3.$ending")
    done
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "${files[*]}" >>"$work/loco.tsv"
}

# loco_run COMMANDS: run each line in $work/parts, where loco.* are the whole study.
loco_run() {
    local line
    while read -r line; do (cd "$work/parts" && quietly $line); done <<<"$1"
}

# loco_kinship CASE KIND GROUP: a kinship without a group.
loco_kinship() {
    local command="gemma -bfile without_$3 -gk $2 -outdir . -o out"
    loco_run "$command"
    loco_line "$1" "-gk $2" "$3" "$command" "$([ "$2" = 1 ] && echo cXX.txt || echo sXX.txt)"
}

# loco_lmm CASE ENDINGS KIND MODE "MODEL" GROUP...: the tests of each group; MODEL are options of both steps.
loco_lmm() {
    local case=$1 endings=$2 kind=$3 mode=$4 model=${5:+ $5} group k
    shift 5
    k=$([ "$kind" = 1 ] && echo k.cXX.txt || echo k.sXX.txt)
    for group; do
        local first="gemma -bfile without_$group$model -gk $kind -outdir . -o k"
        local second="gemma -bfile loco$model -snps $group.snps.txt -k $k -lmm $mode -outdir . -o out"
        loco_run "$first"$'\n'"$second"
        loco_line "$case" "-gk $kind -lmm $mode$model" "$group" "$first && $second" "$endings"
    done
}
cp loco.* "$work/parts/"
groups="1 2 X chr4 unplaced scaffold_9"
loco_kinship gk1 1 1
loco_kinship gk1 1 unplaced
loco_kinship gk2 2 2
loco_lmm lmm4 "assoc.txt log.txt" 1 4 "" $groups
loco_lmm covariates_lmm4 assoc.txt 1 4 "-c loco.covariates.txt" $groups
loco_lmm n2_lmm1 assoc.txt 1 1 "-n 2" $groups MT
for mode in 1 2 3 9; do loco_lmm lmm$mode assoc.txt 1 $mode "" 2; done
loco_lmm sxx_lmm4 assoc.txt 2 4 "" 2 X
# The same with GEMMA's own -loco, which works only for BIMBAM files; every kinship and table must have the same bytes.
for group in 1 X; do
    bimbam="gemma -g geno.txt.gz -p pheno.txt -a anno.txt -loco $group"
    first="$bimbam -gk 1 -outdir . -o k" second="$bimbam -k k.cXX.txt -lmm 4 -outdir . -o out"
    loco_run "gemma -bfile without_$group -gk 1 -outdir . -o plink"$'\n'"$first"$'\n'"$second"
    cmp "$work/parts/plink.cXX.txt" "$work/parts/k.cXX.txt"
    loco_line bimbam_lmm4 "-gk 1 -lmm 4" "$group" "$first && $second" assoc.txt
done

# households FAM SIZE: a second kinship, of households of SIZE individuals who follow each other.
households() {
    awk -v size="$2" 'function of(i) { return int((i - 1) / size) }
        END { for (i = 1; i <= NR; i++) for (j = 1; j <= NR; j++) printf "%d%s", of(i) == of(j), j < NR ? "\t" : "\n" }' "$1"
}
households plain.fam 8 >plain.households.txt
households covariates.fam 2 >covariates.households.txt

# oracle TABLE DATASET EVERY ARGUMENTS...: the dense model for every EVERY-th SNP that passes the filters.
oracle() {
    local table=$1 dataset=$2 every=$3
    shift 3
    "$python" "$here/oracle.py" --bfile "$dataset" --kinship "$(kinship "$dataset")" --snps-every "$every" "$@" \
        --out "../oracle/$table.tsv" --null-out "../oracle/$table.null.json"
}
oracle plain plain 12
oracle missing missing 12
oracle missing_n2 missing 20 -n 2
oracle missing_n3 missing 12 -n 3
oracle missing_n4 missing 12 -n 4
oracle covariates covariates 14 --covariates covariates.txt
oracle missing_gxe missing 20 --gxe missing.gxe.txt
oracle missing_weights missing 20 --weights missing.weights.txt
oracle covariates_gxe_weights covariates 20 --covariates covariates.txt --weights covariates.weights.txt --gxe covariates.gxe.txt
oracle missing_genotypic missing 20 --model genotypic
oracle covariates_genotypic_weights covariates 20 --covariates covariates.txt --weights covariates.weights.txt --model genotypic
oracle missing_recessive missing 20 --model recessive
oracle missing_gxe_dominant missing 20 --gxe missing.gxe.txt --model dominant
oracle plain_k2 plain 40 --kinship2 plain.households.txt
oracle covariates_k2_weights covariates 40 --covariates covariates.txt --kinship2 covariates.households.txt \
    --weights covariates.weights.txt
oracle odd odd 8
oracle demo demo 40
# linear_oracle TABLE DATASET EVERY ARGUMENTS...: dense least squares for every EVERY-th SNP that passes the filters.
linear_oracle() {
    local table=$1 dataset=$2 every=$3
    shift 3
    "$python" "$here/oracle.py" --bfile "$dataset" --linear --snps-every "$every" "$@" --out "../oracle/$table.tsv"
}
linear_oracle lm_missing missing 8
linear_oracle lm_covariates covariates 8 --covariates covariates.txt
linear_oracle lm_odd odd 8
linear_oracle lm_missing_genotypic missing 8 --model genotypic
linear_oracle lm_covariates_genotypic covariates 8 --covariates covariates.txt --model genotypic
linear_oracle lm_covariates_overdominant covariates 8 --covariates covariates.txt --model overdominant

rm -rf "$here/data" "$here/gemma" "$here/oracle"
mv "$work/data" "$work/gemma" "$work/oracle" "$here/"
mv "$work/cases.tsv" "$work/loco.tsv" "$here/"
"$python" "$here/check.py" || { echo "the oracle and GEMMA disagree" >&2; exit 1; }
