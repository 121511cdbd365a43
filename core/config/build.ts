import { circusAdvice, circusTable } from './circus-table.ts'
import { parseGlob } from './glob.ts'
import { nearestName } from './nearest.ts'
import { buildPlugins, withConsole } from './plugins.ts'
import { isWarning, type Problem, problemMessage } from './problem.ts'
import type { Report } from './report.ts'
import { buildSockets, checkSocketUse } from './sockets.ts'
import type { Environment, NamedEntries, Source } from './source.ts'
import { environmentLookup, type Lookup, substituteDeep } from './substitute.ts'
import { type Entry, readTable } from './table.ts'
import type { CircusOptions, Config, Origin, WatcherConfig } from './types.ts'
import { WatcherDraft } from './watcher-draft.ts'
import { watcherRows } from './watcher-table.ts'

/** Resolve what a configuration says. Everything wrong goes to `report`; the result is only of use without errors. */
export function buildConfig(source: Source, environment: Environment, report: Report): Config {
  const daemon = Object.entries(environment)
  const env = resolveEnv(source.env, daemon)
  const lookup = environmentLookup([pairs(env), daemon])
  const { options: circus, origins } = buildCircus(expand(source.circus, lookup), report)
  const watchers = source.watchers.map((watcher) => buildWatcher(watcher, source, env, daemon, report))
  const sockets = buildSockets(
    source.sockets.map((socket) => expandNamed(socket, lookup)),
    report,
  )
  const plugins = withConsole(
    buildPlugins(
      source.plugins.map((plugin) => expandNamed(plugin, lookup)),
      report,
    ),
    circus,
    origins,
  )
  reportDuplicates('watcher', source.watchers, report)
  reportDuplicates('socket', source.sockets, report)
  checkSocketUse(watchers, sockets, report)
  return {
    file: source.file,
    circus,
    origins,
    watchers,
    sockets,
    plugins,
    warnings: report.warnings,
  }
}

/** Replace references in the values of entries, and remember what was written. */
function expand(entries: readonly Entry[], lookup: Lookup): Entry[] {
  return entries.map((entry) => ({ ...entry, value: substituteDeep(entry.value, lookup) }))
}

function expandNamed(named: NamedEntries, lookup: Lookup): NamedEntries {
  return { ...named, entries: expand(named.entries, lookup) }
}

/** `[env]`: its values know the daemon's environment, else what stands above them. */
function resolveEnv(entries: readonly Entry[], daemon: readonly (readonly [string, string | undefined])[]): Entry[] {
  const known: Entry[] = []
  for (const entry of entries) known.push(...expand([entry], environmentLookup([daemon, pairs(known)])))
  return known
}

function pairs(entries: readonly Entry[]): [string, string][] {
  return entries.map(({ name, value }) => [name, String(value)])
}

function buildCircus(
  entries: readonly Entry[],
  report: Report,
): { options: CircusOptions; origins: Config['origins'] } {
  const { options, origins, rest, problems } = readTable(circusTable, entries)
  for (const { entry, problem, lenient } of problems) {
    const message = problemMessage('circus', problem)
    if (lenient) report.warn(entry.origin, `${message}; the default is used`)
    else report.error(entry.origin, message)
  }
  for (const { name, value, origin } of rest) {
    const folded = name.toLowerCase()
    const belongs = watcherRows.has(name) || /^(std(out|err)_stream|hooks)\.|^rlimit_/.test(name)
    const advice = circusAdvice.get(folded) ?? (belongs ? `${name} belongs in [watcher:NAME]` : undefined)
    const nearest = nearestName(name, Object.keys(circusTable))
    const none = nearest ? undefined : 'it has no effect'
    const problem: Problem = { id: 'unknown', name, got: value, dotted: false, nearest, advice: advice ?? none }
    report.warn(origin, problemMessage('circus', problem))
  }
  return { options: { ...options, statsd: options.statsd || 'stats_endpoint' in origins }, origins }
}

function buildWatcher(
  { name, origin, entries }: NamedEntries,
  source: Source,
  env: readonly Entry[],
  daemon: readonly (readonly [string, string | undefined])[],
  report: Report,
): WatcherConfig {
  const general = environmentLookup([pairs(env), daemon])
  const matching = source.patterns.filter(({ patterns }) => patterns.some((glob) => parseGlob(glob)(name)))
  const specific = expand(
    matching.flatMap(({ entries }) => entries),
    general,
  )
  const variables = [...env, ...specific]
  const lookup = environmentLookup([pairs(specific), pairs(env), daemon])
  const draft = new WatcherDraft(name)
  const remark = (problem: Problem, at: Origin) => {
    const message = problemMessage(`watcher:${name}`, problem)
    if (isWarning(problem)) report.warn(at, message)
    else report.error(at, message)
  }
  for (const variable of variables) {
    for (const problem of draft.set(`env.${variable.name}`, variable.value, variable.origin))
      remark(problem, variable.origin)
  }
  const wrong = new Set<string>()
  for (const { name, value, origin } of expand(entries, lookup)) {
    for (const problem of draft.set(name, value, origin)) {
      if (!isWarning(problem)) wrong.add(name)
      remark(problem, origin)
    }
  }
  const { config, problems } = draft.finish()
  // Where a wrong value was replaced by its default, a contradiction may be none.
  for (const problem of problems) {
    if (wrong.has(problem.name) || wrong.has(problem.with ?? '')) continue
    remark(problem, config.origins[problem.name] ?? origin)
  }
  return config
}

/** Names are told apart without regard to case. */
function reportDuplicates(kind: string, named: readonly NamedEntries[], report: Report): void {
  const seen = new Map<string, NamedEntries>()
  for (const { name, origin, entries } of named) {
    const first = seen.get(name.toLowerCase())
    if (first) {
      const where = `${first.origin.file}${first.origin.line > 0 ? `:${first.origin.line}` : ''}`
      report.error(origin, `[${kind}:${name}]: the name is taken by [${kind}:${first.name}] at ${where}; rename one`)
    } else {
      seen.set(name.toLowerCase(), { name, origin, entries })
    }
  }
}
