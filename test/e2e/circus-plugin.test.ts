import assert from 'node:assert/strict'
import test from 'node:test'
import { untilTrue } from '../harness/index.ts'
import { Daemon, lives } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, runBin } from './support/program.ts'

const telling = `
import { definePlugin } from 'circusd'
const options = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
export default definePlugin({
  name: 'telling',
  options,
  setup(circus, { word }) {
    circus.on('spawn', ({ watcher, process_pid }) => console.log(word, watcher, typeof process_pid))
    console.log('listening')
    return () => console.log('disposed')
  },
})
`

test('a plugin runs by hand against a daemon, until a signal ends it', async () => {
  using folder = new Folder()
  const file = folder.write('telling.ts', telling)
  await using daemon = await Daemon.start(folder, '[watcher:web]\ncmd = sleep 1000\n')
  const args = [bin('circus-plugin'), file, '--endpoint', daemon.endpoint, '--option', 'word=saw']
  await using plugin = new Program(process.execPath, args)
  await plugin.line(/listening/)

  await daemon.ask('restart', 'web', '--waiting')
  await plugin.line(/^saw web number$/m)
  plugin.kill('SIGTERM')

  assert.deepEqual(await plugin.end(), { code: 0, signal: null })
  assert.match(plugin.stdout, /disposed/)
})

test('with --config the section of the file tells what to run, and where', async () => {
  using folder = new Folder()
  folder.write('telling.ts', telling)
  const section = '[plugin:mine]\nuse = ./telling.ts\nword = heard\nisolate = true\n'
  const file = folder.write('plugins.ini', `${folder.circus}\n[watcher:web]\ncmd = true\n${section}`)
  await using daemon = await Daemon.start(folder, '[watcher:web]\ncmd = sleep 1000\n')
  await using plugin = new Program(process.execPath, [bin('circus-plugin'), 'mine', '--config', file])
  await plugin.line(/listening/)

  await daemon.ask('restart', 'web', '--waiting')

  await plugin.line(/^heard web number$/m)
})

test('an isolated plugin ends when its daemon is killed, so that a successor has just its own', async () => {
  using folder = new Folder()
  folder.write('telling.ts', telling)
  const section = '[plugin:mine]\nuse = ./telling.ts\nword = heard\nisolate = true\n'
  await using daemon = await Daemon.start(folder, section)
  const [plugin] = await daemon.pids('plugin:mine')
  const [last] = await daemon.pids('last')

  daemon.kill('SIGKILL')
  await daemon.end()
  process.kill(last!, 'SIGKILL')

  await untilTrue(() => !lives(plugin!))
})

test('what cannot run exits 1 and says why', async () => {
  using folder = new Folder()
  const kernel = folder.write('kernel.js', "export default { name: 'inside', kernel: true, setup() {} }")
  const ini = folder.write('circus.ini', '[watcher:web]\ncmd = true\n')
  const endpoint = `ipc://${folder.at('nobody')}`

  for (const [args, reason] of [
    [[kernel, '--endpoint', endpoint, '--pubsub', endpoint], /kernel: true/],
    [['no-such-plugin', '--endpoint', endpoint, '--pubsub', endpoint], /no-such-plugin/],
    [['any', '--endpoint', endpoint], /cannot reach/],
    [['absent', '--config', ini], /\[plugin:absent\]/],
  ] as const) {
    const { code, stderr } = await runBin('circus-plugin', args)
    assert.equal(code, 1)
    assert.match(stderr, reason)
  }
})
