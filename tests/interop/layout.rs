//! The standard layout in Chromium, at the widths of a desktop and of two phones: in the light, in the dark, and
//! with pictures off.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::chromium::{self, Setting};
use crate::project::{Project, files};

pub(crate) const DESKTOP_PX: u32 = 800;
const PHONES_PX: [u32; 2] = [375, 320];
/// The width of an issue's text on a desktop: 600 without its padding.
const DESKTOP_TEXT_PX: f64 = 536.0;
const PHONE_PADDING_PX: f64 = 20.0;
/// What a thumb hits.
const BUTTON_PX: f64 = 44.0;

/// A message in a frame, as measure.js found it. Lengths are CSS pixels.
#[derive(Debug, Deserialize)]
pub(crate) struct Measured {
    id: String,
    pub(crate) width: f64,
    content_width: f64,
    dark: bool,
    pub(crate) lang: String,
    pub(crate) direction: String,
    /// Elements that stand out of the frame.
    beyond: Vec<String>,
    /// Texts with too little contrast.
    faint: Vec<String>,
    /// What is behind the texts, as `red,green,blue`.
    backgrounds: Vec<String>,
    pub(crate) pictures: Vec<Picture>,
    pub(crate) buttons: Vec<Area>,
    cards: Vec<Area>,
    pub(crate) paragraphs: Vec<Text>,
    pub(crate) titles: Vec<Text>,
    /// How many of level 1, 2 and 3.
    headings: [usize; 3],
    unnamed_tables: usize,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Picture {
    name: String,
    alt: Option<String>,
    loaded: bool,
    width: f64,
    height: f64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Area {
    #[expect(dead_code, reason = "told by a failed assertion")]
    name: String,
    width: f64,
    height: f64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Text {
    #[expect(dead_code, reason = "told by a failed assertion")]
    name: String,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) lines: usize,
    font_px: f64,
    line_px: f64,
    weight: u32,
}

/// Shows the first sample of a preview at every width.
pub(crate) fn measure(preview: &Path, setting: Setting) -> Vec<Measured> {
    let html = fs::read_to_string(&files(preview, "html")[0]).unwrap();
    let inert = html.replace('&', "&amp;").replace('"', "&quot;");
    let mut page = String::from("<!doctype html><meta charset=\"utf-8\"><body>\n");
    for width in [DESKTOP_PX, PHONES_PX[0], PHONES_PX[1]] {
        writeln!(
            page,
            "<iframe id=\"{width} px\" width=\"{width}\" height=\"900\" style=\"border: 0\" srcdoc=\"{inert}\"></iframe>"
        )
        .unwrap();
    }
    write!(page, "<script>{}</script>", include_str!("measure.js")).unwrap();
    let file = preview.join("measure.html");
    fs::write(&file, page).unwrap();
    let measured: Vec<Measured> = chromium::found(&file, setting);
    fs::remove_file(file).unwrap();
    assert_eq!(measured.len(), 3);
    measured
}

/// What holds for any issue, at any width, in any setting.
pub(crate) fn assert_good(measured: &Measured, setting: Setting) {
    let place = format!("{} {setting:?}", measured.id);
    assert_eq!(measured.id, format!("{} px", measured.width), "{place}: the frame has another width");
    assert_eq!(measured.dark, setting == Setting::Dark, "{place}");

    assert!(measured.beyond.is_empty(), "{place}: beyond the edge: {:#?}", measured.beyond);
    assert!(measured.content_width <= measured.width, "{place}: scrolls to {} px", measured.content_width);
    assert!(measured.faint.is_empty(), "{place}: too little contrast: {:#?}", measured.faint);
    assert!(!measured.backgrounds.iter().any(|colour| colour == "0,0,0"), "{place}: pure black");
    assert_eq!(measured.headings[0], 1, "{place}: an issue has one <h1>");
    assert_eq!(
        measured.unnamed_tables, 0,
        "{place}: tables of the layout that a screen reader reads out as data"
    );

    for picture in &measured.pictures {
        assert!(picture.alt.is_some(), "{place}: no alt: {}", picture.name);
        let fits = picture.width <= measured.width && picture.height > 0.0;
        assert!(fits, "{place}: {picture:?}");
        assert_eq!(picture.loaded, setting != Setting::NoPictures, "{place}: {}", picture.name);
    }
    for button in &measured.buttons {
        assert!(button.height >= BUTTON_PX, "{place}: {button:?}");
    }
    for text in &measured.paragraphs {
        let legible = (16.0..=17.0).contains(&text.font_px) && (text.line_px - 26.0).abs() < 0.1;
        assert!(legible, "{place}: {text:?}");
    }
    for title in &measured.titles {
        let legible = (17.0..=18.0).contains(&title.font_px) && title.weight >= 600;
        assert!(legible, "{place}: {title:?}");
    }
    assert_padding(measured, &place);
    assert_wide_buttons_on_phones(measured, &place);
}

/// Text keeps its distance from the sides: 32 px within 600 on a desktop, 20 px on phones.
fn assert_padding(measured: &Measured, place: &str) {
    let padding =
        if measured.width > 600.0 { (measured.width - DESKTOP_TEXT_PX) / 2.0 } else { PHONE_PADDING_PX };
    for text in measured.paragraphs.iter().chain(&measured.titles) {
        let inside = text.left >= padding - 0.5 && text.right <= measured.width - padding + 0.5;
        assert!(inside, "{place}: {text:?} is not {padding} px from the sides");
    }
    let edge =
        |text: &Text| if measured.direction == "rtl" { measured.width - text.right } else { text.left };
    let starts = measured.paragraphs.iter().map(edge).fold(f64::INFINITY, f64::min);
    assert!((starts - padding).abs() < 1.5, "{place}: text begins {starts} px from the side");
}

/// On a phone a button is as wide as its card leaves it: 16 px and the card's line at either side.
fn assert_wide_buttons_on_phones(measured: &Measured, place: &str) {
    if measured.width > 600.0 {
        return;
    }
    for button in &measured.buttons {
        let card = measured.cards.first().unwrap().width;
        assert!(button.width >= card - 36.0, "{place}: {button:?} in a card {card} px wide");
    }
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn the_example_looks_right_at_every_width_and_setting() {
    let project = Project::example();
    let preview = project.preview("tmw-450", "zoe.lefevre@example.net");
    for setting in [Setting::Light, Setting::Dark, Setting::NoPictures] {
        for measured in measure(&preview, setting) {
            assert_good(&measured, setting);
            assert_eq!((measured.lang.as_str(), measured.direction.as_str()), ("en", "ltr"));
            assert_eq!((measured.pictures.len(), measured.buttons.len()), (2, 2));
            assert_eq!(measured.titles.len(), 21, "three dates and eighteen links");
            assert!(measured.paragraphs.len() > 8);
            assert!(measured.headings[1] > 6);
        }
    }
}
