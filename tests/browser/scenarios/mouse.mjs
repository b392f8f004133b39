// Width, colours and pictures, chosen with the mouse: what the frame then shows.
import assert from 'node:assert/strict'
import { setting, shows } from '../words.mjs'

const words = seen => seen.text.replace(/\s+/g, ' ')

export default async function ({ page }) {
  const light = await shows(page, 'the message as it opens', seen => seen.width === 800)
  assert.equal(light.background, 'rgb(255, 255, 255)')
  for (const width of [600, 375]) {
    await setting(page, 'Width', `${width} px`)
    const seen = await shows(page, `${width} px`, seen => seen.width === width)
    assert.equal(seen.cut, 0, `at ${width} px the frame cuts its message off`)
    assert.equal(words(seen), words(light), 'the same words at every width')
  }

  await setting(page, 'Colours', 'Dark')
  const dark = await shows(page, 'the dark style', seen => seen.background !== light.background)
  assert.equal(dark.background, 'rgb(18, 25, 28)', "the message's own dark style")
  assert.deepEqual([dark.width, dark.pictures], [375, light.pictures], 'width and pictures stay as they were')

  await setting(page, 'Pictures', 'Off')
  const bare = await shows(page, 'no pictures', seen => seen.pictures.every(picture => picture.width === 0))
  assert.equal(bare.pictures.length, 2)
  assert.match(bare.pictures[0].alt, /^The Handover Report 2025/)
  const [frame] = page.mainFrame().childFrames()
  const ratio = await frame.locator('img').first().evaluate(picture => {
    const bright = colour => colour.match(/[\d.]+/g).slice(0, 3).map(part => part / 255)
      .map(part => (part <= 0.04 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0.05)
    const [ink, paper] = [getComputedStyle(picture).color, getComputedStyle(picture.closest('.tint')).backgroundColor].map(bright)
    return ink / paper
  })
  assert.ok(ratio > 4.5, `in the dark the words in a picture's place are as bright as ${ratio} to 1`)
  assert.match(await page.locator('#mode').innerText(), /alt/)

  await setting(page, 'Colours', 'Repainted')
  const repainted = await shows(page, 'the light style', seen => seen.background === light.background)
  assert.ok(repainted.pictures.every(picture => picture.width === 0), 'pictures stay off')
  assert.match(await page.locator('#frame').evaluate(frame => getComputedStyle(frame).filter), /invert\(1\)/)

  await setting(page, 'Pictures', 'Shown')
  await setting(page, 'Colours', 'Light')
  await setting(page, 'Width', '800 px')
  const again = await shows(page, 'what it was', seen => seen.width === 800 && seen.pictures.every(picture => picture.width > 0))
  assert.deepEqual([again.background, again.pictures], [light.background, light.pictures])
  assert.equal(await page.locator('#frame').evaluate(frame => getComputedStyle(frame).filter), 'none')
}
