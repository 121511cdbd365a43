import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { CircusClient } from '../../../core/index.ts'
import { Daemon } from '../../e2e/support/daemon.ts'
import { Folder } from '../../e2e/support/folder.ts'
import { bin, Program } from '../../e2e/support/program.ts'
import { Terminal } from '../../e2e/support/terminal.ts'
import { untilTrue } from '../../harness/index.ts'

const fixed = (line: string) => `sh -c '${line}; exec sleep 1000'`

/** What a daemon writes to a terminal until that matches; `ESC` stands for what escape sequences begin with. */
async function onTerminal(ini: string, until: RegExp, env: Readonly<Record<string, string>> = {}): Promise<string> {
  using folder = new Folder()
  const file = folder.write('circus.ini', `${folder.circus}pidfile = ${folder.at('pid')}\n${ini}`)
  const clean = ['env', ...['NO_COLOR', 'FORCE_COLOR', 'CI'].map((name) => `-u ${name}`)]
  const variables = Object.entries({ TERM: 'xterm-256color', ...env }).map(([name, value]) => `${name}=${value}`)
  const command = [...clean, ...variables, process.execPath, bin('circusd'), file].join(' ')
  await using script = new Program('script', ['-qec', `stty -onlcr; ${command}`, '/dev/null'])
  try {
    await script.line(until)
  } finally {
    process.kill(Number(readFileSync(folder.at('pid'), 'utf8')), 'SIGTERM')
    await script.end()
  }
  return script.stdout.replaceAll('\x1b', 'ESC')
}

const fancy = `[watcher:web]
cmd = ${fixed('echo to stdout; echo to stderr >&2')}
stdout_stream.class = FancyStdoutStream
stdout_stream.color = green
stderr_stream.class = circus.stream.FancyStdoutStream
stderr_stream.color = red
stderr_stream.time_format = %Y/%m/%d
`

test('FancyStdoutStream: on a terminal, time, pid and line in the colours that were asked for', async () => {
  const shown = await onTerminal(fancy, /to stdout[\s\S]*to stderr|to stderr[\s\S]*to stdout/)

  assert.match(shown, /^ESC\[0;32;40m\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[\d+\] \| to stdoutESC\[0m$/m)
  assert.match(shown, /^ESC\[0;31;40m\d{4}\/\d\d\/\d\d \[\d+\] \| to stderrESC\[0m$/m)
})

test('FancyStdoutStream: NO_COLOR and a terminal without colours have none', async () => {
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }] as Record<string, string>[]) {
    const shown = await onTerminal(fancy, /to stdout/, env)

    assert.match(shown, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[\d+\] \| to stdout$/m)
  }
})

test('FancyStdoutStream: no colours where no terminal is, but with FORCE_COLOR', async () => {
  using folder = new Folder()
  const file = folder.write('circus.ini', `${folder.circus}\n${fancy}`)
  for (const [env, start] of [
    [{ NO_COLOR: '1' }, ''],
    [{ FORCE_COLOR: '1' }, '\x1b[0;32;40m'],
  ] as const) {
    await using daemon = new Daemon(folder, file, [], { env })
    await daemon.line(/to stdout/)
    const line = daemon.stdout.split('\n').find((each) => each.includes('to stdout'))
    assert.ok(line?.startsWith(`${start}2`), line)
  }
})

test('FancyStdoutStream: a watcher without a colour has one of its own, always the same', async () => {
  const watcher = (name: string) => `[watcher:${name}]
cmd = ${fixed(`echo I am ${name}`)}
stdout_stream.class = FancyStdoutStream
`
  const colours = async () => {
    const names = ['web', 'worker', 'mail', 'cache']
    const all = new RegExp(names.map((name) => `(?=[\\s\\S]*I am ${name})`).join(''))
    const shown = await onTerminal(names.map(watcher).join(''), all)
    return Object.fromEntries(
      [...shown.matchAll(/ESC\[0;(3[1-7]);40m.* I am (\w+)/g)].map(([, colour, name]) => [name, colour]),
    )
  }
  const first = await colours()

  assert.equal(Object.keys(first).length, 4)
  assert.ok(new Set(Object.values(first)).size > 1)
  assert.deepEqual(await colours(), first)
})

test('lines of different watchers and streams never tear each other on the stdout they share', async () => {
  using folder = new Folder()
  const writer = folder.write(
    'writer.ts',
    `const [, , letter, lines] = process.argv
for (let n = 0; n < Number(lines); n++) {
  const line = (letter as string).repeat(3000 + 37 * n) + '\\n'
  for (let at = 0; at < line.length; at += 1000) require('node:fs').writeSync(1 + (n % 2), line.slice(at, at + 1000))
}
setInterval(() => {}, 60_000)
`.replace("require('node:fs')", "process.getBuiltinModule('node:fs')"),
  )
  const watchers = ['a', 'b', 'c'].map(
    (letter) => `[watcher:${letter}]
cmd = ${process.execPath} ${writer} ${letter} 40
stdout_stream.class = StdoutStream
stderr_stream.class = StdoutStream
`,
  )
  const file = folder.write('circus.ini', `${folder.circus}\n${watchers.join('')}`)
  await using daemon = new Daemon(folder, file)
  const complete = () =>
    daemon.stdout
      .split('\n')
      .slice(0, -1)
      .filter((line) => /^([abc])\1*$/.test(line))
  await untilTrue(() => complete().length === 120)

  const expected = ['a', 'b', 'c'].flatMap((letter) =>
    Array.from({ length: 40 }, (_, n) => `${letter}${3000 + 37 * n}`),
  )
  assert.deepEqual(
    complete()
      .map((line) => `${line[0]}${line.length}`)
      .sort(),
    expected.sort(),
  )
})

test('nobody reads the stdout of the daemon: other watchers write on, and it ends when it is told to', async () => {
  using folder = new Folder()
  const pipe = folder.at('pipe')
  execFileSync('mkfifo', [pipe])
  const file = folder.write(
    'circus.ini',
    `${folder.circus}
[watcher:loud]
cmd = sh -c 'yes | head -c 4000000; exec sleep 1000'
stdout_stream.class = StdoutStream
[watcher:other]
cmd = ${process.execPath} -e "setInterval(() => console.log(++globalThis.n), 1, globalThis.n = 0)"
stdout_stream.class = ./append.ts:Append
`,
  )
  folder.write(
    'append.ts',
    `import { appendFileSync } from 'node:fs'
export class Append {
  write(pieces: readonly { data: Buffer }[]) {
    for (const { data } of pieces) appendFileSync(${JSON.stringify(folder.at('other'))}, data)
  }
}
`,
  )
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    await using daemon = new Program('sh', ['-c', `exec ${process.execPath} ${bin('circusd')} ${file} > ${pipe}`])
    const lines = () => {
      try {
        return readFileSync(folder.at('other'), 'utf8').split('\n').length
      } catch {
        return 0
      }
    }
    await untilTrue(() => lines() > 1)
    // What the pipe holds, and not a byte more, is there: so it is full.
    await untilTrue(() => lines() > 300)
    daemon.kill('SIGTERM')
    assert.deepEqual(await daemon.end(), { code: 0, signal: null })
    assert.match(daemon.stderr, /loud: .*lost|stdout_stream of loud.*lost/)
    const data = Buffer.alloc(10)
    assert.equal(readSync(reader, data), 10)
    assert.equal(data.toString(), 'y\ny\ny\ny\ny\n')
  } finally {
    closeSync(reader)
  }
})

test('a terminal that was stopped with Ctrl-S holds up neither other watchers nor commands, and shows the rest afterwards', async () => {
  using folder = new Folder()
  const numbers = `${process.execPath} -e "let n = 0; setInterval(() => console.log('number', ++n), 5)"`
  const file = folder.write(
    'circus.ini',
    `${folder.circus}loglevel = debug
[watcher:shown]
cmd = ${numbers}
stdout_stream.class = FancyStdoutStream
[watcher:other]
cmd = ${numbers}
stdout_stream.filename = ${folder.at('other')}
`,
  )
  await using terminal = await Terminal.start([process.execPath, bin('circusd'), file])
  await terminal.shows(/\| number \d+/)
  await terminal.press('C-s')
  const client = new CircusClient({ endpoint: `ipc://${folder.at('control')}` })
  try {
    const { size } = statSync(folder.at('other'))
    // Each is logged: on the terminal.
    for (let count = 0; count < 200; count++) await client.call('incr', { name: 'other', nb: 0 })
    await client.call('restart', { name: 'other', waiting: true })
    await untilTrue(() => statSync(folder.at('other')).size > size + 2000)
    await terminal.press('C-q')
    await terminal.shows(/\| number \d{4}/)
    await terminal.press('C-c')
    await terminal.shows(/ended with 0/)
  } finally {
    await client.close()
  }
})
