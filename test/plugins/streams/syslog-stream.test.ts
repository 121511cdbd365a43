import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { startArbiter, temporaryFolder, untilTrue } from '../../harness/index.ts'
import { Rsyslog } from './rsyslog.ts'

const watcher = (name: string, script: string, options: string, streams = ['stdout']) => `[watcher:${name}]
cmd = sh -c '${script}; exec sleep 1000'
${streams.map((stream) => `${stream}_stream.class = SyslogStream\n${options.replaceAll('STREAM', `${stream}_stream`)}`).join('')}`

const addresses: Record<string, (server: Rsyslog) => string> = {
  unix: ({ unixPath }) => `STREAM.address = ${unixPath}\n`,
  udp: ({ udpPort }) => `STREAM.address = 127.0.0.1:${udpPort}\n`,
  tcp: ({ tcpPort }) => `STREAM.host = localhost\nSTREAM.port = ${tcpPort}\nSTREAM.protocol = tcp\n`,
}

for (const [way, address] of Object.entries(addresses)) {
  test(`over ${way}: each line is a message that rsyslog understands`, async () => {
    await using server = await Rsyslog.start()
    const script = 'echo "to stdout: äöü"; echo; echo to stderr >&2'
    const options = `${address(server)}STREAM.facility = local3\n`
    await using running = await startArbiter(watcher('web', script, options, ['stdout', 'stderr']))

    const received = await server.received('web', 3)
    const [pid] = running.arbiter.watcher('web').pids
    const errors = received.filter(({ severity }) => severity === 'err')
    const others = received.filter(({ severity }) => severity === 'info')
    assert.deepEqual(
      others.map(({ text, kind }) => [text, kind]),
      [
        ['to stdout: äöü', 'stdout'],
        ['', 'stdout'],
      ],
    )
    assert.deepEqual(
      errors.map(({ text, kind }) => [text, kind]),
      [['to stderr', 'stderr']],
    )
    for (const message of received) {
      assert.deepEqual([message.facility, message.host, message.pid], ['local3', hostname(), String(pid)])
      assert.ok(Math.abs(Date.parse(message.time) - Date.now()) < 60_000)
    }
  })

  test(`over ${way}: a line that is too long becomes several messages, cut between characters`, async () => {
    await using server = await Rsyslog.start()
    const script = 'yes ä | head -n 6000 | tr -d "\\\\n"; echo; echo after'
    await using _ = await startArbiter(watcher('long', script, address(server)))

    const received = await server.received('long', 3)
    assert.deepEqual(
      received.map(({ kind }) => kind),
      ['stdout', 'stdout-continued', 'stdout'],
    )
    const [first, second, third] = received.map(({ text }) => text) as [string, string, string]
    assert.equal(first.length + second.length, 6000)
    assert.ok(first + second === 'ä'.repeat(6000))
    assert.ok(first.length > 3900)
    assert.equal(third, 'after')
  })
}

const counting = (name: string, options: string) => `[watcher:${name}]
cmd = ${process.execPath} -e "let n = 0; setInterval(() => console.log(++n), 2)"
stdout_stream.class = SyslogStream
${options.replaceAll('STREAM', 'stdout_stream')}`

for (const [way, address] of Object.entries(addresses)) {
  test(`over ${way}: a server that goes away and comes back gets what was written meanwhile`, async () => {
    await using server = await Rsyslog.start()
    await using running = await startArbiter(counting('counts', address(server)))
    const { events, log } = running
    await server.received('counts', 20)
    await server.stop()
    await events.event('counts.output_failed')
    const from = log.all.length
    await server.run()
    await events.event('counts.output_resumed')

    assert.match(await log.record(/stdout_stream of counts: it works again/, { from }), /nothing was lost/)
    const { length } = server.all
    const received = (await server.received('counts', length + 20)).map(({ text }) => Number(text))
    const missing = Array.from({ length: received.at(-1)! }, (_, n) => n + 1).filter((n) => !received.includes(n))
    // What was on its way when the server went is the server's, and lost with it where nobody confirms anything.
    if (way === 'tcp') assert.deepEqual(missing, [])
    else assert.ok(missing.length < 20, `${missing}`)
  })
}

test('a server that is not there at the start holds up nobody, and gets everything once it is', async () => {
  await using server = await Rsyslog.start()
  await server.stop()
  const ini = Object.entries(addresses).map(([way, address]) =>
    watcher(way, `echo early; echo ${way}`, address(server)),
  )
  await using running = await startArbiter(ini.join(''))
  for (const way of Object.keys(addresses)) await running.events.event(`${way}.output_failed`)
  await server.run()

  for (const way of Object.keys(addresses)) {
    const received = await server.received(way, 2)
    assert.deepEqual(
      received.map(({ text }) => text),
      ['early', way],
    )
  }
})

test('a datagram that is too large for its socket is sent in parts', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  try {
    const received: string[] = []
    socket.on('message', (data) => received.push(String(data)))
    await once(socket, 'listening')
    const options = `STREAM.address = udp://127.0.0.1:${socket.address().port}\nSTREAM.max_message_bytes = 100k\n`
    const script = 'yes | head -n 65530 | tr -d "\\n"; echo; echo after'
    await using running = await startArbiter(watcher('large', script, options))
    await untilTrue(() => received.at(-1)?.endsWith('after') === true)

    const texts = received.map((message) => message.replace(/^.* stdout(-continued)? - /, ''))
    assert.ok(texts.slice(0, -1).join('') === 'y'.repeat(65_530))
    for (const message of received.slice(1, -1)) assert.match(message, / stdout-continued - y/)
    assert.deepEqual(
      running.events.of('large').filter((event) => event === 'output_failed'),
      [],
    )
  } finally {
    socket.close()
  }
})

for (const [format, form] of [
  ['rfc5424', /^<77>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z there my_app,_really \d+ stdout - text$/],
  ['rfc3164', /^<77>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d there my app, really\[\d+\]: text$/],
] as const) {
  test(`a unix stream socket gets lines; ${format} looks as it should`, async () => {
    using folder = temporaryFolder()
    let received = ''
    const server = createServer((socket) => socket.setEncoding('utf8').on('data', (text) => (received += text)))
    server.listen(folder.path('stream'))
    await once(server, 'listening')
    try {
      const options = `STREAM.address = unix://${folder.path('stream')}
STREAM.format = ${format}
STREAM.facility = cron
STREAM.severity = 5
STREAM.app_name = my app, really
STREAM.hostname = there
`
      await using _ = await startArbiter(watcher('lines', 'echo text', options))
      await untilTrue(() => received.endsWith('\n'))

      assert.match(received.trimEnd(), form)
    } finally {
      server.close()
    }
  })
}

test('messages over TCP tell their length, those of several watchers share one connection', async () => {
  const received: string[] = []
  const server = createServer((socket) => {
    const at = received.push('') - 1
    socket.setEncoding('utf8').on('data', (text) => (received[at] = `${received[at]}${text}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const options = `STREAM.address = tcp://127.0.0.1:${port}\n`
    const ini = ['a', 'b', 'c'].map((name) =>
      watcher(name, `echo "${name} ä"; echo ${name} >&2`, options, ['stdout', 'stderr']),
    )
    await using _ = await startArbiter(ini.join(''))
    const messages = () => {
      const found: string[] = []
      for (let rest = Buffer.from(received.join('')); rest.length > 0; ) {
        const space = rest.indexOf(' ')
        const end = space + 1 + Number(rest.toString('latin1', 0, space))
        found.push(rest.toString('utf8', space + 1, end).replace(/^.* - /, ''))
        rest = rest.subarray(end)
      }
      return found.sort()
    }
    await untilTrue(() => messages().length === 6)

    assert.deepEqual(messages(), ['a', 'a ä', 'b', 'b ä', 'c', 'c ä'])
    assert.equal(received.length, 1)
  } finally {
    server.close()
  }
})

test('over TCP, what a server had not read when it went comes again', async () => {
  using folder = temporaryFolder()
  const connections: Socket[] = []
  let received = ''
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    // The first connection reads nothing.
    if (connections.push(socket) === 1) return
    socket.setEncoding('utf8').on('data', (text) => (received += text))
    socket.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const script = `echo one; until [ -e ${folder.path('go')} ]; do sleep 0.01; done; echo two`
    await using _ = await startArbiter(watcher('w', script, `STREAM.address = tcp://127.0.0.1:${port}\n`))
    await untilTrue(() => connections.length === 1 && hasUnread(port))
    connections[0]!.resetAndDestroy()
    folder.write('go', '')
    await untilTrue(() => received.endsWith('two'))

    assert.match(received, /- one\d+ <.*- two$/)
  } finally {
    server.close()
  }
})

/** Whether something has come to a port of this machine that nobody has read. */
function hasUnread(port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)
  return lines.some((line) => {
    const [, address = '', , state, queues = ''] = line.trim().split(/\s+/)
    return address.endsWith(local) && state === '01' && !queues.endsWith(':00000000')
  })
}

test('wrong options say what to write', async () => {
  await using running = await startArbiter('[circus]\n')
  const wrong = [
    [{ address: 'http://host' }, /stdout_stream.address = http:\/\/host: it must be the path of a socket/],
    [{ address: '/dev/log', host: 'h' }, /either address or host/],
    [{ severity: 'loud' }, /stdout_stream.severity = loud: it must be one of emerg, alert/],
    [{ facility: 'local8' }, /stdout_stream.facility = local8: it must be one of kern, user/],
    [{ host: 'h', port: '0' }, /stdout_stream.port = 0: it must be an integer from 1 to 65535/],
    [{ protocol: 'sctp' }, /stdout_stream.protocol = sctp: it must be one of udp, tcp/],
    [{ adress: '/dev/log' }, /stdout_stream.adress = \/dev\/log: .*stdout_stream.address/],
  ] as const
  for (const [options, message] of wrong) {
    const stdout_stream = { class: 'SyslogStream', ...options }
    const adding = running.client.call('add', { name: 'w', cmd: 'true', options: { stdout_stream } })
    await assert.rejects(adding, { code: 'ERR_STREAM_INVALID', message })
  }
})
