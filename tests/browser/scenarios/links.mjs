// The list of links: whose each is, where it goes, which UTM parameters it carries; and what follows a preheader.
import assert from 'node:assert/strict'
import { setting, shows, texts } from '../words.mjs'

const PICTURE = 'https://pictures.example/a.png'

export default async function ({ page }) {
  // Of the web the page takes a message's pictures, which are not to be had here, and no fonts.
  page.expected = /^Failed to load resource: net::ERR_FAILED$|^Loading the stylesheet 'https:\/\/fonts\./
  await shows(page, 'the message', seen => seen.text.includes('Hello Zoé,'))
  const rows = (await texts(page, '#link-rows tr')).map(row => row.trim().split(/\s*[\t\n]\s*/))
  assert.deepEqual(rows.map(([text]) => text), ['fixed', 'pro', 'mixed', 'leave', 'view', 'Picture: A cat', 'ours'])
  const [fixed, pro, mixed, leave, view, , ours] = rows.map(row => row.slice(1).join(' '))
  assert.equal(fixed, 'https://a.example/fixed?x=1#end source = own')
  assert.equal(ours, 'https://a.example/ours medium = email source = letter campaign = short')
  assert.ok(pro.includes('per subscriber: {{ plan }}') && pro.includes('https://a.example/pro'), pro)
  assert.ok(mixed.includes('per subscriber: {{ company }}, {{ plan }}'), mixed)
  assert.ok(leave.includes('inert here') && leave.includes('per subscriber: {{ unsubscribe_url }}'), leave)
  assert.ok(view.includes('this issue on the web') && view.includes('https://tmw.example/issues/short'), view)
  for (const list of [leave, view]) assert.ok(!list.includes('source ='), `the list's own links carry none: ${list}`)

  // Followed, a link of the list leads to the whole of it.
  const goes = await page.locator('#link-rows tr').filter({ hasText: 'ours' }).getByRole('link').getAttribute('href')
  assert.equal(goes, 'https://a.example/ours?utm_medium=email&utm_source=letter&utm_campaign=short')
  assert.ok(await page.getByRole('columnheader', { name: 'UTM' }).isVisible())

  const snippet = await page.locator('#snippet').innerText()
  assert.match(snippet, /^Where the preheader ends, inboxes go on with the body: “Hello Zoé, fixed pro mixed leave/)
  const [seen] = await texts(page, '[data-client] .seen')
  assert.equal(seen, 'Subject whole, 5 characters. Preheader whole, 12 characters.')

  // A dark screen changes nothing of a message that has no dark style.
  const light = await shows(page, 'the message', seen => seen.text.includes('Hello Zoé,'))
  await setting(page, 'Colours', 'Dark')
  await shows(page, 'the same', seen => seen.text === light.text && seen.background === light.background)

  // A message may have pictures from the web; a mail program asks for them, and so does the page.
  assert.ok(page.left.length > 0)
  assert.deepEqual(page.left.filter(url => url !== PICTURE), [])
  page.left.length = 0
}
