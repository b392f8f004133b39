// The message in its frame.

const EITHER = /([{;\s]color-scheme\s*:\s*)(?:light\s+dark|dark\s+light)\b/gi;
const ELSEWHERE = /@import\b[^;]*;?|@font-face\s*\{[^}]*\}/gi;
const REPAINT = "invert(1) hue-rotate(180deg)";
/** So wide a message fits on A4 and on Letter. */
const PAPER = 620;

const scheme = () => (state.colours === "dark" ? "dark" : "light");

/** CSS whose questions about the reader's screen are answered: no browser lets a page do it for a frame. */
function settled(css, width) {
  const always = (holds) => (holds ? "(min-width: 0)" : "(max-width: 0)");
  const answered = css.replace(/\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)/gi, (_, which) => always(which.toLowerCase() === scheme()));
  if (!width) return answered;
  return answered.replace(/@media[^{]+/gi, (query) => query.replace(/\bscreen\b/gi, "all")
    .replace(/\(\s*(min|max)-width\s*:\s*([\d.]+)px\s*\)/gi, (_, end, px) => always(end.toLowerCase() === "min" ? width >= px : width <= px)));
}

/** The message as it is shown: its links shut, its colours and pictures as chosen. For paper its width is given. */
function staged(width) {
  const page = parse(html);
  for (const style of page.querySelectorAll("style")) {
    style.textContent = settled(style.textContent.replace(ELSEWHERE, ""), width).replace(EITHER, "$1" + scheme());
  }
  for (const element of page.querySelectorAll("[media]")) element.setAttribute("media", settled(element.getAttribute("media"), width));
  for (const meta of page.querySelectorAll("meta[name=color-scheme i]")) {
    if (/\blight\b/i.test(meta.content) && /\bdark\b/i.test(meta.content)) meta.content = scheme();
  }
  for (const element of page.querySelectorAll("base, link, [http-equiv]")) element.remove();
  // A frame without leave to open windows opens none.
  for (const link of page.querySelectorAll("a, area, form")) link.setAttribute("target", "_blank");
  if (state.pictures === "off") withoutPictures(page);
  if (state.colours === "repainted") {
    page.head.append(Object.assign(page.createElement("style"), { textContent: "img { filter: " + REPAINT + " !important; }" }));
  }
  return page;
}

/** In the place of a picture stands its `alt` text, and behind others nothing. */
function withoutPictures(page) {
  const bare = (css) => css.replace(/url\(\s*(?:"[^"]*"|'[^']*'|[^)]*)\)/gi, "none");
  for (const picture of page.querySelectorAll("[src]")) picture.setAttribute("src", "data:,");
  for (const name of ["srcset", "background", "poster"]) {
    for (const element of page.querySelectorAll("[" + name + "]")) element.removeAttribute(name);
  }
  for (const element of page.querySelectorAll("[style]")) element.setAttribute("style", bare(element.getAttribute("style")));
  for (const style of page.querySelectorAll("style")) style.textContent = bare(style.textContent);
  // Whatever else would show one is not let.
  page.head.prepend(Object.assign(page.createElement("meta"), { httpEquiv: "Content-Security-Policy", content: "img-src data:" }));
}

/** The hosts that the message has fonts and style sheets from. */
function fontHosts() {
  const page = parse(html);
  const css = [...page.querySelectorAll("style")].flatMap((style) => style.textContent.match(ELSEWHERE) ?? []);
  const links = [...page.querySelectorAll("link[rel~=stylesheet i]")].map((link) => link.getAttribute("href"));
  return new Set([...[...css, ...links].join(" ").matchAll(/\/\/([\w.-]+)/g)].map(([, host]) => host));
}

const sheet = $("sheet").attachShadow({ mode: "closed" });

/** On paper the message is a part of the page: in a frame, a line where a sheet ends would be cut in two. So would it in a
    column, which is a box in a line, were it not made a block. */
function lay() {
  const width = Math.min(PAPER, state.width);
  const page = staged(width);
  for (const element of page.querySelectorAll("script, iframe, object, embed, meta")) element.remove();
  const alone = width < 480 ? "[class*=mj-column-]" : ".mj-column-per-100";
  const style = ":host { all: initial; } h1, h2, h3 { break-after: avoid; } " + alone + " { display: block !important; }";
  sheet.replaceChildren(make("style", { textContent: style }), document.importNode(page.documentElement, true));
  Object.assign($("sheet").style, { width: width + "px", colorScheme: scheme(), filter: frame.style.filter });
  $("caption").replaceChildren(title(width) + ". ", $("mode").textContent);
}

const title = (width) => "The message to " + sample.email + ", " + width + " px wide, " + state.colours + ", pictures " + state.pictures;

/** Makes the frame as high as what it shows: it does not scroll by itself, and is printed whole. */
function fit(fresh) {
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  // A frame that is made small to be measured must not pull the page from under its reader.
  const at = [scrollX, scrollY];
  if (fresh) frame.style.height = "200px";
  const height = Math.min(30000, Math.max(Math.ceil(root.getBoundingClientRect().height), fresh ? root.scrollHeight : 0));
  if (fresh || height > state.height) state.height = height;
  frame.style.height = state.height + "px";
  if (fresh) scrollTo(...at);
}

const sizes = new ResizeObserver(() => fit(false));
let html = "";
let restored = false;

function showMessage() {
  frame.style.width = state.width + "px";
  frame.style.height = state.height + "px";
  frame.style.colorScheme = scheme();
  frame.style.filter = state.colours === "repainted" ? REPAINT : "";
  frame.title = title(state.width);
  const page = staged();
  frame.srcdoc = (page.doctype ? "<!doctype html>" : "") + page.documentElement.outerHTML;
  for (const section of [$("inbox"), $("message")]) section.classList.toggle("dark", state.colours !== "light");
  const told = [{
    light: "",
    dark: "The message’s own dark styles, as Apple Mail and others apply them on a dark screen.",
    repainted: "An approximation, with every colour turned over. Gmail’s apps and Outlook repaint a message by themselves on a dark screen and do not use its dark styles; each does it differently, and some leave alone what is dark already.",
  }[state.colours]];
  if (state.pictures === "off") told.push("Pictures are blocked: what stands in their place is their `alt` text.");
  const hosts = [...fontHosts()];
  if (hosts.length) told.push("Fonts from " + hosts.join(", ") + " are not loaded here, nor by Gmail and by Outlook on Windows: shown are those that are named next.");
  $("mode").replaceChildren(...coded(told.filter(Boolean).join(" ")));
}

frame.addEventListener("load", () => {
  const page = frame.contentDocument;
  if (!page?.body) return;
  fit(true);
  lay();
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
