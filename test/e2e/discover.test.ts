import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { startArbiter } from '../harness/index.ts'
import { runBin } from './support/program.ts'

const group = '239.219.251.97'

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

test('discover lists the daemons that answer, each once', async () => {
  const multicast = `udp://${group}:${await freePort()}`
  const ini = `[circus]\nmulticast_endpoint = ${multicast}`
  await using one = await startArbiter(ini)
  await using other = await startArbiter(ini)
  const endpoints = [one, other].map(({ arbiter }) => arbiter.endpoints.control).sort()

  const { stdout, code } = await runBin('circusctl', ['discover', '--multicast', multicast])
  assert.equal(stdout, `${endpoints.join('\n')}\n`)
  assert.equal(code, 0)

  const json = await runBin('circusctl', ['discover', '--multicast', multicast, '--json'])
  const { daemons } = JSON.parse(json.stdout) as { daemons: { endpoint: string }[] }
  assert.deepEqual(
    daemons.map(({ endpoint }) => endpoint),
    endpoints,
  )
})

test('discover says so when nobody answers, and believes no answer that is none', async () => {
  await using liar = createSocket({ type: 'udp4', reuseAddr: true })
  liar.bind(0)
  await once(liar, 'listening')
  liar.addMembership(group, '127.0.0.1')
  liar.on('message', (_, { port, address }) => {
    for (const answer of [
      '',
      '[]',
      'null',
      '{"endpoint":7}',
      '{"endpoint":"tcp://\\u001b[31m:1"}',
      '{"endpoint":"x y"}',
    ])
      liar.send(answer, port, address)
  })
  const multicast = `udp://${group}:${liar.address().port}`
  const { stdout, stderr, code } = await runBin('circusctl', ['discover', '--multicast', multicast, '--timeout', '0.5'])
  assert.equal(stdout, '')
  assert.match(stderr, /nobody answers at udp:/)
  assert.equal(code, 1)
})

test('discover refuses an address that is not one of multicast', async () => {
  const { stderr, code } = await runBin('circusctl', ['discover', '--multicast', 'udp://127.0.0.1:1'])
  assert.match(stderr, /--multicast must be/)
  assert.equal(code, 2)
})
