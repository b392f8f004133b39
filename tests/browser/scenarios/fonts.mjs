// A message with a font from the web: nothing is asked for, nothing is complained of, and the page says so.
import assert from 'node:assert/strict'
import { shows } from '../words.mjs'

export default async function ({ page }) {
  await shows(page, 'the message', seen => seen.text.includes('Hello '))
  assert.match(await page.locator('#mode').innerText(), /^Fonts from fonts\.example are not loaded here/)
  const [frame] = page.mainFrame().childFrames()
  const font = await frame.getByText('Hello ').first().evaluate(element => getComputedStyle(element).fontFamily)
  assert.match(font, /Raleway, Georgia/, 'the font that is named next is shown')
}
