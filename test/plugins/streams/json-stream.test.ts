import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Daemon } from '../../e2e/support/daemon.ts'
import { Folder } from '../../e2e/support/folder.ts'
import { startArbiter, untilTrue } from '../../harness/index.ts'

interface JsonLine {
  readonly time: string
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  readonly stream: string
  readonly line: string
  readonly partial?: true
  readonly continued?: true
  readonly notice?: true
}

/** Every line must be one object. */
const objects = (text: string): JsonLine[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

const read = (file: string) => (existsSync(file) ? objects(readFileSync(file, 'utf8')) : [])

test('a line is an object with its time, watcher, process and stream', async () => {
  await using running = await startArbiter(`[watcher:web]
cmd = sh -c 'echo "say \\"hello\\""; echo oops >&2; exec sleep 1000'
stdout_stream.class = JsonStream
stdout_stream.filename = FOLDER/out.json
stderr_stream.class = JsonStream
stderr_stream.filename = FOLDER/out.json
`)
  const { arbiter, folder } = running
  await untilTrue(() => read(folder.path('out.json')).length === 2)

  const [pid] = arbiter.watcher('web').pids
  const [stderr, stdout] = read(folder.path('out.json')).sort((a, b) => (a.stream < b.stream ? -1 : 1))
  assert.deepEqual(Object.keys(stdout!), ['time', 'watcher', 'wid', 'pid', 'stream', 'line'])
  assert.deepEqual(
    { ...stdout, time: '' },
    { time: '', watcher: 'web', wid: 1, pid, stream: 'stdout', line: 'say "hello"' },
  )
  assert.deepEqual([stderr?.stream, stderr?.line], ['stderr', 'oops'])
  assert.equal(new Date(stdout!.time).toISOString(), stdout!.time)
})

test('whatever is written, each line is one object', async () => {
  const script = `
const write = (bytes) => process.stdout.write(Buffer.from(bytes, 'latin1'))
write('invalid \\xff\\xfe utf-8\\n')
write('nul \\0 escape \\x1b[31m\\n')
write('carriage\\rreturns \\r\\r\\n')
write('\\n')
write('\\xe2\\x80\\xa8 separator\\n')
process.stdout.write('ä'.repeat(100_000) + '\\n')
process.stdout.write('no end')
`
  await using running = await startArbiter(
    `[watcher:odd]
cmd = ${process.execPath} FOLDER/odd.cjs
respawn = false
stdout_stream.class = JsonStream
stdout_stream.filename = FOLDER/out.json
`,
    { files: { 'odd.cjs': script } },
  )
  const file = running.folder.path('out.json')
  await untilTrue(() => read(file).at(-1)?.line === 'no end')

  const lines = read(file)
  assert.deepEqual(
    lines.slice(0, 5).map(({ line }) => line),
    ['invalid \ufffd\ufffd utf-8', 'nul \0 escape \x1b[31m', 'carriage\rreturns \r', '', '\u2028 separator'],
  )
  const long = lines.slice(5, -1)
  assert.ok(long.length > 1)
  assert.ok(long.map(({ line }) => line).join('') === 'ä'.repeat(100_000))
  assert.deepEqual(
    long.map(({ partial, continued }) => [partial, continued]),
    [[true, undefined], ...long.slice(1, -1).map(() => [true, true]), [undefined, true]],
  )
  assert.deepEqual([lines.at(-1)?.partial, lines.at(-1)?.continued], [true, undefined])
})

test('a file is rotated, compressed and has its mode like any other; time_format is that of time', async () => {
  await using running = await startArbiter(
    `[watcher:much]
cmd = sh -c 'seq 2000; exec sleep 1000'
stdout_stream.class = JsonStream
stdout_stream.filename = FOLDER/out.json
stdout_stream.time_format = %%Y
stdout_stream.max_bytes = 50 KB
stdout_stream.backup_count = 20
`.replaceAll('%%', '%'),
  )
  const { folder } = running
  const all = () =>
    readdirSync(folder.root)
      .filter((name) => name.startsWith('out.json'))
      .flatMap((name) => read(folder.path(name)))
  await untilTrue(() => all().length === 2000)

  assert.deepEqual(
    all()
      .map(({ line }) => Number(line))
      .sort((a, b) => a - b),
    Array.from({ length: 2000 }, (_, n) => n + 1),
  )
  assert.match(all()[0]!.time, /^\d{4}$/)
  assert.ok(readdirSync(folder.root).includes('out.json.2'))
})

test("without a filename it is the daemon's own stdout", async () => {
  using folder = new Folder()
  const ini = `[watcher:web]
cmd = sh -c 'echo hello; exec sleep 1000'
stdout_stream.class = JsonStream
`
  await using daemon = new Daemon(folder, folder.write('circus.ini', `${folder.circus}\n${ini}`))
  await daemon.line(/hello.*\n/)

  const [line] = objects(daemon.stdout)
  assert.deepEqual([line?.watcher, line?.line], ['web', 'hello'])
})

test('options of files without one say that a filename is missing', async () => {
  await using running = await startArbiter('[circus]\n')
  const stdout_stream = { class: 'JsonStream', max_bytes: '1000' }
  const adding = running.client.call('add', { name: 'w', cmd: 'true', options: { stdout_stream } })

  await assert.rejects(adding, { code: 'ERR_STREAM_INVALID', message: /give filename too/ })
})
