// One MJML document for every element and every value of every attribute that MJML's own tables allow.
import { heads } from './heads.mjs'
import { components, values } from './tables.mjs'

const PICTURE = 'src="https://example.com/p.png"'
const column = inner => `<mj-section><mj-column>${inner}</mj-column></mj-section>`
const text = '<mj-text>text</mj-text>'

/** For each element, documents around it: `a` stands where its attributes go. */
const PLACES = {
  'mj-body': { body: a => [`<mj-body${a}>${column(text)}</mj-body>`] },
  'mj-wrapper': {
    'one section': a => `<mj-wrapper${a}>${column(text)}</mj-wrapper>`,
    'two sections': a => `<mj-wrapper${a}>${column(text)}${column(text)}</mj-wrapper>`,
  },
  'mj-section': {
    'body': a => `<mj-section${a}><mj-column>${text}</mj-column></mj-section>`,
    'two columns': a => `<mj-section${a}><mj-column>${text}</mj-column><mj-column>${text}</mj-column></mj-section>`,
    'wrapper': a => `<mj-wrapper padding="10px 30px"><mj-section${a}><mj-column>${text}</mj-column></mj-section></mj-wrapper>`,
  },
  'mj-column': {
    alone: a => `<mj-section><mj-column${a}>${text}<mj-image ${PICTURE} /></mj-column></mj-section>`,
    'of three': a => `<mj-section padding="0 20px"><mj-column${a}><mj-image ${PICTURE} /></mj-column><mj-column>${text}</mj-column><mj-column /></mj-section>`,
    group: a => `<mj-section><mj-group><mj-column${a}><mj-image ${PICTURE} /></mj-column><mj-column>${text}</mj-column></mj-group></mj-section>`,
  },
  'mj-group': {
    alone: a => `<mj-section><mj-group${a}><mj-column>${text}</mj-column><mj-column width="60%">${text}</mj-column></mj-group></mj-section>`,
    'beside a column': a => `<mj-section><mj-group${a}><mj-column>${text}</mj-column><mj-column>${text}</mj-column></mj-group><mj-column>${text}</mj-column></mj-section>`,
  },
  'mj-hero': {
    plain: a => `<mj-hero${a}>${text}</mj-hero>`,
    picture: a => `<mj-hero background-url="https://example.com/bg.png" background-width="600px" background-height="469px" height="400px"${a}>${text}<mj-button href="#">go</mj-button></mj-hero>`,
    'fixed height': a => `<mj-hero mode="fixed-height" background-url="https://example.com/bg.png" height="400px"${a}>${text}</mj-hero>`,
  },
  'mj-text': { column: a => column(`<mj-text${a}>one <b>two</b></mj-text>`), hero: a => `<mj-hero><mj-text${a}>one</mj-text></mj-hero>` },
  'mj-button': {
    link: a => column(`<mj-button href="https://example.com/"${a}>go</mj-button>`),
    'no link': a => column(`<mj-button${a}>go</mj-button>`),
  },
  'mj-image': {
    plain: a => column(`<mj-image ${PICTURE}${a} />`),
    linked: a => column(`<mj-image ${PICTURE} href="https://example.com/" alt="alt"${a} />`),
    'narrow column': a => `<mj-section><mj-column padding="10px">${text}</mj-column><mj-column border="1px solid red"><mj-image ${PICTURE}${a} /></mj-column></mj-section>`,
  },
  'mj-divider': { column: a => column(`<mj-divider${a} />`), hero: a => `<mj-hero><mj-divider${a} /></mj-hero>` },
  'mj-spacer': { column: a => column(`<mj-spacer${a} />`) },
  'mj-table': { column: a => column(`<mj-table${a}><tr><td>a</td><td>b</td></tr></mj-table>`) },
  'mj-raw': {
    column: a => column(`<mj-raw${a}><p>raw</p></mj-raw>`),
    section: a => `<mj-section><mj-raw${a}><i>raw</i></mj-raw><mj-column>${text}</mj-column></mj-section>`,
    body: a => `<mj-raw${a}><p>raw</p></mj-raw>${column(text)}`,
    wrapper: a => `<mj-wrapper><mj-raw${a}><p>raw</p></mj-raw>${column(text)}</mj-wrapper>`,
    group: a => `<mj-section><mj-group><mj-raw${a}><p>raw</p></mj-raw><mj-column>${text}</mj-column></mj-group></mj-section>`,
    hero: a => `<mj-hero><mj-raw${a}><p>raw</p></mj-raw></mj-hero>`,
  },
  'mj-social': {
    horizontal: a => column(`<mj-social${a}><mj-social-element name="facebook" href="https://example.com/">F</mj-social-element><mj-social-element name="x" href="https://example.com/" /></mj-social>`),
    vertical: a => column(`<mj-social mode="vertical"${a}><mj-social-element name="facebook" href="https://example.com/">F</mj-social-element><mj-social-element name="github" href="https://example.com/">G</mj-social-element></mj-social>`),
  },
  'mj-social-element': {
    known: a => column(`<mj-social><mj-social-element name="linkedin" href="https://example.com/"${a}>L</mj-social-element></mj-social>`),
    'no text': a => column(`<mj-social mode="vertical"><mj-social-element name="instagram-noshare" href="https://example.com/"${a} /></mj-social>`),
    own: a => column(`<mj-social><mj-social-element ${PICTURE}${a}>own</mj-social-element></mj-social>`),
  },
  'mj-navbar': {
    plain: a => column(`<mj-navbar${a}><mj-navbar-link href="/one">One</mj-navbar-link><mj-navbar-link href="/two">Two</mj-navbar-link></mj-navbar>`),
    hamburger: a => column(`<mj-navbar hamburger="hamburger"${a}><mj-navbar-link href="/one">One</mj-navbar-link></mj-navbar>`),
  },
  'mj-navbar-link': { navbar: a => column(`<mj-navbar base-url="https://example.com"><mj-navbar-link href="/one"${a}>One</mj-navbar-link></mj-navbar>`) },
  'mj-accordion': { column: a => column(`<mj-accordion${a}><mj-accordion-element><mj-accordion-title>T</mj-accordion-title><mj-accordion-text>t</mj-accordion-text></mj-accordion-element><mj-accordion-element><mj-accordion-title>U</mj-accordion-title><mj-accordion-text>u</mj-accordion-text></mj-accordion-element></mj-accordion>`) },
  'mj-accordion-element': {
    full: a => column(`<mj-accordion><mj-accordion-element${a}><mj-accordion-title>T</mj-accordion-title><mj-accordion-text>t</mj-accordion-text></mj-accordion-element></mj-accordion>`),
    'title only': a => column(`<mj-accordion><mj-accordion-element${a}><mj-accordion-title>T</mj-accordion-title></mj-accordion-element></mj-accordion>`),
    empty: a => column(`<mj-accordion><mj-accordion-element${a} /></mj-accordion>`),
  },
  'mj-accordion-title': { accordion: a => column(`<mj-accordion><mj-accordion-element><mj-accordion-title${a}>T <i>i</i></mj-accordion-title><mj-accordion-text>t</mj-accordion-text></mj-accordion-element></mj-accordion>`) },
  'mj-accordion-text': { accordion: a => column(`<mj-accordion><mj-accordion-element><mj-accordion-title>T</mj-accordion-title><mj-accordion-text${a}>t <i>i</i></mj-accordion-text></mj-accordion-element></mj-accordion>`) },
  'mj-carousel': {
    three: a => column(`<mj-carousel${a}><mj-carousel-image ${PICTURE} /><mj-carousel-image src="https://example.com/q.png" href="https://example.com/" /><mj-carousel-image src="https://example.com/r.png" /></mj-carousel>`),
    one: a => column(`<mj-carousel${a}><mj-carousel-image ${PICTURE} /></mj-carousel>`),
  },
  'mj-carousel-image': { carousel: a => column(`<mj-carousel><mj-carousel-image ${PICTURE}${a} /><mj-carousel-image ${PICTURE} /></mj-carousel>`) },
}

const HEADS = {
  'mj-breakpoint': a => `<mj-breakpoint${a} />`,
  'mj-font': a => `<mj-font name="Raleway" href="https://example.com/font.css"${a} />`,
  'mj-style': a => `<mj-style${a}>.one { color: red } .one:hover { color: blue }</mj-style>`,
  'mj-title': a => `<mj-title${a}>Title &amp; more</mj-title>`,
  'mj-preview': a => `<mj-preview${a}>Preview &amp; more</mj-preview>`,
}

function document(body, head = '') {
  const inside = Array.isArray(body) ? body[0] : `<mj-body>${body}</mj-body>`
  return `<mjml>${head && `<mj-head>${head}</mj-head>`}${inside}</mjml>`
}

function* attributesOf(element) {
  yield ['', '']
  const allowed = { ...components[element].allowedAttributes }
  if (!(element in HEADS)) allowed['css-class'] = 'string'
  for (const [attribute, type] of Object.entries(allowed)) {
    for (const value of values(attribute, type)) yield [` ${attribute}=${value}`, ` ${attribute}="${value.replaceAll('"', '&quot;')}"`]
  }
}

/** All probes: `{ name, mjml }`. */
export function* probes() {
  for (const [element, places] of Object.entries(PLACES)) {
    for (const [place, draw] of Object.entries(places)) {
      for (const [name, attribute] of attributesOf(element)) {
        yield { name: `${element}${name} (${place})`, mjml: document(draw(attribute)) }
        // The same by way of mj-attributes.
        if (attribute && place === Object.keys(places)[0]) {
          yield { name: `${element}${name} (by mj-attributes)`, mjml: document(draw(''), `<mj-attributes><${element}${attribute} /></mj-attributes>`) }
        }
      }
    }
  }
  const body = column('<mj-text css-class="one" font-family="Raleway, Arial">text</mj-text>')
  for (const [element, draw] of Object.entries(HEADS)) {
    for (const [name, attribute] of attributesOf(element)) yield { name: `${element}${name} (head)`, mjml: document(body, draw(attribute)) }
  }
  for (const attribute of ['lang="de"', 'dir="rtl"', 'lang="ar" dir="rtl"', 'owa="desktop"']) {
    yield { name: `mjml ${attribute}`, mjml: document(body).replace('<mjml>', `<mjml ${attribute}>`) }
  }
  yield* heads()
}
