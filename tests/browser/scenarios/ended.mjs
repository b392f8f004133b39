// The server ends while its page is open, and is started again: the page says so, and goes on.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shows } from '../words.mjs'

export default async function ({ page, address, pid, binary, project }) {
  page.expected = /^Failed to load resource: net::ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING/
  await shows(page, 'the message', seen => seen.text.includes('Hello Reader 1!'))
  process.kill(pid, 'SIGINT')
  const told = page.getByText('mailshot has ended')
  await told.waitFor()
  await shows(page, 'what it last had', seen => seen.text.includes('Hello Reader 1!'))

  const issue = join(project, 'campaigns/weekly/issue.md')
  writeFileSync(issue, readFileSync(issue, 'utf8').replace('A paragraph', 'Written meanwhile, a paragraph'))
  const again = spawn(binary, ['preview', 'weekly', '--serve', new URL(address).host], { cwd: project, stdio: 'ignore' })
  try {
    await shows(page, 'what was written meanwhile', seen => seen.text.includes('Written meanwhile'))
    assert.equal(await told.count(), 0)
  } finally {
    again.kill()
  }
}
