import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ControlCommand } from '../command.ts'
import { commandLoaders } from '../commands/index.ts'

/** A package that brings commands for `circusctl`: one with an `oclif` key in its `package.json`. */
export interface CliPackage {
  readonly name: string
  readonly version: string
  /** Its folder. */
  readonly root: string
  /** By the project in whose folder `circusctl` is run, or by `circusctl plugins install`. */
  readonly from: 'project' | 'installed'
  /** What shows; hidden ones and aliases run as well. */
  readonly commands: readonly PackageCommand[]
  /** All that can be typed, aliases and hidden ones included. */
  readonly words: readonly string[]
}

/** A command of a package, as its `oclif.manifest.json` tells. */
interface PackageCommand {
  /** Its words: `report daily`. */
  readonly name: string
  readonly summary: string
}

/** Where `circusctl plugins install` puts packages: a folder for each. */
export function installFolder(): string {
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local/share'), 'circusctl/plugins')
}

/**
 * The packages whose commands can be run here: those called `circusd-plugin-…` among the dependencies of the project (of
 * the working folder, or the nearest above it that has any), and the installed ones. Nothing of theirs is run for it.
 */
export function cliPackages(): CliPackage[] {
  const packages = [...projectPackages(), ...installedPackages()]
  return packages.filter(({ name }, at) => packages.findIndex((other) => other.name === name) === at)
}

/** The packages that `circusctl plugins install` has put here. */
function installedPackages(): CliPackage[] {
  const folder = installFolder()
  const entries = statOf(folder) ? readdirSync(folder) : []
  return entries
    .filter((entry) => !entry.startsWith('.'))
    .flatMap((entry) => packagesOf(join(folder, entry), 'installed', () => true))
}

/** The package that brings the command which a line begins with. */
export function packageCommand(line: readonly string[]): CliPackage | undefined {
  const begins = (words: string) => words.split(' ').every((word, at) => line[at] === word)
  return cliPackages().find(({ words }) => words.some(begins))
}

/** The commands of packages by their first words, as far as a completion cares: what they are called and what for. */
export function packageCommands(): ControlCommand[] {
  const byWord = Map.groupBy(
    cliPackages().flatMap(({ commands }) => commands),
    ({ name }) => name.split(' ', 1)[0] as string,
  )
  return [...byWord].map(([word, commands]) => {
    const rest = commands.flatMap(({ name }) => name.split(' ')[1] ?? [])
    const summary = commands.map(({ summary }) => summary).join(' ')
    const args = [{ name: 'command', description: 'what to do', options: [...new Set(rest)] }]
    return { name: word, summary, ...(rest.length > 0 && { args }) }
  })
}

/** The packages that a folder depends on and that bring commands. */
export function packagesOf(folder: string, from: CliPackage['from'], wanted: (name: string) => boolean): CliPackage[] {
  return Object.keys(Object(readJson(folder, 'package.json').dependencies))
    .filter(wanted)
    .flatMap((name) => packageAt(find(name, folder), from) ?? [])
}

function projectPackages(): CliPackage[] {
  const from = workingFolder()
  if (from === undefined) return []
  const pattern = /^(@[^/]+\/)?circusd-plugin-./
  for (let folder = from; ; folder = dirname(folder)) {
    const found = isTrusted(folder) ? packagesOf(folder, 'project', (name) => pattern.test(name)) : []
    if (found.length > 0 || folder === dirname(folder)) return found
  }
}

/** `undefined` once it was removed. */
function workingFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

/** What is there; `undefined` as well where one may not look. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Whether to run what lies in a folder: not what belongs to another user, who might wait for root to come by. */
function isTrusted(folder: string): boolean {
  const owner = statOf(join(folder, 'package.json'))?.uid
  return owner === undefined || owner === 0 || owner === process.geteuid?.()
}

/** A package's folder, as Node looks for it. */
function find(name: string, folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const root = join(at, 'node_modules', name)
    if (at === dirname(at) || statOf(join(root, 'package.json'))) return root
  }
}

function packageAt(root: string, from: CliPackage['from']): CliPackage | undefined {
  const { name, version, oclif } = readJson(root, 'package.json')
  if (typeof name !== 'string' || typeof oclif !== 'object') return undefined
  const entries = Object.values(Object(readJson(root, 'oclif.manifest.json').commands) as Record<string, Entry>)
  const commands = entries
    .filter(({ id, hidden }) => hidden !== true && !isOurs(wordsOf(id)))
    .map(({ id, summary, description }) => ({ name: wordsOf(id), summary: firstLine(summary ?? description) }))
  const words = entries
    .flatMap(({ id, aliases }) => [id, ...(aliases ?? [])].map(wordsOf))
    .filter((one) => !isOurs(one))
  return { name, version: String(version), root, from, commands, words }
}

/** A command in an `oclif.manifest.json`. */
interface Entry {
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly hidden?: boolean
  readonly aliases?: readonly string[]
}

const wordsOf = (id: string) => String(id).replaceAll(':', ' ')

const firstLine = (text: string | undefined) => String(text ?? '').split('\n', 1)[0] as string

/** No package takes the place of a command of `circusctl`. */
const isOurs = (words: string) => Object.hasOwn(commandLoaders, words.split(' ', 1)[0] as string)

function readJson(folder: string, file: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  } catch {
    return {}
  }
}
