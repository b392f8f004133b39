// Does on the preview's page what somebody looking at it does, step by step, and leaves what the page shows after each
// step as JSON in an output element called "found". A step names a subscriber by a part of their label, a width, colours,
// pictures, or a link to click. See gallery.rs.
"use strict";

const STEPS = JSON.parse(document.currentScript.dataset.steps);

addEventListener("load", async () => {
  const frame = document.querySelector("iframe");
  const text = (selector) => document.querySelector(selector).innerText;
  const texts = (selector) => [...document.querySelectorAll(selector)].map((element) => element.innerText);
  const choices = () => [...document.querySelectorAll(".choice")];

  /** Clicks a radio button, as its label would, and waits for the frame to show what it asks for. */
  async function choose(input) {
    if (input.checked) return;
    const loaded = new Promise((done) => frame.addEventListener("load", done, { once: true }));
    input.click();
    await loaded;
  }

  function seen() {
    const page = frame.contentDocument;
    const pictures = [...page.images];
    return {
      choices: choices().map((choice) => choice.innerText.replaceAll("\n", " | ")),
      inboxes: [...document.querySelectorAll("[data-client]")].map((inbox) => ({
        client: inbox.dataset.client,
        subject: inbox.querySelector(".subject").innerText,
        preheader: inbox.querySelector(".preheader").innerText,
        seen: inbox.querySelector(".seen").innerText,
      })),
      snippet: text("#snippet"),
      weight: text("#weight"),
      text: text("#text"),
      headers: texts("#header-rows tr"),
      links: texts("#link-rows tr"),
      findings: texts("#finding-list li"),
      where: text("#where"),
      files: [...document.querySelectorAll("#files a")].map((link) => link.getAttribute("href")),
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      frame: {
        width: frame.clientWidth,
        scrolls: page.documentElement.scrollHeight - frame.clientHeight,
        background: getComputedStyle(page.body).backgroundColor,
        text: page.body.innerText,
        pictures: pictures.filter((picture) => picture.naturalWidth > 0).length,
        alt: pictures.map((picture) => picture.alt),
        scripts: frame.sandbox.contains("allow-scripts") || page.documentElement.dataset.ran === "yes",
      },
    };
  }

  const found = [seen()];
  for (const step of STEPS) {
    if (step.subscriber) await choose(choices().find((choice) => choice.innerText.includes(step.subscriber)).querySelector("input"));
    for (const name of ["width", "colours", "pictures"]) {
      if (step[name]) await choose(document.querySelector(`[name=${name}][value="${step[name]}"]`));
    }
    if (step.link) [...frame.contentDocument.links].find((link) => link.innerText.includes(step.link)).click();
    found.push(seen());
  }
  const output = document.createElement("output");
  output.id = "found";
  output.textContent = encodeURIComponent(JSON.stringify(found));
  document.body.append(output);
});
