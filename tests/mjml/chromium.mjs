// Debian's Chromium, driven by playwright. It finds no host by its name.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

/** A browser; `hosts` are rules for the few names that it is to find after all. */
export function launch({ hosts = '', args = [] } = {}) {
  const executablePath = process.env.PATH.split(delimiter).map(folder => join(folder, 'chromium')).find(existsSync)
  if (!executablePath) throw new Error('chromium is not installed')
  return chromium.launch({ executablePath, args: [`--host-resolver-rules=${hosts}MAP * ~NOTFOUND`, ...args] })
}
