// Links, size, headers, and what was found.

/** Whether these literals stand in an address in their order, the first at its start, the last at its end. */
function fits(href, literals) {
  const last = literals.at(-1);
  let at = 0;
  for (const [index, literal] of literals.slice(0, -1).entries()) {
    const found = href.indexOf(literal, at);
    if (found < 0 || (index === 0 && found > 0)) return false;
    at = found + literal.length;
  }
  return href.length >= at + last.length && href.endsWith(last);
}

/** What is the same for everybody, though it is merged: a name of the issue, perhaps with filters. */
const COMMON = /^(?:(?:issue|campaign|list)\.[\w.]+|view_url)\s*(?:\|[^~+]*)?$/;

/** The links of the template: those without merge tags, and the others as the literals between their tags. */
const template = (() => {
  const constant = new Set(), patterns = [];
  for (const link of parse(text(data.template)).querySelectorAll("a[href]")) {
    const href = link.getAttribute("href");
    if (!href.match(TAG)) { constant.add(href); continue; }
    const tags = [...href.matchAll(TAG)].map((match) => match[1]).filter((tag) => !COMMON.test(tag));
    const literals = href.split(TAG).filter((_, index) => index % 2 === 0);
    patterns.push({ tags, literals, length: literals.join("").length });
  }
  patterns.sort((a, b) => b.length - a.length);
  return { constant, patterns };
})();

function told(link) {
  const href = link.getAttribute("href").trim();
  const words = link.textContent.replace(/\s+/g, " ").trim();
  const alt = [...link.querySelectorAll("img")].map((img) => img.alt).filter(Boolean).join(", ");
  const marks = [];
  const web = /^https?:/i.test(href);
  const leaves = href === sample.unsubscribe;
  if (leaves) marks.push("unsubscribe", "inert here");
  if (data.view && href === data.view) marks.push("this issue on the web");
  if (!template.constant.has(href)) {
    const tags = leaves ? ["unsubscribe_url"] : template.patterns.find(({ literals }) => fits(href, literals))?.tags ?? [];
    if (tags.length) marks.push("per subscriber: {{ " + tags.join(" }}, {{ ") + " }}");
  }
  let utm = [];
  try { utm = [...new URL(href).searchParams].filter(([name]) => name.startsWith("utm_")); } catch { /* No URL, no parameters. */ }
  return { href, text: words || (alt ? "Picture: " + alt : "(no text)"), marks, leaves, utm, web };
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

function showSize(page) {
  const share = sample.encoded_bytes / data.clip_bytes;
  $("weight").textContent = kilobytes(sample.encoded_bytes) + " of HTML. Gmail cuts messages off at about " + Math.round(data.clip_bytes / 1024) + " KB" + (share > 1 ? ": this one is cut off, its last part behind a link." : ".");
  $("bar").className = share > 1 ? "over" : "";
  $("bar").style.width = Math.min(100, share * 100) + "%";
  const hosts = new Set();
  for (const element of page.querySelectorAll("img[src], [background]")) {
    const source = element.getAttribute("src") ?? element.getAttribute("background");
    if (/^https?:/i.test(source)) { try { hosts.add(new URL(source).host); } catch { /* No host. */ } }
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
    const item = make("li", { className: finding.severity }, make("b", {}, finding.severity), " ", make("code", {}, place), " ", ...coded(finding.message));
    if (finding.help) item.append(make("small", {}, ...coded(finding.help)));
    return item;
  }));
  const more = data.more_errors + data.more_warnings;
  if (more) $("finding-list").append(make("li", {}, ...coded(number(more) + " more: `mailshot check " + data.campaign + "` lists them all.")));
}
