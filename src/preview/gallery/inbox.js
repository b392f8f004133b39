// What is seen of the message before it is opened.

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
