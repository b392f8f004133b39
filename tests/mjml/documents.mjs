// Random MJML documents: elements nested as MJML allows, each with a few attributes at random, drawn from a seed.
import { components, values } from './tables.mjs'

/** A small generator of random numbers (mulberry32), so that a seed repeats its documents everywhere. */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const PIECES = ['mj-text', 'mj-text', 'mj-text', 'mj-image', 'mj-image', 'mj-button', 'mj-divider', 'mj-spacer', 'mj-table', 'mj-social', 'mj-navbar', 'mj-accordion', 'mj-carousel', 'mj-raw']

/** What each element may hold, and how many of them. */
const CHILDREN = {
  'mj-body': [['mj-section', 'mj-section', 'mj-section', 'mj-wrapper', 'mj-hero', 'mj-raw'], 1, 4],
  'mj-wrapper': [['mj-section', 'mj-section', 'mj-hero', 'mj-raw'], 1, 3],
  'mj-section': [['mj-column', 'mj-column', 'mj-group', 'mj-raw'], 1, 4],
  'mj-group': [['mj-column', 'mj-column', 'mj-column', 'mj-raw'], 1, 3],
  'mj-column': [PIECES, 0, 4],
  'mj-hero': [PIECES, 0, 3],
  'mj-social': [['mj-social-element', 'mj-social-element', 'mj-raw'], 1, 4],
  'mj-navbar': [['mj-navbar-link', 'mj-navbar-link', 'mj-raw'], 1, 4],
  'mj-accordion': [['mj-accordion-element', 'mj-accordion-element', 'mj-raw'], 1, 3],
  'mj-accordion-element': [['mj-accordion-title', 'mj-accordion-text', 'mj-raw'], 0, 3],
  'mj-carousel': [['mj-carousel-image'], 1, 4],
}

const TEXTS = {
  'mj-text': ['plain', 'one <b>two</b> <i>three</i>', '<p style="color:red">a</p><p>b &amp; c</p>', '<a href="https://example.com/?a=1&amp;b=2">link</a> 🔌 é', '<ul><li>a</li><li>b</li></ul>'],
  'mj-button': ['go', 'go <b>now</b>'],
  'mj-table': ['<tr><td>a</td><td colspan="2">b</td></tr>', '<tr style="color:red"><th>a</th></tr>'],
  'mj-raw': ['<i>raw</i>'],
  'mj-navbar-link': ['link'],
  'mj-social-element': ['name', ''],
  'mj-accordion-title': ['title'],
  'mj-accordion-text': ['text <b>bold</b>'],
}

/** Without these an element makes no sense, and mjml itself warns. */
const NEEDED = { 'mj-image': 'src="https://example.com/p.png"', 'mj-carousel-image': 'src="https://example.com/p.png"', 'mj-navbar-link': 'href="/one"', 'mj-hero': 'background-url="https://example.com/bg.png" background-width="600px" background-height="300px"' }

/** `count` documents: `{ name, mjml }`. */
export function* documents(seed, count) {
  for (let number = 0; number < count; number += 1) {
    const next = random(seed + number)
    const below = most => Math.floor(next() * most)
    const pick = list => list[below(list.length)]
    const attributes = (element, most) => {
      const chosen = new Map()
      const allowed = Object.entries({ ...components[element].allowedAttributes, 'css-class': 'string' })
      for (let n = below(most + 1); n > 0; n -= 1) {
        const [name, type] = pick(allowed)
        if (!NEEDED[element]?.includes(`${name}=`)) chosen.set(name, pick(values(name, type)))
      }
      return [...chosen].map(([name, value]) => ` ${name}="${value.replaceAll('"', '&quot;')}"`).join('')
    }
    const draw = element => {
      const start = `<${element}${NEEDED[element] ? ` ${NEEDED[element]}` : ''}${element === 'mj-raw' ? '' : attributes(element, 4)}`
      const [kinds, least, most] = CHILDREN[element] ?? [[], 0, 0]
      let inside = TEXTS[element] ? pick(TEXTS[element]) : ''
      for (let n = kinds.length && least + below(most - least + 1); n > 0; n -= 1) inside += draw(pick(kinds))
      return inside ? `${start}>${inside}</${element}>` : `${start} />`
    }
    const defaults = Array.from({ length: below(3) }, () => pick(Object.keys(components).filter(element => element in CHILDREN || element in TEXTS))).filter(element => !['mj-raw', 'mj-body'].includes(element))
    const head = `<mj-attributes><mj-all${pick(['', ' font-family="Georgia, serif"', ' padding="0"', ' color="#333"'])} />${defaults.map(element => `<${element}${attributes(element, 2)} />`).join('')}<mj-class name="one"${attributes('mj-text', 3)} /><mj-class name="two"${attributes(pick(Object.keys(CHILDREN)), 3)} /></mj-attributes>`
    const body = draw('mj-body').replace(/<mj-(?!raw|body)[a-z-]+/g, found => (below(4) === 0 ? `${found} mj-class="${pick(['one', 'two', 'one two', 'two one'])}"` : found))
    yield { name: `seed ${seed + number}`, mjml: `<mjml><mj-head>${head}</mj-head>${body}</mjml>` }
  }
}
