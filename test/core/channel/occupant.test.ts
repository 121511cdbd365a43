import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { Router } from 'zeromq'
import { CircusClient } from '../../../core/channel/client.ts'
import { Controller } from '../../../core/channel/controller.ts'
import { assertFree } from '../../../core/channel/occupant.ts'
import { Publisher } from '../../../core/channel/publisher.ts'
import { startArbiter } from '../../harness/index.ts'
import { makePlace, memoryLog } from './place.ts'

for (const transport of ['tcp', 'ipc'] as const) {
  test(`${transport}: a live daemon is named with its pid`, async () => {
    await using place = await makePlace()
    const dispatch = () => ({ info: { pid: 4711 } })
    const controller = new Controller({ endpoint: place.endpoint(transport), dispatch, log: memoryLog() })
    const endpoint = await controller.bind()
    try {
      const inUse = { code: 'ERR_ENDPOINT_IN_USE', message: /a circusd \(pid 4711\) answers there/ }
      await assert.rejects(assertFree('endpoint', endpoint), inUse)
      const second = new Controller({ endpoint, dispatch, log: memoryLog() })
      await assert.rejects(second.bind(), inUse)
      await assert.rejects(new Publisher({ endpoint, log: memoryLog() }).bind(), {
        code: 'ERR_ENDPOINT_IN_USE',
        message: /^pubsub_/,
      })
    } finally {
      await controller.close()
    }
    await assertFree('endpoint', endpoint)
  })

  test(`${transport}: a listener that is no circusd is found within a second or so`, async () => {
    await using place = await makePlace()
    const server = createServer(() => {})
    server.listen(transport === 'tcp' ? { host: '127.0.0.1', port: 0 } : { path: place.path('s') })
    await once(server, 'listening')
    const port = (server.address() as AddressInfo).port
    const endpoint = transport === 'tcp' ? `tcp://127.0.0.1:${port}` : `ipc://${place.path('s')}`
    const before = performance.now()
    try {
      await assert.rejects(assertFree('endpoint', endpoint), {
        code: 'ERR_ENDPOINT_IN_USE',
        message: /another program/,
      })
    } finally {
      server.close()
    }
    assert.ok(performance.now() - before < 2_000)
  })
}

test('a whole daemon says which process it is', async () => {
  await using running = await startArbiter('')
  await assert.rejects(assertFree('endpoint', running.arbiter.endpoints.control), {
    code: 'ERR_ENDPOINT_IN_USE',
    message: new RegExp(`a circusd \\(pid ${process.pid}\\) answers there$`),
  })
})

test('an event channel in use is found though it answers no question', async () => {
  await using place = await makePlace()
  const publisher = new Publisher({ endpoint: place.endpoint('ipc'), log: memoryLog() })
  const endpoint = await publisher.bind()
  try {
    await assert.rejects(assertFree('pubsub_endpoint', endpoint), { code: 'ERR_ENDPOINT_IN_USE' })
  } finally {
    await publisher.close()
  }
})

test('a stale socket file is free, and is replaced', async () => {
  await using place = await makePlace()
  const endpoint = place.endpoint('ipc')
  const file = endpoint.slice('ipc://'.length)
  const dead = new Router()
  dead.bindSync(endpoint)
  dead.close() // libzmq leaves the file there, as a daemon that was killed does
  await listenerGone(endpoint)
  assert.ok(existsSync(file))

  const controller = new Controller({ endpoint, dispatch: () => ({}), log: memoryLog() })
  await controller.bind()
  await controller.close()

  assert.ok(!existsSync(file))
})

test('a file that is no socket is never replaced', async () => {
  await using place = await makePlace()
  writeFileSync(place.path('precious'), 'data')
  mkdirSync(place.path('folder'))
  for (const name of ['precious', 'folder', 'precious/below']) {
    const controller = new Controller({ endpoint: `ipc://${place.path(name)}`, dispatch: () => ({}), log: memoryLog() })
    await assert.rejects(controller.bind(), { code: 'ERR_ENDPOINT_INVALID' })
  }
})

test('a folder that is not there is named', async () => {
  await using place = await makePlace()
  const endpoint = `ipc://${place.path('no/such')}`
  const controller = new Controller({ endpoint, dispatch: () => ({}), log: memoryLog() })
  await assert.rejects(controller.bind(), { code: 'ERR_ENDPOINT_INVALID', message: /no folder .*\/no$/ })
})

test('an address this machine does not have is told as that', async () => {
  const controller = new Controller({ endpoint: 'tcp://192.0.2.1:*', dispatch: () => ({}), log: memoryLog() })
  await assert.rejects(controller.bind(), { code: 'ERR_ENDPOINT_INVALID', message: /no address 192\.0\.2\.1/ })
})

test('ports to be chosen and inproc names are free', async () => {
  await assertFree('endpoint', 'tcp://127.0.0.1:*')
  await assertFree('endpoint', 'inproc://any')
})

/** A ZeroMQ socket stops listening a moment after it was closed. */
async function listenerGone(endpoint: string): Promise<void> {
  for (;;) {
    try {
      await assertFree('endpoint', endpoint)
      return
    } catch {}
  }
}

test('an IPv6 endpoint is bound, found in use, and served', async () => {
  const dispatch = () => ({ info: { pid: 6 } })
  const controller = new Controller({ endpoint: 'tcp://[::1]:*', dispatch, log: memoryLog() })
  const addresses = Object.values(networkInterfaces()).flat()
  if (!addresses.some((address) => address?.address === '::1')) {
    await assert.rejects(controller.bind(), { code: 'ERR_ENDPOINT_INVALID' })
    return
  }
  const endpoint = await controller.bind()
  try {
    await assert.rejects(assertFree('endpoint', endpoint), { code: 'ERR_ENDPOINT_IN_USE', message: /pid 6/ })
    await using client = new CircusClient({ endpoint })
    assert.equal((await client.call('dstats')).status, 'ok')
  } finally {
    await controller.close()
  }
})
