// A template that is broken while the page is open: the page says what is wrong and where, keeps what it showed, and goes
// on when it is mended.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shows, until } from '../words.mjs'

export default async function ({ page, project }) {
  await shows(page, 'the message', seen => seen.text.includes('Hello Reader 1!'))
  const title = await page.title()
  const block = join(project, 'mjml/blocks/prose.mjml')
  const good = readFileSync(block, 'utf8')
  const alert = page.getByRole('alert')
  assert.equal(await alert.count(), 0)

  writeFileSync(block, good.replace('<mj-text', '<mj-txet').replace('</mj-text', '</mj-txet'))
  await alert.waitFor()
  const said = await alert.innerText()
  for (const part of ['This does not work yet.', 'mjml/blocks/prose.mjml:4:', 'mj-txet', 'mj-text']) {
    assert.ok(said.includes(part), `"${part}" is not in what it says: ${said}`)
  }
  assert.equal(await alert.locator('mark').innerText(), '<mj-txet')
  assert.equal(await page.title(), `✗ ${title}`, 'a tab in the background tells, too')
  await shows(page, 'the last preview that worked', seen => seen.text.includes('Hello Reader 1!'))

  // Another mistake instead of that one: another message, and no reload.
  writeFileSync(block, good.replace('[[ block.body ]]', '[[ block.bdoy ]]'))
  await until(page, 'the second mistake', () => alert.innerText().then(text => (text.includes('bdoy') && !text.includes('mj-txet')) || text))

  // It can be put aside, by mouse and by key.
  await alert.getByRole('button', { name: 'Look beneath' }).click()
  assert.equal(await alert.count(), 0)
  assert.equal(await page.title(), title)
  writeFileSync(block, good.replace('</mj-column>', ''))
  await alert.waitFor()
  await page.keyboard.press('Escape')
  assert.equal(await alert.count(), 0)

  writeFileSync(block, good.replace('[[ block.body ]]', '[[ block.body ]]<p>Mended.</p>'))
  await shows(page, 'what was mended', seen => seen.text.includes('Mended.'))
  assert.deepEqual([await alert.count(), await page.title()], [0, title])
}
