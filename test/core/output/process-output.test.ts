import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Outlet } from '../../../core/output/outlet.ts'
import { type OutputRoute, ProcessOutput } from '../../../core/output/process-output.ts'
import type { OutputKind } from '../../../core/output/stream.ts'
import { Process } from '../../../core/process.ts'
import { killTrees } from '../../../core/termination.ts'
import { isAlive, temporaryFolder, untilDead, untilTrue } from '../../harness/index.ts'
import { descriptors, specification } from '../posix/running.ts'
import { impatient, KeepingStream, TestOutlet } from './pieces.ts'

const patient = { ...impatient, stallMs: 60_000, closingMs: 10_000 }

/** The output of processes of a test, in a stream for each kind. Leaving its scope ends the processes. */
class Sources implements OutputRoute, AsyncDisposable {
  readonly watcher = 'web'
  readonly streams = { stdout: new KeepingStream(), stderr: new KeepingStream() }
  /** Whether nobody else is about. */
  alone = true
  readonly #outlets: Record<OutputKind, Outlet>
  readonly #processes: Process[] = []
  readonly #outputs = new Map<Process, ProcessOutput>()

  constructor({ wholeLines = false } = {}) {
    const open = (kind: OutputKind) => Object.assign(this.streams[kind], { wholeLines })
    this.#outlets = {
      stdout: new TestOutlet(() => open('stdout'), patient).outlet,
      stderr: new TestOutlet(() => open('stderr'), patient).outlet,
    }
  }

  start(...argv: string[]): ProcessOutput {
    const process = Process.spawn(specification({ argv }), {
      sink: (process, kind) => {
        void this.#outlets[kind].open()
        return this.#outputOf(process).sink(kind)
      },
      onExit: (process) => this.#outputOf(process).flush(),
    })
    this.#processes.push(process)
    return this.#outputOf(process)
  }

  #outputOf(process: Process): ProcessOutput {
    const known = this.#outputs.get(process)
    if (known) return known
    const output = new ProcessOutput(process, this)
    this.#outputs.set(process, output)
    return output
  }

  outlet(kind: OutputKind): Outlet {
    return this.#outlets[kind]
  }

  isAlone(): boolean {
    return this.alone
  }

  onData(): void {}

  onPiece(): void {}

  onEnd(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    killTrees(this.#processes.filter(({ alive }) => alive))
    await Promise.all(this.#processes.map(({ exited }) => exited))
    for (const kind of ['stdout', 'stderr'] as const) {
      this.streams[kind].before = () => {}
      await this.#outlets[kind].close()
    }
  }
}

test('what a process leaves unfinished is passed on after a while, if nobody else is about', async () => {
  await using sources = new Sources()
  sources.start('sh', '-c', 'printf "name: "; exec sleep 60')
  await sources.streams.stdout.until('name: ')
})

for (const [what, options, alone] of [
  ['somebody else is about', {}, false],
  ['the stream wants whole lines', { wholeLines: true }, true],
] as const) {
  test(`it is not while ${what}, and comes with its end or that of the process`, async () => {
    await using sources = new Sources(options)
    sources.alone = alone
    const output = sources.start(
      'sh',
      '-c',
      'printf "a line "; sleep 0.3; printf "and its end\\nunfinished"; exec sleep 60',
    )
    await sources.streams.stdout.until('a line and its end\n')
    process.kill(output.process.pid, 'SIGKILL')
    await sources.streams.stdout.until('a line and its end\nunfinished')
  })
}

test('stdout and stderr go where each belongs, and both are remembered in their order', async () => {
  await using sources = new Sources()
  const output = sources.start('sh', '-c', 'echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three')
  await output.process.exited
  assert.deepEqual(
    output.lines().map(({ kind, line }) => `${kind} ${line}`),
    ['stdout one', 'stderr two', 'stdout three'],
  )
  await sources.streams.stdout.until('one\nthree\n')
  await sources.streams.stderr.until('two\n')
  assert.ok(!output.isOpen)
})

test('whoever a process leaves behind is listened to as well', async () => {
  await using sources = new Sources()
  const script = '(read line < "$0"; echo "$line"; echo late >&2) & echo $!; printf "no end"'
  using folder = temporaryFolder()
  const go = folder.path('go')
  execFileSync('mkfifo', [go])
  const output = sources.start('sh', '-c', script, go)
  await output.process.exited
  const [pid, rest] = output.lines().map(({ line }) => line)
  assert.equal(rest, 'no end')
  assert.ok(isAlive(Number(pid)) && output.isOpen)
  writeFileSync(go, 'still here\n')
  await untilDead(Number(pid))
  await sources.streams.stdout.until(`${pid}\nno endstill here\n`)
  await sources.streams.stderr.until('late\n')
  await untilTrue(() => !output.isOpen)
})

test('a process whose stream is slow waits; its death is noticed, and what it wrote is there', async () => {
  await using sources = new Sources()
  const gate = Promise.withResolvers<void>()
  sources.streams.stdout.before = () => gate.promise
  const slow = sources.start('sh', '-c', 'head -c 30000000 /dev/zero | tr "\\0" "\\n"')
  await untilTrue(() => sources.outlet('stdout').full)
  // Somebody else is not delayed: it has another stream.
  const other = sources.start('sh', '-c', 'echo quick >&2')
  await sources.streams.stderr.until('quick\n')
  await other.process.exited
  assert.ok(slow.process.alive)
  killTrees([slow.process])
  await slow.process.exited
  assert.ok(slow.recent.sequence > 1_000_000 && slow.recent.sequence < 5_000_000, `${slow.recent.sequence}`)
  gate.resolve()
  await untilTrue(() => sources.streams.stdout.text.length === slow.recent.sequence)
})

test('50 processes that write to one slow stream take no more memory than one', async () => {
  await using sources = new Sources()
  const gate = Promise.withResolvers<void>()
  sources.streams.stdout.before = () => gate.promise
  const all = Array.from({ length: 50 }, () => sources.start('yes'))
  await untilTrue(() => sources.outlet('stdout').full)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const bytes = all.reduce((sum, { recent }) => sum + recent.sequence, 0)
  assert.ok(bytes < 3_000_000, `${bytes} bytes were read`)
  gate.resolve()
})

test('binary output comes out unchanged', async () => {
  await using sources = new Sources()
  const output = sources.start('head', '-c', '3000000', process.execPath)
  await output.process.exited
  await untilTrue(() => output.recent.sequence === 3_000_000 && !output.isOpen)
  await untilTrue(() => sources.streams.stdout.text.length > 0)
  await sources.outlet('stdout').close()
  assert.equal(sources.streams.stdout.text, readFileSync(process.execPath).subarray(0, 3_000_000).toString())
})

test('thousands of processes that come and go leave no descriptor and no timer', async () => {
  await using sources = new Sources()
  // What is made once and kept: epoll, /dev/null.
  await sources.start('echo', 'first').process.exited
  await untilTrue(() => sources.streams.stdout.text === 'first\n')
  const before = descriptors().length
  let started = 0
  const some = async () => {
    while (started < 2000) {
      started++
      const output = sources.start('echo', `${started}`)
      await output.process.exited
      assert.ok(!output.isOpen)
    }
  }
  await Promise.all(Array.from({ length: 8 }, some))
  await untilTrue(() => sources.streams.stdout.text.split('\n').length === 2002)
  assert.equal(descriptors().length, before)
  await sources.outlet('stdout').close()
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name.startsWith('FS')),
    [],
  )
})
