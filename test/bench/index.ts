import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { console_ } from './console.ts'
import { control } from './control.ts'
import { kernel } from './kernel.ts'
import { logs } from './logs.ts'
import { plugins } from './plugins.ts'
import { reload } from './reload.ts'
import { stats } from './stats.ts'
import type { Suite } from './suite.ts'

const suites: Readonly<Record<string, Suite>> = { kernel, control, reload, logs, stats, plugins, console: console_ }

const usage = `npm run bench -- SUITE [options]

${Object.entries(suites)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

  --rounds N        rounds, interleaved; each figure is their median (3)
  --processes N     processes per manager (500)
  --only A,B        these managers only
  --idle SECONDS    how long each manager is left alone for its idle CPU time (30)
  --seconds N       how long a load lasts (20; logs: 5)
  --json FILE       write every figure of every round
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    processes: { type: 'string', default: '500' },
    only: { type: 'string', default: '' },
    idle: { type: 'string', default: '30' },
    seconds: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const suite = suites[positionals[0] ?? '']

if (values.help || !suite) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const result = await suite.run({
    rounds: atLeastOne('rounds', values.rounds),
    processes: atLeastOne('processes', values.processes),
    only: values.only.split(',').filter(Boolean),
    idleSeconds: Number(values.idle),
    loadSeconds: values.seconds === undefined ? undefined : atLeastOne('seconds', values.seconds),
  })
  if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
}

function atLeastOne(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1)
    throw new RangeError(`--${option} must be a whole number from 1, not ${text}`)
  return number
}
