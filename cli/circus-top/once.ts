import { formatJson } from '../circusctl/format.ts'
import { plainTerminal } from '../circusctl/output.ts'
import type { Snapshot } from './board.ts'
import type { Feed } from './feed.ts'
import { glyphsFor } from './glyphs.ts'
import { type Filtered, filtered, rowsOf, totalsOf } from './rows.ts'
import { drawTable } from './table.ts'
import type { Beginning } from './view.ts'

/** Where the output is no terminal, a table is made for so many columns. */
const plainWidth = 132

/** Print all that is known once each process was told of, or looked at twice: as a table without colours, or as JSON. */
export async function printOnce(feed: Feed, form: 'table' | 'json', beginning: Beginning): Promise<void> {
  await enough(feed)
  const snapshot = feed.snapshot()
  const text =
    form === 'json' ? formatJson(describe(feed, filtered(snapshot, beginning.filter))) : table(snapshot, beginning)
  process.stdout.write(`${text}\n`)
  // The first word on it, so that it does not disturb a script.
  if (form === 'table' && feed.source.id === 'polling') process.stderr.write(`circus-top: ${feed.source.why}\n`)
}

/** Wait for it; no longer than for an answer. Throws when the daemon goes. */
async function enough(feed: Feed): Promise<void> {
  const { promise: end, resolve, reject } = Promise.withResolvers<void>()
  const forget = feed.onChange(() => feed.link.id === 'lost' && reject(feed.link.error))
  const timer = setTimeout(resolve, feed.daemon.timeoutMs)
  await Promise.race([feed.firstRound, end]).finally(() => {
    forget()
    clearTimeout(timer)
  })
}

function table(snapshot: Snapshot, { sort, filter }: Beginning): string {
  const rows = rowsOf(snapshot, { sort, reversed: false, filter, tree: false, folded: new Set() })
  const terminal = { ...plainTerminal, columns: process.stdout.columns || plainWidth }
  const glyphs = glyphsFor(process.env)
  const lines = drawTable(rows.map(withoutMark), 0, rows.length, { terminal, glyphs, sort, reversed: false })
  return lines.map((line) => glyphs.line(line).trimEnd()).join('\n')
}

/** Nothing is folded on paper. */
const withoutMark = <Row extends { fold?: unknown }>({ fold: _, ...row }: Row): Omit<Row, 'fold'> => row

function describe(feed: Feed, { watchers, helpers, sockets }: Filtered): object {
  return {
    endpoint: feed.daemon.endpoint,
    time: Date.now() / 1_000,
    source: feed.source.id,
    watchers: watchers.map(({ watcher, shown }) => {
      const { minute: _, ...totals } = totalsOf(watcher)
      return { name: watcher.name, numprocesses: watcher.wanted, ...wire(totals), processes: shown.map(wire) }
    }),
    helpers: helpers.map(wire),
    sockets: sockets.map(wire),
  }
}

/** The names that the fields have on the wire, and elsewhere. */
const wireNames: Readonly<Record<string, string>> = {
  role: 'name',
  command: 'cmdline',
  user: 'username',
  cpuTime: 'ctime',
  memoryBytes: 'rss',
  memoryPercent: 'mem',
  virtualBytes: 'vms',
  createdAt: 'create_time',
  readBytes: 'read_bytes',
  writtenBytes: 'write_bytes',
  readRate: 'read_rate',
  writeRate: 'write_rate',
  treeCpu: 'tree_cpu',
  treeBytes: 'tree_rss',
  hits: 'reads',
  limit: 'queue_limit',
}

function wire(figures: object): object {
  const fields = Object.entries(figures).filter(([name]) => name !== 'children')
  return Object.fromEntries(
    fields.map(([name, value]) => [wireNames[name] ?? name, name === 'tree' && value ? wire(value) : value]),
  )
}
