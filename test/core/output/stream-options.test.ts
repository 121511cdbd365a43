import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { startArbiter, untilTrue } from '../../harness/index.ts'

/** A stream class of a stranger: files, opened anew when asked, and a limit that has to be a number. */
const module = `
import { appendFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from '${import.meta.resolve('zod')}'

export const ToFile = {
  name: 'ToFile',
  options: z.strictObject({ filename: z.string(), limit: z.coerce.number().optional() }),
  create: ({ filename }, { folder }) => ({
    write(pieces) {
      for (const { data } of pieces) appendFileSync(resolve(folder, filename), data)
    },
  }),
}
export const notAClass = 5
`
/** Writes a line at its start, and each time it gets SIGUSR1. */
const script = "n=1\ntrap 'n=$((n+1)); echo $n' USR1\necho $n\nwhile :; do sleep 0.01; done\n"
const files = { 'to-file.ts': module, 'ticker.sh': script }

const watcher = (options = '') => `[watcher:web]\ncmd = sh ticker.sh\nworking_dir = FOLDER\n${options}`
const toFile = (filename: string) => `stdout_stream.class = ./to-file.ts:ToFile\nstdout_stream.filename = ${filename}\n`

type Running = Awaited<ReturnType<typeof startArbiter>>

const lines = ({ folder }: Running, name: string): string[] => {
  try {
    return readFileSync(folder.path(name), 'utf8').split('\n').slice(0, -1)
  } catch {
    return []
  }
}

/** Have the process write its next line, and wait until it is in a file. */
async function tick(running: Running, line: string, name: string): Promise<void> {
  const [pid] = running.arbiter.watcher('web').pids
  process.kill(pid!, 'SIGUSR1')
  await untilTrue(() => lines(running, name).at(-1) === line, `line ${line} in ${name}`)
}

async function reread({ folder, arbiter, client }: Running, text: string) {
  const { endpoint, pubsub_endpoint } = arbiter.config.circus
  folder.write(
    'circus.ini',
    `${text.replaceAll('FOLDER', folder.root)}\n[circus]\nendpoint = ${endpoint}\npubsub_endpoint = ${pubsub_endpoint}\n`,
  )
  return client.call('reloadconfig', { waiting: true })
}

test('set of one option of a stream takes effect at once: lines before are in the old file, those after in the new', async () => {
  await using running = await startArbiter(watcher(toFile('a.log')), { files })
  await untilTrue(() => lines(running, 'a.log').length === 1)
  const { pids } = running.arbiter.watcher('web')

  await running.client.call('set', { name: 'web', options: { 'stdout_stream.filename': 'b.log' }, waiting: true })
  await tick(running, '2', 'b.log')
  await running.client.call('set', {
    name: 'web',
    options: { stdout_stream: { class: './to-file.ts:ToFile', filename: 'c.log', limit: 5 } },
    waiting: true,
  })
  await tick(running, '3', 'c.log')

  assert.deepEqual(running.arbiter.watcher('web').pids, pids)
  assert.deepEqual(
    ['a.log', 'b.log', 'c.log'].map((name) => lines(running, name)),
    [['1'], ['2'], ['3']],
  )
  const { options } = await running.client.call<{ options: Record<string, unknown> }>('options', { name: 'web' })
  assert.equal(options['stdout_stream.filename'], 'c.log')
  assert.equal(options['stdout_stream.limit'], '5')
  assert.deepEqual(options['stdout_stream_conf'], { class: './to-file.ts:ToFile', filename: 'c.log', limit: '5' })
})

test('reloadconfig changes a stream without restarting anything', async () => {
  await using running = await startArbiter(watcher(toFile('a.log')), { files })
  await untilTrue(() => lines(running, 'a.log').length === 1)
  const { pids } = running.arbiter.watcher('web')

  await reread(running, watcher(toFile('b.log')))
  await tick(running, '2', 'b.log')

  assert.deepEqual(running.arbiter.watcher('web').pids, pids)
  assert.deepEqual(lines(running, 'a.log'), ['1'])
  assert.deepEqual(running.events.of('web'), ['add', 'spawn', 'start', 'updated'])
})

test('add takes streams, as a whole or one by one, and describe tells where they were set', async () => {
  await using running = await startArbiter('', { files })
  const { client } = running
  const whole = { stdout_stream: { class: './to-file.ts:ToFile', filename: 'whole.log' } }
  const single = { 'stdout_stream.class': './to-file.ts:ToFile', 'stdout_stream.filename': 'single.log' }
  await client.call('add', { name: 'whole', cmd: 'echo hello', options: { ...whole, respawn: false }, start: true })
  await client.call('add', { name: 'single', cmd: 'echo hello', options: { ...single, respawn: false }, start: true })

  for (const name of ['whole', 'single']) {
    await untilTrue(() => lines(running, `${name}.log`).length === 1, name)
    const { watchers } = await client.call<{ watchers: Record<string, { options: Record<string, unknown> }> }>(
      'describe',
      { name },
    )
    assert.deepEqual(watchers[name]!.options['stdout_stream.filename'], { value: `${name}.log`, file: 'API', line: 0 })
  }
})

const wrong: readonly [options: Record<string, string>, said: RegExp[]][] = [
  [
    { filenam: 'x', limit: 'many', class: './to-file.ts:ToFile' },
    [
      /stdout_stream\.filenam = x: no option of ToFile, it is ignored; did you mean stdout_stream\.filename\?/,
      /stdout_stream\.limit = many: .*number/,
      /stdout_stream\.filename is missing: ToFile needs it/,
    ],
  ],
  [
    { logfile: 'x', file: 'x', class: './to-file.ts:ToFile' },
    [
      /stdout_stream\.logfile = x: no option of ToFile, it is ignored; did you mean stdout_stream\.filename\?/,
      /stdout_stream\.file = x: no option of ToFile, it is ignored; did you mean stdout_stream\.filename\?/,
    ],
  ],
  [{ class: 'QueueSteam' }, [/stdout_stream\.class = QueueSteam: no such class; did you mean QueueStream\?/]],
  [{ class: 'Wrong' }, [/stdout_stream\.class = Wrong: no such class; there are .*StdoutStream.*MODULE:NAME/]],
  [{ class: 'mine.streams.Stream' }, [/stdout_stream\.class = mine\.streams\.Stream: a class in Python/]],
  [{ class: './no-such.ts:A' }, [/stdout_stream\.class = \.\/no-such\.ts:A: .*not found/]],
  [{ class: './to-file.ts:notAClass' }, [/notAClass is no stream class: write export class/]],
  [
    { max_bytes: '5' },
    [/stdout_stream\.filename is missing: FileStream, which is meant without stdout_stream\.class, needs it/],
  ],
]

test('wrong options of a stream are refused whole, by set, add and reloadconfig, with all that is wrong', async () => {
  await using running = await startArbiter(watcher(toFile('a.log')), { files })
  const { arbiter, client } = running
  const before = arbiter.watcher('web').config
  for (const [stdout_stream, patterns] of wrong) {
    const options = { stdout_stream, numprocesses: 3 }
    const ini = Object.entries(stdout_stream).map(([name, value]) => `stdout_stream.${name} = ${value}\n`)
    const refusals = [
      [client.call('set', { name: 'web', options, waiting: true }), 'ERR_STREAM_INVALID', 3],
      [client.call('add', { name: 'new', cmd: 'sleep 60', options }), 'ERR_STREAM_INVALID', 3],
      [reread(running, watcher(`numprocesses = 3\n${ini.join('')}`)), 'ERR_CONFIG_INVALID', 5],
    ] as const
    for (const [refusal, code, errno] of refusals) {
      await assert.rejects(refusal, (error: { code: string; errno: number; reason: string }) => {
        assert.deepEqual([error.code, error.errno], [code, errno])
        for (const pattern of patterns) assert.match(error.reason, pattern)
        if (errno === 5) assert.match(error.reason, /circus\.ini:[5-8]: \[watcher:web\] stdout_stream/)
        return true
      })
    }
  }
  assert.equal(arbiter.watcher('web').config, before)
  assert.deepEqual(
    arbiter.watchers.map(({ name }) => name),
    ['web'],
  )
  assert.deepEqual(running.events.of('web'), ['add', 'spawn', 'start'])
})

test('wrong options of a stream keep no service down: the log says where they are, and the rest runs', async () => {
  await using running = await startArbiter(
    `${watcher('stdout_stream.class = StdoutStraem\n')}[watcher:db]\ncmd = sleep 60\nstderr_stream.max_lines = x\nstderr_stream.class = QueueStream\n`,
    { files },
  )
  assert.equal(running.arbiter.watcher('web').status, 'active')
  assert.equal(running.arbiter.watcher('db').status, 'active')
  const [first, second] = running.log.matching(/until that is mended/)
  assert.match(first!, /^error .*circus\.ini:4: \[watcher:web\] stdout_stream\.class = StdoutStraem: .*StdoutStream/)
  assert.match(second!, /^error .*circus\.ini:7: \[watcher:db\] stderr_stream\.max_lines = x: /)
  assert.equal(running.log.matching(/until that is mended/).length, 2)
})

test('an option that a class does not know is ignored, as in the original: a warning tells it, and the stream works', async () => {
  const own = `${toFile('a.log')}stdout_stream.limits = 5\n`
  const dated = 'stderr_stream.class = TimedRotatingFileStream\nstderr_stream.rotate_when = D\n'
  const ini = `${watcher(own)}${dated}stderr_stream.filename = FOLDER/err.log\nstderr_stream.max_bytes = 5\n`
  await using running = await startArbiter(ini, { files })
  const { client, log } = running
  await untilTrue(() => lines(running, 'a.log').length === 1)
  assert.deepEqual(
    log
      .matching(/is ignored/)
      .map((line) => line.replace(/^(\w+) .*(circus\.ini)/, '$1 $2'))
      .sort(),
    [
      'warning circus.ini:10: [watcher:web] stderr_stream.max_bytes = 5: no option of TimedRotatingFileStream, it is ignored; ' +
        'it takes stderr_stream.filename, stderr_stream.time_format, stderr_stream.mode, stderr_stream.rotate_when, ' +
        'stderr_stream.rotate_interval, stderr_stream.utc, stderr_stream.backup_count, stderr_stream.compress',
      'warning circus.ini:6: [watcher:web] stdout_stream.limits = 5: no option of ToFile, it is ignored; did you mean stdout_stream.limit?',
    ],
  )

  await client.call('set', { name: 'web', options: { 'stdout_stream.filename': 'b.log', 'stdout_stream.foo': 1 } })
  await tick(running, '2', 'b.log')
  const options = { stdout_stream: { class: './to-file.ts:ToFile', filename: 'c.log', fileName: 'x' }, respawn: false }
  await client.call('add', { name: 'new', cmd: 'echo hello', options, start: true })
  await untilTrue(() => lines(running, 'c.log').length === 1)
  await reread(running, watcher(`${toFile('d.log')}stdout_stream.bar = 5\n`))
  await tick(running, '3', 'd.log')

  const told = log.matching(/is ignored/).slice(2)
  for (const name of ['stdout_stream.foo', 'stdout_stream.fileName', 'stdout_stream.bar']) {
    assert.equal(told.filter((line) => line.startsWith('warning') && line.includes(name)).length, 1, name)
  }
  assert.deepEqual(log.matching(/^error/), [])
})

test('what very old versions took is taken and without effect: refresh_time', async () => {
  await using running = await startArbiter(watcher(`${toFile('a.log')}stdout_stream.refresh_time = 0.3\n`), { files })
  await untilTrue(() => lines(running, 'a.log').length === 1)
  assert.deepEqual(running.log.matching(/^(warning|error)/), [])
})

test('what a stream could not write is written by the one that takes its place', async () => {
  await using running = await startArbiter(watcher(toFile('no/such/folder/a.log')), { files })
  const [failed] = [await running.events.event('web.output_failed')]
  assert.match(String(failed.payload['error']), /no such file/)

  await running.client.call('set', { name: 'web', options: { 'stdout_stream.filename': 'b.log' }, waiting: true })
  await untilTrue(() => lines(running, 'b.log').length === 1)
  await tick(running, '2', 'b.log')

  assert.deepEqual(lines(running, 'b.log'), ['1', '2'])
  const resumed = await running.events.event('web.output_resumed')
  assert.deepEqual([resumed.payload['lost_lines'], resumed.payload['stream']], [0, 'stdout'])
})

test('a stream that is taken away leaves the output to the daemon itself', async () => {
  await using running = await startArbiter(watcher(toFile('a.log')), { files })
  await untilTrue(() => lines(running, 'a.log').length === 1)
  await running.client.call('set', { name: 'web', options: { stdout_stream: {} }, waiting: true })
  assert.deepEqual(running.arbiter.watcher('web').options.stdout_stream, {})
  await running.arbiter.watcher('web').output.stream('stdout')
  assert.deepEqual(lines(running, 'a.log'), ['1'])
})

test('typed configurations and the library take streams as objects, and as text by their names in the ini', async () => {
  await using running = await startArbiter({
    watchers: [
      { name: 'web', cmd: 'sleep 60', stdout_stream: { class: 'QueueStream', max_lines: 5 } },
      { name: 'db', cmd: 'sleep 60', 'stdout_stream.class': 'QueueStream' },
    ],
  })
  assert.deepEqual(running.arbiter.watcher('web').options.stdout_stream, { class: 'QueueStream', max_lines: '5' })
  assert.deepEqual(running.arbiter.watcher('db').options.stdout_stream, { class: 'QueueStream' })
  assert.deepEqual(running.log.matching(/^(warning|error)/), [])
})
