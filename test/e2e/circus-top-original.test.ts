import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Folder } from './support/folder.ts'
import { Program, root, runBin } from './support/program.ts'
import { startTop } from './support/top.ts'

const folder = new Folder()
const endpoint = `ipc://${folder.at('control')}`
const published = `ipc://${folder.at('stats')}`
let original: Program
let statistics: Program

/** A program that stands in for one of the original. */
async function standIn(name: string, ...args: string[]): Promise<Program> {
  const program = new Program(process.execPath, [join(root, 'test/fixtures', name), ...args])
  await program.line(/ready/)
  return program
}

before(async () => {
  original = await standIn('original-circusd.ts', folder.path)
  statistics = await standIn('original-circusd-stats.ts', published, String(original.pid))
})

after(async () => {
  await statistics?.[Symbol.asyncDispose]()
  await original?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

test('the channel of an original circusd-stats is shown, without columns for what it does not tell', async () => {
  await using top = await startTop({ endpoint }, ['--stats-endpoint', published], { columns: 80, rows: 24 })

  await top.shows(/every 0\.2s[\s\S]*web \(2\) +active +12\.5/)
  const screen = await top.screen()
  assert.match(screen, /WATCHER▲ +STATE +CPU% LAST \S+ +MEMORY +(MEM% +)?AGE( +USER)?$/m)
  assert.match(screen, /4711 python +12\.5 +8\.0M +(0\.1 +)?1h 1m/)
  assert.match(screen, /4712 python {2,}8\.0M/) // N/A is left empty
  assert.match(screen, /circusd-stats 4701/)
  assert.match(screen, /SOCKET +ADDRESS +HITS +QUEUE\n +web +127\.0\.0\.1:8080 +42$/m)

  await top.press('Down', 'o')
  await top.shows(/this daemon keeps no output/)
  await top.press('Escape')
  await top.shows(/^› ▾ web/m)
  await top.press('x', 'y')
  await top.shows(/stop web: done/)
})

test('the endpoint of the statistics will do, as in the original: one can look, and not act', async () => {
  await using top = await startTop({ endpoint: published })

  await top.shows(/web \(2\) +12\.5/)
  await top.press('x')
  await top.shows(/has statistics only: --endpoint takes the control endpoint/)
})

test('when nothing comes any more the figures stay, marked as old', async () => {
  const other = `ipc://${folder.at('other')}`
  await using ending = await standIn('original-circusd-stats.ts', other, '4700')
  await using top = await startTop({ endpoint: other })
  await top.shows(/web \(2\)/)

  ending.kill('SIGKILL')

  await top.shows(/STALE for/)
  await top.shows(/nothing comes from/)
  assert.match(await top.screen(), /web \(2\)/)
})

test('the statistics of another daemon are not taken for those of this one', async () => {
  const foreign = `ipc://${folder.at('foreign')}`
  await using _ = await standIn('original-circusd-stats.ts', foreign, '4700')

  await using top = await startTop({ endpoint }, ['--stats-endpoint', foreign])

  await top.shows(/has the statistics of another daemon \(pid 4700\)/)
  await top.shows(/asked every 1s[\s\S]*web \(1\)/)
  assert.doesNotMatch(await top.screen(), /4712/)
})

test('a name with control characters is written out, and does nothing to the terminal', async () => {
  const evil = `ipc://${folder.at('evil')}`
  await using _ = await standIn('original-circusd-stats.ts', evil, '4700', 'evil\x1b[2J\x07\nname')

  await using top = await startTop({ endpoint: evil }, [], { columns: 80, rows: 24 })

  await top.shows(/^› ▾ evil\\u001b\[2J\\u0007\\nname \(2\)/m)
  assert.match(await top.screen(), /^circus-top /)
})

test('--once and --json print what an original tells', async () => {
  const args = ['--endpoint', endpoint, '--stats-endpoint', published]

  const table = await runBin('circus-top', [...args, '--once'], { env: { LANG: 'C.UTF-8' } })
  assert.equal(table.code, 0, table.stderr)
  assert.match(table.stdout, /^ {4}4711 python +12\.5 /m)
  const { stdout } = await runBin('circus-top', [...args, '--json'])
  const { source, watchers, sockets } = JSON.parse(stdout)
  assert.equal(source, 'channel')
  const web = watchers.find(({ name }: { name: string }) => name === 'web')
  assert.deepEqual(
    web.processes.map(({ pid, cpu, fds }: Record<string, unknown>) => [pid, cpu, fds]),
    [
      [4711, 12.5, undefined],
      [4712, undefined, undefined],
    ],
  )
  assert.equal(sockets.find(({ fd }: { fd: number }) => fd === 5).reads, 42)
})
