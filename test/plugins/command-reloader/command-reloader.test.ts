import assert from 'node:assert/strict'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Globs } from '../../../plugins/command-reloader/globs.ts'
import { Tree } from '../../../plugins/command-reloader/tree.ts'
import { ignoresTerm, type RunningArbiter, temporaryFolder, untilTrue } from '../../harness/index.ts'
import { startPlugin, ways } from '../ways.ts'

const hurried = 'use = circus.plugins.command_reloader.CommandReloader\nloop_rate = 0.05\ndebounce = 0.1'
const sleeps = 'exec sleep 60\n'

/** Add a watcher in the folder and start it. Resolves when its files are followed. */
async function add(running: RunningArbiter, name: string, cmd: string, options: object = {}): Promise<void> {
  const all = { working_dir: running.folder.root, graceful_timeout: 5, ...options }
  await running.client.call('add', { name, cmd, options: all, start: true, waiting: true })
  await running.log.record(new RegExp(`info plugins: command-reloader: ${name}: (follows|watches|its command)`))
}

/** Change something, and wait for the restart of a watcher that comes of it. Returns the reason. */
async function restartAfter({ events }: RunningArbiter, watcher: string, change: () => unknown): Promise<unknown> {
  const from = events.all.length
  await change()
  const { payload } = await events.event(`${watcher}.stop`, { from })
  await events.event(`${watcher}.start`, { from })
  return payload['reason']
}

/** How often a watcher was stopped so far. */
const stops = ({ events }: RunningArbiter, watcher: string): number =>
  events.of(watcher).filter((event) => event === 'stop').length

/** A link, in place of the one that is there, as tools for deployment put it. */
function link({ folder }: RunningArbiter, target: string, name: string): void {
  symlinkSync(target, folder.path(`${name}.new`))
  renameSync(folder.path(`${name}.new`), folder.path(name))
}

/** A file, in place of the one that is there, as editors write it. */
function replace({ folder }: RunningArbiter, name: string, content: string): void {
  folder.write(`${name}.new`, content)
  renameSync(folder.path(`${name}.new`), folder.path(name))
}

for (const way of ways) {
  describe(way, { concurrency: true }, () => {
    test('the program is followed: along PATH, through interpreters, and through links wherever they are', async () => {
      const files = { 'bin/v1': `#!/bin/sh\n${sleeps}`, 'app.sh': sleeps, 'r/1/app.sh': sleeps, 'r/2/app.sh': sleeps }
      await using running = await startPlugin(way, 'command-reloader', hurried, '', files)
      const { folder, log } = running
      chmodSync(folder.path('bin/v1'), 0o755)
      link(running, 'v1', 'bin/tool')
      link(running, 'r/1', 'current')
      await add(running, 'path', 'tool', {
        env: { PATH: `${folder.path('none')}:${folder.path('bin')}:/usr/bin:/bin` },
      })
      await add(running, 'script', 'env -u HOME sh -u app.sh')
      await add(running, 'current', 'sh app.sh', { working_dir: folder.path('current') })
      await log.record(/: path: follows \S+\/bin\/tool$/)
      await log.record(/: script: follows \S+\/app\.sh$/)

      assert.equal(
        await restartAfter(running, 'script', () => folder.write('app.sh', `:; ${sleeps}`)),
        'command-reloader: app.sh changed',
      )
      await restartAfter(running, 'script', () => replace(running, 'app.sh', sleeps))
      const { renewal } = running.arbiter.watcher('script').history
      assert.equal(renewal?.reason, 'command-reloader: app.sh changed')

      await restartAfter(running, 'current', () => link(running, 'r/2', 'current'))

      folder.write('bin/v2', `#!/bin/sh\n${sleeps}`)
      chmodSync(folder.path('bin/v2'), 0o755)
      assert.equal(
        await restartAfter(running, 'path', () => link(running, 'v2', 'bin/tool')),
        'command-reloader: bin/tool changed',
      )

      // One that is found earlier along PATH takes its place.
      assert.equal(
        await restartAfter(running, 'path', () => {
          mkdirSync(folder.path('none'))
          renameSync(folder.path('bin/v1'), folder.path('none/tool'))
        }),
        'command-reloader: none/tool changed',
      )
      assert.deepEqual([stops(running, 'script'), stops(running, 'current'), stops(running, 'path')], [2, 1, 2])
    })

    test('a program that is gone is waited for, and a watcher that is stopped stays so', async () => {
      await using running = await startPlugin(way, 'command-reloader', hurried, '', {
        'app.sh': sleeps,
        'off.sh': sleeps,
        'fence.sh': sleeps,
      })
      const { folder, client } = running
      for (const name of ['app', 'off', 'fence']) await add(running, name, `sh ${name}.sh`)
      await client.call('stop', { name: 'off', waiting: true })
      rmSync(folder.path('app.sh'))
      folder.write('off.sh', `:; ${sleeps}`)

      // By then both would long have been restarted.
      await restartAfter(running, 'fence', () => folder.write('fence.sh', `:; ${sleeps}`))
      await restartAfter(running, 'fence', () => folder.write('fence.sh', sleeps))
      assert.equal(stops(running, 'app'), 0)
      assert.deepEqual((await client.call('status', { name: 'off' }))['status'], 'stopped')

      await restartAfter(running, 'app', () => folder.write('app.sh', `:; ${sleeps}`))
      assert.equal(stops(running, 'off'), 1)
    })

    test('globs are watched: a burst is one restart, what is ignored none, what comes later is noticed', async () => {
      const own =
        'command_reloader.watch = src/**/*.ts, *.json\ncommand_reloader.ignore = **/*.test.ts\ncommand_reloader.action = reload'
      await using running = await startPlugin(
        way,
        'command-reloader',
        `${hurried}\nwatch = conf/*.yaml`,
        `[watcher:web]
         cmd = sleep 60
         working_dir = FOLDER
         ${own}
         [watcher:other]
         cmd = sleep 60
         working_dir = FOLDER`,
        { 'src/a.ts': '1', 'app.json': '{}' },
      )
      const { folder, events, log } = running
      await log.record(/: web: follows \S+; watches src\/\*\*\/\*\.ts, \*\.json in /)
      await log.record(/: other: follows \S+; watches conf\/\*\.yaml in /)
      const reloads = () => events.all.filter(({ watcher, event }) => watcher === 'web' && event === 'reload')
      const reloaded = async (change: () => void) => {
        const from = events.all.length
        change()
        return (await events.event('web.reload', { from })).payload['reason']
      }

      folder.write('src/a.test.ts', '1')
      folder.write('src/node_modules/x/a.ts', '1')
      folder.write('deep/b.json', '1')
      assert.equal(await reloaded(() => folder.write('app.json', '{"a": 1}')), 'command-reloader: app.json changed')

      const burst = await reloaded(() => {
        for (let count = 0; count < 50; count++) folder.write(`src/new/${count}.ts`, String(count))
      })
      assert.match(String(burst), /^command-reloader: src\/new\/\d+\.ts changed, and 49 more$/)

      await reloaded(() => replace(running, 'src/a.ts', '2'))

      // A folder that is removed and comes back: one reload, and it is watched as before.
      await reloaded(() => {
        rmSync(folder.path('src'), { recursive: true })
        folder.write('src/a.ts', '3')
      })
      await reloaded(() => folder.write('src/a.ts', '4'))
      assert.equal(reloads().length, 5)
      assert.equal(stops(running, 'web'), 0)

      // A folder that was not there when all began.
      assert.equal(
        await restartAfter(running, 'other', () => folder.write('conf/web.yaml', 'a')),
        'command-reloader: conf/web.yaml changed',
      )
    })

    test('a change while it is restarted is not lost, and a file is not read half written', async () => {
      await using running = await startPlugin(way, 'command-reloader', hurried, '', {
        'app.sh': sleeps,
        'data/a.txt': '',
      })
      const { folder, events } = running
      const slow = `sh -c 'trap "" TERM; while :; do sleep 0.05; done' data/a.txt`
      await add(running, 'slow', slow, {
        copy_env: true,
        graceful_timeout: 0.5,
        'command_reloader.watch': 'data/*.txt',
        'command_reloader.debounce': 0.3,
      })
      await untilTrue(() => ignoresTerm(running.arbiter.watcher('slow').pids[0]!))

      const from = events.all.length
      for (let count = 0; count < 8; count++) {
        appendFileSync(folder.path('data/a.txt'), 'line\n')
        await pause(40)
      }
      await events.event('slow.kill', { from })
      assert.equal(readFileSync(folder.path('data/a.txt'), 'utf8').length, 40)
      assert.equal(stops(running, 'slow'), 0)
      folder.write('data/b.txt', 'more')

      const again = await events.event('slow.stop', { from, count: 2 })
      assert.equal(again.payload['reason'], 'command-reloader: data/b.txt changed')
    })

    test('another command, and another configuration, are followed', async () => {
      await using running = await startPlugin(way, 'command-reloader', hurried, '', {
        'a.sh': sleeps,
        'b.sh': sleeps,
      })
      const { folder, client, log, events } = running
      await add(running, 'web', 'sh a.sh')
      await client.call('set', { name: 'web', options: { cmd: 'sh b.sh' }, waiting: true })
      await log.record(/: web: follows \S+\/b\.sh$/)
      folder.write('a.sh', `:; ${sleeps}`)
      assert.equal(
        await restartAfter(running, 'web', () => folder.write('b.sh', `:; ${sleeps}`)),
        'command-reloader: b.sh changed',
      )

      const ini = readFileSync(folder.path('circus.ini'), 'utf8')
      const section = `[watcher:late]\ncmd = sleep 60\nworking_dir = ${folder.root}\ncommand_reloader.watch = *.md\n`
      folder.write('circus.ini', `${section}${ini}`)
      await client.call('reloadconfig', { waiting: true })
      await log.record(/: late: .*watches \*\.md in /)
      await restartAfter(running, 'late', () => folder.write('README.md', '1'))

      folder.write('circus.ini', `${section.replace('*.md', '*.txt')}command_reloader.active = true\n${ini}`)
      await client.call('reloadconfig', { waiting: true })
      await log.record(/: late: .*watches \*\.txt in /)
      folder.write('README.md', '2')
      assert.equal(
        await restartAfter(running, 'late', () => folder.write('notes.txt', '1')),
        'command-reloader: notes.txt changed',
      )

      const before = events.all.length
      await client.call('rm', { name: 'late', waiting: true })
      await events.event('late.remove', { from: before })
      await restartAfter(running, 'web', () => folder.write('b.sh', sleeps))
      assert.equal(log.matching(/command-reloader: .*(failed|unknown|not found)/).length, 0)
    })
  })
}

test('options of a watcher that are wrong are told, and it has those of the plugin', async () => {
  await using running = await startPlugin(
    'in the daemon',
    'command-reloader',
    `${hurried}\naction = reload`,
    '[watcher:web]\ncmd = sh app.sh\nworking_dir = FOLDER\ncommand_reloader.watsh = *.ts\ncommand_reloader.action = shout',
    { 'app.sh': sleeps },
  )
  await running.log.record(/error plugins: command-reloader: web: .*command_reloader\.watsh: there is no such option/)
  await running.log.record(/: web: follows \S+\/app\.sh$/)
  running.folder.write('app.sh', `:; ${sleeps}`)
  await running.events.event('web.reload')
})

test('ten thousand files are as many watches as there are folders', async () => {
  using folder = temporaryFolder()
  for (let count = 0; count < 10_000; count++) {
    if (count % 1_000 === 0) mkdirSync(folder.path(`src/${count / 1_000}`), { recursive: true })
    appendFileSync(folder.path(`src/${Math.floor(count / 1_000)}/${count}.ts`), '')
  }
  mkdirSync(folder.path('src/node_modules/many/more'), { recursive: true })
  const changed = Promise.withResolvers<string>()
  const globs = await Globs.read(folder.root, 'src/**/*.ts', '')
  const tree = new Tree(globs, { onChange: changed.resolve, onError: changed.reject })
  const before = watches()
  try {
    await tree.watch()

    assert.ok(watches() - before <= 12, `${watches() - before} watches`)
    folder.write('src/7/7123.ts', 'changed')
    assert.equal(await changed.promise, folder.path('src/7/7123.ts'))
  } finally {
    await tree.close()
  }
  assert.equal(watches(), before)
})

test('a tree that is looked at before it is watched has not changed, and one that is closed before keeps nobody waiting', async () => {
  using folder = temporaryFolder({ 'src/a.ts': '' })
  const changes: string[] = []
  const listener = { onChange: (path: string) => changes.push(path), onError: assert.ifError }
  const globs = await Globs.read(folder.root, 'src/**/*.ts', '')
  const tree = new Tree(globs, listener)
  await Promise.all([tree.check(), tree.watch(), tree.check()])
  await tree.check()
  await tree.close()
  assert.deepEqual(changes, [])

  const closed = new Tree(globs, listener)
  await Promise.all([closed.watch(), closed.close()])
})

/** How many places the kernel watches for this process. */
function watches(): number {
  return readdirSync('/proc/self/fdinfo').reduce((sum, fd) => {
    try {
      return sum + (readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify wd/gm)?.length ?? 0)
    } catch {
      return sum // closed meanwhile
    }
  }, 0)
}
