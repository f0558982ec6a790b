//! Genome-wide significance by permutation: the distribution of the largest statistic of all SNPs if no SNP has an effect.
//!
//! # Method
//!
//! The null model of a trait is y = Wα + u + e with Var(y) ∝ V = λK* + I and λ at its REML estimate without a SNP. With
//! K* = U diag(d) Uᵀ, everything is decorrelated by the symmetric root V^(-½) = U diag((λdᵢ + 1)^(-½)) Uᵀ:
//!
//! * y* = V^(-½) y, W* = V^(-½) W, x* = V^(-½) x, and M = I − W*(W*ᵀW*)⁻¹W*ᵀ
//! * residuals r = M y*, one for each individual, uncorrelated and of the same variance except for the projection M
//! * the k-th permuted response is W*α̂ + Pₖ r with a random permutation Pₖ (Freedman & Lane); its residual is zₖ = M Pₖ r
//! * the statistic of a SNP is R² = (x̃ᵀzₖ)² / (x̃ᵀx̃ zₖᵀzₖ) with x̃ = M x*. The observed statistic is the same with z₀ = r.
//!   F = (n − c − 1) R²/(1 − R²), on 1 and n − c − 1 degrees of freedom, increases with R²
//!
//! The largest R² of all SNPs is recorded for the observed trait and for each of the N permutations
//! ([`PermutationScan`], [`TraitMaxima`]). A threshold at level α is an order statistic of the N maxima, so that the
//! number of tests and the correlation between SNPs are accounted for ([`TraitMaxima::result`]).
//!
//! The root of V is the symmetric one because residuals of individuals are permuted: of all roots it changes the individuals
//! least, so that each residual belongs mainly to one of them. Those by Uᵀ alone or by a Cholesky factor are uncorrelated
//! too, but mix the individuals. They are exchangeable only if the trait is normal, and a permutation then adds nothing.
//!
//! The permutations depend only on the seed and on n. They are the same for all traits, so that each trait has the results of
//! its own run, and for all chromosomes: if each chromosome has its own kinship, the maximum over chromosomes of the same
//! permutation is its genome-wide maximum ([`TraitMaxima::merge`]).
//!
//! # Assumptions and limits
//!
//! * Given λ, the errors V^(-½)(u + e) are exchangeable. This holds if u and e are normal, and approximately if only their
//!   covariance is right. If λ or K is wrong, residuals of relatives remain correlated.
//! * The components of r are not exactly exchangeable, because M gives them slightly different variances and correlations of
//!   the order of c/n. Their effect is smallest if no individual has a large influence on the covariate effects; with few
//!   individuals or very unequal covariates, the level is approximate.
//! * λ is not estimated again, neither for the permuted traits nor for each SNP. Permuted and observed statistics are treated
//!   alike, so the level is not affected. But the observed R² is not exactly that of the Wald test, which estimates λ for
//!   each SNP: a threshold applies to p-values of the Wald test only as an approximation, good if single SNPs explain little
//!   of the variance.
//! * With heavy tails and few individuals, a few residuals dominate r and every permutation of it. The test is then still
//!   valid under exchangeability, but its thresholds vary from study to study.
//! * The N maxima are a sample. The level of a threshold is right on average over permutations; its standard error is
//!   √(α(1 − α)/N), 0.007 for α = 0.05 and N = 1000.
//!
//! # Sources
//!
//! * Freedman & Lane 1983, J. Bus. Econ. Stat. 1:292: permutation of residuals with covariates
//! * Winkler et al. 2014, NeuroImage 92:381: comparison with other methods, exchangeability in the general linear model
//! * Churchill & Doerge 1994, Genetics 138:963: genome-wide thresholds from the largest statistic
//! * Abney 2015, Genet. Epidemiol. 39:249: permutation after decorrelation if the trait has a polygenic component
//! * Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39: the observed statistic counts as one of the permutations

mod maxima;
mod residuals;
mod scan;
mod shuffle;

#[cfg(test)]
mod tests;

pub use maxima::{LEVELS, PermutationResult, Threshold, TraitMaxima};
pub use scan::{PermutationScan, bytes};
pub use shuffle::PermutationOptions;
