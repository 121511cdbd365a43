import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import test from 'node:test'
import { untilTrue } from '../harness/index.ts'
import { Daemon, lives } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, root, runBin } from './support/program.ts'

const program = (name: string) => `${root}/test/fixtures/programs/${name}`

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** A daemon that a shell starts, which says where its own output goes. */
class Elsewhere extends Program {
  readonly #endpoint: string

  /** @param line `"$@"` is the daemon. */
  constructor(folder: Folder, ini: string, line: string) {
    const file = folder.write('circus.ini', `${folder.circus}logoutput = ${folder.at('log')}\n${ini}`)
    super('sh', ['-c', line, 'sh', process.execPath, bin('circusd'), file], { cwd: folder.path })
    this.#endpoint = `ipc://${folder.at('control')}`
  }

  ctl(...args: string[]) {
    return runBin('circusctl', ['--endpoint', this.#endpoint, ...args])
  }
}

test('without options of streams, bytes come out unchanged, stdout and stderr apart', async () => {
  using folder = new Folder()
  const bytes = randomBytes(3_000_000)
  writeFileSync(folder.at('bytes'), bytes)
  const ini = `[watcher:web]\ncmd = sh -c 'cat bytes; cat bytes bytes >&2; echo > done; exec sleep 1000'\nworking_dir = ${folder.path}\n`
  await using daemon = new Elsewhere(folder, ini, 'exec "$@" > out 2> err')
  await untilTrue(() => text(folder.at('done')) !== '', 'all was written')

  await daemon.ctl('quit')

  assert.deepEqual(await daemon.end(), { code: 0, signal: null })
  assert.ok(readFileSync(folder.at('out')).equals(bytes), 'stdout is not what was written')
  assert.ok(readFileSync(folder.at('err')).equals(Buffer.concat([bytes, bytes])), 'stderr is not what was written')
})

const busy = (folder: Folder) => `[watcher:busy]\ncmd = ${program('numbers-lines.sh')} busy ${folder.at('count')}\n`

/** What the daemon's own stdout can be, by how a shell says it; `script` makes a terminal. */
const places = {
  '/dev/full': 'exec "$@" > /dev/full',
  'a pipe that nobody reads any more': 'exec "$@" | true',
  'a full pipe that nobody reads': '{ "$@"; echo $? > code; } | { while [ ! -s code ]; do sleep 0.1; done; }',
  'a closed descriptor': 'exec "$@" >&- 2>&-',
  'a terminal': 'exec script -qec "$*" /dev/null > /dev/null',
  'another program, as in circusd | tee': '{ "$@"; echo $? > code; } | tee copy > /dev/null',
}

for (const [place, line] of Object.entries(places)) {
  test(`when its own stdout is ${place}, the daemon and its processes go on, and end when asked`, async () => {
    using folder = new Folder()
    await using daemon = new Elsewhere(folder, busy(folder), line)
    // More than pipes hold, and than is kept for a stream that takes nothing.
    await untilTrue(() => Number(text(folder.at('count'))) > 300_000, 'its process goes on')

    const { stdout } = await daemon.ctl('status', 'busy')
    const pid = Number((await daemon.ctl('list', 'busy')).stdout)
    const quit = await daemon.ctl('--timeout', '15', 'quit', '--waiting')

    assert.equal(stdout, 'active\n')
    assert.equal(quit.code, 0, quit.stderr)
    await daemon.end()
    assert.equal(lives(pid), false)
    assert.match(text(folder.at('code')) || '0', /^0/)
    assert.doesNotMatch(text(folder.at('log')), /uncaught|unhandled/)
    if (place.includes('tee'))
      assert.match(text(folder.at('copy')), /^busy-\d+ 1\nbusy-\d+ 2\n.*\nbusy-\d+ last \d+\n$/s)
  })
}

test('in the background, programs write to the names of their streams, and nothing comes of it', async () => {
  using folder = new Folder()
  const ini = `[watcher:web]\ncmd = sh -c 'echo a > /dev/stdout && echo b > /dev/stderr && echo fine > "$0"; exec sleep 1000' ${folder.at('done')}\n`
  const file = folder.write('circus.ini', `${folder.circus}${ini}`)
  const { code, stdout } = await runBin('circusd', ['--daemon', file, '--log-output', folder.at('log')])
  try {
    assert.equal(code, 0)
    assert.equal(stdout, '')
    await untilTrue(() => text(folder.at('done')) === 'fine\n', 'both were opened')
    assert.doesNotMatch(text(folder.at('log')), /WARNING|ERROR/)
  } finally {
    await runBin('circusctl', ['--endpoint', `ipc://${folder.at('control')}`, 'quit', '--waiting'])
  }
})

test('close_child_stdout and close_child_stderr leave a process nothing to write to', async () => {
  using folder = new Folder()
  const cmd = `sh -c 'echo "wrote to" stdout; echo "wrote to" stderr >&2; [ /dev/stdout -ef /dev/null ] && [ /dev/stderr -ef /dev/null ] && echo fine > "$0"; exec sleep 1000' ${folder.at('done')}`
  const ini = `[watcher:web]\ncmd = ${cmd}\nclose_child_stdout = true\nclose_child_stderr = true\n`
  await using daemon = await Daemon.start(folder, ini)
  await untilTrue(() => text(folder.at('done')) === 'fine\n', 'it has /dev/null')
  await daemon.ask('quit')
  await daemon.end()
  assert.doesNotMatch(daemon.stdout + daemon.stderr, /wrote to/)
})

test('lines of different watchers never tear each other', async () => {
  using folder = new Folder()
  const writer = (name: string) =>
    `[watcher:${name}]\ncmd = ${program('numbers-lines.sh')} ${name.repeat(20)} ${folder.at(name)}\n`
  await using daemon = await Daemon.start(folder, `${['a', 'b', 'c'].map(writer).join('')}`)
  await untilTrue(() => ['a', 'b', 'c'].every((name) => Number(text(folder.at(name))) > 2000))
  await daemon.ask('quit')
  await daemon.end()
  const torn = daemon.stdout
    .split('\n')
    .filter((line) => !/^(a{20}|b{20}|c{20})-\d+ (last )?\d+$|^all started$|^$/.test(line))
  assert.deepEqual(torn, [])
})
