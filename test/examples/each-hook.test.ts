import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { taps } from '../../plugins/hooks/table.ts'
import { runBin } from '../e2e/support/program.ts'
import { startArbiter } from '../harness/index.ts'

const folder = join(import.meta.dirname, '../../hooks-examples/each-hook')
const readme = readFileSync(join(folder, 'README.md'), 'utf8')

/** A row of the tables: the hook, its file, what to do then, and what is printed. */
const row = /^\| \[`(?<hook>\w+)`\]\((?<file>(?<kind>\w+)\/[\w-]+)\.ts\) \| .* \| (?<act>.*) \| `(?<printed>.*)` \|$/gm
const examples = [...readme.matchAll(row)].map(({ groups }) => groups as Record<string, string>)

/** Whatever the numbers are: pids, and the memory that is free. */
const withoutNumbers = (text: string) => text.replaceAll(/\d+/g, 'N')

test('there is an example for each hook of the kernel and of a watcher', async () => {
  await using running = await startArbiter('')
  const named = (kind: string) => examples.filter((example) => example.kind === kind).map(({ hook }) => hook)
  assert.deepEqual(named('kernel').sort(), Object.keys(running.arbiter.hooks).sort())
  assert.deepEqual(named('watcher').sort(), Object.keys(taps).sort())
})

for (const { hook, file, act = '', printed = '' } of examples) {
  test(`the example for ${hook} prints what its README says`, async () => {
    const ini = join(folder, `${file}.ini`)
    const adapt = (config: object) => ({ ...config, file: ini }) as never
    await using running = await startArbiter(`[circus]\ninclude = ${ini}\n`, { adapt })
    if (act === 'Ctrl-C') await running.arbiter.stop()
    else if (act !== '') {
      const words = act.replaceAll('`', '').split(' ').slice(1)
      await runBin('circusctl', words, { env: { CIRCUSCTL_ENDPOINT: running.arbiter.endpoints.control } })
    }
    await running.log.until((record) => withoutNumbers(record).endsWith(`: ${withoutNumbers(printed)}`), {}, printed)
    assert.deepEqual(running.log.matching(/^warning|failed|is left out/), [])
  })
}
