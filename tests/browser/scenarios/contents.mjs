// The page opens from disk and says all that it should of the example, as each of three subscribers gets it.
import assert from 'node:assert/strict'
import { message, shows, subscriber, texts, tooWide } from '../words.mjs'

export default async function ({ page, campaign }) {
  assert.equal(await page.title(), `${campaign}: preview`)
  const ada = await shows(page, 'the first subscriber', seen => seen.text.includes('Hello Ada, and happy Monday!'))
  assert.ok(!ada.text.includes('Pro office hours'), 'Ada is on the free plan')
  assert.deepEqual(ada.pictures.map(picture => picture.width > 0), [true, true], 'its pictures lie beside the page')
  assert.equal(ada.cut, 0, 'the frame is as high as the message')
  assert.match(await page.locator('#who').innerText(), /^As Ada \(ada\.morton@example\.com\)/)

  const choices = (await texts(page, '.choice')).map(text => text.split('\n').join(' | '))
  assert.equal(choices.length, 17)
  assert.equal(choices[0], 'Ada | ada.morton@example.com | plan == "pro" is false')

  // Every inbox shows the same words, each cut where it cuts.
  const seen = await texts(page, '[data-client] .seen')
  const clients = await page.locator('[data-client]').evaluateAll(inboxes => inboxes.map(inbox => inbox.dataset.client))
  assert.deepEqual(clients, ['gmail-desktop', 'gmail-phone', 'apple-desktop', 'apple-phone'])
  const cut = seen.map(text => Number(/^Subject: (\d+) of 123 characters/.exec(text)?.[1]))
  assert.ok(cut[0] > cut[1], `Gmail shows more of a subject on a desktop than on a phone: ${seen.join('; ')}`)
  for (const inbox of await page.locator('[data-client]').all()) {
    assert.match(await inbox.locator('.subject').textContent(), /^🧭 Slipped dates.*TMW #450$/u)
    assert.match(await inbox.locator('.preheader').textContent(), /^An estimate does one of three jobs\./)
  }

  assert.match(await page.locator('#snippet').innerText(), /invisible padding/)

  const rows = (await texts(page, '#link-rows tr')).map(row => row.trim())
  assert.ok(rows.includes('Kitefield\thttps://kitefield.example/start?ref=tmw&issue=450'), rows.join('\n'))
  const [leave] = rows.filter(row => row.startsWith('Unsubscribe\t'))
  for (const part of ['inert here', 'per subscriber: {{ unsubscribe_url }}', 'https://tmw.example/u/']) {
    assert.ok(leave.includes(part), leave)
  }
  const headers = await texts(page, '#header-rows tr')
  assert.ok(headers.includes('To\tAda <ada.morton@example.com>'), headers.join('\n'))
  assert.ok(headers.some(header => /^Subject\t🧭 Slipped dates.*=\?utf-8\?/isu.test(header)), headers.join('\n'))
  assert.match(await page.locator('#weight').innerText(), /^\d+\.\d KB of HTML\. Gmail cuts messages off at about 102 KB\.$/)
  assert.match(await page.locator('#text').innerText(), /Hello Ada, and happy Monday!/)

  // Somebody whose name would be markup, in every part of the page.
  await subscriber(page, 'tagged@example.com')
  await shows(page, 'Robin', seen => seen.text.includes('Hello <b>Robin</b>, and happy Monday!'))
  assert.match(await page.locator('#text').innerText(), /Hello <b>Robin<\/b>, and happy Monday!/)
  assert.ok((await texts(page, '#header-rows tr')).some(header => header.includes('<tagged@example.com>')))
  const files = await page.locator('#files a').evaluateAll(links => links.map(link => link.getAttribute('href')))
  assert.deepEqual(files, ['html', 'txt', 'eml'].map(kind => `0010-tagged%40example.com.${kind}`))

  await subscriber(page, 'zoe.lefevre@example.net')
  await shows(page, 'Zoé, who pays', seen => seen.text.includes('Hello Zoé') && seen.text.includes('Pro office hours'))
  assert.match(await page.locator('#text').innerText(), /Pro office hours/)

  // A link in the message says where it goes, and goes nowhere.
  const [frame] = page.mainFrame().childFrames()
  const before = (await message(page)).text
  // In the middle of a long message, both where a link goes and the settings are in sight.
  await frame.getByRole('link', { name: 'We stopped saying' }).click()
  assert.match(await page.locator('#where').innerText(), /plainteams\.example\/just/)
  for (const part of ['#where', '.tools']) {
    const { y, height } = await page.locator(part).boundingBox()
    assert.ok(y >= 0 && y + height <= page.viewportSize().height, `${part} is out of sight: ${y}`)
  }
  await frame.getByRole('link', { name: 'Unsubscribe' }).click()
  assert.match(await page.locator('#where').innerText(), /^“Unsubscribe” goes to https:\/\/tmw\.example\/u\/.*inert here/)
  assert.equal((await message(page)).text, before, 'the click led somewhere')
  assert.equal(await tooWide(page), 0)

  // What was chosen outlives a reload.
  await page.reload()
  await shows(page, 'Zoé again', seen => seen.text.includes('Hello Zoé'))
  assert.equal(await page.locator('.choice input:checked').count(), 1)
}
