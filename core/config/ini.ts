// Read by hand rather than by the `ini` package: that one nests dots, strips quotes, cuts values at `#`, lets the last
// duplicate win and keeps no line numbers, so that preparing its input would take a line reader of this size anyway.
import { excerpt, type Report } from './report.ts'
import type { Origin } from './types.ts'

/** One `name = value` of an ini file. */
interface IniOption {
  readonly name: string
  readonly text: string
  readonly origin: Origin
}

/** One section, merged from every place that names it. The first value of an option wins. */
export interface IniSection {
  readonly name: string
  readonly origin: Origin
  readonly options: Map<string, IniOption>
}

/** Sections by name, in the order they first appear. */
export type IniDocument = Map<string, IniSection>

/** A file of another kind (a picture, a log) would otherwise be answered with a line for each of its lines. */
const mostErrors = 50

/**
 * Read one file of the dialect in CONFIG.md. Sections and options come in the order of the file. Errors, all of them, go
 * to `report` with their line; what could be read is returned all the same.
 */
export function readIni(text: string, file: string, report: Report): IniDocument {
  const document: IniDocument = new Map()
  const values: { readonly option: { text: string }; readonly lines: string[] }[] = []
  let section: IniSection | undefined
  /** The lines of the value above, which an indented line continues. */
  let above: string[] | undefined
  let errors = 0
  let more = 0
  let firstOfMore = 0

  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    if (raw.trim() === '' || isComment(raw)) continue
    const indented = /^\s/.test(raw)
    const origin = { file, line: index + 1 }
    if (raw.includes('\0')) error(origin, raw.replaceAll('\0', '␀'), 'has a NUL byte; this is not a text file')
    else if (indented && above) above.push(raw.trim())
    else if (isComment(raw.trimStart())) continue
    else if (raw.trimStart().startsWith('[')) readHeader(raw, origin)
    else readOption(raw.trimStart(), origin, indented)
  }
  if (more > 0) report.error({ file, line: firstOfMore }, `${more} more lines like these, from here on`)
  for (const { option, lines } of values) option.text = lines.join('\n')
  return document

  function readHeader(line: string, origin: Origin): void {
    above = undefined
    const name = sectionName(line)
    if (name === undefined) {
      error(origin, line.trimStart(), 'a section is written [NAME], from the first column on')
    } else {
      section = document.get(name) ?? { name, origin, options: new Map() }
      document.set(name, section)
    }
  }

  function readOption(line: string, origin: Origin, indented: boolean): void {
    const delimiter = line.search(/[=:]/)
    if (!section || delimiter < 0) {
      const why = section
        ? 'neither a [section], an option = value, nor a comment'
        : 'stands before the first [section]'
      error(origin, line, why)
      return
    }
    if (delimiter === 0) report.warn(origin, `${excerpt(line)}: has no effect without a name before the ${line[0]}`)
    if (indented) report.warn(origin, `${excerpt(line)}: starts with white space, which the original Circus trips over`)
    const option = { name: line.slice(0, delimiter).trimEnd(), text: '', origin }
    above = [withoutComment(line.slice(delimiter + 1))]
    values.push({ option, lines: above })
    if (option.name !== '' && !section.options.has(option.name)) section.options.set(option.name, option)
  }

  function error(origin: Origin, line: string, message: string): void {
    if (errors < mostErrors) {
      errors++
      report.error(origin, `${excerpt(line)}: ${message}`)
    } else if (more++ === 0) {
      firstOfMore = origin.line
    }
  }
}

/** Add what `included` says to `document`, where that says nothing itself. */
export function mergeIni(document: IniDocument, included: IniDocument): void {
  for (const section of included.values()) {
    const known = document.get(section.name)
    if (!known) document.set(section.name, section)
    else for (const [name, option] of section.options) if (!known.options.has(name)) known.options.set(name, option)
  }
}

function isComment(line: string): boolean {
  return line.startsWith('#') || line.startsWith(';') || /^rem(\s|$)/i.test(line)
}

/** The name runs to the bracket that closes the first: `[env:web[12]]` holds a character class, `[a] ; see [b]` a comment. */
function sectionName(line: string): string | undefined {
  if (!line.startsWith('[')) return undefined
  let depth = 0
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '[') depth++
    else if (line[at] === ']' && --depth === 0) return line.slice(1, at) || undefined
  }
  const first = line.indexOf(']')
  return first > 1 ? line.slice(1, first) : undefined
}

function withoutComment(value: string): string {
  const text = value.trimStart()
  const semicolon = text.indexOf(';')
  // `at(-1)` for a leading semicolon is the original's own slip, and part of the dialect.
  const cut = semicolon >= 0 && /\s/.test(text.at(semicolon - 1)!) ? text.slice(0, semicolon) : text
  const trimmed = cut.trim()
  return trimmed === '""' ? '' : trimmed
}
