import { includeOptions } from './circus-table.ts'
import type { IniDocument, IniSection } from './ini.ts'
import { nearestName } from './nearest.ts'
import { excerpt, type Report } from './report.ts'
import type { NamedEntries, Source } from './source.ts'
import type { Entry } from './table.ts'
import { watcherGroups } from './watcher-groups.ts'

const kinds = ['watcher', 'socket', 'plugin', 'env'] as const
const others = new Map([
  ['program', 'watcher'],
  ['group', 'watcher'],
  ['service', 'watcher'],
  ['app', 'watcher'],
  ['fcgi-program', 'watcher'],
  ['eventlistener', 'plugin'],
])

/** Sort the sections of an ini document by what they are about. Kinds of sections nobody knows are warned about. */
export function iniSource(file: string, document: IniDocument, report: Report): Source {
  inherit(document)
  const named: Record<'watcher' | 'socket' | 'plugin', NamedEntries[]> = { watcher: [], socket: [], plugin: [] }
  const patterns: { patterns: string[]; entries: Entry[] }[] = []
  for (const section of document.values()) {
    const [kind, name] = splitName(section.name)
    if (section.name === 'circus' || section.name === 'env') continue
    if (section.options.size === 0) {
      if (kind === 'plugin' && name) {
        report.warn(section.origin, `[${section.name}]: an empty section is ignored; to load it, write use = ${name}`)
      }
      continue
    }
    if (kind === 'env' && name !== undefined) {
      patterns.push({ patterns: name.split(',').map((pattern) => pattern.trim()), entries: entriesOf(section) })
    } else if ((kind === 'watcher' || kind === 'socket' || kind === 'plugin') && name !== undefined) {
      const entries = kind === 'watcher' ? watcherEntries(section, report) : entriesOf(section)
      named[kind].push({ name, origin: section.origin, entries })
    } else {
      report.warn(section.origin, `[${excerpt(section.name)}]: unknown section; ${insteadOf(section.name)}`)
    }
  }
  return {
    file,
    circus: entriesOf(document.get('circus')).filter(({ name }) => !includeOptions.includes(name)),
    env: entriesOf(document.get('env')),
    patterns,
    watchers: named.watcher,
    sockets: named.socket,
    plugins: named.plugin,
  }
}

/** `[DEFAULT]` holds options for every other section, a habit of Python's ini files. */
function inherit(document: IniDocument): void {
  const defaults = document.get('DEFAULT')
  document.delete('DEFAULT')
  if (!defaults) return
  for (const section of document.values()) {
    for (const [name, option] of defaults.options) if (!section.options.has(name)) section.options.set(name, option)
  }
}

function entriesOf(section: IniSection | undefined): Entry[] {
  return [...(section?.options.values() ?? [])].map(({ name, text, origin }) => ({
    name,
    value: text,
    origin: { ...origin, text },
  }))
}

/** Groups are written option by option in an ini: what is written for a whole group has no effect, as in the original. */
function watcherEntries(section: IniSection, report: Report): Entry[] {
  return entriesOf(section).filter(({ name, value, origin }) => {
    const group = watcherGroups.find(({ field }) => field === name)
    if (!group) return true
    const instead = group.field === 'env' ? `a section [env:${splitName(section.name)[1]}]` : `${group.prefix}NAME = …`
    report.warn(origin, `[${section.name}] ${name} = ${excerpt(value)}: has no effect; write ${instead}`)
    return false
  })
}

function splitName(section: string): [kind: string, name?: string] {
  const colon = section.indexOf(':')
  return colon < 0 ? [section] : [section.slice(0, colon), section.slice(colon + 1).trim()]
}

function insteadOf(section: string): string {
  const [kind, name] = splitName(section)
  const folded = kind.trim().toLowerCase()
  if (name === undefined) {
    const nearest = nearestName(folded, ['circus', 'env', ...kinds])
    if (!nearest) return 'it has no effect'
    return `did you mean [${nearest}${nearest === 'circus' || nearest === 'env' ? '' : ':NAME'}]?`
  }
  const nearest = others.get(folded) ?? nearestName(folded, kinds)
  return nearest ? `did you mean [${nearest}:${name}]?` : 'it has no effect'
}
