// All of it.

/** What scrolls sideways can be reached by keyboard, and only that; it fades out where it goes on. */
function reach() {
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0"); else box.removeAttribute("tabindex");
    box.classList.toggle("more", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  }
}

function show() {
  html = text(sample.html);
  const page = parse(html);
  state.stem = sample.stem;
  remember();
  $("who").replaceChildren("As ", make("b", { dir: "auto" }, sample.name || sample.email), sample.name ? " (" + sample.email + ") gets it." : " gets it.",
    ...sample.why.flatMap((why) => [" ", make("span", { className: "mark", dir: "auto" }, why)]));
  $("files").replaceChildren("Files: ", ...["html", "txt", "eml"].flatMap((kind) => [make("a", { href: encodeURIComponent(sample.stem) + "." + kind, target: "_blank", rel: "noopener" }, sample.stem + "." + kind), " "]));
  showMessage();
  showInbox(page);
  showLinks(page);
  showSize(page);
  $("text").textContent = text(sample.text);
  showHeaders();
  reach();
}

document.title = data.campaign + ": preview";
$("campaign").textContent = data.campaign;
$("notes").replaceChildren(...data.notes.map((note) => make("span", {}, ...coded(note))));
$("search").hidden = data.samples.length <= 12;
$("filter").addEventListener("input", (event) => list(event.target.value));
$("picker").addEventListener("submit", (event) => event.preventDefault());
$("picker").addEventListener("change", (event) => {
  if (event.target.name !== "sample") return;
  for (const other of document.querySelectorAll("[name=sample]")) other.checked = other === event.target;
  sample = data.samples.find((sample) => sample.stem === event.target.value) ?? sample;
  show();
});
for (const input of document.querySelectorAll(".tools input")) {
  input.checked = state[input.name] === input.value;
  input.addEventListener("change", () => {
    state[input.name] = input.value;
    remember();
    showMessage();
    showInbox(parse(html));
    reach();
  });
}
addEventListener("resize", reach);
for (const box of document.querySelectorAll(".scroll")) box.addEventListener("scroll", reach);
addEventListener("pagehide", () => { state.scroll = scrollY; remember(); });
list("");
showFindings();
if (sample) show();
