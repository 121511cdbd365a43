import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import test from 'node:test'
import { Folder } from './support/folder.ts'
import { Program, root, runToEnd } from './support/program.ts'

test('the package installs into an empty prefix and runs there from JavaScript', async () => {
  using folder = new Folder()
  const packed = await runToEnd('npm', ['pack', '--silent', '--pack-destination', folder.path], { cwd: root })
  assert.equal(packed.code, 0, packed.stderr)
  const [tarball] = globSync('circusd-*.tgz', { cwd: folder.path })
  const prefix = folder.at('prefix')
  const install = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', folder.at(String(tarball))]
  const installed = await runToEnd('npm', install, { cwd: folder.path })
  assert.equal(installed.code, 0, installed.stderr)

  const home = `${prefix}/lib/node_modules/circusd`
  assert.deepEqual(
    globSync('{core,cli,plugins,dist}/**/*.ts', { cwd: home }).filter((file) => !file.endsWith('.d.ts')),
    [],
  )
  assert.ok(existsSync(`${home}/oclif.manifest.json`))
  assert.equal(existsSync(`${root}/oclif.manifest.json`), false)

  const file = folder.write(
    'circus.ini',
    `${folder.circus}\n[watcher:web]\ncmd = sh -c 'echo up; exec sleep 1000'\n[plugin:flapping]\n[plugin:mine]\nuse = ./mine.ts\n`,
  )
  folder.write(
    'mine.ts',
    "import { definePlugin } from 'circusd'\nexport default definePlugin({ name: 'mine', setup() { console.log('mine runs') } })\n",
  )
  const options = { cwd: folder.path, env: { CIRCUSCTL_ENDPOINT: `ipc://${folder.at('control')}` } }
  await using daemon = new Program(`${prefix}/bin/circusd`, [file], options)
  await daemon.line(/^up$/m)
  await daemon.line(/mine runs/)
  const ctl = (...args: string[]) => runToEnd(`${prefix}/bin/circusctl`, args, options)
  assert.equal((await ctl('status')).stdout, 'web: active\n')
  assert.match((await ctl('--help')).stdout, /numwatchers/)
  const library = await runToEnd(process.execPath, [
    '--input-type=module',
    '-e',
    `
    const { getArbiter } = await import(${JSON.stringify(`${home}/dist/core/index.js`)})
    console.log(typeof getArbiter)`,
  ])
  assert.equal(library.stdout, 'function\n')
  assert.equal((await ctl('quit', '--waiting')).code, 0)
  assert.equal((await daemon.end()).code, 0)
})
