# Run GenABEL (polygenic, then mmscore) for accuracy.py, with the R package GenABEL.
#
# usage: Rscript genabel.R PREFIX COVARIATES|- KINSHIP OUT
#
# KINSHIP is a square matrix as text. PREFIX.tped and .tfam are the study in PLINK's transposed format. polygenic() takes half the
# kinship and estimates the variance components by maximum likelihood; mmscore() tests every SNP with these.
# Writes one row per SNP: rs, allele1 (whose copies beta counts), allele0, beta, se, p.
suppressMessages(library(GenABEL))
arguments <- commandArgs(trailingOnly = TRUE)
prefix <- arguments[1]; covariates <- arguments[2]; kinship <- arguments[3]; out <- arguments[4]

fam <- read.table(paste0(prefix, ".fam"), stringsAsFactors = FALSE, colClasses = c(rep("character", 5), "numeric"))
phenotype <- data.frame(id = fam[[2]], sex = 1, y = fam[[6]])
right <- ""
if (covariates != "-") {
  w <- read.table(covariates)
  names(w) <- paste0("c", seq_along(w))
  phenotype <- cbind(phenotype, w)
  right <- paste(names(w), collapse = " + ")
}
work <- tempfile(); dir.create(work)
write.table(phenotype, file.path(work, "phe"), row.names = FALSE, quote = FALSE)
convert.snp.tped(paste0(prefix, ".tped"), paste0(prefix, ".tfam"), file.path(work, "raw"), strand = "u")
data <- load.gwaa.data(phe = file.path(work, "phe"), gen = file.path(work, "raw"), force = TRUE)

k <- as.matrix(read.table(kinship)) / 2
dimnames(k) <- list(idnames(data), idnames(data))
# mmscore() reads the upper triangle as the number of typed SNPs, as in a kinship that ibs() computed.
k[upper.tri(k)] <- nsnps(data)
# Without covariates, polygenic() takes the values of the trait instead of a formula.
outcome <- if (right == "") phenotype$y else as.formula(paste("y ~", right))
null <- polygenic(outcome, kinship.matrix = k, data = data, quiet = TRUE)
cat("h2", null$esth2, "\n")
scan <- mmscore(null, data = data, clambda = FALSE)
table <- results(scan)
write.table(data.frame(rs = rownames(table), allele1 = effallele(data), allele0 = refallele(data), beta = formatC(table$effB, digits = 12),
                       se = formatC(table$se_effB, digits = 12), p = formatC(table$P1df, digits = 12)),
            out, sep = "\t", row.names = FALSE, quote = FALSE)
