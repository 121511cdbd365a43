import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CircusClient } from '../../core/index.ts'
import { temporaryFolder, untilTrue } from '../harness/index.ts'

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** The state letters of the children of a process: `Z` is a zombie. */
const childStates = (pid: number): string =>
  childrenOf(pid)
    .map((child) => readFileSync(`/proc/${child}/stat`, 'utf8'))
    .map((stat) => stat.charAt(stat.lastIndexOf(')') + 2))
    .join('')

test('as process 1 of a container it takes leave of the orphans it inherits', async () => {
  using folder = temporaryFolder()
  const endpoint = `ipc://${folder.path('c')}`
  folder.write(
    'circus.ini',
    `[circus]
endpoint = ${endpoint}
pubsub_endpoint = ipc://${folder.path('e')}
check_delay = 0.1
[watcher:parent]
cmd = sh -c "(sleep 0.1 &); (setsid sleep 0.1 &); exec sleep 60"
copy_env = true
`,
  )
  const daemon = [process.execPath, 'cli/bin/circusd.js', folder.path('circus.ini')]
  // A user namespace as well, so that it takes no root.
  const container = spawn('unshare', [
    '--user',
    '--map-root-user',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    ...daemon,
  ])
  const ended = once(container, 'exit')
  let log = ''
  container.stderr.on('data', (data) => {
    log += data
  })
  try {
    await untilTrue(() => log.includes('parent: started'), 'the start')
    const [pid] = childrenOf(container.pid!)
    await untilTrue(() => childStates(pid!) === 'S', 'only the sleeper')
    await using client = new CircusClient({ endpoint })
    await client.call('quit')
    assert.deepEqual(await ended, [0, null], log)
  } finally {
    container.kill('SIGKILL')
  }
})
