// Small documents about what probes of one attribute do not show: style sheets that are inlined, attributes for chosen
// elements, raw HTML in every place, classes that speak of other elements.

const column = inner => `<mj-section><mj-column>${inner}</mj-column></mj-section>`
const document = (head, body) => `<mjml><mj-head>${head}</mj-head><mj-body>${body}</mj-body></mjml>`

const page = `${column('<mj-text css-class="a b" color="#111111"><p id="first" class="x y">one <b>two</b></p><p class="x" style="color: green; margin: 0 !important">three</p><p>four <a href="https://example.com/?a=1&amp;b=2">five</a></p><ul><li>six</li><li>seven</li></ul></mj-text><mj-button css-class="b" href="https://example.com/">go</mj-button>')}
<mj-section css-class="c"><mj-column css-class="d" width="40%"><mj-image src="https://example.com/p.png" css-class="pic" width="100px" /></mj-column><mj-column><mj-table><tr><td class="x">a</td><th>b</th></tr></mj-table></mj-column></mj-section>`

/** Style sheets, inlined into the page above. */
const SHEETS = {
  'a class': '.x { color: red }',
  'two classes': '.x.y { color: red } .x { color: blue; top: 0 }',
  'a list': '.x, a, #first { color: red; margin: 1px }',
  'specificity': '#first { color: red } .x { color: blue } p { color: green; left: 0 } * { right: 0 }',
  'order': 'p { color: red } p { color: blue; color: teal }',
  'fallbacks': '.x { color: red; color: rgb(1, 2, 3) }',
  'fallbacks replaced': '.x { color: red; color: rgb(1, 2, 3) } p.x { color: blue }',
  'important': 'div { color: red !important } div { color: blue }',
  'important over a style': 'p { color: red !important; margin: 1px !important }',
  'a style over a rule': 'p { color: red; margin: 1px }',
  'important twice': '.x { color: red !important } p { color: blue !important }',
  'shorthand and part': '.x { padding-top: 1px } p { padding: 2px }',
  'part and shorthand': 'p { padding-top: 1px } .x { padding: 2px }',
  'descendant': '.a p { color: red } .a b { color: blue }',
  'child': '.a > p { color: red } .a > div > p { color: blue } tr > td { top: 0 } table > tr { left: 0 } table > tbody { right: 0 }',
  'siblings': 'p + p { color: red } p ~ ul { color: blue } li+li{top:0}',
  'first and last': 'p:first-child { color: red } li:last-child { color: blue } p:last-of-type { top: 0 } .x { color: teal }',
  'nth': 'p:nth-child(2) { color: red } li:nth-child(odd) { color: blue } p:nth-of-type(2n+1) { top: 0 }',
  'not': 'p:not(.x) { color: red } p:not(#first) { top: 0 } p.x { color: blue }',
  'empty': 'div:empty { color: red } p:empty { color: blue }',
  'attributes': 'a[href] { color: red } [href^="https"] { top: 0 } a[href*="b=2"] { left: 0 } [id=first] { right: 0 } [class~=y] { bottom: 0 }',
  'states': 'a { color: red } a:hover { color: blue } a:link, a:visited { color: teal } p:hover a { top: 0 }',
  'pseudo-elements': 'p::before { content: "x"; color: red } p:after { content: "y" } p { color: blue; content: "z" }',
  'media': '@media (max-width: 400px) { p { color: red } } p { color: blue } @media print { a { top: 0 } }',
  'other at-rules': '@import url(x.css); @charset "utf-8"; @font-face { font-family: F; src: url(f.woff) } p { color: red } @keyframes k { from { top: 0 } to { top: 1px } }',
  'comments': '/* one */ p { /* two */ color: red; /* three */ } /* four */',
  'widths': 'table { width: 300px } td { width: 50%; height: 20px } img { width: 40px; height: auto } p { width: 10px } th { width: 5em }',
  'looks of tables': 'td, th { background-color: #123456; text-align: right; vertical-align: top } table { background-image: url("https://example.com/b.png") } p { text-align: center }',
  'a gradient': 'td { background-image: linear-gradient(red, blue); background-color: red }',
  'what a cell has already': 'td { color: red } table { color: blue } img { top: 0 } div { color: red }',
  'variables': ':root { --main: red } .a { --main: blue; --other: var(--main) } p { color: var(--main); top: var(--none, 2px) } a { color: var(--other) } td { color: var(--main) }',
  'quotes': 'p { font-family: "Open Sans", \'Lato\', Arial } a { background: url("https://example.com/x.png?a=1&b=2") }',
  'case': 'P { COLOR: Red } .X { color: blue }',
  'body and html': 'body { background: red } html { color: blue } head, title, style { color: teal } * { top: 0 }',
  'what Outlook reads': '.b { color: red } .b-outlook { color: blue } .c { background: blue } .d { top: 0 }',
  'what MJML makes': '.mj-column-per-100 { color: red } .mj-outlook-group-fix { top: 0 }',
  'nothing selected': '.nobody { color: red }',
  'a broken selector': 'p:nope(1) { color: red } a { color: blue }',
  'a font': 'p { font-family: Roboto, Arial }',
  'one line': 'p{color:red;top:0}a{color:blue}',
  'whitespace': '\n\n  p\n,\n a { color :  red ; ; top:0 }\n',
}

const ATTRIBUTES = {
  'a class': ['.x', 'data-a', '1'],
  'a name': ['p', 'title', 'A &amp; B'],
  'below': ['.a p b', 'data-a', 'x y'],
  'a child': ['.a > div > p', 'data-a', '1'],
  'what is there': ['a', 'href', 'https://example.com/other?a=1&amp;b=2'],
  'the root': ['div > table', 'data-a', '1'],
  'body': ['body', 'data-a', '1'],
  'nothing': ['.nobody', 'data-a', '1'],
  'a list': ['p, li', 'data-a', '1'],
  'a sibling': ['li + li', 'data-a', '1'],
  'an attribute': ['[href]', 'data-a', '1'],
  'an id': ['#first', 'id', 'other'],
  'a class given': ['td', 'class', 'new'],
  'no value': ['p', 'hidden', ''],
  'a style': ['a', 'style', 'color: red'],
}
const attributes = ([path, name, value]) => `<mj-html-attributes><mj-selector path="${path}"><mj-html-attribute name="${name}">${value}</mj-html-attribute></mj-selector></mj-html-attributes>`

const raw = '<mj-raw><i class="raw">raw</i></mj-raw>'
const cell = '<mj-raw><tr><td>raw</td></tr></mj-raw>'
const link = '<mj-navbar-link href="/one">One</mj-navbar-link>'
const social = '<mj-social-element name="facebook" href="https://example.com/">F</mj-social-element>'
const entry = '<mj-accordion-element><mj-accordion-title>T</mj-accordion-title><mj-accordion-text>t</mj-accordion-text></mj-accordion-element>'
const picture = '<mj-carousel-image src="https://example.com/p.png" />'
const text = '<mj-text>text</mj-text>'

/** Documents in which raw HTML stands somewhere. */
const RAW = {
  'file start': `<mjml><mj-raw position="file-start"><!-- first --><b>raw</b></mj-raw><mj-body>${column(text)}</mj-body></mjml>`,
  'two at the file start': `<mjml><mj-raw position="file-start">one</mj-raw><mj-body>${column(text)}</mj-body><mj-raw position="file-start">two</mj-raw></mjml>`,
  'file start in the body': `<mjml><mj-body><mj-raw position="file-start"><i>raw</i></mj-raw>${column(text)}</mj-body></mjml>`,
  head: document('<mj-raw><meta name="a" content="b"></mj-raw><mj-title>t</mj-title><mj-raw><meta name="c" content="d"></mj-raw><mj-style>p { top: 0 }</mj-style>', column(text)),
  'head, a style': document('<mj-raw><style>p > a { top: 0 }</style></mj-raw>', column(text)),
  'body, before and after': document('', `${raw}${column(text)}${raw}${column(text)}${raw}`),
  'wrapper': document('', `<mj-wrapper>${raw}${column(text)}${raw}${column(text)}${raw}</mj-wrapper>`),
  'wrapper with a background': document('', `<mj-wrapper background-url="https://example.com/b.png">${raw}${column(text)}${raw}</mj-wrapper>`),
  'full-width wrapper': document('', `<mj-wrapper full-width="full-width">${raw}${column(text)}${raw}</mj-wrapper>`),
  'section': document('', `<mj-section>${raw}<mj-column>${text}</mj-column>${raw}<mj-column>${text}</mj-column>${raw}</mj-section>`),
  'section alone': document('', `<mj-section>${raw}</mj-section>`),
  'section with a background': document('', `<mj-section background-url="https://example.com/b.png">${raw}<mj-column>${text}</mj-column>${raw}</mj-section>`),
  'group': document('', `<mj-section><mj-group>${raw}<mj-column>${text}</mj-column>${raw}<mj-column>${text}</mj-column>${raw}</mj-group></mj-section>`),
  'column': document('', column(`${cell}${text}${cell}`)),
  'column alone': document('', column(cell)),
  'column with a gutter': document('', `<mj-section><mj-column padding="5px">${cell}${text}</mj-column></mj-section>`),
  'hero': document('', `<mj-hero>${cell}${text}${cell}</mj-hero>`),
  'social': document('', column(`<mj-social>${raw}${social}${raw}${social}</mj-social>`)),
  'vertical social': document('', column(`<mj-social mode="vertical">${cell}${social}${cell}</mj-social>`)),
  'navbar': document('', column(`<mj-navbar>${raw}${link}${raw}${link}</mj-navbar>`)),
  'navbar with a hamburger': document('', column(`<mj-navbar hamburger="hamburger">${link}${raw}</mj-navbar>`)),
  'accordion': document('', column(`<mj-accordion>${cell}${entry}${cell}${entry}</mj-accordion>`)),
  'accordion element': document('', column('<mj-accordion><mj-accordion-element><mj-raw><i>raw</i></mj-raw><mj-accordion-title>T</mj-accordion-title><mj-accordion-text>t</mj-accordion-text></mj-accordion-element></mj-accordion>')),
  'carousel': document('', column(`<mj-carousel>${picture}${picture}</mj-carousel>${cell}`)),
  'nothing in it': document('', `<mj-raw></mj-raw>${column('<mj-raw />')}`),
  'conditional comments': document('', `<mj-raw><!--[if mso]><p>o</p><![endif]--><!--[if !mso]><!--><p>n</p><!--<![endif]--><hr></mj-raw>${column(text)}`),
  'a script': document('', `<mj-raw><script type="application/ld+json">{ "a": "<b>" }</script></mj-raw>${column(text)}`),
  'deep HTML': document('', `<mj-raw>${'<div>'.repeat(20)}x${'</div>'.repeat(20)}</mj-raw>${column(text)}`),
}

const nested = '<mj-section mj-class="box"><mj-column><mj-text>one</mj-text><mj-text mj-class="red">two</mj-text><mj-text color="blue">three</mj-text><mj-button>go</mj-button></mj-column><mj-column mj-class="two"><mj-text>four</mj-text></mj-column><mj-column mj-class="box two"><mj-text>five</mj-text></mj-column></mj-section><mj-section><mj-column><mj-text>six</mj-text></mj-column></mj-section>'

/** Heads before the body above. */
const CLASSES = {
  'of children': '<mj-attributes><mj-class name="box" padding="3px"><mj-text color="green" font-size="20px" /><mj-button background-color="red" /></mj-class></mj-attributes>',
  'beside a class': '<mj-attributes><mj-class name="box"><mj-text color="green" font-size="20px" /></mj-class><mj-class name="red" color="red" /></mj-attributes>',
  'of two': '<mj-attributes><mj-class name="box"><mj-text color="green" font-size="20px" /></mj-class><mj-class name="two"><mj-text color="teal" css-class="t" /></mj-class></mj-attributes>',
  'and of the element': '<mj-attributes><mj-text color="orange" font-size="9px" /><mj-all font-family="Lato" /><mj-class name="box"><mj-text color="green" /></mj-class></mj-attributes>',
  'twice': '<mj-attributes><mj-class name="box" padding="3px"><mj-text color="green" /></mj-class><mj-class name="box" padding-left="9px"><mj-text font-size="20px" /><mj-button color="red" /></mj-class></mj-attributes>',
  'of a column': '<mj-attributes><mj-class name="box"><mj-column background-color="red" padding="4px" /></mj-class></mj-attributes>',
  'attributes twice': '<mj-attributes><mj-text color="red" /><mj-all padding="1px" /></mj-attributes><mj-attributes><mj-text font-size="20px" /><mj-all color="blue" /><mj-text color="teal" /></mj-attributes>',
  'two classes with classes': '<mj-attributes><mj-class name="box" css-class="b" background-color="red" /><mj-class name="two" css-class="t" background-color="blue" /></mj-attributes>',
  'a class nobody has': '<mj-attributes><mj-class name="nobody" color="red"><mj-text color="red" /></mj-class></mj-attributes>',
  'comments': '<!-- a --><mj-attributes><!-- b --><mj-text color="red" /><!-- c --></mj-attributes><!-- d --><mj-style>p { top: 0 }</mj-style><!-- e -->',
}

/** Previews and titles. */
const WORDS = {
  'a preview with markup': '<mj-preview>one <b>two</b><br> &amp; &zwnj;&nbsp; three</mj-preview>',
  'a preview with a table': '<mj-preview><table><tr><td>a</td></tr></table></mj-preview>',
  'two previews': '<mj-preview>one</mj-preview><mj-preview>two</mj-preview>',
  'an empty preview': '<mj-preview></mj-preview>',
  'a preview of spaces': '<mj-preview>  </mj-preview>',
  'a title with entities': '<mj-title>one &amp; two &quot;three&quot; &lt;four&gt;</mj-title>',
  'two titles': '<mj-title>one</mj-title><mj-title>two</mj-title>',
  'two breakpoints': '<mj-breakpoint width="300px" /><mj-breakpoint width="400px" />',
  'two styles': '<mj-style>p { top: 0 }</mj-style><mj-style inline="inline">p { left: 0 }</mj-style><mj-style>a { top: 0 }</mj-style><mj-style inline="inline">a { left: 0 }</mj-style>',
  'an empty style': '<mj-style></mj-style><mj-style inline="inline"></mj-style>',
}

const SELECTORS = ['p', '.x', '.x.y', '#first', 'p.x', 'div p', 'div > p', '.a a', 'td', 'th', 'table td', '.b td', 'img', '.pic img', 'li', 'ul li', 'li + li', 'p:first-child', 'p:not(.x)', 'li:nth-child(2)', '*', '[href]', 'a[href]', '.nobody', 'p, li', '.x, td, a', 'div', 'table', 'a:hover', 'p > a']
const PROPERTIES = ['color: red', 'color: blue', 'color: green !important', 'margin: 0', 'margin-top: 1px', 'margin: 2px !important', 'margin-left: 3px !important', 'width: 50%', 'width: 20px', 'height: 10px', 'background-color: #123456', 'text-align: right', 'vertical-align: top', 'font: 12px/1 Arial', 'font-size: 9px', 'padding: 1px 2px', 'padding-top: 7px', '--v: 1px', 'top: var(--v)', 'left: var(--v, 4px)', 'font-family: "A B", serif']

/** Style sheets drawn at random, always the same ones. */
function* sheets(count) {
  let state = 1
  const pick = list => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return list[(state >> 8) % list.length]
  }
  for (let number = 0; number < count; number += 1) {
    const rules = Array.from({ length: 1 + pick([0, 1, 2, 3, 4, 5]) }, () => `${pick(SELECTORS)} { ${Array.from({ length: 1 + pick([0, 1, 2]) }, () => pick(PROPERTIES)).join('; ')} }`)
    yield rules.join(pick([' ', '\n']))
  }
}

/** All of them: `{ name, mjml }`. */
export function* heads() {
  for (const [name, css] of Object.entries(SHEETS)) yield { name: `mj-style inline (${name})`, mjml: document(`<mj-style inline="inline">${css}</mj-style>`, page) }
  for (const css of sheets(60)) yield { name: `mj-style inline (${css.replaceAll('\n', ' ')})`, mjml: document(`<mj-style inline="inline">${css}</mj-style>`, page) }
  for (const [name, one] of Object.entries(ATTRIBUTES)) yield { name: `mj-html-attributes (${name})`, mjml: document(attributes(one), page) }
  yield { name: 'mj-html-attributes (several)', mjml: document(attributes(['p', 'title', 'one']) + attributes(['.x', 'title', 'two']) + attributes(['p', 'data-a', 'three']), page) }
  yield { name: 'mj-html-attributes (before the style)', mjml: document(`${attributes(['li', 'class', 'new'])}<mj-style inline="inline">.new { color: red }</mj-style><mj-preview>p <b>x</b></mj-preview>`, page) }
  yield { name: 'mj-html-attributes (beside a preview)', mjml: document(`${attributes(['div', 'data-a', '1'])}<mj-preview>p</mj-preview>`, page) }
  for (const [name, mjml] of Object.entries(RAW)) yield { name: `mj-raw (${name})`, mjml }
  for (const [name, head] of Object.entries(CLASSES)) yield { name: `mj-class (${name})`, mjml: document(head, nested) }
  for (const [name, head] of Object.entries(WORDS)) yield { name: `mj-head (${name})`, mjml: document(head, page) }
}
