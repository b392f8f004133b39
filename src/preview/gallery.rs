//! The page that shows the samples.

use serde::Serialize;

/// Gmail shows about this much of a message's HTML and cuts the rest off.
const GMAIL_CLIP_BYTES: usize = 102 * 1024;
/// The page: markup, style and script; the data goes where [`DATA`] stands.
const PAGE: &str = include_str!("gallery.html");
const DATA: &str = "{{DATA}}";

/// One subscriber's message, as the page shows it.
#[derive(Debug, Serialize)]
pub struct Sample {
    /// The files' name without its ending.
    pub stem: String,
    /// The subscriber.
    pub email: String,
    /// Something to tell subscribers apart by.
    pub name: String,
    /// The merged subject.
    pub subject: String,
    /// The merged preheader.
    pub preheader: String,
    /// The text part.
    pub text: String,
    /// The message's headers.
    pub headers: String,
    /// The size of the HTML.
    pub html_bytes: usize,
}

#[derive(Serialize)]
struct Data<'a> {
    campaign: &'a str,
    from: &'a str,
    clip_bytes: usize,
    samples: &'a [Sample],
}

/// The page for these samples. Data stands in it as JSON in which no `<` is left, so nothing of it is markup.
pub(super) fn page(campaign: &str, from: &str, samples: &[Sample]) -> serde_json::Result<String> {
    let data = Data { campaign, from, clip_bytes: GMAIL_CLIP_BYTES, samples };
    let json = serde_json::to_string(&data)?.replace('<', "\\u003c");
    Ok(PAGE.replacen(DATA, &json, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_never_ends_the_script_it_stands_in() {
        let sample = Sample {
            stem: "0001-a".into(),
            email: "a@b.example".into(),
            name: "</script><b>".into(),
            subject: "{{DATA}}".into(),
            preheader: String::new(),
            text: "<!--".into(),
            headers: String::new(),
            html_bytes: 1,
        };
        let page = page("c", "f", &[sample]).unwrap();
        let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
        let json: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(json["samples"][0]["name"], "</script><b>");
        assert_eq!(json["samples"][0]["subject"], "{{DATA}}");
        assert!(!data.contains('<'));
    }
}
