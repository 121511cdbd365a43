import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, readText } from './config-folder.ts'

test('environment references are replaced in every section, in both spellings and in any case', async () => {
  const config = await readText(
    [
      '[circus]\nendpoint = tcp://127.0.0.1:$(circus.env.PORT)\n',
      '[watcher:w]\ncmd = ((circus.env.cmd)) $(CIRCUS.ENV.Cmd)\nnumprocesses = $(circus.env.N)\n',
      'stdout_stream.filename = $(circus.env.DIR)/out\nhooks.before_start = $(circus.env.DIR)/h.ts:f\np.x = $(circus.env.N)\n',
      '[socket:s]\nport = $(circus.env.PORT)\n[plugin:p]\nlevel = ((circus.env.N))\n',
    ].join(''),
    { PORT: '4242', CMD: 'run', N: '3', DIR: '/d' },
  )
  const { options } = config.watchers[0]!
  assert.equal(config.circus.endpoint, 'tcp://127.0.0.1:4242')
  assert.equal(options.cmd, 'run run')
  assert.equal(options.numprocesses, 3)
  assert.deepEqual(options.stdout_stream, { filename: '/d/out' })
  assert.deepEqual(options.hooks, { before_start: ['/d/h.ts:f', false] })
  assert.deepEqual(options.options, { 'p.x': '3' })
  assert.equal(config.sockets[0]!.options.port, 4242)
  assert.deepEqual(config.plugins[0]!.options, { level: '3' })
})

test("a watcher's own variables win over [env], and that over the environment", async () => {
  const config = await readText(
    '[env]\nB = env\nC = env\n[env:w]\nC = own\n[watcher:w]\ncmd = $(circus.env.A) $(circus.env.B) $(circus.env.C)\n' +
      '[watcher:v]\ncmd = $(circus.env.A) $(circus.env.B) $(circus.env.C)\n',
    { A: 'daemon', B: 'daemon', C: 'daemon' },
  )
  assert.deepEqual(
    config.watchers.map(({ options }) => options.cmd),
    ['daemon env own', 'daemon env env'],
  )
})

test('an unknown reference stays as it stands, and is wrong where a number is due', async () => {
  const config = await readText(
    '[watcher:w]\ncmd = a $(circus.env.NONE) $(circus.wid) $(circus.sockets.x) ((other)) $HOME\n',
  )
  assert.equal(
    config.watchers[0]!.options.cmd,
    'a $(circus.env.NONE) $(circus.wid) $(circus.sockets.x) ((other)) $HOME',
  )
  assert.deepEqual(await errorsOf('[watcher:w]\ncmd = a\nnumprocesses = $(circus.env.NONE)\n'), [
    '3: [watcher:w] numprocesses = $(circus.env.NONE): must be a whole number, 0 or more',
  ])
})

test('what a reference stands for is not read again', async () => {
  const config = await readText('[watcher:w]\ncmd = $(circus.env.A)\n', { A: '$(circus.env.B)', B: 'no' })
  assert.equal(config.watchers[0]!.options.cmd, '$(circus.env.B)')
})

test('values of [env] know the environment, then what stands above them', async () => {
  const config = await readText(
    '[env]\nPATH = $(circus.env.PATH):/x\nBASE = /srv\nLOGS = $(circus.env.BASE)/log\n[watcher:w]\ncmd = a\n',
    { PATH: '/bin' },
  )
  assert.deepEqual(config.watchers[0]!.options.env, { PATH: '/bin:/x', BASE: '/srv', LOGS: '/srv/log' })
})

test('[env:…] holds for watchers whose names match one of its patterns; later sections win', async () => {
  const config = await readText(
    [
      '[env:web*,db]\nX = web\nONLY = some\n',
      '[env:*]\nX = star\nP = $PATH:/x\n[env]\nX = general\nG = general\n',
      '[env:w[!e]b]\nZ = 1\n[env:DB]\nX = case\n[env:d?]\nX = last\n',
      '[watcher:web1]\ncmd = a\n[watcher:db]\ncmd = a\n[watcher:other]\ncmd = a\n',
    ].join(''),
  )
  assert.deepEqual(Object.fromEntries(config.watchers.map(({ name, options }) => [name, options.env])), {
    web1: { X: 'star', G: 'general', ONLY: 'some', P: '$PATH:/x' },
    db: { X: 'last', G: 'general', ONLY: 'some', P: '$PATH:/x' },
    other: { X: 'star', G: 'general', P: '$PATH:/x' },
  })
})
