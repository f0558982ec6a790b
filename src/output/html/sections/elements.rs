//! Elements of several sections.

use crate::output::html::blob::html;

pub(super) fn named(several: bool, name: &str) -> String {
    if several {
        format!("<h3>{}</h3>\n", html(name))
    } else {
        String::new()
    }
}

pub(super) fn figure(kind: &str, of: usize, size: &str, name: &str, text: &str) -> String {
    let label = html(name);
    let text = if text.is_empty() {
        String::new()
    } else {
        format!("<figcaption>{}</figcaption>", html(text))
    };
    format!(
        "<figure id=\"{kind}-{of}\"><h4>{label}</h4><div class=\"chart {size} js-only\" data-chart=\"{kind}\" data-of=\"{of}\" role=\"img\" aria-label=\"{label}\"></div>{text}</figure>\n"
    )
}
