// Somebody writes, and the page that shows it follows: the words, a block, a picture, the list. It stays where it was.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setting, shows, subscriber, until } from '../words.mjs'

export default async function ({ page, project, pictures }) {
  const [small, large] = pictures.map(picture => Buffer.from(picture, 'base64'))
  const took = {}
  let reloads = 0
  page.on('load', () => { reloads += 1 })

  /** Makes a change; how long until the frame shows it. */
  async function change(what, edit, holds) {
    const before = await page.evaluate(() => scrollY)
    assert.ok(before > 0, 'it is at the top: nothing is proved')
    const started = performance.now()
    edit()
    const seen = await shows(page, what, holds)
    took[what] = Math.round(performance.now() - started)
    const now = () => page.evaluate(() => scrollY)
    await until(page, `the place on the page after ${what}`, async () => Math.abs(await now() - before) <= 1 || [before, await now()])
    assert.equal(seen.width, 375, `${what}: the width is another`)
    assert.match(seen.text, /Hello (Reader 2|Somebody Else)!/, `${what}: the subscriber is another`)
    assert.match(await page.locator('.choice:has(input:checked)').innerText(), /reader2@example\.com/)
    assert.equal(await page.evaluate(() => document.activeElement.value), '375', `${what}: the focus is lost`)
    return seen
  }
  const replace = (file, from, to) => () => {
    const path = join(project, file)
    const text = readFileSync(path, 'utf8')
    assert.ok(text.includes(from), `${file} does not hold ${from}`)
    writeFileSync(path, text.replace(from, to))
  }

  await shows(page, 'the message', seen => seen.text.includes('Hello Reader 1!'))
  await subscriber(page, 'reader2@example.com')
  await setting(page, 'Width', '375 px')
  const first = await shows(page, 'the second subscriber', seen => seen.width === 375 && seen.text.includes('Hello Reader 2!'))
  assert.equal(first.pictures.at(-1).width, 1)
  await page.evaluate(() => scrollTo(0, document.getElementById('message').offsetTop + 40))

  const issue = 'campaigns/weekly/issue.md'
  await change('the issue', replace(issue, 'A paragraph', 'A sentence'), seen => seen.text.includes('A sentence with a link'))
  await change('the subject', replace(issue, 'Week {{', 'The week {{'), async () => (await page.locator('.subject').first().innerText()) === 'The week 7')
  await change('a block', replace('mjml/blocks/links.mjml', '[[ item.title ]]', '[[ item.title ]] (new)'), seen => seen.text.includes('Two things (new)'))
  await change('a picture', () => writeFileSync(join(project, 'campaigns/weekly/dot.png'), large), seen => seen.pictures.at(-1)?.width === 3)
  await change('the list', replace('subscribers.csv', 'Reader 2,', 'Somebody Else,'), seen => seen.text.includes('Hello Somebody Else!'))
  await change('the picture of before', () => writeFileSync(join(project, 'campaigns/weekly/dot.png'), small), seen => seen.pictures.at(-1)?.width === 1)
  // What is written in two steps may be seen half way.
  assert.ok(reloads >= 6 && reloads <= 12, `${reloads} new pages for 6 changes`)
  return took
}
