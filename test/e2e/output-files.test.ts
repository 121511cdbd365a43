import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import test from 'node:test'
import { untilTrue } from '../harness/index.ts'
import { Daemon, lives } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { assertComplete, readNumberedLines } from './support/numbered-lines.ts'
import { root } from './support/program.ts'

const numbersLines = `${root}/test/fixtures/programs/numbers-lines.sh`

const size = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Resolves once so much more has come into a file. */
const growth = (path: string, bytes = 200_000): Promise<void> => {
  const before = size(path)
  return untilTrue(() => size(path) > before + bytes, `${path} grows`)
}

const writers = (options: string) => `[watcher:web]\ncmd = ${numbersLines} web\n${options}`

test('1,000 processes that write a line and end: all 1,000 lines are there', async () => {
  using folder = new Folder()
  const script = folder.write('line.sh', 'echo "line of $$"\n')
  const out = folder.at('out.log')
  const ini = `[watcher:web]\ncmd = sh ${script}\nnumprocesses = 1000\nrespawn = false\nstdout_stream.filename = ${out}\n`
  await using daemon = await Daemon.start(folder, ini)

  await daemon.ctl('--timeout', '60', 'wait', 'web', '--for', 'stopped')
  await daemon.ask('quit')
  await daemon.end()

  const lines = readFileSync(out, 'utf8').split('\n').slice(0, -1)
  assert.equal(lines.length, 1000)
  assert.deepEqual(
    lines.filter((line) => !/^line of \d+$/.test(line)),
    [],
  )
  assert.equal(new Set(lines).size, 1000)
})

test('what a process wrote before it was killed is there, also the line it had not finished', async () => {
  using folder = new Folder()
  const script = 'n=0; while [ $n -lt 20000 ]; do n=$((n + 1)); echo "line $n"; done; printf "last words"; kill -9 $$\n'
  folder.write('dies.sh', script)
  const out = folder.at('out.log')
  const ini = `[watcher:web]\ncmd = sh ${folder.at('dies.sh')}\nrespawn = false\nstdout_stream.filename = ${out}\n`
  await using daemon = await Daemon.start(folder, ini)
  await daemon.ctl('--timeout', '60', 'wait', 'web', '--for', 'stopped')
  await daemon.ask('quit')
  await daemon.end()

  const expected = Array.from({ length: 20_000 }, (_, at) => `line ${at + 1}`)
  const lines = readFileSync(out, 'utf8').split('\n')
  assert.deepEqual(lines.slice(0, -1), expected)
  assert.equal(lines.at(-1), 'last words')
})

test('writers that are killed again and again leave no torn line and no gap', async () => {
  using folder = new Folder()
  const out = folder.at('out.log')
  const options = `numprocesses = 5\nrespawn_delay = 0\nstdout_stream.filename = ${out}\n`
  await using daemon = await Daemon.start(folder, writers(options))
  for (let round = 0; round < 5; round++) {
    await growth(out)
    for (const pid of await daemon.pids('web')) process.kill(pid, 'SIGKILL')
  }
  await growth(out)
  await daemon.ask('quit')
  await daemon.end()

  // What a killed one had begun ends with a line end all the same: nobody else's line begins in it.
  const text = readFileSync(out, 'latin1')
  const counts = new Map<string, number>()
  for (const line of text.split('\n').slice(0, -1)) {
    const [, name, number] = /^(web-\d+) (?:last )?(\d+)$/.exec(line) ?? []
    if (!name) assert.match(line, /^w?e?b?-?\d* ?\d*$/, `torn: ${line}`)
    else if (line.includes('last')) continue
    else {
      assert.equal(Number(number), (counts.get(name) ?? 0) + 1, line)
      counts.set(name, Number(number))
    }
  }
  assert.ok(counts.size >= 30, `${counts.size} writers`)
})

for (const [how, end] of [
  ['circusctl quit', (daemon: Daemon) => daemon.ask('quit')],
  ['SIGTERM', async (daemon: Daemon) => daemon.kill('SIGTERM')],
] as const) {
  test(`${how} while 20 processes write as fast as they can: all they wrote is there`, async () => {
    using folder = new Folder()
    const out = folder.at('out.log')
    await using daemon = await Daemon.start(folder, writers(`numprocesses = 20\nstdout_stream.filename = ${out}\n`))
    await growth(out, 3_000_000)

    await end(daemon)
    await daemon.end()

    assertComplete(readNumberedLines(out), 20)
  })
}

test('10 MB that a process writes before it ends at once are there, byte by byte', async () => {
  using folder = new Folder()
  const bytes = randomBytes(10_000_000)
  writeFileSync(folder.at('bytes'), bytes)
  const out = folder.at('out')
  const ini = `[watcher:web]\ncmd = cat ${folder.at('bytes')}\nrespawn = false\nstdout_stream.filename = ${out}\n`
  await using daemon = await Daemon.start(folder, ini)
  await daemon.ctl('--timeout', '60', 'wait', 'web', '--for', 'stopped')
  await daemon.ask('quit')
  await daemon.end()
  assert.ok(readFileSync(out).equals(bytes))
})

test('during a reload, old and new processes write to one file, and no line is torn', async () => {
  using folder = new Folder()
  const out = folder.at('out.log')
  const streams = `stdout_stream.filename = ${out}\nstderr_stream.filename = ${out}\n`
  await using daemon = await Daemon.start(folder, writers(`numprocesses = 4\n${streams}`))
  for (let round = 0; round < 3; round++) {
    await growth(out)
    await daemon.ask('reload', 'web', '--waiting')
  }
  await growth(out)
  await daemon.ask('quit')
  await daemon.end()
  assertComplete(readNumberedLines(out), 16)
})

test('another filename under load: what comes before is in the old file, what comes after in the new, and nothing lost', async () => {
  using folder = new Folder()
  const names = ['a.log', 'b.log', 'c.log', 'd.log'].map((name) => folder.at(name))
  await using daemon = await Daemon.start(folder, writers(`numprocesses = 3\nstdout_stream.filename = ${names[0]}\n`))
  const pids = await daemon.pids('web')
  await growth(names[0]!)
  for (const name of names.slice(1)) {
    await daemon.ask('set', 'web', 'stdout_stream.filename', name)
    await growth(name)
  }
  // Only how the file is kept: the same file goes on.
  await daemon.ask('set', 'web', 'stdout_stream.max_bytes', '100000000', 'stdout_stream.backup_count', '2')
  await growth(names.at(-1)!)
  const inPlace = await daemon.ctl('set', 'web', 'stdout_stream', `filename=${names.at(-1)!}`)
  assert.equal(inPlace.stdout, 'ok\n')
  await growth(names.at(-1)!)
  assert.deepEqual(await daemon.pids('web'), pids)
  await daemon.ask('quit')
  await daemon.end()
  assertComplete(readNumberedLines(...names), 3)
})

test('reopenlogs and SIGHUP: what comes after is in a new file, and the old one is complete when the reply comes', async () => {
  using folder = new Folder()
  const out = folder.at('out.log')
  const log = folder.at('log')
  const ini = writers(`numprocesses = 3\nstdout_stream.filename = ${out}\n`)
  await using daemon = await Daemon.start(folder, ini, ['--log-output', log])
  await growth(out)
  renameSync(out, `${out}.1`)
  renameSync(log, `${log}.1`)

  const { code, stdout } = await daemon.ctl('reopenlogs')
  const complete = size(`${out}.1`)
  await growth(out)
  renameSync(out, `${out}.2`)
  daemon.kill('SIGHUP')
  await growth(out)
  await daemon.ask('quit')
  await daemon.end()

  assert.deepEqual([code, stdout], [0, 'ok\n'])
  assert.equal(size(`${out}.1`), complete)
  // Those that SIGHUP has replaced, and those in their places.
  assertComplete(readNumberedLines(`${out}.1`, `${out}.2`, out), 6)
  assert.match(readFileSync(log, 'utf8'), /got SIGHUP/)
})

test('reopenlogs fails, and says of what, when a file cannot be opened', async () => {
  using folder = new Folder()
  const out = folder.at('logs/out.log')
  folder.write('logs/here', '')
  await using daemon = await Daemon.start(folder, writers(`stdout_stream.filename = ${out}\n`))
  await growth(out)
  renameSync(folder.at('logs'), folder.at('away'))
  writeFileSync(folder.at('logs'), 'not a folder')

  const { code, stderr } = await daemon.ctl('reopenlogs')

  assert.equal(code, 3)
  assert.match(stderr, /not everything was opened anew: stdout_stream of web: .*logs/)
})

test('what rm --nostop leaves behind goes on to write, and its file is opened anew as well', async () => {
  using folder = new Folder()
  const out = folder.at('out.log')
  await using daemon = await Daemon.start(folder, writers(`stdout_stream.filename = ${out}\n`))
  const [pid] = await daemon.pids('web')
  await growth(out)
  await daemon.ask('rm', 'web', '--nostop')
  await growth(out)
  renameSync(out, `${out}.1`)
  await daemon.ask('reopenlogs')
  await growth(out)
  process.kill(pid!, 'SIGTERM')
  await untilTrue(() => !lives(pid!))
  await daemon.ask('quit')
  await daemon.end()
  assertComplete(readNumberedLines(`${out}.1`, out), 1)
})

test('processes outlive a daemon that is killed, and what they wrote until then is there', async () => {
  using folder = new Folder()
  const out = folder.at('out.log')
  await using daemon = await Daemon.start(folder, writers(`stdout_stream.filename = ${out}\n`))
  const pids = [...(await daemon.pids('web')), ...(await daemon.pids('last'))]
  try {
    await growth(out)
    daemon.kill('SIGKILL')
    await daemon.end()
    assert.deepEqual(pids.filter(lives), pids)
    assert.ok(readNumberedLines(out).size > 0)
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await untilTrue(() => !pids.some(lives))
  }
})

test('rotation under load: every line is in the file or its backups, in order, once', async () => {
  using folder = new Folder()
  const out = folder.at('out.log')
  const keep = 'stdout_stream.max_bytes = 300000\nstdout_stream.backup_count = 1000\n'
  await using daemon = await Daemon.start(folder, writers(`numprocesses = 3\nstdout_stream.filename = ${out}\n${keep}`))
  await untilTrue(() => existsSync(`${out}.10`))
  await daemon.ask('quit')
  await daemon.end()
  const backups = readdirSync(folder.path).filter((name) => name.startsWith('out.log.'))
  const oldestFirst = backups.map((name) => Number(name.slice('out.log.'.length))).sort((a, b) => b - a)
  assertComplete(readNumberedLines(...oldestFirst.map((number) => `${out}.${number}`), out), 3)
})
