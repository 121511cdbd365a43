import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { isAlive, temporaryFolder, untilDead, untilTrue } from '../../harness/index.ts'
import { NOBODY, program, Running, testAsRoot } from './running.ts'

test('output goes through pipes, which a program can open by name', async () => {
  await using running = new Running({ argv: [program('opens-its-streams-anew.sh')] })
  await running.line(/to stdout/)
  await running.line(/to stderr/)
})

testAsRoot('a program that runs as another user can open its pipes by name as well', async () => {
  const confinement = { uid: NOBODY, gid: null, rlimits: {} }
  await using running = new Running({ argv: [program('opens-its-streams-anew.sh')], confinement })
  await running.exited
  assert.equal(running.text.split('\n').sort().join(' ').trim(), 'to stderr to stdout')
})

test('pipes are pipes, and block a program that writes faster than the daemon reads', async () => {
  await using running = new Running({ argv: ['sh', '-c', 'echo ready; exec sleep 60'] })
  await running.line(/ready/)
  for (const fd of [1, 2]) {
    assert.ok(statSync(`/proc/${running.pid}/fd/${fd}`).isFIFO())
    const flags = Number.parseInt(
      /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${running.pid}/fdinfo/${fd}`, 'utf8'))![1]!,
      8,
    )
    assert.equal(flags & 0o4000, 0)
  }
})

test('what a short-lived process wrote is there when its end is told, each time', async () => {
  let at = 0
  const one = async () => {
    while (at < 1000) {
      const line = `line ${++at}`
      await using running = new Running({ argv: ['echo', line] })
      await running.exited
      assert.equal(running.textAtExit, `${line}\n`)
    }
  }
  await Promise.all([one(), one(), one(), one()])
})

test('as much as a pipe holds, written just before death, is delivered before it is told', async () => {
  await using running = new Running({ argv: ['head', '-c', '60000', '/dev/zero'] })
  await running.exited
  assert.equal(running.textAtExit.length, 60_000)
})

test('more than a pipe holds is delivered whole', async () => {
  await using running = new Running({ argv: ['head', '-c', '5000000', '/dev/zero'] })
  await running.exited
  assert.equal(running.textAtExit.length, 5_000_000)
})

test('somebody who writes on for ever does not keep the daemon from noticing the end of a process', async () => {
  await using running = new Running({ argv: [program('leaves-a-writer.sh')] })
  const exit = await running.exited
  assert.equal(exit.exitCode, 0)
  const writer = Number(/^(\d+)$/m.exec(running.text)?.[1] ?? Number.NaN)
  const pid = Number.isNaN(writer) ? Number(await running.line(/^\d+$/)) : writer
  // The event loop goes round, too: this would never come.
  await untilTrue(() => running.text.length > running.textAtExit.length)
  process.kill(pid, 'SIGKILL')
  await untilDead(pid)
})

test('a process can write on, to a reader of its own, when the daemon was killed', async () => {
  using folder = temporaryFolder()
  const [go, done] = [folder.path('go'), folder.path('done')]
  const daemon = spawn(process.execPath, [program('spawner.ts'), program('writes-after.sh'), go, done], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  for await (const line of createInterface(daemon.stdout)) if (lines.push(line) === 2) break
  const pid = Number(lines.join(' ').match(/pid (\d+)/)?.[1])
  assert.ok(lines.includes('ready'))
  try {
    daemon.kill('SIGKILL')
    await new Promise((resolve) => daemon.once('exit', resolve))
    assert.ok(isAlive(pid))
    writeFileSync(go, '')
    await untilTrue(() => existsSync(done) || !isAlive(pid), 'the end of the writing')
    assert.ok(existsSync(done))
  } finally {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  }
})

test('a pipe that somebody left behind holds open does not keep the daemon alive', async () => {
  const daemon = spawn(process.execPath, [program('spawner.ts'), 'sh', '-c', 'sleep 60 & echo sleeper $!'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 10_000,
  })
  const ended = once(daemon, 'exit')
  let text = ''
  for await (const chunk of daemon.stdout) text += chunk
  const pid = Number(/sleeper (\d+)/.exec(text)?.[1])
  try {
    assert.deepEqual(await ended, [0, null])
    assert.ok(isAlive(pid))
  } finally {
    process.kill(pid, 'SIGKILL')
  }
  await untilDead(pid)
})
