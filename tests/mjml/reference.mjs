// Prints what mjml makes of every probe and of every template, as JSON: { probes, templates }, lists of
// { name, mjml, html }. The templates are valid MJML, by mjml's own rules.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mjml2html from 'mjml'
import { probes } from './probes.mjs'

const templates = join(dirname(fileURLToPath(import.meta.url)), 'templates')

function render(name, mjml, filePath, validationLevel) {
  return { name, mjml, html: mjml2html(mjml, { validationLevel, filePath }).html }
}

const out = { probes: [], templates: [] }
for (const { name, mjml } of probes()) out.probes.push(render(name, mjml, undefined, 'skip'))
for (const file of readdirSync(templates).filter(name => name.endsWith('.mjml')).sort()) {
  const path = join(templates, file)
  const template = render(file, readFileSync(path, 'utf8'), path, 'strict')
  // mjml writes a comment where it finds no file.
  if (template.html.includes('mj-include fails to read file')) throw new Error(`${file}: an include is missing`)
  out.templates.push(template)
}
process.stdout.write(JSON.stringify(out))
