import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync, watch } from 'node:fs'
import test from 'node:test'
import { lives } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { runBin } from './support/program.ts'

const pidIn = (file: string) => Number(readFileSync(file, 'utf8'))

/** Ends the daemon of a pidfile at the end of a `using` block, and waits until the file is gone. */
class Background implements AsyncDisposable {
  readonly #pidfile: string
  readonly #folder: Folder

  constructor(folder: Folder) {
    this.#folder = folder
    this.#pidfile = folder.at('pid')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const watcher = watch(this.#folder.path)
    try {
      if (existsSync(this.#pidfile)) process.kill(pidIn(this.#pidfile), 'SIGTERM')
      while (existsSync(this.#pidfile)) await once(watcher, 'change')
    } finally {
      watcher.close()
    }
  }
}

test('--daemon returns 0 once the watchers are started and the endpoints bound', async () => {
  using folder = new Folder()
  const file = folder.write('circus.ini', `${folder.circus}\n[watcher:web]\ncmd = sleep 1000\nnumprocesses = 3\n`)
  await using _ = new Background(folder)

  const { code, stderr } = await runBin('circusd', [file, '--daemon', '--pidfile', folder.at('pid')])

  assert.equal(code, 0, stderr)
  assert.match(stderr, /the log is lost/)
  const ctl = (...args: string[]) => runBin('circusctl', ['--endpoint', `ipc://${folder.at('control')}`, ...args])
  assert.equal((await ctl('status', 'web')).stdout, 'active\n')
  assert.equal((await ctl('numprocesses', 'web')).stdout, '3\n')
  const pid = pidIn(folder.at('pid'))
  assert.equal(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3], String(pid), 'its own session')
  for (const fd of [0, 1, 2]) assert.equal(readlinkSync(`/proc/${pid}/fd/${fd}`), '/dev/null')
  const [web] = (await ctl('list', 'web')).stdout.split(',').map(Number)
  assert.deepEqual(readdirSync(`/proc/${web}/fd`), ['0', '1', '2'])
  assert.doesNotMatch(readFileSync(`/proc/${web}/environ`, 'utf8'), /CIRCUSD_REPORT_FD/)

  process.kill(pid, 'SIGTERM')
  await _[Symbol.asyncDispose]()
  assert.equal(lives(Number(web)), false)
})

test('--daemon returns 1 with every error of a wrong configuration', async () => {
  using folder = new Folder()
  const file = folder.write('circus.ini', `${folder.circus}\n[watcher:web]\ncmd = sleep 1\nnumprocesses = many\n`)

  const { code, stderr } = await runBin('circusd', [file, '--daemon'])

  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`^${file}:\\d+: .*many`, 'm'))
})

test('--daemon returns 1 when another daemon answers on the endpoint, and names it', async () => {
  using folder = new Folder()
  const file = folder.write('circus.ini', `${folder.circus}\n[watcher:web]\ncmd = sleep 1000\n`)
  await using _ = new Background(folder)
  const log = ['--log-output', folder.at('log')]
  assert.equal((await runBin('circusd', [file, '--daemon', '--pidfile', folder.at('pid'), ...log])).code, 0)

  const { code, stderr } = await runBin('circusd', [file, '--daemon', ...log])

  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`ipc://${folder.at('control')}`))
  assert.equal(lives(pidIn(folder.at('pid'))), true)
})
