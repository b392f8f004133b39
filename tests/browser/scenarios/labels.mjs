// The page as a screen reader finds it: the accessibility tree, and what axe, a judge of such things, says of it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { shows } from '../words.mjs'

/** What can be used, and so needs a name. */
const USED = ['button', 'checkbox', 'combobox', 'Iframe', 'link', 'radio', 'searchbox', 'textbox']

const AXE = readFileSync(new URL('../../mjml/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Whatever axe has against the page, in both schemes, on a desktop and on a phone. */
async function judge(page, rules) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 900 })
      await page.evaluate(AXE)
      const { passes, violations } = await page.evaluate(runOnly => window.axe.run(document, { iframes: false, runOnly }), rules)
      const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => node.html.slice(0, 100)).join(' and ')}`)
      assert.deepEqual(told, [], `${colorScheme}, ${width} px`)
      assert.ok(passes.length > 20, 'it judged nothing')
    }
  }
}

export default async function ({ page }) {
  await shows(page, 'the message', seen => seen.text.includes('Hello '))
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  const tree = nodes.filter(node => !node.ignored).map(node => ({
    role: node.role?.value,
    name: node.name?.value?.trim() ?? '',
    level: node.properties?.find(property => property.name === 'level')?.value.value,
  }))
  const of = role => tree.filter(node => node.role === role)

  const unnamed = tree.filter(node => USED.includes(node.role) && !node.name)
  assert.deepEqual(unnamed, [], 'they have no name')
  assert.ok(of('radio').length >= 8 && of('link').length > 20, 'the tree is there')
  assert.match(of('Iframe')[0].name, /^The message to .+, 800 px wide, light, pictures on$/)

  for (const landmark of ['banner', 'main', 'navigation']) assert.equal(of(landmark).length, 1, landmark)
  assert.deepEqual(of('form').map(form => form.name), ['Whose message is shown', 'How the message is shown'])
  const groups = of('group').map(group => group.name)
  for (const group of ['Worth a look', 'Width', 'Colours', 'Pictures']) assert.ok(groups.includes(group), `${group}: ${groups}`)

  const headings = of('heading')
  assert.deepEqual(headings.filter(heading => heading.level === 1).length, 1)
  headings.reduce((before, { level, name }) => {
    assert.ok(level <= before + 1, `"${name}" skips a level`)
    return level
  }, 0)
  const lost = await page.locator('nav a').evaluateAll(links => links.filter(link => !document.querySelector(link.hash)).length)
  assert.equal(lost, 0, 'a way leads nowhere')
  const columns = of('columnheader').map(column => column.name)
  for (const column of ['Text', 'Goes to', 'Header']) assert.ok(columns.includes(column), `${column}: ${columns}`)
  assert.ok(of('status').length >= 2, 'what changes is told')

  const rest = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    ids: [...document.querySelectorAll('[id]')].map(element => element.id),
    small: [...document.querySelectorAll('.tools label, .choice')].filter(label => label.getBoundingClientRect().height < 24).length,
  }))
  assert.equal(rest.lang, 'en')
  assert.equal(new Set(rest.ids).size, rest.ids.length, 'an id stands twice')
  assert.equal(rest.small, 0, 'they are too small to hit (WCAG 2.2, 2.5.8)')

  await judge(page, [...WCAG, 'best-practice'])
  // And the message by itself, as a mail program shows it.
  await page.goto(new URL(await page.locator('#files a').first().getAttribute('href'), page.url()).href)
  await judge(page, WCAG)
}
