// Windows as narrow as a small phone and as wide as a desktop: nothing stands out of them sideways, in either scheme.
import assert from 'node:assert/strict'
import { setting, shows, tooWide } from '../words.mjs'

export default async function ({ page }) {
  await shows(page, 'the message', seen => seen.text.includes('Hello '))
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme })
    for (const width of [320, 375, 768, 1280]) {
      await page.setViewportSize({ width, height: 700 })
      for (const message of [800, 375]) {
        await setting(page, 'Width', `${message} px`)
        await shows(page, `the message at ${message} px`, seen => seen.width === message)
        assert.equal(await tooWide(page), 0, `a window of ${width} px with a message of ${message} scrolls sideways`)
      }
      // Whatever is too wide scrolls in a box of its own, which can be reached.
      const hidden = await page.evaluate(() => [...document.querySelectorAll('main *, header *')]
        .filter(element => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1)
        .filter(element => !element.closest('.scroll, .paper, .skip, .choice input, .tools input, .mail'))
        .map(element => element.outerHTML.slice(0, 80)))
      assert.deepEqual(hidden, [], `cut off at ${width} px`)
      // An inbox's row that the window cut would look as if the inbox did.
      const cut = await page.locator('.inboxes .scroll').evaluateAll(boxes => boxes.filter(box => box.scrollWidth > box.clientWidth)
        .map(box => [box.parentElement.dataset.client, getComputedStyle(box).maskImage === 'none' ? 'looks whole' : 'fades']))
      assert.deepEqual(cut, width < 768 ? cut.filter(([, looks]) => looks === 'fades') : [], `rows at ${width} px`)
    }
    const [ink, paper] = await page.evaluate(() => {
      const style = getComputedStyle(document.body)
      return [style.color, style.backgroundColor]
    })
    const brightness = colour => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)
    assert.equal(brightness(ink) < brightness(paper), scheme === 'light', `${ink} on ${paper} is not ${scheme}`)
  }
  // With the reader's own colours over it, what is chosen is still told from what is not.
  await page.emulateMedia({ forcedColors: 'active' })
  for (const group of ['.tools', '.choice']) {
    const colours = await page.locator(`${group} input + span`).evaluateAll(labels => [true, false]
      .map(checked => labels.find(label => label.previousElementSibling.checked === checked)).map(label => getComputedStyle(label).backgroundColor))
    assert.notEqual(colours[0], colours[1], group)
  }
}
