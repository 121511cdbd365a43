import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { findConfig } from '../../../core/config/index.ts'
import { configFolder, failure } from './config-folder.ts'

const nowhere = '/nonexistent/circus.ini'

test('a file is found in the folder or above it, the nearest first', async () => {
  using folder = configFolder({ 'circus.ini': '[circus]\n', 'a/.circusrc.json': '{}', 'a/b/c/x': '' })
  assert.equal(await findConfig(folder.path('a/b/c'), nowhere), folder.path('a/.circusrc.json'))
  assert.equal(await findConfig(folder.root, nowhere), folder.path('circus.ini'))
})

test('each of the usual names is found, circus.ini before the others', async () => {
  for (const name of ['.circusrc', '.circusrc.yaml', 'circus.config.ts', 'circus.config.mjs', 'circus.config.json']) {
    using folder = configFolder({ [name]: 'this is found, not evaluated' })
    assert.equal(await findConfig(folder.root, nowhere), folder.path(name))
  }
  using folder = configFolder({
    'circus.ini': 'x',
    '.circusrc': 'x',
    'circus.config.ts': 'x',
    'package.json': '{"circus":{}}',
  })
  assert.equal(await findConfig(folder.root, nowhere), folder.path('circus.ini'))
})

test('package.json counts only with a circus key', async () => {
  using folder = configFolder({
    'package.json': '{ "circus": { "watchers": [] } }',
    'a/package.json': '{ "name": "a" }',
  })
  assert.equal(await findConfig(folder.path('a'), nowhere), folder.path('package.json'))
})

test('a folder of that name is passed over', async () => {
  using folder = configFolder({ '.circusrc': 'x' })
  mkdirSync(folder.path('circus.ini'))
  assert.equal(await findConfig(folder.root, nowhere), folder.path('.circusrc'))
})

test("without one on the way the system's is taken, and without that none", async () => {
  using folder = configFolder({ 'etc/circus.ini': '[circus]\n', 'a/x': '' })
  assert.equal(await findConfig(folder.path('a'), folder.path('etc/circus.ini')), folder.path('etc/circus.ini'))
  assert.equal(await findConfig(folder.path('a'), nowhere), null)
})

test('a package.json on the way that is not JSON is an error that names it', async () => {
  using folder = configFolder({ 'package.json': '{', 'a/x': '' })
  const { errors } = await failure(findConfig(folder.path('a'), nowhere))
  assert.equal(errors[0]!.file, folder.path('package.json'))
})
