// What a person does with a preview and sees of it.
import assert from 'node:assert/strict'

/** So long something may take to appear on a busy machine. */
const PATIENCE_MS = 20_000

/** Waits until this holds, and says in the end how it stood. */
export async function until(page, what, holds) {
  const end = Date.now() + PATIENCE_MS
  for (let last; ; await page.waitForTimeout(5)) {
    try {
      last = await holds()
      if (last === true) return
    } catch (error) {
      last = error.message // The frame is just being replaced.
    }
    assert.ok(Date.now() < end, `waited in vain for ${what}; in the end: ${JSON.stringify(last)}`)
  }
}

/** What the frame shows of the message. */
export function message(page) {
  const [frame] = page.mainFrame().childFrames()
  return frame.evaluate(() => {
    if (document.readyState !== 'complete') throw new Error('it is still loading')
    return {
      text: document.body.innerText,
      width: innerWidth,
      cut: document.documentElement.scrollHeight - innerHeight,
      background: getComputedStyle(document.body).backgroundColor,
      pictures: [...document.images].map(picture => ({ alt: picture.alt, width: picture.naturalWidth })),
      ran: 'ran' in document.documentElement.dataset,
    }
  })
}

/** Waits until the frame shows a message of which this holds; the message. */
export async function shows(page, what, holds) {
  let seen
  await until(page, what, async () => {
    seen = await message(page)
    return holds(seen) || { ...seen, text: seen.text.slice(0, 200) }
  })
  return seen
}

/** How many pixels the page is wider than its window. */
export const tooWide = page =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Chooses a subscriber by a word on their label, with the mouse. */
export const subscriber = (page, word) => page.locator('.choice').filter({ hasText: word }).first().click()

/** Chooses one of the settings by its label, with the mouse. */
export const setting = (page, group, label) =>
  page.getByRole('group', { name: group }).getByText(label, { exact: true }).click()

/** The texts of all elements that match. */
export const texts = (page, selector) => page.locator(selector).allInnerTexts()
