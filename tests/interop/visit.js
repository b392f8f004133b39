// Chooses a subscriber on the preview's page, as a click on its list would, and leaves what the page then shows as
// JSON in an output element called "found", once both frames have loaded. See gallery.rs.
"use strict";

const CHOOSE = document.currentScript.dataset.choose;
const chooser = document.getElementById("sample");
const choices = [...chooser.options].map((option) => option.text);
if (CHOOSE) {
  chooser.value = choices.findIndex((choice) => choice.includes(CHOOSE));
  chooser.dispatchEvent(new Event("change"));
}
addEventListener("load", () => {
  const text = (selector) => document.querySelector(selector).innerText;
  const output = document.createElement("output");
  output.id = "found";
  output.textContent = encodeURIComponent(JSON.stringify({
    choices,
    from: text(".inbox .from"),
    subject: text(".inbox .subject"),
    preheader: text(".inbox .preheader"),
    weight: text("#weight"),
    text: text("#text"),
    headers: text("#headers"),
    frames: [...document.querySelectorAll("iframe")].map((frame) => ({
      width: frame.clientWidth,
      text: frame.contentDocument.body.innerText,
      scripts: frame.sandbox.contains("allow-scripts"),
    })),
    links: [...document.querySelectorAll("header a")].map((link) => link.getAttribute("href")),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  }));
  document.body.append(output);
});
