import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPlugin } from '../../../core/plugin/resolve.ts'
import { temporaryFolder } from '../../harness/index.ts'

const plugin = (name: string) => `export default { name: '${name}', setup() {} }\n`

/** A package that can only be imported, never required, with its entry in an unusual place. */
const esm = (name: string, folder: string) => ({
  [`node_modules/${folder}/package.json`]: JSON.stringify({
    name: folder,
    type: 'module',
    exports: { '.': { import: './lib/entry.js' }, './second': './lib/second.js' },
  }),
  [`node_modules/${folder}/lib/entry.js`]: plugin(name),
  [`node_modules/${folder}/lib/second.js`]: plugin(`${name}/second`),
})

const files = {
  'mine.ts': `const name: string = 'mine'\nexport default { name, setup() {} }\n`,
  'sub/mine.js': plugin('sub'),
  'none.ts': 'export const plugin = 1\n',
  'odd.ts': 'export default { name: 1, setup() {} }\n',
  'broken.ts': 'export default {',
  'throws.ts': 'throw new Error("no mood")\n',
  ...esm('plain', 'plain'),
  ...esm('prefixed', 'circusd-plugin-prefixed'),
  ...esm('scoped', '@acme/circusd-plugin-scoped'),
  ...esm('whole', '@acme/whole'),
  ...esm('not me', 'flapping'),
  'node_modules/old/package.json': JSON.stringify({ name: 'old', main: './old.cjs' }),
  'node_modules/old/old.cjs': `module.exports = { name: 'old', setup() {} }\n`,
}

for (const [use, name] of [
  ['./mine.ts', 'mine'],
  ['mine.ts', 'mine'],
  ['./sub/mine.js', 'sub'],
  ['plain', 'plain'],
  ['plain/second', 'plain/second'],
  ['prefixed', 'prefixed'],
  ['@acme/scoped', 'scoped'],
  ['@acme/whole', 'whole'],
  ['old', 'old'],
  ['flapping', 'flapping'],
  ['circus.plugins.flapping.Flapping', 'flapping'],
] as const) {
  test(`use = ${use} finds ${name}`, async () => {
    using folder = temporaryFolder(files)
    const { definition } = await findPlugin(use, folder.root)
    assert.equal(definition.name, name)
  })
}

test('an absolute path needs no folder', async () => {
  using folder = temporaryFolder(files)
  assert.equal((await findPlugin(folder.path('mine.ts'), '/')).definition.name, 'mine')
})

for (const [use, code, message] of [
  ['./gone.ts', 'ERR_PLUGIN_UNKNOWN', /there is no file .*\/gone\.ts/],
  ['nobody', 'ERR_PLUGIN_UNKNOWN', /no built-in plugin, and no npm package nobody or circusd-plugin-nobody/],
  ['my.python.Plugin', 'ERR_PLUGIN_UNKNOWN', /Python plugins do not run here: write use = NAME .* \.\/my-plugin\.ts/],
  ['./none.ts', 'ERR_PLUGIN_INVALID', /the default export of .*none\.ts is not definePlugin/],
  ['./odd.ts', 'ERR_PLUGIN_INVALID', /is not definePlugin/],
  ['./broken.ts', 'ERR_PLUGIN_INVALID', /broken\.ts cannot be loaded: /],
  ['./throws.ts', 'ERR_PLUGIN_INVALID', /throws\.ts cannot be loaded: no mood/],
] as const) {
  test(`use = ${use} is an error that says what to do`, async () => {
    using folder = temporaryFolder(files)
    await assert.rejects(findPlugin(use, folder.root), { code, message })
  })
}
