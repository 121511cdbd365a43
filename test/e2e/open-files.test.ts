import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { Folder } from './support/folder.ts'
import { bin, Program } from './support/program.ts'

/** The soft limit of open files of a process, and the hard one. */
function limitsOf(pid: number): string[] {
  const limits = readFileSync(`/proc/${pid}/limits`, 'latin1')
  return /^Max open files\s+(\d+)\s+(\d+)/m.exec(limits)!.slice(1)
}

const [, hard] = limitsOf(process.pid)

const limits = {
  // More than the daemon needs.
  '1024': 'a usual one',
  // Less than the daemon has open itself.
  '16': 'one that is too low for the daemon',
}

for (const [soft, what] of Object.entries(limits)) {
  test(`programs have the soft limit of open files that the daemon was started with, ${what}, and it has more`, async () => {
    using folder = new Folder()
    const told = (name: string) =>
      `[watcher:${name}]\ncmd = sh -c 'echo ${name} $(ulimit -Sn) $(ulimit -Hn) $CIRCUSD_NOFILE.'\n`
    const file = folder.write(
      'circus.ini',
      `${folder.circus}${told('plain')}copy_env = true\nsingleton = true\n${told('own')}rlimit_nofile = 777\n`,
    )
    const line = ['-c', `ulimit -Sn ${soft}; exec "$@"`, 'sh', bin('circusd'), file]
    await using daemon = new Program('sh', line, { cwd: folder.path })
    await daemon.line(new RegExp(`^plain ${soft} ${hard} \\.$`, 'm'))
    await daemon.line(/^own 777 777 \.$/m)

    assert.deepEqual(limitsOf(daemon.pid), [hard, hard])
  })
}

test('a daemon in the background gives its programs the limit that circusd was started with', async () => {
  using folder = new Folder()
  const file = folder.write(
    'circus.ini',
    `${folder.circus}pidfile = ${folder.at('pid')}\n[watcher:web]\ncmd = sh -c 'ulimit -Sn > soft; exec sleep 1000'\n`,
  )
  const line = ['-c', 'ulimit -Sn 1000; exec "$@"', 'sh', bin('circusd'), '--daemon', file]
  await using circusd = new Program('sh', line, { cwd: folder.path })
  assert.deepEqual(await circusd.end(), { code: 0, signal: null })
  await using quit = new Program(
    'sh',
    ['-c', `until grep . soft; do sleep 0.1; done; pid=$(cat pid); kill $pid; while kill -0 $pid; do sleep 0.1; done`],
    {
      cwd: folder.path,
    },
  )
  await quit.line(/^1000$/m)
  await quit.end()
})
