// Shows pages to Chromium and compares the pictures. Reads { folder, out, widths, pages: [{ name, mjml, ours }] } as
// JSON from standard input; prints [{ name, width, pixels, differing, moved, theirs, ours }], in pixels and in heights.
// Where any pixel differs, both pictures and a third that shows where are left in `out`.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { PNG } from 'pngjs'
import { launch } from './chromium.mjs'

const { folder, out, widths, pages } = JSON.parse(readFileSync(0, 'utf8'))
const pictures = join(folder, 'templates', 'pictures')

/** Every picture that is asked for, by its name if there is one of it; nothing else comes from outside. */
async function answer(route, html) {
  const request = route.request()
  if (request.isNavigationRequest()) return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html })
  if (request.resourceType() !== 'image') return route.abort()
  const name = basename(new URL(request.url()).pathname)
  const known = ['wide.svg', 'tall.svg', 'logo.svg'].includes(name) ? name : 'square.svg'
  return route.fulfill({ contentType: 'image/svg+xml', body: readFileSync(join(pictures, known)) })
}

/** A height stands in the head of a PNG. */
const height = png => png.readUInt32BE(20)

/**
 * How many pixels differ, and how many of these have only moved: each side's colour is found on the other side at
 * most one pixel away, across or down. That is an edge that was rounded the other way, and nothing more.
 */
function compare(a, b) {
  const width = Math.max(a.width, b.width)
  const height = Math.max(a.height, b.height)
  const colour = (png, x, y) =>
    x < 0 || y < 0 || x >= png.width || y >= png.height ? -1 : png.data.readUInt32BE((y * png.width + x) * 4)
  const near = (png, x, y, wanted) => {
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) if (colour(png, x + dx, y + dy) === wanted) return true
    return false
  }
  const where = new PNG({ width, height })
  let differing = 0
  let moved = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [one, other] = [colour(a, x, y), colour(b, x, y)]
      const at = (y * width + x) * 4
      let mark = one === -1 ? 0xffffffff : (one | 0x3f3f3f00) >>> 0 // pale
      if (one !== other) {
        differing += 1
        const only = near(b, x, y, one) && near(a, x, y, other)
        if (only) moved += 1
        mark = only ? 0xff9000ff : 0xff0000ff // orange, red
      }
      where.data.writeUInt32BE(mark >>> 0, at)
    }
  }
  return { differing, moved, where }
}

const browser = await launch({ args: ['--hide-scrollbars', '--disable-partial-raster', '--disable-skia-runtime-opts', '--force-color-profile=srgb'] })
/** Chromium draws one page not always alike: the shade of a round corner depends on its tiles. What differs, differs always. */
const LOOKS = 4

async function look(page, show, html) {
  show(html)
  await page.goto('https://mail.example/', { waitUntil: 'load' })
  // Only then is every picture ready to be painted.
  await page.evaluate(() => Promise.all([...document.images].map(image => image.decode())))
  return page.screenshot({ fullPage: true, animations: 'disabled', scale: 'css' })
}

const found = []
for (const width of widths) {
  const page = await browser.newPage({
    viewport: { width, height: 800 }, javaScriptEnabled: false, colorScheme: 'light', locale: 'en-GB',
  })
  let shown
  const show = html => { shown = html }
  await page.route('**/*', route => answer(route, shown))
  for (const { name, mjml, ours } of pages) {
    let theirs, mine
    for (let looks = 0; looks < LOOKS && (looks === 0 || !theirs.equals(mine)); looks++) {
      theirs = await look(page, show, mjml)
      mine = await look(page, show, ours)
    }
    const same = theirs.equals(mine)
    const { differing, moved, where } = same ? { differing: 0, moved: 0 } : compare(PNG.sync.read(theirs), PNG.sync.read(mine))
    if (differing > 0) {
      const file = side => join(out, `${name}.${width}.${side}.png`)
      writeFileSync(file('mjml'), theirs)
      writeFileSync(file('ours'), mine)
      writeFileSync(file('difference'), PNG.sync.write(where))
    }
    found.push({ name, width, pixels: width * height(theirs), differing, moved, theirs: height(theirs), ours: height(mine) })
  }
  await page.close()
}
await browser.close()
process.stdout.write(JSON.stringify(found))
