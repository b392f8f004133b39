// A list that is too long to look through: found by typing.
import assert from 'node:assert/strict'
import { shows, subscriber, texts } from '../words.mjs'

export default async function ({ page }) {
  await shows(page, 'the message', seen => seen.text.includes('Hello Reader 1!'))
  const field = page.getByRole('searchbox', { name: 'Find a subscriber' })
  await field.fill('reader17@')
  const found = await texts(page, '.choice')
  assert.equal(found.length, 1, found.join('; '))
  await subscriber(page, 'reader17@example.com')
  await shows(page, 'the seventeenth', seen => seen.text.includes('Hello Reader 17!'))
  await field.fill('nobody at all')
  assert.equal(await page.getByText('Nobody shown here matches.').isVisible(), true)
  assert.equal((await texts(page, '.choice')).length, 0)
  await field.fill('')
  assert.equal((await texts(page, '.choice')).length, 40)
  assert.equal(await page.locator('.choice input:checked').count(), 1, 'the choice is kept')
}
