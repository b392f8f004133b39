// The issue as one page for the web: whole in one file, in every window.
import assert from 'node:assert/strict'
import { tooWide } from '../words.mjs'

export default async function ({ page }) {
  const text = await page.locator('body').innerText()
  assert.ok(text.includes('Hello there, and happy Monday!'), text.slice(0, 500))
  for (const word of ['{{', '{%', 'Unsubscribe', 'View in browser']) assert.ok(!text.includes(word), `it says ${word}`)
  const pictures = await page.locator('img').evaluateAll(images => images.map(image => [image.naturalWidth > 0, image.alt !== '']))
  assert.deepEqual(pictures, [[true, true], [true, true]])
  for (const width of [320, 375, 800, 1280]) {
    await page.setViewportSize({ width, height: 700 })
    assert.equal(await tooWide(page), 0, `it scrolls sideways at ${width} px`)
  }
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await background()
  await page.emulateMedia({ colorScheme: 'dark' })
  assert.notEqual(await background(), light, 'it has no dark style')
  assert.deepEqual(page.asked.length, 1, page.asked.join(' '))
}
