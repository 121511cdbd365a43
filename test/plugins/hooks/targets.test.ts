import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RunningArbiter, startArbiter } from '../../harness/index.ts'

const says = (word: string) => `export default ({ log }) => log.info('${word}')\n`

/** Files beside the ini that hooks can name, two packages among them. */
const files = {
  'typed.ts': `const word: string = 'typed'
    export function speak({ log }: { log: { info(text: string): void } }): void { log.info(word) }
    export default speak
    export const constant = 1`,
  'hooks/plain.js': 'exports.speak = ({ log }) => log.info("plain")',
  'broken.ts': 'export const = ',
  'fails.ts': 'throw new Error("at import")',
  'node_modules/spoken/package.json': JSON.stringify({
    name: 'spoken',
    type: 'module',
    exports: { '.': { import: './main.js' }, './loud': './loud.js' },
  }),
  'node_modules/spoken/main.js': `${says('package')}export const whisper = ({ log }) => log.info('whisper')\n`,
  'node_modules/spoken/loud.js': says('LOUD'),
  'node_modules/@circus/words/package.json': JSON.stringify({ name: '@circus/words', main: 'words.cjs' }),
  'node_modules/@circus/words/words.cjs': 'exports.say = ({ log }) => log.info("scoped")',
}

const start = (target: string): Promise<RunningArbiter> =>
  startArbiter(`[watcher:web]\ncmd = sleep 60\nhooks.before_start = ${target}\n`, { files })

for (const [target, word] of [
  ['./typed.ts:speak', 'typed'],
  ['./typed.ts', 'typed'],
  ['typed.ts', 'typed'],
  ['./hooks/plain.js:speak', 'plain'],
  ['FOLDER/typed.ts:speak', 'typed'],
  ['spoken', 'package'],
  ['spoken:whisper', 'whisper'],
  ['spoken/loud', 'LOUD'],
  ['@circus/words:say', 'scoped'],
] as const) {
  test(`${target} is found from the folder of the ini`, async () => {
    await using running = await start(target)
    await running.events.event('web.start')
    assert.deepEqual(running.log.matching(/web: before_start: /), [`info plugins: hooks: web: before_start: ${word}`])
  })
}

for (const [target, message] of [
  ['./missing.ts:speak', /^\.\/missing\.ts was not found from .*: neither a file nor a package$/],
  ['nowhere:speak', /^nowhere was not found from .*: neither a file nor a package$/],
  ['./typed.ts:shout', /^\.\/typed\.ts exports no function shout; its functions are default, speak$/],
  ['./typed.ts:constant', /exports no function constant/],
  ['./broken.ts', /broken\.ts cannot be loaded: /],
  ['./fails.ts', /fails\.ts cannot be loaded: at import/],
  ['exec:', /names no command/],
  ['exec:sh -c "exit', /is not closed/],
  ['exec:./missing.sh', /missing\.sh/],
  [
    'djhome.asgi.before_hook',
    /looks like a Python function.*exec:python3 -c 'import sys; from djhome\.asgi import before_hook; /,
  ],
  ['djhome.asgi:before_hook', /neither a file nor a package; it looks like a Python function.*from djhome\.asgi/],
] as const) {
  test(`${target} fails, saying why`, async () => {
    await using running = await start(target)
    const { payload } = await running.events.event('web.hook_failure')
    assert.match(String(payload['error']), message)
    assert.equal(running.arbiter.watcher('web').status, 'stopped')
  })
}

test('a target that is not there is in the log before it is needed', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\nhooks.after_stop = ./missing.ts:fn\n')
  await running.log.record(/^error plugins: hooks: web: hooks\.after_stop = \.\/missing\.ts:fn: .*not found/)
})

test('a module that was missing is found once it is there', async () => {
  await using running = await start('./later.ts')
  await running.events.event('web.hook_failure')
  running.folder.write('later.ts', says('later'))

  await running.client.call('start', { name: 'web', waiting: true })

  await running.log.record(/before_start: later/)
})

test('a failing target is ignored when the ini says so', async () => {
  await using running = await start('djhome.asgi.before_hook, true')
  await running.events.event('web.hook_failure')
  await running.events.event('web.start')
})
