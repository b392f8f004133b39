//! Finds `mailshot.toml` and reads it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

use super::profile;
use super::raw::Raw;
use super::settings::Config;
use super::source::{FILE, Source};
use super::validate::Validator;
use super::walk::walk;
use crate::finding::{Finding, in_order};
use crate::toml_slip::{self, Slip};

/// The project that `start` lies in: the nearest folder upwards that holds a `mailshot.toml`.
pub fn find(start: &Path) -> Result<PathBuf, Finding> {
    let start = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
    let project = start.ancestors().find(|folder| folder.join(FILE).is_file());
    project.map(Path::to_owned).ok_or_else(|| {
        Finding::error("no-project", format!("there is no {FILE} in {} or above it", start.display()))
            .help("`mailshot init` makes a project; `--project DIR` names one elsewhere")
    })
}

/// The settings of the project in this folder, with `[profile.NAME]` laid over the rest where one is named.
///
/// # Errors
/// All that is wrong, in the order of the file.
pub fn load(project: &Path, profile: Option<&str>) -> Result<Config, Vec<Finding>> {
    let source = Source::read(project).map_err(|finding| vec![finding])?;
    read(&source, project, profile)
}

fn read(source: &Source, project: &Path, profile: Option<&str>) -> Result<Config, Vec<Finding>> {
    let document = DeTable::parse(source.text()).map_err(|error| vec![broken(source, &error)])?;
    let whole = document.span();
    let mut document = document.into_inner();
    let mut walked = walk(&mut document, source);
    let raw = profile::lay(document, profile).and_then(|document| {
        let document = Spanned::new(whole, document);
        Raw::deserialize(Deserializer::from(document)).map_err(|error| broken(source, &error))
    });
    match raw {
        Ok(raw) => Validator::new(source, walked).config(project, &raw),
        Err(finding) => {
            walked.findings.push(finding);
            Err(in_order(walked.findings))
        }
    }
}

/// What the parser stumbled over.
fn broken(source: &Source, error: &toml::de::Error) -> Finding {
    let Slip { at, message, help } = toml_slip::explain(source.text(), error);
    Finding::error("broken-toml", message).at(source.place(&(at..at))).help(help)
}

#[cfg(test)]
mod tests;
