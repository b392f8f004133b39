//! The MJML front end, with any text.

#![no_main]

#[path = "../src/mjml.rs"]
mod mjml;

libfuzzer_sys::fuzz_target!(|data: &[u8]| mjml::run(&String::from_utf8_lossy(data)));
