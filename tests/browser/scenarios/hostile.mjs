// Names that would be scripts, and a template that holds some: all of them are shown, none of them runs.
import assert from 'node:assert/strict'
import { message, shows, texts, until } from '../words.mjs'

/** What Chromium says of the scripts that it does not run. */
const BLOCKED = /^Blocked script execution in 'about:srcdoc'|^Executing inline event handler violates/

export default async function ({ page, names }) {
  page.expected = BLOCKED
  await shows(page, 'the message', seen => seen.text.includes('Hello '))
  const stems = await page.locator('[name=sample]').evaluateAll(inputs => inputs.map(input => input.value))
  assert.equal(stems.length, names.length)
  const unharmed = async what => {
    const state = await page.evaluate(() => ({ ran: 'ran' in document.documentElement.dataset || 'ran' in window, title: document.title }))
    assert.deepEqual(state, { ran: false, title: 'weekly: preview' }, what)
    assert.equal((await message(page)).ran, false, what)
  }
  for (const [name, stem] of names.map((name, index) => [name, stems.find(stem => stem.includes(`reader${index + 1}@`))])) {
    await page.locator(`[name=sample][value="${stem}"]`).evaluate(input => input.click())
    const seen = await shows(page, `the name ${name}`, seen => seen.text.includes(`Hello ${name}!`))
    assert.ok(seen.text.includes('A hostile template'), "the template's own markup is shown")
    await until(page, 'the text part', () => page.locator('#text').innerText().then(text => text.includes(`Hello ${name}!`) || text))
    assert.ok((await texts(page, '.choice b')).includes(name), `the list does not show ${name}`)
    assert.equal((await page.locator('#who b').innerText()), name)
    await unharmed(name)
  }
  assert.ok(page.complaints.some(text => BLOCKED.test(text)), 'there was nothing to block')
  // Neither does a click on what the template holds.
  const [frame] = page.mainFrame().childFrames()
  await frame.getByText('A hostile template').click()
  await frame.getByText('Away').click()
  assert.equal(await page.locator('#where').innerText(), '“Away” goes to https://elsewhere.example/')
  await unharmed('clicks')
  assert.deepEqual(page.asked.filter(url => /elsewhere|onerror|\/x$/.test(url)), [], 'it loaded what a name asked for')
}
