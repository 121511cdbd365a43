import { dirname, isAbsolute, relative } from 'node:path'
import { describeCircus, describeWatcher } from './describe.ts'
import { excerpt, formatDiagnostic } from './report.ts'
import type { Config, Diagnostic, Origin } from './types.ts'
import { watcherGroups } from './watcher-groups.ts'

/**
 * The whole resolved configuration as a person reads it: like an ini, each option that was set with its place, the
 * others with their defaults. Warnings come first.
 */
export function formatConfig(config: Config, more: readonly Diagnostic[] = []): string {
  const section = sectionFormat(config.file ? dirname(config.file) : null)
  const warnings = [...config.warnings, ...more].map((warning) => `warning: ${formatDiagnostic(warning)}`)
  const sections = [
    section('circus', describeCircus(config.circus, config.origins), config.origins),
    ...config.watchers.map((watcher) => {
      const { name, ...options } = describeWatcher(watcher)
      return section(`watcher:${name}`, single(options), watcher.origins)
    }),
    ...config.sockets.map(({ name, options, origins }) => section(`socket:${name}`, { ...options }, origins)),
    ...config.plugins.map(({ name, options, use, isolate, priority, origin }) =>
      section(`plugin:${name}`, { use, isolate, priority, ...options }, { use: origin }),
    ),
  ]
  return [...(warnings.length > 0 ? [warnings.join('\n')] : []), ...sections].join('\n\n')
}

/** Groups option by option, as they are written in an ini. */
function single(options: Record<string, unknown>): Record<string, unknown> {
  const prefixes = new Map([
    ...watcherGroups.map(({ field, prefix }) => [field as string, prefix] as const),
    ['options', ''],
  ])
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => {
      const prefix = prefixes.get(name)
      if (prefix === undefined) return [[name, value]]
      return Object.entries(value as object).map(([key, part]) => [`${prefix}${key}`, part])
    }),
  )
}

function sectionFormat(folder: string | null) {
  return (name: string, options: Record<string, unknown>, origins: Readonly<Record<string, Origin>>): string => {
    const lines = Object.entries(options).map(([option, value]) => {
      const line = `${option} = ${text(value)}`.trimEnd()
      const origin = Object.hasOwn(origins, option) ? origins[option] : undefined
      return origin ? `${line.padEnd(48)} ; ${place(origin, folder)}` : line
    })
    return [`[${name}]`, ...lines].join('\n')
  }
}

/** Relative to the configuration's folder: an absolute path on every line hides what is said. */
function place({ file, line }: Origin, folder: string | null): string {
  const shown = folder !== null && isAbsolute(file) ? relative(folder, file) : file
  return `${shown}${line > 0 ? `:${line}` : ''}`
}

function text(value: unknown): string {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map(text).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : excerpt(String(value))
}
