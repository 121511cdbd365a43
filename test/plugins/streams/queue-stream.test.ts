import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getArbiter } from '../../../core/index.ts'
import { queueOf } from '../../../plugins/streams/index.ts'
import { LogRecorder, startArbiter, untilTrue } from '../../harness/index.ts'

test('a program that embeds the arbiter takes what its workers wrote, and what they go on to write', async () => {
  const cmd = 'sh -c "echo first; echo second >&2; read _; printf third"'
  await using arbiter = getArbiter(
    [
      {
        name: 'worker',
        cmd,
        respawn: false,
        stdout_stream: { class: 'QueueStream' },
        stderr_stream: { class: 'QueueStream' },
      },
    ],
    { log: new LogRecorder().log },
  )
  await arbiter.start()
  const watcher = arbiter.watcher('worker')
  const stdout = await queueOf(watcher)
  const stderr = await queueOf(watcher, 'stderr')
  await untilTrue(() => stdout.size === 2 && stderr.size === 1)

  assert.deepEqual(
    stdout.peek().map(({ line }) => line),
    ['first', 'third'],
  )
  const [error] = stderr.take()
  assert.deepEqual([error?.watcher, error?.stream, error?.wid, error?.line], ['worker', 'stderr', 1, 'second'])
  assert.equal(stderr.size, 0)
  assert.equal(stdout.dropped, 0)
})

test('a queue is bounded in lines: the oldest give way', async () => {
  await using running = await startArbiter(`[watcher:counts]
cmd = sh -c 'seq 1000; exec sleep 60'
stdout_stream.class = QueueStream
stdout_stream.max_lines = 10
`)
  const queue = await queueOf(running.arbiter.watcher('counts'))
  await untilTrue(() => queue.dropped === 990)

  assert.deepEqual(
    queue.take().map(({ line }) => Number(line)),
    [991, 992, 993, 994, 995, 996, 997, 998, 999, 1000],
  )
})

test('a queue is bounded in bytes, and keeps at least the last line', async () => {
  await using running = await startArbiter(`[watcher:long]
cmd = sh -c 'seq 100; head -c 9000 /dev/zero | tr "\\\\0" x; echo; exec sleep 60'
stdout_stream.class = QueueStream
stdout_stream.max_bytes = 2 KB
`)
  const queue = await queueOf(running.arbiter.watcher('long'))
  await untilTrue(() => queue.dropped === 100)

  assert.deepEqual(
    queue.take().map(({ data }) => data.length),
    [9000],
  )
})

const follower = `import { definePlugin } from 'circusd'
import { queueOf } from 'circusd/plugins/streams'

export default definePlugin({
  name: 'follower',
  kernel: true,
  setup(circus) {
    circus.hooks.watcherAdded.tap('follower', (watcher) => {
      void (async () => {
        for await (const { line } of await queueOf(watcher)) circus.log.info('took ' + line)
        circus.log.info('the end')
      })()
    })
  },
})
`

test('a plugin follows a queue line by line, to its end with the watcher', async () => {
  await using running = await startArbiter(
    `[plugin:follower]
use = ./follower.ts
[watcher:w]
cmd = sh -c 'seq 3; exec sleep 60'
stdout_stream.class = QueueStream
`,
    { files: { 'follower.ts': follower } },
  )
  await running.log.record(/follower: took 3/)
  await running.arbiter.remove('w')
  await running.log.record(/follower: the end/)

  assert.equal(running.log.matching(/follower: took/).length, 3)
})

test('asking for the queue of output that goes elsewhere says so', async () => {
  await using running = await startArbiter('[watcher:plain]\ncmd = sleep 60\nstdout_stream.class = StdoutStream\n')

  await assert.rejects(queueOf(running.arbiter.watcher('plain')), /stdout_stream of plain is no QueueStream/)
})
