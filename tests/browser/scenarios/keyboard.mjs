// Everything without a mouse: Tab, Shift+Tab, arrows and Enter.
import assert from 'node:assert/strict'
import { shows, until } from '../words.mjs'

/** What has the focus, and whether that can be seen. */
function focus(page) {
  return page.evaluate(() => {
    const element = document.activeElement
    if (element === document.body) return null
    // Of a radio button only its label is painted.
    const painted = element.matches('[type=radio]') ? element.nextElementSibling : element
    const style = getComputedStyle(painted)
    const { left, top, right, bottom } = painted.getBoundingClientRect()
    return {
      name: element.name || element.id || element.localName,
      value: element.value ?? element.innerText,
      ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
      inside: right > 0 && bottom > 0 && left < innerWidth && top < innerHeight,
    }
  })
}

async function press(page, key) {
  await page.keyboard.press(key)
  return focus(page)
}

/** Presses Tab until this has the focus. */
async function reach(page, name) {
  for (let times = 0; times < 20; times++) {
    const at = await press(page, 'Tab')
    if (at?.name === name) return at
  }
  throw new Error(`Tab does not lead to ${name}`)
}

function seen(at, name, value) {
  assert.deepEqual(at, { name, value, ring: true, inside: true })
}

export default async function ({ page }) {
  const first = await shows(page, 'the message', seen => seen.text.includes('Hello '))

  // The first stop leads past the list of subscribers.
  const skip = await press(page, 'Tab')
  assert.equal(skip.value, 'To the message')
  assert.ok(skip.ring && skip.inside, JSON.stringify(skip))
  await page.keyboard.press('Enter')
  seen(await press(page, 'Tab'), 'width', '800')

  seen(await press(page, 'ArrowRight'), 'width', '600')
  await shows(page, '600 px', seen => seen.width === 600)
  seen(await press(page, 'ArrowRight'), 'width', '375')
  await shows(page, '375 px', seen => seen.width === 375)
  seen(await press(page, 'Tab'), 'colours', 'light')
  seen(await press(page, 'ArrowRight'), 'colours', 'dark')
  await shows(page, 'the dark style', seen => seen.background !== first.background)
  seen(await press(page, 'Tab'), 'pictures', 'on')
  seen(await press(page, 'ArrowRight'), 'pictures', 'off')
  await shows(page, 'no pictures', seen => seen.pictures.every(picture => picture.width === 0))
  seen(await press(page, 'Shift+Tab'), 'colours', 'dark')
  seen(await press(page, 'ArrowLeft'), 'colours', 'light')
  await shows(page, 'the light style', seen => seen.background === first.background)

  // The list of subscribers is one stop; the arrows go through all of it.
  await page.goto('about:blank')
  await page.goBack()
  await shows(page, 'the message', seen => seen.text.includes('Hello '))
  const at = await reach(page, 'sample')
  const stems = await page.locator('[name=sample]').evaluateAll(inputs => inputs.map(input => input.value))
  assert.equal(at.value, stems[0])
  for (const stem of stems.slice(1)) {
    seen(await press(page, 'ArrowDown'), 'sample', stem)
    const address = stem.replace(/^\d+-/, '')
    await until(page, `the message to ${address}`, () => page.locator('#frame').getAttribute('title').then(title => title.includes(address) || title))
  }
  const last = await shows(page, 'the last message', seen => seen.text.includes('Hello ') && seen.text !== first.text)
  assert.equal(last.width, 375, 'the width stays as it was chosen')

  // Tab leads through the whole page, the message's own links too, and out of it again.
  const passed = new Set()
  for (let times = 0; times < 400; times++) {
    const at = await press(page, 'Tab')
    if (!at) break
    passed.add(at.name)
  }
  assert.equal(await focus(page), null, 'there is no end of it')
  for (const stop of ['width', 'colours', 'pictures', 'frame', 'a', 'summary']) assert.ok(passed.has(stop), `Tab passes ${stop} by`)
}
