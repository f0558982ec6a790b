//! Messages about files that this build does not read.

/// What is wrong, and the cure, if a file needs a default feature that was not compiled.
///
/// * `content`: what is not read, such as `BGEN files`
pub(crate) fn not_built(feature: &str, content: &str) -> (String, String) {
    (
        format!(
            "this build of jamma does not read {content}: it was compiled without the feature `{feature}`"
        ),
        format!(
            "compile jamma with its default features (cargo build --release --locked), or add --features {feature}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_feature_is_named_with_the_command_that_builds_it() {
        let (what, hint) = not_built("bgen", "BGEN files");
        assert!(what.contains("BGEN files") && what.contains("`bgen`"));
        assert!(hint.contains("cargo build") && hint.contains("--features bgen"));
    }
}
