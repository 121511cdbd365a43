import assert from 'node:assert/strict'
import test from 'node:test'
import type { Snapshot } from '../../cli/circus-top/board.ts'
import { glyphsFor } from '../../cli/circus-top/glyphs.ts'
import { helpLines } from '../../cli/circus-top/help.ts'
import { rowsOf } from '../../cli/circus-top/rows.ts'
import { drawScreen, type Scene, scrolled } from '../../cli/circus-top/screen.ts'
import { drawTable } from '../../cli/circus-top/table.ts'
import { initialView, type Mode, type View } from '../../cli/circus-top/view.ts'
import { widthOf } from '../../cli/circusctl/table.ts'
import { KernelError } from '../../core/client.ts'

const glyphs = glyphsFor({ LANG: 'C.UTF-8' })
const paint = (_: unknown, text: string) => text

const figures = {
  cpu: 12.34,
  memoryBytes: 5_000_000,
  memoryPercent: 0.12,
  virtualBytes: 1e9,
  age: 3_700,
  cpuTime: '1:02.03',
  restarts: 2,
  fds: 30,
  threads: 7,
  readRate: 1_000,
  writeRate: 0,
  user: 'somebody',
  nice: 0,
  tree: { cpu: 20, memoryBytes: 9_000_000, count: 3 },
}
const snapshot: Snapshot = {
  watchers: ['web', 'a watcher with a name that is rather long for this', 'évil\x1b[31m\n\x07名前👩\u200d👩'].map(
    (name, at) => ({
      name,
      status: ['active', 'stopped', 'stopping'][at],
      reason: at === 1 ? 'cannot run \x1b[2J it' : undefined,
      processes: [1, 2, 3].map((pid) => ({ ...figures, pid: at * 10 + pid, command: 'no\tde\x9b', children: [] })),
      minute: [0, 1, 50, 100],
    }),
  ),
  helpers: [{ ...figures, pid: 99, role: 'circusd', children: [] }],
  sockets: [
    { fd: 3, name: 'ht\x1btp', address: '[::1]:8080', hits: 12, queue: 3, limit: 2048, watchers: ['web', 'b'] },
  ],
}

function scene(view: Partial<View> = {}, rest: Partial<Scene> = {}): Scene {
  const whole = { ...initialView({ sort: 'name', filter: '' }), ...view }
  return {
    endpoint: 'tcp://127.0.0.1:5555',
    snapshot,
    source: { id: 'channel', everySeconds: 1 },
    link: { id: 'up' },
    rows: rowsOf(snapshot, whole),
    output: { id: 'lines', lines: [{ pid: 1, stream: 'stderr', time: 0, line: 'a\x1b[2Jb'.repeat(40) }] },
    view: whole,
    ...rest,
  }
}

const row = rowsOf(snapshot, initialView({ sort: 'name', filter: '' }))[0]!
const modes: Mode[] = [
  { id: 'table' },
  { id: 'filter', before: '' },
  { id: 'signal', row, text: 'HUP' },
  { id: 'confirm', action: { question: 'stop \x1b[2J it? '.repeat(9), title: '', command: 'stop', properties: {} } },
  { id: 'help', top: 3 },
  { id: 'output', row },
]

for (const mode of modes) {
  test(`in ${mode.id}, a screen of any size is filled, no line is too long, and nothing but text is on it`, () => {
    for (const [columns, height] of [
      [200, 50],
      [80, 24],
      [40, 12],
      [20, 6],
      [8, 3],
      [1, 1],
    ] as const) {
      for (const link of [{ id: 'up' }, { id: 'lost', since: 0, error: new Error('go\x07ne') }] as const) {
        const { lines } = drawScreen(scene({ mode, tree: true }, { link }), { columns, paint }, height, 0, glyphs)
        assert.equal(lines.length, height)
        for (const line of lines) {
          assert.ok(widthOf(line) <= columns, `${columns}: ${line}`)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
          assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u200d]/)
        }
      }
    }
  })
}

/** A table of one watcher with what is known of its only process. */
function tableOf(process: object, columns: number): string[] {
  const watchers = [{ name: 'web', processes: [{ pid: 7, children: [], ...process }], minute: [] }]
  const rows = rowsOf({ watchers, helpers: [], sockets: [] }, initialView({ sort: 'name', filter: '' }))
  return drawTable(rows, 0, rows.length, { terminal: { columns, paint }, glyphs, sort: 'cpu', reversed: false })
}

test('numbers stand below the ends of their titles', () => {
  const [heading = '', , process = ''] = tableOf(figures, 200)
  for (const [title, text] of [
    ['CPU%▼', '12.3'],
    ['MEMORY', '4.8M'],
    ['AGE', '1h 1m'],
    ['RESTARTS', '2'],
    ['FDS', '30'],
    ['THREADS', '7'],
  ] as const) {
    const end = heading.indexOf(title) + title.length
    assert.equal(process.slice(0, end).trimEnd().endsWith(text), true, `${title}\n${heading}\n${process}`)
    assert.equal(process.slice(0, end), process.slice(0, end).trimEnd())
  }
})

test('a narrow terminal keeps name, processor time, memory and age; a wide one has all', () => {
  assert.deepEqual(tableOf(figures, 40)[0]?.trim().split(/\s+/), ['WATCHER', 'CPU%▼', 'MEMORY', 'AGE'])
  const wide = tableOf(figures, 200)[0] ?? ''
  for (const title of ['VIRTUAL', 'TIME', 'RESTARTS', 'READ/s', 'WRITE/s', 'TREE%', 'TREE MEM', 'NICE', 'USER']) {
    assert.ok(wide.includes(title), title)
  }
})

test('of what the daemon does not tell there is no column', () => {
  const heading = tableOf({ cpu: 1, memoryBytes: 1 }, 200)[0] ?? ''
  assert.doesNotMatch(heading, /FDS|THREADS|RESTARTS|READ|TREE|NICE|AGE/)
})

test('a name that is cut leaves the number of processes; an address is as long as there is room for', () => {
  const path = `/run/${'x'.repeat(60)}.sock`
  const watchers = [{ name: 'a name that is rather long', status: 'active', minute: [], processes: [] }]
  const rows = rowsOf(
    { watchers, helpers: [], sockets: [{ fd: 3, name: 's', address: path }] },
    initialView({ sort: 'name', filter: '' }),
  )
  const drawn = (columns: number) =>
    drawTable(rows, 0, rows.length, { terminal: { columns, paint }, glyphs, sort: 'name', reversed: false }).join('\n')

  assert.match(drawn(30), /^ {2}▾ a name that … \(0\) active/m)
  assert.ok(drawn(160).includes(path))
  assert.doesNotMatch(drawn(80), /sock/)
})

test('the selected row is marked without colours, too', () => {
  const { lines } = drawScreen(scene({ selected: row.id }), { columns: 80, paint }, 24, 0, glyphs)
  assert.deepEqual(lines.filter((line) => line.startsWith('›')).length, 1)
})

test('a terminal without Unicode gets ASCII only', () => {
  const plain = {
    watchers: [{ name: 'web', processes: [], minute: [0, 9], status: 'active' }],
    helpers: [],
    sockets: [],
  }
  const rows = rowsOf(plain, initialView({ sort: 'name', filter: '' }))
  const { lines } = drawScreen(
    { ...scene(), snapshot: plain, rows },
    { columns: 80, paint },
    24,
    0,
    glyphsFor({ LANG: 'C' }),
  )
  assert.match(lines.join('\n'), /^> - web \(0\) +active +# *$/m)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  for (const line of lines) assert.match(line, /^[\x00-\x7f]*$/)
})

test('the header sums up, and says where the figures come from', () => {
  const header = (rest: Partial<Scene>, view: Partial<View> = {}) =>
    drawScreen(scene(view, rest), { columns: 120, paint }, 24, 0, glyphs).lines.slice(0, 3).join('\n')
  assert.match(header({}), /1 of 3 watchers active {2}· {2}9 processes {2}· {2}CPU 111.1% .* circusd 99 up 1h 1m/)
  assert.match(header({}), /every 1s {2}\d\d:\d\d:\d\d/)
  assert.match(header({}, { paused: true }), /PAUSED/)
  assert.match(header({}, { filter: 'web' }), /only what contains "web"/)
  const polling = { id: 'polling', everySeconds: 40, why: 'set statsd = True' } as const
  assert.match(header({ source: polling }), /asked every 40s[\s\S]*set statsd = True/)
  const lost = (error: Error) => header({ link: { id: 'lost', since: performance.now() - 5_000, error } })
  assert.match(lost(new Error('nobody')), /STALE for 5.\ds[\s\S]*nobody: these figures are old/)
  assert.match(lost(new KernelError('ERR_UNREACHABLE', ['x', 'y'])), /the daemon is gone: these figures are old/)
  assert.match(lost(new KernelError('ERR_CALL_TIMEOUT', ['x', 1])), /the daemon does not answer: these figures are old/)
})

test('the rows scroll only as far as the selected one needs, and leave no room below the last', () => {
  assert.equal(scrolled(0, 3, 10, 100), 0)
  assert.equal(scrolled(0, 10, 10, 100), 1)
  assert.equal(scrolled(20, 5, 10, 100), 5)
  assert.equal(scrolled(95, 97, 10, 100), 90)
  assert.equal(scrolled(5, 2, 10, 4), 0)
})

test('the help fits the width, and a second page shows the rest', () => {
  const lines = helpLines(80, glyphs)
  assert.ok(lines.every((line) => widthOf(line) <= 80))
  const last = drawScreen(scene({ mode: { id: 'help', top: 1_000 } }), { columns: 80, paint }, 24, 0, glyphs).lines
  assert.ok(last.some((line) => line.includes('statsd = True')))
})
