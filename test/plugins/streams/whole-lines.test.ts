import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { program } from '../../core/posix/running.ts'
import { startArbiter, untilTrue } from '../../harness/index.ts'

test('two processes that write long lines to stdout and stderr, all to one file, tear none of them', async () => {
  await using running = await startArbiter(`[watcher:web]
cmd = ${process.execPath} ${program('writes-long-lines.ts')} 40
numprocesses = 2
respawn = false
stdout_stream.filename = FOLDER/out.log
stderr_stream.filename = FOLDER/./out.log
stdout_stream.max_bytes = 1MB
stdout_stream.backup_count = 50
`)
  await running.events.event('web.reap', { count: 2 })
  // Nothing is left to write then, and no file is renamed while it is read.
  await running.arbiter.stop('the test')

  const names = readdirSync(running.folder.root).filter((name) => name.startsWith('out.log'))
  const text = names.map((name) => readFileSync(running.folder.path(name), 'latin1')).join('')
  const lines = text.split('\n').slice(0, -1)
  const torn = lines.filter((line) => !/^\d+ std(out|err) \d+ \d+ x*$/.test(line))
  assert.deepEqual(
    torn.map((line) => line.slice(0, 100)),
    [],
  )
  assert.deepEqual(lines.filter((line) => line.length + 1 !== Number(line.split(' ')[3])).length, 0)
  assert.equal(new Set(lines.map((line) => line.split(' ', 3).join())).size, 160)
  assert.ok(readdirSync(running.folder.root).includes('out.log.1'))
})

test('of a thousand short-lived processes that write one line each, all thousand are there', async () => {
  const watchers = Array.from(
    { length: 10 },
    (_, at) => `[watcher:w${at}]
cmd = sh -c 'echo watcher ${at} process $$'
numprocesses = 100
respawn = false
stdout_stream.filename = FOLDER/out.log
`,
  )
  await using running = await startArbiter(watchers.join('\n'))
  const text = () => textOf(running.folder.path('out.log'))
  await untilTrue(() => text().split('\n').length > 1000)

  const reaped = running.events.all.filter(({ event }) => event === 'reap')
  const expected = reaped.map(
    ({ watcher, payload }) => `watcher ${watcher.slice(1)} process ${payload['process_pid']}\n`,
  )
  assert.equal(expected.length, 1000)
  assert.equal(
    text()
      .split(/(?<=\n)/)
      .sort()
      .join(''),
    expected.sort().join(''),
  )
})

test('what a process wrote before it was killed in mid-line is there, and the next one begins a line', async () => {
  await using running = await startArbiter(`[watcher:web]
cmd = sh -c 'echo whole; printf half; kill -9 $$'
respawn = false
numprocesses = 3
stdout_stream.filename = FOLDER/out.log
stderr_stream.filename = FOLDER/out.log

[watcher:stamped]
cmd = sh -c 'echo whole; printf half; kill -9 $$'
respawn = false
numprocesses = 3
stdout_stream.filename = FOLDER/stamped.log
stdout_stream.time_format = %S
`)
  await running.events.event('web.reap', { count: 3 })
  await running.events.event('stamped.reap', { count: 3 })
  const linesOf = (name: string) => textOf(running.folder.path(name)).split('\n')

  const halves = (name: string) => linesOf(name).filter((line) => line.endsWith('half')).length
  await untilTrue(() => halves('out.log') === 3 && halves('stamped.log') === 3)
  assert.deepEqual(linesOf('out.log').sort(), ['half', 'half', 'half', 'whole', 'whole', 'whole'])
  const strange = linesOf('stamped.log').filter((line) => !/^\d\d \[\d+\] \| (half|whole)$/.test(line))
  assert.deepEqual(strange, [])
})

test('FIFOs that nobody reads: others write on, no writer is blocked for ever, and a reader finds whole lines', async () => {
  // More of them than there are threads that write.
  const stuck = Array.from(
    { length: 6 },
    (_, at) => `[watcher:stuck${at}]
cmd = sh -c 'i=0; while [ $i -lt 6000 ]; do echo "line $i of what nobody reads"; i=$((i+1)); done; exec sleep 1000'
stdout_stream.filename = FOLDER/fifo${at}
priority = 1
`,
  )
  await using running = await startArbiter(
    `${stuck.join('\n')}
[watcher:free]
cmd = sh -c 'i=0; while [ $i -lt 2000 ]; do echo "free $i"; i=$((i+1)); done; exec sleep 1000'
stdout_stream.filename = FOLDER/free.log
`,
    { start: false },
  )
  const fifos = stuck.map((_, at) => running.folder.path(`fifo${at}`))
  assert.equal(spawnSync('mkfifo', fifos).status, 0)
  await running.arbiter.start()

  await untilTrue(() => textOf(running.folder.path('free.log')).endsWith('free 1999\n'))
  await Promise.all(stuck.map((_, at) => running.events.event(`stuck${at}.output_failed`)))
  assert.equal(running.events.of('free').includes('output_failed'), false)

  using open = new DisposableStack()
  for (const [at, fifo] of fifos.entries()) {
    const reader = open.use(new Reader(fifo))
    await untilTrue(() => reader.text.endsWith('\nline 5999 of what nobody reads\n'))
    assert.match(reader.text, /^(line \d+ of what nobody reads\n){6000}$/)
    await running.events.event(`stuck${at}.output_resumed`)
  }
})

test('a folder that is removed, with the one it is in, is awaited: the lines come when it is there again', async () => {
  await using running = await startArbiter(
    `[watcher:web]
cmd = sh -c 'i=0; while true; do echo "line $i"; i=$((i+1)); sleep 0.01; done'
stdout_stream.filename = FOLDER/logs/web/out.log
stdout_stream.time_format = %s
`,
    { files: { 'logs/keep': '' } },
  )
  const text = () => textOf(running.folder.path('logs/web/out.log'))
  await untilTrue(() => text().includes('line 5\n'))

  rmSync(running.folder.path('logs'), { recursive: true })
  await running.events.event('web.output_failed')
  running.folder.write('logs/keep', '')
  const { payload } = await running.events.event('web.output_resumed')

  assert.equal(payload['lost_bytes'], 0)
  await untilTrue(() => text().split('\n').length > 50)
  const numbers = [...text().matchAll(/ line (\d+)\n/g)].map(([, number]) => Number(number))
  assert.deepEqual(
    numbers,
    numbers.map((_, at) => numbers[0]! + at),
  )
  assert.equal(running.log.matching(/^error .*ENOENT/).length, 1)
})

/** What is in a file; nothing while there is none. */
const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** Reads a FIFO without waiting for it. */
class Reader implements Disposable {
  readonly #fd: number
  readonly #buffer = Buffer.alloc(64 * 1024)
  #text = ''

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  }

  /** All that has come so far. */
  get text(): string {
    try {
      for (;;) {
        const length = readSync(this.#fd, this.#buffer)
        if (length === 0) return this.#text
        this.#text += this.#buffer.toString('latin1', 0, length)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      return this.#text
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}
