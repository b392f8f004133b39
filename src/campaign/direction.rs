//! From which side an issue is read.

/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 11] = ["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur"];

/// The direction of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `ltr`
    LeftToRight,
    /// `rtl`
    RightToLeft,
}

impl Direction {
    /// That of what is written in this language (RFC 5646).
    pub(super) fn of(lang: &str) -> Self {
        let primary = lang.split('-').next().unwrap_or_default().to_ascii_lowercase();
        if RIGHT_TO_LEFT.contains(&primary.as_str()) { Self::RightToLeft } else { Self::LeftToRight }
    }

    /// As HTML's `dir` attribute says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}
