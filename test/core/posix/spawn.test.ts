import assert from 'node:assert/strict'
import { closeSync, constants, openSync, readFileSync, readlinkSync } from 'node:fs'
import { test } from 'node:test'
import { processEntry } from '../../../core/posix/proc.ts'
import { isAlive, temporaryFolder, untilDead, untilTrue } from '../../harness/index.ts'
import { descriptors, program, Running } from './running.ts'

test('a process leads a session of its own and is known by its pid and when the kernel started it', async () => {
  await using running = new Running({ argv: [program('ready.sh')] })
  await running.line(/ready/)
  const entry = processEntry(running.pid)
  assert.equal(entry?.session, running.pid)
  assert.equal(entry?.parent, process.pid)
  assert.equal(entry?.startTime, running.process.startTime)
})

test('no signal is blocked or ignored in a process, though the daemon ignores SIGPIPE', async () => {
  await using running = new Running({ argv: [program('tells-who-it-is.sh')] })
  await running.exited
  assert.match(running.text, /^SigBlk:\s*0+$/m)
  assert.match(running.text, /^SigIgn:\s*0+$/m)
})

test('a process gets its standard streams and no other descriptor', async () => {
  const extra = openSync('/dev/null', constants.O_RDONLY)
  try {
    await using running = new Running({ argv: ['sleep', '60'] })
    // The loader of the program has files open for a moment; what was handed down would stay.
    const onlyStandard = (pid: number) => descriptors(pid).join(' ') === '0 1 2'
    await untilTrue(() => onlyStandard(running.pid), 'only the standard streams')
    await using confined = new Running({
      argv: ['sleep', '60'],
      confinement: { uid: null, gid: null, rlimits: { core: 0 } },
    })
    await untilTrue(() => readFileSync(`/proc/${confined.pid}/comm`, 'utf8') === 'sleep\n', 'the end of the chain')
    await untilTrue(() => onlyStandard(confined.pid), 'only the standard streams')
  } finally {
    closeSync(extra)
  }
})

test('descriptors arrive in their order, even when one is passed under the number another is to have', async () => {
  using folder = temporaryFolder({ 'a.txt': 'A', 'b.txt': 'B', 'c.txt': 'C' })
  // Whatever numbers they have here, crossed over: some come down to the numbers 3 to 5, which others may hold.
  const opened = ['a.txt', 'b.txt', 'c.txt'].map((name) => openSync(folder.path(name), 'r'))
  try {
    const [a, b, c] = opened as [number, number, number]
    await using running = new Running({
      argv: ['sh', '-c', 'cat /dev/fd/3 /dev/fd/4 /dev/fd/5 >&2'],
      fds: [c, a, b],
      stderr: 'pipe',
    })
    await running.exited
    assert.equal(running.text, 'CAB')
  } finally {
    for (const fd of opened) closeSync(fd)
  }
})

test('standard streams can be exchanged for one another', async () => {
  using folder = temporaryFolder()
  const file = openSync(folder.path('out'), 'w')
  try {
    // 1 is the daemon's 2 and 2 is the file: a dup2 in the order of the targets would be right only by chance.
    await using running = new Running({
      argv: ['sh', '-c', 'readlink /proc/$$/fd/0 /proc/$$/fd/2 /proc/$$/fd/3; true'],
      stdin: 2,
      stdout: file,
      stderr: 0,
      fds: [1],
    })
    await running.exited
    const target = (fd: number) => readlinkSync(`/proc/self/fd/${fd}`)
    assert.deepEqual(readFileSync(folder.path('out'), 'utf8').split('\n'), [target(2), target(0), target(1), ''])
  } finally {
    closeSync(file)
  }
})

test('signals reach the process, and only while it lives', async () => {
  await using running = new Running({ argv: ['sleep', '60'] })
  assert.equal(running.process.signal(15), true)
  const exit = await running.exited
  assert.deepEqual([exit.code, exit.signum, exit.exitCode], [null, 15, -15])
  assert.equal(running.process.signal(15), false)
  assert.equal(isAlive(running.pid), false)
})

test('an ended process is no zombie, and its descriptors are closed', async () => {
  await using first = new Running({ argv: ['true'] })
  await first.exited
  const before = descriptors()
  for (let i = 0; i < 50; i++) {
    await using running = new Running({ argv: ['true'] })
    await running.exited
    assert.equal(processEntry(running.pid), null)
  }
  assert.deepEqual(descriptors(), before)
})

test('a start that fails leaves no descriptor open', async () => {
  await using first = new Running({ argv: ['true'] })
  await first.exited
  const before = descriptors()
  for (const changes of [{ argv: ['/no/such/program'] }, { cwd: '/no/such/folder' }, { argv: [] }]) {
    assert.throws(() => new Running(changes), { code: 'ERR_SPAWN_FAILED' })
  }
  assert.deepEqual(descriptors(), before)
})

test('a daemon without free descriptors starts nothing, leaves nothing running, and can go on later', async () => {
  await using first = new Running({ argv: ['true'] })
  await first.exited
  using folder = temporaryFolder()
  const before = descriptors()
  const mark = folder.path('started')
  const argv = ['sh', '-c', `echo $$ >> ${mark}; exec sleep 60`]
  const taken: number[] = []
  try {
    // All but `free` descriptors are taken: the start fails at another place each time.
    for (let free = 6; free >= 0; free--) {
      exhaust(taken)
      for (let i = 0; i < free; i++) closeSync(taken.pop()!)
      try {
        await using _ = new Running({ argv })
      } catch (error) {
        assert.match(
          (error as Error).message,
          /: cannot run: EMFILE, .* as many files open as it may, \d+, .*ulimit -n/,
        )
      }
    }
  } finally {
    for (const fd of taken) closeSync(fd)
  }
  const started = readLines(mark)
  await untilDead(...started.map(Number))
  assert.deepEqual(descriptors(), before)
})

function exhaust(taken: number[]): void {
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'))
    } catch {
      return
    }
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}
