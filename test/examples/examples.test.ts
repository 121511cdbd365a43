import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { appendFileSync, chmodSync, cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Arbiter, CircusClient, loadConfig } from '../../core/index.ts'
import { bin, Program } from '../e2e/support/program.ts'
import { EventRecorder, isAlive, LogRecorder, temporaryFolder, untilTrue } from '../harness/index.ts'
import { Visitor } from '../plugins/httpd/visitor.ts'

const example = (name: string) => fileURLToPath(new URL(`../../hooks-examples/${name}`, import.meta.url))

/** The ini of an example, run in this process and from its folder, with channels that meet nobody's. */
async function runExample(name: string, env: Readonly<Record<string, string>> = {}) {
  await using stack = new AsyncDisposableStack()
  Object.assign(process.env, env)
  stack.defer(() => {
    for (const variable of Object.keys(env)) delete process.env[variable]
  })
  const sockets = stack.use(temporaryFolder())
  const before = process.cwd()
  process.chdir(example(name))
  process.env['PWD'] = process.cwd()
  stack.defer(() => process.chdir(before))
  const config = await loadConfig('circus.ini')
  const circus = {
    ...config.circus,
    endpoint: `ipc://${sockets.path('control')}`,
    pubsub_endpoint: `ipc://${sockets.path('events')}`,
  }
  const log = new LogRecorder()
  const arbiter = stack.use(new Arbiter({ ...config, circus }, { log: log.log }))
  const events = new EventRecorder(arbiter)
  await arbiter.start()
  const kept = stack.move()
  return { arbiter, log, events, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('typescript: the worker starts once the database answers, and nothing stays behind', async () => {
  {
    await using running = await runExample('typescript')
    const { log, events } = running
    await events.event('worker.start')
    await log.record(/^info .*database: after_start: the database answers$/)
    const answered = events.all.findIndex(({ watcher, event }) => watcher === 'database' && event === 'hook_success')
    const started = events.all.findIndex(({ watcher, event }) => watcher === 'worker' && event === 'spawn')
    assert.ok(answered >= 0 && answered < started)
    const from = log.all.length
    process.kill(running.arbiter.watcher('worker').pids[0]!, 'SIGKILL')
    await log.record(/worker: after_reap: process \d+ ended with -9$/, { from })
  }
  assert.equal(existsSync(join(tmpdir(), `circusd-example-${process.pid}.sock`)), false)
})

test('shell: a script says which watcher may start, another tells what happens', async () => {
  await using running = await runExample('shell')
  const { arbiter, log } = running

  assert.equal(arbiter.watcher('web').status, 'active')
  assert.match(arbiter.watcher('full').reason ?? '', /before_start/)
  await log.record(/full: before_start: full needs 999999999999 KB, \d+ KB are free/)
  const [pid] = arbiter.watcher('web').pids
  await log.record(new RegExp(`after_spawn of web: pid ${pid}, signal none, exit none`))
  await arbiter.watcher('web').stop()
  await log.record(new RegExp(`before_signal of web: pid ${pid}, signal SIGTERM, exit none`))
  await log.record(new RegExp(`after_reap of web: pid ${pid}, signal none, exit -15`))
})

test('library: a program keeps its workers, and ends with them', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example('library/main.ts')], {
    timeout: 20_000,
  })

  assert.equal(stderr, '')
  assert.match(stdout, /^4 workers run$/m)
  assert.match(stdout, /^2 workers run$/m)
  assert.match(stdout, /all stopped\n$/)
  const pids = [...stdout.matchAll(/workers\.spawn (\d+)/g)].map(([, pid]) => Number(pid))
  assert.equal(pids.length, 4)
  assert.equal(pids.some(isAlive), false)
})

/** Where an example's socket is. */
const portOf = ({ arbiter }: { arbiter: Arbiter }, name: string) =>
  (arbiter.sockets.all.find((socket) => socket.name === name)!.address as { port: number }).port

const greeting = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).text()

test('sockets: servers in Node and Python answer, and go on answering while they are reloaded', async () => {
  await using running = await runExample('sockets')
  const { arbiter } = running
  for (const name of ['node', 'python']) {
    const port = portOf(running, name)
    const before = arbiter.watcher(name).pids
    let done = false
    const asking = (async () => {
      while (!done) assert.match(await greeting(port), /^hello from \d+\n$/)
    })()
    await arbiter.watcher(name).reload()
    done = true
    await asking
    const { pid = 0 } = /(?<pid>\d+)/.exec(await greeting(port))?.groups ?? {}
    assert.equal(before.includes(Number(pid)), false)
  }
})

test('on-demand: the first request starts the server, and one after it went home starts it again', async () => {
  await using running = await runExample('on-demand')
  const { arbiter, events } = running
  assert.equal(arbiter.watcher('web').status, 'stopped')
  const first = await greeting(portOf(running, 'web'))
  await events.event('web.stop')
  const second = await greeting(portOf(running, 'web'))

  assert.match(first, /^hello from \d+, web\n$/)
  assert.notEqual(second, first)
})

test('datagrams: what comes while the program is away waits for it', async () => {
  await using running = await runExample('datagrams')
  const { arbiter } = running
  const socket = createSocket('udp4')
  try {
    const send = (text: string) => socket.send(text, portOf(running, 'echo'), '127.0.0.1')
    send('one')
    const [first] = await once(socket, 'message')
    await arbiter.watcher('echo').stop()
    send('two')
    await arbiter.watcher('echo').start()
    const [second] = await once(socket, 'message')

    assert.match(String(first), /^one from \d+$/)
    assert.equal(String(second), `two from ${arbiter.watcher('echo').pids[0]}`)
  } finally {
    socket.close()
  }
})

test('nginx: it finds the Node server at its unix socket, also while that is reloaded', async () => {
  using folder = temporaryFolder()
  const port = await freePort()
  await using running = await runExample('nginx', { FOLDER: folder.root, PORT: String(port) })
  const { arbiter } = running
  chmodSync(folder.root, 0o755)
  await untilAnswered(port)
  let done = false
  const asking = (async () => {
    while (!done) assert.match(await greeting(port), /^hello from \d+\n$/)
  })()
  await arbiter.watcher('app').reload()
  done = true
  await asking
})

test('console: behind nginx one logs in, sees what happens as it does, and nobody comes by another name', async () => {
  using folder = temporaryFolder()
  const port = await freePort()
  await using running = await runExample('console', { FOLDER: folder.root, PORT: String(port) })
  chmodSync(folder.root, 0o755)
  await untilAnswered(port)
  const [line = ''] = running.log.matching(/the web console is at/)
  const link = new URL(line.replace(/^.* is at /, ''))
  link.host = `127.0.0.1:${port}`
  const visitor = new Visitor(link.href)
  const origin = { origin: link.origin }

  assert.equal((await visitor.logIn()).status, 200)
  using page = await visitor.follow('api/live?watcher=clock')

  assert.equal(link.pathname, '/circus/')
  assert.equal((await page.until('state')).watchers.clock.alive, 1)
  await visitor.post('api/incr', { name: 'clock', waiting: true }, origin)
  await page.until('patch', (patch) => patch.watchers?.clock?.alive === 2)
  using output = await visitor.follow('api/follow?name=clock')
  await output.until('lines', ({ lines }) => lines.length > 0)
  const asked = async (headers: Record<string, string>) => (await visitor.ask('api/list', { headers })).status
  assert.equal(await asked({ host: 'evil.example' }), 421)
  assert.equal(await asked({ host: 'console.example', origin: 'http://console.example' }), 200)
  assert.equal(await asked({ origin: 'http://evil.example' }), 403)
  for (const _ of [1, 2, 3]) await new Visitor(link.href).logIn({ token: 'wrong' })
  assert.equal((await new Visitor(link.href).logIn({ token: 'wrong' })).status, 429)
  const from = { 'x-forwarded-for': '192.0.2.7' }
  const other = await new Visitor(link.href).ask('api/session', {
    method: 'POST',
    body: { token: 'wrong' },
    headers: from,
  })
  assert.equal(other.status, 429) // nginx tells who it is, whatever they say themselves
  await running.log.record(/a login with a wrong token from 127\.0\.0\.1 failed/)
})

test('streams: output goes where each of the classes puts it', async () => {
  using folder = temporaryFolder()
  const port = await freePort()
  // A copy with channels that meet nobody's, beside the packages it imports.
  cpSync(example('streams'), folder.path('example'), { recursive: true })
  symlinkSync(example('../node_modules'), folder.path('node_modules'))
  const endpoints = ['endpoint', 'pubsub_endpoint'].map((name) => `${name} = ipc://${folder.path(name)}`)
  appendFileSync(folder.path('example/circus.ini'), ['', '[circus]', ...endpoints, ''].join('\n'))
  await using daemon = new Program(process.execPath, [bin('circusd'), 'circus.ini'], {
    cwd: folder.path('example'),
    env: { FOLDER: folder.root, PORT: String(port) },
  })
  await daemon.line(/^\d{4}-\d\d-\d\d [\d:]{8} \[\d+\] \| 2 is a number$/m)
  await daemon.line(/^2 is no reason to worry$/m)
  await daemon.line(/^over HTTP, of elsewhere: 2 is a number$/m)
  await daemon.line(/^syslog: <11>1 \S+ \S+ elsewhere \d+ stderr - 2 is no reason to worry$/m)
  const first = async (name: string, pattern: RegExp) => {
    await untilTrue(() => existsSync(folder.path(name)) && readFileSync(folder.path(name), 'utf8').includes('\n'))
    assert.match(readFileSync(folder.path(name), 'utf8'), pattern)
  }
  await first('files.log', /^[\d:]{8}\.\d{6} \[\d+\] \| 1 is a number\n/)
  await first('watched.log', /^1 is no reason to worry\n/)
  await first('daily.log', /^1 is a number\n/)
  await first(
    'lines.json',
    /^{"time":"[^"]+","watcher":"more-files","wid":1,"pid":\d+,"stream":"stderr","line":"1 is no/,
  )
  const client = new CircusClient({ endpoint: `ipc://${folder.path('endpoint')}` })
  try {
    const { lines } = await client.call<{ lines: string[] }>('latest', { name: 'memory' })
    assert.equal(lines[0], '1 is a number')
  } finally {
    await client.close()
  }
})

/** A port that was free a moment ago: nginx cannot be asked which one it took. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

async function untilAnswered(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await greeting(port)
      return
    } catch (error) {
      if (tries === 200) throw error
      await sleep(20)
    }
  }
}
