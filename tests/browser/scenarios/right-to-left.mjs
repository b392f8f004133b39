// A subject that is written from right to left and too long for every inbox: each shows its beginning.
import assert from 'node:assert/strict'
import { shows, texts } from '../words.mjs'

export default async function ({ page, begins }) {
  await shows(page, 'the message', seen => seen.text.includes('שלום'))
  for (const told of await texts(page, '[data-client] .seen')) assert.match(told, /^Subject: \d+ of \d+ characters/)
  const hidden = await page.locator('[data-client] .subject').evaluateAll((subjects, begins) => subjects.filter(subject => {
    const range = document.createRange()
    range.setStart(subject.firstChild, 0)
    range.setEnd(subject.firstChild, begins.length)
    const [words, box] = [range, subject.closest('[data-box]')].map(what => what.getBoundingClientRect())
    return words.left < box.left - 1 || words.right > box.right + 1
  }).map(subject => subject.closest('figure').innerText), begins)
  assert.deepEqual(hidden, [], 'the beginning is cut off')
}
