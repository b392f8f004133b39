// What comes out of the printer, as a PDF.
import { join } from 'node:path'
import { shows, until } from '../words.mjs'

export default async function ({ page, out }) {
  await shows(page, 'the message', seen => seen.text.includes('Hello ') && seen.cut === 0)
  await until(page, 'the message on paper', () => page.locator('#caption').textContent().then(text => text !== ''))
  const path = join(out, 'printed.pdf')
  await page.pdf({ path, format: 'A4', margin: { top: '10mm', right: '10mm', bottom: '10mm', left: '10mm' } })
  return { path }
}
