// Prints what mjml makes of every probe and of every template, as JSON: [{ name, mjml, html }].
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mjml2html from 'mjml'
import { probes } from './probes.mjs'

const templates = join(dirname(fileURLToPath(import.meta.url)), 'templates')

function render(name, mjml, filePath) {
  try {
    return { name, mjml, html: mjml2html(mjml, { validationLevel: 'skip', filePath }).html }
  } catch (error) {
    return { name, mjml, error: String(error.message) }
  }
}

const out = { probes: [], templates: [] }
for (const { name, mjml } of probes()) out.probes.push(render(name, mjml))
for (const file of readdirSync(templates).filter(name => name.endsWith('.mjml')).sort()) {
  const path = join(templates, file)
  out.templates.push(render(file, readFileSync(path, 'utf8'), path))
}
process.stdout.write(JSON.stringify(out))
