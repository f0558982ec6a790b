//! The report: one HTML file that opens offline, with the plots, tables and facts of a run.
//!
//! [`thin`] chooses the SNPs that are drawn while they are tested, [`ranks`] keeps the quantiles for the QQ plot, and
//! [`collect`] joins both. [`loci`] groups the strongest SNPs. [`facts`] reads the log. [`study`] is what a page is made of, from a
//! run in progress or from finished files; [`layout`] is the genome axis, [`encode`] and [`blob`] pack the numbers, and [`page`] and
//! [`sections`] write the document. The scripts and the style are in `assets/`.

pub mod blob;
mod chromosomes;
mod clump;
pub mod collect;
mod encode;
pub mod facts;
pub mod files;
mod finished;
pub mod kinships;
mod layout;
mod linkage;
pub mod loci;
mod page;
pub mod ranks;
mod sections;
pub mod study;
pub mod thin;
mod whole;
mod words;

pub use page::page;
pub(super) use words::trait_name;
