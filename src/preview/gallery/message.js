// The message in its frame.

const QUERY = /\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)/gi;
const EITHER = /([{;\s]color-scheme\s*:\s*)(?:light\s+dark|dark\s+light)\b/gi;
const REPAINT = "invert(1) hue-rotate(180deg)";

/** The document that the frame shows: the message, its links shut, its colours and pictures as chosen. */
function staged(html) {
  const page = parse(html);
  const doctype = page.doctype ? "<!doctype html>" : "";
  const scheme = state.colours === "dark" ? "dark" : "light";
  // What the message asks of its reader's screen is answered here: no browser lets a page set it for a frame.
  const settle = (css) => css.replace(QUERY, (_, which) => (which.toLowerCase() === scheme ? "(min-width: 0)" : "(max-width: 0)"));
  for (const style of page.querySelectorAll("style")) style.textContent = settle(style.textContent).replace(EITHER, "$1" + scheme);
  for (const element of page.querySelectorAll("[media]")) element.setAttribute("media", settle(element.getAttribute("media")));
  for (const meta of page.querySelectorAll("meta[name=color-scheme i]")) {
    if (/\blight\b/i.test(meta.content) && /\bdark\b/i.test(meta.content)) meta.content = scheme;
  }
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

// Paper is narrower than a desktop: 620 px go on A4 and on Letter.
addEventListener("beforeprint", () => {
  frame.style.width = Math.min(620, state.width) + "px";
  fit(true);
  $("caption").textContent = frame.title.replace(state.width + " px wide", frame.style.width.replace("px", " px wide")) + ". " + $("mode").textContent;
});
addEventListener("afterprint", () => {
  frame.style.width = state.width + "px";
  fit(true);
});
