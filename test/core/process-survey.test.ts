import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { processEntry } from '../../core/posix/proc.ts'
import { ProcessSurvey } from '../../core/process-survey.ts'
import { type RunningArbiter, startArbiter, untilTrue } from '../harness/index.ts'

const targetsOf = ({ arbiter }: RunningArbiter) =>
  arbiter.watchers.flatMap(({ processes }) => processes.map(({ pid, startTime }) => ({ pid, startTime })))

test('a stranger that got the pid of a process is not taken for it', async () => {
  const { startTime } = processEntry(process.pid)!
  const survey = new ProcessSurvey()
  assert.equal((await survey.look([{ pid: process.pid, startTime: startTime - 1 }])).size, 0)
  assert.equal((await survey.look([{ pid: process.pid, startTime }])).size, 1)
  assert.equal((await survey.look([{ pid: process.pid, startTime: null }])).size, 1)
})

test('what has ended is not there', async () => {
  assert.equal((await new ProcessSurvey().look([{ pid: 2 ** 30, startTime: null }])).size, 0)
})

test('children that come later are found, whatever else was looked at before', async () => {
  const cmd = `sh -c 'while [ ! -e FOLDER/go ]; do sleep 0.01; done; sleep 62 & wait'`
  await using running = await startArbiter(`[watcher:web]\ncmd = ${cmd}\nstop_children = true\n`)
  const [root] = running.arbiter.watcher('web').processes
  const survey = new ProcessSurvey()
  const names = async () => {
    const seen = await survey.look(targetsOf(running))
    return seen
      .get(root!.pid)!
      .info()
      .children.map(({ ctime, cmdline }) => (ctime === '0:00.00' ? cmdline : ''))
  }
  await names()
  running.folder.write('go', '')
  await untilTrue(() => root!.children().some(({ pid }) => commandLineOf(pid).startsWith('sleep\x0062')))
  assert.deepEqual(await names(), ['sleep'])
})

test('what becomes another program has its name from then on', async () => {
  const cmd = `sh -c 'while [ ! -e FOLDER/go ]; do sleep 0.01; done; exec sleep 66'`
  await using running = await startArbiter(`[watcher:web]\ncmd = ${cmd}\n`)
  const [{ pid } = { pid: 0 }] = targetsOf(running)
  const survey = new ProcessSurvey()
  const name = async () => (await survey.look(targetsOf(running))).get(pid)!.info().cmdline
  await untilTrue(() => commandLineOf(pid).startsWith('sh'))
  assert.equal(await name(), 'sh')
  running.folder.write('go', '')
  await untilTrue(() => commandLineOf(pid).startsWith('sleep'))
  assert.equal(await name(), 'sleep')
})

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

test('what lost its parent is in the tree of whoever leads its session', async () => {
  const cmd = `sh -c "sh -c 'sleep 63 & sleep 64 &'; sleep 65"`
  await using running = await startArbiter(`[watcher:web]\ncmd = ${cmd}\nstop_children = true\n`)
  const [root] = running.arbiter.watcher('web').processes
  await untilTrue(() => root!.descendants().length === 3 && root!.children().length === 1)

  const seen = await new ProcessSurvey().look(targetsOf(running))

  assert.equal(Object(seen.get(root!.pid)!.tree).count, 4)
})

test('in the tree of the daemon is all that is below it, and each of its processes is told of by itself', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\nnumprocesses = 3\n')
  const all = [{ pid: process.pid, startTime: null }, ...targetsOf(running)]
  const seen = await new ProcessSurvey().look(all)
  assert.equal(seen.size, 4)
  assert.equal(Object(seen.get(process.pid)!.tree).count, 4)
  assert.deepEqual(seen.get(process.pid)!.info().children, [])
})

test('no descriptor stays open', async () => {
  const survey = new ProcessSurvey()
  await survey.look([{ pid: process.pid, startTime: null }])
  const before = readdirSync('/proc/self/fd').length
  for (let look = 0; look < 20; look++) await survey.look([{ pid: process.pid, startTime: null }])
  assert.equal(readdirSync('/proc/self/fd').length, before)
})
