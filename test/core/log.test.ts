import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import koffi from 'koffi'
import { createLogger, logLevels } from '../../core/log.ts'

function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'circusd-log-'))
  return { path: (name: string) => join(folder, name), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

/** Run a piece of a program that has a `log`, and give what it wrote on stderr. */
function stderrOf(options: object, body: string): string {
  const source = `import { createLogger } from '${new URL('../../core/log.ts', import.meta.url)}'
    const log = createLogger(${JSON.stringify(options)}); ${body}`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', source], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return stderr
}

const head = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} circusd\[\d+\] \[(DEBUG|INFO|WARNING|ERROR|CRITICAL)\] /

test('a record is one line with time, name, pid, level and message', () => {
  const lines = stderrOf({ level: 'debug' }, logLevels.map((level) => `log.${level}('hello')`).join('\n'))
    .trimEnd()
    .split('\n')
  assert.deepEqual(
    lines.map((line) => head.exec(line)?.[1]),
    ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'],
  )
  for (const line of lines) assert.equal(line.replace(head, ''), 'hello')
})

test('records below the level are dropped, for children too, and the level can be changed', () => {
  using folder = makeFolder()
  const output = folder.path('log')
  const log = createLogger({ level: 'warning', output })
  const child = log.child('plugin:flapping').child('web')
  log.info('no')
  child.info('no')
  child.warning('first')
  child.level = 'debug'
  assert.equal(log.level, 'debug')
  log.debug('second')
  log.close()
  log.error('no')
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => line.replace(head, '')),
    ['plugin:flapping: web: first', 'second'],
  )
})

test('what looks like a password in a text does not reach the log', () => {
  using folder = makeFolder()
  const output = folder.path('log')
  const log = createLogger({ output })
  log.error('no answer from redis://:hunter2@localhost/1', { cmd: 'run --password=hunter2' })
  log.close()
  const text = readFileSync(output, 'utf8')
  assert.doesNotMatch(text, /hunter2/)
  assert.match(text, /redis:\/\/:\*+@localhost\/1/)
})

test('fields follow the message', () => {
  using folder = makeFolder()
  const output = folder.path('log')
  const log = createLogger({ output })
  const cycle: Record<string, unknown> = { n: 1n }
  const fields = { pid: 12, name: 'web', none: undefined, why: 'a "b"', list: [1], error: new Error('x y'), cycle }
  log.info('stopped', fields)
  log.close()
  assert.match(
    readFileSync(output, 'utf8'),
    /stopped pid=12 name=web why="a \\"b\\"" list=\[1\] error="x y" cycle=\[object Object\]\n$/,
  )
})

test('no text can forge a record or reach a terminal', () => {
  using folder = makeFolder()
  const output = folder.path('log')
  const log = createLogger({ output })
  log.info('a\nb\r\nc\r\x1b[2J\x07\x00\x9b\u2028\u202e\té')
  log.info('next', { text: 'x\ny\x1b' })
  log.close()
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n')
  assert.match(lines[0]!, head)
  assert.deepEqual(lines.slice(1, 3), ['    b', '    c\\r\\x1b[2J\\x07\\x00\\x9b\\u2028\\u202e\\té'])
  assert.match(lines[3]!, /next text="x\\ny\\u001b"$/)
  assert.equal(lines.length, 4)
})

test('a file is opened anew when it was moved, when it was deleted, and on reopen', () => {
  using folder = makeFolder()
  const output = folder.path('log')
  let now = 1_000_000
  const clock = mock.method(performance, 'now', () => now)
  try {
    const log = createLogger({ output })
    const text = (name: string) => readFileSync(folder.path(name), 'utf8').replace(new RegExp(head.source, 'gm'), '')
    log.info('1')
    renameSync(output, folder.path('log.1'))
    log.info('2')
    now += 1_000
    log.info('3')
    assert.equal(text('log.1'), '1\n2\n')
    assert.equal(text('log'), '3\n')
    rmSync(output)
    now += 1_000
    log.info('4')
    assert.equal(text('log'), '4\n')
    renameSync(output, folder.path('log.2'))
    log.reopen()
    log.info('5')
    assert.equal(text('log'), '5\n')
    log.close()
    createLogger({ output }).info('6')
    assert.equal(text('log'), '5\n6\n')
  } finally {
    clock.mock.restore()
  }
})

test('a relative file stays where it was when the working directory changes', () => {
  using folder = makeFolder()
  const body = "process.chdir('/'); log.info('here')"
  const source = `process.chdir(${JSON.stringify(folder.path('.'))}); const { createLogger } = await import('${new URL('../../core/log.ts', import.meta.url)}')
    const log = createLogger({ output: 'log' }); ${body}`
  spawnSync(process.execPath, ['--input-type=module', '-e', source])
  assert.match(readFileSync(folder.path('log'), 'utf8'), /here/)
})

for (const [why, output] of [
  ['a full disk', '/dev/full'],
  ['a folder that is not there', '/nonexistent/folder/log'],
  ['a folder in its place', '/tmp'],
])
  test(`${why} is told once, and the records go to stderr`, () => {
    const lines = stderrOf({ output }, "log.info('one'); log.info('two')").trimEnd().split('\n')
    assert.match(lines[0]!, /\[WARNING\] cannot write to the log .*records come here/)
    assert.deepEqual(
      lines.slice(1).map((line) => line.replace(head, '')),
      ['one', 'two'],
    )
  })

test('a file that can be written again is written again', () => {
  using folder = makeFolder()
  const output = folder.path('later/log')
  const log = createLogger({ output, level: 'critical' })
  let now = 1_000_000
  const clock = mock.method(performance, 'now', () => now)
  try {
    log.critical('to stderr, as the test wants it')
    mkdirSync(folder.path('later'))
    now += 1_000
    log.critical('back')
    log.close()
    assert.equal(readFileSync(output, 'utf8').replace(head, ''), 'back\n')
  } finally {
    clock.mock.restore()
  }
})

test('a closed stderr harms nobody', () => {
  stderrOf({}, "(await import('node:fs')).closeSync(2); log.info('x'); log.error('y')")
})

test('syslog over UDP: one datagram a record, with priority, time, host and name', async () => {
  const receiver = createSocket('udp4')
  receiver.bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  const log = createLogger({ output: `syslog://127.0.0.1:${receiver.address().port}?local3`, name: 'test' })
  try {
    const first = once(receiver, 'message')
    log.error('two\nlines')
    assert.match(String((await first)[0]), /^<155>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ test\[\d+\]: two\\nlines$/)
    const second = once(receiver, 'message')
    log.critical('x'.repeat(20_000))
    const [datagram] = await second
    assert.match(String(datagram), /^<154>/)
    assert.equal((datagram as Buffer).length, 8_192)
  } finally {
    log.close()
    receiver.close()
  }
})

test('syslog over a unix socket, through a restart of its receiver', () => {
  using folder = makeFolder()
  const path = folder.path('dev-log')
  const log = createLogger({ output: `syslog://${path}?daemon`, level: 'debug' })
  for (const life of [1, 2]) {
    using receiver = unixDatagramReceiver(path)
    log.debug(`life ${life}`)
    log.info('é\n')
    assert.match(receiver.next(), new RegExp(`^<31>[A-Z][a-z]{2} [ \\d]\\d [\\d:]{8} circusd\\[\\d+\\]: life ${life}$`))
    assert.match(receiver.next(), /^<30>.*: é\\n$/)
  }
  log.close()
})

test('a syslog that is not there is told once, and the records go to stderr', () => {
  const lines = stderrOf({ output: 'syslog:///nonexistent/log' }, "log.info('one'); log.info('two')")
    .trimEnd()
    .split('\n')
  assert.match(lines[0]!, /cannot log to \/nonexistent\/log/)
  assert.equal(lines.length, 3)
  assert.match(
    stderrOf({ output: 'syslog://host.invalid' }, "log.info('one')"),
    /cannot log to host\.invalid[\s\S]*one/,
  )
})

test('a bad level or output says what to write instead', () => {
  const level = 'verbose' as never
  assert.throws(() => createLogger({ level }), {
    code: 'ERR_OPTION_INVALID',
    message: /loglevel.*debug, info, warning/,
  })
  const log = createLogger()
  assert.throws(() => Object.assign(log, { level }), { code: 'ERR_OPTION_INVALID' })
  const bad = [
    '',
    ' ',
    'udp://host:514',
    'syslog://',
    'syslog://h:0',
    'syslog://h:x',
    'syslog://h?nope',
    'syslog:///x?toString',
  ]
  for (const output of [...bad, `syslog:///${'x'.repeat(200)}`])
    assert.throws(() => createLogger({ output }), { code: 'ERR_OPTION_INVALID', message: /logoutput/ }, output)
})

/** What a syslog daemon has at /dev/log. Datagrams wait in the kernel, so that one process can do both ends. */
function unixDatagramReceiver(path: string) {
  const libc = koffi.load(null)
  const fd = libc.func('int socket(int domain, int type, int protocol)')(1, 2, 0) as number
  const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`${path}\0`)])
  if (process.platform === 'darwin') address.set([address.length, 1])
  assert.equal(libc.func('int bind(int fd, const void *address, unsigned int size)')(fd, address, address.length), 0)
  const recv = libc.func('long recv(int fd, void *bytes, size_t size, int flags)')
  return {
    next(): string {
      const bytes = Buffer.alloc(10_000)
      const length = Number(recv(fd, bytes, bytes.length, process.platform === 'darwin' ? 0x80 : 0x40))
      assert.ok(length > 0, 'a datagram is there')
      return bytes.toString('utf8', 0, length)
    },
    [Symbol.dispose]() {
      closeSync(fd)
      rmSync(path)
    },
  }
}
