import assert from 'node:assert/strict'
import test from 'node:test'
import { plainTerminal, type Terminal } from '../../cli/circusctl/output.ts'
import { type Column, formatTable, printable, widthOf } from '../../cli/circusctl/table.ts'
import { formatSeconds, formatSize, readSize } from '../../cli/circusctl/units.ts'
import { watcherTable } from '../../cli/circusctl/watcher-table.ts'

type Row = readonly [name: string, count: number, note: string]

const columns: Column<Row>[] = [
  { title: 'NAME', text: ([name]) => name },
  { title: 'COUNT', text: ([, count]) => String(count), right: true, dispensable: 1 },
  { title: 'NOTE', text: ([, , note]) => note, dispensable: 2 },
]
const as = (width: number): Terminal => ({ ...plainTerminal, columns: width })

test('columns are as wide as they need to be; one without a text is left out', () => {
  assert.equal(
    formatTable<Row>(
      [
        ['web', 7, ''],
        ['database', 12, ''],
      ],
      columns,
      as(80),
    ),
    'NAME      COUNT\nweb           7\ndatabase     12',
  )
})

test('where the terminal is too narrow, columns go in their order and texts are cut', () => {
  const rows: Row[] = [['web', 7, 'a long note indeed']]

  assert.equal(formatTable(rows, columns, as(31)), 'NAME  COUNT  NOTE\nweb       7  a long note indeed')
  assert.equal(formatTable(rows, columns, as(30)), 'NAME  COUNT\nweb       7')
  assert.equal(formatTable(rows, columns, as(10)), 'NAME\nweb')
  assert.equal(formatTable<Row>([['a very long name', 7, '']], columns, as(10)), 'NAME\na very lo…')
})

test('wide signs count twice and marks not at all; control signs are written out', () => {
  assert.equal(widthOf('日本'), 4)
  assert.equal(widthOf('ワッチャー、「ｗ」。'), 20)
  assert.equal(widthOf('한글 ﾜ'), 6)
  assert.equal(widthOf('e\u0301'), 1)
  assert.equal(printable('a\x1b[31mb\n'), 'a\\u001b[31mb\\n')
  assert.equal(printable('gnp\u202elive\x9b'), 'gnp\\u202elive?')
  assert.equal(
    formatTable<Row>(
      [
        ['日本', 1, ''],
        ['web', 2, ''],
      ],
      columns,
      as(80),
    ),
    'NAME  COUNT\n日本      1\nweb       2',
  )
})

test('a watcher whose daemon does not know more than its state and processes is shown with those', () => {
  const processes = [
    { pid: 4, age: 75, cpu: 1.25, mem_info1: '1.00M' },
    { pid: 5, age: 3, cpu: 'N/A', mem_info1: '512K' },
  ]
  const watchers = [
    { name: 'idle', status: 'stopped', processes: [] },
    { name: 'web', status: 'active', processes },
  ]

  assert.equal(
    watcherTable({ watchers, now: 0 }, as(80)),
    [
      'WATCHER  STATE    ALIVE  PID   UPTIME   CPU  MEMORY',
      'idle     stopped      0',
      'web      active       2  4 +1  1m 15s  1.3%    1.5M',
    ].join('\n'),
  )
})

test('times and sizes are told in the units people use', () => {
  const seconds = [0, 4.24, 48, 200, 3_600, 18_420, 1_047_600]
  assert.deepEqual(seconds.map(formatSeconds), ['0.0s', '4.2s', '48s', '3m 20s', '1h 0m', '5h 7m', '12d 3h'])
  assert.deepEqual([0, 1_023, 1_536, 200 * 1_024 ** 2].map(formatSize), ['0B', '1023B', '1.5K', '200M'])
  assert.deepEqual(['1.50K', '2B', 'N/A', undefined].map(readSize), [1_536, 2, undefined, undefined])
})
