// Plays one scenario in Chromium: opens the page that the input names, hears of everything that goes wrong in it, and
// lets nothing out. A scenario is a file in scenarios/, which exports a function of { page, ...input } and asserts; what
// it returns is printed as JSON.
//
//     node harness.mjs SCENARIO < input.json
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../mjml/chromium.mjs'

const VIEW = { width: 1280, height: 900 }

/** The preview's page. What it asked for, what of that was not its own, and what it complained of stand beside it. */
async function open(browser, address) {
  const context = await browser.newContext({ viewport: VIEW, locale: 'en-GB', timezoneId: 'UTC', colorScheme: 'light' })
  const page = await context.newPage()
  Object.assign(page, { asked: [], left: [], complaints: [], expected: null })
  const base = new URL('.', address).href
  await context.route('**/*', route => {
    const url = route.request().url()
    page.asked.push(url)
    if (url.startsWith(base)) return route.continue()
    page.left.push(url)
    return route.abort()
  })
  page.on('pageerror', error => page.complaints.push(String(error)))
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) page.complaints.push(message.text())
  })
  page.on('dialog', dialog => {
    page.complaints.push('a dialog: ' + dialog.message())
    return dialog.dismiss()
  })
  context.on('page', other => page.complaints.push('another page opened: ' + other.url()))
  await page.goto(address)
  return page
}

const [scenario] = process.argv.slice(2)
const { address, out, ...input } = JSON.parse(readFileSync(0, 'utf8'))
const { default: play } = await import(`./scenarios/${scenario}.mjs`)
const browser = await launch({
  hosts: 'EXCLUDE 127.0.0.1, MAP rebound.example 127.0.0.1, ',
  // Browsers without Chromium's own guard of local servers are to be safe, too.
  args: ['--disable-features=LocalNetworkAccessChecks'],
})
let page
try {
  page = await open(browser, address)
  const result = await play({ page, address, out, ...input })
  assert.deepEqual(page.left, [], 'the page asked for what is not its own')
  const complaints = page.complaints.filter(text => !page.expected?.test(text))
  assert.deepEqual(complaints, [], 'the browser complained')
  process.stdout.write(JSON.stringify(result ?? null))
} catch (error) {
  const picture = join(out, `${scenario}.png`)
  await page?.screenshot({ path: picture }).catch(() => {})
  process.stderr.write(`${error.stack}\nthe page complained of: ${JSON.stringify(page?.complaints)}\nit looked like this: ${picture}\n`)
  process.exitCode = 1
} finally {
  await browser.close()
}
