// Follows a preview that is served: takes a new one by itself, and says what is wrong with what was written since. The
// page keeps what the reader has chosen; this keeps the rest of what a reload would lose.
"use strict";
(() => {
const version = document.querySelector("meta[name=mailshot-version]")?.content;
const MEMORY = "mailshot live " + location.pathname;
/** So long a server may be away, and a reader is not pulled back after a reload. */
const PATIENCE = 2000;

// --- What a reload would lose.

const parts = () => ({
  folds: [...document.querySelectorAll("details")],
  searches: [...document.querySelectorAll("input[type=search]")],
  boxes: [...document.querySelectorAll(".scroll, #choices, #choices fieldset")],
});

/** A selector of the element that has the focus. */
function focused() {
  const { id, name, value } = document.activeElement ?? {};
  if (id) return "#" + CSS.escape(id);
  return name ? "[name=" + CSS.escape(name) + "][value=" + CSS.escape(value) + "]" : "";
}

function remember() {
  const { folds, searches, boxes } = parts();
  const state = {
    folds: folds.map((fold) => fold.open),
    searches: searches.map((search) => search.value),
    boxes: boxes.map((box) => [box.scrollLeft, box.scrollTop]),
    focus: focused(),
    at: [scrollX, scrollY],
  };
  try { sessionStorage.setItem(MEMORY, JSON.stringify(state)); } catch { /* Where that is forbidden, it is lost. */ }
}

function recall() {
  let state = null;
  try { state = JSON.parse(sessionStorage.getItem(MEMORY)); } catch { /* As above. */ }
  if (!state) return;
  const { folds, searches } = parts();
  folds.forEach((fold, index) => { fold.open = state.folds[index] ?? fold.open; });
  searches.forEach((search, index) => {
    if (!state.searches[index]) return;
    search.value = state.searches[index];
    search.dispatchEvent(new Event("input", { bubbles: true }));
  });
  parts().boxes.forEach((box, index) => box.scrollTo(...(state.boxes[index] ?? [0, 0])));
  if (state.focus) document.querySelector(state.focus)?.focus({ preventScroll: true });
  // The page grows while the message in it is drawn; a reader who goes on meanwhile is not pulled back.
  let mine = true;
  const done = () => { mine = false; };
  const scroll = () => { if (mine) scrollTo(...state.at); };
  for (const kind of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(kind, done, { once: true, passive: true });
  setTimeout(done, PATIENCE);
  history.scrollRestoration = "manual";
  new ResizeObserver(scroll).observe(document.body);
  scroll();
}

// --- What is wrong.

const STYLE = `
:host { all: initial; }
* { box-sizing: border-box; }
section { position: fixed; z-index: 2147483647; inset: 0 0 auto; max-height: 100vh; overflow: auto; padding: 20px 24px;
  font: 15px/1.5 system-ui, sans-serif; color: #2b1210; background: #fff4f2; border-bottom: 4px solid #b3261e; box-shadow: 0 8px 32px rgb(0 0 0 / 30%); }
section.quiet { inset: auto 0 0; padding: 10px 24px; border: 0; border-top: 1px solid #8a94a0; color: #1c2430; background: #f1f3f6; }
header { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: baseline; }
h2 { flex: 1; min-width: 14em; margin: 0; font-size: 17px; }
button { font: inherit; padding: 2px 12px; color: inherit; background: transparent; border: 1px solid currentcolor; border-radius: 4px; cursor: pointer; }
button:focus-visible { outline: 3px solid #0b62c4; outline-offset: 2px; }
p { margin: 0; overflow-wrap: anywhere; }
ol { list-style: none; margin: 0; padding: 0; }
li { margin: 16px 0 0; padding: 12px 0 0; border-top: 1px solid #e6b8b3; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { margin: 8px 0; padding: 8px 12px; overflow-x: auto; background: rgb(0 0 0 / 6%); border-radius: 4px; }
mark { color: inherit; background: none; text-decoration: underline wavy #b3261e; text-underline-offset: 4px; }
b { color: #b3261e; }
.warning b { color: #7a5200; }
@media (prefers-color-scheme: dark) {
  section { color: #f7dcd9; background: #2e1513; border-color: #ff9d94; }
  section.quiet { color: #e6e9ee; background: #1d232b; }
  li { border-color: #6b3733; }
  pre { background: rgb(255 255 255 / 8%); }
  mark { text-decoration-color: #ff9d94; }
  b { color: #ff9d94; }
  .warning b { color: #f0c36d; }
}
@media print { section { display: none; } }`;

const host = document.createElement("div");
const root = host.attachShadow({ mode: "open" });
const title = document.title;

/** An element with this text and these children. */
function make(name, text, ...children) {
  const element = document.createElement(name);
  element.textContent = text;
  element.append(...children);
  return element;
}

/** Puts this over the page. */
function cover(section) {
  document.title = "✗ " + title;
  root.replaceChildren(make("style", STYLE), section);
  document.body.append(host);
}

function uncover() {
  document.title = title;
  host.remove();
}

/** What stands between backticks is code. */
function words(text) {
  return text.split("`").map((part, index, parts) => (index % 2 && index < parts.length - 1 ? make("code", part) : part));
}

function described(finding) {
  const item = make("li", "");
  item.className = finding.severity;
  if (finding.place) item.append(make("p", "", make("code", finding.place)));
  item.append(make("p", "", make("b", finding.severity + ": "), ...words(finding.message)));
  if (finding.excerpt) {
    const { before, marked, after, has_column } = finding.excerpt;
    item.append(make("pre", before, ...(has_column ? [make("mark", marked || " ")] : []), after));
  }
  if (finding.help) item.append(make("p", "Help: ", ...words(finding.help)));
  return item;
}

function tell(findings) {
  if (!findings.length) return uncover();
  const what = findings.length === 1 ? "This does not work yet." : findings.length + " things do not work yet.";
  const head = make("header", "", make("h2", what));
  if (document.getElementById("data")) {
    head.firstChild.append(" Beneath is the last preview that did.");
    const beneath = make("button", "Look beneath");
    beneath.addEventListener("click", uncover);
    head.append(beneath);
  }
  const section = make("section", "", head, make("ol", "", ...findings.map(described)));
  section.setAttribute("role", "alert");
  cover(section);
}

addEventListener("keydown", (event) => { if (event.key === "Escape" && host.isConnected) uncover(); });

// --- What is new. A tab that nobody sees does not follow, for browsers keep few connections to one server.

let events = null;
let lost = 0;

function follow() {
  if (document.hidden || events) return;
  events = new EventSource("/-/events");
  events.onmessage = (message) => {
    clearTimeout(lost);
    lost = 0;
    const state = JSON.parse(message.data);
    if (state.version === version) return tell(state.findings);
    leave();
    remember();
    location.reload();
  };
  events.onerror = () => {
    lost ||= setTimeout(gone, PATIENCE);
    // A refusal is the stream's end; a server that has gone may come back.
    if (events?.readyState === EventSource.CLOSED) {
      leave();
      setTimeout(follow, PATIENCE);
    }
  };
}

function leave() {
  events?.close();
  events = null;
}

function gone() {
  const section = make("section", "", make("p", "mailshot has ended: what is written now is not shown. Start it again, and this page goes on."));
  section.className = "quiet";
  section.setAttribute("role", "status");
  cover(section);
}

recall();
addEventListener("pagehide", () => { leave(); remember(); });
document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); else follow(); });
follow();
})();
