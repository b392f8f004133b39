//! `preview --web`: the issue as one page for the web, without anyone's data.
//!
//! It never lies in the folder of the samples: who publishes a folder publishes all that is in it.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::args::{Global, PreviewArgs};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::{Project, seen_from_here};
use crate::draft::Draft;
use crate::preview::web_page;

/// Writes the page.
pub(super) fn run(global: &Global, args: &PreviewArgs, console: Console) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    let loaded = project.load(args.slug(), args.subscribers.as_deref(), console)?;
    let build = &loaded.compiled.build;
    let page = web_page(build, &loaded.schema)?;
    let folder = args.out.clone().unwrap_or_else(|| seen_from_here(&project.config.project.join("web")));
    let file = folder.join(format!("{}.html", build.slug));
    write(&file, page.html.as_bytes()).map_err(|error| {
        let message = format!("{}: cannot be written: {error}", file.display());
        CliError::refused("web", message, "choose another folder with --out")
    })?;
    let view = build.constants.get("view_url").and_then(|url| url.as_str());
    if console.json {
        console.out_json(&serde_json::json!({ "page": file, "view": view, "notes": page.notes }))?;
    } else {
        console.out(&format!("the issue without anyone's data in {}", file.display()))?;
    }
    for note in &page.notes {
        console.note(note);
    }
    let slug = &build.slug;
    console.next(&match view {
        Some(view) => format!("publish it as {view}, then mailshot test {slug}"),
        None => format!("set `view` under [list], so that messages link to it, then mailshot test {slug}"),
    });
    Ok(Exit::Done)
}

/// Writes the file, whole or not at all; everybody may read it.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    let draft = Draft::of(file)?;
    draft.file().write_all(bytes)?;
    draft.file().set_permissions(Permissions::from_mode(0o644))?;
    draft.publish(true)
}
