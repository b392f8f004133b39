// Prints what mjml makes of every probe, of documents drawn at random and of every template, as JSON:
// { probes, documents, templates }, lists of { name, mjml, html }. The templates are valid MJML, by mjml's own rules.
// Arguments: the seed of the documents, and how many.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mjml2html from 'mjml'
import { documents } from './documents.mjs'
import { probes } from './probes.mjs'

const templates = join(dirname(fileURLToPath(import.meta.url)), 'templates')

function render(name, mjml, filePath, validationLevel) {
  return { name, mjml, html: mjml2html(mjml, { validationLevel, filePath }).html }
}

const [seed, count] = process.argv.slice(2).map(Number)
const out = { probes: [], documents: [], templates: [] }
for (const { name, mjml } of probes()) out.probes.push(render(name, mjml, undefined, 'skip'))
for (const { name, mjml } of documents(seed, count)) out.documents.push(render(name, mjml, undefined, 'skip'))
for (const file of readdirSync(templates).filter(name => name.endsWith('.mjml')).sort()) {
  const path = join(templates, file)
  const template = render(file, readFileSync(path, 'utf8'), path, 'strict')
  // mjml writes a comment where it finds no file.
  if (template.html.includes('mj-include fails to read file')) throw new Error(`${file}: an include is missing`)
  out.templates.push(template)
}
process.stdout.write(JSON.stringify(out))
