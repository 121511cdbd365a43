import type { Problem } from './problem.ts'
import { asText, excerpt } from './report.ts'
import { splitCommand } from './split-command.ts'
import type { Origin, WatcherConfig, WatcherOptions } from './types.ts'
import { type Group, groupEntries, groupOf, misnamed, watcherGroups } from './watcher-groups.ts'
import { watcherHint } from './watcher-hints.ts'
import { type WatcherGroup, watcherRows } from './watcher-table.ts'

/**
 * A watcher while its options are being set, one by one, from an ini, an object or a request. Nothing it is made from
 * is changed; `finish` gives the result and what is wrong with it as a whole.
 */
export class WatcherDraft {
  readonly #name: string
  readonly #values = new Map<string, unknown>()
  readonly #groups = new Map<WatcherGroup, Map<string, unknown>>()
  readonly #origins: Map<string, Origin>

  /** Begin with the defaults, or with the options of `from`. */
  constructor(name: string, from?: WatcherConfig) {
    this.#name = name
    this.#origins = new Map(Object.entries(from?.origins ?? {}))
    const options: Partial<WatcherOptions> = from?.options ?? {}
    for (const [option, row] of watcherRows) {
      this.#values.set(option, options[option as keyof WatcherOptions] ?? row.default)
    }
    for (const field of [...watcherGroups.map((group) => group.field), 'options'] as const) {
      this.#groups.set(field, new Map(Object.entries(options[field] ?? {})))
    }
  }

  /**
   * Set one option by its name in the ini; `null` takes it back. An object sets a whole group (`env`, `rlimits`, …).
   * Returns what is wrong; an unknown option is kept all the same, a wrong value is not.
   */
  set(name: string, raw: unknown, origin: Origin): Problem[] {
    if (raw === undefined) return []
    const row = watcherRows.get(name)
    if (row) {
      const value = raw === null ? row.default : row.kind.read(raw)
      if (value === undefined)
        return [{ id: 'invalid', name, expected: row.kind.expected, said: row.kind.said, got: raw }]
      this.#values.set(name, value)
      this.#note(name, raw, origin)
      return []
    }
    const whole = watcherGroups.find(({ field }) => field === name)
    if (whole) return this.#setGroup(whole, raw, origin)
    const part = groupOf(name)
    if (part) return this.#setInGroup(part.group, part.key, raw, origin)
    return this.#setUnclaimed(name, raw, origin)
  }

  /** The watcher as it is now, and what is wrong with its options taken together. */
  finish(): { readonly config: WatcherConfig; readonly problems: readonly Contradiction[] } {
    const groups = [...this.#groups].map(([field, values]) => [field, Object.fromEntries(values)] as const)
    const options = Object.fromEntries([...this.#values, ...groups]) as unknown as WatcherOptions
    const config = { name: this.#name, options, origins: Object.fromEntries(this.#origins) }
    return { config, problems: checkWatcher(this.#name, options) }
  }

  #setGroup(group: Group, raw: unknown, origin: Origin): Problem[] {
    const entries = raw === null ? [] : groupEntries(group, raw)
    if (!entries) {
      const [expected, said] = ['an object of names and values', "isn't a valid object"]
      return [{ id: 'invalid', name: group.field, expected, said, got: raw }]
    }
    if (!group.merges || raw === null) {
      this.#groups.get(group.field)!.clear()
      for (const name of this.#origins.keys()) if (name.startsWith(group.prefix)) this.#origins.delete(name)
    }
    return entries.flatMap(([key, value]) => this.#setInGroup(group, group.key(key), value, origin))
  }

  #setInGroup(group: Group, key: string, raw: unknown, origin: Origin): Problem[] {
    const name = `${group.prefix}${key}`
    if (raw === undefined) return []
    const wrong = misnamed(group, key, raw)
    if (wrong) return [wrong]
    const values = this.#groups.get(group.field)!
    // The original's clients say null for an unlimited limit.
    if (raw === null && group.field !== 'rlimits') {
      values.delete(key)
    } else {
      const value = group.kind.read(raw)
      if (value === undefined) return [{ id: 'invalid', name, expected: group.kind.expected, got: raw }]
      values.set(key, value)
    }
    this.#note(name, raw, origin)
    return []
  }

  #setUnclaimed(name: string, raw: unknown, origin: Origin): Problem[] {
    const values = this.#groups.get('options')!
    this.#note(name, raw, origin)
    if (raw === null) {
      values.delete(name)
      return []
    }
    values.set(name, asText(raw))
    const hint = watcherHint(name)
    const dotted = /^[^.]+\../.test(name)
    return dotted && !hint.nearest ? [] : [{ id: 'unknown', name, got: raw, dotted, ...hint }]
  }

  #note(name: string, raw: unknown, origin: Origin): void {
    if (raw === null) this.#origins.delete(name)
    else this.#origins.set(name, origin)
  }
}

type Contradiction = Extract<Problem, { id: 'conflict' | 'doubtful' }>

function checkWatcher(name: string, options: WatcherOptions): Contradiction[] {
  const { cmd, args, shell, singleton, numprocesses, copy_env, copy_path, virtualenv, shell_args } = options
  const problems: Contradiction[] = []
  const conflict = (name: string, why: string, other?: string) =>
    problems.push({ id: 'conflict', name, why, with: other })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a name is part of event topics and of log lines
  if (name.trim() === '' || /[\0-\x1f\x7f]/.test(name)) conflict('name', 'must be text without control characters')
  if (cmd.trim() === '') conflict('cmd', 'is missing; write cmd = PROGRAM ARGUMENTS')
  if (singleton && numprocesses > 1) {
    const instead = 'write numprocesses = 1 or singleton = false'
    conflict('numprocesses', `${numprocesses}, but a singleton has at most one process; ${instead}`, 'singleton')
  }
  if (copy_path && !copy_env) conflict('copy_path', 'needs copy_env = true', 'copy_env')
  if (virtualenv !== null && !copy_env) conflict('virtualenv', 'needs copy_env = true', 'copy_env')
  if (shell_args !== null && !shell) {
    problems.push({ id: 'doubtful', name: 'shell_args', with: 'shell', why: 'has no effect without shell = true' })
  }
  if (shell) return problems
  for (const [option, value] of Object.entries({ cmd, args })) {
    if (typeof value !== 'string') continue
    try {
      splitCommand(value)
    } catch (error) {
      conflict(option, `${excerpt(value)}: ${(error as SyntaxError).message}`, 'shell')
    }
  }
  return problems
}
