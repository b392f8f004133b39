// Shows one sample at a time. What is shown of a message is read from its HTML as a browser understands it.
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const frame = $("frame");
const LISTED = 200;
const TAG = /\ue000([^\ue001]*)\ue001/g;

/** An element with these properties and children. */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A text that is stored as runs of shared pieces: start, count, start, count. */
function text(runs) {
  let out = "";
  for (let i = 0; i < runs.length; i += 2) out += data.pool.slice(runs[i], runs[i] + runs[i + 1]).join("");
  return out;
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html");
const number = (n) => n.toLocaleString("en");
const kilobytes = (bytes) => (bytes / 1024).toFixed(1) + " KB";
const plural = (n, one) => number(n) + " " + one + (n === 1 ? "" : "s");

// --- What is chosen; it outlives a reload of the page.

const KEY = "mailshot " + location.pathname;
const state = { stem: "", width: innerWidth < 900 ? "375" : "800", colours: "light", pictures: "on", scroll: 0, height: 600 };
try { Object.assign(state, JSON.parse(sessionStorage.getItem(KEY))); } catch { /* Nothing is remembered where that is forbidden. */ }
function remember() {
  try { sessionStorage.setItem(KEY, JSON.stringify(state)); } catch { /* As above. */ }
}
let sample = data.samples.find((sample) => sample.stem === state.stem) ?? data.samples[0];

// --- The list of subscribers.

function choice(sample_) {
  const input = make("input", { type: "radio", name: "sample", value: sample_.stem, checked: sample_ === sample });
  const name = make("b", { dir: "auto" }, sample_.name);
  const why = sample_.why.map((why) => make("em", { dir: "auto" }, why));
  return make("label", { className: "choice" }, input, make("span", {}, name, make("i", {}, sample_.email), ...why));
}

function list(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (sample) => {
    const all = [sample.name, sample.email, ...sample.why].join(" ").toLowerCase();
    return wanted.every((word) => all.includes(word));
  };
  const found = data.samples.filter(matches);
  const groups = [
    ["Worth a look", found.filter((sample) => sample.why.length)],
    [data.samples.some((sample) => sample.why.length) ? "From the whole list" : "Subscribers", found.filter((sample) => !sample.why.length)],
  ];
  $("choices").replaceChildren(...groups.filter(([, samples]) => samples.length).map(([title, samples]) =>
    make("fieldset", {}, make("legend", {}, title), ...samples.slice(0, LISTED).map(choice))));
  const hidden = groups.reduce((sum, [, samples]) => sum + Math.max(0, samples.length - LISTED), 0);
  const more = [];
  if (!found.length) more.push("Nobody shown here matches.");
  if (hidden) more.push(number(hidden) + " more: find them by name, address or reason.");
  if (data.left_out) more.push(plural(data.left_out, "sample") + " had no room on this page; their files lie beside it.");
  $("more").textContent = more.join(" ");
}

// --- In the inbox.

/** What an inbox may take as the message's first words: all its text, hidden or not. */
function firstWords(page) {
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  let out = "", last = null;
  while (out.length < 2000 && walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("style, script, title, noscript, template")) continue;
    const block = parent.closest("p, div, td, th, li, h1, h2, h3, h4, h5, h6, blockquote, pre, body");
    out += (block === last ? "" : " ") + walker.currentNode.data;
    last = block;
  }
  return out.replace(/[ \t\r\n\f]+/g, " ").trim();
}

/** How many characters of a text can be seen in a box that cuts it, and of how many. */
function seen(element, box) {
  const node = element.firstChild;
  if (!node) return [0, 0];
  const around = box.getBoundingClientRect();
  const cut = box.scrollWidth > box.clientWidth ? 12 : 0;
  const rtl = getComputedStyle(box).direction === "rtl";
  const range = document.createRange();
  const fits = (end) => {
    range.setStart(node, end - 1);
    range.setEnd(node, end);
    const at = range.getBoundingClientRect();
    return at.bottom <= around.bottom + 2 && at.left >= around.left - 1 + (rtl ? cut : 0) && at.right <= around.right + 1 - (rtl ? 0 : cut);
  };
  let low = 0, high = node.data.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fits(middle)) low = middle; else high = middle - 1;
  }
  return [characters(node.data.slice(0, low)), characters(node.data)];
}

function characters(text) {
  return Intl.Segmenter ? [...new Intl.Segmenter().segment(text)].length : [...text].length;
}

function showInbox(page) {
  const words = firstWords(page);
  const preheader = sample.preheader.replace(/[ \t\r\n\f]+/g, " ").trim();
  const begins = preheader !== "" && words.startsWith(preheader);
  const rest = begins ? words.slice(preheader.length) : words;
  const padding = rest.match(/^[\s\u00a0\u00ad\u034f\u200b-\u200d\u2007\u2060\ufeff\u180e]*/)[0];
  for (const figure of document.querySelectorAll("[data-client]")) {
    const part = (name) => figure.querySelector("." + name);
    part("from").textContent = data.from;
    part("subject").textContent = sample.subject;
    part("preheader").textContent = begins ? preheader : "";
    part("pad").textContent = begins ? padding || " " : "";
    part("body").textContent = rest.slice(padding.length, padding.length + 400);
    const tell = (what, element) => {
      const [some, all] = seen(element, element.closest("[data-box]"));
      if (!all) return "";
      return what + (some < all ? ": " + some + " of " + plural(all, "character") : " whole, " + plural(all, "character"));
    };
    const told = [tell("Subject", part("subject")), tell("Preheader", part("preheader"))].filter(Boolean);
    figure.querySelector(".seen").textContent = told.join(". ") + ".";
  }
  const next = rest.slice(padding.length, padding.length + 60);
  $("snippet").textContent = !sample.preheader ? "There is no preheader: inboxes show the body’s first words."
    : !begins ? "The HTML does not begin with the preheader: inboxes show the body’s first words instead of it."
    : padding.length >= 30 ? "Behind the preheader stands invisible padding, which keeps the body’s words out of the row."
    : next ? "Where the preheader ends, inboxes go on with the body: “" + next + "…”" : "";
}

// --- The message.

const SCHEME = /\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)/gi;
const REPAINT = "invert(1) hue-rotate(180deg)";

/** The document that the frame shows: the message, its links shut, its colours and pictures as chosen. */
function staged(html) {
  const page = parse(html);
  const doctype = page.doctype ? "<!doctype html>" : "";
  const dark = state.colours === "dark";
  const settle = (css) => css.replace(SCHEME, (_, which) => ((which.toLowerCase() === "dark") === dark ? "(min-width: 0)" : "(max-width: 0)"));
  for (const style of page.querySelectorAll("style")) style.textContent = settle(style.textContent);
  for (const element of page.querySelectorAll("[media]")) element.setAttribute("media", settle(element.getAttribute("media")));
  for (const element of page.querySelectorAll("base, [http-equiv]")) element.remove();
  // A frame without leave to open windows opens none.
  for (const link of page.querySelectorAll("a, area, form")) link.setAttribute("target", "_blank");
  const head = [];
  if (state.pictures === "off") {
    head.push(Object.assign(page.createElement("meta"), { httpEquiv: "Content-Security-Policy", content: "img-src 'none'" }));
  }
  if (state.colours === "repainted") {
    head.push(Object.assign(page.createElement("style"), { textContent: "img { filter: " + REPAINT + " !important; }" }));
  }
  page.head.prepend(...head);
  return doctype + page.documentElement.outerHTML;
}

/** Makes the frame as high as what it shows: it does not scroll by itself, and is printed whole. */
function fit(fresh) {
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  if (fresh) frame.style.height = "200px";
  const height = Math.min(30000, Math.max(Math.ceil(root.getBoundingClientRect().height), fresh ? root.scrollHeight : 0));
  if (fresh || height > state.height) {
    state.height = height;
  }
  frame.style.height = state.height + "px";
}

const sizes = new ResizeObserver(() => fit(false));
let html = "";
let restored = false;

function showMessage() {
  frame.style.width = state.width + "px";
  frame.style.setProperty("--shrink", Math.min(1, 690 / state.width));
  frame.style.height = state.height + "px";
  frame.style.colorScheme = state.colours === "dark" ? "dark" : "light";
  frame.style.filter = state.colours === "repainted" ? REPAINT : "";
  frame.title = "The message to " + sample.email + ", " + state.width + " px wide, " + state.colours + ", pictures " + state.pictures;
  frame.srcdoc = staged(html);
  for (const section of [$("inbox"), $("message")]) section.classList.toggle("dark", state.colours !== "light");
  $("mode").textContent = {
    light: "",
    dark: "The message’s own dark styles, as Apple Mail and others apply them on a dark screen.",
    repainted: "An approximation, with every colour turned over. Gmail’s apps and Outlook repaint a message by themselves on a dark screen and do not use its dark styles; each does it differently, and some leave alone what is dark already.",
  }[state.colours] + (state.pictures === "off" ? " Pictures are blocked: what stands in their place is their `alt` text." : "");
}

frame.addEventListener("load", () => {
  const page = frame.contentDocument;
  if (!page?.body) return;
  fit(true);
  sizes.disconnect();
  sizes.observe(page.documentElement);
  if (!restored) {
    restored = true;
    if (state.scroll) scrollTo(0, state.scroll);
  }
  // Where a browser lets no listener hear of a frame without scripts, the links are as shut, and silent.
  page.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link) return;
    event.preventDefault();
    const index = [...page.querySelectorAll("a[href]")].indexOf(link);
    const row = $("link-rows").rows[index];
    $("where").textContent = row?.dataset.told ?? link.getAttribute("href");
    for (const other of $("link-rows").rows) other.classList.toggle("hit", other === row);
  });
});

// --- Links.

/** The links of the template: those without merge tags, and the others as patterns with their tags. */
const template = (() => {
  const constant = new Set(), patterns = [];
  for (const link of parse(text(data.template)).querySelectorAll("a[href]")) {
    const href = link.getAttribute("href");
    const tags = [...href.matchAll(TAG)].map((match) => match[1]);
    if (!tags.length) { constant.add(href); continue; }
    const literals = href.split(TAG).filter((_, index) => index % 2 === 0).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    patterns.push({ tags, length: literals.join("").length, pattern: new RegExp("^" + literals.join(".*") + "$", "s") });
  }
  patterns.sort((a, b) => b.length - a.length);
  return { constant, patterns };
})();

function told(link) {
  const href = link.getAttribute("href").trim();
  const words = link.textContent.replace(/\s+/g, " ").trim();
  const alt = [...link.querySelectorAll("img")].map((img) => img.alt).filter(Boolean).join(", ");
  const marks = [];
  const leaves = href === sample.unsubscribe;
  if (leaves) marks.push("unsubscribe", "inert here");
  if (data.view && href === data.view) marks.push("this issue on the web");
  if (!template.constant.has(href)) {
    const tags = leaves ? ["unsubscribe_url"] : template.patterns.find(({ pattern }) => pattern.test(href))?.tags ?? [];
    marks.push("per subscriber" + (tags.length ? ": {{ " + tags.join(" }}, {{ ") + " }}" : ""));
  }
  let utm = [];
  try { utm = [...new URL(href).searchParams].filter(([name]) => name.startsWith("utm_")); } catch { /* No URL, no parameters. */ }
  return { href, text: words || (alt ? "Picture: " + alt : "(no text)"), marks, leaves, utm, web: /^https?:/i.test(href) };
}

/** An address without its UTM parameters, which stand beside it. */
function withoutUtm(href) {
  const [address, ...fragment] = href.split("#");
  const [path, query] = [address.split("?", 1)[0], address.split("?").slice(1).join("?")];
  const rest = query.split("&").filter((parameter) => parameter && !parameter.startsWith("utm_"));
  return [path + (rest.length ? "?" + rest.join("&") : ""), ...fragment].join("#");
}

function showLinks(page) {
  const links = [...page.querySelectorAll("a[href]")].map(told);
  $("link-rows").replaceChildren(...links.map((link) => {
    const goes = link.web && !link.leaves ? make("a", { href: link.href, target: "_blank", rel: "noopener noreferrer", title: link.href }, link.utm.length ? withoutUtm(link.href) : link.href) : link.href;
    const marks = link.marks.map((mark) => make("span", { className: "mark" }, mark));
    const utm = link.utm.map(([name, value]) => make("div", {}, name.slice(4) + " = " + value));
    const row = make("tr", {}, make("td", { dir: "auto" }, link.text), make("td", {}, ...marks, goes), make("td", {}, ...utm));
    row.dataset.told = "“" + link.text + "” goes to " + link.href + (link.marks.length ? " (" + link.marks.join("; ") + ")" : "");
    return row;
  }));
  $("link-table").classList.toggle("untagged", links.every((link) => !link.utm.length));
  const tagged = links.filter((link) => link.utm.length).length;
  const notes = [plural(links.length, "link") + ", " + (tagged ? number(tagged) + " of them with UTM parameters." : "none with UTM parameters.")];
  notes.push(links.some((link) => link.leaves)
    ? "The unsubscribe links of a preview, in the HTML, the text and the headers, are inert: their token says that it came from a preview, and takes nobody off the list, followed or mailed."
    : "There is no unsubscribe link in the HTML.");
  $("link-notes").textContent = notes.join(" ");
}

// --- Size, text, headers, findings.

function showSize(page) {
  const share = sample.encoded_bytes / data.clip_bytes;
  $("weight").textContent = kilobytes(sample.encoded_bytes) + " of HTML. Gmail cuts messages off at about " + Math.round(data.clip_bytes / 1024) + " KB" + (share > 1 ? ": this one is cut off, its last part behind a link." : ".");
  $("bar").className = share > 1 ? "over" : "";
  $("bar").style.width = Math.min(100, share * 100) + "%";
  const hosts = new Set();
  for (const img of page.querySelectorAll("img[src]")) {
    if (/^https?:/i.test(img.getAttribute("src"))) { try { hosts.add(new URL(img.getAttribute("src")).host); } catch { /* No host. */ } }
  }
  $("sizes").textContent = "Counted is the HTML part in its transfer encoding (quoted-printable), without pictures; as a browser reads it, it has "
    + kilobytes(sample.html_bytes) + ". The text part has " + kilobytes(sample.text_bytes) + ", the whole message with its pictures " + kilobytes(sample.message_bytes) + "."
    + (hosts.size ? " Pictures come from the web, from " + [...hosts].join(", ") + "; they do not count, but must be there when the message is read." : "");
}

/** The encoded words of RFC 2047 in a header, which are whole characters of UTF-8 each. */
function decoded(value) {
  return value.replace(/\?=\s+=\?/g, "?==?").replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (word, kind, encoded) => {
    try {
      const bytes = kind.toLowerCase() === "b" ? atob(encoded)
        : encoded.replace(/_/g, " ").replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
      return new TextDecoder().decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
    } catch {
      return word;
    }
  });
}

function showHeaders() {
  const raw = text(sample.headers);
  $("raw").textContent = raw;
  $("header-rows").replaceChildren(...raw.split(/\n(?![ \t])/).filter(Boolean).map((header) => {
    const colon = header.indexOf(":");
    const sent = header.slice(colon + 1).trim();
    const read = decoded(sent.replace(/\n[ \t]+/g, " "));
    const cell = make("td", { dir: "auto" }, read);
    if (/=\?/.test(sent)) cell.append(make("code", { dir: "ltr" }, sent));
    return make("tr", {}, make("td", {}, header.slice(0, colon)), cell);
  }));
}

function showFindings() {
  const errors = data.findings.filter((finding) => finding.severity === "error").length + data.more_errors;
  const warnings = data.findings.length + data.more_errors + data.more_warnings - errors;
  const any = errors + warnings > 0;
  const verdict = any ? make("a", { href: "#findings" }, plural(errors, "error") + ", " + plural(warnings, "warning")) : "nothing wrong";
  $("verdict").replaceChildren("Check: ", verdict);
  $("findings").hidden = !any;
  $("finding-list").replaceChildren(...data.findings.map((finding) => {
    const place = [finding.file, finding.line, finding.column].filter((part) => part !== null).join(":");
    const item = make("li", { className: finding.severity }, make("b", {}, finding.severity), " ", make("code", {}, place), " ", finding.message);
    if (finding.help) item.append(make("small", {}, finding.help));
    return item;
  }));
  const more = data.more_errors + data.more_warnings;
  if (more) $("finding-list").append(make("li", {}, number(more) + " more: `mailshot check " + data.campaign + "` lists them all."));
}

// --- All of it.

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
}

document.title = data.campaign + ": preview";
$("campaign").textContent = data.campaign;
$("notes").replaceChildren(...data.notes.map((note) => make("span", {}, note)));
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
  });
}
addEventListener("pagehide", () => { state.scroll = scrollY; remember(); });
list("");
showFindings();
show();
})();
